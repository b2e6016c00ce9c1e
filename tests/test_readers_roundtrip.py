"""The shipped DRESS table saved as CSV, XLSX and HTML gives the same lines of cells again."""

from __future__ import annotations

import csv
import html
from pathlib import Path

import pytest

from dress_kg.readers import read_file
from dress_kg.records import Line
from tests.conftest import ROOT


@pytest.fixture(scope="module")
def dress() -> tuple[Line, ...]:
    lines = read_file(ROOT / "data/dress-treatment-evidence.tsv")
    assert len(lines) == 84
    return lines


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_csv(dress: tuple[Line, ...], tmp_path: Path, delimiter: str, encoding: str, end: str) -> None:
    path = tmp_path / "dress.csv"
    with path.open("w", encoding=encoding, newline="") as stream:
        writer = csv.writer(stream, delimiter=delimiter, lineterminator=end)
        writer.writerows(line.cells for line in dress)
    assert read_file(path) == dress


def test_csv_in_a_declared_encoding(dress: tuple[Line, ...], tmp_path: Path) -> None:
    path = tmp_path / "dress.csv"
    with path.open("w", encoding="cp1254", newline="") as stream:
        csv.writer(stream).writerows(line.cells for line in dress)
    assert read_file(path, encoding="cp1254") == dress


def test_xlsx(dress: tuple[Line, ...], tmp_path: Path) -> None:
    """Same cells in the same rows. A sheet has no ends of rows: each is as wide as the table."""
    openpyxl = pytest.importorskip("openpyxl", reason="the extra `xlsx` is not installed")
    book = openpyxl.Workbook()
    for line in dress:
        book.active.append(line.cells)
    path = tmp_path / "dress.xlsx"
    book.save(path)
    lines = read_file(path)
    assert [line.number for line in lines] == [line.number for line in dress]
    assert {len(line.cells) for line in lines} == {8}
    padded = [line.cells + ("",) * (8 - len(line.cells)) for line in dress]
    assert [line.cells for line in lines] == padded
    assert [line.text.rstrip("\t") for line in lines] == [line.text.rstrip("\t") for line in dress]


def test_html(dress: tuple[Line, ...], tmp_path: Path) -> None:
    """Line for line, the blank ones too."""
    pytest.importorskip("lxml", reason="the extra `markup` is not installed")
    rows = "\n".join(
        "<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in line.cells) + "</tr>" for line in dress
    )
    path = tmp_path / "dress.html"
    path.write_text(f"<!DOCTYPE html><meta charset=utf-8><table>{rows}</table>", "utf-8")
    assert read_file(path) == dress
