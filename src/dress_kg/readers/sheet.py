"""The structure of one worksheet, scanned as a stream before its values are read.

The library that reads the values does not say that a formula has no stored value, trusts the addresses
and extents a file claims, and builds every cell whole. What it must not meet is refused here.
"""

from __future__ import annotations

import re
import xml.parsers.expat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from dress_kg.errors import SourceError
from dress_kg.readers.limits import MAX_CELL_CHARS, MAX_CELLS, MAX_COLUMNS
from dress_kg.readers.xmlstream import feed

MAX_GAP_ROWS = 1_000
MAX_GAP_COLUMNS = 100
"""A cell farther than that from all before it does not belong to the table."""

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_ADDRESS = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})")
_RANGE = re.compile(r"([A-Z]{1,3}[1-9][0-9]{0,6})(?::([A-Z]{1,3}[1-9][0-9]{0,6}))?")
_MAX_MERGES = 100_000


@dataclass(frozen=True, slots=True)
class Extent:
    """What a sheet holds.

    :ivar rows: the last row with a value; :ivar columns: the last column with one; 0 for an empty sheet.
    :ivar merges: merged ranges as (row, column, rows, columns), in reading order.
    """

    rows: int
    columns: int
    merges: tuple[tuple[int, int, int, int], ...]


@dataclass(slots=True)
class _Open:
    """The cell being read."""

    address: str
    row: int
    column: int
    type: str
    formula: str | None = None
    has_value: bool = False
    length: int = 0
    text: str = ""


@dataclass(slots=True)
class _Scan:
    path: Path
    sheet: str
    overlong: Mapping[int, int]
    row: int = 0
    column: int = 0
    last_filled: int = 0
    cell: _Open | None = None
    inside: list[str] = field(default_factory=list)
    columns: dict[int, str] = field(default_factory=dict)
    widest: int = 0
    merges: list[tuple[int, int, int, int]] = field(default_factory=list)

    def start(self, name: str, attributes: dict[str, str]) -> None:
        namespace, _, tag = name.rpartition(" ")
        if not self.inside and (tag != "worksheet" or namespace != _MAIN):
            raise self._fault(
                f"the sheet is not in the usual XLSX form (its root is {name})",
                remedy="save it as “Excel Workbook (.xlsx)”, not as “Strict Open XML”",
            )
        self.inside.append(tag)
        if tag == "row":
            self._start_row(attributes.get("r"))
        elif tag == "c":
            self._start_cell(attributes)
        elif tag == "mergeCell":
            self._merge(attributes.get("ref", ""))
        elif self.cell is not None and tag == "f":
            self.cell.formula = ""
        elif self.cell is not None and tag == "v":
            self.cell.has_value = True

    def text(self, text: str) -> None:
        cell = self.cell
        if cell is None:
            return
        if self.inside[-1] == "f":
            cell.formula = (cell.formula or "")[:100] + text[:100]
        elif self.inside[-1] in ("v", "t"):
            cell.length += len(text)
            if len(cell.text) < 60:
                cell.text += text[:60]

    def end(self, name: str) -> None:
        self.inside.pop()
        if name.endswith(" c") and self.cell is not None:
            self._end_cell(self.cell)
            self.cell = None

    def extent(self) -> Extent:
        used = sorted(self.columns)
        for before, column in zip([0, *used], used, strict=False):
            if column - before > MAX_GAP_COLUMNS:
                raise self._far(self.columns[column])
        return Extent(self.last_filled, used[-1] if used else 0, tuple(sorted(self.merges)))

    def _start_row(self, number: str | None) -> None:
        row = self.row + 1 if number is None else int(number) if re.fullmatch(r"[0-9]{1,7}", number) else 0
        if row <= self.row:
            raise self._fault(f"row {number!r} after row {self.row}: the rows are not in order")
        self.row, self.column = row, 0

    def _start_cell(self, attributes: dict[str, str]) -> None:
        address = attributes.get("r") or f"{column_letters(self.column + 1)}{self.row}"
        match = _ADDRESS.fullmatch(address)
        if match is None or int(match[2]) != self.row:
            raise self._fault("a cell with an address that does not fit its row", address)
        column = column_number(match[1])
        if column <= self.column:
            raise self._fault("the cells of a row are not in order", address)
        self.column = column
        self.cell = _Open(address, self.row, column, attributes.get("t", "n"))

    def _end_cell(self, cell: _Open) -> None:
        cached = cell.length > 0 or (cell.type == "str" and cell.has_value)
        if cell.formula is not None and not cached:
            raise self._fault(
                "a formula without a stored value",
                cell.address,
                value=f"={cell.formula[:100]}",
                remedy="open the file in a spreadsheet program and save it, or paste the values",
            )
        length = cell.length
        if cell.type == "s" and length:
            if not re.fullmatch(r"[0-9]{1,9}", cell.text):
                raise self._fault("no number of a shared text", cell.address, value=cell.text)
            length = self.overlong.get(int(cell.text), 0)
        if length > MAX_CELL_CHARS:
            raise self._fault(
                f"a cell of {length:,} characters; at most {MAX_CELL_CHARS:,} are read", cell.address
            )
        if cell.length == 0:
            return
        if cell.row - self.last_filled > MAX_GAP_ROWS or cell.column > MAX_COLUMNS:
            raise self._far(cell.address)
        self.last_filled = cell.row
        self.columns.setdefault(cell.column, cell.address)
        self.widest = max(self.widest, cell.column)
        if self.last_filled * self.widest > MAX_CELLS:
            raise self._fault(f"a table of more than {MAX_CELLS:,} cells", cell.address)

    def _merge(self, text: str) -> None:
        match = _RANGE.fullmatch(text)
        if match is None or len(self.merges) >= _MAX_MERGES:
            raise self._fault("merged cells that make no sense", text or None)
        (top, left), (bottom, right) = position(match[1]), position(match[2] or match[1])
        self.merges.append((top, left, bottom - top + 1, right - left + 1))

    def _far(self, address: str) -> SourceError:
        return self._fault(
            "a lone cell far from the table",
            address,
            remedy="empty the cell (delete its row and column) and save the workbook",
        )

    def _fault(
        self,
        message: str,
        address: str | None = None,
        *,
        value: str | None = None,
        remedy: str | None = "repair the sheet in a spreadsheet program and save it",
    ) -> SourceError:
        return sheet_fault(self.path, self.sheet, message, address, value=value, remedy=remedy)


