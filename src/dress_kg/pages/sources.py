"""The source tables of a store, with the notice that each of them carries to every page."""

from __future__ import annotations

from dataclasses import dataclass

import pyoxigraph as ox

from dress_kg import terms
from dress_kg.pages.graph import Graph


@dataclass(frozen=True, slots=True)
class Source:
    """A source table.

    :ivar id: as in IRIs. :ivar notice: what must be said with its data. :ivar rights: whose the table is.
    :ivar publication: IRI of the work it stands in.
    """

    id: str
    iri: str
    title: str
    file: str | None
    notice: str | None
    rights: str | None
    panel: str | None
    publication: str | None
    sha256: str | None


def read_sources(store: ox.Store, base: str = terms.DATA) -> tuple[Source, ...]:
    """All of a store, by id."""
    graph = Graph(store)
    start = terms.source("", base)
    tables = graph.subjects("rdf:type", terms.ONTOLOGY + "SourceTable")
    return tuple(read_source(graph, iri, base) for iri in tables if iri.startswith(start))


def read_source(graph: Graph, iri: str, base: str = terms.DATA) -> Source:
    """One source table, by its IRI."""
    node = graph.node(iri)
    id_ = iri.removeprefix(terms.source("", base))
    return Source(
        id_, iri, node.one("dcterms:title") or id_, node.one("dk:file"), node.one("dk:notice"),
        node.one("dcterms:rights"), node.one("dk:panelName"), node.one("dcterms:isPartOf"),
        node.one("dk:sha256"),
    )  # fmt: skip
