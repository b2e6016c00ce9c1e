"""The DRESS table disguised and saved as CSV, XLSX and HTML: the same 35 items, keys and facts.

The disguise is that of `test_repair_fuzz` (re-wrapped, reordered within sections, furniture put in,
columns moved under other headers); here the whole way is taken, from the file to the evidence.
"""

from __future__ import annotations

import csv
import html
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dress_kg.interpret.spans import moved
from dress_kg.pipeline import Clock, read_source
from dress_kg.profile import load_profile
from dress_kg.records import Evidence
from dress_kg.repair import ledger_counts
from tests.test_repair_fuzz import Disguise


def as_csv(rows: list[list[str]], path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, delimiter=";", quoting=csv.QUOTE_MINIMAL).writerows(rows)


def as_xlsx(rows: list[list[str]], path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    for number, row in enumerate(rows, 1):
        for position, cell in enumerate(row, 1):
            if cell:
                book.active.cell(number, position, cell).data_type = "s"
    book.save(path)


def as_html(rows: list[list[str]], path: Path) -> None:
    def line(row: list[str]) -> str:
        return "<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>"

    body = "\n".join(line(row) for row in rows)
    path.write_text(f"<!doctype html><meta charset=utf-8><table>{body}</table>", encoding="utf-8")


SAVED: dict[str, Callable[[list[list[str]], Path], None]] = {"csv": as_csv, "xlsx": as_xlsx, "html": as_html}


def facts(evidence: Evidence) -> str:
    """What an item says, without where it stands: its row and selections, and the ordinal of equal keys.

    Words are compared without the blank that a line's end leaves after a hyphen ("life- threatening").
    """
    bare = moved(evidence, dict.fromkeys(evidence.row.cells))
    said = replace(bare, row=None, unread=(), key="", curations=())  # type: ignore[arg-type]
    return repr(said).replace("- ", "-")


def by_key(items: tuple[Evidence, ...]) -> dict[str, Evidence]:
    return {item.key: item for item in items}


@pytest.fixture(scope="module")
def shipped() -> tuple[Evidence, ...]:
    return read_source(load_profile("dress"), None, 1, Clock()).evidence


@pytest.mark.parametrize("kind", SAVED)
@pytest.mark.parametrize("seed", range(3))
def test_the_same_items_come_out_of_a_disguised_table(
    kind: str, seed: int, gold_items: list[dict[str, Any]], shipped: tuple[Evidence, ...], tmp_path: Path
) -> None:
    pytest.importorskip("openpyxl" if kind == "xlsx" else "lxml" if kind == "html" else "csv")
    text, _ = Disguise(seed).table(gold_items)
    rows = [line.split("\t") for line in text.replace("\r\n", "\n").split("\n")]
    width = max(map(len, rows))
    rows = [row + [""] * (width - len(row)) for row in rows]
    path = tmp_path / f"disguised-{seed}.{kind}"
    SAVED[kind](rows, path)
    source = read_source(load_profile("dress"), path, 1, Clock())
    counts = ledger_counts(source.table)
    assert sum(counts.values()) == len(source.table.lines)
    assert len(source.evidence) == 35
    read, known = by_key(source.evidence), by_key(shipped)
    assert set(read) == set(known)
    assert [key for key in known if facts(read[key]) != facts(known[key])] == []
