"""The lines of docs/spark.md that take a graph in parts into other stores, run as they stand there."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from pyoxigraph import Quad, Store

from dress_kg.delivery import Parts
from dress_kg.pipeline import build
from dress_kg.queries import load_query, run
from dress_kg.remote import connect, find_endpoint
from tests.conftest import ROOT
from tests.servers import VIRTUOSO_PASSWORD, Server, oxigraph_program, virtuoso
from tests.test_remote_servers import plain_rows, same

pytestmark = pytest.mark.slow
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
ASKED = ("conflicting-reports", "who-disagrees-on-an-agent")
"""Stored queries that all stores answer alike (`[differs]` of Virtuoso's profile has the others)."""


def of_the_doc(language: str, word: str) -> str:
    """The one block of docs/spark.md in this language with this word in it."""
    blocks = _BLOCK.findall((ROOT / "docs/spark.md").read_text("utf-8"))
    [found] = [text for said, text in blocks if said == language and word in text]
    return str(found)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The graph of the shipped table in many parts: `gz/` compressed, `plain/` not."""
    home = tmp_path_factory.mktemp("made")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("dress_kg.intake.ROWS", 7)
        patch.setattr("dress_kg.delivery.PART_BYTES", 200_000)
        build(out=Parts(home / "gz"))
        build(out=Parts(home / "plain", plain=True))
    for name in ("gz", "plain"):
        assert len(list((home / name / "graph").iterdir())) > 4
    return home


# ------------------------------------------------------------------ Oxigraph


def loaded_by_oxigraph(folder: Path, parts: Path, suffix: str = ".nq.gz") -> subprocess.CompletedProcess[str]:
    """Run the doc's line in a folder, on parts that stand there as `parts/`."""
    folder.mkdir(exist_ok=True)
    (folder / "parts").symlink_to(parts)
    [line] = of_the_doc("sh", "oxigraph load").splitlines()
    assert line.endswith("*.nq.gz")
    command = line.replace("oxigraph", oxigraph_program(), 1).replace(".nq.gz", suffix)
    return subprocess.run(["bash", "-c", command], cwd=folder, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(("kind", "suffix"), [("gz", ".nq.gz"), ("plain", ".nq")])
def test_oxigraph_loads_all_parts_in_one_call(
    kind: str, suffix: str, made: Path, store: Store, tmp_path: Path
) -> None:
    done = loaded_by_oxigraph(tmp_path, made / kind, suffix)
    assert done.returncode == 0, done.stderr
    there = Store.read_only(str(tmp_path / "STORE"))
    assert len(there) == len(store) and set(there) == set(store)
    for name in ASKED:
        query = load_query(name).text
        assert plain_rows(run(there, query)) == plain_rows(run(store, query)) != []


def test_oxigraph_names_a_part_that_was_cut(made: Path, tmp_path: Path) -> None:
    shutil.copytree(made / "gz", tmp_path / "copy")
    part = tmp_path / "copy/graph/part-00002.nq.gz"
    part.write_bytes(part.read_bytes()[:3000])
    done = loaded_by_oxigraph(tmp_path / "here", tmp_path / "copy")
    assert done.returncode == 1
    assert part.name in done.stderr


# ------------------------------------------------------------------ Virtuoso


@pytest.fixture
def empty(made: Path, tmp_path: Path) -> Iterator[Server]:
    """A Virtuoso that holds nothing, with `parts/` in a folder that it may read."""
    folder = tmp_path / "server"
    shutil.copytree(made / "gz", folder / "parts")
    with virtuoso(folder) as server:
        yield server


def isql(server: Server, text: str) -> str:
    """What Virtuoso's own client prints of some statements."""
    program = shutil.which("isql-vt") or shutil.which("isql")
    assert program, "Virtuoso is there without its client"
    command = [program, f"127.0.0.1:{server.sql}", "dba", VIRTUOSO_PASSWORD, "VERBOSE=OFF"]
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=False, timeout=60)
    return done.stdout + done.stderr


def loaded_by_virtuoso(server: Server, parts: Path) -> tuple[str, int]:
    """Run the doc's lines; what they print, and the number of quads that it ends with."""
    text = of_the_doc("sql", "ld_dir")
    assert text.count("/data/parts/graph") == 1
    told = isql(server, text.replace("/data/parts/graph", str(parts / "graph")))
    assert "Error" not in told
    return told, int(re.findall(r"^(\d+)$", told, re.MULTILINE)[-1])


def test_virtuoso_loads_all_parts(empty: Server, made: Path, store: Store, tmp_path: Path) -> None:
    told, number = loaded_by_virtuoso(empty, tmp_path / "server/parts")
    assert "part-" not in told, told
    assert number == json.loads((made / "gz/manifest.json").read_text("utf-8"))["quads"] == len(store)
    client = connect(find_endpoint(empty.address, "virtuoso"))
    there = Store()
    for graph in store.named_graphs():
        rows = client.query(f"SELECT ?s ?p ?o {{ GRAPH {graph} {{ ?s ?p ?o }} }}").rows
        there.extend(Quad(s, p, o, graph) for s, p, o in rows)  # type: ignore[arg-type]
    assert same(there, store)
    for name in ASKED:
        query = load_query(name).text
        assert plain_rows(client.query(query)) == plain_rows(run(store, query)) != []


def test_virtuoso_shows_parts_that_are_not_whole(empty: Server, store: Store, tmp_path: Path) -> None:
    parts = tmp_path / "server/parts"
    cut, twisted = sorted((parts / "graph").iterdir())[1:3]
    whole = cut.read_bytes(), twisted.read_bytes()
    cut.write_bytes(whole[0][:3000])
    twisted.write_bytes(b"not gzip")
    told, number = loaded_by_virtuoso(empty, parts)
    assert cut.name in told and twisted.name in told
    assert 0 < number < len(store)
    cut.write_bytes(whole[0])
    twisted.write_bytes(whole[1])
    assert loaded_by_virtuoso(empty, parts)[1] == number, "what is in its list is passed over"
    isql(empty, "DELETE FROM DB.DBA.load_list;")
    told, number = loaded_by_virtuoso(empty, parts)
    assert "part-" not in told and number == len(store)
