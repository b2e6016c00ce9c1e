"""`dress-kg profile`: a draft loads, builds, and says what each guess rests on."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dress_kg.cli import dress_kg
from dress_kg.drafting import draft_profile
from dress_kg.errors import SourceError
from dress_kg.pipeline import Clock, make_graph, read_source
from dress_kg.profile import load_profile
from dress_kg.records import LineKind
from dress_kg.repair import ledger_counts
from dress_kg.results import Source


def drafted(file: Path, folder: Path) -> tuple[Source, str]:
    text = draft_profile(file)
    draft = folder / "draft.toml"
    draft.write_text(text, encoding="utf-8")
    return read_source(load_profile(draft), file, 1, Clock()), text


def test_the_draft_for_the_dress_table_finds_its_35_rows(tmp_path: Path) -> None:
    dress = load_profile("dress")
    source, text = drafted(dress.source_file, tmp_path)
    counts = ledger_counts(source.table)
    assert (len(source.evidence), counts[LineKind.ROW], counts[LineKind.SECTION]) == (35, 63, 6)
    described = {column["field"] for column in tomllib.loads(text)["column"]}
    assert described == {column.field for column in dress.columns}
    read = tomllib.loads(text)["source"]
    assert read["rows"] == "wrapped"
    # Its levels and grades are on more than one scale, and the table names none: so the draft names none.
    assert "rating_scale" not in read
    assert "several fit" in text
    assert "sign" in next(line for line in text.split("\n") if "several fit" in line)
    assert read["condition"] == "not stated"
    by_key = {item.key for item in read_source(dress, None, 1, Clock()).evidence}
    assert {item.key for item in source.evidence} == by_key


def test_the_draft_for_civic_needs_only_the_meaning_of_its_codes(shared: Path, tmp_path: Path) -> None:
    table = shared / "tables/civic-clinical-evidence.tsv"
    short = tmp_path / table.name
    short.write_text("\n".join(table.read_text("utf-8").split("\n")[:400]) + "\n", encoding="utf-8")
    source, text = drafted(short, tmp_path)
    draft, ours = load_profile(tmp_path / "draft.toml"), load_profile("civic")
    assert (draft.key, draft.rows, draft.rating_scale) == (("row_id",), "lines", "civic")
    for field in (
        "row_id",
        "drug",
        "operator",
        "condition",
        "condition_id",
        "reference",
        "level",
        "publication_id",
    ):
        mine, shipped = draft.column(field), ours.column(field)
        assert mine is not None
        assert shipped is not None
        assert mine.header == shipped.header
    assert dict(draft.operators) == dict(ours.operators)
    assert draft.directions is None
    assert len(source.evidence) == 399
    assert "x_clinical_significance" in text


@pytest.mark.parametrize(
    ("name", "rows"), [("PMC520750__T1.xml", 26), ("PMC4231047__pone-0112731-t001.xml", 17)]
)
def test_the_drafts_for_the_jats_tables_conform(name: str, rows: int, shared: Path, tmp_path: Path) -> None:
    file = shared / "tables/jats" / name
    source, text = drafted(file, tmp_path)
    assert len(source.evidence) == rows
    assert "fill_down = true" in text
    assert make_graph([str(tmp_path / "draft.toml")], source=file).report.conforms


def test_every_column_that_is_described_says_why(tmp_path: Path) -> None:
    text = draft_profile(load_profile("dress").source_file)
    blocks = text.split("\n\n")
    columns = [block for block in blocks if "[[column]]" in block]
    assert len(columns) == 8
    assert all(block.startswith("# ") and ("header" in block.split("\n")[0]) for block in columns)


def test_the_command_writes_it_to_stdout(tmp_path: Path) -> None:
    file = tmp_path / "Tabelle 1 (neu).csv"
    file.write_text("Treatment;Dose;Reference\nMTX;15 mg weekly;Weiß A, et al. 2010 [1]\n", encoding="utf-8")
    result = CliRunner().invoke(dress_kg, ["profile", str(file)])
    assert result.exit_code == 0, result.output
    read = tomllib.loads(result.stdout)
    assert read["source"]["id"] == "tabelle-1-neu"
    assert [column["field"] for column in read["column"]] == ["drug", "dose", "reference"]
    (tmp_path / "t.toml").write_text(result.stdout, encoding="utf-8")
    # Beside its table, a draft needs no --source.
    assert len(read_source(load_profile(tmp_path / "t.toml"), None, 1, Clock()).evidence) == 1


def test_a_file_without_a_header_says_so(tmp_path: Path) -> None:
    file = tmp_path / "n.tsv"
    file.write_text("1\t2\n3\t4\n", encoding="utf-8")
    with pytest.raises(SourceError, match="no line looks like a header"):
        draft_profile(file)


_CELL = st.text(st.characters(codec="utf-8", exclude_characters="\t\r\n\0"), max_size=12)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.lists(_CELL, min_size=2, max_size=6), min_size=1, max_size=6))
def test_a_draft_of_any_table_loads(rows: list[list[str]], tmp_path: Path) -> None:
    file = tmp_path / "any.tsv"
    file.write_bytes(("Drug\tNötes\n" + "\n".join("\t".join(row) for row in rows)).encode())
    draft = tmp_path / "any.toml"
    try:
        draft.write_bytes(draft_profile(file).encode())
    except SourceError:
        return
    assert load_profile(draft).columns
