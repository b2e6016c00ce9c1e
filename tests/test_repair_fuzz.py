"""The DRESS table disguised: wrapped anew, reordered, its columns moved and renamed, furniture put in.

Seeded; the same 35 rows must come out, their texts equal but for spaces (and the hyphen or space at a
new line end). What a row says may not depend on how the page was cut.
"""

from __future__ import annotations

import random
import re
import textwrap
from pathlib import Path
from typing import Any

import pytest

from dress_kg.profile import load_profile
from dress_kg.records import LineKind, Table
from dress_kg.repair import check_ledger, repair
from dress_kg.table import read_lines

FIELDS = ("drug", "dose", "interval", "reference", "study_design", "comments", "level", "grade")
OTHER_WORDS = {
    "drug": ("Treatment", "THERAPY", "DRUGS"),
    "dose": ("Dosage", "DOSE REGIMEN", "DOSF"),
    "interval": ("Duration", "SCHEDULE", "lNTERVAL"),
    "reference": ("Citation", "REFERENCES", "REFFRENCE"),
    "study_design": ("Type of study", "STUDY DESICN"),
    "comments": ("Remarks", "COMENTS", "NOTES"),
    "level": ("Level of evidence", "EVIDENCE"),
    "grade": ("Grade of recommendation", "RECOM"),
}
BANDS = {
    "Cyclosporine": ["CYCLOSPORINE", "", "", "", "DEGIGIT", "", "LVIDLINOL", "INLOOM"],
    "Cyclophosphamide": ["CYCLOPHOS", "PHAMIDE", "", "", "", "", "", ""],
    "Antivirals": ["ANTIVIRALS", "", "A", "", "1", "", "", "_"],
    "Intravenous immunoglobulin": ["INTRAVENOUS IMMUN", "IOGLOBULIN (IVIG)", "", "", "", "", "", ""],
    "Other treatment options": ["OTHER TREATMENT OF", "PTIONS", "", "", "", "4", "1", ""],
    "Liver transplantation": ["LIVER TRANSPLANTATI", "ION", "ı", "ı", "1", "1", "I", "ı"],
}
NOISE = (
    ["· · · - (p. · · · · ·", "l", "1", "", "ı", "", "1", ""],
    ["", "", "", "", "", "3.150.15101104 B11205 (11 2)1", "", "1"],
    ["· ·", "", "", "", "", "", "", "_"],
)
FOOTER = "J Investig Allergol Clin Immunol 2020; Vol. 30(4) doi: 10.18176/jiaci.0480"


class Disguise:
    """Writes the gold rows as a table of another layout; every choice comes from the seed."""

    def __init__(self, seed: int, *, shuffle: bool = True, permute: bool = True) -> None:
        self.random = random.Random(seed)  # noqa: S311 - a fuzz test, not a secret
        self.order = list(FIELDS)
        if permute:
            self.random.shuffle(self.order)
        self.shuffle = shuffle
        self.lines: list[str] = []
        self.at_edge = self.random.random() < 0.5
        self.align = self.random.choice(("top", "top", "top", "middle"))
        self.names = {field: self.random.choice(OTHER_WORDS[field]) for field in FIELDS}

    def write(self, cells: list[str]) -> None:
        by_field = dict(zip(FIELDS, cells, strict=True))
        self.lines.append("\t".join(by_field[field] for field in self.order))

    def header(self, *, renamed: dict[str, str]) -> None:
        self.lines.append("\t".join(renamed[field] for field in self.order))

    def band(self, cells: list[str]) -> None:
        """A title starts at the left edge of the page, or its cells moved with their columns."""
        if self.at_edge:
            self.lines.append("\t".join(cells))
        else:
            self.write(cells)

    def row(self, cells: dict[str, str]) -> None:
        wrapped = {
            field: textwrap.wrap(
                text, self.random.choice((9, 14, 18, 24, 32, 60, 1000)), break_long_words=False
            )
            for field, text in cells.items()
        }
        height = max(1, *(len(pieces) for pieces in wrapped.values()))
        broken_at = self.random.randrange(1, height) if height > 2 and self.random.random() < 0.3 else None
        above = {
            field: 0 if self.align == "top" or field == "drug" else (height - len(pieces)) // 2
            for field, pieces in wrapped.items()
        }
        columns = {field: [""] * above[field] + pieces + [""] * height for field, pieces in wrapped.items()}
        for stray in self.strays(height, columns):
            columns[stray[0]][stray[1]] = stray[2]
        for at in range(height):
            if at == broken_at:
                self.page_break()
            self.write([columns[field][at] for field in FIELDS])

    def strays(self, height: int, columns: dict[str, list[str]]) -> list[tuple[str, int, str]]:
        """Dirt where nothing is printed: two lines below a column's text, or in an empty cell."""
        found = []
        for field in ("dose", "interval", "reference", "study_design"):
            last = max((at for at, text in enumerate(columns[field]) if text), default=-1)
            if last < 0 and self.random.random() < 0.3:
                found.append((field, 0, self.random.choice(("A", "A C", "' '", "_", "·"))))
            elif 0 <= last < height - 2 and self.random.random() < 0.3:
                found.append(
                    (
                        field,
                        self.random.randrange(last + 2, height),
                        self.random.choice(("1", "404", "' '", "ı")),
                    )
                )
        return found

    def page_break(self) -> None:
        kind = self.random.randrange(5)
        if kind == 0:
            self.lines += ["", FOOTER, ""]
        elif kind == 1:
            self.lines += ["", FOOTER, ""]
            self.header(renamed=self.names)
        elif kind == 2:
            self.write(self.random.choice(NOISE))
            self.lines.append("")
        elif kind == 3:
            self.lines.append("\t" * 7)
        else:
            self.lines.append("")

    def table(self, items: list[dict[str, Any]]) -> tuple[str, list[dict[str, Any]]]:
        self.header(renamed=self.names)
        sections = list(dict.fromkeys(item["section"] for item in items))
        written: list[dict[str, Any]] = []
        for section in sections:
            self.band(BANDS[section])
            rows = [item for item in items if item["section"] == section]
            if self.shuffle:
                self.random.shuffle(rows)
            for item in rows:
                if self.random.random() < 0.2:
                    self.page_break()
                self.row(item["cells"])
                written.append(item)
        self.lines += ["", "Note: Complete references are included in the", "Supplementary file 2."]
        return self.random.choice(("\n", "\r\n")).join(self.lines), written


