"""The rows of a source as the executors take them: checked against the mapping, one by one or as columns."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from dress_kg.errors import MappingError, SourceError
from dress_kg.mapping.model import Mapping
from dress_kg.mapping.tables import Column, HasColumns, InColumns, Tables
from dress_kg.mapping.terms import Row


def rows_of(mapping: Mapping, source: str, tables: Tables) -> Iterator[Row]:
    """The rows of a source, once it is sure to have every column that the mapping reads.

    :raises MappingError: it lacks one.
    :raises SourceError: there is no such table, or it is broken.
    """
    table = _table(mapping, source, tables)
    if isinstance(table, HasColumns):
        _check_columns(mapping, source, frozenset(table.columns))
        yield from table
        return
    for number, row in enumerate(table):
        if not number:
            _check_columns(mapping, source, frozenset(row))
        yield row


class Batch:
    """Some rows of a source, column by column.

    :ivar before: rows of the source that came before.
    :ivar size: rows in this batch.
    :ivar made: what was already made of its columns, by whom it likes; goes with the batch.
    """

    __slots__ = ("_columns", "before", "made", "size")

    def __init__(self, columns: dict[str, Column], before: int, size: int) -> None:
        self._columns = columns
        self.before = before
        self.size = size
        self.made: dict[Hashable, Any] = {}

    def column(self, name: str) -> Column:
        """The texts of a column, None for null."""
        return self._columns[name]


def batches_of(
    mapping: Mapping, source: str, names: Sequence[str], tables: Tables, size: int
) -> Iterator[Batch]:
    """As :func:`rows_of`, as columns of `size` rows at a time; a table that gives columns is asked for them.

    :param names: the columns that the mapping reads of it (`mapping.columns`).
    :raises MappingError: a row lacks a column that the mapping reads.
    """
    before = 0
    for columns, count in _columns(mapping, source, tables, names, size):
        yield Batch(dict(zip(names, columns, strict=True)), before, count)
        before += count


def _columns(
    mapping: Mapping, source: str, tables: Tables, names: Sequence[str], size: int
) -> Iterator[tuple[list[Column], int]]:
    """The columns of the next rows, and how many rows they are."""
    table = _table(mapping, source, tables)
    if isinstance(table, InColumns) and names:
        if not set(names).issubset(table.columns):
            _check_columns(mapping, source, frozenset(table.columns))
        for columns in table.batches(names, size):
            yield columns, len(columns[0])
        return
    rows = rows_of(mapping, source, tables)
    before = 0
    while chunk := list(islice(rows, size)):
        yield [_of_rows(mapping, source, chunk, name, before) for name in names], len(chunk)
        before += len(chunk)


def _of_rows(mapping: Mapping, source: str, rows: Sequence[Row], name: str, before: int) -> Column:
    try:
        return [row[name] for row in rows]
    except KeyError as problem:
        number = before + next(place for place, row in enumerate(rows, 1) if name not in row)
        user = mapping.users(source, name)[0]
        raise missing_cell(user, source, number, name) from problem


def missing_cell(triples_map: str, source: str, number: int, column: str) -> MappingError:
    """The error that says that a row lacks a column that other rows of its table have."""
    return MappingError(
        f"triples map <{triples_map}>: row {number} of the source has no such column",
        file=source,
        column=column,
        remedy="give every row of a table the same columns, None for null",
    )


def _table(mapping: Mapping, source: str, tables: Tables) -> Iterable[Row]:
    try:
        return tables(source)
    except KeyError as problem:
        raise SourceError(
            "the mapping reads a table that is not given",
            file=mapping.file,
            value=source,
            remedy="correct rml:source, or give the table",
        ) from problem


def _check_columns(mapping: Mapping, source: str, columns: frozenset[str]) -> None:
    for column in sorted(mapping.columns(source) - columns):
        users = ", ".join(f"<{each}>" for each in mapping.users(source, column))
        raise MappingError(
            f"{users} reads a column that the source {source} does not have",
            file=mapping.file,
            column=column,
            remedy="the source has " + ", ".join(sorted(columns)),
        )
