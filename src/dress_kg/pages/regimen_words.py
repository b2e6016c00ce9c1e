"""A dose statement in words: only what it states, in the order a prescription has."""

from __future__ import annotations

from decimal import Decimal

from dress_kg.pages.item_model import Interval, Step

_TIMES = {"min": "minute", "h": "hour", "d": "day", "wk": "week", "mo": "month", "a": "year"}
_ADVERBS = {"d": "daily", "wk": "weekly", "mo": "monthly", "a": "yearly"}
_OFTEN = {1: "once", 2: "twice"}
_ROUTES = {"oral": "by mouth", "intravenous": "intravenously", "subcutaneous": "subcutaneously",
           "intramuscular": "intramuscularly", "topical": "topically"}  # fmt: skip
_PER = {"day": " a day", "week": " a week", "month": " a month", "total": " in total", "dose": " a dose"}


def number(value: Decimal) -> str:
    """A number without trailing zeros.

    >>> number(Decimal("1500.0")), number(Decimal("0.70"))
    ('1500', '0.7')
    """
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def span(low: Decimal | None, high: Decimal | None) -> str | None:
    """A range of numbers; one number, where they are the same; None where there is none.

    >>> span(Decimal(4), Decimal(5)), span(Decimal(4), Decimal(4)), span(None, Decimal(2)), span(None, None)
    ('4–5', '4', 'up to 2', None)
    """
    if low is None or high is None:
        return f"up to {number(high)}" if high is not None else number(low) if low is not None else None
    return number(low) if low == high else f"{number(low)}–{number(high)}"


def unit(code: str | None) -> str:
    """A UCUM unit as written in print.

    >>> unit("mg/kg"), unit("{tablet}"), unit("ug"), unit("[iU]/kg"), unit("mg/m2")
    ('mg/kg', 'tablet', 'µg', 'IU/kg', 'mg/m²')
    """
    if code is None:
        return ""
    text = code.replace("{", "").replace("}", "").replace("[iU]", "IU").replace("[IU]", "IU")
    return text.replace("ug", "µg").replace("m2", "m²").replace("10*", "10^")


def time(low: Decimal | None, high: Decimal | None, code: str | None) -> str | None:
    """A stretch of time, None where there is none.

    >>> time(Decimal(5), None, "d"), time(Decimal(1), Decimal(7), "wk"), time(Decimal(1), Decimal(1), "mo")
    ('5 days', '1–7 weeks', '1 month')
    """
    text = span(low, high if high is not None else low)
    if text is None:
        return None
    word = _TIMES.get(code or "", unit(code))
    return f"{text} {word}{'' if text == '1' or not word else 's'}".strip()


def amount(step: Step) -> str | None:
    """How much, with what the amount is for unless how often says so; None where no number is stated."""
    text = span(step.low, step.high)
    if text is None:
        return None
    plural = "s" if step.unit and step.unit.startswith("{") and text != "1" else ""
    per = _PER.get(step.per or "", "")
    if step.per == "dose" and (_often(step) or step.every_low is not None or step.count):
        per = ""
    return f"{text} {unit(step.unit)}{plural}{per}".replace("  ", " ")


def _often(step: Step) -> str | None:
    """How often.

    "twice daily" for 2 a day; "every 12 hours" for 1 in 12 hours; "three times weekly" as "3 times weekly".
    """
    if step.frequency is None and step.period is None:
        return None
    times = span(step.frequency or Decimal(1), step.frequency_max or step.frequency or Decimal(1)) or "1"
    period = step.period or Decimal(1)
    if period == 1 and step.period_max is None and step.period_unit in _ADVERBS:
        often = _OFTEN.get(int(times)) if times.isdigit() else None
        return f"{often or times + ' times'} {_ADVERBS[step.period_unit]}"
    every = time(period, step.period_max, step.period_unit)
    return f"every {every}" if times == "1" else f"{times} times every {every}"


def step_words(step: Step, *, with_agent: bool = True) -> str:
    """The whole statement.

    The order: agent, strength, amount, route, how often, how long, repeated how; words for an amount first.
    """
    much = amount(step)
    parts: list[str | None] = [
        step.qualitative if much is None else None,
        step.agent.label if with_agent and step.agent else None,
        step.strength,
        much,
        f"({step.qualitative})" if much and step.qualitative else None,
        _route(step),
        _divided(step) or _often(step),
        f"as {step.count} dose{'s' if step.count != 1 else ''}" if step.count else None,
        _how_long(step),
    ]
    text = " ".join(part for part in parts if part)
    more = [text, _cycle(step), "as needed" if step.as_needed else None]
    return ", ".join(part for part in more if part) or step.verbatim


def _route(step: Step) -> str | None:
    """The route, unless it was taken from the agent's name, which says it."""
    if step.route is None or step.route_basis == "agent name":
        return None
    return _ROUTES.get(step.route, f"by the {step.route} route")


def _divided(step: Step) -> str | None:
    if not step.divided:
        return None
    often = _often(step)
    return f"in divided doses {often}" if often else "in divided doses"


def _how_long(step: Step) -> str | None:
    if step.infusion:
        return step.infusion
    length = time(step.duration, step.duration_max, step.duration_unit)
    if length is None:
        return None
    return f"over {length}" if step.per == "total" else f"for {length}"


def _cycle(step: Step) -> str | None:
    every = time(step.every_low, step.every_high, step.every_unit)
    if every is not None and step.every_low == step.every_high == 1:
        every = _TIMES.get(step.every_unit or "", every)
    parts = [f"repeated every {every}" if every else None]
    if step.cycle_for is not None:
        parts.append(f"for {time(step.cycle_for, None, step.cycle_for_unit)}")
    if step.cycle_count is not None:
        noun = "dose" if _counts_doses(step) else "cycle"
        parts.append(f"{step.cycle_count} {noun}{'' if step.cycle_count == 1 else 's'}")
    return ", ".join(part for part in parts if part) or None


def _counts_doses(step: Step) -> bool:
    """Whether the number that is repeated is printed as one of doses, and not of cycles."""
    printed = " ".join([step.verbatim, *(word.exact for word in step.words)]).casefold()
    return f"{step.cycle_count} dose" in printed and "cycle" not in printed


def interval_words(interval: Interval) -> str:
    """A statement of time: kind and length, or the words where no length is stated."""
    low, high = interval.low, interval.high
    if low is None and high is None:
        return interval.verbatim
    if interval.unit and interval.unit.startswith("{"):
        text = span(low, high) or ""
        return f"{text} {unit(interval.unit)}{'' if text == '1' else 's'}"
    return time(low, high, interval.unit) or interval.verbatim
