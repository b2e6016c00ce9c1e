"""Read unquoted text line by line: a long table need not fit into memory.

The lines are those of :func:`dress_kg.readers.delimited.read_tsv`, and so are the errors: what is not plain
UTF-8 is left to it.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from dress_kg.errors import CallError, SourceError
from dress_kg.readers.delimited import read_tsv
from dress_kg.readers.grid import make_line
from dress_kg.readers.limits import MAX_CELL_CHARS, TableSize
from dress_kg.records import Line

CHUNK = 2**20
_OTHER_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_BE)
_LINE_END = re.compile(r"\r\n|\r|\n")


def stream_tsv(path: Path, *, delimiter: str | None = None) -> Iterator[Line] | None:
    """The physical lines of an unquoted file in UTF-8 as they are read; None where it has to be held whole.

    That is where the file says that it is in another encoding. No limit holds but those of a row and a cell.

    :param delimiter: one character; None is the tab.
    :raises CallError: no such delimiter.
    :raises SourceError: the file is missing, empty, binary or in another encoding, or a limit is passed.
    """
    if delimiter is not None and (len(delimiter) != 1 or delimiter in "\r\n"):
        raise CallError("a delimiter is one character", file=path, value=delimiter, remedy="use a tab")
    try:
        with path.open("rb") as stream:
            start = stream.read(CHUNK)
    except OSError:
        read_tsv(path)  # says what is wrong
        raise
    if start.startswith(_OTHER_MARKS):
        return None
    if not start.strip():
        read_tsv(path)
    return _lines(path, delimiter or "\t")


def _lines(path: Path, delimiter: str) -> Iterator[Line]:
    size = TableSize(path, held=False)
    with path.open("rb") as stream:
        for number, text in enumerate(_physical(stream, path), start=1):
            size.check_width(text.count(delimiter) + 1, number)
            yield make_line(number, text.split(delimiter), size)


def _physical(stream: IO[bytes], path: Path) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder("utf-8")()
    rest = ""
    while True:
        chunk = stream.read(CHUNK)
        try:
            text = decoder.decode(chunk, final=not chunk)
        except UnicodeDecodeError:
            raise _fault(path) from None
        if "\0" in text:
            raise _fault(path)
        text = rest + (text.removeprefix("\ufeff") if stream.tell() == len(chunk) else text)
        at = 0
        for end in _LINE_END.finditer(text):
            if end.end() == len(text) and chunk and end[0] == "\r":
                break  # its line feed may come with the next piece
            yield text[at : end.start()]
            at = end.end()
        rest = text[at:]
        if not chunk:
            break
        if len(rest) > 64 * MAX_CELL_CHARS:
            raise SourceError("a line without an end", file=path, value=rest[:60], remedy="is it a table?")
    if rest:
        yield rest


def _fault(path: Path) -> SourceError:
    """What the reader of whole files says of this one, with the place."""
    try:
        read_tsv(path)
    except SourceError as error:
        return error
    return SourceError("the file changed while it was read", file=path, remedy="build again")
