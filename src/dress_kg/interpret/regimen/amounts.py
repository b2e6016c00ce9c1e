"""The grammar's lower half: amounts with their units and denominators, and strengths.

Each function takes the tokens and a place, and answers what it read with the place after it, or None.
"""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal

from dress_kg.interpret.regimen.lexer import TokenKind
from dress_kg.interpret.regimen.openings import AMOUNTS, opens
from dress_kg.interpret.regimen.phrases import Amount, Strength, Timing
from dress_kg.interpret.regimen.quantities import (
    Phrasebook,
    Tokens,
    at,
    number,
    sign,
    span_of_numbers,
    time_span,
    time_unit,
    word,
)
from dress_kg.interpret.regimen.vocabulary import (
    ADVERBS,
    COUNT_UNITS,
    FORMS,
    MASS_UNITS,
    PER_TIME,
)

_VOLUMES = frozenset("ml l dl millilitre milliliter litre liter ul µl μl cc".split())
_MASSES = frozenset("g gram gramme mg".split())  # "50 micrograms/g ointment"
_ONES = frozenset(("1", "¹"))
_SQUARES = frozenset(("2", "²"))
_THOUSANDS = re.compile(r"[1-9][0-9]{0,2}(?:\.[0-9]{3})+")
_DECIMAL_OR_THOUSANDS = re.compile(r"[1-9][0-9]{0,2}\.[0-9]{3}")
_ROMAN = {"i": Decimal(1), "ii": Decimal(2), "iii": Decimal(3)}
_SMALL = frozenset(("mg", "ug", "mL"))
_LARGE = frozenset(("[iU]", "{unit}"))
_SPOONS = frozenset((Decimal(1), Decimal(5), Decimal(15), Decimal(100)))
_MASS = Phrasebook(MASS_UNITS)
_COUNTED = Phrasebook(COUNT_UNITS)


@opens(AMOUNTS, numbers=True)
def amount(tokens: Tokens, i: int) -> tuple[Amount | Strength, int] | None:
    """An amount with its unit and denominators, or a strength (percent, per millilitre, of a tablet)."""
    several = _several(tokens, i)
    if several is not None:
        return several
    first = i
    at_most = word(tokens, i, "up") and word(tokens, i + 1, "to")
    at_least = word(tokens, i, "at") and word(tokens, i + 1, "least")
    numbers = span_of_numbers(tokens, i + 2 if at_most or at_least else i, falling=True)
    if numbers is None:
        return _in_roman(tokens, i)
    low, high, i = numbers
    if sign(tokens, i, "%"):
        return Strength(_printed(tokens, first, i + 1)), i + 1 + word(tokens, i + 1, *FORMS)
    counted = None if at_most or at_least else _counted_with_strength(tokens, i, low, high)
    if counted is not None:
        return counted
    unit = amount_unit(tokens, i)
    if unit is None:
        return None
    code, i = unit
    if code in _LARGE and (whole := _dotted_thousands(tokens, first, i)) is not None:
        low = high = whole
    if low == high and (sign(tokens, i, "-") or word(tokens, i, "to")):
        second = number(tokens, i + 1)
        again = None if second is None else amount_unit(tokens, second[1])
        if second is not None and again is not None and again[0] == code and second[0] > low:
            high, i = second[0], again[1]
    read = Amount(None if at_most else low, None if at_least else high, code)
    return denominators(tokens, first, read, i)


def _in_roman(tokens: Tokens, i: int) -> tuple[Amount, int] | None:
    """As in "ii tabs"; "iv" is a route."""
    value = _ROMAN.get(at(tokens, i).text) if at(tokens, i).kind is TokenKind.WORD else None
    form = None if value is None else _COUNTED.match(tokens, i + 1)
    return None if value is None or form is None else (Amount(value, value, form[0]), form[1])


def unclear_thousands(tokens: Tokens, i: int) -> bool:
    """Whether an amount that begins at `i` may be in thousands: "1.000 mg" is one or a thousand milligrams.

    A number below one ("0.125 mg") has no thousands; nobody gives a thousand grams.
    """
    numbers = span_of_numbers(tokens, i, falling=True)
    unit = None if numbers is None else amount_unit(tokens, numbers[2])
    if numbers is None or unit is None or unit[0] not in _SMALL:
        return False
    return any(_DECIMAL_OR_THOUSANDS.fullmatch(t.text) is not None for t in tokens[i : numbers[2]])


def _dotted_thousands(tokens: Tokens, first: int, after: int) -> Decimal | None:
    """The 50000 of "50.000 IU": units are not given in thousandths. None where it is not of that form."""
    printed = at(tokens, first).text
    one = after - first == 2 and _THOUSANDS.fullmatch(printed) is not None
    return Decimal(printed.replace(".", "")) if one else None


