"""The grammar's middle: how often, for how long, in how many parts, how many times in all."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from dress_kg.interpret.regimen.lexer import TokenKind
from dress_kg.interpret.regimen.openings import FREQUENCIES, OFTEN, STRETCHES, opens
from dress_kg.interpret.regimen.phrases import Divided, Span, Timing, Word
from dress_kg.interpret.regimen.quantities import (
    Phrasebook,
    Tokens,
    at,
    number,
    short_span,
    sign,
    span_of_numbers,
    time_span,
    time_unit,
    word,
)
from dress_kg.interpret.regimen.vocabulary import ADVERBS, FREQUENCY_WORDS, ROUTES, TIME_UNITS

_ONE = Decimal(1)
_WORDS = Phrasebook(FREQUENCY_WORDS)
ROUTE_WORDS = Phrasebook(ROUTES)
TIMES = {"once": 1, "twice": 2, "thrice": 3}
_OCCASIONS = ("sessions", "infusions", "injections", "exchanges", "doses", "treatments", "administrations")
_HOW_OFTEN = ("times", "time", "x", "occasions")
_STRETCH = (
    "the", "first", "next", "last", "further", "another", "additional", "about", "approximately", "following",
    "period", "of", "total", "a", "around", "minimum",
)  # fmt: skip
_NOT_BARE = (
    "after", "until", "day", "days", "at", "on", "within", "before", "least", "age", "aged", "in", "every",
    "infant", "infants", "child", "children", "neonates", "neonate", "adults", "adolescents", "patients",
)  # fmt: skip
_SHORT_FREQUENCIES = (
    "od", "bd", "tds", "qds", "bid", "tid", "qid", "daily", "prn", "bds", "nocte", "mane", "night", "day",
)  # fmt: skip
_AFTER_BARE = ("as", "and", "then", "followed", "with", "per", "every", "each", "or", "in")
_NOT_GIVEN = (
    "dispense", "dispensed", "dispensing", "script", "scripts", "prescription", "supply", "blood",
    "monitoring", "review", "weight", "test", "tests", "visits", "visit", "assessment", "follow", "followup",
)  # fmt: skip
_MEASURED = ("mg", "g", "mcg", "µg", "kg", "m²")  # "/day" after a unit that was not read is no frequency
_LASTING = frozenset(
    "divided spread split given administered over on for during durante x lasting per course cycle "
    "total".split()
)
_CYCLED = ("cycled", "recycled", "cycle", "cycles", "repeat", "repeated")
_NOT_AFTER = (
    "before",
    "after",
    "later",
    "ago",
    "old",
    "apart",
    "post",
    "prior",
    "since",
    "from",
    "following",
)


@opens(FREQUENCIES, signs=OFTEN, numbers=True)
def frequency(tokens: Tokens, i: int) -> tuple[Timing, int] | None:
    """How often: "twice daily", "2-3 times a week", "q12h", "every 4 to 6 hours", "BID", "daily or bd"."""
    if word(tokens, i, "od") and word(tokens, i - 1, "drop", "drops", "gtt", "gtts"):
        return None  # the right eye, or once a day
    read = None if word(tokens, i - 1, "taper", "tapered", "tapering") else one_frequency(tokens, i)
    if read is None or word(tokens, read[1], *_NOT_GIVEN):
        return None
    one, after = read
    other = _other_frequency(tokens, after)
    if other is None or one.times is None or other[0].times is None or one.form == "bare":
        return read
    same = (one.period, one.period_max, one.unit) == (other[0].period, other[0].period_max, other[0].unit)
    most = other[0].times_max or other[0].times
    if not same or most <= one.times:
        return read
    return replace(one, times_max=most, form="counted"), other[1]


@opens(FREQUENCIES, signs=OFTEN, numbers=True)
def frequencies_differ(tokens: Tokens, i: int) -> tuple[Word, int] | None:
    """Two frequencies as alternatives that are no range: "every 4 weeks or every 8 weeks"."""
    read = frequency(tokens, i)
    other = None if read is None or read[0].form == "bare" else _other_frequency(tokens, read[1])
    return None if other is None else (Word("unread", "aside"), other[1])


def _other_frequency(tokens: Tokens, i: int) -> tuple[Timing, int] | None:
    """A frequency after "or", a dash or a slash."""
    if not (word(tokens, i, "or") or (sign(tokens, i, "-/") and at(tokens, i).glued)):
        return None
    other = one_frequency(tokens, i + 1)
    return None if other is None or other[0].form == "bare" or sign(tokens, i + 1, "/") else other


def one_frequency(tokens: Tokens, i: int) -> tuple[Timing, int] | None:
    """As :func:`frequency`, without a second one after an "or"."""
    if word(tokens, i, "up") and word(tokens, i + 1, "to"):
        read = _times_per(tokens, i + 2)
        if read is None:
            return None
        timing, after = read
        most = timing.times_max or timing.times
        return Timing(None, most, timing.period, timing.period_max, timing.unit), after
    fixed = _WORDS.match(tokens, i) or (_WORDS.match(tokens, i + 1) if word(tokens, i, "once") else None)
    if fixed is not None:
        times, period, unit = fixed[0]
        return Timing(times, None, period, None, unit, recurring=unit in ("wk", "mo")), fixed[1]
    return _times_per(tokens, i) or every_period(tokens, i) or _hourly(tokens, i) or adverb(tokens, i)


def _times_per(tokens: Tokens, i: int) -> tuple[Timing, int] | None:
    """As in "twice daily", "2 to 3 times a week", "3x/day", "one a day"."""
    read = _times(tokens, i)
    if read is None:
        return None
    low, high, bare, i = read
    if sign(tokens, i, "-") and at(tokens, i).glued:
        i += 1
    period = period_after(tokens, i)
    if period is None or (bare and not _spoken_period(tokens, i)):
        return None
    if word(tokens, i - 1, "day", "days", "nights") and period[2] != "wk":
        return None
    length, longest, unit, after = period
    form = "bare" if bare else "counted"
    return Timing(low, None if high == low else high, length, longest, unit, form), after


def _times(tokens: Tokens, i: int) -> tuple[Decimal, Decimal, bool, int] | None:
    """Lowest and highest count, whether the word "times" is missing, and the place after."""
    if at(tokens, i).text in TIMES:
        low = high = Decimal(TIMES[at(tokens, i).text])
        i += 1
        if word(tokens, i, "or", "to") and at(tokens, i + 1).text in TIMES:
            high, i = Decimal(TIMES[at(tokens, i + 1).text]), i + 2
        return low, high, False, i
    crossed = word(tokens, i, "x") or sign(tokens, i, "×")
    numbers = span_of_numbers(tokens, i + 1 if crossed else i)
    if numbers is None:
        return None
    low, high, after = numbers
    said = word(tokens, after, *_HOW_OFTEN) or sign(tokens, after, "×")
    # "three days per week"; "five days every month" is a course that comes back
    if word(tokens, after, *_OCCASIONS) and _spoken_period(tokens, after + 1):
        said = True
    said = said or (word(tokens, after, "days", "nights") and word(tokens, after + 1, "a", "per", "each"))
    return low, high, not (said or crossed), after + 1 if said else after


def _spoken_period(tokens: Tokens, i: int) -> bool:
    return word(tokens, i, "a", "per", "each") or sign(tokens, i, "/")


def period_after(tokens: Tokens, i: int) -> tuple[Decimal, Decimal | None, str, int] | None:
    """What stands after the times: "daily", "/d", "a day", "per 24 h", "every 3 weeks"."""
    adverb = ADVERBS.get(at(tokens, i).text)
    if adverb is not None:
        return _ONE, None, adverb, i + 1
    every = every_period(tokens, i)
    if every is not None:
        return every[0].period, every[0].period_max, every[0].unit, every[1]
    if word(tokens, i, "a", "per", "each", "in", "every") or sign(tokens, i, "/"):
        start = i + 1
        if word(tokens, i, "in") and word(tokens, start, "a", "one", "each"):
            start += 1
        unit = time_unit(tokens, start)
        if unit is not None:
            return _ONE, None, unit[0], unit[1]
        span = time_span(tokens, start, "per")
        if span is not None and span[0].low is not None and span[0].low == span[0].high:
            if (span[0].low, span[0].unit) == (Decimal(24), "h"):
                return _ONE, None, "d", span[1]
            return span[0].low, None, span[0].unit, span[1]
    return None


def every_period(tokens: Tokens, i: int) -> tuple[Timing, int] | None:
    """As in "every 4 hours", "each week", "every month", "q12h", "q 3 weeks"."""
    short = word(tokens, i, "q")
    if not short and not word(tokens, i, "every", "each", "cada"):
        return None
    unit = time_unit(tokens, i + 1)
    if unit is not None:
        return _recurring(_ONE, None, unit[0], "adverb"), unit[1]
    span = time_span(tokens, i + 1, "per")
    if span is None and short:
        return _degrees(tokens, i + 1)
    if span is None or span[0].low is None:
        return None
    top = None if span[0].high == span[0].low else span[0].high
    return _recurring(span[0].low, top, span[0].unit, "counted"), span[1]


def _degrees(tokens: Tokens, i: int) -> tuple[Timing, int] | None:
    """As in "q4°": the degree sign is an old way to write hours."""
    hours = span_of_numbers(tokens, i)
    if hours is None or not sign(tokens, hours[2], "°º"):
        return None
    return _recurring(hours[0], None if hours[0] == hours[1] else hours[1], "h", "counted"), hours[2] + 1


def _recurring(period: Decimal, longest: Decimal | None, unit: str, form: str) -> Timing:
    return Timing(_ONE, None, period, longest, unit, form, recurring=unit not in ("h", "min"))


def _hourly(tokens: Tokens, i: int) -> tuple[Timing, int] | None:
    """As in "6-hourly", "8 to 12 hourly", "3-weekly"; "2 daily" is not one."""
    numbers = span_of_numbers(tokens, i)
    if numbers is None:
        return None
    low, high, i = numbers
    if sign(tokens, i, "-") and at(tokens, i).glued:
        i += 1
    if not word(tokens, i, "hourly", "hrly", "hly", "weekly", "monthly") or word(tokens, i + 1, *_NOT_GIVEN):
        return None
    return _recurring(low, None if high == low else high, ADVERBS[at(tokens, i).text], "counted"), i + 1


def adverb(tokens: Tokens, i: int) -> tuple[Timing, int] | None:
    """As in "daily", "/week", "per day"."""
    if word(tokens, i - 1, *_HOW_OFTEN):
        return None  # of times that were not read ("3-2 times daily")
    unit = ADVERBS.get(at(tokens, i).text)
    if unit is not None and not word(tokens, i + 1, *_NOT_GIVEN):
        return Timing(_ONE, None, _ONE, None, unit, "adverb", unit in ("wk", "mo")), i + 1
    of_agent = at(tokens, i - 1).kind is TokenKind.AGENT and word(tokens, i + 1, "day", "week", "month")
    if word(tokens, i, "per") or sign(tokens, i, "/") or (of_agent and word(tokens, i, "a", "each")):
        period = time_unit(tokens, i + 1)
        if period is not None and not word(tokens, i - 1, *_MEASURED):
            return _recurring(_ONE, None, period[0], "adverb"), period[1]
    return None


@opens(("in", "into", "as", "divided", "split"))
def divided(tokens: Tokens, i: int) -> tuple[Divided, int] | None:
    """In parts: "divided into 2 doses", "in three divided doses", "divided BID"; not "divided over 5 d"."""
    if word(tokens, i, "in", "into", "as"):
        return _parts(tokens, i + 1, needed=True)
    if not word(tokens, i, "divided", "split"):
        return None
    i += 1
    if word(tokens, i, "in", "into", "as", "over"):
        i += 1
    often = frequency(tokens, i)
    if often is not None and often[0].form != "bare":
        after = often[1]
        return Divided(often[0]), after + 1 if word(tokens, after, "dosing", "doses", "dose") else after
    return _parts(tokens, i, needed=False)


def _parts(tokens: Tokens, i: int, *, needed: bool) -> tuple[Divided, int] | None:
    """As in "2 doses", "two divided doses"; `needed`: a number or the word "divided" must be there."""
    parts = span_of_numbers(tokens, i)
    start = after = i if parts is None else parts[2]
    while word(tokens, after, "divided", "equal", "equally", "split", "separate"):
        after += 1
    several = word(tokens, after, "doses", "dosages", "portions", "intakes", "administrations", "parts")
    if not several and (after == start or not word(tokens, after, "dose", "dosage")):
        return None
    if needed and parts is None and after == start:
        return None
    return Divided(None, None if parts is None else parts[:2]), after + 1


@opens(STRETCHES.union(_LASTING), numbers=True, signs="×")
def duration(tokens: Tokens, i: int) -> tuple[Span, int] | None:
    """For how long: "for 7 days", "x 5d", "over 60 min", "spread over five days", "7-day course"."""
    parted = word(tokens, i, "divided", "spread", "split")
    start = i + 1 if parted or word(tokens, i, "given", "administered") else i
    if word(tokens, start, "over") or (start > i and word(tokens, start, "across", "within")):
        return _stretch(tokens, start + 1, "over", divided=parted)
    if word(tokens, start, "on") and word(tokens, start + 2, "consecutive", "successive"):
        return _stretch(tokens, start + 1, "for")
    if word(tokens, start, "for", "during", "durante", "x", "lasting") or sign(tokens, start, "×"):
        return _stretch(tokens, start + 1, "for")
    if start > i:
        return None
    if word(tokens, i, "per"):
        span = time_span(tokens, i + 1, "per")
        return span if span is not None and span[0].low != _ONE else None
    return _course(tokens, i) or _bare(tokens, i)


def _stretch(tokens: Tokens, i: int, role: str, *, divided: bool = False) -> tuple[Span, int] | None:
    at_most = word(tokens, i, "up", "maximum", "max")
    if at_most:
        i += 1
        if word(tokens, i, "to", "of"):
            i += 1
    elif word(tokens, i, "at") and word(tokens, i + 1, "least"):
        return None
    one = _one(tokens, i, role)
    if one is not None:
        return one
    for _ in range(5):
        if word(tokens, i, *_STRETCH) and (
            not word(tokens, i, "a") or at(tokens, i + 1).text not in TIME_UNITS
        ):
            i += 1
    span = time_span(tokens, i, role)
    if span is None or (word(tokens, span[1], *_NOT_AFTER) and not _reckoned_from(tokens, i, span[1])):
        return None
    low = None if at_most else span[0].low
    return Span(low, span[0].high, span[0].unit, role, divided), span[1]


def _reckoned_from(tokens: Tokens, i: int, after: int) -> bool:
    """As in "for 10 days after exposure": the treatment's own length; "x 10 days later" is a time."""
    return word(tokens, i - 1, "for") and word(tokens, after, "after", "before", "prior", "following", "from")


