"""What `interpret` makes of one row: citation, study, findings, context, rating, and the whole item."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from dress_kg.records.regimen import IntervalStatement, RegimenStep
from dress_kg.records.strategy import Agent, Basis, Component, Selection, Strategy
from dress_kg.records.table import Row


@dataclass(frozen=True, slots=True)
class Citation:
    """What one row prints of its reference.

    :ivar author: first author's family name with word-break hyphens mended ("Cumbo-Nacheli").
    :ivar printed_author: exactly as printed.
    :ivar journal: abbreviation in NLM style where the list knows it, else as printed without full stops.
    :ivar journal_full: full title where the list knows it.
    :ivar selections: by part name: `author`, `initials`, `journal`, `year`, `number`.
    """

    author: str | None
    printed_author: str | None
    initials: str | None
    et_al: bool
    journal: str | None
    printed_journal: str | None
    journal_full: str | None
    year: int | None
    year_suffix: str | None
    number: str | None
    selections: Mapping[str, Selection] = field(default_factory=dict)
    unread: tuple[Selection, ...] = ()


@dataclass(frozen=True, slots=True)
class Study:
    """Design, patients and population of the cited work, as far as the row states them.

    :ivar design: a concept id of the study-design scheme (`case-report`, `review`, `systematic-review`,
        `expert-opinion-review`, `retrospective-study`, `prospective-study`, …) or None.
    :ivar patients: number of patients; None is unknown, never zero.
    :ivar population: short phrases (`pediatric`, `severe DRESS`, `HIV`, …).
    """

    design: str | None
    design_basis: Basis | None
    patients: int | None
    patients_basis: Basis | None
    population: tuple[tuple[str, Selection], ...] = ()
    design_selections: tuple[Selection, ...] = ()
    patients_selections: tuple[Selection, ...] = ()
    unread: tuple[Selection, ...] = ()


class Direction(StrEnum):
    """Which way a finding, or a whole row, points."""

    EFFECTIVE = "effective"
    NOT_EFFECTIVE = "not effective"
    MIXED = "mixed"
    RECOMMENDED = "recommended"
    RECOMMENDED_AGAINST = "recommended against"
    CONDITIONAL = "conditional"
    NOT_STATED = "not stated"


class FindingKind(StrEnum):
    """What sort of statement a finding is."""

    REPORTED_OUTCOME = "reported outcome"
    OPINION = "opinion"
    RECOMMENDATION = "recommendation"


@dataclass(frozen=True, slots=True)
class Finding:
    """One statement of a row about a strategy or about agents.

    :ivar targets: the agents it is about; empty means the strategy of the row.
    :ivar primary: True for the one that gives the row its summary direction.
    :ivar voice: whose statement it is, e.g. "cited author, in the guideline's words".
    :ivar conditions: under which the statement holds, as printed phrases.
    :ivar selections: the words it rests on; the first is the main one.
    :ivar reason: a curator's reason, where `basis` is curated.
    """

    kind: FindingKind
    direction: Direction
    targets: tuple[Agent, ...]
    primary: bool
    selections: tuple[Selection, ...]
    voice: str | None = None
    conditions: tuple[Selection, ...] = ()
    hedged: bool = False
    basis: Basis = Basis.STATED
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class LineOfTherapy:
    """`first-line`, `second-line`, `steroid-sparing` where printed; `rescue`, `adjunct` are inferred."""

    value: str
    basis: Basis
    selections: tuple[Selection, ...]


@dataclass(frozen=True, slots=True)
class Harm:
    """An adverse event or death.

    :ivar event: the event in words. :ivar agent: the agent it is attributed to, None where not stated.
    :ivar patients: affected; 0 where the row denies the event ("no mortality"). :ivar of_patients: of how
        many; both None where not printed.
    :ivar serious: True where printed as severe, serious or fatal, False where printed as mild; else None.
    :ivar basis: inferred where the agent is.
    """

    event: str
    agent: Agent | None
    patients: int | None
    of_patients: int | None
    serious: bool | None
    selections: tuple[Selection, ...]
    basis: Basis = Basis.STATED


class ContextKind(StrEnum):
    """What a context statement is about."""

    ORGAN = "organ involvement"
    VIRUS = "viral reactivation or infection"
    COMORBIDITY = "comorbidity"
    SEVERITY = "severity"
    PRIOR_FAILURE = "prior treatment failure"
    POPULATION = "population"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class ContextStatement:
    """A circumstance of the row's patients, or a condition that a recommendation names.

    :ivar concept: id of a concept of the condition vocabulary (`acute-kidney-injury`), or None.
    :ivar organ: the organ (`kidney`, `liver`, `heart`, …) for organ involvement, else None.
    :ivar hypothetical: True where it is a condition of advice, not a fact about the patients.
    """

    kind: ContextKind
    label: str
    selections: tuple[Selection, ...]
    concept: str | None = None
    organ: str | None = None
    hypothetical: bool = False
    basis: Basis = Basis.STATED


@dataclass(frozen=True, slots=True)
class Culprit:
    """A drug (or class) held to have caused the reaction; `suspected` for a suspected trigger only."""

    agent: Agent
    suspected: bool
    selections: tuple[Selection, ...]
    basis: Basis = Basis.STATED


@dataclass(frozen=True, slots=True)
class Assessment:
    """The guideline panel's level(s) and grade(s) of this row.

    :ivar levels: codes on the scale, e.g. ("3", "4") for a printed "3/4".
    """

    scale: str
    levels: tuple[str, ...]
    grades: tuple[str, ...]
    printed_level: str | None
    printed_grade: str | None
    level_selection: Selection | None = None
    grade_selection: Selection | None = None
    unread: tuple[Selection, ...] = ()


@dataclass(frozen=True, slots=True)
class Condition:
    """What an item is about, where its own row says it.

    :ivar concept: id in our vocabulary, or None: then it is a concept of the source, under its label.
    :ivar label: as printed. :ivar identifier: the IRI of a printed id, or None.
    """

    concept: str | None
    label: str
    identifier: str | None = None


@dataclass(frozen=True, slots=True)
class Curation:
    """One accepted line of a curation file: item, field, value, reason, curator, date, cell text.

    :ivar cell: field name of the cell it was decided on. :ivar cell_text: that cell's text at the time;
        a curation whose cell reads otherwise now is stale. :ivar line: 1-based line of the curation file.
    """

    item: str
    field: str
    value: str
    reason: str
    curator: str
    date: str
    cell: str | None = None
    cell_text: str | None = None
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """One evidence item: everything read from one row.

    :ivar key: the item's key (`cyclosporine-kirchhof-2016`), from which `terms` mints its IRI.
    :ivar others: agents named only in other cells, with their role.
    :ivar direction: the row in one word, for filters; :ivar direction_basis: how it is known.
    :ivar condition: what this row is about, None where the whole source is about one.
    :ivar publication_id: a printed id of the cited work (`pmid:16081687`), or None.
    :ivar unread: what no rule read, never dropped.
    """

    source: str
    key: str
    row: Row
    strategy: Strategy | None
    others: tuple[Component, ...]
    steps: tuple[RegimenStep, ...]
    intervals: tuple[IntervalStatement, ...]
    citation: Citation | None
    study: Study
    findings: tuple[Finding, ...]
    direction: Direction
    direction_basis: Basis
    harms: tuple[Harm, ...]
    lines_of_therapy: tuple[LineOfTherapy, ...]
    contexts: tuple[ContextStatement, ...]
    culprits: tuple[Culprit, ...]
    assessment: Assessment | None
    curations: tuple[Curation, ...] = ()
    unread: tuple[Selection, ...] = ()
    condition: Condition | None = None
    publication_id: str | None = None
