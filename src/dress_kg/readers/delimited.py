"""Read delimited text: CSV in its dialects (RFC 4180 quoting), and unquoted TSV.

Python's csv module is not used: it does not say where a quotation mark was opened, so that one open
quote swallows the rows after it without a word, and its limit on a cell holds for the whole process.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from dress_kg.errors import CallError, SourceError
from dress_kg.readers.encoding import decode, line_of
from dress_kg.readers.grid import make_line, refuse_duplicate_headers
from dress_kg.readers.limits import TableSize, read_bytes, refuse_options
from dress_kg.records import Line

DELIMITERS = (",", ";", "\t", "|")
_NAMES = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
_SAMPLE = 2**16

# Possessive, or an open quote would be "closed" by the first half of a doubled one.
_QUOTED = re.compile(r'"((?:[^"]++|"")*+)"')
# A blank before the opening quote (`a, "b, c"`); within one line only.
_BLANK_QUOTED = re.compile(r'[ ]+"((?:[^"\r\n]++|"")*+)"[ ]*')
_LINE_END = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True, slots=True)
class _Record:
    """One row, and the (line, column) of its first cell that holds line ends, or None."""

    row: Line
    opened: tuple[int, int] | None


def read_delimited(
    path: Path,
    *,
    sheet: str | None = None,
    table: str | int | None = None,
    encoding: str | None = None,
    delimiter: str | None = None,
) -> tuple[Line, ...]:
    """The rows of a CSV file; `number` is the physical line a row begins on.

    Cells may be quoted (`"a ""b"" c"`, also over several lines). Lines end in LF, CR LF or CR. A first
    line `sep=;` (Excel) names the separator and stays a line of its own.

    :param delimiter: one character; None finds out whether it is comma, semicolon, tab or bar.
    :param encoding: see :func:`dress_kg.readers.encoding.decode`.
    :raises CallError: an option that CSV does not have, or no such encoding or delimiter.
    :raises SourceError: the file is missing, empty, binary or in another encoding; no separator can be
        told; a quote stays open or closes inside a cell; two headers are the same; a limit is passed.
    """
    refuse_options(path, "CSV", sheet=sheet, table=table)
    text = _text(path, encoding)
    if delimiter is None:
        delimiter = _declared(text) or sniff_delimiter(text, path)
    elif len(delimiter) != 1 or delimiter in '"\r\n':
        raise CallError("a delimiter is one character", file=path, value=delimiter, remedy="use , ; tab or |")
    records = tuple(_records(text, delimiter, path))
    _refuse_swallowed(records, delimiter, path)
    lines = tuple(record.row for record in records)
    refuse_duplicate_headers(lines[1:] if _declared(text) else lines, path)
    return lines


def read_tsv(
    path: Path,
    *,
    sheet: str | None = None,
    table: str | int | None = None,
    encoding: str | None = None,
    delimiter: str | None = None,
) -> tuple[Line, ...]:
    """The physical lines of an unquoted file; a quotation mark is a character like any other.

    A TSV whose cells are quoted is a CSV with a tab as its delimiter. Headers are not checked: a table
    that came out of a PDF may repeat them.

    :param delimiter: one character; None is the tab.
    :raises CallError: an option that TSV does not have, or no such encoding or delimiter.
    :raises SourceError: the file is missing, empty, binary or in another encoding, or a limit is passed.
    """
    refuse_options(path, "TSV", sheet=sheet, table=table)
    if delimiter is not None and (len(delimiter) != 1 or delimiter in "\r\n"):
        raise CallError("a delimiter is one character", file=path, value=delimiter, remedy="use a tab")
    text = _text(path, encoding)
    size = TableSize(path)
    return tuple(
        make_line(number, _split(line, delimiter or "\t", number, size), size)
        for number, line in enumerate(_physical_lines(text), start=1)
    )


def _physical_lines(text: str) -> Iterator[str]:
    start = 0
    for end in _LINE_END.finditer(text):
        yield text[start : end.start()]
        start = end.end()
    if start < len(text):
        yield text[start:]


def _split(line: str, delimiter: str, number: int, size: TableSize) -> list[str]:
    size.check_width(line.count(delimiter) + 1, number)  # before a line of tabs becomes a list of cells
    return line.split(delimiter)


def sniff_delimiter(text: str, path: Path) -> str:
    """Which of comma, semicolon, tab and bar parts the cells of a quoted text.

    The one under which most rows have the same number of cells, two or more; among equals the one that
    gives more cells. One under which the quotes do not work out is none.

    :raises SourceError: none of them does, or two do equally well.
    """
    sample = text[:_SAMPLE]
    scores: list[tuple[float, int, str]] = []
    for delimiter in DELIMITERS:
        try:
            rows = list(_records(sample, delimiter, path, whole=len(text) <= _SAMPLE))
        except SourceError:
            continue
        widths = Counter(len(record.row.cells) for record in rows if record.row.text.strip())
        if widths:
            width, count = max(widths.items(), key=lambda item: (item[1], item[0]))
            if width > 1:
                scores.append((count / widths.total(), width, delimiter))
    scores.sort(reverse=True)
    if not scores:
        return _most_frequent(sample, path)
    if len(scores) > 1 and scores[0][:2] == scores[1][:2]:
        both = " and ".join(_NAMES[delimiter] for _, _, delimiter in scores[:2])
        raise SourceError(
            f"{both} part the cells equally well", file=path, line=1, remedy="name the delimiter"
        )
    return scores[0][2]


def _text(path: Path, encoding: str | None) -> str:
    text = decode(read_bytes(path), path, encoding)
    if not text.strip():
        raise SourceError("the file is empty", file=path, remedy="give the file with the table in it")
    return text


def _most_frequent(sample: str, path: Path) -> str:
    """The candidate that stands most often in the first line with any: where quotes are at fault."""
    for part in _LINE_END.split(sample):
        counts = Counter(character for character in part if character in DELIMITERS)
        if counts:
            return counts.most_common(1)[0][0]
    raise SourceError(
        "no line has a comma, semicolon, tab or bar to part its cells",
        file=path,
        line=1,
        value=_LINE_END.split(sample.lstrip(), maxsplit=1)[0],
        remedy="is this a table? if so, name its delimiter",
    )


def _declared(text: str) -> str | None:
    r"""The separator that Excel's first line states.

    >>> _declared("sep=;\r\na;b"), _declared("a;b")
    (';', None)
    """
    match = re.match(r'sep=([^"\r\n])(?:\r\n|\r|\n)', text)
    return match[1] if match else None


def _records(text: str, delimiter: str, path: Path, *, whole: bool = True) -> Iterator[_Record]:
    """The rows of the text; where it is not the whole file the last one, which may be cut, is left out."""
    plain = re.compile(rf"[^{re.escape(delimiter)}\r\n]*+")
    size = TableSize(path)
    at, line, end = 0, 1, len(text)
    if (declared := _declared(text)) and (first_end := _LINE_END.search(text)):
        yield _Record(make_line(1, (f"sep={declared}",), size), None)
        at, line = first_end.end(), 2
    while at < end:
        first, opened = line, None
        cells: list[str] = []
        while True:
            size.check_width(len(cells) + 1, first)
            place = _Place(path, line, len(cells) + 1, size, whole)
            cell, at, breaks = _cell(text, at, plain, delimiter, place)
            if at < 0:
                return
            if breaks and opened is None:
                opened = (line, len(cells) + 1)
            cells.append(cell)
            line += breaks
            if at == end or text[at] != delimiter:
                break
            at += 1
        if at < end:
            at += 2 if text.startswith("\r\n", at) else 1
        elif not whole:
            return
        line += 1
        yield _Record(make_line(first, cells, size), opened)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a cell begins, for what is said of it."""

    file: Path
    line: int
    column: int
    size: TableSize
    whole: bool


