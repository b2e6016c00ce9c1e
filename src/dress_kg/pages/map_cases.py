"""Rows on the same patients, told as one sequence of treatments instead of as a disagreement."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter

from dress_kg.pages.map_model import COLUMNS, Item, Mark

_STARTED = ("index", "alternative")
_NAMES = {column.key: column.name.lower() for column in COLUMNS}


@dataclass(frozen=True, slots=True)
class Step:
    """One row of a case: its item, the treatment in words, and what is said of the treatment."""

    item: Item
    treatment: str
    said: str


@dataclass(frozen=True, slots=True)
class Case:
    """Rows on the same patients.

    :ivar sign: a letter, for the marks. :ivar ordered: whether the rows say which treatment came first; else
        the steps stand in the order of the table's keys.
    """

    iri: str
    sign: str
    steps: tuple[Step, ...]
    ordered: bool

    @property
    def patients(self) -> int | None:
        """The patients of the case, None where not printed."""
        return self.steps[0].item.patients


def cases(marks: Iterable[Mark]) -> dict[str, Case]:
    """The cases of which several rows have marks here, by IRI."""
    found: dict[str, dict[str, list[Mark]]] = {}
    for mark in marks:
        if mark.item.case and not mark.remark and mark.column != "harm":
            found.setdefault(mark.item.case, {}).setdefault(mark.item.iri, []).append(mark)
    several = {iri: there for iri, there in sorted(found.items()) if len(there) > 1}
    made = {}
    for number, (iri, there) in enumerate(several.items()):
        items = [marks[0].item for _, marks in sorted(there.items())]
        order = _order(items)
        steps = tuple(Step(item, treatment(item), _said(there[item.iri])) for item in order or items)
        made[iri] = Case(iri, sign(number), steps, order is not None)
    return made


def sign(number: int) -> str:
    """A, B, … Z, AA, AB, …

    >>> sign(0), sign(25), sign(26)
    ('A', 'Z', 'AA')
    """
    return (sign(number // 26 - 1) if number >= 26 else "") + chr(ord("A") + number % 26)


def _said(marks: list[Mark]) -> str:
    return ", ".join(dict.fromkeys(_NAMES[mark.column] for mark in marks))


def _order(items: list[Item]) -> list[Item] | None:
    """By which treatment the rows say came before which; None where they do not say, or disagree."""
    started = {item.iri: {each.agent for each in item.partners if each.role in _STARTED} for item in items}
    before: dict[str, set[str]] = {item.iri: set() for item in items}
    for item in items:
        for other in items:
            if other is item:
                continue
            for partner in item.partners:
                if partner.agent in started[other.iri] - started[item.iri]:
                    if partner.role == "subsequent":
                        before[other.iri].add(item.iri)
                    elif partner.role == "prior":
                        before[item.iri].add(other.iri)
    sorter = TopologicalSorter(before)
    try:
        sorter.prepare()
    except CycleError:
        return None
    by_iri, order = {item.iri: item for item in items}, []
    while sorter.is_active():
        ready = sorter.get_ready()
        if len(ready) > 1:
            return None
        order += [by_iri[iri] for iri in ready]
        sorter.done(*ready)
    return order


def treatment(item: Item) -> str:
    """The agents of an item joined as the row has them.

    The index agents and what was given with them; what came before and after is told by the other rows.
    """
    own = [each.name for each in item.partners if each.role == "index"]
    either = [each.name for each in item.partners if each.role == "alternative"]
    beside = [each.name for each in item.partners if each.role == "concomitant"]
    return " + ".join(filter(None, (*own, " or ".join(either), *beside))) or item.cite
