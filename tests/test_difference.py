"""What differs between two builds, told of items; and the sorted files that it is read from."""

from __future__ import annotations

import hashlib
import io
import json
import random
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from dress_kg import difference as module
from dress_kg import sortedfile, terms
from dress_kg.changes import compared
from dress_kg.cli import LazyGroup
from dress_kg.difference import difference
from dress_kg.errors import CallError
from dress_kg.pipeline import build
from dress_kg.profile import load_profile
from dress_kg.shards import csv_text
from dress_kg.sortedfile import SortedLines, SortedRecords, patch
from dress_kg.tables.schema import TABLES


@pytest.fixture(autouse=True)
def _own_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path_factory.mktemp("home")))


@pytest.fixture(scope="module")
def table() -> str:
    return load_profile("dress").source_file.read_text("utf-8")


MAIN = LazyGroup("dress-kg")
"""The commands without the frame that turns errors into exit codes."""


def built(text: str, folder: Path, change: Callable[[str], str] = str) -> Path:
    """The version's folder of a build of the table with a change."""
    folder.mkdir()
    source = folder / "table.tsv"
    source.write_text(change(text), "utf-8")
    return build(["dress"], source=source, out=folder / "out").folder


def test_an_item_is_changed_added_removed_or_moved(table: str, tmp_path: Path) -> None:
    lines = table.splitlines(keepends=True)
    old = built(table, tmp_path / "a")
    dose = table.replace("5 mg/kg/day", "6 mg/kg/day", 1)
    assert dose != table
    changed = compared(old, built(dose, tmp_path / "b"))
    (only,) = changed.changes
    assert only.change == "changed"
    assert only.printed == ("dose",)
    assert only.read == ("step: high, low, verbatim",)
    start = next(
        at for at, line in enumerate(lines) if line.startswith("Cyclosporine\t") and "Husain" in line
    )
    fewer = built("".join([*lines[:start], *lines[start + 1 :]]), tmp_path / "c")
    found = compared(old, fewer)
    gone = [each.item for each in found.of("removed")]
    assert [item.rpartition("/")[2] for item in gone] == ["cyclosporine-husain-2013"]
    assert [each.item for each in compared(fewer, old).of("added")] == gone
    moved = compared(old, built(lines[0] + "\n" + "".join(lines[1:]), tmp_path / "d"))
    assert {each.change for each in moved.changes} == {"moved"}
    assert len(moved.changes) == 35


def test_the_command(table: str, tmp_path: Path) -> None:
    old = built(table, tmp_path / "a")
    new = built(table.replace("5 mg/kg/day", "6 mg/kg/day", 1), tmp_path / "b")
    told = json.loads(CliRunner().invoke(MAIN, ["diff", str(old), str(new), "--format", "json"]).stdout)
    assert told["counts"] == {"added": 0, "changed": 1, "removed": 0, "moved": 0}
    text = CliRunner().invoke(MAIN, ["diff", str(old), str(new)]).stdout
    assert text.startswith("changed  dress/cyclosporine-zhang-2017  printed: dose; read: step: high, low")
    text = CliRunner().invoke(MAIN, ["diff", str(old), str(new), "--format", "markdown"]).stdout
    assert "| changed | dress/cyclosporine-zhang-2017 |" in text
    graph = ["--graph", str(old.parent.parent)]
    assert CliRunner().invoke(MAIN, ["diff", "1", "1", *graph]).stdout == (
        "items: 0 added, 0 changed, 0 removed, 0 moved\n"
    )
    assert isinstance(CliRunner().invoke(MAIN, ["diff", "1", "7", *graph]).exception, CallError)


def test_graphs_of_different_bases(table: str, tmp_path: Path) -> None:
    old = built(table, tmp_path / "a")
    other = build(["dress"], out=tmp_path / "b", base="https://example.org/")
    with pytest.raises(CallError, match="bases"):
        compared(old, other.folder)


