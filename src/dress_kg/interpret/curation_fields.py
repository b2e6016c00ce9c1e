"""The fields that a curation can set, by name."""

from __future__ import annotations

import re
from functools import cache

from dress_kg import resources
from dress_kg.interpret import curated_facts as facts
from dress_kg.interpret.concepts import read_concepts
from dress_kg.interpret.curated_dose import STEP_FIELD, step_fields
from dress_kg.interpret.curation_field import NOT_STATED, REJECT, UNMAPPED, Field, Shape, one_of
from dress_kg.records import ContextKind, Direction, Role

LINES = ("first-line", "second-line", "third-line", "steroid-sparing", "rescue", "adjunct")
CONFIRMED = "confirmed"
NO_FAULT = "no fault"
_REJECTABLE = f"; with `{REJECT}` in front it is taken away"
_DIRECTIONS = tuple(direction.value for direction in Direction)
_ANY_DIRECTION = "|".join(map(re.escape, _DIRECTIONS))
_ANY_CONTEXT = "|".join(map(re.escape, ContextKind))
_ROLES = tuple(role.value for role in Role)


@cache
def designs() -> tuple[str, ...]:
    """The ids of the study designs."""
    concepts = read_concepts(resources.folder("ontology") / "vocab" / "study-designs.ttl")
    return tuple(concept.id for concept in concepts)


def _of_findings() -> dict[str, Field]:
    """What the row says of treatments."""
    lines = "|".join(LINES)
    some = re.compile(rf"(?:{REJECT})?\S.*")
    return {
        "direction": Field(
            Shape.ONE,
            one_of(_DIRECTIONS),
            "one of " + ", ".join(_DIRECTIONS),
            facts.set_direction,
            _DIRECTIONS,
        ),
        "finding": Field(
            Shape.LIST,
            re.compile(rf"(?:{REJECT})?(?:{_ANY_DIRECTION}): \S.*"),
            "a direction, a colon and agents joined by plus signs: `not effective: prednisone + rituximab`"
            + _REJECTABLE,
            facts.set_finding,
        ),
        "line_of_therapy": Field(
            Shape.LIST,
            re.compile(rf"(?:{REJECT})?(?:{lines})"),
            "one of " + ", ".join(LINES) + _REJECTABLE,
            facts.set_line_of_therapy,
            LINES,
        ),
        "culprit": Field(
            Shape.LIST,
            some,
            "an agent, with ` (suspected)` behind it where it is only that" + _REJECTABLE,
            facts.set_culprit,
        ),
        "harm": Field(
            Shape.LIST,
            re.compile(rf"(?:{REJECT})?{facts.HARM.pattern}"),
            "an event, and what is known of it: `death; agent cyclosporine; 1 of 2; serious`" + _REJECTABLE,
            facts.set_harm,
        ),
        "context": Field(
            Shape.LIST,
            re.compile(rf"(?:{REJECT})?(?:{_ANY_CONTEXT}): \S.*"),
            "a kind, a colon and the circumstance in words, with ` (hypothetical)` behind a condition of "
            "advice: `comorbidity: epilepsy`; kinds are " + ", ".join(ContextKind) + _REJECTABLE,
            facts.set_context,
        ),
    }


def _of_study() -> dict[str, Field]:
    """What the row says of its study."""
    some = re.compile(rf"(?:{REJECT})?\S.*")
    return {
        "patients": Field(
            Shape.ONE,
            re.compile(rf"[1-9][0-9]{{0,6}}|{NOT_STATED}"),
            f"a number of patients, 1 or more, or {NOT_STATED}",
            facts.set_patients,
        ),
        "design": Field(
            Shape.ONE,
            one_of((*designs(), NOT_STATED)),
            "one of " + ", ".join((*designs(), NOT_STATED)),
            facts.set_design,
            (*designs(), NOT_STATED),
        ),
        "population": Field(
            Shape.LIST, some, "a population in words: `pediatric`" + _REJECTABLE, facts.set_population
        ),
    }


def _of_agents() -> dict[str, Field]:
    """Who is named, and in which part."""
    return {
        "role": Field(
            Shape.SUBJECT,
            re.compile(rf"\S.*: (?:{'|'.join(_ROLES)})"),
            "an agent of the row and its role, `prednisone: prior`; roles are " + ", ".join(_ROLES),
            facts.set_role,
            _ROLES,
        ),
        "agent": Field(
            Shape.SUBJECT,
            re.compile(r"\S.*: \S.*"),
            f"a name of the row and the agent it stands for, `Gammagard: IVIG`, or `NAME: {UNMAPPED}`",
            facts.set_agent,
        ),
    }


def _recorded() -> dict[str, Field]:
    """Decisions that are kept and change nothing."""
    return {
        "flag": Field(
            Shape.SUBJECT,
            re.compile(rf"[a-z0-9-]+: (?:{CONFIRMED}|{NO_FAULT})"),
            f"a rule and what was found: `dose-to-verify: {CONFIRMED}` or `dose-to-verify: {NO_FAULT}`",
            facts.leave,
            (CONFIRMED, NO_FAULT),
            per_cell=True,
        ),
        "unread": Field(
            Shape.LIST,
            re.compile(r"\S.*"),
            "the words in which there is nothing to read",
            facts.leave,
        ),
    }


@cache
def fields() -> dict[str, Field]:
    """The fields by name, but those of the dose statements (`step.N.…`)."""
    return {**_of_findings(), **_of_study(), **_of_agents(), **_recorded()}


def field_of(name: str) -> Field | None:
    """The field of that name, or None.

    >>> field_of("step.2.route").choices[0]
    'buccal'
    """
    read = STEP_FIELD.fullmatch(name)
    return step_fields().get(read[2]) if read else fields().get(name)


def field_names() -> tuple[str, ...]:
    """The names of all fields, `step.N.…` for those of the Nth dose statement."""
    return (*fields(), *(f"step.N.{name}" for name in step_fields()))
