"""How much, how often, how long: dose statements and statements of time."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from dress_kg.records.strategy import Agent, Basis, Selection


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


@dataclass(frozen=True, slots=True, kw_only=True)
class DoseStatement:
    """What a dose statement says, whoever tells of it: how much, how often, how long, how; None is not said.

    :ivar unit: a valid UCUM amount without time (`mg`, `mg/kg`, `mg/m2`, `{tablet}`).
    :ivar frequency: times per `period` `period_unit` (FHIR Timing), with `frequency_max`, `period_max`.
    :ivar count: how often in all (FHIR Timing.repeat.count); 1 for a dose given once.
    :ivar divided: a daily (or total) amount that is given in parts.
    :ivar route: `oral`, `intravenous`, `subcutaneous`, … or None; `route_basis`: `stated`, `agent name`,
        `inferred` or None.
    :ivar duration_basis: `stated` in the same statement; `interval` when taken from the INTERVAL cell.
    :ivar group: the regimen group as printed or counted (`A`, `Case 1`), or None.
    :ivar alternative: an "or" to the step before.
    :ivar qualitative: the words of a dose without a number ("high dose", "slowly tapered").
    :ivar infusion: rate or run time as printed ("over 60 min").
    """

    low: Decimal | None = None
    high: Decimal | None = None
    unit: str | None = None
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
    group: str | None = None
    alternative: bool = False
    qualitative: str | None = None


@dataclass(frozen=True, slots=True)
class RegimenStep(DoseStatement):
    """One dose statement as read. Field meanings as in the command contract of `interpret dose`.

    :ivar order: 1-based over the steps of the row. :ivar phase: 1-based; steps given together share it.
    :ivar selections: the characters the step rests on; the first one is its verbatim text.
    :ivar basis_per: what the amount is for: `day`, `dose`, `total`, `week`, `month` or None.
    :ivar basis: curated where a curator set or confirmed one of its fields (the item's curations say which),
        else None: it is as its words state, but for what `route_basis` and `duration_basis` say.
    """

    order: int
    agent: Agent | None
    phase: int
    selections: tuple[Selection, ...]
    basis_per: str | None = None
    cycle: Cycle | None = None
    basis: Basis | None = None


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
    """One statement of time in the INTERVAL cell; `unit` is UCUM (`d`, `wk`, `mo`, `{dose}`, `{cycle}`).

    :ivar group: the case or regimen group it is said of, as printed or counted (`Case 1`, `A`), or None.
    """

    kind: IntervalKind
    low: Decimal | None
    high: Decimal | None
    unit: str | None
    selection: Selection
    group: str | None = None
