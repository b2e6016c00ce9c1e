"""The table as printed: every line of the file in order, with sections, noise, repairs and findings."""

from __future__ import annotations

from collections.abc import Sequence

import pyoxigraph as ox

from dress_kg.authors_report.model import KINDS, PrintedRow, PrintedTable
from dress_kg.authors_report.page import breadths, marked
from dress_kg.pages.graph import Graph
from dress_kg.pages.layout import render
from dress_kg.pages.links import Links
from dress_kg.pages.numbered import Line, Numbered
from dress_kg.pages.printed import Row, RowReader
from dress_kg.pages.sources import Source, read_sources

_MOST, _LEAST, _CELLS = 40, 20, 400


def rows_a_page(columns: int) -> int:
    """As many rows of a table stand on a page: fewer where they are wide.

    >>> rows_a_page(8), rows_a_page(16), rows_a_page(41)
    (40, 25, 20)
    """
    return max(_LEAST, min(_MOST, _CELLS // max(columns, 1)))


def page_of_row(position: int, columns: int) -> int:
    """The page of the table that a row is on.

    :param position: of the row in the table, from 1. :param columns: of the table.

    >>> page_of_row(1, 8), page_of_row(40, 8), page_of_row(41, 8)
    (1, 1, 2)
    """
    return max(position - 1, 0) // rows_a_page(columns) + 1


def table_page(store: ox.Store, base: str, source: str, links: Links, number: int = 1) -> str | None:
    """A page of a table as printed, None where there is no such table or page.

    :param source: id of the source table. :param number: of the page, from 1.
    """
    sources = read_sources(store, base)
    found = next((each for each in sources if each.id == source), None)
    if found is None:
        return None
    graph = Graph(store)
    reader = Numbered(graph, found.id, base)
    lines, count = reader.highest("dk:lineNumber"), reader.highest("dk:position")
    columns = reader.width()
    pages = page_of_row(count, columns)
    if number > pages:
        return None
    per = rows_a_page(columns)
    shown = reader.between((number - 1) * per + 1, number * per + 1, lines)
    read = _rows(graph, found, base, shown)
    table = _table(found, shown, read)
    return render(
        "source_table.html.jinja", links, title=f"{found.title}, as printed", sources=sources,
        here=f"table:{source}", source=found, table=table, blocks=list(table.blocks()), kinds=KINDS,
        widths=breadths(table) if table.rows else {field: "rest" for field, _ in table.columns},
        marked=marked, is_row=lambda block: isinstance(block, PrintedRow), number=number, pages=pages,
        total=count, lines=lines,
        items={row.printed.item: row for row in read},
        numbers_of=lambda block: [line.number for line in block],
        page_link=lambda to: links.source_table(source, to),
    )  # fmt: skip


def _rows(graph: Graph, source: Source, base: str, lines: Sequence[Line]) -> list[Row]:
    items = dict.fromkeys(line.item for line in lines if line.item)
    found = RowReader(graph, source, base).rows(items)
    return sorted(found, key=lambda row: row.printed.position)


def _table(source: Source, lines: Sequence[Line], read: Sequence[Row]) -> PrintedTable:
    columns = max((row.columns for row in read), key=len, default=())
    return PrintedTable(
        source.id, source.title, source.file or "", source.sha256 or "", source.rights, source.notice,
        columns, tuple(row.printed for row in read), tuple(line.printed for line in lines), (),
    )  # fmt: skip
