"""The answer to a stored query as a table for reading: labels in the place of IRIs, linked to their pages."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dress_kg.pages.described import shipped
from dress_kg.pages.links import Links
from dress_kg.queries import Result
from dress_kg.queries.running import labels
from dress_kg.render import shown

if TYPE_CHECKING:
    from pyoxigraph import Store

ROWS = 250
"""Rows of an answer on one page; the downloads have all."""
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


@dataclass(frozen=True, slots=True)
class Cell:
    """A value. :ivar link: where it leads, None for text. :ivar text: None where the row has no value."""

    text: str | None
    link: str | None


@dataclass(frozen=True, slots=True)
class Column:
    """A column. :ivar name: of the variable. :ivar label: in words. :ivar numeric: whether of numbers."""

    name: str
    label: str
    numeric: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """Some rows of an answer.

    :ivar total: rows of the whole answer. :ivar first: the number of the first one here, from 1.
    :ivar pages: how many pages it has, at least 1.
    :ivar text: what is no table: a yes or no, or a graph as Turtle; else None.
    """

    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    total: int
    first: int
    pages: int
    text: str | None


def readable(store: Store, result: Result, links: Links, number: int = 1) -> Answer | None:
    """A page of the answer, None where it has no such page.

    :param number: of the page, from 1.
    """
    if result.boolean is not None or result.triples is not None:
        return Answer((), (), 0, 0, 1, _text(result)) if number == 1 else None
    pages = max(-(-len(result.rows) // ROWS), 1)
    if number > pages:
        return None
    start = (number - 1) * ROWS
    rows = result.rows[start : start + ROWS]
    names = _names(store, rows)
    return Answer(
        columns=tuple(_column(name, [row[at] for row in rows]) for at, name in enumerate(result.columns)),
        rows=tuple(tuple(_cell(term, names, links) for term in row) for row in rows),
        total=len(result.rows),
        first=start + 1,
        pages=pages,
        text=None,
    )


def in_words(name: str) -> str:
    """The name of a variable in words.

    >>> in_words("leftOutBecause")
    'left out because'
    """
    return _HUMP.sub(" ", name).replace("_", " ").lower()


def _text(result: Result) -> str:
    from dress_kg.render import render

    return render(result).rstrip("\n")


def _names(store: Store, rows: Iterable[Iterable[object]]) -> dict[str, str]:
    from pyoxigraph import NamedNode

    nodes = {term.value for row in rows for term in row if isinstance(term, NamedNode)}
    return {**labels(shipped(), nodes), **labels(store, nodes)}


def _column(name: str, values: list[object]) -> Column:
    from pyoxigraph import Literal

    held = [value for value in values if value is not None]
    numbers = [isinstance(value, Literal) and _number(value.value) for value in held]
    return Column(name, in_words(name), bool(held) and all(numbers))


def _number(text: str) -> bool:
    return re.fullmatch(r"[+-]?[0-9]+(?:\.[0-9]+)?", text, re.ASCII) is not None


def _cell(term: object, names: dict[str, str], links: Links) -> Cell:
    from pyoxigraph import Literal, NamedNode

    if term is None or (isinstance(term, Literal) and not term.value):
        return Cell(None, None)
    link = links.node(term.value) if isinstance(term, NamedNode) else None
    return Cell(shown(term, names), link)  # type: ignore[arg-type] # a term of the engine's
