"""What a published version holds: graph.nq, tables/, report.json, store/ and manifest.json."""

from __future__ import annotations

import platform
import shutil
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dress_kg import __version__
from dress_kg.export import write_metadata, write_nquads
from dress_kg.findings import FORMAT
from dress_kg.integrity import seal
from dress_kg.records import LineKind
from dress_kg.results import Built
from dress_kg.rownotes import FOLDER
from dress_kg.shards import QUADS, Shard, merge_quads, merge_table
from dress_kg.store import Build, publish, remember, write_store
from dress_kg.tables.schema import TABLES
from dress_kg.validate import ValidationReport
from dress_kg.workers import Workers

if TYPE_CHECKING:
    from pyoxigraph import Quad


@dataclass(frozen=True, slots=True)
class Times:
    """What a build took.

    :ivar wall: by stage. :ivar workers: of the stage `rows`, by step, summed over the workers.
    """

    wall: Mapping[str, float]
    workers: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class _Part:
    """A section to be merged. :ivar out: the file to write."""

    section: str
    shards: tuple[Shard, ...]
    out: Path


def merge_parts(shards: Sequence[Shard], work: Path, workers: Workers) -> tuple[int, dict[str, int]]:
    """Merge the shards into `work/graph.nq` and `work/tables/`; returns the number of quads, and of rows.

    :raises ValueError: two rows of a table have the same key: a fault of the program that made them.
    """
    parts = [_Part(QUADS, tuple(shards), work / "graph.nq"), *_table_parts(shards, work)]
    quads, *rows = workers.map(_merge_part, parts)
    return quads, dict(zip(TABLES, rows, strict=True))


def merge_tables(shards: Sequence[Shard], work: Path, workers: Workers) -> dict[str, int]:
    """Merge the shards' tidy tables into `work/tables/`; returns the number of rows of each.

    :raises ValueError: as :func:`merge_parts`.
    """
    return dict(zip(TABLES, workers.map(_merge_part, _table_parts(shards, work)), strict=True))


def _table_parts(shards: Sequence[Shard], work: Path) -> list[_Part]:
    tables = work / "tables"
    tables.mkdir()
    write_metadata(tables)
    return [
        _Part(name, tuple(shard for shard in shards if name in shard.sections), tables / f"{name}.csv")
        for name in TABLES
    ]


def _merge_part(part: _Part) -> int:
    with part.out.open("wb", buffering=2**20) as out:
        if part.section == QUADS:
            return merge_quads(part.shards, out.write)
        return merge_table(part.shards, TABLES[part.section], out.write)


def publish_work(
    target: Path, work: Path, manifest: Mapping[str, Any], known: Mapping[str, str] | None = None
) -> Path:
    """Make what lies in a working folder (every part but the manifest) the current version.

    :param work: on the disk of the build folder; what it keeps for the next build goes with it.
    :param known: hashes of files that need not be read again, by path.
    :returns: the version's folder.
    :raises StoreError: the folder cannot be written; the version before stands.
    """

    def fill(folder: Path) -> None:
        for part in ("graph.nq", "tables", "report.json", "store"):
            (work / part).rename(folder / part)
        if (work / FOLDER).is_dir():
            (work / FOLDER).rename(folder / FOLDER)
        seal(folder, dict(manifest), known)

    published = publish(target, fill)
    remember(target)
    return published.folder


def manifest_of(
    built: Iterable[Built],
    kept: Mapping[str, dict[str, Any]],
    base: str,
    quads: int,
    rows: Mapping[str, int],
    times: Times,
) -> dict[str, Any]:
    """What the manifest says beside the hashes of the files.

    :param kept: what the manifest before says of the sources that stay. :param rows: of each tidy table.
    """
    sources = {
        each.profile.id: {
            "file": each.file.name,
            "sha256": each.sha256,
            "items": each.tally.items,
            "ledger": {kind.value: each.tally.lines[kind] for kind in LineKind},
        }
        for each in built
    }
    return {
        "format": FORMAT,
        "versions": versions(),
        "built": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "seconds": {name: round(value, 3) for name, value in times.wall.items()},
        "worker_seconds": {name: round(value, 3) for name, value in times.workers.items()},
        "base": base,
        "quads": quads,
        "rows": dict(sorted(rows.items())),
        "sources": dict(sorted({**kept, **sources}.items())),
    }


def publish_again(target: Path, build: Build, quads: Iterable[Quad], said: dict[str, Any]) -> Path:
    """Publish a version with the tables and the report of an earlier build and with other quads.

    :param said: entries of the manifest that are new or replaced.
    :raises StoreError: the folder cannot be written; the version before stands.
    """
    earlier = {key: value for key, value in build.manifest.items() if key not in ("files", "seal")}

    def fill(folder: Path) -> None:
        graph = folder / "graph.nq"
        with graph.open("wb") as out:
            number = write_nquads(quads, out)
        shutil.copytree(build.folder / "tables", folder / "tables")
        shutil.copy(build.folder / "report.json", folder / "report.json")
        write_store(graph, folder / "store")
        seal(folder, {**earlier, "quads": number, **said})

    published = publish(target, fill)
    remember(target)
    return published.folder


def report_json(report: ValidationReport) -> dict[str, Any]:
    """The validation report as JSON-ready values; no clock time in it."""
    return {
        "format": FORMAT,
        "conforms": report.conforms,
        "counts": {
            "violation": len(report.violations),
            "warning": len(report.warnings),
            "info": len(report.infos),
        },
        **asdict(report),
    }


def versions() -> dict[str, str]:
    """The versions that a build rests on."""
    libraries = ("pyoxigraph", "rdflib", "pyshacl")
    return {
        "dress-kg": __version__,
        "python": platform.python_version(),
        **{name: version(name) for name in libraries},
    }
