"""The grammar's lowest part: places, fixed phrases, numbers, ranges and stretches of time.

Each function takes the tokens and a place, and answers what it read with the place after it, or None.
None looks more than a few tokens ahead, so the time is linear in the length of the text.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Generic, TypeVar

from dress_kg.interpret.numbers import FRACTIONS, WORDS
from dress_kg.interpret.regimen.lexer import Token, TokenKind
from dress_kg.interpret.regimen.phrases import Span
from dress_kg.interpret.regimen.vocabulary import TIME_UNITS

Tokens = Sequence[Token]
V = TypeVar("V")
_SIGN, _WORD, _NUMBER = TokenKind.SIGN, TokenKind.WORD, TokenKind.NUMBER
_END = Token(TokenKind.END, "", 0, 0)
_TEN = Decimal(10)
_MANY = Decimal(20)
_ADJECTIVES = frozenset("consecutive successive further more additional full whole calendar".split())


def at(tokens: Tokens, i: int) -> Token:
    """The token at a place, or an end token outside the text."""
    if i < 0:
        return _END
    try:
        return tokens[i]
    except IndexError:
        return _END


def sign(tokens: Tokens, i: int, signs: str) -> bool:
    """True where one of these signs stands at a place."""
    token = at(tokens, i)
    return token.kind is _SIGN and token.text in signs


def word(tokens: Tokens, i: int, *wanted: str) -> bool:
    """True where one of these words stands at a place."""
    if i < 0:
        return False
    try:
        token = tokens[i]
    except IndexError:
        return False
    return token.kind is _WORD and token.text in wanted


class Phrasebook(Generic[V]):
    """Fixed phrases, found by their first word; the longest wins; hyphens between words do not count."""

    def __init__(self, phrases: Mapping[tuple[str, ...], V]) -> None:
        self._by_first: dict[str, list[tuple[tuple[str, ...], V]]] = defaultdict(list)
        for words, value in sorted(phrases.items(), key=lambda item: -len(item[0])):
            self._by_first[words[0]].append((words, value))

    def match(self, tokens: Tokens, i: int) -> tuple[V, int] | None:
        """The value of the longest phrase at a place, and the place after it."""
        for words, value in self._by_first.get(at(tokens, i).text, ()):
            after = self._after(tokens, i, words)
            if after is not None:
                return value, after
        return None

    @staticmethod
    def _after(tokens: Tokens, i: int, words: tuple[str, ...]) -> int | None:
        for n, wanted in enumerate(words):
            if n and sign(tokens, i, "-") and tokens[i].glued:
                i += 1
            token = at(tokens, i)
            if token.text != wanted or token.kind not in (TokenKind.WORD, TokenKind.SIGN):
                return None
            i += 1
        return i


def number(tokens: Tokens, i: int) -> tuple[Decimal, int] | None:
    """A number: "5", "0,7", "1½", "half a", "two", "TWO (2)"; a date or a list of days is none."""
    token = at(tokens, i)
    if token.kind is _NUMBER:
        return _in_digits(tokens, i)
    return _in_words(tokens, i) if token.kind is _WORD else None


def _in_digits(tokens: Tokens, i: int) -> tuple[Decimal, int] | None:
    token = at(tokens, i)
    thousands = at(tokens, i + 1)
    if token.value is not None and len(token.text) < 4 and is_group_of_three(thousands):
        if thousands.text.startswith("0") and thousands.value is not None:
            return token.value * 1000 + thousands.value, i + 2
        return None  # "1 500 mg" may be 1500 mg or one of 500 mg
    if token.value is not None and sign(tokens, i + 1, "(") and sign(tokens, i + 3, ")"):
        again = at(tokens, i + 2)
        if token.value in (again.value, WORDS.get(again.text)):
            return token.value, i + 4
    if token.value is None or (sign(tokens, i - 1, "/") and at(tokens, i - 2).kind is TokenKind.NUMBER):
        return None
    return _fraction(tokens, i, token.value)


def is_group_of_three(token: Token) -> bool:
    """True for three digits set off by a space, which may be the end of a larger number."""
    return (
        token.kind is TokenKind.NUMBER and len(token.text) == 3 and token.text.isdecimal() and not token.glued
    )


def _in_words(tokens: Tokens, i: int) -> tuple[Decimal, int] | None:
    token = at(tokens, i)
    if word(tokens, i, "half"):
        return Decimal("0.5"), i + (2 if word(tokens, i + 1, "a", "an", "of") else 1)
    value = WORDS.get(token.text) if token.kind is TokenKind.WORD else None
    if value is None:
        return None
    tens = _tens(tokens, i, value)
    if sign(tokens, i + 1, "(") and at(tokens, i + 2).value == value and sign(tokens, i + 3, ")"):
        return value, i + 4
    if word(tokens, i + 1, "and") or sign(tokens, i + 1, "&"):
        half = _half(tokens, i + 2 + word(tokens, i + 2, "a", "one"))
        return (value + Decimal("0.5"), half) if half is not None else (value, i + 1)
    half = _half(tokens, i + 1) if value == 1 else None
    return tens or ((value, i + 1) if half is None else (Decimal("0.5"), half))


def _tens(tokens: Tokens, i: int, value: Decimal) -> tuple[Decimal, int] | None:
    """As in "twenty eight", "thirty-two"."""
    ones = i + 1 + (sign(tokens, i + 1, "-") and at(tokens, i + 1).glued)
    more = WORDS.get(at(tokens, ones).text) if at(tokens, ones).kind is TokenKind.WORD else None
    if value < _MANY or value % 10 or more is None or not 0 < more < _TEN:
        return None
    return value + more, ones + 1


def _half(tokens: Tokens, i: int) -> int | None:
    """The place after "half" or "-half" at `i`, or None."""
    i += sign(tokens, i, "-") and at(tokens, i).glued
    return i + 1 if word(tokens, i, "half") else None


def _fraction(tokens: Tokens, i: int, whole: Decimal) -> tuple[Decimal, int] | None:
    following = at(tokens, i + 1)
    if following.text in FRACTIONS and following.value is not None:
        return whole + following.value, i + 2
    start = i + 1 + word(tokens, i + 1, "and")
    if at(tokens, start).text in ("1", "3") and sign(tokens, start + 1, "/") and whole < _MANY:
        part = _fraction(tokens, start, Decimal(at(tokens, start).text))
        if part is not None and part[0] < 1:
            return whole + part[0], part[1]  # "1 1/2 tablets"
    divisor = at(tokens, i + 2)
    if not sign(tokens, i + 1, "/") or divisor.kind is not TokenKind.NUMBER:
        return whole, i + 1
    if divisor.text in ("2", "3", "4") and divisor.value is not None and whole < divisor.value:
        return None if sign(tokens, i + 3, "/") else (whole / divisor.value, i + 3)
    return (whole, i + 1) if at(tokens, i + 3).text in TIME_UNITS else None


def span_of_numbers(tokens: Tokens, i: int, *, falling: bool = False) -> tuple[Decimal, Decimal, int] | None:
    """A number or a range of two: "4-5", "1 to 2", "1 or 2", "between 4 and 5", "from 2 to 3".

    :param falling: read "5-4" as printed; otherwise a range that falls is none, and neither is its end.
    """
    if _ends_a_range(tokens, i):
        return None
    between = word(tokens, i, "between")
    if between or word(tokens, i, "from"):
        i += 1
    low = number(tokens, i)
    if low is None:
        return None
    joined = "and" if between else "to"
    if sign(tokens, low[1], "-") or word(tokens, low[1], joined, "or"):
        high = number(tokens, low[1] + 1)
        if high is not None and high[0] > low[0]:
            return low[0], high[0], high[1]
        if high is not None and _ends_a_range(tokens, low[1] + 1):
            return (low[0], high[0], high[1]) if falling or high[0] == low[0] else None
    return None if between else (low[0], low[0], low[1])


def _ends_a_range(tokens: Tokens, i: int) -> bool:
    """True for a number with a dash and another number glued before it, as the 4 of "5-4"."""
    dashed = sign(tokens, i - 1, "-") and at(tokens, i).glued and at(tokens, i - 1).glued
    return dashed and at(tokens, i).kind is TokenKind.NUMBER and at(tokens, i - 2).kind is TokenKind.NUMBER


def time_unit(tokens: Tokens, i: int) -> tuple[str, int] | None:
    """A unit of time in words or letters."""
    token = at(tokens, i)
    unit = TIME_UNITS.get(token.text) if token.kind is TokenKind.WORD else None
    if unit is None:
        return None
    plural = sign(tokens, i + 1, "(") and word(tokens, i + 2, "s") and sign(tokens, i + 3, ")")
    return unit, i + 4 if plural else i + 1


def time_span(tokens: Tokens, i: int, role: str) -> tuple[Span, int] | None:
    """A stretch of time: "7 days", "3-7 days", "4-day", "1 to 2 wk", "2 consecutive days", "a week"."""
    if word(tokens, i, "a", "an", "one") and word(tokens, i + 1, "fortnight"):
        return Span(Decimal(2), Decimal(2), "wk", role), i + 2
    if word(tokens, i, "a", "an"):
        unit = time_unit(tokens, i + 1)
        return None if unit is None else (Span(Decimal(1), Decimal(1), unit[0], role), unit[1])
    numbers = span_of_numbers(tokens, i)
    if numbers is None:
        return short_span(tokens, i) if role == "for" else None
    low, high, i = numbers
    if sign(tokens, i, "-") and tokens[i].glued:
        i += 1
    while word(tokens, i, *_ADJECTIVES):
        i += 1
    unit = time_unit(tokens, i)
    if unit is None:
        return None
    if sign(tokens, unit[1], "-") or word(tokens, unit[1], "to", "or"):
        second = number(tokens, unit[1] + 1)
        same = None if second is None else time_unit(tokens, second[1])
        if second is not None and same is not None and same[0] == unit[0] and second[0] > low == high:
            return Span(low, second[0], unit[0], role), same[1]
    return Span(low, high, unit[0], role), unit[1]


_SHORT_SPANS = {"7": "d", "52": "wk", "12": "mo"}


def short_span(tokens: Tokens, i: int) -> tuple[Span, int] | None:
    """Prescribers' shorthand: "for 5/7" (days), "for 2/52" (weeks), "for 3/12" (months)."""
    value, unit = at(tokens, i).value, _SHORT_SPANS.get(at(tokens, i + 2).text)
    if value is None or unit is None or not sign(tokens, i + 1, "/") or sign(tokens, i + 3, "/"):
        return None
    return Span(value, value, unit, "for"), i + 3
