"""Find lines of a table by number and rows by position, without reading the others: tables may be long."""

from __future__ import annotations

from dataclasses import dataclass

import pyoxigraph as ox

from dress_kg import terms
from dress_kg.authors_report.model import PrintedLine
from dress_kg.pages.graph import Graph, Node, last, name, text_of


@dataclass(frozen=True, slots=True)
class Line:
    """A physical line. :ivar item: IRI of the item whose row it is in, None where it is in none."""

    printed: PrintedLine
    item: str | None


class Numbered:
    """The lines and rows of one table. :param source: its id."""

    def __init__(self, graph: Graph, source: str, base: str) -> None:
        self._graph = graph
        self._said = ox.NamedNode(terms.source_graph(source, "source", base))

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

    def item(self, position: int) -> str | None:
        """The IRI of the item whose row stands there."""
        row = self._with("dk:position", position)
        return self._item(row.iri) if row else None

    def _item(self, row: str) -> str | None:
        behind = map(self._graph.node, self._graph.subjects("dk:row", row))
        return next((each.iri for each in behind if each.a("dk:EvidenceItem")), None)

    def _line(self, node: Node) -> Line:
        row = node.one("dk:row")
        item = self._item(row) if row else None
        printed = PrintedLine(
            node.whole("dk:lineNumber") or 0, last(node.one("dk:kind")) or "row", node.one("dk:reason") or "",
            node.one("dk:text"), last(item),
        )  # fmt: skip
        return Line(printed, item)
