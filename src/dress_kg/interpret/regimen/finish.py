"""What is settled when all statements are there: what is taken over, what is dropped, groups' letters."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from dress_kg.interpret.regimen.draft import Draft
from dress_kg.interpret.regimen.parted import settle_parts
from dress_kg.interpret.regimen.phrases import Amount, Count

BULLET = "*"
_MOST_AT_ONCE = 10
_ONCE = Count(Decimal(1), Decimal(1), "times")


def finish(drafts: Sequence[Draft], bullets: int) -> list[Draft]:
    """The drafts that state something, with what they take over from the statement before them."""
    for draft in drafts:
        settle_parts(draft)
        _take_over(draft)
    kept = [d for d in drafts if d.own and d.states_something]
    if len(kept) > 1:
        kept = [d for n, d in enumerate(kept) if not _says_nothing(d) and not _is_supply(kept, n)]
    recurs = any(d.timing is not None and d.timing.recurring for d in kept)
    cyclic = recurs or any(d.on_days or d.on_weeks or d.cycle is not None for d in kept)
    in_sequence = not cyclic and len({(d.group, d.phase) for d in kept if d.amount is not None}) > 1
    for draft in kept:
        runs = draft.run is not None and draft.amount is not None
        if in_sequence and runs and draft.timing is None and draft.count is None:
            # One infusion after another, each with its run time: each is given once.
            draft.count = _ONCE
        if draft.group is not None and draft.group.startswith(BULLET):
            draft.group = None if bullets < 2 else letter(int(draft.group.removeprefix(BULLET)))
    return kept


def letter(number: int) -> str:
    """A, B, … Z, AA, …

    >>> letter(1), letter(27)
    ('A', 'AA')
    """
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def _take_over(draft: Draft) -> None:
    """Agent, and for alternatives and adjusted doses also the route and the governing head."""
    if draft.amount is None and draft.count is not None and _doses_at_a_time(draft, draft.count):
        draft.amount = Amount(draft.count.low, draft.count.high, "{dose}")
        draft.count = None
    source = draft.source
    if source is None or draft.foreign:
        return
    same = not draft.agents or draft.agents == source.agents
    if not draft.agents and source.agents and (draft.dosed or draft.timed):
        draft.agents = list(source.agents)
    draft.foreign = source.foreign and not draft.agents
    if same and (draft.alternative or draft.adjusted) and draft.route is None and source.route is not None:
        draft.route = source.route
        draft.shared += [p for p in source.own if p.is_word("route")]
    if same and draft.alternative:
        _share_time(draft, source)


def _doses_at_a_time(draft: Draft, count: Count) -> bool:
    """As in "inhale 2 doses four times a day", "2 doses when required", not in "3 doses daily"."""
    if count.what != "dose" or draft.agents:
        return False
    timing = draft.timing
    if timing is None or timing.recurring:
        return timing is None and draft.as_needed
    return count.low == count.high == 1 or timing.form != "adverb"


def _share_time(draft: Draft, source: Draft) -> None:
    """A course printed before both alternatives governs both; a frequency printed after both too."""
    if draft.span is None and source.span is not None and source.span.role == "course":
        draft.span = source.span
        draft.shared += [p for p in source.own if p.value == source.span]
    amount = source.amount
    if source.count is not None:
        return  # "10 mg once or 5 mg daily for 3 days"
    if amount is None or amount.basis is not None or source.timing is not None or draft.timing is None:
        return
    source.timing, source.adverb_of_amount = draft.timing, draft.adverb_of_amount
    source.span = source.span or draft.span
    source.shared += [p for p in draft.own if p.value in (draft.timing, draft.span)]


def _says_nothing(draft: Draft) -> bool:
    """A route alone, beside statements that say more."""
    return not (draft.dosed or draft.timed or draft.as_needed or draft.agents or draft.strength)


def _is_supply(kept: Sequence[Draft], n: int) -> bool:
    """What was supplied, not a dose: "20 tablets. One tablet twice a day", "1 tab nocte, 28 tablets"."""
    last = n + 1 == len(kept)
    one, other = kept[n], kept[n - 1 if last else n + 1]
    if one.amount is None or other.amount is None or other.amount.unit not in (None, one.amount.unit):
        return False
    same = (one.group, one.phase) == (other.group, other.phase)
    plain = same and not (one.timed or one.agents or one.route or one.alternative or other.alternative)
    supplied = not last or (one.amount.high is not None and one.amount.high > _MOST_AT_ONCE)
    return plain and supplied and one.amount.counted and other.timing is not None
