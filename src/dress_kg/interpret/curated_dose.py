"""How a curator's decision sets one field of one dose statement: `step.2.amount`, `step.2.route`, …"""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from functools import cache
from typing import Any

from dress_kg import resources
from dress_kg.interpret.concepts import read_concepts
from dress_kg.interpret.curation_field import NOT_STATED, Field, Resolve, Shape, fault, one_of
from dress_kg.interpret.regimen.vocabulary import COUNT_UNITS, DAYS_IN, MASS_UNITS
from dress_kg.records import Basis, Curation, Evidence, RegimenStep

STEP_FIELD = re.compile(r"step\.([1-9][0-9]?)\.([a-z]+)")
PER = ("day", "dose", "total", "week", "month")
_NUMBER = r"[0-9]{1,9}(?:\.[0-9]{1,6})?"
_TIME = "|".join(DAYS_IN)
_NUMBER_ONLY = re.compile(rf"{_NUMBER}|{NOT_STATED}")
_AMOUNT = re.compile(rf"(?P<low>{_NUMBER})(?:-(?P<high>{_NUMBER}))?|{NOT_STATED}")
_FREQUENCY = re.compile(
    rf"(?P<low>{_NUMBER})(?:-(?P<high>{_NUMBER}))?/"
    rf"(?:(?P<period>{_NUMBER})(?:-(?P<longest>{_NUMBER}))? )?(?P<unit>{_TIME})|{NOT_STATED}"
)
_DURATION = re.compile(rf"(?P<low>{_NUMBER})(?:-(?P<high>{_NUMBER}))? (?P<unit>{_TIME})|{NOT_STATED}")
_UNITS = tuple(sorted({*MASS_UNITS.values(), *COUNT_UNITS.values()}))
_UNIT = re.compile(
    rf"(?:{'|'.join(re.escape(unit) for unit in _UNITS)}|\{{[a-z ]+\}})(?:/(?:kg|m2))?|{NOT_STATED}"
)


@cache
def routes() -> tuple[str, ...]:
    """The routes of administration of the scheme, by name."""
    concepts = read_concepts(resources.folder("ontology") / "vocab" / "schemes.ttl")
    return tuple(sorted(concept.label for concept in concepts if concept.id.startswith("route/")))


@cache
def step_fields() -> dict[str, Field]:
    """The fields of a dose statement by the last part of their name."""
    taken = f"a number above 0, or {NOT_STATED}"
    forms: dict[str, tuple[re.Pattern[str], str, tuple[str, ...]]] = {
        "low": (_NUMBER_ONLY, taken, ()),
        "high": (_NUMBER_ONLY, taken, ()),
        "amount": (_AMOUNT, f"a number or a range, `0.4` or `0.4-1`, or {NOT_STATED}", ()),
        "unit": (_UNIT, f"a UCUM amount without time, `mg`, `g/kg`, `{{tablet}}`, or {NOT_STATED}", ()),
        "basis": (one_of((*PER, NOT_STATED)), "one of " + ", ".join((*PER, NOT_STATED)), (*PER, NOT_STATED)),
        "frequency": (_FREQUENCY, f"times a period, `2/d`, `1-2/d`, `1/4 wk`, or {NOT_STATED}", ()),
        "duration": (_DURATION, f"a stretch of time, `5 d`, `3-6 mo`, or {NOT_STATED}", ()),
        "route": (
            one_of((*routes(), NOT_STATED)),
            "one of " + ", ".join((*routes(), NOT_STATED)),
            (*routes(), NOT_STATED),
        ),
    }
    return {
        name: Field(Shape.ONE, takes, form, set_step, choices)
        for name, (takes, form, choices) in forms.items()
    }


