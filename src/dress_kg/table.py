"""Read a source table into lines of cells, untouched: one function per file format.

A reader gives :class:`~dress_kg.records.Line` values and nothing else; repair and everything after it
do not know which format the file had. What can be said of any format (a header, no row too wide) is
checked here, in :func:`read_lines`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from dress_kg.errors import SourceError
from dress_kg.header import Header, find_header
from dress_kg.profile import Profile
from dress_kg.records import Line

# Not str.splitlines(): it also breaks at U+2028, form feeds and others that stand inside cells.
_LINE_END = re.compile(r"\r\n|\r|\n")
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_WORD = re.compile(r"[^\W\d_]{3,}")


def read_lines(path: Path | str, profile: Profile) -> tuple[Line, ...]:
    """The physical lines of a source file, ascending, in the profile's format.

    :raises SourceError: the file is missing, a folder, unreadable, empty, binary or not UTF-8; it has no
        recognisable header, a column the profile does not know, or a row with too many cells.
    """
    path = Path(path)
    lines = _READERS[profile.format](path)
    check_shape(lines, profile, str(path))
    return lines


def read_tsv(path: Path) -> tuple[Line, ...]:
    """The lines of an unquoted, tab-separated file in UTF-8 (with or without byte order mark).

    A quotation mark is a character like any other. Lines end in LF, CR LF or CR.

    :raises SourceError: the file is missing, a folder, unreadable, empty, binary or not UTF-8.
    """
    text = _decoded(path, _bytes(path))
    if not text.strip():
        raise SourceError("the file is empty", file=path, remedy="give the file with the table in it")
    parts = _LINE_END.split(text)
    if parts[-1] == "":
        parts.pop()
    return tuple(Line(number, part, tuple(part.split("\t"))) for number, part in enumerate(parts, start=1))


def check_shape(lines: Sequence[Line], profile: Profile, file: str) -> Header:
    """The header of the lines, after checking that no row is wider than it.

    :raises SourceError: no recognisable header, an unknown column, a row with too many cells.
    """
    header = find_header(lines, profile, file)
    labelled = {entry.position for entry in header.columns}
    for line in lines:
        for position, cell in enumerate(line.cells, start=1):
            if not cell.strip() or position in labelled:
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
    return header


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise SourceError("there is no such file", file=path, remedy="check the path") from error
    except IsADirectoryError as error:
        raise SourceError("this is a folder, not a file", file=path, remedy="give the file itself") from error
    except OSError as error:
        raise SourceError(f"the file cannot be read ({error.strerror})", file=path) from error


def _decoded(path: Path, data: bytes) -> str:
    remedy = "save the table as tab-separated text in UTF-8"
    if data.startswith(_UTF16):
        raise SourceError("the file is UTF-16, not UTF-8", file=path, line=1, remedy=remedy)
    if (nul := data.find(b"\0")) >= 0:
        line = _line_at(data, nul)
        raise SourceError(f"a binary file (a NUL at byte {nul + 1})", file=path, line=line, remedy=remedy)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        # The codec counts from after the mark where there is one.
        at = error.start + (3 if data.startswith(b"\xef\xbb\xbf") else 0)
        raise SourceError(
            f"not UTF-8 (byte {at + 1} of the file is 0x{data[at]:02x})",
            file=path,
            line=_line_at(data, at),
            value=data[max(0, at - 20) : at + 20].decode("latin-1"),
            remedy=remedy,
        ) from error


def _line_at(data: bytes, offset: int) -> int:
    return len(re.findall(rb"\r\n|\r|\n", data[:offset])) + 1


_READERS: Mapping[str, Callable[[Path], tuple[Line, ...]]] = {"tsv": read_tsv}
