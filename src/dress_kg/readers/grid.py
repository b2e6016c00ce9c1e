"""A table as a reader found it: its lines, and which cells reach over several rows or columns."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from dress_kg.errors import SourceError
from dress_kg.readers.limits import TableSize
from dress_kg.records import Line

_WORD = re.compile(r"[^\W\d_]{3,}")
_BREAK = re.compile(r"\r\n|[\t\r\n]")


@dataclass(frozen=True, slots=True)
class Span:
    """A cell that reaches over more than one row or column; its text stands in its first one.

    :ivar line: the number of the first line; :ivar position: the 1-based first column.
    :ivar rows: how many lines; :ivar columns: how many columns it covers.
    """

    line: int
    position: int
    rows: int
    columns: int


@dataclass(frozen=True, slots=True)
class Grid:
    """One table of a file.

    :ivar lines: its rows; a cell that is covered by a span is "".
    :ivar spans: in reading order; empty for formats that have none.
    :ivar header_rows: how many of the first lines the file itself marks as header; 0 where it does not.
    :ivar name: the sheet's name, or the table's id, or None.
    :ivar caption: the table's label and caption, or None.
    :ivar notes: the table's footnotes, where the format has them.
    """

    lines: tuple[Line, ...]
    spans: tuple[Span, ...] = ()
    header_rows: int = 0
    name: str | None = None
    caption: str | None = None
    notes: tuple[str, ...] = ()


def make_lines(rows: Iterable[tuple[int, Sequence[str]]], size: TableSize) -> tuple[Line, ...]:
    """Lines of numbered rows of cells, within the limits.

    :raises SourceError: a limit is passed.
    """
    return tuple(make_line(number, row, size) for number, row in rows)


def make_line(number: int, row: Sequence[str], size: TableSize) -> Line:
    """One line; a row without cells has one that is empty, as a blank line of a file has.

    :raises SourceError: a limit is passed.
    """
    cells = tuple(row) or ("",)
    size.add_row(cells, number)
    return Line(number, joined(cells), cells)


def joined(cells: Sequence[str]) -> str:
    r"""The cells as one physical line: parted by tabs, tabs and line ends inside a cell as blanks.

    >>> joined(["a", "b\r\nc", "d\te"])
    'a\tb c\td e'
    """
    text = "\t".join(cells)
    if "\n" not in text and "\r" not in text and not any("\t" in cell for cell in cells):
        return text
    return "\t".join(_BREAK.sub(" ", cell) for cell in cells)


def filled(grid: Grid) -> tuple[Line, ...]:
    """The grid's lines with the text of a spanning cell repeated where it holds.

    In header rows it is repeated to the right (a heading over several columns is part of each one's
    name), below them downwards (a study's name holds for each of its rows). A cell that reaches over
    all columns is a title or a band and is not repeated, nor is a header that is merely tall.
    """
    rows = {line.number: list(line.cells) for line in grid.lines}
    header = {line.number for line in grid.lines[: grid.header_rows]}
    for span in grid.spans:
        text = rows[span.line][span.position - 1]
        if span.columns >= len(rows[span.line]):
            continue
        if span.line in header:
            covered = [(span.line, span.position + step) for step in range(1, span.columns)]
        else:
            covered = [(span.line + step, span.position) for step in range(1, span.rows)]
        for number, position in covered:
            if number in rows and position <= len(rows[number]):
                rows[number][position - 1] = text
    return tuple(Line(number, joined(cells), tuple(cells)) for number, cells in rows.items())


def refuse_duplicate_headers(lines: Sequence[Line], path: Path) -> None:
    """Refuse a header that names two columns alike, capitals and blanks apart: one of them would be lost.

    The header is the first line that fills at least two cells and at least half of the columns, half of
    them with words; a table without such a line passes (a profile may still not know it).

    :raises SourceError: two columns have the same header; both positions are named.
    """
    width = max((len(line.cells) for line in lines), default=0)
    for line in lines:
        found: dict[str, int] = {}
        names = [" ".join(cell.split()).casefold() for cell in line.cells]
        full = sum(1 for name in names if name)
        if 2 * full < max(width, 4) or 2 * sum(1 for name in names if _WORD.search(name)) < full:
            continue
        for position, name in enumerate(names, start=1):
            if name and name in found:
                raise SourceError(
                    f"columns {found[name]} and {position} have the same header",
                    file=path,
                    line=line.number,
                    column=position,
                    value=line.cells[position - 1],
                    remedy="give each column a header of its own",
                )
            found[name] = position
        return
