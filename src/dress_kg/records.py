"""The values that flow between the stages: frozen, typed, each with the text it was read from.

Two families. What `table` and `repair` make: :class:`Line`, :class:`Cell`, :class:`Row`,
:class:`LedgerEntry`, :class:`Table`. What `interpret` makes of one row: :class:`Evidence` and its parts.
Absence is None (or an empty tuple), never an empty string. Offsets count Unicode code points.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

# --------------------------------------------------------------------------- lines, cells, rows


class LineKind(StrEnum):
    """The class of a physical line; each line of a file has exactly one."""

    ROW = "row"
    HEADER = "header"
    SECTION = "section"
    FOOTER = "footer"
    FOOTNOTE = "footnote"
    NOISE = "noise"
    BLANK = "blank"


@dataclass(frozen=True, slots=True)
class Line:
    """One physical line of the file.

    :ivar number: 1-based.
    :ivar text: the line as read, without its line end.
    :ivar cells: the raw cells, untouched.
    """

    number: int
    text: str
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RawCell:
    """A cell of one physical line, untouched.

    :ivar line: 1-based physical line.
    :ivar position: 1-based position of the column in the file.
    """

    line: int
    position: int
    text: str


@dataclass(frozen=True, slots=True)
class Fragment:
    """`cell.text[start:end]` was read from `raw_cell.text[raw_start:raw_end]` on that line.

    The two stretches have the same length and the same characters. Characters of a repaired cell
    that no fragment covers were put there by a repair (a joining space).
    """

    start: int
    end: int
    line: int
    position: int
    raw_start: int
    raw_end: int


@dataclass(frozen=True, slots=True)
class Repair:
    """One change made to get from lines to a row; reversible: `before` stays known.

    :ivar field: the column's field name (`drug`, `dose`, …) or None when it concerns whole lines.
    :ivar line: the physical line the repair acted on (the first one where it joins several).
    :ivar before: the text before; :ivar after: the text after ("" where text was set aside).
    :ivar rule: the rule's name (`join-continuation`, `set-aside-noise`, `mend-word`, …).
    """

    field: str | None
    line: int
    before: str
    after: str
    rule: str


@dataclass(frozen=True, slots=True)
class Cell:
    """A row's text in one column after repair.

    :ivar field: the profile's name for the column (`drug`, `dose`, `comments`, …).
    :ivar column: the header as printed.
    :ivar text: after all repairs; may be "" (an empty printed cell is a fact, not an absence).
    :ivar joined: after joining lines and setting noise aside, before words are mended.
    :ivar fragments: where each stretch of `text` stands in the file.
    :ivar raw: the raw cells it was made of, in order.
    """

    field: str
    column: str
    text: str
    joined: str
    fragments: tuple[Fragment, ...]
    raw: tuple[RawCell, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """One logical row of the table.

    :ivar ordinal: 1-based among the rows of its table.
    :ivar lines: the physical lines that make it, ascending.
    :ivar section: the section band above it, as the profile names it, or None.
    :ivar cells: by field name; every column of the table is there.
    """

    ordinal: int
    lines: tuple[int, ...]
    section: str | None
    cells: Mapping[str, Cell]
    repairs: tuple[Repair, ...] = ()
    noise: tuple[RawCell, ...] = ()


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """What became of one physical line, and why.

    :ivar row: the ordinal of the row it belongs to, or None.
    """

    line: int
    kind: LineKind
    reason: str
    row: int | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """A source table after repair.

    :ivar source: the profile's name (`dress`).
    :ivar file: the file read, as given.
    :ivar columns: (field, header as printed) in file order.
    :ivar ledger: one entry per physical line, ascending: it adds up or the build fails.
    """

    source: str
    file: str
    columns: tuple[tuple[str, str], ...]
    rows: tuple[Row, ...]
    ledger: tuple[LedgerEntry, ...]
    lines: tuple[Line, ...]


# --------------------------------------------------------------------------- interpretation


class Basis(StrEnum):
    """How a fact is known."""

    STATED = "stated"
    INFERRED = "inferred"
    CURATED = "curated"


@dataclass(frozen=True, slots=True, order=True)
class Selection:
    """The characters of a repaired cell that something was read from: `cell.text[start:end] == exact`."""

    field: str
    start: int
    end: int
    exact: str


class AgentKind(StrEnum):
    """What sort of thing is given or done. UNKNOWN: read as an agent, not in our vocabulary."""

    DRUG = "drug"
    DRUG_CLASS = "drug class"
    BIOLOGIC = "biologic"
    PROCEDURE = "procedure"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Agent:
    """A drug, drug class, biologic or procedure.

    :ivar id: the last part of its concept IRI (`intravenous-immunoglobulin`), from `terms.slug(label)`.
    :ivar route: a route that the name itself states (`intravenous` for IVIG), else None.
    :ivar broader: ids of the classes it is under.
    """

    id: str
    label: str
    kind: AgentKind
    route: str | None = None
    broader: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AgentMention:
    """An agent named at `text[start:end]`.

    :ivar match: `exact` (label or synonym, ignoring case and hyphens), `misspelt`, `unmapped`.
    """

    agent: Agent
    start: int
    end: int
    exact: str
    match: str = "exact"


class Role(StrEnum):
    """An agent's part in a row."""

    INDEX = "index"
    CONCOMITANT = "concomitant"
    PRIOR = "prior"
    SUBSEQUENT = "subsequent"
    ALTERNATIVE = "alternative"
    EXCLUDED = "excluded"
    MENTIONED = "mentioned"


