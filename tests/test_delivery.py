"""The graph in parts is the graph that a plain build publishes."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from dress_kg import delivery
from dress_kg.cli import dress_kg
from dress_kg.delivery import Parts
from dress_kg.errors import CallError, SourceError
from dress_kg.pipeline import build
from dress_kg.results import Result
from dress_kg.validate import row_rules


@pytest.fixture(autouse=True)
def _own_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path_factory.mktemp("home")))


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Result:
    return build(out=tmp_path_factory.mktemp("plain") / "out")


def lines_of(folder: Path) -> list[list[bytes]]:
    """The lines of each part; each is sorted and holds no line twice."""
    parts = []
    for path in sorted((folder / "graph").iterdir()):
        data = path.read_bytes()
        lines = (gzip.decompress(data) if path.suffix == ".gz" else data).splitlines(keepends=True)
        assert lines == sorted(set(lines)) and lines, path.name
        parts.append(lines)
    return parts


def test_in_one_part(plain: Result, tmp_path: Path) -> None:
    result = build(out=Parts(tmp_path / "parts"))
    [lines] = lines_of(tmp_path / "parts")
    assert b"".join(lines) == (plain.folder / "graph.nq").read_bytes()
    assert result.quads == plain.quads and result.graphs == plain.graphs
    assert result.place == result.folder == tmp_path / "parts"
    names = sorted(path.name for path in (tmp_path / "parts").iterdir())
    assert names == ["graph", "manifest.json", "report.json", "tables"]
    told = json.loads((tmp_path / "parts/manifest.json").read_text("utf-8"))
    before = json.loads((plain.folder / "manifest.json").read_text("utf-8"))
    assert [told[each] for each in ("sources", "quads", "rows")] == [
        before[each] for each in ("sources", "quads", "rows")
    ]
    for path in (plain.folder / "tables").iterdir():
        assert path.read_bytes() == (tmp_path / "parts/tables" / path.name).read_bytes(), path.name
    assert (plain.folder / "report.json").read_bytes() == (tmp_path / "parts/report.json").read_bytes()


def test_in_many_plain_parts(plain: Result, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dress_kg.intake.ROWS", 7)
    monkeypatch.setattr(delivery, "PART_BYTES", 200_000)
    result = build(out=Parts(tmp_path / "parts", plain=True))
    parts = lines_of(tmp_path / "parts")
    assert len(parts) > 4
    assert all(path.suffix == ".nq" for path in (tmp_path / "parts/graph").iterdir())
    every = sorted({line for part in parts for line in part})
    assert b"".join(every) == (plain.folder / "graph.nq").read_bytes()
    assert result.quads == sum(map(len, parts))


def test_what_the_rows_say_alone(plain: Result, tmp_path: Path) -> None:
    result = build(out=Parts(tmp_path / "parts", rules=False))
    [lines] = lines_of(tmp_path / "parts")
    whole = set((plain.folder / "graph.nq").read_bytes().splitlines(keepends=True))
    described = b"/graph/dress/dataset> ."
    assert {line for line in lines if described not in line} < whole
    gone = {line.split(b" ")[-2] for line in whole - set(lines)}
    assert any(b"inferred" in graph for graph in gone), "derived facts are left out"
    assert not any(b"/evidence/" in graph for graph in gone), "all that rows say is there"
    assert result.verdict.conforms
    told = json.loads((tmp_path / "parts/report.json").read_text("utf-8"))
    assert told["rules_run"] == [rule.rule.name for rule in row_rules()] and told["results"]


def test_nothing_is_left_of_a_build_that_fails(tmp_path: Path) -> None:
    (tmp_path / "empty.tsv").write_text("", "utf-8")
    with pytest.raises(SourceError):
        build(source=tmp_path / "empty.tsv", out=Parts(tmp_path / "parts"))
    assert list((tmp_path / "parts").iterdir()) == []


def test_a_folder_in_use_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine", "utf-8")
    with pytest.raises(CallError, match="not empty"):
        build(out=Parts(tmp_path))
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--master", "local[2]"], "--master is for --engine spark"),
        (["--engine", "spark", "--jobs", "2"], "--jobs is for processes"),
        (["--rows-only"], "--shards"),
        (["--shards", "a", "--out", "b"], "publishes nothing"),
    ],
)
def test_options_that_do_not_go_together(options: list[str], said: str) -> None:
    result = CliRunner().invoke(dress_kg, ["build", *options])
    assert isinstance(result.exception, CallError) or result.exit_code == 2
    assert said in f"{result.exception} {result.output}"
