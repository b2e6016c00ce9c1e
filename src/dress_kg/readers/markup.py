"""What HTML and JATS tables share: the text of a cell, spans laid out on a grid, choosing one table.

Spans follow the table model of the HTML standard (WHATWG, 4.9.12, "forming a table"), which JATS
shares: a cell that reaches down keeps its columns in the rows below.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from dress_kg.errors import CallError, SourceError
from dress_kg.readers.grid import Grid, Span, make_lines
from dress_kg.readers.limits import MAX_CELLS, MAX_COLUMNS, TableSize

if TYPE_CHECKING:
    from lxml import etree

# The HTML standard's limits on the attributes.
_MAX_COLSPAN = 1_000
_MAX_ROWSPAN = 65_534

_BLANKS = re.compile(r"[ \t\n\r\f]+")
_SUPERSCRIPTS = str.maketrans("0123456789+-−–", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁻")
_SUBSCRIPTS = str.maketrans("0123456789+-−–", "₀₁₂₃₄₅₆₇₈₉₊₋₋₋")
_FUSES_AHEAD = re.compile(r"[0-9+\-−–]")


@dataclass(frozen=True, slots=True)
class MarkupCell:
    """A cell as written: its text, how far it reaches (rows 0: to the end of its group), if it is `th`."""

    text: str
    rows: int = 1
    columns: int = 1
    header: bool = False


@dataclass(frozen=True, slots=True)
class FoundTable:
    """A table of a file before it is read.

    :ivar names: its id and its label, by which it can be asked for; :ivar caption: for lists of tables.
    """

    ordinal: int
    element: etree._Element
    names: tuple[str, ...]
    caption: str | None
    notes: tuple[str, ...] = ()


def local_name(element: etree._Element) -> str:
    """The tag without its namespace, in small letters; "" for a comment or processing instruction."""
    tag = element.tag
    return tag.rpartition("}")[2].lower() if isinstance(tag, str) else ""


def text_of(
    element: etree._Element,
    *,
    blocks: frozenset[str],
    skipped: Callable[[etree._Element], bool],
    entity: Callable[[etree._Element], str],
) -> str:
    """The text that an element shows: markup gone, runs of white space one blank, none at the ends.

    Block elements and line breaks are parted by a blank. Superscripts are kept as text ("mg/m2"); only
    where their figures would run into other figures do they become superscript characters, so that
    10<sup>9</sup> is "10⁹" and not 109.

    :param blocks: names of elements that stand apart; :param skipped: elements that show nothing;
    :param entity: the text of an entity reference that the parser left alone.
    """
    parts: list[str] = []
    _collect(element, parts, blocks, skipped, entity)
    return _BLANKS.sub(" ", "".join(parts)).strip(" ")


def _collect(
    element: etree._Element,
    parts: list[str],
    blocks: frozenset[str],
    skipped: Callable[[etree._Element], bool],
    entity: Callable[[etree._Element], str],
) -> None:
    """Append the pieces of text of an element, without recursion: depth is the file's choice."""
    # What is still to do: an element, text to append, or (start, following text, table) of a script to raise.
    todo: list[etree._Element | str | tuple[int, str, dict[int, int]]] = []
    todo.extend([*_contents(element)][::-1])
    while todo:
        item = todo.pop()
        if isinstance(item, str):
            parts.append(item)
        elif isinstance(item, tuple):
            _raise(parts, *item)
        else:
            name = local_name(item)
            tail = item.tail or ""
            todo.append(tail)
            if not name:
                # A comment shows nothing; an entity the parser did not know is an element without a name.
                parts.append(entity(item))
            elif not skipped(item):
                if name in ("sup", "sub"):
                    todo.append((len(parts), tail, _SUPERSCRIPTS if name == "sup" else _SUBSCRIPTS))
                elif name in blocks:
                    parts.append(" ")
                    todo.append(" ")
                todo.extend(list(_contents(item))[::-1])


def _contents(element: etree._Element) -> Iterator[etree._Element | str]:
    if element.text:
        yield element.text
    yield from element


def _raise(parts: list[str], start: int, following: str, table: dict[int, int]) -> None:
    """Make the script that begins at `parts[start]` of script characters where figures would fuse."""
    script = "".join(parts[start:]).strip()
    before = next((part for part in reversed(parts[:start]) if part), "")[-1:]
    fuses = before.isdigit() and _FUSES_AHEAD.match(script)
    if fuses or (script[-1:].isdigit() and following[:1].isdigit()):
        parts[start:] = [script.translate(table)]


def span_number(text: str | None, *, down: bool) -> int:
    """A rowspan or colspan attribute as the HTML standard reads it: 1 where it makes no sense.

    >>> span_number("2", down=False), span_number("all", down=True), span_number("99999", down=False)
    (2, 1, 1000)
    """
    match = re.match(r"[ \t\n\r\f]*\+?([0-9]{1,9})", text or "")
    if match is None:
        return 1
    number = int(match[1])
    if down:
        return min(number, _MAX_ROWSPAN)
    return min(number, _MAX_COLSPAN) or 1


