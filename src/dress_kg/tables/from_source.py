"""A repaired table to rows of the tidy tables: lines, rows, cells, fragments, repairs."""

from __future__ import annotations

from collections.abc import Iterable

from dress_kg import terms
from dress_kg.records import Cell, LineKind, Repair, Row, Table
from dress_kg.tables import Cells, Tables


def source_tables(
    table: Table,
    items: dict[int, str],
    details: Cells,
    base: str = terms.DATA,
    selected: frozenset[str] = frozenset(),
) -> Tables:
    """The rows of the `source` graph.

    :param items: the evidence item's IRI by row ordinal.
    :param selected: IRIs of the cells that something was read from. A cell that is only carried along and
        stands in the graph as in the file has no fragments: its row and its column say where it is.
    :param details: `title`, `file`, `publication`, `condition`, `sha256` of the source.
    """
    graph = terms.source_graph(table.source, "source", base)
    source = terms.source(table.source, base)
    tables: Tables = {"source": [{"named_graph": graph, "source": source, **details}]}
    text = {line.number: line.text for line in table.lines}
    tables["line"] = [
        {
            "named_graph": graph,
            "line": terms.part(source, "line", entry.line),
            "source": source,
            "number": str(entry.line),
            "kind": terms.concept("line-kind", entry.kind),
            "reason": entry.reason,
            "row": terms.part(items[entry.row], "row") if entry.kind is LineKind.ROW and entry.row else None,
            "text": text[entry.line] or None,
        }
        for entry in table.ledger
    ]
    for row in table.rows:
        _row(tables, row, items[row.ordinal], graph, source, selected)
    return tables


def _row(tables: Tables, row: Row, item: str, graph: str, source: str, selected: frozenset[str]) -> None:
    row_iri = terms.part(item, "row")
    tables.setdefault("row", []).append({
        "named_graph": graph, "row": row_iri, "source": source, "item": item,
        "position": str(row.ordinal), "section": row.section,
    })  # fmt: skip
    for cell in row.cells.values():
        cell_iri = terms.part(item, "cell", terms.slug(cell.field))
        tables.setdefault("cell", []).append({
            "named_graph": graph, "cell": cell_iri, "row": row_iri, "field": cell.field,
            "column": cell.column, "text": cell.text or None,
        })  # fmt: skip
        if len(row.lines) == 1 and _as_printed(cell) and cell_iri not in selected:
            continue
        for n, fragment in enumerate(cell.fragments, 1):
            tables.setdefault("fragment", []).append({
                "named_graph": graph, "fragment": terms.part(cell_iri, "fragment", n), "cell": cell_iri,
                "start": str(fragment.start), "end": str(fragment.end),
                "line": terms.part(source, "line", fragment.line),
                "column_number": str(fragment.position), "raw_start": str(fragment.raw_start),
            })  # fmt: skip
    _repairs(tables, row.repairs, item, graph, source)


def _as_printed(cell: Cell) -> bool:
    """Whether a cell that is carried along holds its one raw cell, character for character."""
    return cell.field.startswith("x_") and len(cell.raw) == 1 and cell.raw[0].text == cell.text


def _repairs(tables: Tables, repairs: Iterable[Repair], item: str, graph: str, source: str) -> None:
    for n, repair in enumerate(repairs, 1):
        tables.setdefault("repair", []).append({
            "named_graph": graph, "repair": terms.part(item, "repair", n), "row": terms.part(item, "row"),
            "cell": terms.part(item, "cell", terms.slug(repair.field)) if repair.field else None,
            "line": terms.part(source, "line", repair.line), "rule": repair.rule,
            "before": repair.before or None, "after": repair.after or None,
        })  # fmt: skip
