"""Read a worksheet of an XLSX workbook, by openpyxl, after the file was found fit to be read.

Needs the extra `xlsx`. openpyxl is pure Python and streams the sheet, so nothing in a file can abort
the process; what could exhaust it is refused by `archive` and `sheet` first.
"""

from __future__ import annotations

import contextlib
import io
import warnings
import xml.parsers.expat
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, TYPE_CHECKING

from dress_kg.errors import CallError, MissingPartError, SourceError
from dress_kg.readers.archive import check_archive, damaged
from dress_kg.readers.grid import Grid, Span, filled, make_lines, refuse_duplicate_headers
from dress_kg.readers.limits import MAX_FILE_BYTES, TableSize, readable, refuse_options
from dress_kg.readers.sheet import Extent, column_letters, overlong_strings, scan_sheet, sheet_fault
from dress_kg.readers.shown import shown
from dress_kg.readers.xmlstream import feed
from dress_kg.records import Line

if TYPE_CHECKING:
    from openpyxl.reader.excel import ExcelReader
    from openpyxl.worksheet._read_only import ReadOnlyWorksheet

_STRINGS = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
# What openpyxl raises for a workbook that is not as it should be.
_FAULTS = (
    ArithmeticError, AttributeError, EOFError, LookupError, OSError, TypeError, ValueError,
    SyntaxError,  # what lxml and ElementTree say of XML derives from it
    xml.parsers.expat.ExpatError, zipfile.BadZipFile, zlib.error,
)  # fmt: skip


def read_xlsx(
    path: Path,
    *,
    sheet: str | None = None,
    table: str | int | None = None,
    encoding: str | None = None,
    delimiter: str | None = None,
    fill: bool = False,
) -> tuple[Line, ...]:
    """The rows of a worksheet; `number` is the row's number in the sheet.

    :param sheet: its name; None takes the one sheet that holds anything.
    :param fill: repeat the text of merged cells where it holds, see :func:`dress_kg.readers.grid.filled`.
    :raises CallError: an option that XLSX does not have, or no such sheet.
    :raises MissingPartError: openpyxl is not installed.
    :raises SourceError: see :func:`xlsx_grid`.
    """
    refuse_options(path, "XLSX", table=table, encoding=encoding, delimiter=delimiter)
    grid = xlsx_grid(path, sheet=sheet)
    return filled(grid) if fill else grid.lines


def xlsx_grid(path: Path, *, sheet: str | None = None) -> Grid:
    """A worksheet with its merged cells: all rows and columns from A1 to the last with a value.

    Values are the text that the cell shows (:mod:`dress_kg.readers.shown`); hidden rows and columns are
    read like others. The value of merged cells stands in the first, the others are "".

    :raises CallError: no such sheet.
    :raises MissingPartError: openpyxl is not installed.
    :raises SourceError: the file is missing, empty, not a workbook, encrypted or made to exhaust its
        reader; several sheets hold something and none is named; a formula without a stored value; a
        value under merged cells; a lone cell far away; the same header twice; a limit is passed.
    """
    try:
        from openpyxl.reader.excel import ExcelReader
        from openpyxl.styles.stylesheet import apply_stylesheet
        from openpyxl.worksheet._read_only import ReadOnlyWorksheet
    except ImportError as error:
        raise MissingPartError(
            "reading XLSX needs openpyxl", file=path, remedy="pip install 'dress-kg[xlsx]'"
        ) from error
    with _opened(path) as stream, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        # The one warning after which a value is wrong: a number that is no date in a date's format.
        warnings.filterwarnings("error", message="Cell .* is marked as a date")
        check_archive(stream, path)
        try:
            reader = ExcelReader(stream, read_only=True, data_only=True, keep_links=False)
            reader.read_manifest()
            reader.read_workbook()
            overlong = _overlong(reader, path)
            parts = _sheet_parts(reader)
        except _FAULTS as error:
            raise damaged(path, error) from error
        with reader.archive:
            name = _chosen(reader, parts, sheet, path)
            with reader.archive.open(parts[name]) as part:
                extent = scan_sheet(part, path, name, overlong)
            if extent.rows == 0:
                raise sheet_fault(path, name, "the sheet is empty", remedy="choose the sheet with the table")
            try:
                # Not read(): it would also parse the other sheets, and fail where one of them is damaged.
                reader.read_strings()
                with contextlib.redirect_stdout(io.StringIO()):  # it prints what it thinks of some styles
                    apply_stylesheet(reader.archive, reader.wb)
                worksheet = ReadOnlyWorksheet(reader.wb, name, parts[name], reader.shared_strings)
            except _FAULTS as error:
                raise damaged(path, error) from error
            return _grid(worksheet, name, extent, path)


def _opened(path: Path) -> IO[bytes]:
    with readable(path):
        stream = path.open("rb")
    if not stream.seekable() or stream.seek(0, 2) > MAX_FILE_BYTES:
        stream.close()
        raise SourceError(
            f"the file is no regular one or has more than {MAX_FILE_BYTES:,} bytes",
            file=path,
            remedy="save only the sheet with the table",
        )
    return stream


