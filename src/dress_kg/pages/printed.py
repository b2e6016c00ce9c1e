"""Read rows as printed out of a store: cells in file order, with lines, repairs and quality findings."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from dress_kg import terms
from dress_kg.authors_report.model import (
    Finding,
    Judged,
    Piece,
    PrintedCell,
    PrintedRow,
    Repaired,
    cut,
    lines_of,
    numbered,
    said_of,
)
from dress_kg.pages.graph import Graph, Node, last
from dress_kg.pages.sources import Source

_LOOKED_AT = 30
"""As many rows are looked at for where a column stands."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row with what only the graph knows of it. :ivar item: its IRI. :ivar label: the item's."""

    printed: PrintedRow
    item: str
    label: str
    columns: tuple[tuple[str, str], ...]
    section: str | None


class RowReader:
    """Reads rows of one source table."""

    def __init__(self, graph: Graph, source: Source, base: str = terms.DATA) -> None:
        self._graph = graph
        self._source = source
        self._lines: dict[str, int] = {}
        self._said = terms.source_graph(source.id, "source", base)
        self._quality = terms.source_graph(source.id, "quality", base)
        self._headers: dict[str, int] | None = None
        self._columns_of: dict[str, int] | None = None

    def rows(self, items: Iterable[str]) -> list[Row]:
        """The rows of some items, findings numbered through."""
        found = []
        number = 0
        for item in items:
            row = self.row(item, number)
            if row is not None:
                found.append(row)
                number += len(row.printed.all_findings)
        return found

    def row(self, item: str, counted: int = 0) -> Row | None:
        """The row of an item, None where it has none. :param counted: findings before it."""
        node = self._graph.node(item)
        iri = node.one("dk:row")
        if iri is None:
            return None
        row = self._graph.node(iri)
        cells = {cell.one("dk:field") or "": cell for cell in map(self._graph.node, row.all("dk:cell"))}
        columns = self._columns(cells)
        fields = {cell.iri: field for field, cell in cells.items()}
        behind = [self._graph.node(each) for each in self._graph.subjects("dk:row", iri, self._said)]
        lines = tuple(sorted(self._line(each) for each in behind if each.a("dk:SourceLine")))
        judged = judged_of(self._graph, node)
        made = {field: self._cell(field, cell, lines) for field, cell in cells.items()}
        found: dict[str | None, list[Finding]] = defaultdict(list)
        for each in self._graph.subjects("dk:about", item, self._quality):
            finding = self._finding(self._graph.node(each), fields, columns, made, lines, judged)
            found[finding.field].append(finding)
        repairs = sorted((each for each in behind if each.a("dk:Repair")), key=lambda each: each.iri)
        printed = PrintedRow(
            last(item) or item,
            row.whole("dk:position") or 0,
            lines,
            tuple(replace(made[field], findings=tuple(found[field])) for field in columns),
            tuple(found[None]),
            tuple(self._repaired(each, fields, columns) for each in repairs),
            judged,
        )
        return Row(
            numbered(printed, counted), item, node.label, tuple(columns.items()), row.one("dk:section")
        )

    def _line(self, node: Node) -> int:
        return self._lines.setdefault(node.iri, node.whole("dk:lineNumber") or 0)

    def line_number(self, iri: str | None) -> int | None:
        """The number of a line, None of none."""
        if iri is None:
            return None
        return self._lines[iri] if iri in self._lines else self._line(self._graph.node(iri))

    def _fragments(self, cell: Node) -> list[Node]:
        behind = map(self._graph.node, self._graph.subjects("dk:cell", cell.iri, self._said))
        found = [each for each in behind if each.a("dk:Fragment")]
        return sorted(found, key=lambda each: each.whole("oa:start") or 0)

    def _cell(self, field: str, cell: Node, lines: tuple[int, ...]) -> PrintedCell:
        """A cell, cut where another physical line begins; together the pieces are the whole text."""
        text = cell.one("dk:text") or ""
        if len(lines) == 1:
            return PrintedCell(field, text, (Piece(lines[0], 0, len(text)),) if text else (), ())
        found = self._fragments(cell)
        starts = [
            (each.whole("oa:start") or 0, self.line_number(each.one("dk:sourceLine"))) for each in found
        ]
        return PrintedCell(field, text, cut(starts, text), ())

    def _columns(self, cells: dict[str, Node]) -> dict[str, str]:
        """Header by field, in the order of the file; columns that nothing places come last."""
        headers = {field: cell.one("dk:column") or field for field, cell in cells.items()}
        printed = self._printed_headers()
        position = {field: printed.get(_words(header)) for field, header in headers.items()}
        if None in position.values():
            elsewhere = self._positions(frozenset(headers))
            position = {field: at or elsewhere.get(field) for field, at in position.items()}
        order = sorted(
            headers, key=lambda field: (position[field] is None, position[field] or 0, headers[field])
        )
        return {field: headers[field] for field in order}

    def _printed_headers(self) -> dict[str, int]:
        """The 1-based positions of headers that a header line prints once."""
        if self._headers is None:
            found: dict[str, list[int]] = defaultdict(list)
            for iri in self._graph.subjects("dk:kind", terms.concept("line-kind", "header"), self._said):
                text = self._graph.node(iri).one("dk:text") or ""
                for position, header in enumerate(text.split("\t"), 1):
                    found[_words(header)].append(position)
            self._headers = {text: at[0] for text, at in found.items() if text and len(at) == 1}
        return self._headers

    def _positions(self, fields: frozenset[str]) -> dict[str, int]:
        """The leftmost column in which the text of a field stands, in the first rows that have any."""
        if self._columns_of is None:
            self._columns_of = {}
            rows = (
                self._graph.node(iri) for iri in self._graph.subjects("dcterms:isPartOf", self._source.iri)
            )
            for row in islice((each for each in rows if each.a("dk:SourceRow")), _LOOKED_AT):
                for cell in map(self._graph.node, row.all("dk:cell")):
                    field = cell.one("dk:field") or ""
                    for fragment in self._fragments(cell):
                        number = fragment.whole("dk:columnNumber") or 0
                        self._columns_of[field] = min(self._columns_of.get(field, number), number)
                if fields <= self._columns_of.keys():
                    break
        return self._columns_of

    def _finding(
        self,
        node: Node,
        fields: dict[str, str],
        columns: dict[str, str],
        cells: dict[str, PrintedCell],
        lines: tuple[int, ...],
        judged: Sequence[Judged],
    ) -> Finding:
        field = fields.get(node.one("dk:cell") or "")
        value = node.one("dk:printedValue")
        rule = node.one("dk:rule") or ""
        on = lines_of(value, cells[field].text, cells[field].pieces) if field else ()
        return Finding(
            0, self._source.id, last(node.one("dk:about")), self._source.file,
            on or lines, field,
            columns.get(field) if field else None, last(node.one("dk:severity")) or "info", rule,
            node.one("dk:message") or "", value, node.one("dk:suggestion"), said_of(rule, judged),
        )  # fmt: skip

    def _repaired(self, node: Node, fields: dict[str, str], columns: dict[str, str]) -> Repaired:
        field = fields.get(node.one("dk:cell") or "")
        return Repaired(
            columns.get(field) if field else None, self.line_number(node.one("dk:sourceLine")),
            node.one("dk:rule") or "", node.one("dk:before"), node.one("dk:after"),
        )  # fmt: skip


def judged_of(graph: Graph, item: Node) -> tuple[Judged, ...]:
    """What curators decided on an item."""
    return tuple(judged(graph.node(iri)) for iri in item.all("dk:curation"))


def judged(node: Node) -> Judged:
    """A curator's decision."""
    names = ("dk:field", "dk:curatedValue", "dk:reason", "dk:curator", "dcterms:date")
    field, value, reason, curator, date = (node.one(name) or "" for name in names)
    return Judged(field, value, reason, curator, date, node.iri)


def _words(text: str) -> str:
    return " ".join(text.split()).casefold()
