"""Read a dosing text: its dose statements in order, and what no rule read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Protocol

from dress_kg.interpret.drug_names import recognised
from dress_kg.interpret.numbers import as_json
from dress_kg.interpret.regimen.draft import steps_of
from dress_kg.interpret.regimen.grammar import phrases
from dress_kg.interpret.regimen.phrases import Phrase
from dress_kg.interpret.regimen.steps import Builder
from dress_kg.records import AgentMention, Cycle, RegimenStep, Selection

_NEUTRAL = ("filler", "comma", "open", "close", "boundary", "group")
_LONGEST_CACHED = 2000


class Lexicon(Protocol):
    """What is asked of an agent lexicon here."""

    def find(self, text: str) -> Sequence[AgentMention]:
        """The agents named in a text."""
        ...


@dataclass(frozen=True, slots=True)
class DoseReading:
    """What a dosing text states.

    :ivar steps: in the order of the text. :ivar unread: the stretches that no rule read.
    :ivar unnamed: `order` of the steps where an unknown word stands in the place of an agent's name: the
        agent of the row must not be put there.
    """

    steps: tuple[RegimenStep, ...]
    unread: tuple[Selection, ...]
    unnamed: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Parse:
    """The phrases of a text, the steps made of them, and which phrases (by first token) were used."""

    phrases: tuple[Phrase, ...]
    steps: tuple[RegimenStep, ...]
    used: frozenset[int]
    unnamed: frozenset[int]


def read_doses(text: str, lexicon: Lexicon, *, field: str = "dose") -> DoseReading:
    """The dose statements of a text and what stayed unread; no table context is used.

    `field` names the cell in the selections. Only what the text states is read: an agent, a route or a
    duration that it does not print stays None.
    """
    found = parse(text, lexicon, field)
    return DoseReading(found.steps, unread(text, found.phrases, found.used, field), found.unnamed)


def parse(text: str, lexicon: Lexicon, field: str) -> Parse:
    """Phrases and steps of a text; repeated cells are read once."""
    mentions = named_in_doses(text, lexicon)
    return (_parse if len(text) > _LONGEST_CACHED else _parse_cached)(text, mentions, field)


def named_in_doses(text: str, lexicon: Lexicon) -> tuple[AgentMention, ...]:
    """The agents of a dosing text: those of the lexicon, and words that name a drug it does not hold."""
    known = tuple(lexicon.find(text))
    taken = bytearray(len(text))
    for mention in known:
        taken[mention.start : mention.end] = b"\1" * (mention.end - mention.start)
    others = (m for m in recognised(text, dosed=True) if not any(taken[m.start : m.end]))
    return tuple(sorted((*known, *others), key=lambda mention: mention.start))


def _parse(text: str, mentions: tuple[AgentMention, ...], field: str) -> Parse:
    found = phrases(text, mentions)
    builder = Builder(found, text)
    drafts = builder.build()
    steps: list[RegimenStep] = []
    unnamed: set[int] = set()
    for draft in drafts:
        made = steps_of(draft, text, field, len(steps) + 1)
        if draft.foreign:
            unnamed.update(step.order for step in made)
        steps += made
    used = {phrase.first for draft in drafts for phrase in draft.own}
    used |= {found[i].first for i in builder.read}
    return Parse(tuple(found), tuple(steps), frozenset(used), frozenset(unnamed))


_parse_cached = lru_cache(maxsize=8192)(_parse)


def unread(text: str, found: Sequence[Phrase], used: frozenset[int], field: str) -> tuple[Selection, ...]:
    """The stretches of phrases that are neither used (by first token) nor neutral, joined where adjacent."""
    stretches: list[tuple[int, int]] = []
    open_ = False
    for phrase in found:
        if phrase.first in used:
            open_ = False
        elif phrase.is_word(*_NEUTRAL):
            continue
        elif open_:
            stretches[-1] = stretches[-1][0], phrase.end
        else:
            stretches.append((phrase.start, phrase.end))
            open_ = True
    return tuple(Selection(field, a, b, text[a:b]) for a, b in stretches)


def dose_json(text: str, lexicon: Lexicon) -> dict[str, Any]:
    """The answer of `dress-kg interpret dose` for one text: `text`, `steps`, `unread` as `[start, end]`.

    Beside the keys of the command contract a step has `count`, `cycle`, `group`, `qualitative`,
    `route_basis` and `strength`. Absent is None.
    """
    reading = read_doses(text, lexicon)
    return {
        "text": text,
        "steps": [step_json(step) for step in reading.steps],
        "unread": [[selection.start, selection.end] for selection in reading.unread],
    }


def step_json(step: RegimenStep) -> dict[str, Any]:
    """One step by the names of the command contract; numbers are integers where they are whole."""
    selection = step.selections[0]
    return {
        "start": selection.start,
        "end": selection.end,
        "agent": None if step.agent is None else step.agent.label,
        "low": as_json(step.low),
        "high": as_json(step.high),
        "unit": step.unit,
        "basis": step.basis_per,
        "divided": step.divided,
        "route": step.route,
        "route_basis": step.route_basis,
        "phase": step.phase,
        "alternative": step.alternative,
        "frequency": as_json(step.frequency),
        "frequency_max": as_json(step.frequency_max),
        "period": as_json(step.period),
        "period_max": as_json(step.period_max),
        "period_unit": step.period_unit,
        "duration": as_json(step.duration),
        "duration_max": as_json(step.duration_max),
        "duration_unit": step.duration_unit,
        "as_needed": step.as_needed,
        "infusion": step.infusion,
        "count": step.count,
        "cycle": None if step.cycle is None else cycle_json(step.cycle),
        "group": step.group,
        "qualitative": step.qualitative,
        "strength": step.strength,
    }


def cycle_json(cycle: Cycle) -> dict[str, Any]:
    """A cycle: every how long, for how long, how often."""
    return {
        "every_low": as_json(cycle.every_low),
        "every_high": as_json(cycle.every_high),
        "every_unit": cycle.every_unit,
        "for": as_json(cycle.for_value),
        "for_unit": cycle.for_unit,
        "count": cycle.count,
    }
