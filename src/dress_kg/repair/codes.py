"""A last look at a repaired table: are the columns of codes full of codes?

A header with one cell more or fewer than the rows shifts every column behind it, and each row still looks
like a row. The columns whose values the profile describes tell.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from dress_kg.errors import SourceError
from dress_kg.profile import Column, ColumnKind, Profile
from dress_kg.records import Cell, Row, Table

_FEWEST = 4
"""Values that a judgement needs; a table of three rows may well hold three odd codes."""


@dataclass(frozen=True, slots=True)
class CodeCount:
    """The values of a column of codes in some rows.

    :ivar filled: how many there are. :ivar odd: how many of them are no codes.
    :ivar first: line, header and text of the first odd one.
    """

    filled: int = 0
    odd: int = 0
    first: tuple[int, str, str] | None = None


def coded_columns(profile: Profile) -> tuple[Column, ...]:
    """The columns of codes whose form the profile says."""
    return tuple(c for c in profile.columns if c.kind is ColumnKind.CODE and c.pattern is not None)


def count_codes(rows: Iterable[Row], profile: Profile) -> dict[str, CodeCount]:
    """What the columns of codes hold, by field."""
    columns = coded_columns(profile)
    counts: dict[str, CodeCount] = {}
    for row in rows:
        for column in columns:
            cell = row.cells.get(column.field)
            text = cell.joined.strip() if cell else ""
            if cell is None or not text:
                continue
            odd = column.pattern is not None and not column.pattern.fullmatch(text)
            counts[column.field] = _sum(counts.get(column.field), _one(row, cell, odd=odd))
    return counts


def _one(row: Row, cell: Cell, *, odd: bool) -> CodeCount:
    return CodeCount(1, 1, (row.lines[0], cell.column, cell.joined)) if odd else CodeCount(1)


def _sum(left: CodeCount | None, right: CodeCount) -> CodeCount:
    if left is None:
        return right
    return CodeCount(left.filled + right.filled, left.odd + right.odd, left.first or right.first)


def refuse_odd_codes(parts: Iterable[dict[str, CodeCount]], file: str) -> None:
    """Make sure that most values of each column of codes are codes.

    :param parts: the counts of all rows of a table, in its order.
    :raises SourceError: most are not; the first one is named, with its line.
    """
    counts: dict[str, CodeCount] = {}
    for part in parts:
        for field, count in part.items():
            counts[field] = _sum(counts.get(field), count)
    for count in counts.values():
        if count.first is not None and count.filled >= _FEWEST and 2 * count.odd > count.filled:
            line, column, text = count.first
            raise SourceError(
                f"most values of this column are no codes ({count.odd} of {count.filled})",
                file=file,
                line=line,
                column=column,
                value=text,
                remedy="the rows may have a cell more or fewer than the header; make them the same width",
            )


def check_codes(table: Table, profile: Profile) -> None:
    """Make sure that most values of each column of codes are codes.

    :raises SourceError: most are not; the first one is named, with its line.
    """
    refuse_odd_codes([count_codes(table.rows, profile)], table.file)
