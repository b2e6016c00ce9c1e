"""What the evidence map shows: marks on a grid of agents and columns, and the items that they stand for."""

from __future__ import annotations

from dataclasses import dataclass, field

IMPROVED, FAILED, MIXED, NOT_PRINTED = "improved", "failed", "mixed", "not-printed"
HARM = "harm"


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the map.

    :ivar key: stands in addresses and class names. :ivar short: where the page says that it is reported.
    :ivar group: `reports` on patients, `statements` (opinions and recommendations), or `harms`.
    """

    key: str
    name: str
    group: str
    short: str


COLUMNS = (
    Column(IMPROVED, "Reported improved", "reports", "Improved"),
    Column(FAILED, "Reported failed", "reports", "Failed"),
    Column(MIXED, "Reported mixed", "reports", "Mixed"),
    Column(NOT_PRINTED, "Outcome not printed", "reports", "Not printed"),
    Column("opinion-for", "Opinion for", "statements", "Opinion for"),
    Column("opinion-against", "Opinion against", "statements", "Opinion against"),
    Column("recommended", "Recommendation for", "statements", "Recommended"),
    Column("recommended-against", "Recommendation against", "statements", "Advised against"),
    Column(HARM, "Harm", "harms", "Harm"),
)
GROUPS = {
    "reports": "Reports on patients",
    "statements": "Opinions and recommendations",
    "harms": "Harms",
}

OUTCOMES = {"effective": IMPROVED, "not-effective": FAILED, "mixed": MIXED}
"""The column of a reported outcome, by its direction."""
_FOR, _AGAINST = frozenset({"effective", "recommended", "conditional"}), frozenset(
    {"not-effective", "recommended-against"}
)  # fmt: skip


def statement_column(kind: str | None, direction: str) -> str | None:
    """The column of an opinion or a recommendation; None where it takes no side.

    A hedged one (conditional) is an opinion, by the definition of that direction in the vocabulary.

    >>> statement_column("recommendation", "conditional"), statement_column("recommendation", "recommended")
    ('opinion-for', 'recommended')
    >>> statement_column("opinion", "not-stated") is None
    True
    """
    if kind not in ("opinion", "recommendation"):
        return None
    if direction in _AGAINST:
        return "recommended-against" if kind == "recommendation" else "opinion-against"
    if direction not in _FOR:
        return None
    return "recommended" if kind == "recommendation" and direction != "conditional" else "opinion-for"


@dataclass(frozen=True, slots=True)
class Agent:
    """An agent that some row names.

    :ivar classes: the IRIs of what is broader, all the way up.
    :ivar group: the name of the next broader class, None where the vocabulary has none.
    """

    iri: str
    name: str
    classes: frozenset[str] = frozenset()
    group: str | None = None


@dataclass(frozen=True, slots=True)
class Partner:
    """Another agent of an item, and its part: `index`, `concomitant`, `alternative`, `prior`, …

    :ivar inferred: that part is not printed but follows from the words.
    """

    agent: str
    name: str
    role: str
    inferred: bool = False


@dataclass(frozen=True, slots=True)
class Item:
    """An evidence item as far as the map needs it.

    :ivar source: the id of its source. :ivar condition: IRI, None where none is said.
    :ivar cite: first author and year, else the label of the item.
    :ivar publication: IRI of what the citation refers to, else of the citation.
    :ivar design: IRI, None where not printed.
    :ivar on_patients: whether the design reports on patients of its own; None where that is not known.
    :ivar patients: None is unknown, never zero.
    :ivar inferred: whether the number is not printed but follows from the words.
    :ivar levels, population, culprits, organs: keys and names, of what the row states.
    :ivar steroids: True with corticosteroids, False without them as stated, None where the row does not say.
    :ivar case: IRI of the same case that it shares with other items.
    :ivar warnings: rules of quality findings of severity warning or violation.
    """

    iri: str
    source: str
    condition: str | None
    cite: str
    publication: str
    design: str | None = None
    on_patients: bool | None = None
    patients: int | None = None
    inferred: bool = False
    levels: tuple[str, ...] = ()
    population: tuple[str, ...] = ()
    culprits: tuple[str, ...] = ()
    organs: tuple[str, ...] = ()
    partners: tuple[Partner, ...] = ()
    steroids: bool | None = None
    case: str | None = None
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Mark:
    """One report, opinion, recommendation or harm on one agent, in one column.

    :ivar remark: said in passing, in a row about another agent; None of the counts has it.
    :ivar limits: circumstances that it is limited to, in words. :ivar events: of a harm, what happened.
    """

    agent: str
    item: Item
    column: str
    role: str
    remark: bool = False
    limits: tuple[str, ...] = ()
    events: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Dispute:
    """A disagreement of the graph: an agent in a role, for a condition of a source.

    :ivar patients_for, patients_against: None is unknown.
    """

    iri: str
    agent: str
    role: str
    source: str
    condition: str | None
    patients_for: int | None
    patients_against: int | None


@dataclass(frozen=True, slots=True)
class Totals:
    """A source table in numbers.

    :ivar title: of the table. :ivar notice: what must be said with it, None where the profile has none.
    :ivar patients_printed: over all rows. :ivar patients_counted: each publication once, without numbers that
        are inferred. :ivar without_agent: items that the map does not show, for they name no treatment.
    :ivar gaps: what the table does not treat, in sentences.
    :ivar partners_only: agents that are given with others and of which no row says anything alone.
    """

    id: str
    title: str
    notice: str | None
    items: int
    publications: int
    patients_printed: int
    patients_counted: int
    patients_inferred: int
    without_agent: int
    gaps: tuple[str, ...] = ()
    partners_only: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Facts:
    """All that maps of a store are drawn from.

    :ivar classes: the agents that have others under them. :ivar designs: a design and all that is broader.
    :ivar names: what conditions, designs, levels, organs, culprits and classes are called.
    """

    sources: dict[str, Totals]
    agents: dict[str, Agent]
    items: dict[str, Item]
    marks: tuple[Mark, ...]
    disputes: tuple[Dispute, ...]
    classes: frozenset[str] = frozenset()
    designs: dict[str, frozenset[str]] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
