"""What "3 x 500 mg" says: so often in all, so often a day, or neither."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from dress_kg.interpret.regimen.draft import Draft
from dress_kg.interpret.regimen.phrases import Count, Timing


def several_times(draft: Draft, times: Decimal) -> None:
    """Put the times of "3 x 500 mg" (so often in all) and "3 x 500 mg/d" (so often a day)."""
    if draft.amount is not None and draft.amount.basis == "day":
        draft.amount = replace(draft.amount, basis="dose")
        draft.timing = Timing(times, None, Decimal(1), None, "d")
    elif draft.count is None:
        draft.count = Count(times, times, "several")


def settle_several(draft: Draft, several: Count, timing: Timing) -> Timing:
    """As in "2 x 1 g daily" is twice a day; in "2 x 500 mg bid" the amount given at a time is not stated."""
    draft.count = None
    if timing.form == "adverb" and timing.times == 1:
        return replace(timing, times=several.low, form="counted", recurring=False)
    draft.amount = None
    return timing
