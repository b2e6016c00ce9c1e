"""A source table in numbers, and what it does not treat: what stands above and below its evidence map."""

from __future__ import annotations

from collections.abc import Iterable

from dress_kg import terms
from dress_kg.pages.graph import Graph, last
from dress_kg.pages.map_model import Agent, Item, Mark, Partner, Totals
from dress_kg.pages.rows import rows

CORTICOSTEROIDS = terms.vocabulary("corticosteroids")


def read_totals(
    graph: Graph, items: Iterable[Item], agents: dict[str, Agent], marks: Iterable[Mark]
) -> dict[str, Totals]:
    """The sources of a store by their ids; numbers are those of the derived profile of each table."""
    counted = {
        row[0]: [int(each or 0) for each in row[1:]]
        for row in rows(
            graph.store,
            'SELECT ?s ?i ?p ?n ?c ?w { ?t dk:rule "patients-of-a-table" ; dcterms:source ?s ; dk:items ?i ; '
            "dk:publications ?p ; dk:patientsPrinted ?n ; dk:patientsCounted ?c ; dk:patientsInferred ?w }",
        )
    }
    stood: dict[str, set[str]] = {}
    for mark in marks:
        stood.setdefault(mark.item.iri, set()).add(mark.agent)
    own: dict[str, list[Item]] = {}
    for item in items:
        own.setdefault(item.source, []).append(item)
    found = {}
    for iri in graph.subjects("rdf:type", terms.ONTOLOGY + "SourceTable"):
        key, node = last(iri) or iri, graph.node(iri)
        there = own.get(key, [])
        publications = len({item.publication for item in there})
        items_, cited, printed, patients, inferred = counted.get(iri, [len(there), publications, 0, 0, 0])
        marked = {agent for item in there for agent in stood.get(item.iri, ())}
        named = {partner.agent for item in there for partner in item.partners} - marked
        found[key] = Totals(
            id=key,
            title=node.one("dcterms:title") or key,
            notice=node.one("dk:notice"),
            items=items_,
            publications=cited,
            patients_printed=printed,
            patients_counted=patients,
            patients_inferred=inferred,
            without_agent=sum(item.iri not in stood for item in there),
            gaps=_gaps(there, agents),
            partners_only=tuple(sorted(named, key=lambda each: agents[each].name.lower())),
        )
    return found


def _gaps(items: list[Item], agents: dict[str, Agent]) -> tuple[str, ...]:
    """What a reader would look for and the table does not treat, as in the stored query evidence-gaps.

    Said only of a table that names corticosteroids, or culprits, at all.
    """

    def steroid(partner: Partner) -> bool:
        return CORTICOSTEROIDS in agents[partner.agent].classes

    gaps = []
    treated = [[each for each in item.partners if each.role == "index"] for item in items]
    alone = any(index and all(map(steroid, index)) for index in treated)
    if not alone and any(steroid(partner) for item in items for partner in item.partners):
        gaps.append("Corticosteroids alone, the usual first treatment, are not in this table.")
    if any(item.culprits for item in items):
        start = "Nor is withdrawal" if gaps else "Not in this table is withdrawal"
        gaps.append(f"{start} of the culprit drug, the first measure of all.")
    return tuple(gaps)
