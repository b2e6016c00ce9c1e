"""A dose statement while it is being put together, and the step it becomes."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from dress_kg.interpret.regimen.phrases import Amount, Count, Divided, Phrase, Span, Timing
from dress_kg.interpret.regimen.vocabulary import DAYS_IN, INJECTED, PER_TIME
from dress_kg.records import Agent, Cycle, RegimenStep, Selection

_ONE = Decimal(1)
_HALF = Decimal("0.5")
_SHORT = ("min", "h")
_LONG = ("d", "wk", "mo", "a")


@dataclass(slots=True)
class Draft:
    """The slots of one dose statement, filled phrase by phrase.

    :ivar own: the phrases it rests on. :ivar shared: phrases of the statement before it that govern it too
        ("3-day course of oral cyclosporine at 5 mg/kg or 175 mg").
    :ivar adverb_of_amount: nothing but a route stands between the amount and the adverb ("150 mg daily").
    :ivar parts: how often or in how many parts a divided amount is given.
    :ivar foreign: an unknown word stands where the agent's name would be.
    :ivar source: the statement it follows; `adjusted`: the same agent at another dose ("reduced to").
    :ivar routes_differ: two routes are printed as alternatives, so none is stated.
    :ivar on_weeks: several weeks are numbered ("weeks 0, 2 and 6"): a recurrence comes after them.
    :ivar on_days: several days are numbered ("days 1, 8 and 15"), so a recurrence is that of the cycle.
    :ivar span_first: the duration stands before the frequency ("for 2 days every month").
    """

    phase: int
    group: str | None
    alternative: bool = False
    agents: list[Agent] = field(default_factory=list)
    inherited_agent: bool = False
    amount: Amount | None = None
    strength: str | None = None
    qualitative: str | None = None
    timing: Timing | None = None
    adverb_of_amount: bool = False
    span: Span | None = None
    run: Span | None = None
    infusion: list[Phrase] = field(default_factory=list)
    count: Count | None = None
    cycle: Timing | None = None
    cycle_for: Span | None = None
    cycle_count: int | None = None
    basis: str | None = None
    divided: bool = False
    parts: Divided | None = None
    route: str | None = None
    as_needed: bool = False
    continued: bool = False
    foreign: bool = False
    own: list[Phrase] = field(default_factory=list)
    shared: list[Phrase] = field(default_factory=list)
    source: Draft | None = None
    adjusted: bool = False
    span_first: bool = False
    on_days: bool = False
    on_weeks: bool = False
    routes_differ: bool = False

    @property
    def dosed(self) -> bool:
        """True when it says how much."""
        return self.amount is not None or self.qualitative is not None

    @property
    def timed(self) -> bool:
        """True when it says how often, how long or how many times."""
        slots = (self.timing, self.span, self.run, self.count, self.cycle, self.cycle_count)
        return any(slot is not None for slot in slots) or bool(self.infusion)

    @property
    def states_something(self) -> bool:
        """True when a step may be made of it."""
        if self.dosed or self.timed or self.as_needed or (self.continued and self.agents):
            return True
        return self.route is not None or self.strength is not None

    def take_span(self, span: Span, phrase: Phrase) -> bool:
        """Put a stretch of time where it belongs; False where there is no room for it."""
        if span.role == "cycle":
            if self.cycle is not None:
                return False
            self.cycle = _every(span)
        elif span.role == "between doses":
            if self.timing is None and self.cycle is None:
                self.cycle = _every(span)
        elif span.role == "over" and span.unit in _SHORT:
            if self.run is not None:
                return False
            self.run = span
            self.infusion.append(phrase)
        elif span.role == "bare" and span.unit in _SHORT:
            return False
        elif span.role == "per" and self.timing is None:
            self.timing = None if self.amount is None else _every(span)
            return self.timing is not None
        else:
            return self._take_length(span)
        return True

    def _take_length(self, span: Span) -> bool:
        self.divided = self.divided or span.divided
        if self.span is None:
            self.span = span
            return True
        if (self.span.low, self.span.unit) == (span.low, span.unit):
            return True
        recurs = self.cycle is not None or (self.timing is not None and self.timing.recurring)
        if recurs and self.cycle_for is None and span.low == span.high:
            self.cycle_for = span
            return True
        return False


def _every(span: Span) -> Timing | None:
    """A stretch of time as the period of a recurrence."""
    if span.low is None:
        return None
    longest = None if span.high == span.low else span.high
    return Timing(_ONE, None, span.low, longest, span.unit, recurring=True)


def steps_of(draft: Draft, text: str, field_name: str, order: int) -> list[RegimenStep]:
    """The steps of a draft, one for each agent it names; `order` is that of the first."""
    selections = _selections(draft, text, field_name)
    agents: list[Agent | None] = list(draft.agents) or [None]
    return [_step(draft, agent, order + n, selections, text) for n, agent in enumerate(agents)]


def _selections(draft: Draft, text: str, field_name: str) -> tuple[Selection, ...]:
    start, end = min(p.start for p in draft.own), max(p.end for p in draft.own)
    if text.count("(", start, end) > text.count(")", start, end) and text[end : end + 1] == ")":
        end += 1
    spans = [(start, end), *sorted({(p.start, p.end) for p in draft.shared})]
    return tuple(Selection(field_name, a, b, text[a:b]) for a, b in spans)


def _step(
    draft: Draft, agent: Agent | None, order: int, selections: tuple[Selection, ...], text: str
) -> RegimenStep:
    amount = draft.amount
    basis, timing = _basis(draft)
    cycle = _cycle(draft, timing, basis)
    if cycle is not None and timing is draft.timing and _is_cycle(draft, timing, basis):
        timing = None
    span = draft.span or draft.run
    counted = draft.count
    often = timing
    return RegimenStep(
        order=order,
        agent=agent,
        phase=draft.phase,
        selections=selections,
        low=None if amount is None or amount.rate else amount.low,
        high=None if amount is None or amount.rate else amount.high,
        unit=None if amount is None or amount.rate else amount.unit,
        basis_per=basis,
        divided=draft.divided or _split_by_frequency(basis, often),
        frequency=None if often is None else often.times,
        frequency_max=None if often is None else often.times_max,
        period=None if often is None else often.period,
        period_max=None if often is None else often.period_max,
        period_unit=None if often is None else often.unit,
        count=_count(counted, draft.cycle_count, often),
        duration=None if span is None else span.low,
        duration_max=None if span is None or span.high == span.low else span.high,
        duration_unit=None if span is None else span.unit,
        duration_basis=None if span is None else "stated",
        as_needed=True if draft.as_needed else None,
        route=draft.route,
        route_basis=None if draft.route is None else "stated",
        infusion=_infusion(draft, text),
        strength=draft.strength or (None if amount is None else amount.strength),
        cycle=cycle,
        group=draft.group,
        alternative=draft.alternative,
        qualitative=draft.qualitative,
    )


def _count(counted: Count | None, cycles: int | None, timing: Timing | None) -> int | None:
    """How often in all; "every 3 weeks for 16 cycles" is sixteen doses."""
    if counted is not None:
        return int(counted.high) if counted.low == counted.high else None
    each = timing is not None and timing.recurring and timing.times == 1 and timing.times_max is None
    return cycles if each else None


def _infusion(draft: Draft, text: str) -> str | None:
    if not draft.infusion:
        return None
    return text[min(p.start for p in draft.infusion) : max(p.end for p in draft.infusion)]


def _split_by_frequency(basis: str | None, timing: Timing | None) -> bool:
    """A daily amount with a frequency above once a day is given in parts."""
    if basis != "day" or timing is None or timing.times is None:
        return False
    return timing.times / (timing.period * DAYS_IN[timing.unit]) > 1


def _basis(draft: Draft) -> tuple[str | None, Timing | None]:
    """What the amount is for, and how often it is given.

    "150 mg daily", "8 tablets daily" are for the day, in how many parts is not stated; "one tablet daily"
    is once a day.
    """
    amount, timing = draft.amount, draft.timing
    if amount is None or amount.rate:
        return None, timing
    if amount.basis is not None:
        injected = amount.slashed and amount.basis != "day" and draft.route in INJECTED
        return "dose" if injected else amount.basis, timing or amount.every
    if draft.basis is not None or timing is None:
        return draft.basis or _basis_untimed(draft), timing
    if draft.divided:
        return ("total" if _over_days(draft) else None), timing  # never the amount of one dose
    daily = timing.form == "adverb" and timing.unit == "d" and timing.period == 1
    single = amount.counted and amount.low == amount.high and amount.high in (None, _ONE, _HALF)
    if daily and draft.adverb_of_amount and not single:
        return "day", None
    return "dose", timing


def _basis_untimed(draft: Draft) -> str | None:
    """An amount over days is a total; one given once, or run in over hours, is a dose."""
    if _over_days(draft) and not (draft.count is not None and draft.count.what != "cycle"):
        tapering = draft.adjusted or draft.qualitative is not None
        return None if tapering else "total"
    once = draft.count is not None and draft.count.what != "cycle" and not draft.divided
    return "dose" if once or draft.run is not None else None


def _over_days(draft: Draft) -> bool:
    return draft.span is not None and draft.span.role == "over" and draft.span.unit in _LONG


def _is_cycle(draft: Draft, timing: Timing | None, basis: str | None) -> bool:
    """A recurrence of a course, not of single doses: days of treatment "every month"."""
    if timing is None or not timing.recurring or timing.unit not in _LONG:
        return False
    if basis == "day":
        return timing.period * DAYS_IN[timing.unit] > 1
    if draft.on_days:
        return True
    span = draft.span
    if span is None or span.high is None or span.role == "per" or not draft.own:
        return False
    return draft.span_first and span.high * DAYS_IN[span.unit] < timing.period * DAYS_IN[timing.unit]


def _cycle(draft: Draft, timing: Timing | None, basis: str | None) -> Cycle | None:
    every = draft.cycle
    if every is None and _is_cycle(draft, timing, basis):
        every = timing
    amount = draft.amount
    if every is None and amount is not None and amount.slashed and basis == "dose" and amount.basis != "dose":
        unit = next(u for u, per in PER_TIME.items() if per == amount.basis)
        return Cycle(_ONE, _ONE, unit, count=draft.cycle_count)
    if every is None:
        if draft.cycle_count is None:
            return None
        recurs = timing if timing is not None and timing.recurring else None
        if recurs is None:
            return Cycle(count=draft.cycle_count)
        return Cycle(recurs.period, recurs.period_max or recurs.period, recurs.unit, count=draft.cycle_count)
    whole = draft.cycle_for
    return Cycle(
        every.period,
        every.period_max or every.period,
        every.unit,
        None if whole is None else whole.low,
        None if whole is None else whole.unit,
        draft.cycle_count,
    )
