"""The evidence items and agents of a store, as far as the evidence map needs them."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import pyoxigraph as ox

from dress_kg import terms
from dress_kg.pages.graph import Graph, last
from dress_kg.pages.map_model import Agent, Item, Partner
from dress_kg.pages.rows import many, pairs, rows, values

_INFO = terms.concept("severity", "info")
_INVOLVED = terms.concept("context", "organ involvement")


def read_agents(graph: Graph) -> dict[str, Agent]:
    """The agents that some row names, by IRI."""
    named = rows(
        graph.store,
        "SELECT DISTINCT ?a { { ?c a dk:Component ; dk:agent ?a } UNION { ?c a dk:Culprit ; dk:agent ?a } "
        "UNION { ?s a dk:Stance ; dk:agent ?a } UNION { ?h a dk:Harm ; dk:attributedTo ?a } "
        "FILTER NOT EXISTS { ?a a dk:TreatmentStrategy } }",
    )
    found = {}
    for (iri,) in named:
        if iri:
            # Of two classes the one that is narrower.
            broader = sorted(
                graph.node(iri).all("skos:broader"), key=lambda each: (-len(above(graph, each)), each)
            )
            group = graph.label(broader[0]) if broader else None
            found[iri] = Agent(iri, graph.label(iri), above(graph, iri), group)
    return found


def above(graph: Graph, iri: str) -> frozenset[str]:
    """A concept and all that is broader."""
    seen, waiting = {iri}, [iri]
    while waiting:
        fresh = set(graph.node(waiting.pop()).all("skos:broader")) - seen
        seen |= fresh
        waiting += fresh
    return frozenset(seen)


def read_items(graph: Graph, agents: dict[str, Agent]) -> dict[str, Item]:
    """All evidence items, by IRI."""
    store = graph.store
    lists: dict[str, dict[str, Any]] = {
        "levels": many(store, "SELECT ?i ?l { ?a dk:assesses ?i ; dk:level ?l }"),
        "population": many(store, "SELECT ?i ?p { ?i dk:study/dk:population ?p }"),
        "culprits": many(store, "SELECT ?i ?a { ?i dk:culprit/dk:agent ?a }"),
        "organs": many(
            store,
            "SELECT ?i ?o { ?i dk:context ?c . ?c dk:organ ?o ; dk:hypothetical false ; "
            f"dk:kind <{_INVOLVED}> }}",
        ),
        "warnings": many(
            store,
            "SELECT ?i ?r { ?q a dk:QualityFinding ; dk:about ?i ; dk:rule ?r ; dk:severity ?s . "
            f"?i a dk:EvidenceItem . FILTER(?s != <{_INFO}>) }}",
        ),
        "partners": _partners(store, agents),
    }
    cases = pairs(store, "SELECT ?i ?c { ?c a dk:SameCase ; dk:item ?i }")
    steroids = pairs(
        store, 'SELECT ?i ?w { ?s dk:rule "stance-of-a-row" ; dk:item ?i ; dk:withCorticosteroids ?w }'
    )
    studies = _studies(store)
    sources, conditions = values(store, "dcterms:source"), values(store, "dk:condition")
    labels, publications = values(store, "rdfs:label"), values(store, "dk:refersTo")
    authors, years = values(store, "dk:author"), values(store, "dk:year")
    found = {}
    for iri, citation in values(store, "dk:citation").items():
        label = labels.get(iri, last(iri) or iri)
        found[iri] = Item(
            iri=iri,
            source=last(sources.get(iri)) or "",
            condition=conditions.get(iri),
            label=label,
            cite=" ".join(filter(None, (authors.get(citation), years.get(citation)))) or label,
            publication=publications.get(citation, citation),
            steroids=_truth(steroids.get(iri)),
            case=cases.get(iri),
            **studies.get(iri, {}),
            **{name: each.get(iri, ()) for name, each in lists.items()},
        )
    return found


def _studies(store: ox.Store) -> dict[str, dict[str, Any]]:
    on_patients, designs = values(store, "dk:reportsOnPatients"), values(store, "dk:design")
    patients, bases = values(store, "dk:patients"), values(store, "dk:patientsBasis")
    return {
        item: {
            "design": designs.get(study),
            "on_patients": _truth(on_patients.get(designs.get(study, ""))),
            "patients": int(patients[study]) if study in patients else None,
            "inferred": last(bases.get(study)) == "inferred",
        }
        for item, study in values(store, "dk:study").items()
    }


def _truth(text: str | None) -> bool | None:
    return None if text is None else text == "true"


def _partners(store: ox.Store, agents: dict[str, Agent]) -> dict[str, tuple[Partner, ...]]:
    found: dict[str, list[tuple[int, Partner]]] = defaultdict(list)
    # Two queries, for the engine joins a union of paths row by row.
    for path in ("dk:strategy/dk:component", "dk:otherComponent"):
        for item, agent, role, position in rows(
            store,
            f"SELECT ?i ?a ?r ?n {{ ?i {path} ?c . ?c dk:agent ?a ; dk:role ?r . "
            "OPTIONAL { ?c dk:position ?n } }",
        ):
            if item and agent in agents and agent and role:
                partner = Partner(agent, agents[agent].name, last(role) or role)
                found[item].append((int(position or 0), partner))
    return {
        item: tuple(
            dict.fromkeys(each for _, each in sorted(named, key=lambda pair: (pair[0], pair[1].name)))
        )
        for item, named in found.items()
    }
