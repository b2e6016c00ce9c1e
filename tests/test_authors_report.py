"""The report for the table's author: every finding on its cell, every line shown, nothing that can run."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import json
import re
from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from click.testing import CliRunner
from openpyxl import load_workbook

from dress_kg.authors_report import FORMATS, Report, read_report, write_report
from dress_kg.authors_report.model import KINDS, PrintedRow, gravest
from dress_kg.authors_report.page import page, pages
from dress_kg.authors_report.paging import leaves, told
from dress_kg.cli import dress_kg
from dress_kg.resources import folder
from dress_kg.spreadsheet import neutral, plain, tsv_text, xlsx_text
from dress_kg.store import open_build
from dress_kg.visible import shown

EVIL = "=HYPERLINK(1)</td><script>alert(1)</script><img src=x onerror=alert(1)>\u202e&amp;\u200b'\"@"


@pytest.fixture(scope="module")
def report(graph: Path) -> Report:
    return read_report(open_build(graph).folder)


@pytest.fixture(scope="module")
def results(graph: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((graph / "report.json").read_text("utf-8"))["results"]
    assert len(found) > 100
    return found


@pytest.fixture(scope="module")
def evil(graph: Path, tmp_path_factory: pytest.TempPathFactory) -> Report:
    """The report of a build whose texts try to break out, in every free text of every table."""
    copy = tmp_path_factory.mktemp("evil")
    (copy / "tables").mkdir()
    (copy / "manifest.json").write_text((graph / "manifest.json").read_text("utf-8"), "utf-8")
    free = set("text column message value suggestion title notice rights before after reason curator".split())
    for table in (graph / "tables").glob("*.csv"):
        with table.open(encoding="utf-8", newline="") as handle:
            rows = list(csv.DictReader(handle))
        with (copy / "tables" / table.name).open("w", encoding="utf-8", newline="") as handle:
            writer = csv.DictWriter(handle, rows[0] if rows else table.read_text("utf-8").strip().split(","))
            writer.writeheader()
            writer.writerows({k: EVIL if k in free and v else v for k, v in row.items()} for row in rows)
    return read_report(copy)


def test_every_finding_of_the_gate_is_there_with_its_place(
    report: Report, results: list[dict[str, Any]]
) -> None:
    ours = Counter((f.rule, f.severity, f.item, f.column, f.value, f.message) for f in report.findings)
    gate = Counter(
        (r["rule"], r["severity"], r["item"].rpartition("/")[2], r["column"], r["value"], r["message"])
        for r in results
    )
    assert ours == gate
    assert [finding.number for finding in report.findings] == list(range(1, len(results) + 1))
    lines = {(r["rule"], r["item"].rpartition("/")[2], r["message"]): set(r["lines"]) for r in results}
    for finding in report.findings:
        assert set(finding.lines) & lines[finding.rule, finding.item or "", finding.message]


def test_the_table_is_all_there(report: Report) -> None:
    """Every line of the file is shown once, in order; every cell's pieces make up its text."""
    (table,) = report.tables
    source = (folder("data") / "dress-treatment-evidence.tsv").read_text("utf-8").split("\n")
    assert [line.text or "" for line in table.lines] == source[: len(table.lines)]
    assert {line.kind for line in table.lines} <= set(KINDS)
    seen: list[int] = []
    for block in table.blocks():
        seen += block.lines if isinstance(block, PrintedRow) else [line.number for line in block]
    assert sorted(seen) == list(range(1, len(table.lines) + 1))
    assert [header for _, header in table.columns] == source[0].split("\t")
    for row in table.rows:
        for cell in row.cells:
            assert "".join(cell.text[p.start : p.end] for p in cell.pieces) == cell.text
            assert {p.line for p in cell.pieces} <= set(row.lines)


