"""Read the author's report out of a published build: its tidy tables, nothing else."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from dress_kg import terms
from dress_kg.authors_report.model import (
    Finding,
    Judged,
    Piece,
    PrintedCell,
    PrintedLine,
    PrintedRow,
    PrintedTable,
    Repaired,
    Report,
    cut,
    in_order,
    lines_of,
    numbered,
    said_of,
)
from dress_kg.mapping import csv_tables

Cells = Mapping[str, str | None]
Groups = Mapping[str, list[Cells]]


def read_report(folder: Path) -> Report:
    """The report of a build.

    :param folder: of one published version; it holds `tables/` and `manifest.json`.
    :raises SourceError: a table is missing or cannot be read.
    """
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    base = str(manifest.get("base", terms.DATA))
    read = csv_tables(folder / "tables")
    tables = {name: [dict(row) for row in read(f"{name}.csv")] for name in _NAMES}
    reader = _Tables(tables, base)
    printed = [reader.table(row) for row in sorted(tables["source"], key=lambda row: row["source"] or "")]
    return _numbered(printed, str(manifest.get("versions", {}).get("dress-kg", "")))


_NAMES = ("source", "line", "row", "cell", "fragment", "repair", "quality_finding", "curation")


def _group(rows: Iterable[Cells], key: Callable[[Cells], str | None]) -> Groups:
    found: dict[str, list[Cells]] = defaultdict(list)
    for row in rows:
        found[key(row) or ""].append(row)
    return found


def _last(iri: str | None) -> str:
    return (iri or "").rpartition("/")[2]


def _words(text: str) -> str:
    return " ".join(text.split()).casefold()


class _Tables:
    """The tables of a build, grouped by what they belong to."""

    def __init__(self, tables: Mapping[str, list[dict[str, str | None]]], base: str) -> None:
        self._base = base
        self._lines = _group(tables["line"], lambda row: row["source"])
        self._rows = _group(tables["row"], lambda row: row["source"])
        self._cells = _group(tables["cell"], lambda row: row["row"])
        self._fragments = _group(tables["fragment"], lambda row: row["cell"])
        self._repairs = _group(tables["repair"], lambda row: row["row"])
        self._curations = _group(tables["curation"], lambda row: row["item"])
        self._found = _group(
            tables["quality_finding"], lambda row: terms.source_of_graph(row["named_graph"] or "", base)
        )
        self._number = {row["line"]: int(row["number"] or 0) for row in tables["line"]}

    def table(self, source: Cells) -> PrintedTable:
        """One source as printed; its findings are not numbered yet."""
        iri = source["source"] or ""
        name = iri.removeprefix(terms.source("", self._base))
        lines = sorted(self._lines[iri], key=lambda row: int(row["number"] or 0))
        of_row = _group((line for line in lines if line["row"]), lambda row: row["row"])
        columns = self._columns(iri)
        by_item = _group(self._found[name], lambda row: row["item"])
        rows = [
            self._row(row, of_row, columns, by_item, source)
            for row in sorted(self._rows[iri], key=lambda row: int(row["position"] or 0))
        ]
        items = {row["item"] for row in self._rows[iri]}
        others = [row for row in self._found[name] if row["item"] not in items]
        key_of = {row["row"]: _last(row["item"]) for row in self._rows[iri]}
        return PrintedTable(
            name,
            source["title"] or name,
            source["file"] or "",
            source["sha256"] or "",
            source["rights"],
            source["notice"],
            tuple(columns.items()),
            tuple(rows),
            tuple(
                PrintedLine(
                    self._number[line["line"]],
                    _last(line["kind"]),
                    line["reason"] or "",
                    line["text"],
                    key_of.get(line["row"]),
                )
                for line in lines
            ),
            tuple(self._finding(row, source, (), {}) for row in others),
        )

    def _columns(self, source: str) -> dict[str, str]:
        """Header by field, in the order of the file; columns that nothing places come last."""
        headers: dict[str, str] = {}
        position: dict[str, int] = {}
        for row in self._rows[source]:
            for cell in self._cells[row["row"] or ""]:
                field = cell["field"] or ""
                headers.setdefault(field, cell["column"] or field)
                for fragment in self._fragments[cell["cell"] or ""]:
                    number = int(fragment["column_number"] or 0)
                    position[field] = min(position.get(field, number), number)
        printed = self._printed_headers(source)
        place = {field: printed.get(_words(headers[field]), position.get(field)) for field in headers}
        last = 1 + max((at for at in place.values() if at is not None), default=0)
        return {
            f: headers[f] for f in sorted(headers, key=lambda f: (last if place[f] is None else place[f], f))
        }

    def _printed_headers(self, source: str) -> dict[str, int]:
        """The 1-based positions of headers that a header line prints once."""
        found: dict[str, list[int]] = defaultdict(list)
        for line in self._lines[source]:
            if _last(line["kind"]) == "header":
                for position, text in enumerate((line["text"] or "").split("\t"), 1):
                    found[_words(text)].append(position)
        return {text: at[0] for text, at in found.items() if text and len(at) == 1}

    def _row(
        self, row: Cells, of_row: Groups, columns: Mapping[str, str], by_item: Groups, source: Cells
    ) -> PrintedRow:
        iri, item = row["row"] or "", row["item"] or ""
        lines = tuple(self._number[line["line"]] for line in of_row[iri])
        cells = {cell["field"] or "": cell for cell in self._cells[iri]}
        pieces = {field: self._pieces(cell) for field, cell in cells.items()}
        names = {cell["cell"]: field for field, cell in cells.items()}
        found: dict[str | None, list[Finding]] = defaultdict(list)
        for one in by_item[item]:
            field = names.get(one["cell"])
            cell = cells.get(field) if field else None
            on = lines_of(one["value"], cell["text"] if cell else None, pieces.get(field or "", ())) or lines
            finding = self._finding(one, source, on, columns, field)
            found[field].append(finding)
        return PrintedRow(
            _last(item),
            int(row["position"] or 0),
            lines,
            tuple(
                PrintedCell(
                    field,
                    (cells[field]["text"] or "") if field in cells else "",
                    pieces.get(field, ()),
                    tuple(found[field]),
                )
                for field in columns
            ),
            tuple(found[None]),
            tuple(self._repaired(each, names, columns) for each in self._repairs[iri]),
            self._judged_of(item),
        )

    def _pieces(self, cell: Cells) -> tuple[Piece, ...]:
        fragments = sorted(self._fragments[cell["cell"] or ""], key=lambda row: int(row["start"] or 0))
        starts = [(int(row["start"] or 0), self._number.get(row["line"])) for row in fragments]
        return cut(starts, cell["text"] or "")

    def _repaired(self, row: Cells, names: Mapping[str | None, str], columns: Mapping[str, str]) -> Repaired:
        field = names.get(row["cell"])
        column = columns.get(field) if field else None
        return Repaired(column, self._number.get(row["line"]), row["rule"] or "", row["before"], row["after"])

    def _finding(
        self,
        row: Cells,
        source: Cells,
        lines: tuple[int, ...],
        columns: Mapping[str, str],
        field: str | None = None,
    ) -> Finding:
        item = row["item"]
        return Finding(
            0,
            _last(source["source"]),
            _last(item) if item else None,
            source["file"],
            lines,
            field,
            columns.get(field) if field else None,
            _last(row["severity"]),
            row["rule"] or "",
            row["message"] or "",
            row["value"],
            row["suggestion"],
            said_of(row["rule"], self._judged_of(item)),
        )

    def _judged_of(self, item: str | None) -> tuple[Judged, ...]:
        names = ("field", "value", "reason", "curator", "date")
        rows = self._curations[item] if item else ()
        return tuple(Judged(*(row[name] or "" for name in names)) for row in rows)


def _numbered(tables: list[PrintedTable], version: str) -> Report:
    """The report with its findings numbered in reading order, within a cell the gravest first."""
    count = 0
    done = []
    for table in tables:
        own = in_order(table.findings, count)
        count += len(own)
        rows = []
        for row in table.rows:
            rows.append(numbered(row, count))
            count += len(row.all_findings)
        done.append(replace(table, findings=own, rows=tuple(rows)))
    every = [
        f for table in done for f in (*table.findings, *(f for row in table.rows for f in row.all_findings))
    ]
    return Report(tuple(done), tuple(every), version)