def _several(tokens: Tokens, i: int) -> tuple[Amount, int] | None:
    """As in "3 x 500 mg": so many times, a day where the amount is printed per day."""
    times = number(tokens, i)
    if times is None or times[0] != times[0].to_integral_value():
        return None
    start = times[1] + (word(tokens, times[1], "x") or sign(tokens, times[1], "×"))
    read = number(tokens, start) if start > times[1] else None
    unit = None if read is None else _MASS.match(tokens, read[1])
    if read is None or unit is None or _COUNTED.match(tokens, unit[1]) is not None:
        return None
    whole, after = denominators(tokens, start, Amount(read[0], read[0], unit[0]), unit[1])
    if not isinstance(whole, Amount):
        return None
    return replace(whole, times=times[0]), after


def amount_unit(tokens: Tokens, i: int) -> tuple[str, int] | None:
    """A unit of amount, measured or counted."""
    if sign(tokens, i, "-") and tokens[i].glued and at(tokens, i + 1).glued:
        i += 1
    found = _MASS.match(tokens, i) or _COUNTED.match(tokens, i)
    if found is None:
        return None
    code, i = found
    plural = sign(tokens, i, "(") and word(tokens, i + 1, "s", "es") and sign(tokens, i + 2, ")")
    return code, i + 3 if plural else i


def _counted_with_strength(tokens: Tokens, i: int, low: Decimal, high: Decimal) -> tuple[Amount, int] | None:
    """As in "two 5 mg tablets", "1 x 500 mg tablet": `i` is the place after the first number."""
    start = i + 1 if word(tokens, i, "x") or sign(tokens, i, "×") else i
    inner = number(tokens, start)
    unit = None if inner is None else _MASS.match(tokens, _after_hyphen(tokens, inner[1]))
    form = None if unit is None else _COUNTED.match(tokens, unit[1])
    if unit is None or form is None:
        return None
    return Amount(low, high, form[0], strength=_printed(tokens, start, unit[1])), form[1]


def _after_hyphen(tokens: Tokens, i: int) -> int:
    """The place after a hyphen between a number and its unit ("140-mg")."""
    return i + 1 if sign(tokens, i, "-") and at(tokens, i).glued and at(tokens, i + 1).glued else i


def _printed(tokens: Tokens, first: int, after: int) -> str:
    parts = [tokens[first].printed]
    parts += [t.printed if t.glued else f" {t.printed}" for t in tokens[first + 1 : after]]
    return "".join(parts)


def denominators(tokens: Tokens, first: int, read: Amount, i: int) -> tuple[Amount | Strength, int]:
    """What stands under an amount: "/kg", "per m2", "/d", "per day", "/12h", "/dose", "/hour"."""
    for _ in range(4):
        body = _body(tokens, i)
        if body is not None and read.unit is not None and "/" not in read.unit:
            read, i = replace(read, unit=f"{read.unit}/{body[0]}"), body[1]
            continue
        filled = None if _of_a_solution(tokens, i) else _in_volume(tokens, i)
        if filled is not None:
            return read, filled
        volume = _per(tokens, i)
        solution = _of_a_solution(tokens, i)
        if solution is not None and not read.counted:
            return Strength(_printed(tokens, first, solution)), solution
        if volume is not None and (
            word(tokens, volume, *_VOLUMES, *_MASSES)
            or (not read.counted and _COUNTED.match(tokens, volume) is not None)
        ):
            return Strength(_printed(tokens, first, volume + 1)), volume + 1
        timed = None if read.basis is not None or read.rate else _per_time(tokens, i, read)
        if timed is None:
            break
        read, i = timed
    form = at(tokens, i)
    if not read.counted and form.kind is TokenKind.WORD and form.text in FORMS:
        i += 1
    return read, i


def _in_volume(tokens: Tokens, i: int) -> int | None:
    """As in "40 mg/0.4 mL": the dose in its volume. The place after, or None."""
    volume = number(tokens, i + 1) if sign(tokens, i, "/") else None
    return volume[1] + 1 if volume is not None and word(tokens, volume[1], *_VOLUMES) else None


def _of_a_solution(tokens: Tokens, i: int) -> int | None:
    """As in "10 mg/5 mL", the usual way to print how strong a liquid is. The place after, or None."""
    volume = number(tokens, i + 1) if sign(tokens, i, "/") or word(tokens, i, "per") else None
    if volume is None or volume[0] not in _SPOONS or not word(tokens, volume[1], "ml", "mls"):
        return None
    return volume[1] + 1 + word(tokens, volume[1] + 1, *FORMS)


