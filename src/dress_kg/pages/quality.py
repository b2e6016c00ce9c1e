"""The quality board: what was found of a table, by rule and severity, each with cell and suggestion."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pyoxigraph as ox

from dress_kg import terms
from dress_kg.authors_report.model import MEANINGS, SEVERITIES, Finding, place, rank, said_of
from dress_kg.pages.graph import Graph, Node, last
from dress_kg.pages.item_model import Named
from dress_kg.pages.layout import render
from dress_kg.pages.links import Links
from dress_kg.pages.printed import judged_of
from dress_kg.pages.rows import rows
from dress_kg.pages.sources import Source, read_sources

FINDINGS = 50
"""Findings on a page."""
_AROUND = 70
"""As many characters of the cell stand on either side of a value."""
_ALL = """SELECT ?finding ?severity ?rule {
  GRAPH ?graph { ?finding a dk:QualityFinding ; dk:severity ?severity ; dk:rule ?rule } }"""


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule that spoke, how gravely, and how often."""

    name: str
    severity: str
    count: int


@dataclass(frozen=True, slots=True)
class Placed:
    """A finding with its item, and its value in the cell.

    :ivar before, after: what stands around the value in its cell; None where it does not stand in it once.
    """

    finding: Finding
    item: Named | None
    before: str | None
    after: str | None


def quality_page(
    store: ox.Store,
    base: str,
    source: str,
    links: Links,
    narrowed: tuple[str, str] | None = None,
    number: int = 1,
) -> str | None:
    """A page of the quality board of a table, None where there is none.

    :param source: id of the source table.
    :param narrowed: (`rule`, its name) or (`severity`, its name), for those findings alone.
    :param number: of the page, from 1.
    """
    sources = read_sources(store, base)
    found = next((each for each in sources if each.id == source), None)
    if found is None:
        return None
    every = _every(store, source, base)
    kept = [
        each
        for each in every
        if narrowed is None or narrowed[1] == each[1 if narrowed[0] == "severity" else 2]
    ]
    pages = max((len(kept) + FINDINGS - 1) // FINDINGS, 1)
    if number > pages or (narrowed and not kept):
        return None
    graph = Graph(store)
    start = (number - 1) * FINDINGS
    read = _Reader(graph, found, base)
    placed = [
        read.placed(iri, start + at) for at, (iri, _, _) in enumerate(kept[start : start + FINDINGS], 1)
    ]
    among = kept if narrowed and narrowed[0] == "severity" else every
    about = f": {narrowed[1]}" if narrowed else ""
    return render(
        "quality.html.jinja", links, title=f"Quality findings{about} · {found.title}", sources=sources,
        here=f"quality:{source}", source=found, placed=placed, narrowed=narrowed, total=len(kept),
        every=len(every), rules=_rules(among), severities=_severities(every), meanings=MEANINGS,
        number=number, pages=pages, page_link=lambda to: links.quality(source, narrowed, to),
    )  # fmt: skip


def _every(store: ox.Store, source: str, base: str) -> list[tuple[str, str, str]]:
    """All findings of a source as (IRI, severity, rule): the gravest first, then by rule and item."""
    quality = terms.source_graph(source, "quality", base)
    found = [
        (iri, last(severity) or "info", rule)
        for iri, severity, rule in rows(store, _ALL, graph=quality)
        if iri and rule
    ]
    return sorted(found, key=lambda each: (rank(each[1]), each[2], each[0]))


def _rules(every: Sequence[tuple[str, str, str]]) -> list[Rule]:
    counts: dict[tuple[str, str], int] = {}
    for _, severity, rule in every:
        counts[severity, rule] = counts.get((severity, rule), 0) + 1
    made = [Rule(rule, severity, n) for (severity, rule), n in counts.items()]
    return sorted(made, key=lambda each: (rank(each.severity), -each.count, each.name))


def _severities(every: Sequence[tuple[str, str, str]]) -> list[tuple[str, int]]:
    return [(name, sum(1 for _, severity, _ in every if severity == name)) for name in SEVERITIES]


class _Reader:
    """Reads findings and remembers rows: several findings stand in one."""

    def __init__(self, graph: Graph, source: Source, base: str) -> None:
        self._graph = graph
        self._source = source
        self._said = terms.source_graph(source.id, "source", base)
        self._rows: dict[str, tuple[Named, tuple[int, ...], Node]] = {}

    def placed(self, iri: str, number: int) -> Placed:
        """A finding in its cell."""
        node = self._graph.node(iri)
        about, cell = node.one("dk:about"), node.one("dk:cell")
        item, lines, row = self._row(about) if about else (None, (), None)
        printed = self._graph.node(cell) if cell else None
        text = printed.one("dk:text") if printed else None
        value = node.one("dk:printedValue")
        span = place(value, text)
        finding = Finding(
            number, self._source.id, last(about), self._source.file, lines,
            printed.one("dk:field") if printed else None, printed.one("dk:column") if printed else None,
            last(node.one("dk:severity")) or "info", node.one("dk:rule") or "", node.one("dk:message") or "",
            value, node.one("dk:suggestion"),
            said_of(node.one("dk:rule"), judged_of(self._graph, row)) if row else None,
        )  # fmt: skip
        if span is None or text is None:
            return Placed(finding, item, None, None)
        return Placed(finding, item, _end(text[: span[0]]), _start(text[span[1] :]))

    def _row(self, item: str) -> tuple[Named, tuple[int, ...], Node]:
        if item not in self._rows:
            node = self._graph.node(item)
            row = node.one("dk:row")
            behind = self._graph.subjects("dk:row", row, self._said) if row else []
            lines = [self._graph.node(each) for each in behind]
            numbers = sorted(each.whole("dk:lineNumber") or 0 for each in lines if each.a("dk:SourceLine"))
            self._rows[item] = Named(item, node.label), tuple(numbers), node
        return self._rows[item]


def _end(text: str) -> str:
    """The end of a text that stands before a value."""
    return text if len(text) <= _AROUND else "…" + text[-_AROUND:].partition(" ")[2]


def _start(text: str) -> str:
    """The start of a text that stands behind a value."""
    return text if len(text) <= _AROUND else text[:_AROUND].rpartition(" ")[0] + " …"
