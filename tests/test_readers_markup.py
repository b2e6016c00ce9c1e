"""HTML and JATS: spans, headers, text, choosing a table, and pages made to do harm."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dress_kg.errors import CallError, SourceError
from dress_kg.readers import read_file
from dress_kg.readers.grid import Span
from dress_kg.readers.html import html_grid
from dress_kg.readers.jats import jats_grid
from dress_kg.readers.limits import MAX_COLUMNS, MAX_MARKUP_BYTES
from dress_kg.readers.markup import MarkupCell, lay_out
from tests.conftest import ROOT

pytest.importorskip("lxml", reason="the extra `markup` is not installed")

GOOD = ROOT / "tests/cases/tables/good"


def page(folder: Path, text: str, name: str = "page.html") -> Path:
    path = folder / name
    path.write_text(text, "utf-8")
    return path


def test_html_spans_headers_and_names() -> None:
    grid = html_grid(GOOD / "spans.html", table="Doses & outcomes")
    assert grid == html_grid(GOOD / "spans.html", table="doses") == html_grid(GOOD / "spans.html", table=1)
    assert (grid.name, grid.caption, grid.header_rows) == ("doses", "Doses & outcomes", 2)
    assert grid.spans == (
        Span(1, 1, 2, 1),
        Span(1, 2, 1, 2),
        Span(1, 4, 2, 1),
        Span(3, 1, 2, 1),
        Span(5, 2, 1, 2),
        Span(6, 1, 1, 4),
    )
    cells = [line.cells for line in read_file(GOOD / "spans.html", fill=True)]
    assert cells[0] == ("Drug", "Outcome", "Outcome", "n")
    assert cells[3][0] == "IVIG intravenous"
    assert cells[5] == ("Note: n\xa0= patients", "", "", "")


def test_jats_caption_notes_and_names() -> None:
    path = GOOD / "article.xml"
    grid = jats_grid(path, table="Table 1")
    assert grid == jats_grid(path, table="t1") == jats_grid(path, table="1")
    assert (grid.name, grid.caption, grid.header_rows) == ("t1", "Table 1. Doses", 2)
    assert grid.notes == ("a As printed.",)
    filled = [line.cells for line in read_file(path, fill=True)]
    assert filled[0] == ("Study", "Dose", "Dose")
    assert filled[3][0] == "Levine et al. [3]"
    assert filled[4] == ("STEROIDS", "", "")


def test_published_jats_tables(shared: Path) -> None:
    first = jats_grid(shared / "tables/jats/PMC4231047__pone-0112731-t001.xml")
    assert len(first.lines) == 18
    assert first.header_rows == 1
    assert {len(line.cells) for line in first.lines} == {8}
    assert first.lines[0].cells[5] == first.lines[0].cells[7] == "p-value*"
    assert first.lines[1].cells[:4] == (
        "Attal et al.1993 [14]",
        "ProspectiveRCT",
        "70",
        "Pentoxifylline 1,600 mg/dday −8 to day+100 post-BMT",
    )
    assert first.lines[15].cells[3].startswith("Control")
    assert first.lines[7].cells[7] == "<0.05"
    assert first.notes[0].startswith("*Group comparison; LMWH: Low molecular weight heparin;")
    second = jats_grid(shared / "tables/jats/PMC520750__T1.xml", table="T1")
    assert len(second.lines) == 27
    assert second.lines[0].cells == (
        "Study",
        "Treatment Duration",
        "Drug",
        "Number of Patients",
        "Drug Dose & Design",
    )
    assert second.lines[6].cells == ("", "", "Duloxetine", "70", "40–120 mg/d (20 mg-60 mg BID)")


def test_several_tables_are_listed(tmp_path: Path) -> None:
    two = "".join(
        f'<table-wrap id="T{n}"><label>Table {n}</label><table><tr><td>{n}</td></tr></table></table-wrap>'
        for n in (1, 2)
    )
    path = page(tmp_path, f"<article>{two}</article>", "two.xml")
    assert read_file(path, table="T2")[0].cells == ("2",)
    assert read_file(path, table="table 1")[0].cells == ("1",)
    assert read_file(path, table=2)[0].cells == ("2",)
    with pytest.raises(SourceError, match="2 tables and none is named") as several:
        read_file(path)
    assert "1 (T1, Table 1" in str(several.value.remedy)
    with pytest.raises(CallError, match="no such table"):
        read_file(path, table=3)


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("5 &times; 10<sup>9</sup>/L", "5 × 10⁹/L"),
        ("10<sup>-9</sup>", "10⁻⁹"),
        ("2016<sup>12,13</sup>", "2016¹²,¹³"),
        ("750 mg/m<sup>2</sup>", "750 mg/m2"),
        ("H<sub>2</sub>O", "H2O"),
        ("CD4<sub>5</sub>", "CD4₅"),
        ("p<sup><a href='#n'>*</a></sup>", "p*"),
        ("x <sup>2</sup>3", "x ²3"),
        ("a<br>b<br/>c", "a b c"),
        ("<p>a</p><p>b <i>c</i>d</p>", "a b cd"),
        ("  a \n\t b  ", "a b"),
        ("a&nbsp;b &#x2013; &lt;c&gt; &amp;amp;", "a\xa0b – <c> &amp;"),
        ("a<script>alert(1)</script><style>b</style>c<template>d</template>", "ac"),
        ("a<span hidden>b</span><span style='display: none'>c</span>d", "ad"),
        ("a<!-- b -->c", "ac"),
        ("a<table><tr><td>b</td></tr></table>", ""),
    ],
)
def test_text_of_a_cell(tmp_path: Path, markup: str, text: str) -> None:
    path = page(tmp_path, f"<table><tr><td>{markup}</td><td>end</td></tr></table>")
    lines = read_file(path)
    if text:
        assert lines[0].cells == (text, "end")
    else:  # a table inside a table is the one that counts
        assert lines[0].cells == ("b",)


CELLS = st.builds(MarkupCell, text=st.just("x"), rows=st.integers(0, 4), columns=st.integers(1, 4))


@given(st.lists(st.lists(st.lists(CELLS, max_size=4), max_size=5), max_size=3))
def test_every_cell_of_any_layout_is_kept_once(groups: list[list[list[MarkupCell]]]) -> None:
    rows, spans = lay_out(groups, Path("x"))
    assert len(rows) == sum(len(group) for group in groups)
    assert sum(row.count("x") for row in rows) == sum(len(row) for group in groups for row in group)
    for span in spans:
        assert rows[span.line - 1][span.position - 1] == "x"
        assert span.line + span.rows - 1 <= len(rows)


def test_a_cell_reaches_down_no_further_than_its_group() -> None:
    head = [[MarkupCell("a", rows=9), MarkupCell("b")]]
    body = [[MarkupCell("c"), MarkupCell("d", rows=0)], [MarkupCell("e"), MarkupCell("f")]]
    rows, spans = lay_out([head, body], Path("x"))
    assert rows == [["a", "b"], ["c", "d"], ["e", "", "f"]]
    assert spans == [Span(2, 2, 2, 1)]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("<table><tr>" + "<td>a" * (MAX_COLUMNS + 1), "more than 4,096 columns"),
        ("<table><tr><td>" + "a" * 1_000_000 + "</td></tr></table>", "a cell of 1,000,000 characters"),
        ("<table><tr><td>a</td></tr></table>" + " " * MAX_MARKUP_BYTES, "more than 33,554,432 bytes"),
    ],
)
def test_pages_that_are_too_much_are_refused(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(SourceError, match=message):
        read_file(page(tmp_path, text))


def test_spans_that_claim_the_earth_take_no_room(tmp_path: Path) -> None:
    wide, tall = "<td colspan=999999999>", "<td rowspan=999999999>"
    path = page(tmp_path, f"<table><tr><td>a<td>b</tr><tr>{wide}band</tr><tr>{tall}c<td>d</tr></table>")
    grid = html_grid(path)
    assert [line.cells for line in grid.lines] == [("a", "b"), ("band", ""), ("c", "d")]
    assert grid.spans == (Span(2, 1, 1, 2),)


def test_deep_nesting_is_read_whole_or_refused(tmp_path: Path) -> None:
    for depth in (50, 100_000):
        nested = "<div>" * depth + "in" + "</div>" * depth
        path = page(tmp_path, f"<table><tr><td>{nested}</td><td>after</td></tr></table>")
        try:
            assert read_file(path)[0].cells == ("in", "after")
        except SourceError as error:
            assert depth > 50
            assert "cannot be read whole" in error.message
    deep = page(tmp_path, "<p>" + "<italic>" * 100_000 + "</italic>" * 100_000 + "</p>", "deep.xml")
    with pytest.raises(SourceError, match="not well-formed"):
        read_file(deep, "jats")


def test_nothing_is_fetched_or_included(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("secret", "utf-8")
    text = (
        '<?xml version="1.0"?><!DOCTYPE a SYSTEM "secret.txt">'
        '<table-wrap xmlns:xi="http://www.w3.org/2001/XInclude"><table><tr><td>a'
        f'<xi:include href="{secret.as_uri()}" parse="text"/></td></tr></table></table-wrap>'
    )
    assert read_file(page(tmp_path, text, "include.xml"))[0].cells == ("a",)
