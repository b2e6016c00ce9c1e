"""Regimens as timelines: groups apart, phases one after the other, what is given together side by side.

A timeline is to scale only where the row prints how long each phase lasts; else its blocks are of equal
length and only the order is told. Alternatives stand in one phase and are never added.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from dress_kg.pages.agent_doses import cite_of
from dress_kg.pages.item_model import Item, Step
from dress_kg.pages.regimen_words import step_words, time

_DAYS = {
    "min": Decimal(1) / 1440,
    "h": Decimal(1) / 24,
    "d": Decimal(1),
    "wk": Decimal(7),
    "mo": Decimal("30.4375"),
    "a": Decimal("365.25"),
}
_At = tuple[int, int]
"""Before, with or after the treatment of the row; and the phase."""
_BEFORE_AND_AFTER = {"prior": -1, "subsequent": 1}


@dataclass(frozen=True, slots=True)
class Block:
    """A dose statement on a timeline.

    :ivar start, width: per cent of the timeline. :ivar open: how long it ran is not printed.
    :ivar role: of its agent in the row. :ivar warnings: rules of quality findings on it.
    """

    words: str
    start: Decimal
    width: Decimal
    open: bool
    alternative: bool
    role: str | None
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Lane:
    """A group: a case, a regimen, or the whole row where it names none."""

    name: str | None
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Timeline:
    """The regimens of one item. :ivar length: of the longest lane in words; None where only order is told."""

    item: str
    cite: str
    lanes: tuple[Lane, ...]
    length: str | None


def timeline(item: Item, warnings: Mapping[str, tuple[str, ...]]) -> Timeline | None:
    """The timeline of an item, None where it prints no dose.

    :param warnings: on dose statements, by their IRIs.
    """
    steps = item.facts.steps
    if not steps:
        return None
    roles = {each.agent.iri: each.role for each in item.facts.components}
    groups: dict[str | None, dict[_At, list[Step]]] = {}
    for step in steps:
        role = roles.get(step.agent.iri) if step.agent else None
        at = (_BEFORE_AND_AFTER.get(role or "", 0), step.phase or 1)
        groups.setdefault(step.group, {}).setdefault(at, []).append(step)
    lasting = {name: {at: _lasting(there) for at, there in phases.items()} for name, phases in groups.items()}
    # What has no group comes before the later phases of each group.
    for name, phases in groups.items():
        if name is not None:
            lasting[name] |= {at: each for at, each in lasting.get(None, {}).items() if at < min(phases)}
    scaled = all(length is not None for lengths in lasting.values() for length in lengths.values())
    width = {name: {at: (length if scaled and length else Decimal(1)) for at, length in lengths.items()}
             for name, lengths in lasting.items()}  # fmt: skip
    longest = max(sum(lengths.values(), Decimal(0)) for lengths in width.values())
    lanes = tuple(
        Lane(name, tuple(_blocks(phases, width[name], longest, roles, warnings)))
        for name, phases in groups.items()
    )
    return Timeline(item.iri, cite_of(item), lanes, _length(longest) if scaled else None)


def _blocks(
    phases: Mapping[_At, Sequence[Step]],
    width: Mapping[_At, Decimal],
    longest: Decimal,
    roles: Mapping[str, str],
    warnings: Mapping[str, tuple[str, ...]],
) -> Iterator[Block]:
    for at, there in sorted(phases.items()):
        start = sum((each for before, each in width.items() if before < at), Decimal(0))
        for step in there:
            yield Block(
                step_words(step),
                round(start * 100 / longest, 2),
                round(width[at] * 100 / longest, 2),
                days(step) is None,
                step.alternative,
                roles.get(step.agent.iri) if step.agent else None,
                warnings.get(step.iri, ()),
            )


def days(step: Step) -> Decimal | None:
    """How long a step runs, at most, in days; None where that is not printed.

    A cycle counts from its first turn to its last.
    """
    if step.cycle_for is not None:
        return _in_days(step.cycle_for, step.cycle_for_unit)
    if step.every_high is not None and step.cycle_count:
        return _in_days(step.every_high * step.cycle_count, step.every_unit)
    return _in_days(step.duration_max or step.duration, step.duration_unit)


def _in_days(value: Decimal | None, code: str | None) -> Decimal | None:
    return None if value is None or code not in _DAYS else value * _DAYS[code]


def _lasting(phase: Sequence[Step]) -> Decimal | None:
    """The longest of what is given in one phase; None where one of its lengths is not printed."""
    lengths = [days(step) for step in phase]
    known = [each for each in lengths if each is not None]
    return max(known) if known and len(known) == len(lengths) else None


def _length(value: Decimal) -> str:
    """A length in days, or in hours where it is short.

    >>> _length(Decimal(41)), _length(Decimal(1) / 2)
    ('41 days', '12 hours')
    """
    whole = value.quantize(Decimal(1))
    if value < 2:
        hours = (value * 24).quantize(Decimal("0.1")).normalize()
        return time(hours, hours, "h") or ""
    return time(whole, whole, "d") or ""