class Operator(StrEnum):
    """How the agents of a strategy are joined."""

    SINGLE = "single"
    COMBINATION = "combination"
    ALTERNATIVES = "alternatives"
    SEQUENCE = "sequence"


@dataclass(frozen=True, slots=True)
class Component:
    """An agent with its role. `in_strategy` is False for agents named only outside the DRUG cell."""

    agent: Agent
    role: Role
    selections: tuple[Selection, ...]
    basis: Basis = Basis.STATED
    in_strategy: bool = True


@dataclass(frozen=True, slots=True)
class Strategy:
    """The DRUG cell, read.

    :ivar monotherapy_stated: only where the text says so ("as monotherapy").
    :ivar variant: a stated variant of the procedure or drug ("living-donor"), or None.
    :ivar unread: stretches of the DRUG cell that no rule read.
    """

    operator: Operator
    components: tuple[Component, ...]
    monotherapy_stated: bool = False
    variant: str | None = None
    selections: tuple[Selection, ...] = ()
    unread: tuple[Selection, ...] = ()


@dataclass(frozen=True, slots=True)
class Cycle:
    """A step repeated: every low to high unit, for a stretch of time, `count` times.

    Units are UCUM time units (`d`, `wk`, `mo`). Each part is None where the text does not state it.
    """

    every_low: Decimal | None = None
    every_high: Decimal | None = None
    every_unit: str | None = None
    for_value: Decimal | None = None
    for_unit: str | None = None
    count: int | None = None


@dataclass(frozen=True, slots=True)
class RegimenStep:
    """One dose statement. Field meanings as in the command contract of `interpret dose`.

    :ivar order: 1-based over the steps of the row. :ivar phase: 1-based; steps given together share it.
    :ivar unit: a valid UCUM amount without time (`mg`, `mg/kg`, `mg/m2`, `{tablet}`).
    :ivar basis_per: what the amount is for: `day`, `dose`, `total`, `week`, `month` or None.
    :ivar frequency: times per `period` `period_unit` (FHIR Timing), with `frequency_max`, `period_max`.
    :ivar count: how often in all (FHIR Timing.repeat.count); 1 for a dose given once.
    :ivar divided: a daily (or total) amount that is given in parts.
    :ivar route: `oral`, `intravenous`, `subcutaneous`, … or None; `route_basis`: `stated`, `agent name`,
        `inferred` or None.
    :ivar duration_basis: `stated` in the same statement; `interval` when taken from the INTERVAL cell.
    :ivar group: the regimen group as printed or counted (`A`, `Case 1`), or None.
    :ivar qualitative: the words of a dose without a number ("high dose", "slowly tapered").
    :ivar infusion: rate or run time as printed ("over 60 min").
    :ivar selections: the characters the step rests on; the first one is its verbatim text.
    """

    order: int
    agent: Agent | None
    phase: int
    selections: tuple[Selection, ...]
    low: Decimal | None = None
    high: Decimal | None = None
    unit: str | None = None
    basis_per: str | None = None
    divided: bool = False
    frequency: Decimal | None = None
    frequency_max: Decimal | None = None
    period: Decimal | None = None
    period_max: Decimal | None = None
    period_unit: str | None = None
    count: int | None = None
    duration: Decimal | None = None
    duration_max: Decimal | None = None
    duration_unit: str | None = None
    duration_basis: str | None = None
    as_needed: bool | None = None
    route: str | None = None
    route_basis: str | None = None
    infusion: str | None = None
    strength: str | None = None
    cycle: Cycle | None = None
    group: str | None = None
    alternative: bool = False
    qualitative: str | None = None


class IntervalKind(StrEnum):
    """What a statement of the INTERVAL cell is about."""

    TREATMENT_DURATION = "treatment duration"
    RECURRING_DURATION = "treatment duration (recurring)"
    FOLLOW_UP = "follow-up"
    NUMBER_OF_DOSES = "number of doses"
    NUMBER_OF_CYCLES = "number of cycles"
    BETWEEN_DOSES = "interval between doses"
    TAPER = "taper (unquantified)"


@dataclass(frozen=True, slots=True)
class IntervalStatement:
    """One statement of time in the INTERVAL cell; `unit` is UCUM (`d`, `wk`, `mo`, `{dose}`, `{cycle}`)."""

    kind: IntervalKind
    low: Decimal | None
    high: Decimal | None
    unit: str | None
    selection: Selection


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
    :ivar patients: affected, :ivar of_patients: of how many; None where not printed.
    :ivar serious: True where printed as severe, serious or fatal.
    """

    event: str
    agent: Agent | None
    patients: int | None
    of_patients: int | None
    serious: bool
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
