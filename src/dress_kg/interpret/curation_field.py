"""What a curated field is: its name, which values it takes, and how it sets a fact."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from dress_kg.errors import CurationError
from dress_kg.records import Agent, Curation, Evidence, Selection

Resolve = Callable[[str], Agent | None]
"""Finds an agent of the vocabulary by a whole name (`AgentLexicon.resolve`)."""

NOT_STATED = "not stated"
REJECT = "reject: "
UNMAPPED = "unmapped"


class Shape(StrEnum):
    """How many decisions an item can have on a field.

    ONE: a single value. SUBJECT: one for each thing that the value names before its last colon
    (`prednisone: prior`). LIST: one for each value; `reject: ` in front of it takes the value away.
    """

    ONE = "one"
    SUBJECT = "subject"
    LIST = "list"


@dataclass(frozen=True, slots=True)
class Field:
    """A field that a curation can set.

    :ivar takes: what a whole value looks like. :ivar form: the same in words, with an example.
    :ivar choices: the values there are where they can be listed (for SUBJECT the part after the colon).
    :ivar per_cell: whether decisions on two cells of an item are two decisions.
    :ivar set: gives the item with the decision carried out.
    """

    shape: Shape
    takes: re.Pattern[str]
    form: str
    set: Callable[[Evidence, Curation, Resolve | None], Evidence]
    choices: tuple[str, ...] = ()
    per_cell: bool = False

    def slot(self, curation: Curation) -> tuple[str, ...]:
        """What a later decision on the same thing has in common with this one."""
        base = (curation.item, curation.field, (curation.cell or "") if self.per_cell else "")
        if self.shape is Shape.ONE:
            return base
        if self.shape is Shape.SUBJECT:
            return (*base, split_subject(curation.value)[0])
        return (*base, curation.value.removeprefix(REJECT))


def one_of(values: Sequence[str]) -> re.Pattern[str]:
    """A pattern that takes these values and no other."""
    return re.compile("|".join(re.escape(value) for value in values))


def split_subject(value: str) -> tuple[str, str]:
    """What a value is about and what is said of it.

    >>> split_subject("prednisone: prior")
    ('prednisone', 'prior')
    """
    subject, _, said = value.rpartition(": ")
    return subject, said


def split_reject(value: str) -> tuple[bool, str]:
    """Whether a value is taken away, and the value.

    >>> split_reject("reject: rescue")
    (True, 'rescue')
    """
    return value.startswith(REJECT), value.removeprefix(REJECT)


def whole_cell(evidence: Evidence, curation: Curation) -> Selection:
    """The cell that a decision was made on, all of it."""
    field = curation.cell or ""
    text = evidence.row.cells[field].text
    return Selection(field, 0, len(text), text)


def agents_of(evidence: Evidence) -> dict[str, Agent]:
    """All agents that an item names, by label."""
    parts = [*(evidence.strategy.components if evidence.strategy else ()), *evidence.others]
    named = {part.agent.label: part.agent for part in parts}
    named |= {target.label: target for finding in evidence.findings for target in finding.targets}
    named |= {culprit.agent.label: culprit.agent for culprit in evidence.culprits}
    named |= {harm.agent.label: harm.agent for harm in evidence.harms if harm.agent}
    named |= {step.agent.label: step.agent for step in evidence.steps if step.agent}
    return named


def agent_named(evidence: Evidence, name: str, curation: Curation, resolve: Resolve | None) -> Agent:
    """The agent of that name, among those of the row or of the vocabulary.

    :raises CurationError: neither knows it.
    """
    found = agents_of(evidence).get(name) or (None if resolve is None else resolve(name))
    if found is None:
        raise fault(
            "a curation names an agent that neither the row nor the vocabulary knows",
            curation,
            name,
            "use a label of ontology/vocab/agents.ttl",
        )
    return found


def fault(message: str, curation: Curation, value: str, remedy: str) -> CurationError:
    """An error at the value of a curation."""
    return CurationError(message, line=curation.line, column="value", value=value, remedy=remedy)
