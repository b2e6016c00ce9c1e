"""The grammar's small parts: limits, dilution, infusion rates, follow-up, groups, sentences to skip."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from dress_kg.interpret.regimen.amounts import amount
from dress_kg.interpret.regimen.lexer import TokenKind
from dress_kg.interpret.regimen.openings import AMOUNTS, RANGES, STRETCHES, opens
from dress_kg.interpret.regimen.phrases import Amount, Phrase, Span, Word
from dress_kg.interpret.regimen.quantities import (
    Phrasebook,
    Tokens,
    at,
    is_group_of_three,
    number,
    sign,
    span_of_numbers,
    time_span,
    time_unit,
    word,
)
from dress_kg.interpret.regimen.timing import frequency
from dress_kg.interpret.regimen.vocabulary import (
    AS_NEEDED,
    BASIS_WORDS,
    CHANGING,
    FLUIDS,
    FORBIDDING,
    PREPARING,
)
from dress_kg.records import Agent

_LIMIT_FILLERS = tuple(
    "a of dose doses dosage daily single total more than is to initial recommended per day amount".split()
)
_GROUP_NAMES = ("case", "patient", "group", "arm", "regimen", "cohort", "protocol")
_SALTS = ("elemental", "equivalent", "equivalents", "base", "salt")
_VOLUME = ("mL", "L")
_NEEDED = Phrasebook(AS_NEEDED)
_BASIS = Phrasebook(BASIS_WORDS)
_LIMITS = {first for first, *_ in BASIS_WORDS}.union("max not no do at up to with a".split())
_DILUTED = ("diluted", "dissolved", "mixed", "reconstituted")
_INFUSED = ("infused", "infuse", "run", "running")
SKIPPING = PREPARING | FORBIDDING  # a sentence that begins so is skipped
_STEPS = ("steps", "increments", "decrements")


@opens(_LIMITS, stems=("maxim",))
def limit(tokens: Tokens, i: int) -> tuple[Word, int] | None:
    """A dose not to be passed: "up to a maximum of 40 mg in 24 hours", "max 3 tablets", "do not exceed"."""
    of_what = _BASIS.match(tokens, i)
    start = _limit_words(tokens, i if of_what is None else of_what[1])
    if start is None:
        return None
    start += sign(tokens, start, ".")
    while word(tokens, start, *_LIMIT_FILLERS) or sign(tokens, start, ":=,-"):
        start += 1
    read = amount(tokens, start)
    if read is not None:
        return Word("limit", "limit"), _after_period(tokens, read[1])
    numbers = span_of_numbers(tokens, start)
    if numbers is None:
        return None
    after = numbers[2] + word(tokens, numbers[2], "dose", "doses", "times", "nights", "days")
    return Word("limit", "limit"), _after_period(tokens, after)


def _after_period(tokens: Tokens, i: int) -> int:
    """The place after "in 24 hours", "per course", "daily", where that stands at `i`."""
    often = frequency(tokens, i)
    if often is not None and often[0].form != "bare":
        return often[1]
    if not word(tokens, i, "in", "per", "within", "a", "every", "each", "over") and not sign(tokens, i, "/"):
        return i
    period = time_unit(tokens, i + 1) or time_span(tokens, i + 1, "per")
    if period is not None:
        return period[1]
    return i + 2 if word(tokens, i + 1, "course", "dose", "infusion", "injection") else i


def _limit_words(tokens: Tokens, i: int) -> int | None:
    """The place after the words that announce a limit, or None."""
    if word(tokens, i, "not", "no", "do"):
        return _not_more(tokens, i)
    if word(tokens, i, "at") and word(tokens, i + 1, "most"):
        return i + 2
    i += word(tokens, i, "up")
    i += word(tokens, i, "to", "with")
    i += word(tokens, i, "a")
    token = at(tokens, i)
    named = token.kind is TokenKind.WORD and (token.text == "max" or token.text.startswith("maxim"))
    return i + 1 if named else None


def _not_more(tokens: Tokens, i: int) -> int | None:
    if word(tokens, i, "do"):
        i += 1
        if not word(tokens, i, "not"):
            return None
    i += 1
    i += word(tokens, i, "to")
    if word(tokens, i, "exceed", "exceeding") or (word(tokens, i, "more") and word(tokens, i + 1, "than")):
        return i + 1
    return None


@opens(STRETCHES.union(("followup", "follow", "followed")), numbers=True)
def follow_up(tokens: Tokens, i: int) -> tuple[Span, int] | None:
    """As in "Follow-up: 48 months", "followed up for 6 months", "6 months of follow-up"."""
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


@opens(STRETCHES.union(("interval", "intervals", "gap", "at")), numbers=True)
def between_doses(tokens: Tokens, i: int) -> tuple[Span, int] | None:
    """As in "Interval between doses 1-7 weeks", "at 2-week intervals", "4 weeks apart"."""
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


@opens((*_DILUTED, "in", "with"))
def diluent(tokens: Tokens, i: int) -> tuple[Word, int] | None:
    """What a dose is given in: "in 200 mL 5% dextrose", "in D5W 250 ml", "diluted in normal saline"."""
    start = i + word(tokens, i, *_DILUTED)
    if not word(tokens, start, "in", "with") and not (start > i and word(tokens, start, "to")):
        return None
    j, seen = start + 1, False
    for _ in range(12):
        after = _fluid(tokens, j)
        seen = seen or (after is not None and not sign(tokens, after - 1, "%"))
        if after is None and (word(tokens, j, "of", "a") or sign(tokens, j, "'")):
            after = j + 1
        if after is None:
            break
        j = after
    return (Word("diluent", "diluent"), j) if seen else None


def _fluid(tokens: Tokens, i: int) -> int | None:
    """The place after a volume, a percentage, or the name of a fluid."""
    read = amount(tokens, i)
    if read is not None:
        volume = isinstance(read[0], Amount) and read[0].unit in _VOLUME
        return read[1] if volume or sign(tokens, read[1] - 1, "%") else None
    token = at(tokens, i)
    if token.kind is TokenKind.AGENT:
        return i + 1 if all(part in FLUIDS for part in token.text.split()) else None
    if _letter_code(tokens, i):
        return i + 3
    return i + 1 if token.kind is TokenKind.WORD and token.text in FLUIDS else None


def _letter_code(tokens: Tokens, i: int) -> bool:
    """As in "D5W"."""
    return (
        word(tokens, i, "d")
        and at(tokens, i + 1).kind is TokenKind.NUMBER
        and at(tokens, i + 1).glued
        and word(tokens, i + 2, "w", "ns", "rl")
        and at(tokens, i + 2).glued
    )


@opens(AMOUNTS.union(_INFUSED), numbers=True)
def infusion(tokens: Tokens, i: int) -> tuple[Word, int] | None:
    """A rate of infusion: "at 100 ml/hr", "infused at 50 ml/hour", "at a rate of 30 mL/kg"."""
    start = i + 1 if word(tokens, i, *_INFUSED) else i
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
    return Word("infusion", "rate", at(tokens, i).text if start > i else ""), read[1]


@opens(_GROUP_NAMES, numbers=True, letters=True)
def group(tokens: Tokens, i: int) -> tuple[Word, int] | None:
    """A heading that names a group: "Case 1:", "Group A:", "Patient 2 -"."""
    if not word(tokens, i, *_GROUP_NAMES):
        return _enumerated(tokens, i)
    label = at(tokens, i + 1)
    if label.kind is not TokenKind.NUMBER and not (label.kind is TokenKind.WORD and len(label.text) == 1):
        return None
    if not sign(tokens, i + 2, ":)-"):
        return None
    name = at(tokens, i).text.capitalize()
    return Word("group", f"{name} {label.text.upper()}"), i + 3


def _enumerated(tokens: Tokens, i: int) -> tuple[Word, int] | None:
    """As in "A) … B) …", "1) … 2) …"; the end of a bracket is none."""
    token = at(tokens, i)
    short = len(token.text) == 1 and token.kind in (TokenKind.WORD, TokenKind.NUMBER)
    if not short or not sign(tokens, i + 1, ")") or not at(tokens, i + 1).glued or token.glued:
        return None
    if any(sign(tokens, i - back, "([") for back in range(1, 9)):
        return None
    return Word("group", token.text.upper()), i + 2


@opens((*_STEPS, "up", "down"), stems=CHANGING)
def change(tokens: Tokens, i: int) -> tuple[Word, int] | None:
    """A change of dose, which is no dose: "reduced by 10 mg every week", "doubled weekly"."""
    token = at(tokens, i)
    if token.kind is not TokenKind.WORD:
        return None
    noun = word(tokens, i, *_STEPS) and word(tokens, i + 1, "of")
    start = i + 1
    often = frequency(tokens, start) if token.text.startswith(CHANGING) else None
    if often is not None:
        start = often[1]
    by = (token.text.startswith(CHANGING) or token.text in ("up", "down")) and word(tokens, start, "by")
    read = amount(tokens, start + 1) if by or noun else None
    if read is None:
        alone = often is not None and not token.text.startswith("taper")
        return (Word("unread", "change"), start) if alone else None
    often = frequency(tokens, read[1])
    return Word("unread", "change"), read[1] if often is None else often[1]


@opens(RANGES, numbers=True)
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
    if _begins(tokens, i) and _is_given_when(tokens, after):
        return Amount(low, high, None), after
    return None


def _begins(tokens: Tokens, i: int) -> bool:
    """True at the beginning of the text, of a sentence, or of what comes next."""
    return (
        i == 0
        or sign(tokens, i - 1, ".;\n")
        or word(tokens, i - 1, "then", "take", "taking", "and", "now", "immediately")
    )


def _is_given_when(tokens: Tokens, i: int) -> bool:
    """As after the number of "2 bd", "one daily", "1-2 four times a day", "one in the morning", "two now".

    "3 weekly" and "6 hourly" are frequencies; "3 times daily" has no amount.
    """
    if word(tokens, i, "at", "in") and word(tokens, i + 1, "night", "bedtime", "morning", "the", "evening"):
        part = i + 1 + word(tokens, i + 1, "the")
        return word(tokens, part, "night", "bedtime", "morning", "evening", "afternoon")
    if word(tokens, i, "now", "immediately") or _NEEDED.match(tokens, i) is not None:
        return True
    read = frequency(tokens, i)
    if (
        read is None
        or word(tokens, i, "weekly", "monthly", "hourly", "on", "a", "per")
        or sign(tokens, i, "-/")
    ):
        return False
    return number(tokens, i) is None or word(tokens, read[1] - 1, "day", "daily", "week") or read[1] > i + 2


def is_site(tokens: Tokens, i: int) -> bool:
    """True where the word at `i` makes a place of the route before it ("vaginal area", "oral mucosa")."""
    return word(
        tokens, i, "area", "mucosa", "cavity", "surface", "lesions", "lesion", "ulcers", "swab", "wall"
    )


def is_limit(tokens: Tokens, after: int) -> bool:
    """True for an amount with "max" right after it: "(2 g max)"; in "5 mg max 40 mg" that is of the next."""
    return word(tokens, after, "max", "maximum") and number(tokens, after + 1) is None


def compared(tokens: Tokens, i: int) -> bool:
    """True for an amount something is compared with ("less than 10 mg") or of unclear size ("1 500 mg")."""
    unclear = is_group_of_three(at(tokens, i)) and at(tokens, i - 1).kind is TokenKind.NUMBER
    if unclear and len(at(tokens, i - 1).text) < 4:
        return True
    return sign(tokens, i - 1, "<>≤≥") or word(
        tokens, i - 1, "than", "exceeding", "exceeds", "below", "above", "age", "aged"
    )


def skipped_sentence(tokens: Tokens, i: int) -> tuple[Word, int] | None:
    """A sentence that says what not to do, or how to prepare: none of its numbers is a dose."""
    forbidding = word(tokens, i, "do", "don") and (word(tokens, i + 1, "not") or sign(tokens, i + 1, "'’"))
    begins = i == 0 or sign(tokens, i - 1, ".;\n*•-")
    if not forbidding and not (begins and word(tokens, i, *SKIPPING)):
        return None
    if limit(tokens, i) is not None:
        return None
    after = i + 1
    while after < len(tokens) and not sign(tokens, after, ".;\n*•") and not _set_off(tokens, after):
        after += 1
    return Word("unread", "sentence"), after


def _set_off(tokens: Tokens, i: int) -> bool:
    """A dash with space on both sides, which sets off the fields of a prescription line."""
    return sign(tokens, i, "-") and not at(tokens, i).glued and not at(tokens, i + 1).glued


def equivalents(found: Sequence[Phrase]) -> list[Phrase]:
    """The phrases, with an amount said again in brackets marked so ("100 mg (4 ml)")."""
    out = list(found)
    amount_before = False
    for i, phrase in enumerate(found):
        if isinstance(phrase.value, Amount):
            if i and _counts_it(found, i):
                last = i + 1 if i + 1 < len(found) and found[i + 1].is_word("basis") else i
                for k in range(i, last + 1):
                    out[k] = replace(out[k], value=Word("equivalent", "equivalent"))
            amount_before = True
        elif isinstance(phrase.value, Agent) or phrase.is_word(
            "unread", "link", "boundary", "group", "comma"
        ):
            amount_before = False
        elif phrase.is_word("open") and amount_before:
            close = _amounts_up_to_close(out, i + 1)
            for k in range(i, close + 1 if close is not None else i):
                out[k] = replace(out[k], value=Word("equivalent", "equivalent"))
    return out


def _is_salt(phrases: Sequence[Phrase], i: int) -> bool:
    """As in "(50 mg elemental zinc)", "(40 mg prednisone equivalent)": the same dose in another measure."""
    around = [p.value.value for p in phrases[max(i - 1, 0) : i + 2] if isinstance(p.value, Word)]
    return phrases[i].is_word("unread") and any(word in _SALTS for word in around)


def _counts_it(found: Sequence[Phrase], i: int) -> bool:
    """As the 40 mg of "1 tablet 40 mg total daily": it stands right after a count of tablets."""
    before, here = found[i - 1].value, found[i].value
    if not (isinstance(before, Amount) and isinstance(here, Amount)):
        return False
    plain = before.basis is None and before.every is None and before.strength is None
    return plain and before.unit is not None and before.unit.startswith("{") and not here.counted


def _amounts_up_to_close(phrases: Sequence[Phrase], first: int) -> int | None:
    """The place of the closing bracket, where nothing but amounts stands before it."""
    amounts, volume = 0, False
    for i in range(first, min(first + 8, len(phrases))):
        if phrases[i].is_word("close"):
            return i if amounts else None
        value = phrases[i].value
        if isinstance(value, Amount):
            amounts += 1
            volume = value.unit is not None and value.unit.startswith(_VOLUME)  # "(0.1 mL/kg of 1:10 000)"
        elif amounts and (_is_salt(phrases, i) or (volume and phrases[i].is_word("unread"))):
            continue
        elif not phrases[i].is_word("comma", "link", "filler", "basis"):
            return None
    return None