def squeezed(text: str) -> str:
    """Without spaces: where a line ends is layout."""
    return re.sub(r"\s", "", text)


def disguised(seed: int, items: list[dict[str, Any]], folder: Path) -> tuple[Table, list[dict[str, Any]]]:
    text, written = Disguise(seed).table(items)
    path = folder / f"disguised-{seed}.tsv"
    path.write_bytes(text.encode())
    profile = load_profile("dress")
    return repair(read_lines(path, profile), profile, path.name), written


@pytest.mark.parametrize("seed", range(12))
def test_the_same_rows_come_out_of_a_disguised_table(
    seed: int, gold_items: list[dict[str, Any]], tmp_path: Path
) -> None:
    table, written = disguised(seed, gold_items, tmp_path)
    check_ledger(table)
    assert len(table.rows) == 35
    for row, item in zip(table.rows, written, strict=True):
        got = {field: squeezed(cell.joined) for field, cell in row.cells.items()}
        assert got == {field: squeezed(text) for field, text in item["cells"].items()}, item["id"]
        assert row.section is not None
        assert row.section.startswith(item["section"])
    kinds = [entry.kind for entry in table.ledger]
    assert kinds.count(LineKind.SECTION) == 6
    assert kinds[-2:] == [LineKind.FOOTNOTE, LineKind.FOOTNOTE]


@pytest.mark.parametrize("seed", range(6))
def test_the_printed_lines_themselves_in_another_order(
    seed: int, shared: Path, gold: dict[str, Any], tmp_path: Path
) -> None:
    """Rows as printed, with their own dirt, reordered within their sections, columns moved and renamed."""
    chance = random.Random(seed)  # noqa: S311 - a fuzz test, not a secret
    printed = (shared / "source" / "dress-treatment-evidence.tsv").read_text("utf-8").split("\n")
    order = list(range(8))
    chance.shuffle(order)

    def moved(number: int) -> str:
        cells = (printed[number - 1].split("\t") + [""] * 8)[:8]
        return "\t".join(cells[at] for at in order)

    lines = ["\t".join(chance.choice(OTHER_WORDS[FIELDS[at]]) for at in order)]
    written = []
    bands = gold["furniture_lines"]["section"]
    for band in bands:
        lines.append(moved(band))
        following = min((other for other in bands if other > band), default=84)
        rows = [item for item in gold["items"] if band < item["line_numbers"][0] < following]
        chance.shuffle(rows)
        for item in rows:
            first, last = item["line_numbers"][0], item["line_numbers"][-1]
            if chance.random() < 0.3:
                lines += ["", FOOTER, "", lines[0]]
            lines += [moved(number) for number in range(first, last + 1)]
            lines += [moved(69)] if last == 68 else []
            written.append(item)
    lines += ["", printed[83]]
    path = tmp_path / "moved.tsv"
    path.write_text("\n".join(lines), encoding="utf-8")
    profile = load_profile("dress")
    table = repair(read_lines(path, profile), profile, path.name)
    assert len(written) == 35
    assert [{name: cell.joined for name, cell in row.cells.items()} for row in table.rows] == [
        {FIELDS[at]: item["cells"][FIELDS[at]] for at in order} for item in written
    ]
    assert all(
        (row.section or "").startswith(item["section"]) for row, item in zip(table.rows, written, strict=True)
    )