def sheet_fault(
    path: Path,
    sheet: str,
    message: str,
    address: str | None = None,
    *,
    value: str | None = None,
    remedy: str | None = None,
) -> SourceError:
    """An error that names the sheet, and the cell by its address ("B7") where there is one."""
    match = None if address is None else _ADDRESS.fullmatch(address)
    where = f"sheet {sheet!r}" + (f", cell {address}" if address else "")
    return SourceError(
        f"{where}: {message}",
        file=path,
        line=int(match[2]) if match else None,
        column=match[1] if match else None,
        value=value,
        remedy=remedy,
    )


def scan_sheet(stream: IO[bytes], path: Path, sheet: str, overlong: Mapping[int, int]) -> Extent:
    """The extent and merged ranges of a worksheet, every cell of which is fit to be read.

    :param overlong: the lengths of shared strings that are too long for a cell, by their number.
    :raises SourceError: a formula without a stored value, a cell too long or far from all others,
        addresses out of order, too many cells, or XML that is at fault; sheet and cell are named.
    """
    scan = _Scan(path, sheet, overlong)
    parser = xml.parsers.expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = scan.start
    parser.EndElementHandler = scan.end
    parser.CharacterDataHandler = scan.text
    try:
        feed(parser, stream, path, f"sheet {sheet!r}")
    except xml.parsers.expat.ExpatError as error:
        raise sheet_fault(path, sheet, f"damaged XML ({error})", remedy="save the workbook anew") from error
    return scan.extent()


def overlong_strings(stream: IO[bytes], path: Path) -> dict[int, int]:
    """The shared strings that are too long for a cell: their number (from 0) and their length.

    :raises SourceError: see :func:`dress_kg.readers.xmlstream.feed`.
    :raises xml.parsers.expat.ExpatError: the XML is at fault.
    """
    found: dict[int, int] = {}
    count, length, in_text = -1, 0, False

    def start(name: str, attributes: object) -> None:
        nonlocal count, length, in_text
        if name.endswith(" si"):
            count, length = count + 1, 0
        in_text = name.endswith(" t")

    def text(text: str) -> None:
        nonlocal length
        length += len(text) if in_text else 0

    def end(name: str) -> None:
        nonlocal in_text
        in_text = False
        if name.endswith(" si") and length > MAX_CELL_CHARS:
            found[count] = length

    parser = xml.parsers.expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler = text
    feed(parser, stream, path, "shared strings")
    return found


def position(address: str) -> tuple[int, int]:
    """Row and column of a cell, from 1.

    >>> position("AB7")
    (7, 28)
    """
    match = _ADDRESS.fullmatch(address)
    if match is None:
        raise ValueError(f"no cell address: {address!r}")
    return int(match[2]), column_number(match[1])


def column_number(letters: str) -> int:
    """The number of a column, from 1.

    >>> column_number("A"), column_number("XFD")
    (1, 16384)
    """
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def column_letters(number: int) -> str:
    """The letters of a column.

    >>> column_letters(28)
    'AB'
    """
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
