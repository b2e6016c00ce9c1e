"""The page of an evidence item: in words, by voice, beside the printed row it was read from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pyoxigraph as ox

from dress_kg import terms
from dress_kg.authors_report.model import Finding, PrintedCell, Repaired, place
from dress_kg.pages.address import fragment
from dress_kg.pages.clause import Clause
from dress_kg.pages.graph import Graph
from dress_kg.pages.item_facts import DIRECTIONS, Fact, Group, grouped
from dress_kg.pages.item_model import Item, Words
from dress_kg.pages.item_read import read_item
from dress_kg.pages.layout import render
from dress_kg.pages.links import Links
from dress_kg.pages.printed import Row, RowReader
from dress_kg.pages.segments import Mark, Segment, segments
from dress_kg.pages.sentence import sentences
from dress_kg.pages.source_table import page_of_row
from dress_kg.pages.sources import Source, read_sources

LIT = 160
"""As many facts light their characters by the style sheet alone (`facts.css`); more need the script."""
VOICES = {
    "author": ("A", "The cited author", "as the {house}'s table tells it"),
    "guideline": ("G", "The {house}", "its own words around the report"),
    "panel": ("P", "The {house}'s panel", "its rating of this row, never of a drug"),
    "program": ("D", "dress-kg and its curators", "what the program or a person made of the row"),
}
"""The four voices: the letter of their sign, who speaks, and how."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A printed cell on the page.

    :ivar index: 1-based position; :ivar header: as printed. :ivar anchor: the id it has on the page.
    """

    index: int
    anchor: str
    header: str
    printed: PrintedCell
    segments: tuple[Segment, ...]
    repairs: tuple[Repaired, ...]


@dataclass(frozen=True, slots=True)
class Voice:
    """A voice with what it says. :ivar key: one of :data:`VOICES`."""

    key: str
    sign: str
    name: str
    manner: str
    groups: tuple[Group, ...]


def item_page(store: ox.Store, base: str, iri: str, links: Links) -> str | None:
    """The page of an evidence item, None where there is no such item."""
    item = read_item(store, base, iri)
    sources = read_sources(store, base)
    source = next((each for each in sources if item and each.id == item.source), None)
    if item is None or source is None:
        return None
    row = RowReader(Graph(store), source, base).row(iri)
    groups = grouped(item)
    facts = [fact for group in groups for fact in group.facts]
    numbers = {fact.iri: fact.number for fact in facts}
    return render(
        "item.html.jinja", links, title=item.label, sources=sources, here="items",
        item=item, source=source, row=row,
        clauses=[(each, _numbers(each, numbers)) for each in sentences(item, doubtful(item, row))],
        voices=_voices(groups, _house(source)), house=_house(source), cells=_cells(item, row, facts),
        ids=_ids(facts, base),
        places=_places(facts, row),
        linked={fact.number: linked(fact) for fact in facts},
        others=_others(row), table_page=page_of_row(row.printed.position, len(row.columns)) if row else 1,
        place_of=lambda iri: fragment(iri, base),
        directions=DIRECTIONS, unread=sum(len(each.exact) for each in item.unread),
    )  # fmt: skip


def doubtful(item: Item, row: Row | None) -> frozenset[str]:
    """IRIs of the dose statements whose printed words a warning or a violation is about.

    A value that does not stand in its cell just once is looked for in the words of each statement.
    """
    found = set()
    for cell in row.printed.cells if row else ():
        values = [each.value for each in cell.findings if each.value and each.severity != "info"]
        for step in item.facts.steps:
            mine = [word for word in step.words if word.field == cell.field]
            if any(_touches(value, cell.text, word) for value in values for word in mine):
                found.add(step.iri)
    return frozenset(found)


def _touches(value: str, text: str, word: Words) -> bool:
    span = place(value, text)
    if span is None:
        return value in word.exact or word.exact in value
    return word.start < span[1] and span[0] < word.end


def _numbers(clause: Clause, numbers: dict[str, int]) -> tuple[int, ...]:
    """The numbers of the facts that a sentence tells of, parts of them too."""
    told = {number for iri, number in numbers.items()
            for each in clause.facts if iri == each or iri.startswith(f"{each}/")}  # fmt: skip
    return tuple(sorted(told))


def _house(source: Source) -> str:
    """What speaks beside the cited author: a guideline, where the source says it is one."""
    said = " ".join(each for each in (source.title, source.panel, source.notice) if each)
    return "guideline" if "guideline" in said.casefold() else "source"


def _voices(groups: Sequence[Group], house: str) -> list[Voice]:
    return [
        Voice(
            key, sign, name.format(house=house), manner.format(house=house),
            tuple(group for group in groups if group.voice == key),
        )
        for key, (sign, name, manner) in VOICES.items()
    ]  # fmt: skip


def _cells(item: Item, row: Row | None, facts: Sequence[Fact]) -> list[Cell]:
    if row is None:
        return []
    headers = dict(row.columns)
    return [
        Cell(
            index,
            f"cell-{terms.slug(cell.field)}",
            headers[cell.field],
            cell,
            segments(cell.text, _marks(item, cell, facts)),
            tuple(each for each in row.printed.repairs if each.column == headers[cell.field]),
        )
        for index, cell in enumerate(row.printed.cells, 1)
    ]


def _marks(item: Item, cell: PrintedCell, facts: Sequence[Fact]) -> list[Mark]:
    marks = [
        Mark(word.start, word.end, "fact", fact.number)
        for fact in facts
        for word in fact.words
        if word.field == cell.field
    ]
    marks += [Mark(word.start, word.end, "unread", 0) for word in item.unread if word.field == cell.field]
    for finding in cell.findings:
        span = place(finding.value, cell.text) if finding.severity != "info" else None
        if span and (finding.value or "").strip() != cell.text.strip():
            marks.append(Mark(*span, "finding", finding.number))
    if len({piece.line for piece in cell.pieces}) > 1:
        marks += [Mark(piece.start, piece.end, "line", piece.line or 0) for piece in cell.pieces]
    return marks


def _ids(facts: Sequence[Fact], base: str) -> dict[int, str]:
    """The element id of each fact: what its IRI has behind the item's."""
    return {fact.number: fragment(fact.iri, base) or f"fact-{fact.number}" for fact in facts}


