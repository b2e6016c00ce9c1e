"""The grammar's small parts: limits, dilution, infusion rates, follow-up, groups, sentences to skip."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from dress_kg.interpret.regimen.lexer import TokenKind
from dress_kg.interpret.regimen.phrases import Amount, Phrase, Span, Word
from dress_kg.interpret.regimen.quantities import (
    Tokens,
    amount,
    at,
    number,
    sign,
    span_of_numbers,
    time_span,
    time_unit,
    word,
)
from dress_kg.interpret.regimen.timing import frequency
from dress_kg.interpret.regimen.vocabulary import FLUIDS, FORBIDDING, PREPARING

_LIMIT_FILLERS = (
    "a",
    "of",
    "dose",
    "doses",
    "dosage",
    "daily",
    "single",
    "total",
    "more",
    "than",
    "is",
    "to",
)
_GROUP_NAMES = ("case", "patient", "group", "arm", "regimen", "cohort", "protocol")
_VOLUME = ("mL", "L")


def limit(tokens: Tokens, i: int) -> tuple[Word, int] | None:
    """A dose not to be passed: "up to a maximum of 40 mg in 24 hours", "max 3 tablets", "do not exceed"."""
    start = _limit_words(tokens, i)
    if start is None:
        return None
    while word(tokens, start, *_LIMIT_FILLERS) or sign(tokens, start, ":"):
        start += 1
    read = amount(tokens, start)
    after = read[1] if read is not None else None
    if after is None:
        numbers = span_of_numbers(tokens, start)
        if numbers is None:
            return None
        after = numbers[2] + 1 if word(tokens, numbers[2], "dose", "doses", "times") else numbers[2]
    if word(tokens, after, "in", "per", "within", "a", "every", "each", "over") or sign(tokens, after, "/"):
        unit = time_unit(tokens, after + 1)
        span = time_span(tokens, after + 1, "per")
        if unit is not None:
            after = unit[1]
        elif span is not None:
            after = span[1]
        elif word(tokens, after + 1, "course", "dose", "infusion", "injection"):
            after += 2
    elif word(tokens, after, "daily", "weekly", "monthly"):
        after += 1
    return Word("limit", "limit"), after


def _limit_words(tokens: Tokens, i: int) -> int | None:
    if word(tokens, i, "not", "no") or word(tokens, i, "do") and word(tokens, i + 1, "not"):
        j = i + 2 if word(tokens, i, "do") else i + 1
        if word(tokens, j, "to"):
            j += 1
        if word(tokens, j, "exceed", "exceeding") or word(tokens, j, "more") and word(tokens, j + 1, "than"):
            return j + 1
        return None
    j = i + 1 if word(tokens, i, "up") else i
    if word(tokens, j, "to", "with"):
        j += 1
    if word(tokens, j, "a"):
        j += 1
    token = at(tokens, j)
    if token.kind is TokenKind.WORD and (token.text == "max" or token.text.startswith("maxim")):
        return j + 1
    return None


def follow_up(tokens: Tokens, i: int) -> tuple[Span, int] | None:
    """ "Follow-up: 48 months", "followed up for 6 months", "6 months of follow-up"."""
    start = _follow_up_words(tokens, i)
    if start is not None:
        while word(tokens, start, "of", "for", "was", "period", "time", "duration") or sign(
            tokens, start, ":=("
        ):
            start += 1
        return time_span(tokens, start, "follow-up")
    span = time_span(tokens, i, "follow-up")
    if span is None:
        return None
    after = span[1] + 1 if word(tokens, span[1], "of") or sign(tokens, span[1], "-") else span[1]
    end = _follow_up_words(tokens, after)
    return None if end is None else (span[0], end)


def _follow_up_words(tokens: Tokens, i: int) -> int | None:
    if word(tokens, i, "followup"):
        return i + 1
    if not word(tokens, i, "follow", "followed"):
        return None
    j = i + 2 if sign(tokens, i + 1, "-") else i + 1
    if word(tokens, j, "up"):
        return j + 1
    return j if word(tokens, i, "followed") and word(tokens, j, "for") else None


def between_doses(tokens: Tokens, i: int) -> tuple[Span, int] | None:
    """ "Interval between doses 1-7 weeks", "at 2-week intervals", "4 weeks apart"."""
    if word(tokens, i, "interval", "intervals", "gap"):
        j = i + 1
        while word(
            tokens, j, "between", "doses", "infusions", "cycles", "of", "was", "is", "the", "dose"
        ) or sign(tokens, j, ":("):
            j += 1
        return time_span(tokens, j, "between doses")
    start = i + 1 if word(tokens, i, "at") else i
    span = time_span(tokens, start, "between doses")
    if span is None:
        return None
    if word(tokens, span[1], "intervals", "interval") and (start > i or word(tokens, span[1], "intervals")):
        return span[0], span[1] + 1
    return (span[0], span[1] + 1) if word(tokens, span[1], "apart") else None


def diluent(tokens: Tokens, i: int) -> tuple[Word, int] | None:
    """What a dose is given in: "in 200 mL 5% dextrose", "in D5W 250 ml", "diluted in normal saline"."""
    start = i + 1 if word(tokens, i, "diluted", "dissolved", "mixed", "reconstituted") else i
    if not word(tokens, start, "in", "with") and not (start > i and word(tokens, start, "to")):
        return None
    j = start + 1
    seen = False
    for _ in range(12):
        read = amount(tokens, j)
        if read is not None and (
            isinstance(read[0], Amount) and read[0].unit in _VOLUME or sign(tokens, read[1] - 1, "%")
        ):
            j, seen = read[1], True
        elif _fluid(tokens, j) or _letter_code(tokens, j):
            j, seen = j + (3 if _letter_code(tokens, j) else 1), True
        elif word(tokens, j, "of", "a") or sign(tokens, j, "'"):
            j += 1
        else:
            break
    return (Word("diluent", "diluent"), j) if seen else None


def _fluid(tokens: Tokens, i: int) -> bool:
    token = at(tokens, i)
    if token.kind is TokenKind.AGENT:
        return all(part in FLUIDS for part in token.text.split())
    return token.kind is TokenKind.WORD and token.text in FLUIDS


def _letter_code(tokens: Tokens, i: int) -> bool:
    """ "D5W"."""
    return (
        word(tokens, i, "d")
        and at(tokens, i + 1).kind is TokenKind.NUMBER
        and at(tokens, i + 1).glued
        and word(tokens, i + 2, "w", "ns", "rl")
        and at(tokens, i + 2).glued
    )


def infusion(tokens: Tokens, i: int) -> tuple[Word, int] | None:
    """A rate of infusion: "at 100 ml/hr", "infused at 50 ml/hour", "at a rate of 30 mL/kg"."""
    start = i + 1 if word(tokens, i, "infused", "infuse", "run", "running") else i
    rated = False
    if word(tokens, start, "at"):
        start += 1
        if word(tokens, start, "a", "an", "the"):
            start += 1
        while word(tokens, start, "rate", "infusion", "initial", "speed", "of"):
            rated = rated or word(tokens, start, "rate", "speed")
            start += 1
    read = amount(tokens, start)
    if read is None or not isinstance(read[0], Amount) or not (read[0].rate or rated):
        return None
    return Word("infusion", "rate"), read[1]


def group(tokens: Tokens, i: int) -> tuple[Word, int] | None:
    """A heading that names a group: "Case 1:", "Group A:", "Patient 2 -"."""
    if not word(tokens, i, *_GROUP_NAMES):
        return None
    label = at(tokens, i + 1)
    if label.kind is not TokenKind.NUMBER and not (label.kind is TokenKind.WORD and len(label.text) == 1):
        return None
    if not sign(tokens, i + 2, ":)-"):
        return None
    name = at(tokens, i).text.capitalize()
    return Word("group", f"{name} {label.text.upper()}"), i + 3


def amount_to_take(tokens: Tokens, i: int) -> tuple[Amount, int] | None:
    """A bare number that is an amount: "one to be taken", "take two daily"."""
    numbers = span_of_numbers(tokens, i)
    if numbers is None:
        return None
    low, high, after = numbers
    if word(tokens, after, "to") and word(tokens, after + 1, "be"):
        return Amount(low, high, None), after + 2
    if word(tokens, i - 1, "take", "taking", "swallow", "chew") and frequency(tokens, after) is not None:
        return Amount(low, high, None), after
    return None


def compared(tokens: Tokens, i: int) -> bool:
    """True for an amount that something is compared with ("less than 10 mg", "> 5 mg")."""
    return sign(tokens, i - 1, "<>≤≥") or word(
        tokens, i - 1, "than", "exceeding", "exceeds", "below", "above"
    )


def skipped_sentence(tokens: Tokens, i: int) -> tuple[Word, int] | None:
    """A sentence that says what not to do, or how to prepare: none of its numbers is a dose."""
    preparing = word(tokens, i, *PREPARING)
    forbidding = word(tokens, i, *FORBIDDING) and (
        not word(tokens, i, "do", "don") or word(tokens, i + 1, "not") or sign(tokens, i + 1, "'’")
    )
    if not preparing and not forbidding or limit(tokens, i) is not None:
        return None
    after = i + 1
    while after < len(tokens) and not sign(tokens, after, ".;\n*•") and not _set_off(tokens, after):
        after += 1
    return Word("unread", "sentence"), after


def _set_off(tokens: Tokens, i: int) -> bool:
    """A dash with space on both sides, which sets off the fields of a prescription line."""
    return sign(tokens, i, "-") and not at(tokens, i).glued and not at(tokens, i + 1).glued


def equivalents(found: Sequence[Phrase]) -> list[Phrase]:
    """The same amount said again in brackets ("100 mg (4 ml)", "7 mg (= one 5 mg tablet plus …)")."""
    out = list(found)
    for i in range(1, len(out) - 2):
        if not out[i].is_word("open") or not isinstance(out[i - 1].value, Amount):
            continue
        j, amounts = i + 1, 0
        while j < len(out) and j < i + 8 and not out[j].is_word("close"):
            amounts += isinstance(out[j].value, Amount)
            if not isinstance(out[j].value, Amount) and not out[j].is_word("comma", "link", "filler"):
                amounts = -99
            j += 1
        if amounts > 0 and j < len(out) and out[j].is_word("close"):
            for k in range(i, j + 1):
                out[k] = replace(out[k], value=Word("equivalent", "equivalent"))
    return out
