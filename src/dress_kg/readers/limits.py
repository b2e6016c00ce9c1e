"""What a source table may be at most, and the readers' refusal of what is more.

The limits are far above any table that a person reads and below what hurts a small machine. They are
checked before or while a file is read, so that a file made to exhaust memory is refused early.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from dress_kg.errors import CallError, SourceError

MAX_FILE_BYTES = 128 * 2**20
"""A delimited file, or an XLSX as it lies on disk."""

MAX_MARKUP_BYTES = 32 * 2**20
MAX_TAGS = 2_000_000
"""An HTML or JATS file; its tree takes some 200 bytes a tag."""

MAX_CELL_CHARS = 131_072
"""One cell: four times what a spreadsheet cell can hold (32,767), and the default of Python's csv."""

MAX_ROWS = 1_048_576
"""As many as a worksheet has."""

MAX_COLUMNS = 4_096
MAX_CELLS = 5_000_000
"""Of one table, empty ones counted."""

MAX_TEXT_CHARS = 128 * 2**20
"""All cells of one table together (a spreadsheet can name one long text a million times)."""


class TableSize:
    """Counts the cells and characters of one table as it is read, and refuses what is too much.

    :param held: False where the table is read as a stream: then only a row and a cell can be too large.
    """

    __slots__ = ("_cells", "_chars", "_file", "_held", "_rows")

    def __init__(self, file: Path, *, held: bool = True) -> None:
        self._file = file
        self._held = held
        self._rows = 0
        self._cells = 0
        self._chars = 0

    def check_cell(self, length: int, line: int, column: int | str, start: str) -> None:
        """:raises SourceError: the cell that begins with `start` has more than MAX_CELL_CHARS."""
        if length > MAX_CELL_CHARS:
            raise SourceError(
                f"a cell of {length:,} characters; at most {MAX_CELL_CHARS:,} are read",
                file=self._file,
                line=line,
                column=column,
                value=start[:60],
                remedy="shorten the cell, or look for a quotation mark that was never closed",
            )

    def check_width(self, width: int, line: int) -> None:
        """:raises SourceError: a row of so many cells is too wide."""
        if width > MAX_COLUMNS:
            raise self._too_large(f"a row of {width:,} cells; at most {MAX_COLUMNS:,} are read", line)

    def add_row(self, cells: tuple[str, ...], line: int) -> None:
        """:raises SourceError: the row is too wide, one of its cells or the whole table too large."""
        self.check_width(len(cells), line)
        self._rows += 1
        self._cells += len(cells)
        for column, cell in enumerate(cells, start=1):
            if len(cell) > MAX_CELL_CHARS:
                self.check_cell(len(cell), line, column, cell)
            self._chars += len(cell)
        if not self._held:
            return
        if self._rows > MAX_ROWS:
            raise self._too_large(f"a table of more than {MAX_ROWS:,} rows", line)
        if self._cells > MAX_CELLS:
            raise self._too_large(f"a table of more than {MAX_CELLS:,} cells", line)
        if self._chars > MAX_TEXT_CHARS:
            raise self._too_large(f"a table of more than {MAX_TEXT_CHARS:,} characters", line)

    def _too_large(self, message: str, line: int) -> SourceError:
        return SourceError(message, file=self._file, line=line, remedy="split the table into several files")


@contextmanager
def readable(path: Path) -> Iterator[None]:
    """Say why a file cannot be opened or read in this block.

    :raises SourceError: it is missing, a folder or unreadable.
    """
    try:
        yield
    except FileNotFoundError as error:
        raise SourceError("there is no such file", file=path, remedy="check the path") from error
    except IsADirectoryError as error:
        raise SourceError("this is a folder, not a file", file=path, remedy="give the file itself") from error
    except OSError as error:
        raise SourceError(f"the file cannot be read ({error.strerror})", file=path) from error


def read_bytes(path: Path, limit: int = MAX_FILE_BYTES) -> bytes:
    """The bytes of a file that is not empty and has at most `limit` of them.

    :raises SourceError: it is missing, a folder, unreadable, empty or too large.
    """
    with readable(path), path.open("rb") as stream:
        data = _at_most(stream, limit + 1)
    if len(data) > limit:
        raise SourceError(
            f"the file has more than {limit:,} bytes",
            file=path,
            remedy="split the table into several files",
        )
    if not data.strip():
        raise SourceError("the file is empty", file=path, remedy="give the file with the table in it")
    return data


def read_markup(path: Path) -> bytes:
    """The bytes of an HTML or XML file.

    :raises SourceError: it is missing, a folder, unreadable, empty, too large, or has too many tags.
    """
    data = read_bytes(path, MAX_MARKUP_BYTES)
    if (tags := data.count(b"<")) > MAX_TAGS:
        raise SourceError(
            f"a file of {tags:,} tags; at most {MAX_TAGS:,} are read",
            file=path,
            remedy="cut out the table, or save it as CSV",
        )
    return data


def _at_most(stream: IO[bytes], limit: int) -> bytes:
    """The first bytes of a stream; in pieces, since a read sets aside all it may need at once."""
    pieces: list[bytes] = []
    while limit > 0 and (piece := stream.read(min(limit, 2**20))):
        pieces.append(piece)
        limit -= len(piece)
    return b"".join(pieces)


def refuse_options(path: Path, kind: str, **options: str | int | None) -> None:
    """Refuse by name what was asked for and does not exist in this format.

    :raises CallError: an option has a value.
    """
    for name, value in options.items():
        if value is not None:
            raise CallError(f"{kind} has no {name}", file=path, value=str(value), remedy=f"leave {name} out")
