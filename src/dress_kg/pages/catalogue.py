"""The pages that there are for a graph, without those that only other pages lead to."""

from __future__ import annotations

from collections.abc import Iterator

from dress_kg.pages.address import SINGLE, Address, of_iri
from dress_kg.pages.rows import rows
from dress_kg.pages.showing import Holding
from dress_kg.pages.sources import read_sources

_NODES = (
    "SELECT DISTINCT ?node { ?node a dk:EvidenceItem } ORDER BY ?node",
    "SELECT DISTINCT ?node { [] dk:refersTo ?node } ORDER BY ?node",
    "SELECT DISTINCT ?node { [] dk:agent ?node } ORDER BY ?node",
)


def addresses(holding: Holding) -> Iterator[Address]:
    """The addresses of the pages, the most asked for first; of lists that are cut, the first part."""
    for name in SINGLE:
        yield Address(name)
    for source in read_sources(holding.store, holding.base):
        yield Address("table", source.id)
        yield Address("quality", source.id)
    for name in holding.queries:
        yield Address("query", name)
    found = (of_iri(iri, holding.base) for query in _NODES for [iri] in rows(holding.store, query) if iri)
    yield from dict.fromkeys(address for address in found if address)