def _one(tokens: Tokens, i: int, role: str) -> tuple[Span, int] | None:
    """One unit of time without its number: "for a further week", "for the first hour"."""
    i += word(tokens, i, "a", "the")
    if not word(tokens, i, "further", "first", "next", "another", "additional", "full", "whole", "following"):
        return None
    unit = time_unit(tokens, i + 1)
    if unit is None or not word(tokens, i + 1, "hour", "day", "week", "month", "year"):
        return None
    return Span(_ONE, _ONE, unit[0], role), unit[1]


def _course(tokens: Tokens, i: int) -> tuple[Span, int] | None:
    """As in "3-day course", "course of 7 days", "5 days of treatment"."""
    if word(tokens, i, "course", "cycle", "total") and word(tokens, i + 1, "of"):
        return time_span(tokens, i + 2, "course")
    span = None if word(tokens, i, "a", "an") else time_span(tokens, i, "course")
    if span is None:
        return None
    after = span[1] + 1 if word(tokens, span[1], "of") else span[1]
    if word(tokens, after, "treatment", "therapy"):
        return span[0], after + 1
    named = after == span[1] and word(tokens, after, "course", "courses", "cycle", "regimen")
    return (span[0], after + 1) if named else None


@opens((*_CYCLED, "of", "in"))
def cycle_length(tokens: Tokens, i: int) -> tuple[Span, int] | None:
    """The length of the cycles a dose is given in: "of a 28-day cycle", "in 3-week cycles"."""
    if word(tokens, i, *_CYCLED):
        return _cycled(tokens, i + 1)
    if not word(tokens, i, "of", "in"):
        return None
    i += 1
    while word(tokens, i, "a", "an", "the", "each", "every", "repeated", "repeating", "consecutive"):
        i += 1
    span = time_span(tokens, i, "between doses")
    if span is None or not word(tokens, span[1], "cycle", "cycles", "courses"):
        return None
    return span[0], span[1] + 1


