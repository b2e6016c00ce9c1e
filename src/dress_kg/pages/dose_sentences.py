"""Doses and times of an evidence item as sentences, each number as the facts have it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from dress_kg.pages.clause import Clause, listed
from dress_kg.pages.item_model import Component, Facts, Interval, Step
from dress_kg.pages.regimen_words import interval_words, step_words

_APART = {"prior": "given before", "subsequent": "given after"}


def doses(facts: Facts, doubtful: frozenset[str]) -> Clause | None:
    """Dose statements: phases one after the other, groups apart, alternatives joined by "or"."""
    steps = facts.steps
    if not steps:
        return None
    treated = _treated(facts)
    others = given_apart(facts)
    groups = []
    for group, members in groupby(steps, key=lambda each: each.group):
        text = _phases(list(members), doubtful, others)
        groups.append(f"{group}: {text}" if group else text)
    lead = "Dose as printed" if len(steps) == 1 else "Doses as printed"
    if treated and all(step.agent and step.agent.iri in others for step in steps):
        lead = f"No dose of {listed(treated, 'or')} is printed. {lead}"
    return Clause(f"{lead}: {'; '.join(groups)}.", "author", tuple(step.iri for step in steps))


def _treated(facts: Facts) -> list[str]:
    return [each.agent.label for each in facts.components if each.printed and each.role == "index"]


def given_apart(facts: Facts) -> dict[str, str]:
    """By IRI, the agents that were given before or after the treatment only, and which, in words."""
    treated = listed(_treated(facts)) or "the treatment"
    parts: dict[str, list[Component]] = {}
    for each in facts.components:
        parts.setdefault(each.agent.iri, []).append(each)
    told = {}
    for iri, mine in parts.items():
        roles = {each.role for each in mine}
        if len(roles) == 1 and (word := _APART.get(mine[0].role)):
            told[iri] = f"{word} {treated}" + (
                ", inferred" if all(each.basis == "inferred" for each in mine) else ""
            )
    return told


def _phases(steps: Sequence[Step], doubtful: frozenset[str], apart: dict[str, str]) -> str:
    text = ""
    before: Step | None = None
    for step in steps:
        same = before is not None and before.agent == step.agent
        told = step_words(step, with_agent=not same)
        if not same and step.agent and step.agent.iri in apart:
            told += f" ({apart[step.agent.iri]})"
        if step.iri in doubtful:
            told += " (doubtful: a warning stands on it)"
        if before is not None:
            text += " or " if step.alternative else ", then " if step.phase != before.phase else "; "
        text += told
        before = step
    return text


def times(facts: Facts) -> Clause | None:
    """Statements of time that no dose statement carries already."""
    told = [each for each in facts.intervals if not any(_carries(step, each) for step in facts.steps)]
    if not told:
        return None
    texts = [f"{each.label} {interval_words(each)}" + (f" ({each.group})" if each.group else "")
             for each in told]  # fmt: skip
    text = "; ".join(texts)
    return Clause(f"{text[:1].upper()}{text[1:]}.", "author", tuple(each.iri for each in told))


def _carries(step: Step, interval: Interval) -> bool:
    """Whether a dose statement says what a statement of time says, with the same numbers."""
    low, high, unit = interval.low, interval.high, interval.unit
    if interval.kind == "taper-unquantified":
        return step.qualitative is not None
    if interval.kind in ("treatment-duration", "treatment-duration-recurring"):
        lengths = (
            (step.duration, step.duration_max or step.duration, step.duration_unit),
            (step.cycle_for, step.cycle_for, step.cycle_for_unit),
        )
        return (low, high if high is not None else low, unit) in lengths and low is not None
    if interval.kind in ("number-of-cycles", "number-of-doses"):
        return low is not None and low in (step.cycle_count, step.count)
    if interval.kind == "interval-between-doses":
        return step.every_low is not None or step.period is not None
    return False
