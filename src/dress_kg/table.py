"""Read a source table by its profile: the reader of its format, then what can be said of any format.

A reader gives :class:`~dress_kg.records.Line` values and nothing else; repair and everything after it
do not know which format the file had.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import chain, islice
from pathlib import Path

from dress_kg.errors import SourceError
from dress_kg.header import SEARCHED, Header, find_header
from dress_kg.profile import Profile
from dress_kg.readers import format_of, read_file, stream_tsv
from dress_kg.records import Line

_WORD = re.compile(r"[^\W\d_]{3,}")


def read_lines(path: Path | str, profile: Profile) -> tuple[Line, ...]:
    """The physical lines of a source file, ascending.

    The profile's format and reader options hold for a file with the suffix of the one it names; another
    one is read as what it is (the same table saved as a workbook).

    :raises MissingPartError: the format needs a part that is not installed.
    :raises SourceError: the file cannot be read as a table, see :func:`dress_kg.readers.read_file`; it has
        no recognisable header, or a row with too many cells.
    """
    path, reading = Path(path), profile.reading
    if _as_described(path, profile):
        lines = read_file(
            path,
            profile.format,
            sheet=reading.sheet,
            table=reading.table,
            encoding=reading.encoding,
            delimiter=reading.delimiter,
            fill=True,
        )
    else:
        lines = read_file(path, format_of(path), fill=True)
    check_shape(lines, profile, str(path))
    return lines


def stream_lines(path: Path, profile: Profile) -> tuple[Header, Iterator[Line]] | None:
    """The header and the lines of a source file as they are read, or None where the format needs all of it.

    Unquoted text (TSV) in UTF-8 can be read as a stream; the result is that of :func:`read_lines`.

    :raises SourceError: as :func:`read_lines`; faults further down when the lines are read.
    """
    reading = profile.reading
    form = profile.format if _as_described(path, profile) else format_of(path)
    if form != "tsv" or reading.encoding is not None:
        return None
    lines = stream_tsv(path, delimiter=reading.delimiter if _as_described(path, profile) else None)
    if lines is None:
        return None
    first = tuple(islice(lines, SEARCHED))
    header = find_header(first, profile, str(path))
    return header, _checked(chain(first, lines), header, str(path))


def _as_described(path: Path, profile: Profile) -> bool:
    return path.suffix.lower() == Path(profile.file).suffix.lower() or not path.exists()


def _checked(lines: Iterator[Line], header: Header, file: str) -> Iterator[Line]:
    labelled = frozenset(entry.position for entry in header.columns)
    for line in lines:
        _check_line(line, header, labelled, file)
        yield line


def check_shape(lines: Sequence[Line], profile: Profile, file: str) -> Header:
    """The header of the lines, after checking that no row is wider than it.

    :raises SourceError: no recognisable header, a row with too many cells.
    """
    header = find_header(lines, profile, file)
    labelled = frozenset(entry.position for entry in header.columns)
    for line in lines:
        _check_line(line, header, labelled, file)
    return header


def _check_line(line: Line, header: Header, labelled: frozenset[int], file: str) -> None:
    if len(line.cells) == header.width == len(labelled):
        return
    for position, cell in enumerate(line.cells, start=1):
        if position in labelled or not cell.strip():
            continue
        if position > header.width:
            raise SourceError(
                f"a row with too many cells: {len(line.cells)}, the header has {header.width}",
                file=file,
                line=line.number,
                column=position,
                value=cell,
                remedy="remove the tab that cuts a cell of this line in two",
            )
        if _WORD.search(cell):
            raise SourceError(
                "text in a column without a header",
                file=file,
                line=line.number,
                column=position,
                value=cell,
                remedy="give the column a header, or remove the tab that moved the text there",
            )
