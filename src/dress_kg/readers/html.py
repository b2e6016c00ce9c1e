"""Read a table of an HTML page, by lxml. Needs the extra `markup`.

Nothing is fetched, run or expanded: the parser sees the bytes of the file and no network.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from dress_kg.errors import MissingPartError, SourceError
from dress_kg.readers.encoding import decode
from dress_kg.readers.grid import Grid, filled
from dress_kg.readers.limits import read_markup, refuse_options
from dress_kg.readers.markup import (
    FoundTable,
    MarkupCell,
    choose,
    local_name,
    make_grid,
    row_cells,
    text_of,
)
from dress_kg.records import Line

if TYPE_CHECKING:
    from lxml import etree

BLOCKS = frozenset(
    "address article aside blockquote br caption center dd details div dl dt fieldset figcaption figure "
    "footer form h1 h2 h3 h4 h5 h6 header hr li main nav ol p pre section table tbody td tfoot th thead tr "
    "ul".split()
)
_SHOW_NOTHING = frozenset("script style template noscript head title object iframe audio video".split())
_HIDDEN = re.compile(r"display\s*:\s*none", re.I)
_CHARSET = re.compile(rb"""<meta[^>]{0,500}?charset\s*=\s*["']?\s*([A-Za-z0-9_.:-]+)""", re.I)
_GROUPS = ("thead", "tbody", "tfoot")


def read_html(
    path: Path,
    *,
    sheet: str | None = None,
    table: str | int | None = None,
    encoding: str | None = None,
    delimiter: str | None = None,
    fill: bool = False,
) -> tuple[Line, ...]:
    """The rows of an HTML table; `number` is the row's ordinal in the table.

    :param table: its id, its caption, or its 1-based ordinal among the page's tables that hold no other
        table; None takes the only one.
    :param encoding: None takes a byte order mark, the page's `<meta charset>`, else UTF-8.
    :param fill: repeat the text of spanning cells, see :func:`dress_kg.readers.grid.filled`.
    :raises CallError: an option that HTML does not have, or no such table or encoding.
    :raises MissingPartError: lxml is not installed.
    :raises SourceError: see :func:`html_grid`.
    """
    refuse_options(path, "HTML", sheet=sheet, delimiter=delimiter)
    grid = html_grid(path, table=table, encoding=encoding)
    return filled(grid) if fill else grid.lines


def html_grid(path: Path, *, table: str | int | None = None, encoding: str | None = None) -> Grid:
    """An HTML table with its spans and header rows; a foot that stands first in the file comes last.

    :raises CallError: no such table or encoding.
    :raises MissingPartError: lxml is not installed.
    :raises SourceError: the file is missing, empty, in another encoding or nested too deeply; it has no
        table, or several and none is named; the table has no text; a limit is passed.
    """
    found = choose(_tables(_parsed(path, encoding)), table, path)
    groups = [[row_cells(row, text_of_html) for row in group] for group in _row_groups(found.element)]
    return make_grid(found, groups, _header_rows(found.element, groups), path)


def _parsed(path: Path, encoding: str | None) -> etree._Element:
    try:
        from lxml import etree
    except ImportError as error:
        raise MissingPartError(
            "reading HTML needs lxml", file=path, remedy="pip install 'dress-kg[markup]'"
        ) from error
    data = read_markup(path)
    text = decode(data, path, encoding or _stated_encoding(data))
    parser = etree.HTMLParser(encoding="utf-8", no_network=True, huge_tree=False, remove_pis=True)
    try:
        root = etree.fromstring(text.encode(), parser)
    except etree.XMLSyntaxError as error:
        raise SourceError(f"not HTML ({error.msg})", file=path, line=error.lineno) from error
    for fault in parser.error_log:
        # libxml2 mends what authors get wrong, but what it calls fatal cuts the page short.
        if fault.level == etree.ErrorLevels.FATAL:
            raise SourceError(f"the page cannot be read whole ({fault.message})", file=path, line=fault.line)
    if root is None:
        raise SourceError("there is no table in the file", file=path, remedy="give the file with the table")
    return root


def _stated_encoding(data: bytes) -> str | None:
    """What the page's own `<meta>` says, within its first 1,024 bytes as the HTML standard has it."""
    if data.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
        return None
    match = _CHARSET.search(data[:1024])
    if match is None:
        return None
    name = match[1].decode("ascii").lower()
    # The Encoding standard: these labels mean windows-1252, and a page that could say it is not UTF-16.
    if name in ("iso-8859-1", "latin1", "ascii", "us-ascii"):
        return "cp1252"
    return "utf-8" if name.startswith("utf-16") else name


def _tables(root: etree._Element) -> list[FoundTable]:
    """The tables that hold no other one: those that do only lay out the page."""
    found: list[FoundTable] = []
    for element in root.iter("table"):
        if any(True for _ in element.iter("table") if _ is not element) or _is_hidden(element):
            continue
        caption = next((text_of_html(child) for child in element if local_name(child) == "caption"), None)
        names = [name for name in (element.get("id"), caption) if name]
        found.append(
            FoundTable(len(found) + 1, element, tuple(names[:1] if not caption else names), caption or None)
        )
    return found


def text_of_html(element: etree._Element) -> str:
    """The text an HTML element shows."""
    return text_of(element, blocks=BLOCKS, skipped=_is_hidden, entity=lambda _: "")


def _is_hidden(element: etree._Element) -> bool:
    return (
        local_name(element) in _SHOW_NOTHING
        or element.get("hidden") is not None
        or _HIDDEN.search(element.get("style") or "") is not None
    )


def _row_groups(table: etree._Element) -> list[list[etree._Element]]:
    """The table's own rows, by group; rows outside of a group make one with their neighbours."""
    groups: list[list[etree._Element]] = []
    feet: list[list[etree._Element]] = []
    loose: list[etree._Element] | None = None
    for child in table:
        name = local_name(child)
        if name == "tr":
            if loose is None:
                loose = []
                groups.append(loose)
            loose.append(child)
        elif name in _GROUPS:
            loose = None
            rows = [row for row in child if local_name(row) == "tr"]
            (feet if name == "tfoot" else groups).append(rows)
    return groups + feet


def _header_rows(table: etree._Element, groups: list[list[list[MarkupCell]]]) -> int:
    """The rows of `thead` where it comes first, else the first rows that are all `th`."""
    first = next((child for child in table if local_name(child) in (*_GROUPS, "tr")), None)
    if first is not None and local_name(first) == "thead":
        return len(groups[0])
    count = 0
    for row in (row for group in groups for row in group):
        if not row or not all(cell.header for cell in row):
            break
        count += 1
    return count
