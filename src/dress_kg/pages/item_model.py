"""What the page of an evidence item knows: its facts, each with the characters it was read from."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from dress_kg.authors_report.model import Judged
from dress_kg.records import DoseStatement


@dataclass(frozen=True, slots=True)
class Words:
    """Characters of a cell. :ivar field: of the cell; :ivar start, end: code points, end exclusive."""

    field: str
    start: int
    end: int
    exact: str


@dataclass(frozen=True, slots=True)
class Named:
    """Something with an IRI and a name."""

    iri: str
    label: str


@dataclass(frozen=True, slots=True)
class Read:
    """What every fact has.

    :ivar iri: of its node. :ivar basis: `stated`, `inferred`, `curated` or None.
    :ivar words: what it was read from.
    """

    iri: str
    basis: str | None
    words: tuple[Words, ...]


@dataclass(frozen=True, slots=True)
class Citation(Read):
    """What the row prints of its reference. :ivar publication: what it refers to."""

    label: str
    author: str | None
    et_al: bool
    year: str | None
    publication: Named | None


@dataclass(frozen=True, slots=True)
class Study(Read):
    """Design and patients.

    :ivar basis: of the design. :ivar on_patients: whether such a study reports patients.
    :ivar patients_basis: `stated`, `inferred`, `curated` or None.
    """

    design: Named | None
    on_patients: bool | None
    patients: int | None
    patients_basis: str | None
    populations: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Component(Read):
    """An agent of the row.

    :ivar role: `index`, `concomitant`, … :ivar printed: whether the treatment as printed has it.
    """

    agent: Named
    role: str
    position: int
    printed: bool


@dataclass(frozen=True, slots=True)
class Strategy(Read):
    """The treatment. :ivar operator: `single`, `combination`, `alternatives`, `sequence`."""

    label: str
    operator: str | None
    monotherapy: bool
    variant: str | None


@dataclass(frozen=True, slots=True)
class Step(DoseStatement):
    """One dose statement. :ivar iri, words: as what is :class:`Read` has them.

    :ivar per: what the amount is for: `day`, `dose`, `total`, `week`, `month` or None.
    """

    iri: str
    words: tuple[Words, ...]
    agent: Named | None
    position: int
    phase: int | None
    verbatim: str
    per: str | None = None
    every_low: Decimal | None = None
    every_high: Decimal | None = None
    every_unit: str | None = None
    cycle_for: Decimal | None = None
    cycle_for_unit: str | None = None
    cycle_count: int | None = None


@dataclass(frozen=True, slots=True)
class Interval(Read):
    """A statement of time. :ivar kind: `treatment-duration`, `follow-up`, …"""

    kind: str
    label: str
    group: str | None
    low: Decimal | None
    high: Decimal | None
    unit: str | None
    verbatim: str


@dataclass(frozen=True, slots=True)
class Statement(Read):
    """A finding. :ivar kind: `reported-outcome`, `opinion`, `recommendation`.

    :ivar targets: agents it is about. :ivar whole: it is about the row's treatment as a whole.
    :ivar conditions: circumstances under which it holds, as printed.
    """

    kind: str
    direction: str
    primary: bool
    targets: tuple[Named, ...]
    whole: bool
    voice: str
    hedged: bool
    conditions: tuple[str, ...]
    verbatim: str | None


@dataclass(frozen=True, slots=True)
class Harm(Read):
    """An adverse event or death, in `patients` of `of_patients`."""

    event: str
    attributed: tuple[Named, ...]
    patients: int | None
    of_patients: int | None
    serious: bool | None


@dataclass(frozen=True, slots=True)
class Context(Read):
    """A circumstance. :ivar hypothetical: a condition of advice, not of patients of this report."""

    kind: str
    kind_label: str
    label: str
    organ: str | None
    hypothetical: bool


@dataclass(frozen=True, slots=True)
class Line(Read):
    """Line of therapy. :ivar value: `first-line`, `second-line`, `rescue`, `adjunct`, `steroid-sparing`."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class Culprit(Read):
    """A drug held to have caused the reaction."""

    agent: Named
    suspected: bool


@dataclass(frozen=True, slots=True)
class Assessment(Read):
    """The panel's rating of the row. :ivar basis: of the scale."""

    levels: tuple[Named, ...]
    grades: tuple[Named, ...]
    printed_level: str | None
    printed_grade: str | None
    scale: str | None
    panel: str | None


@dataclass(frozen=True, slots=True)
class SameCase:
    """Other items that report the same patients. :ivar rule: why they are held to be."""

    iri: str
    items: tuple[Named, ...]
    rule: str | None


@dataclass(frozen=True, slots=True)
class Facts:
    """All facts of an item. Each tuple in the order of the row."""

    citation: Citation | None
    study: Study | None
    strategy: Strategy | None
    components: tuple[Component, ...]
    steps: tuple[Step, ...]
    intervals: tuple[Interval, ...]
    statements: tuple[Statement, ...]
    harms: tuple[Harm, ...]
    contexts: tuple[Context, ...]
    lines: tuple[Line, ...]
    culprits: tuple[Culprit, ...]


@dataclass(frozen=True, slots=True)
class Item:
    """An evidence item.

    :ivar key: the last part of its IRI. :ivar source: id of its table. :ivar direction: summary, in one word.
    :ivar unread: characters that no rule read.
    """

    iri: str
    key: str
    label: str
    source: str
    condition: Named | None
    direction: str | None
    direction_basis: str | None
    facts: Facts
    assessments: tuple[Assessment, ...]
    curated: tuple[Judged, ...]
    same_case: tuple[SameCase, ...]
    unread: tuple[Words, ...]
