"""The evidence items and agents of a store, as far as the evidence map needs them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from dress_kg import terms
from dress_kg.pages.graph import Graph, last
from dress_kg.pages.map_model import Agent, Item, Partner
from dress_kg.pages.rows import Values, many, pairs

_INFO = terms.concept("severity", "info")
_INVOLVED = terms.concept("context", "organ involvement")


def read_agents(graph: Graph, iris: Iterable[str]) -> dict[str, Agent]:
    """Agents by IRI. A class of theirs is the narrowest of several."""
    broader = Values(graph.store)
    found = {}
    for iri in sorted(set(iris)):
        classes = sorted(
            broader.all("skos:broader").get(iri, ()), key=lambda each: -len(above(broader, each))
        )
        group = graph.label(classes[0]) if classes else None
        found[iri] = Agent(iri, graph.label(iri), above(broader, iri), group)
    return found


def above(values: Values, iri: str) -> frozenset[str]:
    """A concept and all that is broader."""
    seen, waiting = {iri}, [iri]
    while waiting:
        fresh = set(values.all("skos:broader").get(waiting.pop(), ())) - seen
        seen |= fresh
        waiting += fresh
    return frozenset(seen)


def named_agents(values: Values) -> set[str]:
    """The agents that rows name, in a part of theirs, as culprits, or to blame for a harm."""
    parts = {part for predicate in ("dk:component", "dk:otherComponent", "dk:culprit")
             for found in values.all(predicate).values() for part in found}  # fmt: skip
    blamed = {agent for found in values.all("dk:attributedTo").values() for agent in found}
    return blamed | {agent for part in parts if (agent := values.one("dk:agent", part))}


def read_items(graph: Graph, values: Values, agents: dict[str, Agent]) -> dict[str, Item]:
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
        "partners": _partners(values, agents),
    }
    cases = pairs(store, "SELECT ?i ?c { ?c a dk:SameCase ; dk:item ?i }")
    steroids = pairs(
        store, 'SELECT ?i ?w { ?s dk:rule "stance-of-a-row" ; dk:item ?i ; dk:withCorticosteroids ?w }'
    )
    found = {}
    for iri, (citation, *_) in values.all("dk:citation").items():
        study = values.one("dk:study", iri)
        design, number = values.one("dk:design", study), values.one("dk:patients", study)
        cite = " ".join(filter(None, (values.one("dk:author", citation), values.one("dk:year", citation))))
        found[iri] = Item(
            iri=iri,
            source=last(values.one("dcterms:source", iri)) or "",
            condition=values.one("dk:condition", iri),
            cite=cite or graph.label(iri),
            publication=values.one("dk:refersTo", citation) or citation,
            design=design,
            on_patients=_truth(values.one("dk:reportsOnPatients", design)),
            patients=None if number is None else int(number),
            inferred=last(values.one("dk:patientsBasis", study)) == "inferred",
            steroids=_truth(steroids.get(iri)),
            case=cases.get(iri),
            **{name: each.get(iri, ()) for name, each in lists.items()},
        )
    return found


def _truth(text: str | None) -> bool | None:
    return None if text is None else text == "true"


def _partners(values: Values, agents: dict[str, Agent]) -> dict[str, tuple[Partner, ...]]:
    """The agents of each item with their roles, in the order of the row."""
    found: dict[str, list[tuple[int, Partner]]] = defaultdict(list)
    parts = {item: values.all("dk:component").get(strategy, ())
             for item, (strategy, *_) in values.all("dk:strategy").items()}  # fmt: skip
    for item, part in [
        *((item, part) for item, components in parts.items() for part in components),
        *((item, part) for item, others in values.all("dk:otherComponent").items() for part in others),
    ]:
        agent, role = values.one("dk:agent", part), last(values.one("dk:role", part))
        if agent in agents and agent and role:
            place = int(values.one("dk:position", part) or 0)
            inferred = last(values.one("dk:basis", part)) == "inferred"
            found[item].append((place, Partner(agent, agents[agent].name, role, inferred)))
    return {item: _distinct(each for _, each in sorted(named, key=lambda pair: (pair[0], pair[1].name)))
            for item, named in found.items()}  # fmt: skip


def _distinct(partners: Iterable[Partner]) -> tuple[Partner, ...]:
    """Each part of an agent once; inferred where nothing else says it."""
    kept: dict[tuple[str, str], Partner] = {}
    for each in partners:
        before = kept.setdefault((each.agent, each.role), each)
        if before.inferred and not each.inferred:
            kept[each.agent, each.role] = each
    return tuple(kept.values())
