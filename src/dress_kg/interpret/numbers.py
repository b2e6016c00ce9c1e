"""Numbers as dosing texts print them: digits, decimal commas, thousands, fractions, number words."""

from __future__ import annotations

import re
from decimal import Decimal

WORDS = {
    word: Decimal(value)
    for value, word in enumerate(
        (
            "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
            "sixteen seventeen eighteen nineteen twenty twenty-one"
        ).split()
    )
} | {"thirty": Decimal(30), "forty": Decimal(40), "fifty": Decimal(50), "sixty": Decimal(60)}
"""Number words that dosing texts use."""

FRACTIONS = {"½": Decimal("0.5"), "¼": Decimal("0.25"), "¾": Decimal("0.75")}
"""Fractions printed as one character."""

_PLAIN = re.compile(r"[0-9]{1,9}(?:[.·][0-9]{1,9})?")
_THOUSANDS = re.compile(r"[1-9][0-9]{0,2}(?:,[0-9]{3})+(?:\.[0-9]{1,9})?")
_COMMA = re.compile(r"[0-9]{1,9},[0-9]{1,9}")


def parse_number(text: str) -> Decimal | None:
    """The value of a printed number, or None where it is not one number (`1,8,15` is a list of days).

    A comma before exactly three digits separates thousands, unless a zero stands before it; any other
    comma is a decimal comma.

    >>> [str(parse_number(t)) for t in ("0,7", "2.5", "15,000", "0,125", "1,8,15", "½", "three")]
    ['0.7', '2.5', '15000', '0.125', 'None', '0.5', '3']
    """
    if text in FRACTIONS:
        return FRACTIONS[text]
    if text.lower() in WORDS:
        return WORDS[text.lower()]
    if _PLAIN.fullmatch(text):
        return Decimal(text.replace("·", "."))
    if _THOUSANDS.fullmatch(text):
        return Decimal(text.replace(",", ""))
    if _COMMA.fullmatch(text):
        return Decimal(text.replace(",", "."))
    return None


def as_json(value: Decimal | None) -> int | float | None:
    """A number as JSON writes it: an integer where it is one.

    >>> as_json(Decimal("100")), as_json(Decimal("0.70")), as_json(None)
    (100, 0.7, None)
    """
    if value is None:
        return None
    return int(value) if value == value.to_integral_value() else float(value)
