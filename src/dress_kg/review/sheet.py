"""Write the review queue as a workbook or as TSV."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from dress_kg.interpret.curation_fields import field_names, field_of
from dress_kg.review.entry import Decision, Entry
from dress_kg.spreadsheet import need_openpyxl, tsv_text, xlsx_text

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

SHEET = "Queue"
WIDTHS = {
    "No": 5, "Why": 10, "Item": 22, "Lines": 8, "Column": 14, "Printed": 44, "Words": 28, "Question": 40,
    "Field": 16, "About": 18, "Read": 20, "Choices": 26, "Decision": 11, "Value": 26, "Other field": 16,
    "Reason": 36, "Curator": 16, "Date": 12, "The row": 70, "Cell": 12, "Check": 14,
}  # fmt: skip
"""The columns, with their widths in characters."""
INPUTS = ("Decision", "Value", "Other field", "Reason", "Curator", "Date")
"""The columns that a curator fills in; the others are protected."""
GUIDE = (
    "Each line of the sheet Queue is one reading of the table that a person should look at.",
    "Fill in the yellow columns and leave the others as they are. Lines without a decision stay open.",
    "",
    "Decision: accept – what was read is right (for a flag: the fault is real; for unread words: there is "
    "nothing to read; for a stale decision: it still holds).",
    "Decision: correct – write what is right in Value. Other field: only where the value belongs to "
    "another field.",
    "Decision: reject – what was read is wrong, and the row does not state it (for a flag: the printed "
    "value is no fault; for a stale decision: it is taken out).",
    "Reason: why, in a sentence; needed to correct and to reject. Curator: your name. Date: as 2026-01-31.",
    "",
    "Take it back with: dress-kg review PROFILE --take FILE. A decision is kept with the words it was made "
    "on; when they change in a later version of the table it is shown again here, and not applied.",
    "",
    "The fields, and what they take:",
)
_PROTECTED, _OPEN, _HEAD = "FFF3F4F6", "FFFFF8DC", "FF1F4E5F"


def write_queue(entries: Sequence[Entry], out: Path, title: str) -> None:
    """Write the queue; the suffix tells the format, `.xlsx` or `.tsv`.

    :param title: of the source.
    :raises MissingPartError: XLSX without openpyxl. :raises OSError: the file cannot be written.
    """
    if out.suffix.lower() == ".xlsx":
        _write_xlsx(entries, out, title)
    else:
        _write_tsv(entries, out)


def cells(number: int, entry: Entry) -> Mapping[str, str | int | None]:
    """What a line of the queue shows, by column; the columns of a curator are empty."""
    return {
        "No": number,
        "Why": entry.why,
        "Item": entry.item,
        "Lines": _numbers(entry.lines),
        "Column": entry.column,
        "Printed": entry.text,
        "Words": entry.words,
        "Question": entry.question,
        "Field": entry.field,
        "About": entry.about,
        "Read": entry.read,
        "Choices": _choices(entry),
        "The row": entry.row,
        "Cell": entry.cell,
        "Check": entry.check,
    }


def _choices(entry: Entry) -> str | None:
    """What can be written in Value; what a decision means where it is no value that is asked for."""
    if entry.field == "flag":
        return "accept: the fault is real; reject: the printed value is no fault"
    if entry.field == "unread":
        return "accept: there is nothing to read; correct: another field, and its value"
    field = field_of(entry.field)
    return ", ".join(entry.choices) or (field.form if field else None)


def _numbers(lines: Iterable[int]) -> str:
    return ", ".join(map(str, lines))


def _write_tsv(entries: Sequence[Entry], out: Path) -> None:
    # With a byte order mark, by which spreadsheet programs know UTF-8.
    with out.open("w", encoding="utf-8-sig", newline="") as handle:
        writer = csv.writer(handle, delimiter="\t", lineterminator="\n")
        writer.writerow(WIDTHS)
        for number, entry in enumerate(entries, 1):
            shown = cells(number, entry)
            texts = {name: str(value) for name, value in shown.items() if value is not None}
            texts["The row"] = entry.row.replace("\n", " | ")
            writer.writerow([tsv_text(texts.get(name)) for name in WIDTHS])


def _write_xlsx(entries: Sequence[Entry], out: Path, title: str) -> None:
    need_openpyxl("a queue as a workbook")
    from openpyxl import Workbook

    book = Workbook()
    guide = book.active
    queue = book.create_sheet(SHEET)
    lists = book.create_sheet("Lists")
    if guide is not None:
        _guide(guide, title)
    _fill(queue, entries)
    _offer(queue, lists, entries)
    _protect(queue)
    lists.sheet_state = "hidden"
    book.active = 1
    _save(book, out)


def _save(book: Workbook, out: Path) -> None:
    with out.open("wb") as handle:
        book.save(handle)


def _guide(sheet: Worksheet, title: str) -> None:
    from openpyxl.styles import Alignment, Font

    sheet.title = "Read me"
    sheet.column_dimensions["A"].width = 110
    fields = [
        f"{name}: {known.form}"
        for name in field_names()
        if (known := field_of(name.replace(".N.", ".1."))) is not None
    ]
    for number, text in enumerate((f"Review of: {title}", "", *GUIDE, *fields), 1):
        cell = sheet.cell(number, 1, xlsx_text(text))
        cell.alignment = Alignment(wrap_text=True, vertical="top")
        cell.font = Font(bold=number == 1, size=14 if number == 1 else 11)


def _fill(sheet: Worksheet, entries: Sequence[Entry]) -> None:
    from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
    from openpyxl.utils import get_column_letter

    top = Alignment(wrap_text=True, vertical="top")
    thin = Border(bottom=Side("hair", color="FF9CA3AF"))
    fills = {name: PatternFill("solid", fgColor=_OPEN if name in INPUTS else _PROTECTED) for name in WIDTHS}
    for position, (name, width) in enumerate(WIDTHS.items(), 1):
        head = sheet.cell(1, position, name)
        head.font, head.alignment = Font(bold=True, color="FFFFFFFF"), top
        head.fill = PatternFill("solid", fgColor=_HEAD)
        sheet.column_dimensions[get_column_letter(position)].width = width
    for row, entry in enumerate(entries, 2):
        shown = cells(row - 1, entry)
        for position, name in enumerate(WIDTHS, 1):
            value = shown.get(name)
            cell = sheet.cell(row, position)
            cell.value = value if isinstance(value, int) else xlsx_text(value) or None
            cell.alignment, cell.border, cell.fill = top, thin, fills[name]
            cell.protection = Protection(locked=name not in INPUTS)
            cell.number_format = "yyyy-mm-dd" if name == "Date" else "General" if name == "No" else "@"
        sheet.row_dimensions[row].height = _height(shown)
    for name in ("Cell", "Check"):
        sheet.column_dimensions[get_column_letter(list(WIDTHS).index(name) + 1)].hidden = True


def _height(shown: Mapping[str, str | int | None]) -> float:
    """Points that the longest of the texts takes when it is wrapped; 409 is the most a row can have."""
    lines = max(
        sum(-(-max(len(line), 1) // width) for line in str(shown.get(name) or "").split("\n"))
        for name, width in WIDTHS.items()
    )
    return min(15.0 * lines + 3, 220.0)


def _offer(queue: Worksheet, lists: Worksheet, entries: Sequence[Entry]) -> None:
    """Give the lists to choose from; a value may be another one, since another field may be named."""
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    offered: dict[tuple[str, ...], DataValidation] = {}
    last = len(entries) + 1

    def validation(values: tuple[str, ...], *, strict: bool) -> DataValidation:
        if values not in offered:
            position = len(offered) + 1
            for row, value in enumerate(values, 1):
                lists.cell(row, position, xlsx_text(value))
            letter = get_column_letter(position)
            made = DataValidation(
                type="list",
                formula1=f"Lists!${letter}$1:${letter}${len(values)}",
                allow_blank=True,
                showErrorMessage=strict,
                errorTitle="Not in the list",
                error="Choose one of the list.",
            )
            queue.add_data_validation(made)
            offered[values] = made
        return offered[values]

    letters = {name: get_column_letter(position) for position, name in enumerate(WIDTHS, 1)}
    if entries:
        decisions = validation(tuple(Decision), strict=True)
        decisions.add(f"{letters['Decision']}2:{letters['Decision']}{last}")
        fields = validation(field_names(), strict=False)
        fields.add(f"{letters['Other field']}2:{letters['Other field']}{last}")
    for row, entry in enumerate(entries, 2):
        if entry.choices and entry.field != "flag":
            validation(entry.choices, strict=False).add(f"{letters['Value']}{row}")


def _protect(sheet: Worksheet) -> None:
    """Keep the context cells from being typed over by mistake; there is no password."""
    from openpyxl.worksheet.properties import PageSetupProperties

    sheet.freeze_panes = "B2"
    sheet.auto_filter.ref = sheet.dimensions
    sheet.protection.sheet = True
    for allowed in ("formatCells", "formatColumns", "formatRows", "autoFilter"):
        setattr(sheet.protection, allowed, False)  # in the file's words: not forbidden
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.print_title_rows = "1:1"
