"""A last look at a repaired table: are the columns of codes full of codes?

A header with one cell more or fewer than the rows shifts every column behind it, and each row still looks
like a row. The columns whose values the profile describes tell.
"""

from __future__ import annotations

from dress_kg.errors import SourceError
from dress_kg.profile import ColumnKind, Profile
from dress_kg.records import Table

_FEWEST = 4
"""Values that a judgement needs; a table of three rows may well hold three odd codes."""


def check_codes(table: Table, profile: Profile) -> None:
    """Make sure that most values of each column of codes are codes.

    :raises SourceError: most are not; the first one is named, with its line.
    """
    for column in profile.columns:
        pattern = column.pattern
        if column.kind is not ColumnKind.CODE or pattern is None:
            continue
        read = [
            (row, row.cells[column.field].joined.strip()) for row in table.rows if column.field in row.cells
        ]
        filled = [(row, text) for row, text in read if text]
        odd = [row for row, text in filled if not pattern.fullmatch(text)]
        if len(filled) >= _FEWEST and 2 * len(odd) > len(filled):
            first = odd[0]
            cell = first.cells[column.field]
            raise SourceError(
                f"most values of this column are no codes ({len(odd)} of {len(filled)})",
                file=table.file,
                line=first.lines[0],
                column=cell.column,
                value=cell.joined,
                remedy="the rows may have a cell more or fewer than the header; make them the same width",
            )