def test_items_whose_keys_begin_alike(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks of `a`, `a-2` and `a0` lie mixed; the difference is that of sets of lines."""
    monkeypatch.setattr(module, "_STRETCH", 400)
    draw = random.Random(6)  # noqa: S311
    for number in range(40):
        sides: list[set[str]] = [set(), set()]
        for key in ("a", "a-2", "a0", "a01", "b", "b-2", "c"):
            item = terms.evidence("s", key)
            graph = terms.item_graph(item)
            for n in range(draw.randrange(1, 5)):
                about = item + draw.choice(("", "/step/1", "/finding/1"))
                line = f'<{about}> <{terms.ONTOLOGY}low> "{n}" <{graph}> .\n'
                for side in sides if draw.random() < 0.8 else [draw.choice(sides)]:
                    side.add(line)
        old, new = (tmp_path / f"{number}-{name}" for name in ("old", "new"))
        for path, side in zip((old, new), sides, strict=True):
            path.write_text("".join(sorted(side)))
        found = difference(old, new)
        expected = {line.split("/evidence/s/")[1].split("/")[0].split(">")[0] for line in sides[0] ^ sides[1]}
        assert {each.item.rpartition("/")[2] for each in found.changes} == expected
        assert found.quads == (len(sides[1] - sides[0]), len(sides[0] - sides[1]))


def test_records_are_found_among_texts_with_line_ends() -> None:
    schema = TABLES["cell"]
    draw = random.Random(3)  # noqa: S311
    keys = sorted({terms.evidence("s", f"k{draw.randrange(300)}") + "/cell/dose" for _ in range(200)})
    texts = ["plain", "two\nlines", 'a "quoted"\n"word"', "\n\n", '"', ","]
    records = {
        key: csv_text([[draw.choice(texts) if name == "text" else key for name in schema.names]])
        for key in keys
    }
    whole = csv_text([schema.names]) + b"".join(records.values())
    found = SortedRecords(whole, schema)
    for key in keys:
        assert found.records(key.encode() + b"\0") == records[key]
        item = key.removesuffix("cell/dose")
        assert found.records(item.encode()) == records[key]
    assert found.records(b"zzz") == b""
    gone, again = keys[7], keys[50]
    blocks = {gone.encode() + b"\0": b"", again.encode() + b"\0": b"new\n"}
    expected = csv_text([schema.names]) + b"".join({**records, gone: b"", again: b"new\n"}.values())
    hashes = hashlib.sha256(whole).hexdigest(), hashlib.sha256(expected).hexdigest()
    for stored in (None, io.BytesIO(whole)):
        out: list[bytes] = []
        assert patch(found, blocks, out.append, stored) == hashes
        assert b"".join(out) == expected
    with pytest.raises(OSError, match="cut short"):
        patch(found, blocks, out.append, io.BytesIO(whole[:-1]))


def test_a_file_is_patched_piece_by_piece(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sortedfile, "_PIECE", 100)
    lines = {n: f"<{n:04}> <p> <{n % 7}> .\n".encode() for n in range(500)}
    whole = b"".join(lines.values())
    for changed in ((), (0,), (499,), (3, 250, 251)):
        blocks = {f"<{n:04}> ".encode(): b"<%04d> <q> <x> .\n" % n for n in changed}
        expected = b"".join({**lines, **dict(zip(changed, blocks.values(), strict=True))}.values())
        out: list[bytes] = []
        told = patch(SortedLines(whole), blocks, out.append, io.BytesIO(whole))
        assert b"".join(out) == expected
        assert told == (hashlib.sha256(whole).hexdigest(), hashlib.sha256(expected).hexdigest())


def test_lines_are_found_by_halving() -> None:
    lines = sorted({f"<{n % 37}> <p> <{n}> .\n".encode() for n in range(500)})
    found = SortedLines(b"".join(lines))
    for n in range(40):
        head = f"<{n}> ".encode()
        assert found.lines(head) == [line for line in lines if line.startswith(head)]