class _Page(HTMLParser):
    """What a page holds: its tags, attributes, links, ids and text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: Counter[str] = Counter()
        self.attributes: Counter[str] = Counter()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.described: list[str] = []
        self.text: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        for name, value in attrs:
            self.attributes[name] += 1
            if name == "id":
                self.ids.append(value or "")
            elif name == "href":
                self.links.append(value or "")
            elif name in ("aria-describedby", "aria-labelledby"):
                self.described += (value or "").split()

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def test_the_page_needs_nothing_and_links_hold(report: Report) -> None:
    text = page(report)
    read = _Page(text)
    assert not {"script", "link", "img", "iframe", "object", "form", "base"} & set(read.tags)
    assert not {"src", "srcset", "style", "onclick", "onload"} & set(read.attributes)
    assert "http" not in "".join(read.links)
    assert not re.search(
        r"url\(|@import|https?://", re.sub(r"<style>|</style>", "", text).partition("</head>")[0]
    )
    assert len(read.ids) == len(set(read.ids))
    assert {link.removeprefix("#") for link in read.links} <= set(read.ids)
    assert set(read.described) <= set(read.ids)
    assert {f"f{finding.number}" for finding in report.findings} <= set(read.ids)
    assert read.tags["mark"] > 10
    style = text.partition("<style>")[2].partition("</style>")[0]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"default-src 'none'; style-src 'sha256-{digest}'" in text


def test_a_cell_can_do_nothing_on_the_page(evil: Report) -> None:
    text = page(evil)
    read = _Page(text)
    assert not {"script", "img"} & set(read.tags)
    assert not any(name.startswith("on") for name in read.attributes)
    assert "\u202e" not in text
    assert "\u200b" not in text
    assert "U+202E" in text
    assert EVIL.partition("\u202e")[0] in "".join(read.text)


def test_a_report_too_large_for_a_page_takes_several(report: Report) -> None:
    """Each row and line stands once, in order, each link leads somewhere, and no page is over the limit."""
    limit = 60_000
    cut = leaves(report, limit=limit)
    assert len(cut) > 3
    (table,) = report.tables
    rows = [row for leaf in cut for each in leaf.tables for row in each.rows]
    assert [row.position for row in rows] == [row.position for row in table.rows]
    lines = [line for leaf in cut for each in leaf.tables for line in each.lines]
    assert sorted(line.number for line in lines) == [line.number for line in table.lines]
    written = dict(pages(report, "my report.html", limit=limit))
    assert list(written)[:2] == ["my report.html", "my report-2.html"]
    assert len(written) == len(cut)
    style = len(page(report).partition("<style>")[2].partition("</style>")[0])
    ids = {name: set(_Page(text).ids) for name, text in written.items()}
    for name, text in written.items():
        assert len(text.encode()) <= limit + style
        for link in _Page(text).links:
            file, _, anchor = unquote(link).partition("#")
            assert not anchor or anchor in ids[file or name], (name, link)
            assert (file or name) in written
    found = [each for name in written for each in ids[name] if re.fullmatch(r"f\d+", each)]
    assert sorted(found) == sorted(f"f{finding.number}" for finding in report.findings)


def test_a_table_of_many_rows_shows_those_with_findings(
    report: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    (table,) = report.tables
    silent = replace(
        table.rows[0],
        item="silent",
        findings=(),
        judged=(),
        cells=tuple(replace(cell, findings=()) for cell in table.rows[0].cells),
    )
    more = replace(table, rows=(*table.rows, silent))
    spoken = told(more)
    assert spoken.left_out == 1 + sum(not (row.all_findings or row.judged) for row in table.rows)
    assert silent not in spoken.rows
    monkeypatch.setattr("dress_kg.authors_report.paging.MANY_ROWS", 10)
    large = replace(report, tables=(more,))
    assert [leaf.rows() for leaf in leaves(large)] == [len(spoken.rows)]
    assert [leaf.rows() for leaf in leaves(large, whole=True)] == [len(more.rows)]
    assert f"Nothing is said of {spoken.left_out} rows" in page(large)
    assert "Nothing is said of" not in page(report)


def test_hidden_characters_are_shown() -> None:
    for code in (0x202E, 0x2066, 0x200B, 0xFEFF, 0x00AD, 0xE0041, 0x1B, 0x0):
        assert f"U+{code:04X}" in str(shown(f"a{chr(code)}b"))


def test_the_workbook(report: Report, evil: Report, tmp_path: Path) -> None:
    (table,) = report.tables
    for number, each in enumerate((report, evil)):
        path = tmp_path / f"{number}.xlsx"
        with path.open("wb") as handle:
            write_report(each, "xlsx", handle)
    book = load_workbook(tmp_path / "0.xlsx")
    assert book.sheetnames == ["Table dress", "Findings", "Rules", "Lines dress", "Legend"]
    rows = {str(row[0].value): row for row in book["Table dress"].iter_rows(min_row=2)}
    for row in table.rows:
        cells = rows[", ".join(map(str, row.lines))]
        for cell, printed in zip(cells[1:], row.cells, strict=False):
            assert plain(str(cell.value or "")) == printed.text
            told = cell.comment.text if cell.comment else ""
            assert [finding.message in told for finding in printed.findings] == [True] * len(printed.findings)
            assert (cell.fill.fill_type == "solid") is (gravest(printed.findings) is not None)
    assert book["Findings"].max_row == len(report.findings) + 1
    assert book["Lines dress"].max_row == len(table.lines) + 1
    assert book["Rules"].max_row == len({(f.rule, f.severity) for f in report.findings}) + 1
    hostile = load_workbook(tmp_path / "1.xlsx")
    cells_ = [cell for sheet in hostile for line in sheet.iter_rows() for cell in line]
    assert not [cell.coordinate for cell in cells_ if cell.data_type == "f"]
    assert not [cell.coordinate for cell in cells_ if str(cell.value or "")[:1] in tuple("=+-@\t\r")]
    assert any(str(cell.value).startswith("'=HYPERLINK") for cell in cells_)


def test_tsv_and_json(report: Report, evil: Report) -> None:
    written = {form: io.BytesIO() for form in ("tsv", "json")}
    for form, out in written.items():
        write_report(report, form, out)
    lines = written["tsv"].getvalue().decode().splitlines()
    assert len(lines) == len(report.findings) + 1
    read = list(csv.DictReader(lines, delimiter="\t"))
    assert [row["rule"] for row in read] == [finding.rule for finding in report.findings]
    told = json.loads(written["json"].getvalue())
    assert told["counts"]["warning"] == sum(f.severity == "warning" for f in report.findings)
    assert sum(rule["findings"] for rule in told["rules"]) == len(told["findings"]) == len(report.findings)
    assert {f["value"] for f in told["findings"]} == {f.value for f in report.findings}
    hostile = io.BytesIO()
    write_report(evil, "tsv", hostile)
    for row in csv.reader(io.StringIO(hostile.getvalue().decode()), delimiter="\t"):
        assert not [cell for cell in row if cell[:1] in tuple("=+-@\t\r")]


def test_the_same_build_gives_the_same_text(report: Report, graph: Path) -> None:
    for form in ("html", "tsv", "json"):
        first, second = io.BytesIO(), io.BytesIO()
        write_report(report, form, first)
        write_report(read_report(open_build(graph).folder), form, second)
        assert first.getvalue() == second.getvalue()


@pytest.mark.parametrize("form", FORMATS)
def test_the_command(graph: Path, tmp_path: Path, form: str) -> None:
    out = tmp_path / f"report.{form}"
    found = CliRunner().invoke(dress_kg, ["report", "--graph", str(graph), "--out", str(out)])
    assert found.exit_code == 0, found.output
    assert out.stat().st_size > 10_000
    assert list(tmp_path.iterdir()) == [out]


def test_neutral_texts() -> None:
    for text in ("=1+1", "+1", "-1", "@A1", "\t=1", "\r=1", " =1", "＝1", "\n-2"):
        assert neutral(text).startswith("'"), text
        assert plain(neutral(text)).split() == text.split()
        assert "\t" not in tsv_text(text)
    for text in ("0.4 mg", "IVIG", "1-2", "'quoted'", "5 = 5", ""):
        assert neutral(text) == text
    assert xlsx_text("a\x00b") == "a␀b"
    assert len(neutral("x" * 40_000)) == 32_767
