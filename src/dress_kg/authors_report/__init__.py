"""The report for the author of a table: the table as printed, with each quality finding on its cell.

`model` says what it holds, `read` takes it from a published build; `page`, `workbook` and `flat` write it.
"""

from __future__ import annotations

from typing import IO

from dress_kg.authors_report.model import Report
from dress_kg.authors_report.read import read_report

__all__ = ["FORMATS", "Report", "read_report", "write_report"]

FORMATS = ("html", "xlsx", "tsv", "json")


def write_report(report: Report, form: str, out: IO[bytes]) -> None:
    """Write a report in one of :data:`FORMATS`; the same build gives the same text.

    :raises ValueError: no such format. :raises MissingPartError: xlsx without openpyxl.
    """
    if form == "html":
        from dress_kg.authors_report.page import page

        out.write(page(report).encode("utf-8", "replace"))
    elif form == "xlsx":
        from dress_kg.authors_report.workbook import write_workbook

        write_workbook(report, out)
    elif form in ("tsv", "json"):
        from dress_kg.authors_report import flat

        text = flat.tsv(report) if form == "tsv" else flat.json_text(report)
        out.write(text.encode("utf-8", "replace"))
    else:
        raise ValueError(f"no such format: {form}")
