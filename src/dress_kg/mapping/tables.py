"""Tidy tables from CSV and TSV files, for :func:`dress_kg.mapping.execute`.

Null is an empty field without quotes; `""` is the empty text. Python's reader tells the two apart
only from 3.13 on, so a record in which both could be meant is looked at once more.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice, tee
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TextIO, runtime_checkable

from dress_kg.errors import SourceError
from dress_kg.mapping.terms import Row

if TYPE_CHECKING:
    from _csv import Reader

Tables = Callable[[str], Iterable[Row]]
"""Gives the rows of the table of that name, each time anew; None in a row is null."""

Column = Sequence[str | None]
"""The texts of one column in some rows, None for null."""


@runtime_checkable
class HasColumns(Protocol):
    """Rows that know their columns before the first row."""

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns, in order."""


@runtime_checkable
class InColumns(HasColumns, Protocol):
    """A table that gives several rows at a time as columns, which is quicker than row by row."""

    def batches(self, names: Sequence[str], size: int) -> Iterator[list[Column]]:
        """Those columns, `size` rows at a time (fewer at the end, never none)."""


@dataclass(frozen=True, slots=True)
class CsvTable:
    """The rows of a CSV file (RFC 4180, UTF-8, one header line), read anew at each iteration.

    :ivar path: the file; a name that ends in `.tsv` is read as tab-separated.
    """

    path: Path

    @property
    def delimiter(self) -> str:
        """What stands between two fields."""
        return "\t" if self.path.suffix.lower() == ".tsv" else ","

    @property
    def columns(self) -> tuple[str, ...]:
        """The header.

        :raises SourceError: the file is missing, empty, not UTF-8, or names a column twice.
        """
        with self._open() as stream:
            return self._header(self._records(stream))

    def __iter__(self) -> Iterator[Row]:
        """The rows below the header, None for null.

        :raises SourceError: a row has too many or too few fields, or a quote is left open.
        """
        columns = self.columns
        with self._open() as stream:
            for fields in self._fields(stream, len(columns), 0):
                yield dict(zip(columns, fields, strict=True))

    def batches(self, names: Sequence[str], size: int) -> Iterator[list[Column]]:
        """Those columns, `size` rows at a time.

        :raises SourceError: as for the rows.
        """
        columns = self.columns
        places = [columns.index(name) for name in names]
        with self._open() as stream:
            parsed, printed = tee(stream)
            reader = csv.reader(parsed, delimiter=self.delimiter, strict=True)
            header, done = False, 0
            while records := self._read(reader, size if header else 1):
                raw = list(islice(printed, reader.line_num - done))
                if any(records):  # else they are blank lines
                    if header:
                        turned = self._turned(records, raw, len(columns), done)
                        yield [turned[place] for place in places]
                    header = True
                done = reader.line_num

    def _read(self, reader: Reader, size: int) -> list[list[str]]:
        with self._said_of(reader):
            return list(islice(reader, size))

    def _turned(
        self, records: Sequence[list[str]], raw: Sequence[str], width: int, before: int
    ) -> Sequence[Column]:
        """Records as columns with nulls.

        :param raw: the lines they were read from.
        :param before: lines that came before those.
        """
        if '""' in "".join(raw) or {len(record) for record in records} != {width}:
            # What an empty field is, or which line is at fault, only a look at each record can tell.
            return list(zip(*self._fields(raw, width, before), strict=True))
        columns: Iterable[Sequence[str]] = zip(*records, strict=True)
        return [[text or None for text in each] if "" in each else each for each in columns]

    def _fields(self, lines: Iterable[str], width: int, before: int) -> Iterator[list[str | None]]:
        """The fields of each row; the header is passed over where no lines came before."""
        records = self._records(lines, before)
        if not before:
            self._header(records)
        for line, fields in records:
            if len(fields) != width:
                raise SourceError(
                    f"{len(fields)} fields below a header of {width}",
                    file=self.path,
                    line=line,
                    remedy="quote fields that hold the delimiter, and write a delimiter for each null",
                )
            yield fields

    def _open(self) -> TextIO:
        try:
            return self.path.open(encoding="utf-8-sig", newline="")
        except OSError as problem:
            raise SourceError(
                f"the table cannot be read ({problem.strerror})",
                file=self.path,
                remedy="check the source that the mapping names, and the folder of the tables",
            ) from problem

    def _header(self, records: Iterator[tuple[int, list[str | None]]]) -> tuple[str, ...]:
        names = next(records, (1, []))[1]
        columns = tuple(name for name in names if name is not None)
        if not columns:
            raise SourceError("the table has no header line", file=self.path, remedy="name the columns")
        if len(columns) != len(names) or len(set(columns)) != len(columns):
            raise SourceError(
                "each column needs a name of its own",
                file=self.path,
                line=1,
                value=self.delimiter.join(name or "" for name in names),
                remedy="rename the columns",
            )
        return columns

    def _records(self, given: Iterable[str], before: int = 0) -> Iterator[tuple[int, list[str | None]]]:
        """Each record with the number of its last physical line; blank lines are not records."""
        raw: list[str] = []

        def lines() -> Iterator[str]:
            for text in given:
                raw.append(text)
                yield text

        reader = csv.reader(lines(), delimiter=self.delimiter, strict=True)
        field = re.compile(rf'("(?:[^"]|"")*"|[^{self.delimiter}\r\n]*)(?:{self.delimiter}|\r?\n|\r|$)')
        with self._said_of(reader, before):
            for record in reader:
                if record:
                    # Only where both could be meant does the text itself have to be looked at.
                    text = "".join(raw) if "" in record else ""
                    quoted = field.findall(text) if '""' in text else []
                    yield before + reader.line_num, _with_nulls(record, quoted)
                raw.clear()

    @contextmanager
    def _said_of(self, reader: Reader, before: int = 0) -> Iterator[None]:
        """What a reader finds wrong, said of this file and line."""
        try:
            yield
        except csv.Error as problem:
            raise SourceError(
                f"not a CSV record: {problem}",
                file=self.path,
                line=before + reader.line_num,
                remedy="close the quotes and double those inside; a field holds at most 131,072 characters",
            ) from problem
        except UnicodeDecodeError as problem:
            raise SourceError("the table is not UTF-8", file=self.path, remedy="convert it") from problem


def csv_tables(folder: Path) -> Tables:
    """The tables of a folder, by file name.

    A one-column table cannot say null, for a blank line is no record.

    :param folder: where relative source names start; a name cannot lead out of it.
    """

    def table(name: str) -> CsvTable:
        path = folder / name
        if not path.resolve().is_relative_to(folder.resolve()):
            raise SourceError(
                "the source lies outside the folder of the tables",
                file=folder,
                value=name,
                remedy="name a file in that folder",
            )
        return CsvTable(path)

    return table


def _with_nulls(record: list[str], printed: list[str]) -> list[str | None]:
    """The fields, an empty one being None unless it is printed as `""`.

    :param printed: the fields with their quotes, or nothing where no field is printed as `""`.
    """
    if "" not in record:
        return list[str | None](record)
    if not printed:
        return [field or None for field in record]
    return [field if field or printed[at] == '""' else None for at, field in enumerate(record)]
