"""Which marks of the evidence map are wanted: the filters of its address, and what there is to choose."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from dress_kg import terms
from dress_kg.pages.graph import last
from dress_kg.pages.map_model import COLUMNS, Facts, Mark

FILTERS = {
    "condition": "Condition",
    "class": "Agent class",
    "role": "Role of the agent",
    "design": "Study design",
    "level": "Level (the panel's)",
    "direction": "What is said",
    "population": "Population",
    "culprit": "Culprit drug",
    "organ": "Organ involved",
}
"""The filters by their names in the address, in the order of the form."""
ROLES = {
    "index": "treatment of the row",
    "alternative": "one of alternatives",
    "concomitant": "given with it",
    "prior": "given before it",
    "subsequent": "given after it",
    "excluded": "left out, as stated",
    "mentioned": "mentioned in passing",
}
PER = ("reports", "patients")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a map is asked for.

    :ivar source: id of the source, None for the first.
    :ivar chosen: values by the names of :data:`FILTERS`; a name that is absent wants all.
    :ivar per: `reports`, one mark each, or `patients`, one sign for each patient of a report.
    """

    source: str | None
    chosen: dict[str, str]
    per: str = "reports"

    def parameters(self) -> dict[str, str]:
        """As they stand in an address; what is not asked for is not there."""
        source = {"source": self.source} if self.source else {}
        return {**source, **self.chosen, **({"per": self.per} if self.per != "reports" else {})}


def wanted(params: Mapping[str, str]) -> Wanted:
    """What the parameters of an address ask for; those that are no filter, or empty, are passed over.

    >>> wanted({"class": "antivirals", "organ": "", "per": "patients", "x": "1"}).parameters()
    {'class': 'antivirals', 'per': 'patients'}
    """
    chosen = {name: params[name] for name in FILTERS if params.get(name)}
    per = params.get("per", "")
    return Wanted(params.get("source") or None, chosen, per if per in PER else "reports")


def keys(mark: Mark, facts: Facts) -> dict[str, frozenset[str]]:
    """The values of each filter that a mark answers to.

    A class counts all that is under it, and so does a design. What a row does not state answers to nothing.
    """
    item = mark.item
    agent = facts.agents[mark.agent]
    found = {
        "condition": _keys([item.condition]),
        "class": _keys(agent.classes & facts.classes),
        "role": frozenset({mark.role}),
        "design": _keys(facts.designs.get(item.design or "", ())),
        "level": _keys(item.levels),
        "direction": frozenset({mark.column}),
        "population": frozenset(terms.slug(each) for each in item.population),
        "culprit": _keys(item.culprits),
        "organ": _keys(item.organs),
    }
    return {name: values for name, values in found.items() if values}


def _keys(iris: Iterable[str | None]) -> frozenset[str]:
    return frozenset(last(each) or each for each in iris if each)


def fitting(marks: Iterable[Mark], chosen: Mapping[str, str], facts: Facts) -> list[Mark]:
    """Those that answer to all that is chosen."""
    if not chosen:
        return list(marks)
    return [
        mark
        for mark in marks
        if all(value in keys(mark, facts).get(name, ()) for name, value in chosen.items())
    ]


@dataclass(frozen=True, slots=True)
class Choice:
    """A filter of the form. :ivar options: value and name of each, by name."""

    name: str
    label: str
    options: tuple[tuple[str, str], ...]
    value: str | None


def choices(marks: Iterable[Mark], facts: Facts, want: Wanted) -> tuple[Choice, ...]:
    """The filters that tell these marks apart, with the values that some mark answers to."""
    found: dict[str, set[str]] = {name: set() for name in FILTERS}
    for mark in marks:
        for name, answers in keys(mark, facts).items():
            found[name] |= answers
    called = _called(facts)
    made = []
    for name, label in FILTERS.items():
        value = want.chosen.get(name)
        values = found[name] | ({value} if value else set())
        if not values or (name == "condition" and len(values) == 1):
            continue
        named = [(each, called[name].get(each, each)) for each in values]
        order = list(called[name]) if name in ("role", "direction") else None
        named.sort(
            key=lambda each: (order.index(each[0]) if order and each[0] in order else 0, each[1].lower())
        )
        made.append(Choice(name, label, tuple(named), value))
    return tuple(made)


def _called(facts: Facts) -> dict[str, dict[str, str]]:
    by_key = {last(iri) or iri: name for iri, name in facts.names.items()}
    population = {terms.slug(each): each for item in facts.items.values() for each in item.population}
    return {
        **dict.fromkeys(FILTERS, by_key),
        "role": ROLES,
        "direction": {column.key: column.name for column in COLUMNS},
        "population": population,
    }
