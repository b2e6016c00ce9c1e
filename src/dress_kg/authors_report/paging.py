"""Which rows of a report stand on which page: none is over a megabyte, so that every browser opens it.

A table of many rows shows those with findings or decisions alone, unless all are asked for.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from dress_kg.authors_report.model import PrintedLine, PrintedRow, PrintedTable, Report

MANY_ROWS = 400
"""With more rows than this, a table shows only those that something is said of, unless all are asked for."""
PAGE_BYTES = 1_000_000
"""What a page may hold by estimate, which is above what is written."""

# What the template writes around a cell, a row, a finding, a repair and a line, in bytes, rounded up.
_CELL, _ROW, _FINDING, _REPAIR, _LINE = 200, 500, 900, 300, 160
_ESCAPED = 1.3  # "&" becomes "&amp;"


@dataclass(frozen=True, slots=True)
class Leaf:
    """A page. :ivar number: 1-based. :ivar tables: the tables with the rows and lines that stand here."""

    number: int
    tables: tuple[PrintedTable, ...]

    def rows(self) -> int:
        """How many rows stand on it."""
        return sum(len(table.rows) for table in self.tables)

    def lines(self) -> tuple[int, int] | None:
        """The first and the last line of its rows; None where it has none."""
        numbers = [number for table in self.tables for row in table.rows for number in row.lines]
        return (min(numbers), max(numbers)) if numbers else None


def leaves(report: Report, *, whole: bool = False, limit: int = PAGE_BYTES) -> tuple[Leaf, ...]:
    """The pages of a report: one where all fits, else a first one without rows and those with them.

    :param whole: also the rows that nothing is said of, in tables of more than :data:`MANY_ROWS`.
    :param limit: bytes of a page, by estimate; a single row that is longer has a page to itself.
    """
    tables = [table if whole or len(table.rows) <= MANY_ROWS else told(table) for table in report.tables]
    if sum(_weight_of(table) for table in tables) <= limit:
        return (Leaf(1, tuple(tables)),)
    cut = [part for table in tables for part in _parts(table, limit)]
    first = tuple(replace(table, rows=(), lines=()) for table in tables)
    return (Leaf(1, first), *(Leaf(n, (part,)) for n, part in enumerate(cut, start=2)))


def told(table: PrintedTable) -> PrintedTable:
    """The table with only the rows that have a finding or a curator's decision, and the lines of no row."""
    rows = tuple(row for row in table.rows if row.all_findings or row.judged)
    kept = {row.item for row in rows}
    lines = tuple(line for line in table.lines if line.item is None or line.item in kept)
    return replace(table, rows=rows, lines=lines, left_out=len(table.rows) - len(rows))


def _parts(table: PrintedTable, limit: int) -> Iterable[PrintedTable]:
    """The table cut between rows; what is printed between two rows stands with the one before."""
    by_item = {row.item: row for row in table.rows}
    page_of: dict[str, int] = {}
    pages: list[list[PrintedLine]] = [[]]
    filled = 0.0
    for line in table.lines:
        row = by_item.get(line.item or "")
        if row is not None and row.item not in page_of:
            weight = _weight(row)
            if filled and filled + weight > limit:
                pages.append([])
                filled = 0.0
            page_of[row.item] = len(pages) - 1
            filled += weight
        filled += _LINE + _size(line.text)
        pages[page_of.get(line.item or "", len(pages) - 1)].append(line)
    for number, lines in enumerate(pages):
        rows = tuple(row for row in table.rows if page_of.get(row.item, 0) == number)
        yield replace(table, rows=rows, lines=tuple(lines), findings=())


def _weight_of(table: PrintedTable) -> float:
    lines = sum(_LINE + _size(line.text) for line in table.lines)
    return lines + sum(map(_weight, table.rows)) + _FINDING * len(table.findings)


def _weight(row: PrintedRow) -> float:
    cells = sum(_CELL + _size(cell.text) for cell in row.cells)
    repairs = sum(_REPAIR + _size(each.before) + _size(each.after) for each in row.repairs)
    said = len(row.all_findings) + len(row.judged)
    return _ROW + cells + repairs + _FINDING * said


def _size(text: str | None) -> float:
    return _ESCAPED * len((text or "").encode("utf-8", "replace"))