def _cell(text: str, at: int, plain: re.Pattern[str], delimiter: str, place: _Place) -> tuple[str, int, int]:
    """A cell, the offset after it (-1: the sample ends inside it) and the line ends within it."""
    quoted = _QUOTED.match(text, at) if text.startswith('"', at) else _BLANK_QUOTED.match(text, at)
    if quoted is not None:
        stop = quoted.end()
        if stop == len(text) or text[stop] in (delimiter, "\r", "\n"):
            place.size.check_cell(stop - at - 2, place.line, place.column, text[at + 1 : at + 61])
            breaks = len(_LINE_END.findall(quoted[1]))
            return quoted[1].replace('""', '"'), stop, breaks
    if text.startswith('"', at):
        if quoted is None and not place.whole:
            return "", -1, 0
        raise _bad_quote(text, at, quoted, place)
    match = plain.match(text, at)
    stop = match.end() if match else at
    place.size.check_cell(stop - at, place.line, place.column, text[at : at + 60])
    return text[at:stop], stop, 0


def _bad_quote(text: str, at: int, quoted: re.Match[str] | None, place: _Place) -> SourceError:
    if quoted is None:
        return SourceError(
            "the quotation mark that opens this cell is never closed",
            file=place.file,
            line=place.line,
            column=place.column,
            value=text[at : at + 60],
            remedy="close it, or double it where the mark belongs to the text",
        )
    stop = quoted.end()
    last = place.line + line_of(quoted[0], len(quoted[0])) - 1
    return SourceError(
        "a quotation mark that is open, or one inside the cell that is not doubled: "
        f"text follows the mark that ends the cell in line {last}",
        file=place.file,
        line=place.line,
        column=place.column,
        value=text[max(at, stop - 30) : stop + 30],
        remedy="close the mark in its own cell, and double the marks that belong to the text",
    )


def _refuse_swallowed(records: tuple[_Record, ...], delimiter: str, path: Path) -> None:
    """Refuse a quoted cell that took whole rows in: it holds a line that parts into a full row.

    Only where its own row has another number of cells than the table, or prose would be suspected.
    """
    widths = Counter(len(record.row.cells) for record in records)
    width = max(widths.items(), key=lambda item: (item[1], item[0]))[0]
    for record in records:
        if record.opened is None or len(record.row.cells) == width:
            continue
        line, column = record.opened
        cell = record.row.cells[column - 1]
        if any(part.count(delimiter) == width - 1 for part in _LINE_END.split(cell)[1:]):
            raise SourceError(
                "a quotation mark that is closed only rows later: the cell holds whole rows",
                file=path,
                line=line,
                column=column,
                value=cell[:60],
                remedy="close it in its own row, or double it where the mark belongs to the text",
            )
