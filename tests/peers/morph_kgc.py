"""morph-kgc beside us: it cannot be installed with current pyshacl or pyoxigraph, so it has its own room.

Three traps, each seen: it finds a source only where `rml:source` is a plain text, relative to the folder
it runs in; its `na_values` must be set to the empty text only, else "NA" and "none" vanish; and it works
in columns of its own that it names `subject`, `graph` and so on, in the same frame as the table's, so it
gets a copy in which columns of those names are called otherwise (else every graph name comes out empty).
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, Triple, parse, serialize

REQUIREMENT = "morph-kgc==2.10.*"
_CONFIG = """[CONFIGURATION]
output_file: {output}
output_format: N-QUADS
na_values:
number_of_processes: 1
logging_level: WARNING
[TABLES]
mappings: {mapping}
"""

_ITS_OWN = frozenset(
    {"subject", "predicate", "object", "graph", "triple", "lang_datatype", "reference_results"}
)
_COLUMN_TERMS = frozenset(
    NamedNode(f"http://w3id.org/rml/{name}") for name in ("reference", "child", "parent")
)


class EnvironmentMissingError(Exception):
    """The environment cannot be made here; the text says why."""


def make_environment(folder: Path) -> Path:
    """The Python of an environment that has morph-kgc; made at the first call, found again later.

    :raises EnvironmentMissingError: venv or pip failed (no network, no package).
    """
    python, done = folder / "bin/python", folder / "complete"
    if done.is_file() and done.read_text() == REQUIREMENT:
        return python
    commands: list[list[str | Path]] = [
        [sys.executable, "-m", "venv", "--clear", folder],
        [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", REQUIREMENT],
    ]
    for command in commands:
        try:
            subprocess.run(command, check=True, capture_output=True, text=True, timeout=600)
        except subprocess.CalledProcessError as problem:
            last = (problem.stderr.strip() or "no message").splitlines()[-1]
            raise EnvironmentMissingError(f"{REQUIREMENT} cannot be installed: {last}") from problem
        except (OSError, subprocess.TimeoutExpired) as problem:
            raise EnvironmentMissingError(f"{REQUIREMENT} cannot be installed: {problem}") from problem
    done.write_text(REQUIREMENT)
    return python


def quads(python: Path, mapping: Path, tables: Path, work: Path) -> set[Quad]:
    """What morph-kgc makes of the mapping over the CSV files of a folder.

    :param python: of an environment that has it, see :func:`make_environment`.
    :param work: a folder of our own for its configuration and its output.
    """
    config, output = prepare(mapping, tables, work)
    ran = subprocess.run(
        [python, "-m", "morph_kgc", config],
        cwd=config.parent,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr[-3000:]
    return set(parse(path=output, format=RdfFormat.N_QUADS))


def prepare(mapping: Path, tables: Path, work: Path) -> tuple[Path, Path]:
    """Its configuration, to be run in the folder where that lies, and the file it will write."""
    copy = work / "copy"
    copy.mkdir(parents=True)
    _copy(mapping, tables, copy)
    config, output = copy / "morph-kgc.ini", work / "morph-kgc.nq"
    config.write_text(_CONFIG.format(output=output.resolve(), mapping=(copy / "mapping.ttl").resolve()))
    return config.resolve(), output


def _copy(mapping: Path, tables: Path, into: Path) -> None:
    """The mapping and its tables, columns of morph-kgc's own names called otherwise."""
    triples: list[Triple] = []
    for each in parse(path=mapping, format=RdfFormat.TURTLE):
        value = each.object
        if isinstance(value, Literal) and each.predicate in _COLUMN_TERMS:
            value = Literal(_renamed(value.value))
        assert not any(isinstance(value, Literal) and "{" + name + "}" in value.value for name in _ITS_OWN)
        triples.append(Triple(each.subject, each.predicate, value))
    with (into / "mapping.ttl").open("wb") as stream:
        serialize(triples, stream, format=RdfFormat.TURTLE)
    for table in sorted(tables.glob("*.csv")):
        header, end, rows = table.read_bytes().decode().partition("\n")
        assert '"' not in header
        renamed = ",".join(_renamed(column) for column in header.rstrip("\r").split(","))
        (into / table.name).write_bytes((renamed + end + rows).encode())


def _renamed(column: str) -> str:
    return f"our_{column}" if column in _ITS_OWN else column