def set_step(evidence: Evidence, curation: Curation, resolve: Resolve | None) -> Evidence:
    """One field of one dose statement; `not stated` makes it unknown.

    :raises CurationError: the row has no such dose statement, or the number is 0.
    """
    read = STEP_FIELD.fullmatch(curation.field)
    order, name = int(read[1]) if read else 0, read[2] if read else ""
    if not any(step.order == order for step in evidence.steps):
        raise fault(
            f"the row has no dose statement {order}",
            curation,
            curation.value,
            "number the dose statements of the row from 1"
            if evidence.steps
            else "no dose was read in this row",
        )
    change = {**_change(name, curation), "basis": Basis.CURATED}
    steps = tuple(replace(step, **change) if step.order == order else step for step in evidence.steps)
    return replace(evidence, steps=steps)


def _change(name: str, curation: Curation) -> dict[str, Any]:
    value = None if curation.value == NOT_STATED else curation.value
    change: dict[str, Any] = {"basis_per": value}
    if name in ("low", "high"):
        change = {name: _positive(value, curation)}
    elif name == "unit":
        change = {"unit": value}
    elif name == "route":
        change = {"route": value, "route_basis": value and "curated"}
    elif name == "amount":
        low, high = _range(_AMOUNT, value, curation)
        change = {"low": low, "high": low if high is None else high}
        if value is None:
            change["unit"] = None  # a unit without an amount says nothing
    elif name == "frequency":
        change = _frequency(value, curation)
    elif name == "duration":
        change = _duration(value, curation)
    return change


def _duration(value: str | None, curation: Curation) -> dict[str, Any]:
    low, high = _range(_DURATION, value, curation)
    return {
        "duration": low,
        "duration_max": high,
        "duration_unit": value and value.rpartition(" ")[2],
        "duration_basis": value and "curated",
    }


def _frequency(value: str | None, curation: Curation) -> dict[str, Any]:
    read = _FREQUENCY.fullmatch(value or "")
    low, high = _range(_FREQUENCY, value, curation)
    period = None if read is None else _positive(read["period"] or "1", curation)
    return {
        "frequency": low,
        "frequency_max": high,
        "period": period,
        "period_max": _positive(read["longest"], curation) if read else None,
        "period_unit": read["unit"] if read else None,
    }


def _range(
    pattern: re.Pattern[str], value: str | None, curation: Curation
) -> tuple[Decimal | None, Decimal | None]:
    read = pattern.fullmatch(value) if value is not None else None
    if read is None:
        return None, None
    low, high = _positive(read["low"], curation), _positive(read["high"], curation)
    if low is not None and high is not None and low > high:
        raise fault("the range is reversed", curation, curation.value, "write the lower number first")
    return low, high


def _positive(text: str | None, curation: Curation) -> Decimal | None:
    if text is None:
        return None
    number = Decimal(text)
    if not number:
        raise fault("a number of 0", curation, curation.value, f"a number above 0, or {NOT_STATED}")
    return number


def _short(low: Decimal | None, high: Decimal | None) -> str:
    return f"{low:f}" if high is None or low == high else f"{low:f}-{high:f}"


def step_value(step: RegimenStep, name: str) -> str:
    """What a step says in one field, as a curation writes it.

    >>> step_value(RegimenStep(1, None, 1, (), low=Decimal(3), high=Decimal(5), unit="mg/kg"), "amount")
    '3-5'
    """
    if name == "duration" and step.duration is not None:
        return f"{_short(step.duration, step.duration_max)} {step.duration_unit}"
    if name == "amount" and step.low is not None:
        return _short(step.low, step.high)
    if name == "frequency" and step.frequency is not None:
        every = "" if step.period in (None, 1) else f"{_short(step.period, step.period_max)} "
        return f"{_short(step.frequency, step.frequency_max)}/{every}{step.period_unit}"
    plain = {"unit": step.unit, "basis": step.basis_per, "route": step.route}.get(name)
    if name in ("low", "high") and getattr(step, name) is not None:
        plain = f"{getattr(step, name):f}"
    return plain or NOT_STATED
