"""The grammar's counts: how many doses, pulses or cycles in all."""

from __future__ import annotations

from decimal import Decimal

from dress_kg.interpret.regimen.amounts import amount_unit
from dress_kg.interpret.regimen.lexer import TokenKind
from dress_kg.interpret.regimen.openings import RANGES, opens
from dress_kg.interpret.regimen.phrases import Count
from dress_kg.interpret.regimen.quantities import Tokens, at, sign, span_of_numbers, time_unit, word
from dress_kg.interpret.regimen.timing import ROUTE_WORDS, TIMES, adverb, period_after
from dress_kg.interpret.regimen.vocabulary import ADVERBS

_ONE = Decimal(1)
_MOST_TIMES = Decimal(24)  # "x 120" is what was supplied
_COUNTED = {
    "dose": "dose", "doses": "dose", "infusion": "dose", "infusions": "dose", "injection": "dose",
    "injections": "dose", "administrations": "dose", "cycle": "cycle", "cycles": "cycle",
    "courses": "cycle", "pulse": "pulse", "pulses": "pulse", "bolus": "pulse", "boluses": "pulse",
    "times": "times", "session": "dose", "sessions": "dose", "exchange": "dose", "exchanges": "dose",
}  # fmt: skip
_BEFORE_PULSE = ("consecutive", "separate", "weekly", "daily", "monthly", "more")


@opens(RANGES.union("x for a twice thrice single".split()), signs="×", numbers=True)
def count(tokens: Tokens, i: int) -> tuple[Count, int] | None:
    """How often in all: "x 3", "for 16 cycles", "2 doses", "1 intravenous pulse", "3 times"."""
    crossed = word(tokens, i, "x") or sign(tokens, i, "×")
    start = i + 1 if crossed or word(tokens, i, "for") else i
    if word(tokens, i - 2, "up") and word(tokens, i - 1, "to"):
        return None  # a most, not a count
    if word(tokens, start, "a") and word(tokens, start + 1, "total") and word(tokens, start + 2, "of"):
        start += 3
    if at(tokens, start).text in ("twice", "thrice") and period_after(tokens, start + 1) is None:
        times = Decimal(TIMES[at(tokens, start).text])
        return Count(times, times, "times"), start + 1
    numbers = (_ONE, _ONE, start + 1) if word(tokens, start, "single") else span_of_numbers(tokens, start)
    if numbers is None or numbers[0] != numbers[0].to_integral_value():
        return None
    low, high, after = numbers
    counted = _counted(tokens, after)
    if counted is not None:
        each = at(tokens, after).text
        often = adverb(tokens, after) if each in _BEFORE_PULSE and each in ADVERBS else None
        return Count(low, high, counted[0], counted[1], often and often[0]), counted[2]
    alone = not at(tokens, after).glued or at(tokens, after).kind is not TokenKind.WORD
    measured = amount_unit(tokens, after) is not None
    if crossed and low <= _MOST_TIMES and alone and not measured and time_unit(tokens, after) is None:
        return Count(low, high, "times"), after
    return None


def _counted(tokens: Tokens, i: int) -> tuple[str, str | None, int] | None:
    """What is counted at `i` ("doses", "intravenous pulses"), a route before it, and the place after."""
    routed = ROUTE_WORDS.match(tokens, i)
    if routed is not None:
        route, i = routed
    else:
        route = None
        i += word(tokens, i, *_BEFORE_PULSE)
    what = _COUNTED.get(at(tokens, i).text)
    return None if what is None or at(tokens, i).kind is not TokenKind.WORD else (what, route, i + 1)