def row_cells(row: etree._Element, shown: Callable[[etree._Element], str]) -> list[MarkupCell]:
    """The cells of a `tr`. :param shown: the text that a cell shows."""
    return [
        MarkupCell(
            shown(cell),
            span_number(cell.get("rowspan"), down=True),
            span_number(cell.get("colspan"), down=False),
            local_name(cell) == "th",
        )
        for cell in row
        if local_name(cell) in ("td", "th")
    ]


def lay_out(
    groups: Sequence[Sequence[Sequence[MarkupCell]]], path: Path
) -> tuple[list[list[str]], list[Span]]:
    """The rows of text and the spans of a table given as groups (head, body, foot) of rows of cells.

    A row is as long as its last cell or the last one that reaches into it; columns in which no cell
    begins do not count (a band may claim 100 columns of a table of eight).

    :raises SourceError: more than MAX_COLUMNS columns or MAX_CELLS cells.
    """
    rows: list[list[str]] = []
    spans: list[Span] = []
    width = taken = 0
    for group in groups:
        reaching: dict[int, int] = {}  # column from 0 -> how many more rows a cell above keeps it for
        for index, cells in enumerate(group):
            row: list[str] = []
            below: dict[int, int] = {column: left - 1 for column, left in reaching.items() if left > 1}
            for cell in cells:
                while len(row) in reaching:
                    row.append("")
                down = min(cell.rows or len(group), len(group) - index)
                spans += _span(len(rows) + 1, len(row) + 1, down, cell.columns)
                if down > 1:
                    below |= dict.fromkeys(range(len(row), len(row) + cell.columns), down - 1)
                width = max(width, len(row) + 1)
                row += [cell.text] + [""] * (cell.columns - 1)
                if width > MAX_COLUMNS:
                    raise SourceError(
                        f"a table of more than {MAX_COLUMNS:,} columns", file=path, line=len(rows) + 1
                    )
            row += [""] * (max(reaching, default=-1) + 1 - len(row))
            rows.append(row)
            taken += len(row)
            if taken > MAX_CELLS:
                raise SourceError(f"a table of more than {MAX_CELLS:,} cells", file=path, line=len(rows))
            reaching = below
    clipped = [
        Span(span.line, span.position, span.rows, min(span.columns, width - span.position + 1))
        for span in spans
    ]
    return [row[:width] for row in rows], [span for span in clipped if span.rows > 1 or span.columns > 1]


def _span(line: int, position: int, rows: int, columns: int) -> list[Span]:
    return [Span(line, position, rows, columns)] if rows > 1 or columns > 1 else []


def make_grid(
    found: FoundTable, groups: Sequence[Sequence[Sequence[MarkupCell]]], header_rows: int, path: Path
) -> Grid:
    """The grid of a chosen table.

    :raises SourceError: the table has no cells, or a limit is passed.
    """
    rows, spans = lay_out(groups, path)
    if not any(cell for row in rows for cell in row):
        raise SourceError(
            "the table has no text in it",
            file=path,
            value=describe(found),
            remedy="is it a picture? choose another table",
        )
    lines = make_lines(enumerate(rows, start=1), TableSize(path))
    name = found.names[0] if found.names else None
    return Grid(lines, tuple(spans), header_rows, name, found.caption, found.notes)


def choose(tables: Sequence[FoundTable], wanted: str | int | None, path: Path) -> FoundTable:
    """The one table of a file, or the one asked for by its id, label or 1-based ordinal.

    :raises CallError: there is no such table, or several have the name.
    :raises SourceError: there is no table, or several and none is asked for; they are listed.
    """
    if not tables:
        raise SourceError("there is no table in the file", file=path, remedy="give the file with the table")
    listed = "; ".join(describe(table) for table in tables[:20]) + ("; …" if len(tables) > 20 else "")
    if wanted is None:
        if len(tables) > 1:
            raise SourceError(
                f"{len(tables)} tables and none is named", file=path, remedy=f"name one: {listed}"
            )
        return tables[0]
    text = _normal(str(wanted))
    named = [table for table in tables if text in map(_normal, table.names)]
    if not named and text.isdecimal():
        named = [table for table in tables if table.ordinal == int(text)]
    if len(named) != 1:
        message = "several tables have this name" if named else "no such table"
        raise CallError(message, file=path, value=str(wanted), remedy=f"the tables are {listed}")
    return named[0]


def describe(table: FoundTable) -> str:
    """A table in a list of tables: `2 (T2, "Doses")`."""
    caption = [f'"{table.caption[:60]}"'] if table.caption else []
    inner = ", ".join([*table.names, *caption])
    return f"{table.ordinal} ({inner})" if inner else str(table.ordinal)


def _normal(name: str) -> str:
    return " ".join(name.split()).casefold().rstrip(".:")
