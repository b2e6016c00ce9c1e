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
    return tuple(
        Source(
            iri.removeprefix(start),
            iri,
            graph.value(iri, "dcterms:title") or iri.removeprefix(start),
            graph.value(iri, "dk:file"),
            graph.value(iri, "dk:notice"),
            graph.value(iri, "dcterms:rights"),
            graph.value(iri, "dk:panelName"),
            graph.value(iri, "dcterms:isPartOf"),
            graph.value(iri, "dk:sha256"),
        )
        for iri in graph.subjects("rdf:type", terms.ONTOLOGY + "SourceTable")
        if iri.startswith(start)
    )
