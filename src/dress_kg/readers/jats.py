"""Read a table of a JATS article (or of a lone `<table-wrap>`), by lxml. Needs the extra `markup`.

JATS 1.3 (ANSI/NISO Z39.96): `<table-wrap>` holds label, caption, an XHTML `<table>` and footnotes. The
OASIS (CALS) table model that JATS also allows is refused, not misread.
"""

from __future__ import annotations

from functools import partial
from html.entities import html5
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from dress_kg.errors import CallError, MissingPartError, SourceError
from dress_kg.readers.archive import prolog_is_safe
from dress_kg.readers.grid import Grid, filled
from dress_kg.readers.limits import read_markup, refuse_options
from dress_kg.readers.markup import (
    FoundTable,
    choose,
    local_name,
    make_grid,
    row_cells,
    text_of,
)
from dress_kg.records import Line

if TYPE_CHECKING:
    from lxml import etree

_BLOCKS = frozenset(
    "attrib break caption def-item disp-formula disp-quote fn label list list-item p sec table td th title "
    "tr verse-line".split()
)
_SHOW_NOTHING = frozenset(
    "alt-text long-desc object-id permissions tex-math graphic inline-graphic media".split()
)
_GROUPS = ("thead", "tbody", "tfoot")


def read_jats(
    path: Path,
    *,
    sheet: str | None = None,
    table: str | int | None = None,
    encoding: str | None = None,
    delimiter: str | None = None,
    fill: bool = False,
) -> tuple[Line, ...]:
    """The rows of a JATS table; `number` is the row's ordinal in the table.

    :param table: the id or label of its `<table-wrap>` ("T1", "Table 1") or its 1-based ordinal in the
        file; None takes the only one.
    :param encoding: None takes what the XML declaration says, else UTF-8.
    :param fill: repeat the text of spanning cells, see :func:`dress_kg.readers.grid.filled`.
    :raises CallError: an option that JATS does not have, or no such table or encoding.
    :raises MissingPartError: lxml is not installed.
    :raises SourceError: see :func:`jats_grid`.
    """
    refuse_options(path, "JATS", sheet=sheet, delimiter=delimiter)
    grid = jats_grid(path, table=table, encoding=encoding)
    return filled(grid) if fill else grid.lines


def jats_grid(path: Path, *, table: str | int | None = None, encoding: str | None = None) -> Grid:
    """A JATS table with its spans, header rows, caption and footnotes.

    :raises CallError: no such table or encoding.
    :raises MissingPartError: lxml is not installed.
    :raises SourceError: the file is missing, empty or not well-formed; it declares entities, or uses one
        that nobody knows; it has no table, or several and none is named; the table is a picture or in
        the OASIS model; a limit is passed.
    """
    found = choose(_tables(_parsed(path, encoding), path), table, path)
    grouped = [child for child in found.element if local_name(child) in _GROUPS]
    holders = grouped or [found.element]
    groups = [
        [row_cells(row, partial(text_of_jats, path=path)) for row in holder if local_name(row) == "tr"]
        for holder in sorted(holders, key=lambda holder: local_name(holder) == "tfoot")
    ]
    header_rows = sum(
        len(rows) for holder, rows in zip(holders, groups, strict=True) if local_name(holder) == "thead"
    )
    return make_grid(found, groups, header_rows, path)


def _parsed(path: Path, encoding: str | None) -> etree._Element:
    try:
        from lxml import etree
    except ImportError as error:
        raise MissingPartError(
            "reading JATS needs lxml", file=path, remedy="pip install 'dress-kg[markup]'"
        ) from error
    data = read_markup(path)
    try:
        parser = etree.XMLParser(
            encoding=encoding,
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            dtd_validation=False,
            huge_tree=False,
            remove_comments=True,
            remove_pis=True,
        )
    except LookupError as error:
        raise CallError(
            "no such encoding", file=path, value=encoding, remedy="leave it out: XML says its own"
        ) from error
    prolog_is_safe(BytesIO(data), path, encoding)
    try:
        return etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        line, column = error.position
        raise SourceError(
            f"not well-formed XML ({error.msg})",
            file=path,
            line=line,
            column=column,
            remedy="repair the XML; if letters are at fault, is its encoding the one it declares?",
        ) from error


def _tables(root: etree._Element, path: Path) -> list[FoundTable]:
    found: list[FoundTable] = []
    for element in root.iter():
        name = local_name(element)
        if name == "tgroup":
            raise SourceError(
                "an OASIS (CALS) table; only XHTML tables are read",
                file=path,
                line=_line(element),
                remedy="convert it to the XHTML table model, or save the table as CSV",
            )
        if name != "table":
            continue
        wrap = next(
            (parent for parent in element.iterancestors() if local_name(parent) == "table-wrap"), None
        )
        found.append(_described(element, wrap, len(found) + 1, path))
    return found


def _described(element: etree._Element, wrap: etree._Element | None, ordinal: int, path: Path) -> FoundTable:
    if wrap is None:
        identifier = element.get("id")
        return FoundTable(ordinal, element, (identifier,) if identifier else (), None)
    label = _child_text(wrap, "label", path)
    caption = _child_text(wrap, "caption", path)
    names = [name for name in (wrap.get("id"), element.get("id"), label) if name]
    foot = next((child for child in wrap if local_name(child) == "table-wrap-foot"), ())
    notes = [text_of_jats(note, path) for note in foot if local_name(note)]
    titled = ". ".join(text.rstrip(".") for text in (label, caption) if text)
    return FoundTable(
        ordinal, element, tuple(dict.fromkeys(names)), titled or None, tuple(note for note in notes if note)
    )


def _child_text(wrap: etree._Element, name: str, path: Path) -> str | None:
    child = next((child for child in wrap if local_name(child) == name), None)
    return None if child is None else text_of_jats(child, path) or None


def text_of_jats(element: etree._Element, path: Path) -> str:
    """The text a JATS element shows.

    :raises SourceError: an entity reference that is not one of the names HTML shares with the ISO sets.
    """

    def entity(node: etree._Element) -> str:
        name = (node.text or "").strip("&;")
        if f"{name};" not in html5:
            raise SourceError(
                "an entity that is defined in no table of names",
                file=path,
                line=_line(node),
                value=node.text,
                remedy="write the character itself",
            )
        return html5[f"{name};"]

    return text_of(element, blocks=_BLOCKS, skipped=_shows_nothing, entity=entity)


def _line(node: etree._Element) -> int | None:
    line = node.sourceline
    return line if isinstance(line, int) else None


def _shows_nothing(element: etree._Element) -> bool:
    return local_name(element) in _SHOW_NOTHING
