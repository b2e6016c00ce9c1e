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
_NUMBER, _ROW, _CELL, _FIELD, _POSITION = (
    _dk(name) for name in ("lineNumber", "row", "cell", "field", "position")
)
_SOURCE_LINE, _COLUMN, _TEXT, _FILE, _SELECTION = (
    _dk(name) for name in ("sourceLine", "column", "text", "file", "selection")
)


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
    column: str | None
    text: str | None
    fragments: tuple[tuple[int, int, tuple[int, ...]], ...]
    """Start and end of each stretch that came from the same lines, and these lines."""


@dataclass(frozen=True, slots=True)
class _Row:
    """A row; which of its cells has which field is read once, a cell when it is asked for."""

    node: ox.NamedNode
    position: int
    file: str | None
    cells: dict[str, ox.NamedNode]


class Locator:
    """Finds places in one store; remembers rows and cells, for several results lie in the same one."""

    def __init__(self, store: ox.Store) -> None:
        self._store = store
        self._rows: dict[str, _Row | None] = {}
        self._cells: dict[str, _Cell] = {}
        self._lines: dict[str, tuple[int, ...]] = {}
        self._files: dict[str, str | None] = {}

    def place(self, item: str | None, node: str | None, field: str | None) -> Place:
        """The place of a node's characters in the named column; else the whole cell; else the row."""
        row = self._row(item) if item else None
        if row is None:
            return Place(field=field)
        known = row.cells.get(field) if field else None
        if known is None:
            return Place(row.position, None, field, None, row.file, self._row_lines(row.node), None)
        cell = self._cell(known)
        chosen = self._selection(node, cell) if node else None
        start, end, exact = chosen or (None, None, cell.text)
        lines = _cell_lines(cell, start, end) or self._row_lines(row.node)[:1]
        return Place(row.position, known.value, field, cell.column, row.file, lines, exact or None)

    def _values(self, subject: ox.NamedNode, predicate: ox.NamedNode) -> list[ox.NamedNode | ox.Literal]:
        return [
            quad.object
            for quad in self._store.quads_for_pattern(subject, predicate, None, None)
            if isinstance(quad.object, ox.NamedNode | ox.Literal)
        ]

    def _text(self, subject: ox.NamedNode, predicate: ox.NamedNode) -> str | None:
        return next((value.value for value in self._values(subject, predicate)), None)

    def _number(self, subject: ox.NamedNode, predicate: ox.NamedNode) -> int | None:
        """A whole number; None where there is none, be it that the graph that is judged is spoilt."""
        text = self._text(subject, predicate)
        return int(text) if text is not None and text.isascii() and text.isdecimal() else None

    def _nodes(self, predicate: ox.NamedNode, target: ox.NamedNode) -> list[ox.NamedNode]:
        quads = self._store.quads_for_pattern(None, predicate, target, None)
        return [quad.subject for quad in quads if isinstance(quad.subject, ox.NamedNode)]

    def _row(self, item: str) -> _Row | None:
        if item not in self._rows:
            rows = (v for v in self._values(ox.NamedNode(item), _ROW) if isinstance(v, ox.NamedNode))
            node = next(rows, None)
            self._rows[item] = None if node is None else self._read_row(node)
        return self._rows[item]

    def _read_row(self, node: ox.NamedNode) -> _Row:
        cells = {}
        for cell in self._values(node, _CELL):
            field = self._text(cell, _FIELD) if isinstance(cell, ox.NamedNode) else None
            if field and isinstance(cell, ox.NamedNode):
                cells[field] = cell
        return _Row(node, self._number(node, _POSITION) or 0, self._file(node), cells)

    def _cell(self, node: ox.NamedNode) -> _Cell:
        if node.value not in self._cells:
            fragments = []
            for fragment in self._nodes(_CELL, node):
                low, high = self._number(fragment, _START), self._number(fragment, _END)
                lines = self._values(fragment, _SOURCE_LINE)
                numbers = (self._number(line, _NUMBER) for line in lines if isinstance(line, ox.NamedNode))
                if low is not None and high is not None:
                    fragments.append((low, high, tuple(n for n in numbers if n)))
            column, text = self._text(node, _COLUMN), self._text(node, _TEXT)
            self._cells[node.value] = _Cell(node, column, text, tuple(fragments))
        return self._cells[node.value]

    def _selection(self, node: str, cell: _Cell) -> tuple[int, int, str] | None:
        """The first stretch of that cell which the node was read from."""
        found = []
        for selection in self._values(ox.NamedNode(node), _SELECTION):
            if isinstance(selection, ox.NamedNode) and cell.node in self._values(selection, _CELL):
                start, end = self._number(selection, _START), self._number(selection, _END)
                exact = self._text(selection, _EXACT)
                if start is not None and end is not None and exact:
                    found.append((start, end, exact))
        return min(found, default=None)

    def _row_lines(self, row: ox.NamedNode) -> tuple[int, ...]:
        if row.value not in self._lines:
            numbers = (self._number(line, _NUMBER) for line in self._nodes(_ROW, row))
            self._lines[row.value] = tuple(sorted(number for number in numbers if number))
        return self._lines[row.value]

    def _file(self, row: ox.NamedNode) -> str | None:
        for source in self._values(row, _PART_OF):
            if isinstance(source, ox.NamedNode):
                if source.value not in self._files:
                    self._files[source.value] = self._text(source, _FILE)
                return self._files[source.value]
        return None


def _cell_lines(cell: _Cell, start: int | None, end: int | None) -> tuple[int, ...]:
    """The lines that a stretch of a cell came from; of the whole cell, where no stretch is given."""
    lines: set[int] = set()
    for low, high, numbers in cell.fragments:
        if start is None or end is None or (low < end and high > start):
            lines.update(numbers)
    return tuple(sorted(lines - {0}))
