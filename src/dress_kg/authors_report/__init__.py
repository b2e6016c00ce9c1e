"""The report for the author of a table: the table as printed, with each quality finding on its cell.

`model` says what it holds, `read` takes it from a published build; `page` (in pieces by `paging`), `workbook`
and `flat` write it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO

from dress_kg.authors_report.model import Report
from dress_kg.authors_report.read import read_report

__all__ = ["FORMATS", "Report", "html_pages", "read_report", "write_report"]

FORMATS = ("html", "xlsx", "tsv", "json")


def html_pages(report: Report, name: str, *, whole: bool = False) -> Iterator[tuple[str, str]]:
    """The HTML pages by file name, none over a megabyte; the first one is `name`.

    :param whole: also the rows that nothing is said of, where a table has many.
    """
    from dress_kg.authors_report.page import pages

    return pages(report, name, whole=whole)


def write_report(report: Report, form: str, out: IO[bytes]) -> None:
    """Write a report in one of :data:`FORMATS`; the same build gives the same text.

    :raises ValueError: no such format. :raises MissingPartError: xlsx without openpyxl.
    :raises CallError: html that does not fit on one page (:func:`html_pages` writes several).
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
