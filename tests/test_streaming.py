"""A build in batches gives what the whole table in memory gives, whatever the batches and the workers."""

from __future__ import annotations

import csv
import io
import json
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from dress_kg import intake, pipeline, sharedstage, storestage, terms
from dress_kg.counting import count_distinct, count_lines, write_hashes
from dress_kg.errors import SourceError, ValidationError
from dress_kg.export import export_tables, write_nquads
from dress_kg.interpret.curation import COLUMNS
from dress_kg.pipeline import build, make_graph, remove
from dress_kg.profile import load_profile
from dress_kg.publishing import report_json
from dress_kg.readers import read_tsv, stream, stream_tsv
from dress_kg.repair import classed_lines, cut, divided, repair, repaired, stretches
from dress_kg.results import Graph, Result
from dress_kg.shards import QUADS, Shard, merge_quads, merge_table, quad_blocks, table_blocks, write_shard
from dress_kg.store import open_build
from dress_kg.table import read_lines, stream_lines
from dress_kg.tables import Rows
from dress_kg.tables.schema import TABLES

PARTS = ("graph.nq", "report.json")


@pytest.fixture(autouse=True)
def _own_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path_factory.mktemp("home")))


@pytest.fixture(scope="module")
def civic(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The first 150 rows of CIViC's table, and the last two once more under the same ids."""
    lines = (shared / "tables/civic-clinical-evidence.tsv").read_text("utf-8").splitlines(keepends=True)
    path = tmp_path_factory.mktemp("table") / "civic-clinical-evidence.tsv"
    path.write_text("".join([*lines[:151], *lines[149:151]]), "utf-8")
    return path


def same_as_whole(result: Result, whole: Graph, folder: Path) -> None:
    """Every part of the published build is byte for byte what the graph in memory gives."""
    lines = io.BytesIO()
    assert write_nquads(whole.quads, lines) == result.quads
    assert (result.folder / "graph.nq").read_bytes() == lines.getvalue()
    assert result.graphs == len({quad.graph_name for quad in whole.quads})
    text = json.dumps(report_json(whole.report), ensure_ascii=False, indent=1, default=str) + "\n"
    assert (result.folder / "report.json").read_text("utf-8") == text
    export_tables(whole.tables, folder)
    names = sorted(path.name for path in folder.iterdir())
    assert names == sorted(path.name for path in (result.folder / "tables").iterdir())
    for name in names:
        assert (result.folder / "tables" / name).read_bytes() == (folder / name).read_bytes(), name
    store = open_build(result.folder.parent.parent).store()
    assert set(store) == whole.quads


@pytest.mark.parametrize("rows", [3, 10, 250])
def test_a_wrapped_table_in_batches(rows: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake, "ROWS", rows)
    monkeypatch.setattr(sharedstage, "AT_ONCE", rows)
    result = build(out=tmp_path / "out")
    same_as_whole(result, make_graph(["dress"]), tmp_path / "tables")
    assert result.sources[0].tally.rows == result.sources[0].tally.items == 35


def test_an_export_in_batches_over_the_store_on_disk(
    civic: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, "ROWS", 40)
    monkeypatch.setattr(pipeline, "LARGE", 100)
    monkeypatch.setattr(storestage, "AT_ONCE", 20)
    result = build(["civic"], source=civic, out=tmp_path / "out", jobs=2)
    same_as_whole(result, make_graph(["civic"], source=civic), tmp_path / "tables")
    keys = [row["key"] for row in result.graph.tables["evidence"]]
    assert len(keys) == len(set(keys)) == 152
    assert sum(1 for key in keys if (key or "").endswith("-2")) >= 2


@pytest.mark.slow
def test_a_kept_source_is_as_if_built_with_the_other(
    civic: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dress_kg.kept.PER_FILE", 30)
    monkeypatch.setattr(sharedstage, "AT_ONCE", 7)
    build(["civic"], source=civic, out=tmp_path / "one")
    build(["dress"], out=tmp_path / "one")
    build(["dress"], out=tmp_path / "two")
    build(["civic"], source=civic, out=tmp_path / "two")
    for part in PARTS:
        assert (tmp_path / "one" / part).read_bytes() == (tmp_path / "two" / part).read_bytes()
    for table in (tmp_path / "one/tables").iterdir():
        assert table.read_bytes() == (tmp_path / "two/tables" / table.name).read_bytes(), table.name
    manifests = [open_build(tmp_path / name).manifest["sources"] for name in ("one", "two")]
    assert manifests[0] == manifests[1]
    remove("civic", tmp_path / "one")
    build(["dress"], out=tmp_path / "alone")
    assert (tmp_path / "one/graph.nq").read_bytes() == (tmp_path / "alone/graph.nq").read_bytes()


def test_a_refused_build_leaves_what_was(tmp_path: Path) -> None:
    item = next(
        each for each in make_graph(["dress"]).sources[0].evidence if each.steps and each.steps[0].low
    )
    decision = (item.key, "step.1.unit", "not stated", "a test", "nobody", "2026-01-31", "dose")
    curation = tmp_path / "dress.tsv"
    lines = ("\t".join(COLUMNS), "\t".join((*decision, item.row.cells["dose"].text)), "")
    curation.write_text("\n".join(lines), "utf-8")
    for before in ([], ["current"]):
        with pytest.raises(ValidationError, match="amount-without-unit"):
            build(curation=curation, out=tmp_path / "out")
        if not before:
            assert not (tmp_path / "out").exists()
            build(out=tmp_path / "out")
    assert [path.name for path in (tmp_path / "out/versions").iterdir()] == ["000001"]
    (tmp_path / "empty.tsv").write_text("a\tb\n", "utf-8")
    with pytest.raises(SourceError, match="header"):
        build(source=tmp_path / "empty.tsv", out=tmp_path / "other")
    assert not (tmp_path / "other").exists()


def test_streamed_lines_are_those_of_the_whole_file(civic: Path) -> None:
    profile = load_profile("civic")
    streamed = stream_lines(civic, profile)
    assert streamed is not None
    header, lines = streamed
    held = tuple(lines)
    assert held == read_lines(civic, profile)
    table = repair(held, profile, civic.name)
    layout, whole = divided(held, profile, civic.name)
    in_pieces = [
        *stretches(classed_lines(held, header, profile), 37),
    ]
    assert in_pieces == list(cut(whole, 37))
    read = [repaired(piece, layout, profile, civic.name) for piece in in_pieces]
    assert tuple(row for piece in read for row in piece.rows) == table.rows
    assert tuple(entry for piece in read for entry in piece.ledger) == table.ledger


def _texts() -> Iterator[bytes]:
    for seed in range(300):
        chance = random.Random(seed)  # noqa: S311
        text = "".join(chance.choice("aé\t\r\n \u2028😀") for _ in range(40))
        yield ("\ufeff" if seed % 3 == 0 else "").encode() + text.encode() + b"x"


@pytest.mark.parametrize("chunk", [3, 4, 7, 64])
def test_any_text_streams_as_it_is_read_whole(
    chunk: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "CHUNK", chunk)
    path = tmp_path / "any.tsv"
    for data in _texts():
        path.write_bytes(data)
        lines = stream_tsv(path)
        assert lines is not None
        assert tuple(lines) == read_tsv(path), data


@pytest.mark.parametrize("data", [b"a\tb\n\xff\tc\n", b"a\tb\nc\0d\n", b"", b" \n"])
def test_what_cannot_be_read_is_said_as_for_the_whole_file(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "bad.tsv"
    path.write_bytes(data)
    with pytest.raises(SourceError) as whole:
        read_tsv(path)
    with pytest.raises(SourceError) as streamed:
        list(stream_tsv(path) or ())
    assert str(streamed.value) == str(whole.value)


def _quad_shards(lines: list[bytes], folder: Path, number: int, chance: random.Random) -> list[Shard]:
    dealt: list[set[bytes]] = [set() for _ in range(number)]
    for line in lines:
        dealt[chance.randrange(number)].add(line)
        dealt[chance.randrange(number)].add(line)
    parts = [sorted(part) for part in dealt]
    return [
        write_shard(folder / f"{number}-{at}", [(QUADS, len(part), quad_blocks(part))])
        for at, part in enumerate(parts)
    ]


@pytest.mark.parametrize("number", [1, 2, 7])
def test_shards_of_any_division_merge_into_sorted_lines(number: int, tmp_path: Path) -> None:
    item = terms.evidence("dress", "a-2016")
    subjects = [item, item + "/step/1", item + "-2", item + "-2/step/1", item + "1", item + "1/x", item[:-1]]
    subjects += [terms.source("dress") + f"/line/{n}" for n in (1, 10, 2)] + [terms.publication("a")]
    lines = [
        f'<{subject}> <https://example.org/p{n}> "é\\n{n}" <https://example.org/g> .\n'.encode()
        for subject in subjects
        for n in range(12)
    ]
    shards = _quad_shards(lines, tmp_path, number, random.Random(number))  # noqa: S311
    out = io.BytesIO()
    assert merge_quads(shards, out.write) == len(lines)
    assert out.getvalue() == b"".join(sorted(lines))


def test_rows_of_shards_merge_by_key_and_a_repeated_key_is_found(tmp_path: Path) -> None:
    schema = TABLES["selected"]
    item = terms.evidence("dress", "a-2016")
    nodes = [item, item + "/step/1", item + "-2", item + "-2/step/1", item + "1/x"]
    rows: Rows = [
        {"named_graph": "g", "node": node, "selection": f's "{n}"\n,{n}'} for node in nodes for n in range(5)
    ]

    def shard(at: int, part: Rows) -> Shard:
        return write_shard(tmp_path / str(at), [(schema.name, len(part), table_blocks(part, schema))])

    shards = [shard(at, rows[at::3]) for at in range(3)]
    out = io.BytesIO()
    assert merge_table(shards, schema, out.write) == len(rows)
    read = list(csv.DictReader(io.StringIO(out.getvalue().decode(), newline="")))
    assert read == sorted(rows, key=lambda row: (row["node"], row["selection"]))
    with pytest.raises(ValueError, match="not whole or not unique"):
        merge_table([*shards, shard(9, rows[:1])], schema, out.write)
    with pytest.raises(ValueError, match="not whole or not unique"):
        shard(8, [*rows[:1], *rows[:1]])
    with pytest.raises(ValueError, match="empty string"):
        shard(7, [{**rows[0], "named_graph": ""}])


def test_distinct_values_are_counted_over_files(tmp_path: Path) -> None:
    chance = random.Random(5)  # noqa: S311
    parts = [{b"%d" % chance.randrange(3000) for _ in range(1000)} for _ in range(6)]
    files = [write_hashes(part, tmp_path / str(at)) for at, part in enumerate(parts)]
    assert count_distinct(files) == len(set().union(*parts))
    assert count_distinct([]) == 0


def test_counts_of_lines() -> None:
    item = terms.evidence("dress", "a")
    graph, quality = terms.item_graph(item), terms.source_graph("dress", "quality")
    kind = terms.PREFIXES["rdf"] + "type"
    lines = [
        f"<{item}> <{kind}> <https://e.org/C> <{graph}> .\n",
        f'<{item}> <https://e.org/p> "a <b> . c"@en <{graph}> .\n',
        f'<{item}/x> <https://e.org/p> "a <b> . c"@en <{quality}> .\n',
        f"<https://e.org/shared> <{kind}> <https://e.org/C> <{terms.reference_graph()}> .\n",
        f"<https://e.org/d> <{kind}> <https://e.org/C> <{terms.source_graph('dress', 'dataset')}> .\n",
    ]
    [(source, seen)] = count_lines(line.encode() for line in lines).items()
    assert source == "dress"
    assert seen.counts.triples == 3
    assert seen.counts.subjects == 2
    assert len(seen.objects) == 2
    assert seen.counts.by_kind == {"evidence": 2, "quality": 1}
    assert seen.counts.by_property == {kind: 1, "https://e.org/p": 2}
    assert seen.counts.members == {"https://e.org/C": 1}
