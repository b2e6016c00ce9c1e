"""Tidy tables in files (CSV, RFC 4180): null is an empty unquoted field; rows are sorted by key."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from dress_kg.mapping import csv_tables
from dress_kg.mapping.tables import Column
from dress_kg.tables import Cells, Rows, Tables
from dress_kg.tables.schema import TABLES


@dataclass(frozen=True, slots=True)
class TidyTable:
    """The rows of one table with its columns, as the mapping reads them; absent cells are null."""

    columns: tuple[str, ...]
    rows: Rows

    def __iter__(self) -> Iterator[Cells]:
        """The rows, each with every column."""
        empty: Cells = dict.fromkeys(self.columns)
        for row in self.rows:
            yield {**empty, **row}

    def batches(self, names: Sequence[str], size: int) -> Iterator[list[Column]]:
        """Those columns, `size` rows at a time."""
        for start in range(0, len(self.rows), size):
            rows = self.rows[start : start + size]
            yield [[row.get(name) for row in rows] for name in names]


def provider(tables: Tables) -> Callable[[str], TidyTable]:
    """Give the mapping our tables by the file names that it uses (`evidence.csv`)."""

    def table(name: str) -> TidyTable:
        schema = TABLES[name.removesuffix(".csv")]
        return TidyTable(schema.names, tables.get(schema.name, []))

    return table


def write_tables(tables: Tables, folder: Path) -> None:
    """Write each table of the schema to `folder/<name>.csv`, also the empty ones."""
    folder.mkdir(parents=True, exist_ok=True)
    for schema in TABLES.values():
        rows = sorted(tables.get(schema.name, []), key=_by(schema.key))
        with (folder / f"{schema.name}.csv").open("w", encoding="utf-8", newline="") as handle:
            writer = csv.writer(handle, lineterminator="\n")
            writer.writerow(schema.names)
            writer.writerows([row.get(name) for name in schema.names] for row in rows)


def read_tables(folder: Path, keep: Callable[[str], bool]) -> Tables:
    """Read back the rows whose graph is to be kept.

    :param keep: told the IRI of a row's graph.
    """
    read = csv_tables(folder)
    tables: Tables = {}
    for name in TABLES:
        rows: Iterable[Cells] = (dict(row) for row in read(f"{name}.csv"))
        tables[name] = [row for row in rows if keep(row["named_graph"] or "")]
    return tables


def _by(key: tuple[str, ...]) -> Callable[[Cells], tuple[str, ...]]:
    return lambda row: tuple(row.get(name) or "" for name in key)
