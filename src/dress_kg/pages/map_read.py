"""Reading the evidence map from a store: stances, harms, disagreements, and their items."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

import pyoxigraph as ox

from dress_kg.pages.graph import Graph, last
from dress_kg.pages.map_items import above, named_agents, read_agents, read_items
from dress_kg.pages.map_model import (
    COLUMNS,
    HARM,
    NOT_PRINTED,
    OUTCOMES,
    Dispute,
    Facts,
    Item,
    Mark,
    statement_column,
)
from dress_kg.pages.map_totals import read_totals
from dress_kg.pages.rows import Values, many, pairs, rows

TREATED = ("index", "alternative")
"""Roles of the agents that a row is about."""
_OWN = "stance-of-a-row"
_ORDER = {column.key: place for place, column in enumerate(COLUMNS)}
_last: tuple[ox.Store, Facts] | None = None


def read_map(store: ox.Store) -> Facts:
    """The facts of a store's maps.

    Those of the store asked last are kept, for a map is asked for page by page and a published store is
    read-only.
    """
    global _last  # noqa: PLW0603 - one entry, replaced when another version is opened
    if _last is None or _last[0] is not store:
        _last = (store, _read(Graph(store)))
    return _last[1]


def _read(graph: Graph) -> Facts:
    values = Values(graph.store)
    stances = pairs(graph.store, "SELECT ?s ?i { ?s a dk:Stance ; dk:item ?i }")
    strategies = {strategy for found in values.all("dk:strategy").values() for strategy in found}
    of_stances = {agent for each in stances if (agent := values.one("dk:agent", each))} - strategies
    agents = read_agents(graph, named_agents(values) | of_stances)
    items = read_items(graph, values, agents)
    marks = sorted([*_stances(graph, values, stances, items), *_harms(graph, items)], key=_place)
    designs = {item.design for item in items.values() if item.design}
    classes = {each for agent in agents.values() for each in agent.classes - {agent.iri}}
    named = {iri for item in items.values()
             for iri in (item.condition, *item.levels, *item.organs, *item.culprits) if iri}  # fmt: skip
    broader = {each: above(values, each) for each in designs}
    return Facts(
        sources=read_totals(graph, items.values(), agents, marks),
        agents=agents,
        items=items,
        marks=tuple(marks),
        disputes=tuple(_disputes(graph)),
        classes=frozenset(classes),
        designs=broader,
        names={
            iri: graph.label(iri)
            for iri in named | classes | {each for all_ in broader.values() for each in all_}
        },
    )


def _place(mark: Mark) -> tuple[object, ...]:
    return (mark.agent, _ORDER[mark.column], mark.remark, mark.item.cite, mark.item.iri)


def _stances(
    graph: Graph, values: Values, stances: Mapping[str, str], items: Mapping[str, Item]
) -> Iterable[Mark]:
    limits: dict[str, set[str]] = defaultdict(set)
    for query in (
        "SELECT ?s ?w { ?s a dk:Stance ; dk:holdsWhen ?w }",
        "SELECT ?s ?w { ?s a dk:Stance ; prov:wasDerivedFrom ?f . ?f a dk:Finding ; dk:holdsWhen ?w }",
    ):
        for key, said in many(graph.store, query).items():
            limits[key] |= set(said)
    made: dict[tuple[str, str, str, bool], Mark] = {}
    for stance, iri in sorted(stances.items()):
        item = items.get(iri)
        agent, role, direction = (values.one(f"dk:{each}", stance) for each in ("agent", "role", "direction"))
        rule, kind = values.one("dk:rule", stance), values.one("dk:kind", stance)
        if item is None or not (agent and role and direction):
            continue
        own = rule == _OWN
        on = _treated(item) if agent in values.all("dk:component") else {agent: last(role) or role}
        for column in _columns(item, last(kind), last(direction) or "", own=own):
            held = set() if column == NOT_PRINTED else limits[stance]
            for each, part in on.items():
                before = made.get((each, item.iri, column, own))
                words = tuple(sorted(held | set(before.limits if before else ())))
                made[each, item.iri, column, own] = Mark(each, item, column, part, not own, words)
    return made.values()


def _treated(item: Item) -> dict[str, str]:
    """The agents that a row is about with their roles; a remark on the whole strategy is one on them."""
    return {each.agent: each.role for each in item.partners if each.role in TREATED}


def _columns(item: Item, kind: str | None, direction: str, *, own: bool) -> Iterator[str]:
    """Where a stance stands: under its outcome or its side; a report without a printed outcome there, too."""
    if kind == "reported-outcome" and direction in OUTCOMES:
        yield OUTCOMES[direction]
        return
    side = statement_column(kind, direction)
    if side:
        yield side
    if own and (item.on_patients or item.patients is not None or not side):
        yield NOT_PRINTED


def _harms(graph: Graph, items: dict[str, Item]) -> Iterator[Mark]:
    """Harms stand with the agent they are attributed to, else with the agents of the row, as in profiles."""
    blamed = many(graph.store, "SELECT ?h ?a { ?h a dk:Harm ; dk:attributedTo ?a }")
    told: dict[tuple[str, str], dict[str, None]] = defaultdict(dict)
    for iri, harm, event, patients, of_patients, serious in rows(
        graph.store,
        "SELECT DISTINCT ?i ?h ?e ?n ?of ?s { ?i dk:harm ?h . OPTIONAL { ?h dk:event ?e } "
        "OPTIONAL { ?h dk:patients ?n } OPTIONAL { ?h dk:ofPatients ?of } OPTIONAL { ?h dk:serious ?s } } "
        "ORDER BY ?i ?h",
    ):
        item = items.get(iri or "")
        if item is None or harm is None or patients == "0":  # one that the row denies
            continue
        for agent in blamed.get(harm) or _treated(item):
            told[agent, item.iri][harm_words(event, patients, of_patients, serious, harm in blamed)] = None
    for (agent, iri), events in told.items():
        roles = {each.agent: each.role for each in items[iri].partners}
        yield Mark(agent, items[iri], HARM, roles.get(agent, "mentioned"), events=tuple(events))


def harm_words(
    event: str | None, patients: str | None, of_patients: str | None, serious: str | None, blamed: bool
) -> str:
    """A harm in words, with its denominator where one is printed.

    :param blamed: whether it is attributed to an agent.

    >>> harm_words("death", "1", None, "true", False), harm_words("adverse effects", "2", "6", None, True)
    ('death in 1 patient (serious; no attribution read)', 'adverse effects in 2 of 6 patients')
    """
    said = event or "harm"
    if patients:
        plural = "s" if patients != "1" or of_patients else ""
        said += f" in {patients}{f' of {of_patients}' if of_patients else ''} patient{plural}"
    grave = serious == "true" and "severe" not in said
    notes = "; ".join(filter(None, ("serious" if grave else "", "" if blamed else "no attribution read")))
    return f"{said} ({notes})" if notes else said


def _disputes(graph: Graph) -> Iterator[Dispute]:
    for iri, agent, role, source, condition, pro, contra in rows(
        graph.store,
        "SELECT DISTINCT ?d ?a ?r ?s ?c ?for ?against { ?d a dk:Disagreement ; dk:agent ?a ; dk:role ?r ; "
        "dcterms:source ?s ; dk:condition ?c . OPTIONAL { ?d dk:supportingPatients ?for } "
        "OPTIONAL { ?d dk:disputingPatients ?against } } ORDER BY ?d",
    ):
        if iri and agent and role and source:
            numbers = [None if each is None else int(each) for each in (pro, contra)]
            yield Dispute(iri, agent, last(role) or role, last(source) or source, condition, *numbers)
