"""Read a queue that a curator has filled in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from dress_kg.errors import CallError, CurationError
from dress_kg.readers import read_delimited, read_xlsx
from dress_kg.records import Line
from dress_kg.review.sheet import SHEET, WIDTHS
from dress_kg.spreadsheet import plain


@dataclass(frozen=True, slots=True)
class Filled:
    """A line of the sheet. :ivar number: its row in the sheet. :ivar cells: by column; "" where empty."""

    number: int
    cells: Mapping[str, str]

    def __getitem__(self, column: str) -> str:
        """The text of a column without space around it."""
        return self.cells[column].strip()

    def known(self, column: str) -> str | None:
        """The text of a column, None where it is empty."""
        return self[column] or None


def read_queue(path: Path) -> tuple[Filled, ...]:
    """The lines of a queue, in any order of columns.

    :raises CallError: neither XLSX nor TSV. :raises SourceError: the file cannot be read.
    :raises CurationError: a column of the queue is missing.
    """
    suffix = path.suffix.lower()
    if suffix == ".xlsx":
        lines = read_xlsx(path, sheet=SHEET)
    elif suffix in (".tsv", ".txt"):
        lines = read_delimited(path, delimiter="\t")
    else:
        raise CallError("a queue is an .xlsx or a .tsv file", file=path, remedy="save it as one of them")
    return tuple(_rows(lines, path))


def _rows(lines: tuple[Line, ...], path: Path) -> Iterator[Filled]:
    names = [cell.strip() for cell in lines[0].cells] if lines else []
    missing = [name for name in WIDTHS if name not in names]
    if missing:
        raise CurationError(
            f"the queue lacks a column: {', '.join(missing)}",
            file=path,
            line=lines[0].number if lines else 1,
            remedy="write the queue again with `dress-kg review`, and leave its header as it is",
        )
    for line in lines[1:]:
        texts = dict(zip(names, map(plain, line.cells), strict=False))
        if any(text.strip() for text in texts.values()):
            yield Filled(line.number, {name: texts.get(name, "") for name in WIDTHS})
