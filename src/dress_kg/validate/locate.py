"""Where a result stands in the source: from a node over its selection and cell to file, line and column."""

from __future__ import annotations

from dataclasses import dataclass

import pyoxigraph as ox

from dress_kg import terms


def _dk(name: str) -> ox.NamedNode:
    return ox.NamedNode(terms.ONTOLOGY + name)


_OA = terms.PREFIXES["oa"]
_START, _END, _EXACT = (ox.NamedNode(_OA + name) for name in ("start", "end", "exact"))
_PART_OF = ox.NamedNode(terms.PREFIXES["dcterms"] + "isPartOf")
_NUMBER = _dk("lineNumber")


@dataclass(frozen=True, slots=True)
class Place:
    """Cell, column, lines and printed value; each None (or empty) where the graph does not say."""

    position: int = 0
    cell: str | None = None
    field: str | None = None
    column: str | None = None
    file: str | None = None
    lines: tuple[int, ...] = ()
    value: str | None = None


@dataclass(frozen=True, slots=True)
class _Cell:
    node: ox.NamedNode
    field: str
    column: str | None
    text: str | None


class Locator:
    """Finds places in one store; remembers rows, for several results lie in the same one."""

    def __init__(self, store: ox.Store) -> None:
        self._store = store
        self._rows: dict[str, tuple[ox.NamedNode, dict[str, _Cell]] | None] = {}

    def place(self, item: str | None, node: str | None, field: str | None) -> Place:
        """The place of a node's characters in the named column; else the whole cell; else the row."""
        row = self._row(item) if item else None
        if row is None:
            return Place(field=field)
        iri, cells = row
        position = int(self._text(iri, _dk("position")) or 0)
        file = self._file(iri)
        cell = cells.get(field) if field else None
        if cell is None:
            return Place(position, None, field, None, file, self._row_lines(iri), None)
        chosen = self._selection(node, cell) if node else None
        start, end, exact = chosen or (None, None, cell.text)
        lines = self._cell_lines(cell, start, end) or self._row_lines(iri)[:1]
        return Place(position, cell.node.value, field, cell.column, file, lines, exact or None)

    def _values(self, subject: ox.NamedNode, predicate: ox.NamedNode) -> list[ox.NamedNode | ox.Literal]:
        return [
            quad.object
            for quad in self._store.quads_for_pattern(subject, predicate, None, None)
            if isinstance(quad.object, ox.NamedNode | ox.Literal)
        ]

    def _text(self, subject: ox.NamedNode, predicate: ox.NamedNode) -> str | None:
        return next((value.value for value in self._values(subject, predicate)), None)

    def _nodes(self, predicate: ox.NamedNode, target: ox.NamedNode) -> list[ox.NamedNode]:
        quads = self._store.quads_for_pattern(None, predicate, target, None)
        return [quad.subject for quad in quads if isinstance(quad.subject, ox.NamedNode)]

    def _row(self, item: str) -> tuple[ox.NamedNode, dict[str, _Cell]] | None:
        if item not in self._rows:
            rows = [v for v in self._values(ox.NamedNode(item), _dk("row")) if isinstance(v, ox.NamedNode)]
            self._rows[item] = (rows[0], self._cells(rows[0])) if rows else None
        return self._rows[item]

    def _cells(self, row: ox.NamedNode) -> dict[str, _Cell]:
        cells = {}
        for node in self._values(row, _dk("cell")):
            field = self._text(node, _dk("field")) if isinstance(node, ox.NamedNode) else None
            if field and isinstance(node, ox.NamedNode):
                column, text = self._text(node, _dk("column")), self._text(node, _dk("text"))
                cells[field] = _Cell(node, field, column, text)
        return cells

    def _selection(self, node: str, cell: _Cell) -> tuple[int, int, str] | None:
        """The first stretch of that cell which the node was read from."""
        found = []
        for selection in self._values(ox.NamedNode(node), _dk("selection")):
            if isinstance(selection, ox.NamedNode) and cell.node in self._values(selection, _dk("cell")):
                start, end, exact = (self._text(selection, p) for p in (_START, _END, _EXACT))
                if start and end and exact:
                    found.append((int(start), int(end), exact))
        return min(found, default=None)

    def _cell_lines(self, cell: _Cell, start: int | None, end: int | None) -> tuple[int, ...]:
        lines = set()
        for fragment in self._nodes(_dk("cell"), cell.node):
            low, high = self._text(fragment, _START), self._text(fragment, _END)
            for line in self._values(fragment, _dk("sourceLine")):
                if low is None or high is None or not isinstance(line, ox.NamedNode):
                    continue
                if start is None or end is None or (int(low) < end and int(high) > start):
                    lines.add(int(self._text(line, _NUMBER) or 0))
        return tuple(sorted(lines - {0}))

    def _row_lines(self, row: ox.NamedNode) -> tuple[int, ...]:
        numbers = (self._text(line, _NUMBER) for line in self._nodes(_dk("row"), row))
        return tuple(sorted(int(number) for number in numbers if number))

    def _file(self, row: ox.NamedNode) -> str | None:
        for source in self._values(row, _PART_OF):
            if isinstance(source, ox.NamedNode):
                return self._text(source, _dk("file"))
        return None
