"""Which lines make a row: the division of the lines that fits the columns best.

No single sign tells where a row starts: the first line may hold only half of a name, a page may end
inside it, codes may stand in its first line or its last. So every division of a stretch of lines is
weighed (dynamic programming, no row over 80 lines): a row should have one value in each coded column,
one citation mark and a leading cell that reads like a beginning and closes its brackets. The weights
are relative: two complete rows in one is the worst, a blank line inside one is nearly nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from dress_kg.repair.furniture import starts_well
from dress_kg.repair.shape import Grid, fits, is_lexical

_HIGHEST = 80
_TWO_ROWS = 12.0
_SECOND_MARK = 8.0
_FULL_LINE = 4.0
_SECOND_CODE = 3.0
_NO_CODE = 3.0
_NO_LEAD = 3.0
_NO_MARK = 2.0
_AFTER_MARK = 2.0
_OPEN_BRACKET = 2.0
_OPEN_END = 2.0
_BAD_START = 1.5
_FRESH_LEAD = 1.0
_OVER_BLANK = 1.0
_OVER_PAGE = 0.5
_CODE_LATE = 0.5
_AFTER_GAP = 0.3

_UNFINISHED = re.compile(r"(?:[+,;:(/&-]|\b(?:and|or|with|without|plus))$", re.IGNORECASE)


@dataclass(slots=True)
class _Growing:
    """A row as it takes in line after line; its cost so far."""

    lead: str = ""
    anchors: int = 0
    codes: dict[int, int] = field(default_factory=dict)
    late: bool = False
    marked: dict[int, str] = field(default_factory=dict)
    seen: set[int] = field(default_factory=set)
    inside: float = 0.0


@dataclass(frozen=True, slots=True)
class _Weigher:
    """Weighs the rows that the lines of a stretch could make."""

    grid: Grid
    gaps: Sequence[float]
    indexes: Sequence[int]

    def take(self, row: _Growing, at: int) -> None:
        """Add the line `indexes[at]` to the row."""
        index = self.indexes[at]
        first = not row.seen
        filled = self.grid.filled(index)
        lead = filled.get(self.grid.lead, "")
        if not first:
            row.inside += self.gaps[at]
            if lead and starts_well(lead) and not _UNFINISHED.search(row.lead) and _closed(row.lead):
                row.inside += _FRESH_LEAD
            if self._is_full(filled, lead) and not _UNFINISHED.search(row.lead):
                row.inside += _FULL_LINE
            above = self.grid.filled(self.indexes[at - 1])
            resumed = [
                p for p, text in filled.items() if p in row.seen and p not in above and is_lexical(text)
            ]
            row.inside += _AFTER_GAP * len(resumed)
        row.lead = f"{row.lead} {lead}".strip()
        row.seen |= filled.keys()
        row.anchors += self.grid.is_anchor(index)
        for position, column in self.grid.coded():
            if fits(column, filled.get(position, "")):
                row.codes[position] = row.codes.get(position, 0) + 1
                row.late = row.late or not first
        for entry in self.grid.header.columns:
            if entry.column.mark is not None and entry.position in filled:
                before = row.marked.get(entry.position, "")
                if entry.column.mark.search(before) and is_lexical(filled[entry.position]):
                    row.inside += _AFTER_MARK
                row.marked[entry.position] = f"{before} {filled[entry.position]}".strip()

    def _is_full(self, filled: dict[int, str], lead: str) -> bool:
        """Whether the line has all that a row must have, in a table without codes and citation marks."""
        entries = self.grid.header.columns
        required = [entry.position for entry in entries if entry.column.required]
        told = any(entry.column.mark is not None or entry.column.pattern is not None for entry in entries)
        return not told and bool(required) and starts_well(lead) and all(p in filled for p in required)

    def cost(self, row: _Growing, first: int) -> float:
        """What is wrong with the row, if it ended here. `first` is its first line's place in the stretch."""
        cost = row.inside
        lead = self.grid.text(self.indexes[first], self.grid.lead)
        cost += _NO_LEAD if not lead else (0.0 if starts_well(lead) else _BAD_START)
        cost += 0.0 if _closed(row.lead) else _OPEN_BRACKET
        cost += _OPEN_END if _UNFINISHED.search(row.lead) else 0.0
        cost += _TWO_ROWS * max(0, row.anchors - 1)
        for position, _ in self.grid.coded():
            count = row.codes.get(position, 0)
            cost += _NO_CODE if count == 0 else _SECOND_CODE * max(0, count - max(1, row.anchors))
        cost += _CODE_LATE if row.late else 0.0
        for entry in self.grid.header.columns:
            if entry.column.mark is not None:
                count = len(entry.column.mark.findall(row.marked.get(entry.position, "")))
                cost += _NO_MARK if count == 0 else _SECOND_MARK * (count - 1)
        return cost


def divide(grid: Grid, indexes: Sequence[int]) -> list[tuple[int, ...]]:
    """The rows of a stretch of lines between two bands, as tuples of line indexes, in order.

    :param indexes: the stretch's lines that are no furniture, ascending (counted from 0).
    """
    weigher = _Weigher(grid, _gaps(grid, indexes), indexes)
    total = len(indexes)
    best = [0.0] + [float("inf")] * total
    first_of = [0] * (total + 1)
    for start in range(total):
        row = _Growing()
        for end in range(start, min(total, start + _HIGHEST)):
            weigher.take(row, end)
            if row.anchors > 1:
                break
            cost = best[start] + weigher.cost(row, start)
            if cost < best[end + 1]:
                best[end + 1], first_of[end + 1] = cost, start
    rows: list[tuple[int, ...]] = []
    end = total
    while end > 0:
        rows.append(tuple(indexes[first_of[end] : end]))
        end = first_of[end]
    return rows[::-1]


def _gaps(grid: Grid, indexes: Sequence[int]) -> list[float]:
    """What it costs to read on over the furniture above each line."""
    gaps = [0.0]
    for before, here in pairwise(indexes):
        between = [grid.filled(index) for index in range(before + 1, here)]
        page = any(between)
        gaps.append(_OVER_PAGE if page else _OVER_BLANK if between else 0.0)
    return gaps


def _closed(text: str) -> bool:
    return text.count("(") == text.count(")")
