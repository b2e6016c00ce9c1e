"""Readers of source tables: one module a format, all giving the same lines of cells.

`limits`, `encoding` and `archive` refuse what is not fit to be read; `grid` is what a reader finds;
`delimited`, `xlsx`, `html` and `jats` read. Libraries for a format are imported when it is read.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from dress_kg.errors import CallError, SourceError
from dress_kg.readers.delimited import read_delimited, read_tsv
from dress_kg.readers.html import read_html
from dress_kg.readers.jats import read_jats
from dress_kg.readers.stream import stream_tsv
from dress_kg.readers.xlsx import read_xlsx
from dress_kg.records import Line

__all__ = [
    "FORMATS",
    "format_of",
    "read_delimited",
    "read_file",
    "read_html",
    "read_jats",
    "read_tsv",
    "read_xlsx",
    "stream_tsv",
]


class Reader(Protocol):
    """What every reader is: a file to lines; an option its format does not have is a CallError."""

    def __call__(
        self,
        path: Path,
        *,
        sheet: str | None = None,
        table: str | int | None = None,
        encoding: str | None = None,
        delimiter: str | None = None,
    ) -> tuple[Line, ...]:
        """The lines of the file."""


_READERS: Mapping[str, Reader] = {
    "tsv": read_tsv,
    "csv": read_delimited,
    "xlsx": read_xlsx,
    "html": read_html,
    "jats": read_jats,
}
FORMATS = tuple(_READERS)
"""The formats by name. `tsv` is unquoted; a quoted one is `csv` with a tab as delimiter."""

_SUFFIXES = {
    ".tsv": "tsv", ".tab": "tsv", ".csv": "csv", ".txt": "csv", ".xlsx": "xlsx", ".xlsm": "xlsx",
    ".html": "html", ".htm": "html", ".xhtml": "html", ".xml": "jats", ".nxml": "jats",
}  # fmt: skip
_OTHERS = {
    ".xls": "an old Excel workbook", ".xlsb": "a binary Excel workbook", ".ods": "an OpenDocument sheet",
    ".pdf": "a PDF", ".doc": "a Word file", ".docx": "a Word file", ".numbers": "a Numbers sheet",
}  # fmt: skip


def read_file(
    path: Path,
    format: str | None = None,  # noqa: A002 (it is what the caller calls it)
    *,
    sheet: str | None = None,
    table: str | int | None = None,
    encoding: str | None = None,
    delimiter: str | None = None,
    fill: bool = False,
) -> tuple[Line, ...]:
    """The lines of a table in any format.

    :param format: one of :data:`FORMATS`; None tells it by suffix and content, see :func:`format_of`.
    :param sheet: XLSX only; :param table: HTML and JATS only; :param encoding: not XLSX;
        :param delimiter: CSV and TSV only; :param fill: repeat the text of spanning cells where it holds
        (:func:`dress_kg.readers.grid.filled`); no effect on formats without spans.
    :raises CallError: no such format, or an option that the format does not have.
    :raises MissingPartError: the format needs a part that is not installed.
    :raises SourceError: the file cannot be read as a table; file and place are named.
    """
    chosen = format or format_of(path)
    if chosen not in _READERS:
        remedy = f"use one of {', '.join(FORMATS)}"
        raise CallError("no such format", file=path, value=chosen, remedy=remedy)
    if fill and chosen in ("xlsx", "html", "jats"):
        filling = {"xlsx": read_xlsx, "html": read_html, "jats": read_jats}[chosen]
        return filling(path, sheet=sheet, table=table, encoding=encoding, delimiter=delimiter, fill=True)
    return _READERS[chosen](path, sheet=sheet, table=table, encoding=encoding, delimiter=delimiter)


def format_of(path: Path) -> str:
    """The format of a file: by its suffix, unless its first bytes show it to be something else.

    A zip is XLSX; markup is HTML or JATS by its root; what has neither a known suffix nor such a
    beginning is CSV.

    :raises SourceError: the file is missing or unreadable, or of a kind that no reader knows.
    """
    try:
        with path.open("rb") as stream:
            start = stream.read(4096)
    except OSError as error:
        raise SourceError(
            f"the file cannot be read ({error.strerror})", file=path, remedy="check the path"
        ) from error
    suffix = path.suffix.lower()
    if start.startswith(b"PK\x03\x04") and suffix not in _OTHERS:
        return "xlsx"
    head = start.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if head.startswith((b"<!doctype html", b"<html", b"<table>", b"<table ")):
        return "html"
    if head.startswith(b"<?xml") and b"<html" in head:
        return "html"
    if suffix in _SUFFIXES:
        return _SUFFIXES[suffix]
    if suffix in _OTHERS or start.startswith((b"%PDF", b"\xd0\xcf\x11\xe0")):
        raise SourceError(
            f"{_OTHERS.get(suffix, 'a file of a kind that is not read')}, which cannot be read",
            file=path,
            remedy="save the table as .xlsx, CSV or HTML",
        )
    return "jats" if head.startswith((b"<?xml", b"<table-wrap", b"<article")) else "csv"
