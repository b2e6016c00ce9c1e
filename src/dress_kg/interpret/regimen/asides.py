"""What stands in a dosing text and is no dose: targets, shares, cell counts, other things counted, lists.

Each function takes the tokens and a place, and answers an `unread` phrase with the place after it, or
None. A stretch that is none of the grammar's business is taken as a whole, so that no number in it is read
as a dose.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from itertools import pairwise

from dress_kg.interpret.regimen.amounts import amount, amount_unit, denominators
from dress_kg.interpret.regimen.lexer import TokenKind
from dress_kg.interpret.regimen.openings import FREQUENCIES, NUMBERS, OFTEN, RANGES, opens
from dress_kg.interpret.regimen.phrases import Amount, Word
from dress_kg.interpret.regimen.quantities import (
    Phrasebook,
    Tokens,
    at,
    number,
    sign,
    span_of_numbers,
    time_unit,
    word,
)
from dress_kg.interpret.regimen.timing import ROUTE_WORDS, frequency, one_frequency
from dress_kg.interpret.regimen.vocabulary import (
    ADVERBS,
    AS_NEEDED,
    CHANGING,
    COUNT_UNITS,
    FILLERS,
    FORMS,
    FREQUENCY_WORDS,
    LINKS,
    MASS_UNITS,
    ROUTES,
    TIME_UNITS,
)

_ASIDE = Word("unread", "aside")
_TARGETS = (
    "target", "targeted", "targeting", "targets", "aim", "aiming", "aimed", "goal", "trough", "troughs",
    "inr", "aptt", "map", "anc", "wbc", "gfr", "egfr", "crcl", "clearance", "creatinine", "hba1c",
    "bilirubin", "bsa", "bmi", "qtc", "mic",
)  # fmt: skip
_LEVELS = ("level", "levels", "concentration", "concentrations", "count", "counts")
_CHECKS = (
    "monitor", "monitoring", "check", "recheck", "review", "reassess", "reviewed", "checked", "measure",
    "measured", "monitored", "test", "tests", "visit", "visits", "dispense", "dispensed", "dispensing",
    "disp", "script", "scripts", "prescription", "quantity", "change", "changed", "supply", "supplied",
    "mitte",
)  # fmt: skip
_OF_A_DOSE = (
    "a",
    "the",
    "of",
    "dose",
    "dosage",
    "daily",
    "maintenance",
    "is",
    "was",
    "to",
    "between",
    "about",
)
_CLAUSE_ENDS = ("then", "thereafter", "followed", "plus", "or", "every", "once", "twice", "for")
_COUNTING = frozenset(
    "times time x occasions dose doses infusion infusions injection injections cycle cycles course courses "
    "pulse pulses bolus boluses session sessions exchange exchanges mornings evenings nights divided "
    "equal".split()
)
_KNOWN = frozenset(
    first for table in (MASS_UNITS, COUNT_UNITS, FREQUENCY_WORDS, LINKS, ROUTES) for first, *_ in table
) | FILLERS.union(FORMS, TIME_UNITS, ADVERBS, _COUNTING)
_HIGHEST_DAY = 400
NEEDED_WORDS = Phrasebook(AS_NEEDED)
_NUMBERED = (
    "cycle",
    "cycles",
    "arm",
    "group",
    "grade",
    "phase",
    "type",
    "case",
    "patient",
    "no",
    "step",
    "level",
)


@opens((*_TARGETS, *_LEVELS))
def target(tokens: Tokens, i: int) -> tuple[Word, int] | None:
    """What a dose is to bring about: "target trough 5-10 ng/mL", "aiming for an INR of 2-3".

    "Titrated to a target of 10 mg once daily" states a dose, and is none.
    """
    if not word(tokens, i, *_TARGETS) and not (word(tokens, i, *_LEVELS) and not _begins(tokens, i)):
        return None
    after = i + 1
    while word(tokens, after, *_OF_A_DOSE) or sign(tokens, after, ":="):
        after += 1
    dose = amount(tokens, after)
    if (
        word(tokens, i, "target", "goal", "aim", "aiming")
        and dose is not None
        and isinstance(dose[0], Amount)
    ):
        return None
    return _ASIDE, _clause_end(tokens, after)


def _begins(tokens: Tokens, i: int) -> bool:
    return i == 0 or sign(tokens, i - 1, ".;\n")


def _clause_end(tokens: Tokens, i: int) -> int:
    """The place of the comma, bracket, sentence end or link that ends what is said from `i` on."""
    while i < len(tokens) and not sign(tokens, i, ",;:\n)]") and not word(tokens, i, *_CLAUSE_ENDS):
        if sign(tokens, i, ".") or tokens[i].kind is TokenKind.AGENT:
            break
        i += 1
    return i


@opens(_CHECKS)
def check(tokens: Tokens, i: int) -> tuple[Word, int] | None:
    """What is looked at, and how often: "monitor levels every 2-4 weeks", "a blood test every 6 months"."""
    if not word(tokens, i, *_CHECKS):
        return None
    after = i + 1
    while after < len(tokens) and not sign(tokens, after, ".;\n)]"):
        if tokens[after].kind is TokenKind.AGENT or amount(tokens, after) is not None:
            break
        after += 1
    return _ASIDE, after


@opens(("up",))
def most(tokens: Tokens, i: int) -> tuple[Word, int] | None:
    """A most without its unit: "up to eight daily", "up to 3 a day"; "up to 4 times a day" is a frequency."""
    if not (word(tokens, i, "up") and word(tokens, i + 1, "to")):
        return None
    read = span_of_numbers(tokens, i + 2)
    often = None if read is None else frequency(tokens, read[2])
    return None if often is None else (_ASIDE, often[1])


@opens(FREQUENCIES, signs=OFTEN, numbers=True)
def often_changed(tokens: Tokens, i: int) -> tuple[Word, int] | None:
    """How often a dose is lowered, not given: the "every 2 weeks" of "tapered every 2 weeks"."""
    if not word(tokens, i - 1, "taper", "tapered", "tapering"):
        return None
    often = one_frequency(tokens, i)
    return None if often is None else (_ASIDE, often[1])


@opens(RANGES, numbers=True)
def share(tokens: Tokens, i: int) -> tuple[Word, int] | None:
    """A part of the dose: "10% of the dose as initial bolus", "with half of the total dose on day 1"."""
    read = span_of_numbers(tokens, i)
    if read is None:
        return None
    after = read[2] + sign(tokens, read[2], "%")
    if after == read[2] and not word(tokens, i, "half"):
        return None
    after += word(tokens, after, "of")
    if not word(tokens, after, "the", "total", "daily", "this", "initial", "full"):
        return None
    while word(tokens, after, "the", "total", "daily", "this", "initial", "full", "calculated"):
        after += 1
    return (_ASIDE, _clause_end(tokens, after)) if word(tokens, after, "dose", "dosage", "amount") else None


@opens(NUMBERS, numbers=True)
def power(tokens: Tokens, i: int) -> tuple[Word, int] | None:
    """A number with a power of ten, which counts cells: "1 x 10⁹/L", "5 x10^6/kg", "2·10^6 cells"."""
    first = number(tokens, i)
    if first is None:
        return None
    times = first[1] if word(tokens, first[1], "x") or sign(tokens, first[1], "×·*.") else first[1] - 1
    ten = times + 1 if times >= first[1] else i
    if at(tokens, ten).text != "10":
        return None
    raised = at(tokens, ten + 1)
    if sign(tokens, ten + 1, "^"):
        after = ten + 3
    elif raised.glued and all(c in "⁰¹²³⁴⁵⁶⁷⁸⁹" for c in raised.text) and raised.text:
        after = ten + 2
    else:
        return None
    after += word(tokens, after, "cells", "cell", "cfu", "vg", "pfu")
    if sign(tokens, after, "/"):
        after += 2
    return _ASIDE, after


@opens(RANGES, numbers=True)
def other_count(tokens: Tokens, i: int) -> tuple[Word, int] | None:
    """So much of something else in a time: "2-3 soft stools per day", "5 cigarettes a day"."""
    numbers = span_of_numbers(tokens, i)
    if numbers is None:
        return None
    after = numbers[2]
    for _ in range(3):
        token = at(tokens, after)
        if token.kind is not TokenKind.WORD or token.text in _KNOWN or len(token.text) < 3:
            break
        after += 1
    if after == numbers[2]:
        return None
    if not (word(tokens, after, "a", "per", "each") or sign(tokens, after, "/")):
        daily = word(tokens, after, "daily", "weekly") and word(
            tokens, after - 1, "stools", "meals", "motions"
        )
        return (_ASIDE, after + 1) if daily else None
    period = time_unit(tokens, after + 1)
    return None if period is None else (_ASIDE, period[1])


@opens(NUMBERS, numbers=True)
def amounts_listed(tokens: Tokens, i: int) -> tuple[Word | Amount, int] | None:
    """Amounts with one unit after the last: "1,200, 1,600, and 2,000 mg/d", "20, 40 or 60 mg", "5 and 10 mg".

    With "or" they are alternatives. With "and" they are the arms of a trial, or the steps of a titration:
    which is not stated, so none of them is read as the dose. "40 or 60 mg" is a range, and is none.
    """
    if sign(tokens, i - 1, "-/") or word(tokens, i - 1, *TIME_UNITS, *_NUMBERED):
        return None
    numbers, after, joint = _numbers_listed(tokens, i)
    unit = amount_unit(tokens, after) if numbers else None
    if unit is None:
        return None
    read, after = denominators(tokens, i, Amount(numbers[-1], numbers[-1], unit[0]), unit[1])
    rising = all(one < other for one, other in pairwise(numbers))
    if joint == "or" and rising and isinstance(read, Amount) and not read.rate:
        return replace(read, others=numbers[:-1]), after
    return _ASIDE, after


def _numbers_listed(tokens: Tokens, i: int) -> tuple[tuple[Decimal, ...], int, str]:
    """The numbers listed at `i`, the place after, and the last joint; two need an "and" between them."""
    found: list[Decimal] = []
    after, joint = i, ""
    following = i
    while (read := number(tokens, following)) is not None:
        found.append(read[0])
        after = read[1]
        following = after + sign(tokens, after, ",")
        if word(tokens, following, "and", "or") or sign(tokens, following, "&"):
            joint = "or" if word(tokens, following, "or") else "and"
            following += 1
        if following == after:
            break
    listed = len(found) > 2 or (len(found) == 2 and joint == "and")
    return (tuple(found) if listed else ()), after, joint


@opens(("on", "at", "in", "study", "day", "days", "d", "week", "weeks", "wk", "wks"))
def days_named(tokens: Tokens, i: int) -> tuple[Word, int] | None:
    """Several numbered days or weeks: "days 1, 8 and 15", "on days 1-5", "d1, d8", "at weeks 0, 2 and 6".

    No field holds which. Its value is `days` or `weeks`. A number with a unit of its own is the next dose
    ("day 1, 600 mg day 2").
    """
    start = i + word(tokens, i, "on", "at", "in")
    start += word(tokens, start, "study")
    named = at(tokens, start).text if at(tokens, start).kind is TokenKind.WORD else ""
    if named not in ("day", "days", "d", "week", "weeks", "wk", "wks"):
        return None
    kind = "days" if named.startswith("d") else "weeks"
    days, after, last = 0, start + 1, start + 1
    while True:
        day = number(tokens, after)
        if day is None or day[0] != day[0].to_integral_value() or day[0] > _HIGHEST_DAY:
            break
        if days and amount_unit(tokens, day[1]) is not None:
            after = last
            break
        days, after = days + 1, day[1]
        last = joined = after
        while sign(tokens, joined, ",-&/+") or word(
            tokens, joined, "and", "to", "through", "day", "d", "week", "weeks"
        ):
            joined += 1
        if joined == after or at(tokens, joined).kind is not TokenKind.NUMBER:
            break
        after = joined
    return (Word("unread", kind), after) if days > 1 else None


@opens(("at", "on", "after"))
def times_named(tokens: Tokens, i: int) -> tuple[Word, int] | None:
    """The same with the unit last: "at 0, 2 and 6 weeks"."""
    if not word(tokens, i, "at", "on", "after"):
        return None
    numbers, after, _ = _numbers_listed(tokens, i + 1)
    unit = time_unit(tokens, after) if numbers else None
    return None if unit is None or unit[0] in ("h", "min") else (Word("unread", "weeks"), unit[1])


@opens({first for first, *_ in ROUTES})
def routes_differ(tokens: Tokens, i: int) -> tuple[Word, int] | None:
    """Several routes as alternatives: "PO/IV", "IM or IV"; none of them is stated."""
    read = ROUTE_WORDS.match(tokens, i)
    routes = set()
    after = i
    while read is not None:
        routes.add(read[0])
        after = read[1]
        joined = sign(tokens, after, "/") or word(tokens, after, "or")
        read = ROUTE_WORDS.match(tokens, after + 1) if joined else None
    return (_ASIDE, after) if len(routes) > 1 else None


@opens(("until", "till", "unless"))
def until(tokens: Tokens, i: int) -> tuple[Word, int] | None:
    """What ends a treatment: "until afebrile for 48 h", "until INR ≥2 for 24 h"; no stretch in it is its own.

    An amount or a drug after it is the next dose. "Until day 100" and "until 6 months" are unread too.
    """
    if not word(tokens, i, "until", "till", "unless"):
        return None
    after = i + 1
    while after < len(tokens) and not sign(tokens, after, ",;\n()[]"):
        ended = sign(tokens, after, ".") or tokens[after].kind is TokenKind.AGENT
        if ended or word(tokens, after, "then", "thereafter", "followed", "and", "plus", "at"):
            break
        if amount(tokens, after) is not None:
            break
        after += 1
    return _ASIDE, after


@opens(("no", "without"))
def nothing_given(tokens: Tokens, i: int) -> tuple[Word, int] | None:
    """A time without the drug: "no further treatment for 12 hours", "no doses for 2 days"."""
    if not word(tokens, i, "no", "without"):
        return None
    start = i + 1 + word(tokens, i + 1, "further", "additional", "other", "more")
    given = ("treatment", "therapy", "dose", "doses", "drug", "medication", "infusion", "infusions")
    if not word(tokens, start, *given) or word(tokens, start, "more") or word(tokens, start + 1, "than"):
        return None
    after = start + 1
    while after < len(tokens) and not sign(tokens, after, ",;\n()[].") and not word(tokens, after, "then"):
        after += 1
    return _ASIDE, after


@opens(stems=(*CHANGING, "repeat"))
def changed_if_needed(tokens: Tokens, i: int) -> tuple[Word, int] | None:
    """As in "increased if necessary", "repeat as needed": the change is as needed, not the dose."""
    token = at(tokens, i)
    if token.kind is not TokenKind.WORD or not token.text.startswith((*CHANGING, "repeat")):
        return None
    start = i + 1 + word(tokens, i + 1, "gradually", "slowly", "dose", "further", "once")
    needed = NEEDED_WORDS.match(tokens, start)
    return None if needed is None else (Word("unread", "change"), needed[1])


@opens(("from",))
def changed_from(tokens: Tokens, i: int) -> tuple[Amount | Word, int] | None:
    """A change and no range: "increased from 25 mg to 100 mg daily" begins at 25 mg.

    Where the unit is printed once ("tapered from 60 to 20 mg") the first amount has none: unread.
    """
    before = at(tokens, i - 1)
    if not word(tokens, i, "from") or not before.text.startswith(CHANGING):
        return None
    low = number(tokens, i + 1)
    unit = None if low is None else amount_unit(tokens, low[1])
    if low is None:
        return None
    if unit is None:
        whole = amount(tokens, i)
        return None if whole is None else (_ASIDE, whole[1])
    read, after = denominators(tokens, i + 1, Amount(low[0], low[0], unit[0]), unit[1])
    return (read, after) if isinstance(read, Amount) and not read.rate else None


@opens(("range", "ranging", "iqr", "sd", "interquartile"))
def spread(tokens: Tokens, i: int) -> tuple[Word, int] | None:
    """How a dose varied among patients: "3 g (range 2-6 g)", "IQR 10-20 mg", "SD 4 mg"; no dose to give."""
    told = word(tokens, i, "range", "ranging") and sign(tokens, i - 1, "([,;")
    if not told and not word(tokens, i, "iqr", "sd", "interquartile"):
        return None  # "usual range: 0.3 to 1 mg/kg" is a dose
    after = i + 1
    while word(tokens, after, "range", "of", "from", "was") or sign(tokens, after, ":=,"):
        after += 1
    read = amount(tokens, after)
    if read is not None:
        return _ASIDE, read[1]
    numbers = span_of_numbers(tokens, after)
    return None if numbers is None else (_ASIDE, numbers[2])
