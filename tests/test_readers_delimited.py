"""CSV and TSV: the same as Python's csv where that is right, and limits where it has none."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dress_kg.errors import SourceError
from dress_kg.readers import read_file
from dress_kg.readers.delimited import read_delimited, sniff_delimiter
from dress_kg.readers.limits import MAX_CELL_CHARS, MAX_COLUMNS
from tests.conftest import ROOT

# Quotes, delimiters, line ends and what str.splitlines() takes for one, among ordinary letters.
CELL = st.text(st.sampled_from('ab 1"",;\t|\r\n\u2028\x0b\x85µ'), max_size=6)
ROWS = st.lists(st.lists(CELL, min_size=1, max_size=4), min_size=1, max_size=6)
HEADER = ["Drug", "Dose", "Study", "Level"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("csv")


@settings(max_examples=200, deadline=None)
@given(rows=ROWS, delimiter=st.sampled_from(",;\t|"), end=st.sampled_from(["\n", "\r\n", "\r"]))
def test_what_csv_writes_is_read_back(folder: Path, rows: list[list[str]], delimiter: str, end: str) -> None:
    written = io.StringIO(newline="")
    # All quoted: csv leaves a cell that begins with a blank and a quote to the reader's taste.
    csv.writer(written, delimiter=delimiter, lineterminator=end, quoting=csv.QUOTE_ALL).writerows(
        [HEADER, *rows]
    )
    path = folder / "table.csv"
    path.write_bytes(written.getvalue().encode())
    try:
        lines = read_delimited(path, delimiter=delimiter)
    except SourceError as error:
        assert "holds whole rows" in error.message  # a cell that quotes a row of the same table
        return
    assert [list(line.cells) for line in lines] == [HEADER, *rows]


@settings(max_examples=200, deadline=None)
@given(text=st.text(st.sampled_from('a,"\n\r;é'), min_size=1, max_size=30))
def test_noise_is_read_or_refused_with_a_line(folder: Path, text: str) -> None:
    path = folder / "noise.csv"
    path.write_bytes(text.encode())
    try:
        lines = read_delimited(path, delimiter=",")
    except SourceError as error:
        assert error.remedy
        return
    last = text.count("\n") + text.count("\r") + 1
    assert [line.number for line in lines] == sorted({line.number for line in lines})
    assert lines[-1].number <= last


def test_shipped_table_is_read_character_by_character() -> None:
    path = ROOT / "data/dress-treatment-evidence.tsv"
    lines = read_file(path)
    assert len(lines) == 84
    assert "\n".join(line.text for line in lines).encode() == path.read_bytes().removesuffix(b"\n")
    assert all(line.text == "\t".join(line.cells) for line in lines)
    assert [line.number for line in lines] == list(range(1, 85))


def test_rows_of_thousands_are_numbered_as_printed(shared: Path) -> None:
    path = shared / "tables/civic-clinical-evidence.tsv"
    lines = read_file(path)
    assert [line.number for line in lines] == list(range(1, 3708))
    assert {len(line.cells) for line in lines} == {41}


@pytest.mark.parametrize("cell", ["a" * 1_000_000, '"' + "a" * 1_000_000 + '"', '"' + "a\n" * 500_000 + '"'])
def test_a_cell_of_a_million_characters_is_refused(tmp_path: Path, cell: str) -> None:
    path = tmp_path / "long.csv"
    path.write_text(f"Drug,Dose\nIVIG,1 g\nX,{cell}\n", "utf-8", newline="")
    with pytest.raises(SourceError, match=f"1,000,000 characters; at most {MAX_CELL_CHARS:,}") as caught:
        read_file(path)
    assert (caught.value.line, caught.value.column) == (3, 2)
    assert len(str(caught.value)) < 600


def test_an_open_quote_in_a_large_file_is_found_where_it_opens(tmp_path: Path) -> None:
    path = tmp_path / "open.csv"
    rows = [f"drug {number},{number} mg,good" for number in range(20_000)]
    rows[12] = 'drug 12,"12 mg,good'
    path.write_text("\n".join(["Drug,Dose,Outcome", *rows]), "utf-8")
    with pytest.raises(SourceError, match="never closed") as caught:
        read_file(path)
    assert (caught.value.line, caught.value.column) == (14, 2)


def test_too_many_columns_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "wide.csv"
    path.write_text("a,b\n" + "," * MAX_COLUMNS, "utf-8")
    with pytest.raises(SourceError, match="a row of 4,097 cells") as caught:
        read_file(path)
    assert caught.value.line == 2


def test_noise_above_the_header_is_no_header(tmp_path: Path) -> None:
    path = tmp_path / "noise.csv"
    path.write_text("l,1,,1,.\nDrug,Dose,Study,Level,Grade\nIVIG,1 g,A,3,D\n", "utf-8")
    assert read_file(path)[1].cells[:2] == ("Drug", "Dose")


def test_separator_is_told_by_the_rows_that_agree() -> None:
    path = Path("x.csv")
    assert sniff_delimiter("Author\tTitle\nSmith, J\tOn\nDoe, A\tOff\n", path) == "\t"
    assert sniff_delimiter('a,b\n"x;y;z","1;2;3"\n"p;q;r","4;5;6"\n', path) == ","
    assert sniff_delimiter("a;b\n1,5;2,5\n", path) == ";"
    long_cell = '"' + "word, word; " * 10_000 + '"'
    assert sniff_delimiter(f"a|b\n1|{long_cell}\n2|{long_cell}\n", path) == "|"
