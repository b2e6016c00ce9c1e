"""What is given: agents, their roles, and how they are joined; and the words that a fact rests on."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


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
    """How the agents of a strategy are joined. NOT_STATED: several are listed, and nothing says how."""

    SINGLE = "single"
    COMBINATION = "combination"
    ALTERNATIVES = "alternatives"
    SEQUENCE = "sequence"
    NOT_STATED = "not stated"


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
