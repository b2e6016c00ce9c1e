"""The report as a workbook: the table with notes on its cells, findings, rules, lines, and a legend."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import IO, TYPE_CHECKING

from dress_kg.authors_report.flat import COLUMNS, texts
from dress_kg.authors_report.model import (
    KINDS,
    MEANINGS,
    Finding,
    PrintedRow,
    PrintedTable,
    Report,
    gravest,
)
from dress_kg.spreadsheet import need_openpyxl, xlsx_text

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.cell import Cell, MergedCell
    from openpyxl.worksheet.worksheet import Worksheet

_FILLS = {"violation": "FFF8CACA", "warning": "FFFFE3A8", "info": "FFD9ECF8", "band": "FFE8ECF1"}
_HEAD = "FF1F4E5F"
_AUTHOR = "dress-kg"
_WIDE = {
    "message": 60,
    "value": 40,
    "suggestion": 44,
    "rule": 30,
    "column": 18,
    "file": 28,
    "item": 34,
    "judged": 40,
}


def write_workbook(report: Report, out: IO[bytes]) -> None:
    """Write the workbook.

    :raises MissingPartError: openpyxl is not installed.
    """
    need_openpyxl("a report as a workbook")
    from openpyxl import Workbook

    book = Workbook()
    if book.active is not None:
        book.remove(book.active)
    for table in report.tables:
        _table(book.create_sheet(_sheet_name(book, f"Table {table.id}")), table)
    _findings(book.create_sheet("Findings"), report.findings)
    _rules(book.create_sheet("Rules"), report)
    for table in report.tables:
        _lines(book.create_sheet(_sheet_name(book, f"Lines {table.id}")), table)
    _legend(book.create_sheet("Legend"), report)
    book.save(out)


def _sheet_name(book: Workbook, name: str) -> str:
    """A name that a sheet may have: at most 31 characters, none of `[]:*?/\\`, and not taken."""
    plain = re.sub(r"[\[\]:*?/\\]", " ", name)[:28]
    taken = set(book.sheetnames)
    return next(n for n in (plain, *(f"{plain} {k}" for k in range(2, 100))) if n not in taken)


def _set(
    cell: Cell | MergedCell, value: str | int | None, *, fill: str | None = None, bold: bool = False
) -> None:
    from openpyxl.styles import Alignment, Font, PatternFill

    cell.value = value if isinstance(value, int) else xlsx_text(value) or None
    cell.alignment = Alignment(wrap_text=True, vertical="top")
    if fill:
        cell.fill = PatternFill("solid", fgColor=_FILLS[fill])
    if bold:
        cell.font = Font(bold=True)


def _head(sheet: Worksheet, names: Iterable[str], widths: Sequence[float]) -> None:
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.utils import get_column_letter

    for position, (name, width) in enumerate(zip(names, widths, strict=True), 1):
        cell = sheet.cell(1, position, xlsx_text(name))
        cell.font = Font(bold=True, color="FFFFFFFF")
        cell.fill = PatternFill("solid", fgColor=_HEAD)
        cell.alignment = Alignment(wrap_text=True, vertical="top")
        sheet.column_dimensions[get_column_letter(position)].width = width
    sheet.freeze_panes = "A2"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.print_title_rows = "1:1"


def _table(sheet: Worksheet, table: PrintedTable) -> None:
    from openpyxl.worksheet.properties import PageSetupProperties

    longest = {
        field: max((len(row.cells[n].text) for row in table.rows), default=0)
        for n, (field, _) in enumerate(table.columns)
    }
    widths = [min(60, max(12, longest[field] / 3)) for field, _ in table.columns]
    _head(sheet, ["Line", *(header for _, header in table.columns), "Findings"], [9, *widths, 70])
    sheet.freeze_panes = "B2"
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    at = 1
    for block in table.blocks():
        at += 1
        if isinstance(block, PrintedRow):
            _row(sheet, at, block, len(table.columns) + 2)
            continue
        span = str(block[0].number) if len(block) == 1 else f"{block[0].number}–{block[-1].number}"
        _set(sheet.cell(at, 1), span, fill="band")
        kind = KINDS.get(block[0].kind, block[0].kind)
        shown = kind if block[0].kind == "blank" else " ".join((block[0].text or "").split())
        _set(sheet.cell(at, 2), shown, fill="band", bold=block[0].kind == "section")
        for position in range(3, len(table.columns) + 2):
            _set(sheet.cell(at, position), None, fill="band")
        _set(sheet.cell(at, len(table.columns) + 2), kind, fill="band")


def _row(sheet: Worksheet, at: int, row: PrintedRow, last: int) -> None:
    _set(sheet.cell(at, 1), ", ".join(map(str, row.lines)), fill=gravest(row.findings))
    _comment(sheet.cell(at, 1), row.findings)
    for position, cell in enumerate(row.cells, 2):
        _set(sheet.cell(at, position), cell.text, fill=cell.severity)
        _comment(sheet.cell(at, position), cell.findings)
    told = "\n".join(f"{finding.number}. {_said(finding)}" for finding in row.all_findings)
    _set(sheet.cell(at, last), told)


def _said(finding: Finding) -> str:
    """A finding in a sentence: severity, column, message, suggestion."""
    where = f" in {finding.column}" if finding.column else ""
    suggestion = f" → {finding.suggestion}" if finding.suggestion else ""
    judged = f" (a curator: {finding.judged})" if finding.judged else ""
    return f"{finding.severity}{where}: {finding.message}{suggestion} [{finding.rule}]{judged}"


def _comment(cell: Cell | MergedCell, findings: Sequence[Finding]) -> None:
    from openpyxl.comments import Comment

    if findings:
        text = "\n\n".join(f"{finding.number}. {_said(finding)}" for finding in findings)
        height = 60 + 18 * sum(1 + len(_said(finding)) // 45 for finding in findings)
        cell.comment = Comment(xlsx_text(text), _AUTHOR, height=min(height, 500), width=340)


def _findings(sheet: Worksheet, findings: Sequence[Finding]) -> None:
    _head(sheet, COLUMNS, [_WIDE.get(name, 11) for name in COLUMNS])
    for at, finding in enumerate(findings, 2):
        for position, value in enumerate(texts(finding).values(), 1):
            fill = finding.severity if position == 2 and finding.severity in _FILLS else None
            _set(sheet.cell(at, position), value, fill=fill)
    sheet.auto_filter.ref = sheet.dimensions


def _rules(sheet: Worksheet, report: Report) -> None:
    _head(sheet, ("rule", "severity", "findings", "which"), (38, 12, 10, 80))
    for at, each in enumerate(report.by_rule(), 2):
        which = ", ".join(str(finding.number) for finding in each.findings)
        shown: tuple[str | int, ...] = (each.rule, each.severity, len(each.findings), which)
        for position, value in enumerate(shown, 1):
            _set(sheet.cell(at, position), value, fill=each.severity if position == 2 else None)


def _lines(sheet: Worksheet, table: PrintedTable) -> None:
    _head(sheet, ("line", "class", "why", "item", "text"), (8, 12, 40, 34, 120))
    for at, line in enumerate(table.lines, 2):
        values: tuple[str | int | None, ...] = (
            line.number,
            line.kind,
            line.reason,
            line.item,
            (line.text or "").replace("\t", " ⇥ "),
        )
        for position, value in enumerate(values, 1):
            _set(sheet.cell(at, position), value, fill=None if line.kind == "row" else "band")


def _legend(sheet: Worksheet, report: Report) -> None:
    _head(sheet, ("", ""), (26, 110))
    told: list[tuple[str, str | None, str | None]] = [
        *((severity, meaning, severity) for severity, meaning in MEANINGS.items()),
        ("band", "A line that belongs to no row: " + ", ".join(KINDS.values()) + ".", "band"),
        (
            "notes on cells",
            "What was found of a cell; the same stands in the column Findings of its row.",
            None,
        ),
        (
            "an apostrophe in front",
            "Put before a text that a spreadsheet program could run as a formula.",
            None,
        ),
    ]
    for table in report.tables:
        told += [
            (table.title, table.file, None),
            ("SHA-256 of the file", table.sha256, None),
            ("rights", table.rights, None),
            ("notice", table.notice, None),
        ]
    told.append(("made by", f"dress-kg {report.version}", None))
    for at, (name, meaning, fill) in enumerate(told, 2):
        _set(sheet.cell(at, 1), name, fill=fill, bold=True)
        _set(sheet.cell(at, 2), meaning)