def _places(facts: Sequence[Fact], row: Row | None) -> dict[int, list[tuple[str, list[tuple[str, str]]]]]:
    """Of each fact, where its words are: by column: id of the segment they begin at, and they.

    Words within other words of the same fact are left out.
    """
    if row is None:
        return {}
    return {
        fact.number: [
            (header, [(f"at-{index}-{word.start}", word.exact) for word in _outermost(fact.words, field)])
            for index, (field, header) in enumerate(row.columns, 1)
            if any(word.field == field for word in fact.words)
        ]
        for fact in facts
    }


def _outermost(words: Sequence[Words], field: str) -> list[Words]:
    mine = [word for word in words if word.field == field]
    return [
        word
        for word in mine
        if not any(word != each and each.start <= word.start and word.end <= each.end for each in mine)
    ]


def linked(fact: Fact) -> list[tuple[str, str | None]]:
    """The text of a fact in pieces, each with the IRI of what it names, None where it names nothing.

    >>> from dress_kg.pages.item_model import Named
    >>> fact = Fact(1, "x", "Index", "a and b", None, (), about=(Named("i:a", "a"), Named("i:b", "b")))
    >>> linked(fact)
    [('a', 'i:a'), (' and ', None), ('b', 'i:b')]
    """
    pieces: list[tuple[str, str | None]] = []
    at = 0
    for named in fact.about:
        start = fact.text.find(named.label, at)
        if start < 0 or not named.label:
            continue
        pieces += [(fact.text[at:start], None), (named.label, named.iri)]
        at = start + len(named.label)
    pieces.append((fact.text[at:], None))
    return [piece for piece in pieces if piece[0]]


def _others(row: Row | None) -> tuple[Finding, ...]:
    """Findings about the row as a whole."""
    return row.printed.findings if row else ()
