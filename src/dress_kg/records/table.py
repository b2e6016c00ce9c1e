"""Lines, cells and rows: what `table` and `repair` make of a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class LineKind(StrEnum):
    """The class of a physical line; each line of a file has exactly one."""

    ROW = "row"
    HEADER = "header"
    SECTION = "section"
    FOOTER = "footer"
    FOOTNOTE = "footnote"
    NOISE = "noise"
    BLANK = "blank"


@dataclass(frozen=True, slots=True)
class Line:
    """One physical line of the file.

    :ivar number: 1-based.
    :ivar text: the line as read, without its line end.
    :ivar cells: the raw cells, untouched.
    """

    number: int
    text: str
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RawCell:
    """A cell of one physical line, untouched.

    :ivar line: 1-based physical line.
    :ivar position: 1-based position of the column in the file.
    """

    line: int
    position: int
    text: str


@dataclass(frozen=True, slots=True)
class Fragment:
    """`cell.text[start:end]` was read from `raw_cell.text[raw_start:raw_end]` on that line.

    The two stretches have the same length and the same characters. Characters of a repaired cell
    that no fragment covers were put there by a repair (a joining space).
    """

    start: int
    end: int
    line: int
    position: int
    raw_start: int
    raw_end: int


@dataclass(frozen=True, slots=True)
class Repair:
    """One change made to get from lines to a row; reversible: `before` stays known.

    :ivar field: the column's field name (`drug`, `dose`, …) or None when it concerns whole lines.
    :ivar line: the physical line the repair acted on (the first one where it joins several).
    :ivar before: the text before; :ivar after: the text after ("" where text was set aside).
    :ivar rule: the rule's name (`join-continuation`, `set-aside-noise`, `mend-word`, …).
    """

    field: str | None
    line: int
    before: str
    after: str
    rule: str


@dataclass(frozen=True, slots=True)
class Cell:
    """A row's text in one column after repair.

    :ivar field: the profile's name for the column (`drug`, `dose`, `comments`, …).
    :ivar column: the header as printed.
    :ivar text: after all repairs; may be "" (an empty printed cell is a fact, not an absence).
    :ivar joined: after joining lines and setting noise aside, before words are mended.
    :ivar fragments: where each stretch of `text` stands in the file.
    :ivar raw: the raw cells it was made of, in order.
    """

    field: str
    column: str
    text: str
    joined: str
    fragments: tuple[Fragment, ...]
    raw: tuple[RawCell, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """One logical row of the table.

    :ivar ordinal: 1-based among the rows of its table.
    :ivar lines: the physical lines that make it, ascending.
    :ivar section: the section band above it, as the profile names it, or None.
    :ivar cells: by field name; every column of the table is there.
    """

    ordinal: int
    lines: tuple[int, ...]
    section: str | None
    cells: Mapping[str, Cell]
    repairs: tuple[Repair, ...] = ()
    noise: tuple[RawCell, ...] = ()


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """What became of one physical line, and why.

    :ivar row: the ordinal of the row it belongs to, or None.
    """

    line: int
    kind: LineKind
    reason: str
    row: int | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """A source table after repair.

    :ivar source: the profile's name (`dress`).
    :ivar file: the file read, as given.
    :ivar columns: (field, header as printed) in file order.
    :ivar ledger: one entry per physical line, ascending: it adds up or the build fails.
    """

    source: str
    file: str
    columns: tuple[tuple[str, str], ...]
    rows: tuple[Row, ...]
    ledger: tuple[LedgerEntry, ...]
    lines: tuple[Line, ...]