def _per(tokens: Tokens, i: int) -> int | None:
    if sign(tokens, i, "/") or word(tokens, i, "per"):
        return i + 1
    return None


def _exponent(tokens: Tokens, i: int) -> int | None:
    """As in "kg-1", "day⁻¹", "m⁻²" at `i` (the unit's own place); the place after, or None."""
    power = at(tokens, i + 2).text
    if sign(tokens, i + 1, "-⁻") and power in (_ONES | _SQUARES) and at(tokens, i + 2).glued:
        return i + 3
    return None


def _body(tokens: Tokens, i: int) -> tuple[str, int] | None:
    """Per kilogram or per square metre of the patient."""
    start = _per(tokens, i)
    if start is None:
        j = i + 1 if sign(tokens, i, "·.*") else i
        after = _exponent(tokens, j)
        if after is not None and word(tokens, j, "kg", "m"):
            return ("kg" if word(tokens, j, "kg") else "m2"), after
        return None
    if at(tokens, start).text == "1.73":
        start += 1
    if word(tokens, start, "kg", "kilo", "kilogram", "kilograms", "kilogramme", "kgs"):
        return "kg", _body_words(tokens, start + 1)
    after = _square_metre(tokens, start)
    return None if after is None else ("m2", _body_words(tokens, after))


def _square_metre(tokens: Tokens, i: int) -> int | None:
    if word(tokens, i, "m²", "sqm"):
        return i + 1
    if word(tokens, i, "m") and at(tokens, i + 1).text in _SQUARES:
        return i + 2
    if word(tokens, i, "m") and sign(tokens, i + 1, "^") and at(tokens, i + 2).text == "2":
        return i + 3
    return i + 2 if word(tokens, i, "square", "sq") and word(tokens, i + 1, "m", "metre", "meter") else None


def _body_words(tokens: Tokens, i: int) -> int:
    """The place after "body weight", "(bw)", "of body surface area"."""
    start = i + 1 if sign(tokens, i, "(") or word(tokens, i, "of") else i
    after = start
    while word(
        tokens, after, "body", "bodyweight", "weight", "bw", "bsa", "surface", "area", "ideal", "actual"
    ):
        after += 1
    if after == start:
        return i
    return after + 1 if sign(tokens, i, "(") and sign(tokens, after, ")") else after


def _per_time(tokens: Tokens, i: int, read: Amount) -> tuple[Amount, int] | None:
    """The amount with the denominator of time at `i`, and the place after it."""
    start = _per(tokens, i)
    if start is None:
        return _per_time_unslashed(tokens, i, read)
    if word(tokens, start, "dose", "administration", "infusion", "injection", "pulse", "application"):
        return replace(read, basis="dose"), start + 1
    adverb = ADVERBS.get(at(tokens, start).text)
    if adverb in PER_TIME:
        return replace(read, basis=PER_TIME[adverb], slashed=True), start + 1
    unit = time_unit(tokens, start)
    if unit is not None:
        return _for_unit(read, unit[0]), unit[1]
    return _per_span(tokens, start, read)


def _per_span(tokens: Tokens, i: int, read: Amount) -> tuple[Amount, int] | None:
    """As in "/24h", "/12h"; "per 7 days" is none, it may be a duration."""
    every = time_span(tokens, i, "per")
    if every is None or every[0].low is None or every[0].low != every[0].high:
        return None
    if (every[0].low, every[0].unit) in ((Decimal(24), "h"), (Decimal(1), "d")):
        return replace(read, basis="day"), every[1]
    timing = Timing(Decimal(1), None, every[0].low, None, every[0].unit)
    return (replace(read, basis="dose", every=timing), every[1]) if sign(tokens, i - 1, "/") else None


def _per_time_unslashed(tokens: Tokens, i: int, read: Amount) -> tuple[Amount, int] | None:
    """As in "40 mg a day" and "mg kg-1 day-1"."""
    unit = time_unit(tokens, i + 1)
    if word(tokens, i, "a", "each") and unit is not None and unit[0] in PER_TIME:
        return replace(read, basis=PER_TIME[unit[0]]), unit[1]
    start = i + 1 if sign(tokens, i, "·.*") else i
    after, unit = _exponent(tokens, start), time_unit(tokens, start)
    return None if after is None or unit is None else (_for_unit(read, unit[0]), after)


def _for_unit(read: Amount, unit: str) -> Amount:
    if unit in PER_TIME:
        return replace(read, basis=PER_TIME[unit])
    return replace(read, rate=unit in ("h", "min"))
