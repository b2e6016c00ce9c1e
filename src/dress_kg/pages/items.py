"""The list of evidence items, in the order and under the sections of their tables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

import pyoxigraph as ox

from dress_kg import terms
from dress_kg.pages.graph import Graph, Node, last
from dress_kg.pages.item_facts import DIRECTIONS
from dress_kg.pages.layout import render
from dress_kg.pages.links import Links
from dress_kg.pages.numbered import Numbered
from dress_kg.pages.sources import Source, read_sources

ITEMS = 100
"""Items on a page."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An item in the list.

    :ivar section: of its table. :ivar rated: level and grade as printed. :ivar warnings: with violations.
    """

    iri: str
    label: str
    source: str
    section: str | None
    direction: str | None
    design: str | None
    patients: int | None
    patients_basis: str | None
    rated: tuple[str | None, str | None]
    warnings: int


def items_page(store: ox.Store, base: str, links: Links, number: int = 1) -> str | None:
    """A page of the list of items, None where there is no such page.

    :param number: of the page, from 1.
    """
    sources = read_sources(store, base)
    graph = Graph(store)
    tables = [Numbered(graph, source.id, base) for source in sources]
    counts = [table.highest("dk:position") for table in tables]
    pages = max((sum(counts) + ITEMS - 1) // ITEMS, 1)
    if number > pages:
        return None
    places = [(table, at) for table, n in zip(tables, counts, strict=True) for at in range(1, n + 1)]
    read = _Reader(graph, base)
    found = (table.item(at) for table, at in places[(number - 1) * ITEMS : number * ITEMS])
    shown = [read.entry(iri) for iri in found if iri]
    return render(
        "items.html.jinja", links, title="Evidence items", sources=sources, here="items", total=sum(counts),
        parts_of=list(_by_section(shown, sources)), directions=DIRECTIONS, number=number, pages=pages,
        page_link=lambda to: links.page("items", to),
    )  # fmt: skip


def _by_section(
    entries: Sequence[Entry], sources: Sequence[Source]
) -> Iterable[tuple[Source | None, str | None, list[Entry]]]:
    """The entries in runs of one table and section."""
    by_id = {source.id: source for source in sources}
    for (source, section), run in groupby(entries, key=lambda each: (each.source, each.section)):
        yield by_id.get(source), section, list(run)


class _Reader:
    """Reads entries and remembers the names of designs."""

    def __init__(self, graph: Graph, base: str) -> None:
        self._graph = graph
        self._base = base
        self._labels: dict[str, str] = {}

    def entry(self, iri: str) -> Entry:
        """The entry of an item."""
        node = self._graph.node(iri)
        study, row = (self._behind(node, predicate) for predicate in ("dk:study", "dk:row"))
        source = terms.source_of_node(iri, self._base) or ""
        return Entry(
            iri, node.label, source, row.one("dk:section") if row else None,
            last(node.one("dk:summaryDirection")),
            self._label(study.one("dk:design")) if study else None,
            study.whole("dk:patients") if study else None,
            last(study.one("dk:patientsBasis")) if study else None,
            self._rated(iri), self._warnings(iri, source),
        )  # fmt: skip

    def _behind(self, node: Node, predicate: str) -> Node | None:
        iri = node.one(predicate)
        return self._graph.node(iri) if iri else None

    def _label(self, iri: str | None) -> str | None:
        if iri is not None and iri not in self._labels:
            self._labels[iri] = self._graph.label(iri)
        return self._labels[iri] if iri else None

    def _rated(self, item: str) -> tuple[str | None, str | None]:
        """Level and grade as printed."""
        for each in map(self._graph.node, self._graph.subjects("dk:assesses", item)):
            return each.one("dk:printedLevel"), each.one("dk:printedGrade")
        return None, None

    def _warnings(self, item: str, source: str) -> int:
        quality = terms.source_graph(source, "quality", self._base)
        found = map(self._graph.node, self._graph.subjects("dk:about", item, quality))
        return sum(last(each.one("dk:severity")) != "info" for each in found)
