"""What an amount printed as divided is for: the day, the week, the whole; never one of its parts.

"10 mg/kg in 3 divided doses" prints no period: whether it is for a day or in all is not stated, so neither
a basis nor a frequency is read, and the number of parts stays unread.
"""

from __future__ import annotations

from decimal import Decimal

from dress_kg.interpret.regimen.draft import Draft
from dress_kg.interpret.regimen.phrases import Count, Divided, Timing
from dress_kg.interpret.regimen.vocabulary import DAYS_IN, PER_TIME

_ONE = Decimal(1)


def settle_parts(draft: Draft) -> None:
    """Give a divided amount its basis, frequency and number of doses, as far as the text states them."""
    parts = draft.parts
    if parts is None or draft.amount is None:
        return
    _basis_of_adverb(draft)
    per = draft.amount.basis or draft.basis
    if parts.parts is not None:
        if per is None and _within_a_day(parts.parts):
            draft.basis = "day"
        draft.timing = draft.timing or parts.parts
    elif parts.count is not None:
        _count_parts(draft, parts.count, per)


def _basis_of_adverb(draft: Draft) -> None:
    """The "daily" of "1 g daily in divided doses" is what the amount is for, not how often it is given."""
    timing = draft.timing
    spoken = timing is not None and timing.form == "adverb" and timing.period == 1
    if timing is None or not spoken or draft.amount is None or timing.unit not in PER_TIME:
        return
    if draft.amount.basis in (None, PER_TIME[timing.unit]):
        draft.basis = draft.basis or PER_TIME[timing.unit]
        draft.timing = None


def _within_a_day(timing: Timing) -> bool:
    return timing.times is not None and timing.times / (timing.period * DAYS_IN[timing.unit]) >= 1


def _count_parts(draft: Draft, count: tuple[Decimal, Decimal], per: str | None) -> None:
    low, high = count
    unit = next((unit for unit, basis in PER_TIME.items() if basis == per), None)
    over_days = draft.span is not None and draft.span.role == "over" and DAYS_IN[draft.span.unit] >= 1
    if unit is not None and draft.timing is None:
        draft.timing = Timing(low, None if low == high else high, _ONE, None, unit)
    elif per == "total" or (per is None and over_days):
        draft.basis = "total"
        draft.count = draft.count or Count(low, high, "dose")
    else:
        # It shows that the amount is divided; how many parts there are stays unread.
        told = [p for p in draft.own if isinstance(p.value, Divided) and p.value.count == count]
        draft.own = [p for p in draft.own if p not in told]
        draft.shared += told
