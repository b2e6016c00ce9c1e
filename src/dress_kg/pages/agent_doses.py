"""Printed amounts of an agent on axes: one for each thing that amounts are for and each kind of unit.

Amounts for a day, a dose and a total never share an axis, nor do mg and mg/kg. Those with a warning stand
beside their axis, not on it: the rule is that of the stored query dose-range-per-agent, and a test holds the
two equal.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

import pyoxigraph as ox

from dress_kg.pages.item_model import Item, Step
from dress_kg.pages.regimen_words import span, step_words, unit
from dress_kg.pages.rows import many

_MASS = re.compile(r"(g|mg|ug)(?=/|$)")
_MILLIGRAMS = {"g": Decimal(1000), "mg": Decimal(1), "ug": Decimal("0.001")}
_PER = {
    "day": "for a day",
    "dose": "for one dose",
    "total": "in total",
    "week": "for a week",
    "month": "for a month",
    None: "what it is for is not printed",
}


@dataclass(frozen=True, slots=True)
class Bar:
    """One printed amount.

    :ivar item: IRI of its item. :ivar cite: author and year. :ivar role: of the agent in that row.
    :ivar low, high: in the unit of the axis.
    :ivar start, width: per cent of the axis; None where it is left out.
    :ivar warnings: rules that leave it out.
    """

    item: str
    cite: str
    words: str
    role: str
    low: Decimal
    high: Decimal
    start: Decimal | None
    width: Decimal | None
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Tick:
    """A number on an axis. :ivar at: per cent. :ivar anchor: of its text, as SVG has it."""

    at: Decimal
    text: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Axis:
    """An axis from zero. :ivar per: what the amounts are for, in words. :ivar said: the range in words."""

    per: str
    unit: str
    ticks: tuple[Tick, ...]
    drawn: tuple[Bar, ...]
    left_out: tuple[Bar, ...]
    said: str


def flagged(store: ox.Store, agent: str) -> Mapping[str, tuple[str, ...]]:
    """The warnings on dose statements of an agent, by their IRIs.

    A finding that prints one of the item's doses is about that dose, else about all of them.
    """
    return many(
        store,
        """SELECT ?step ?rule {
          ?step dk:agent ?agent .
          ?item dk:step ?step .
          ?quality a dk:QualityFinding ; dk:about ?item ; dk:rule ?rule ; dk:severity ?severity .
          FILTER(?severity != <https://w3id.org/dress-kg/vocab/severity/info> && STRSTARTS(?rule, "dose-"))
          OPTIONAL { ?step dk:verbatim ?text }
          OPTIONAL { ?quality dk:printedValue ?value }
          FILTER(CONTAINS(COALESCE(?text, ""), COALESCE(?value, "")) || !EXISTS {
            ?item dk:step/dk:verbatim ?any .
            ?quality dk:printedValue ?printed .
            FILTER(CONTAINS(?any, ?printed))
          })
        }""",
        agent=agent,
    )


def axes(agent: str, items: Iterable[Item], warnings: Mapping[str, tuple[str, ...]]) -> list[Axis]:
    """The axes of an agent, those with most amounts first; amounts in words are on none.

    :param warnings: on dose statements, as :func:`flagged` gives them.
    """
    found: dict[tuple[str | None, str], list[tuple[Item, Step]]] = {}
    for item in items:
        for step in item.facts.steps:
            mine = step.agent is not None and step.agent.iri == agent
            if mine and step.unit and step.low is not None and step.high is not None:
                family = _MASS.sub("mg", step.unit, count=1)
                found.setdefault((step.per, family), []).append((item, step))
    made = [_axis(agent, per, there, warnings) for (per, _), there in found.items()]
    return sorted(made, key=lambda axis: (-len(axis.drawn), axis.per, axis.unit))


def _axis(
    agent: str, per: str | None, there: list[tuple[Item, Step]], warnings: Mapping[str, tuple[str, ...]]
) -> Axis:
    milligrams, code = max((_milligrams(step.unit), step.unit or "") for _, step in there)

    def scaled(value: Decimal | None, step: Step) -> Decimal:
        return (value or Decimal(0)) * _milligrams(step.unit) / milligrams

    kept = [scaled(step.high, step) for _, step in there if step.iri not in warnings]
    top, ticks = _ticks(max(kept, default=Decimal(1)))
    bars = []
    for item, step in there:
        low, high = scaled(step.low, step), scaled(step.high, step)
        why = warnings.get(step.iri, ())
        bars.append(
            Bar(
                item.iri, cite_of(item), _words(step), _role(item, agent), low, high,
                None if why else _percent(low, top), None if why else _percent(high - low, top), why,
            )
        )  # fmt: skip
    drawn = tuple(
        sorted((bar for bar in bars if not bar.warnings), key=lambda bar: (bar.low, bar.high, bar.cite))
    )
    return Axis(
        _PER.get(per, f"for a {per}"),
        unit(code),
        ticks,
        drawn,
        tuple(bar for bar in bars if bar.warnings),
        span(min(bar.low for bar in drawn), max(bar.high for bar in drawn)) or "" if drawn else "",
    )


def _words(step: Step) -> str:
    """The statement without its agent, its group before it."""
    return (f"{step.group}: " if step.group else "") + step_words(step, with_agent=False)


def _milligrams(code: str | None) -> Decimal:
    mass = _MASS.match(code or "")
    return _MILLIGRAMS[mass[1]] if mass else Decimal(1)


def _percent(value: Decimal, top: Decimal) -> Decimal:
    return round(value * 100 / top, 2)


def _ticks(most: Decimal) -> tuple[Decimal, tuple[Tick, ...]]:
    """The end of an axis from zero that holds a value, and its ticks: at most five steps of 1, 2 or 5.

    >>> top, ticks = _ticks(Decimal(175))
    >>> top, [tick.text for tick in ticks]
    (Decimal('200'), ['0', '50', '100', '150', '200'])
    """
    power = Decimal(10) ** (most.adjusted() - 1)
    step = next(size * power for size in (1, 2, 5, 10, 20, 50, 100) if size * power * 5 >= most)
    number = math.ceil(most / step)
    at = [step * each for each in range(number + 1)]
    last = len(at) - 1
    return at[-1], tuple(
        Tick(_percent(value, at[-1]), span(value, value) or "0",
             "start" if each == 0 else "end" if each == last else "middle")
        for each, value in enumerate(at)
    )  # fmt: skip


def cite_of(item: Item) -> str:
    """Author and year of what an item cites; its label where it prints neither."""
    mine = item.facts.citation
    told = " ".join(each for each in (mine.author, mine.year) if each) if mine else None
    return told or item.label


def _role(item: Item, agent: str) -> str:
    return next((each.role for each in item.facts.components if each.agent.iri == agent), "mentioned")