def _overlong(reader: ExcelReader, path: Path) -> dict[int, int]:
    strings = reader.package.find(_STRINGS)  # type: ignore[no-untyped-call]
    if strings is None:
        return {}
    with reader.archive.open(strings.PartName[1:]) as part:
        return overlong_strings(part, path)


def _sheet_parts(reader: ExcelReader) -> dict[str, str]:
    """The worksheets' names and their parts in the archive, in the workbook's order; no chart sheets."""
    return {
        sheet.name: relation.target
        for sheet, relation in reader.parser.find_sheets()
        if "chartsheet" not in relation.Type and relation.target in reader.valid_files
    }


def _chosen(reader: ExcelReader, parts: dict[str, str], sheet: str | None, path: Path) -> str:
    if not parts:
        raise SourceError("the workbook has no worksheet", file=path, remedy="give the file with the table")
    listed = ", ".join(repr(name) for name in parts)
    if sheet is not None:
        if sheet not in parts:
            raise CallError("no such sheet", file=path, value=sheet, remedy=f"the sheets are {listed}")
        return sheet
    used = [name for name, part in parts.items() if len(parts) == 1 or _holds_cells(reader, part, path)]
    if len(used) > 1:
        raise SourceError(
            f"{len(used)} sheets hold something and none is named",
            file=path,
            remedy=f"name the sheet; they are {', '.join(repr(name) for name in used)}",
        )
    return used[0] if used else next(iter(parts))


def _holds_cells(reader: ExcelReader, part: str, path: Path) -> bool:
    """Whether a sheet has a value or a formula; scanned no further than the first."""

    class _FoundError(Exception):
        pass

    def start(name: str, attributes: object) -> None:
        if name.rpartition(" ")[2] in ("v", "is", "f"):
            raise _FoundError

    parser = xml.parsers.expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = start
    with reader.archive.open(part) as stream:
        try:
            feed(parser, stream, path, part)
        except (_FoundError, xml.parsers.expat.ExpatError):
            return True
    return False


def _grid(worksheet: ReadOnlyWorksheet, name: str, extent: Extent, path: Path) -> Grid:
    size = TableSize(path)
    lines = make_lines(_rows(worksheet, name, extent, path), size)
    spans = tuple(
        Span(row, column, min(rows, extent.rows - row + 1), min(columns, extent.columns - column + 1))
        for row, column, rows, columns in extent.merges
        if row <= extent.rows and column <= extent.columns
    )
    _refuse_covered(lines, spans, path, name)
    refuse_duplicate_headers(lines, path)
    return Grid(lines, spans, _header_rows(lines, spans), name=name)


def _rows(
    worksheet: ReadOnlyWorksheet, name: str, extent: Extent, path: Path
) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Every row from the first to the last with a value, each as wide as the table."""
    worksheet.reset_dimensions()  # what the file claims of its size is not to be trusted
    rows = worksheet.iter_rows(max_row=extent.rows, max_col=extent.columns)  # type: ignore[misc]  # stubs
    number = 0
    try:
        for number, row in enumerate(rows, start=1):
            yield number, tuple(shown(cell.value, cell.number_format) for cell in row)
    except UserWarning as warning:
        raise sheet_fault(
            path, name, str(warning), remedy="give the cell the format of a number or of text"
        ) from warning
    except _FAULTS as error:
        raise sheet_fault(
            path, name, f"row {number + 1} cannot be read ({type(error).__name__}: {error})"
        ) from error


def _refuse_covered(lines: tuple[Line, ...], spans: tuple[Span, ...], path: Path, name: str) -> None:
    """Refuse a value that merged cells hide: nobody saw it when the table was checked by eye."""
    for span in spans:
        for line in lines[span.line - 1 : span.line - 1 + span.rows]:
            for position in range(span.position, span.position + span.columns):
                first = (line.number, position) == (span.line, span.position)
                if not first and line.cells[position - 1]:
                    raise sheet_fault(
                        path,
                        name,
                        "a value hidden under merged cells",
                        f"{column_letters(position)}{line.number}",
                        value=line.cells[position - 1],
                        remedy="unmerge the cells and decide which value holds",
                    )


def _header_rows(lines: tuple[Line, ...], spans: tuple[Span, ...]) -> int:
    """The rows of a header that merged cells show to be one: from the first row with two values or more,
    where a heading there reaches over several columns, to the lowest row that its cells reach and the
    row of names below the headings. 0 where no cells of that row are merged across.
    """
    top = next((line.number for line in lines if sum(1 for cell in line.cells if cell) > 1), 0)
    first = [span for span in spans if span.line == top]
    if not any(span.columns > 1 for span in first):
        return 0
    return max(top + 1, *(span.line + span.rows - 1 for span in first))
