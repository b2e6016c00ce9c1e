"""The tidy tables: what the RML mapping reads and what a statistician wants.

`schema` says which tables and columns there are, `from_evidence` and `from_source` fill them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

Cells = dict[str, str | None]
Rows = list[Cells]
Tables = dict[str, Rows]


def merge(parts: Iterable[Mapping[str, Rows]]) -> Tables:
    """The tables of several parts, one after the other.

    >>> merge([{"a": [{"x": "1"}]}, {"a": [{"x": "2"}]}])
    {'a': [{'x': '1'}, {'x': '2'}]}
    """
    merged: Tables = {}
    for tables in parts:
        for name, rows in tables.items():
            merged.setdefault(name, []).extend(rows)
    return merged


def count(tables: Mapping[str, Rows]) -> Iterator[tuple[str, int]]:
    """(table, number of rows), by name."""
    for name in sorted(tables):
        yield name, len(tables[name])