def _cycled(tokens: Tokens, i: int) -> tuple[Span, int] | None:
    """As in "cycled every 21 days", "repeat cycle every 3 weeks"; "repeated every 4 hours" is none."""
    i += word(tokens, i, "cycle", "cycles", "is", "are", "length", "repeated", "repeats")
    every = every_period(tokens, i) if word(tokens, i, "every", "q") else None
    if every is None or every[0].unit not in ("d", "wk", "mo") or word(tokens, every[1], *_NOT_GIVEN):
        return None
    low, high = every[0].period, every[0].period_max or every[0].period
    return Span(low, high, every[0].unit, "cycle"), every[1]


def _bare(tokens: Tokens, i: int) -> tuple[Span, int] | None:
    """As in "5 days", where nothing says that it is an age, a date or a time after something."""
    if word(tokens, i - 1, *_SHORT_FREQUENCIES) and (short := short_span(tokens, i)) is not None:
        return short  # "500 mg qds 7/7"
    span = None if word(tokens, i, "a", "an") else time_span(tokens, i, "bare")
    listed = word(tokens, i - 1, "and") or sign(tokens, i - 1, ",/")
    if (
        span is None
        or word(tokens, i - 1, *_NOT_BARE)
        or sign(tokens, i - 1, "<>≤≥±")
        or (listed and at(tokens, i - 2).value is not None)
        or (sign(tokens, i - 1, "-") and at(tokens, i - 2).text in TIME_UNITS)
    ):
        return None
    after = span[1]
    ends = at(tokens, after).kind in (TokenKind.END, TokenKind.SIGN) and not sign(tokens, after, "-/'%+<>=")
    ends = ends or at(tokens, after).text == "+"
    return span if ends or word(tokens, after, *_AFTER_BARE) or number(tokens, after) is not None else None
