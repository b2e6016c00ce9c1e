"""The table as printed: every line of the file in order, with sections, noise, repairs and findings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pyoxigraph as ox

from dress_kg import terms
from dress_kg.authors_report.model import KINDS, PrintedLine, PrintedRow, PrintedTable
from dress_kg.authors_report.page import breadths, marked
from dress_kg.pages.graph import Graph, Node, last, name, text_of
from dress_kg.pages.layout import render
from dress_kg.pages.links import Links
from dress_kg.pages.printed import Row, RowReader
from dress_kg.pages.sources import Source, read_sources

_MOST, _LEAST, _CELLS = 40, 20, 400


@dataclass(frozen=True, slots=True)
class Line:
    """A physical line. :ivar item: IRI of the item whose row it is in, None where it is in none."""

    printed: PrintedLine
    item: str | None


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
    reader = _Lines(graph, found, base)
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


class _Lines:
    """Finds lines of a table by number and rows by position, without reading the others."""

    def __init__(self, graph: Graph, source: Source, base: str) -> None:
        self._graph = graph
        self._said = ox.NamedNode(terms.source_graph(source.id, "source", base))

    def _with(self, predicate: str, number: int) -> Node | None:
        """The node of the table's own graph that has this number."""
        value = ox.Literal(str(number), datatype=name("xsd:integer"))
        for quad in self._graph.store.quads_for_pattern(None, name(predicate), value, self._said):
            if isinstance(quad.subject, ox.NamedNode):
                return self._graph.node(quad.subject.value)
        return None

    def highest(self, predicate: str) -> int:
        """The highest number of the lines, or of the rows; they are numbered from 1."""
        quads = self._graph.store.quads_for_pattern(None, name(predicate), None, self._said)
        return max((int(text_of(quad.object)) for quad in quads), default=0)

    def width(self) -> int:
        """How many columns the first row has."""
        row = self._with("dk:position", 1)
        return len(row.all("dk:cell")) if row else 0

    def _first_line(self, position: int) -> int | None:
        """The number of the first line of a row."""
        row = self._with("dk:position", position)
        if row is None:
            return None
        behind = map(self._graph.node, self._graph.subjects("dk:row", row.iri, self._said.value))
        return min(
            (each.whole("dk:lineNumber") or 0 for each in behind if each.a("dk:SourceLine")), default=None
        )

    def between(self, first: int, after: int, lines: int) -> list[Line]:
        """The lines from the first row's up to that of the row after the last.

        What stands before the first row of the table comes with it, and what stands behind the last.

        :param first: position of the first row. :param after: of the row behind the last; there may be none.
        :param lines: that the table has.
        """
        start = 1 if first == 1 else self._first_line(first) or 1
        end = self._first_line(after)
        found: list[Line] = []
        number = start
        while (end is None and len(found) < lines) or (end is not None and number < end):
            node = self._with("dk:lineNumber", number)
            if node is None and end is None:
                break
            number += 1
            if node is not None:
                found.append(self._line(node))
        return found

    def _line(self, node: Node) -> Line:
        row = node.one("dk:row")
        behind = map(self._graph.node, self._graph.subjects("dk:row", row)) if row else ()
        item = next((each.iri for each in behind if each.a("dk:EvidenceItem")), None)
        printed = PrintedLine(
            node.whole("dk:lineNumber") or 0, last(node.one("dk:kind")) or "row", node.one("dk:reason") or "",
            node.one("dk:text"), last(item),
        )  # fmt: skip
        return Line(printed, item)


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
