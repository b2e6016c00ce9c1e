"""Every dose step and INTERVAL statement of the agreed reading of the DRESS table."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from dress_kg.interpret.agents import AgentLexicon
from dress_kg.interpret.interval import IntervalReading, read_interval
from dress_kg.interpret.regimen import read_doses
from dress_kg.interpret.regimen.combine import combine, stated_routes
from dress_kg.interpret.regimen.vocabulary import DAYS_IN
from dress_kg.records import Agent, Component, Operator, RegimenStep, Role, Strategy

_BASIS = {"d": "day", "wk": "week", "mo": "month", "dose": "dose", "total": "total", None: None}


@pytest.fixture(scope="module")
def lexicon() -> AgentLexicon:
    """The abbreviations that the table's profile declares."""
    return AgentLexicon.load(abbreviations={"CS": "corticosteroids", "Cs": "corticosteroids"})


def _cell(item: dict[str, Any], name: str) -> str:
    text: str = item["cells"][name]
    return text.replace("mycophenolat e", "mycophenolate").replace("Methyl- pred", "Methylpred")


def _strategy(item: dict[str, Any], lexicon: AgentLexicon) -> Strategy:
    components = []
    for part in item["components"]:
        agent = lexicon.resolve(part["agent"])
        assert agent is not None, part
        components.append(Component(agent, Role(part["role"]), ()))
    return Strategy(Operator(item["relation"]), tuple(components))


def _read(item: dict[str, Any], lexicon: AgentLexicon) -> tuple[tuple[RegimenStep, ...], IntervalReading]:
    interval = read_interval(_cell(item, "interval"), lexicon)
    dose = read_doses(_cell(item, "dose"), lexicon)
    routes = stated_routes(_cell(item, "drug"), lexicon)
    return combine(dose, interval, _strategy(item, lexicon), routes=routes), interval


def _per_day(step: RegimenStep) -> Decimal | None:
    if step.frequency is None or step.period is None or step.period_unit is None:
        return None
    return step.frequency / (step.period * DAYS_IN[step.period_unit])


def _gold_per_day(printed: str | None) -> Decimal | None:
    if printed in (None, "once"):
        return None
    times, unit = str(printed).split("/")
    return Decimal(times) / DAYS_IN[unit]


def _number(value: float | None) -> Decimal | None:
    return None if value is None else Decimal(str(value))


def _differences(step: RegimenStep, want: dict[str, Any], lexicon: AgentLexicon) -> list[str]:
    agent: Agent | None = lexicon.resolve(want["agent"])
    length = want["duration"] or {}
    bases = [_BASIS[b] for b in [want["per"], *want.get("per_also_acceptable", [])]]
    group = None if want["regimen"] is None else want["regimen"].split(" (")[0]
    checks = {
        "agent": (step.agent, agent),
        "low": (step.low, _number(want["low"])),
        "high": (step.high, _number(want["high"])),
        "unit": (step.unit, want["unit"]),
        "frequency": (_per_day(step), _gold_per_day(want["frequency"])),
        "count": (step.count, 1 if want["frequency"] == "once" else None),
        "duration": (step.duration, _number(length.get("value"))),
        "duration unit": (step.duration_unit, length.get("unit")),
        "group": (step.group, group),
        "alternative": (step.alternative, want["alternative"]),
        "route": (step.route, want["route"]),
        "route basis": (step.route_basis, want["route_basis"]),
        "cycle": (_cycle(step), _gold_cycle(want["repeats"])),
    }
    wrong = [f"{name}: {got!r}, gold {gold!r}" for name, (got, gold) in checks.items() if got != gold]
    if step.basis_per not in bases:
        wrong.append(f"basis: {step.basis_per!r}, gold {bases!r}")
    return wrong


def _cycle(step: RegimenStep) -> tuple[object, ...] | None:
    c = step.cycle
    return None if c is None else (c.every_low, c.every_high, c.every_unit, c.for_value, c.for_unit, c.count)


def _gold_cycle(repeats: dict[str, Any] | None) -> tuple[object, ...] | None:
    if repeats is None:
        return None
    every, whole = repeats.get("every") or {}, repeats.get("for") or {}
    low = every.get("low", every.get("value"))
    high = every.get("high", every.get("value"))
    return (
        _number(low), _number(high), every.get("unit"),
        _number(whole.get("value")), whole.get("unit"), repeats.get("count"),
    )  # fmt: skip


def test_every_step_is_read_and_none_is_invented(
    gold_items: list[dict[str, Any]], lexicon: AgentLexicon
) -> None:
    wrong, total = [], 0
    for n, item in enumerate(gold_items, start=1):
        steps, _ = _read(item, lexicon)
        total += len(item["regimen_steps"])
        if len(steps) != len(item["regimen_steps"]):
            wrong.append(f"item {n}: {len(steps)} steps, gold {len(item['regimen_steps'])}")
        for step, want in zip(steps, item["regimen_steps"], strict=False):
            wrong += [f"item {n}, {want['text']!r}: {each}" for each in _differences(step, want, lexicon)]
    assert total == 47
    assert wrong == []


def test_steps_keep_their_order_and_say_which_characters_they_rest_on(
    gold_items: list[dict[str, Any]], lexicon: AgentLexicon
) -> None:
    for item in gold_items:
        steps, _ = _read(item, lexicon)
        assert [s.order for s in steps] == list(range(1, len(steps) + 1))
        for step, want in zip(steps, item["regimen_steps"], strict=True):
            first = step.selections[0]
            assert first.field == want["cell"]
            assert all(_cell(item, s.field)[s.start : s.end] == s.exact for s in step.selections)


def test_phases_follow_the_sequence(gold_items: list[dict[str, Any]], lexicon: AgentLexicon) -> None:
    phases = {n: [s.phase for s in _read(gold_items[n - 1], lexicon)[0]] for n in (2, 3, 5, 11, 13, 15, 32)}
    assert phases == {
        2: [1, 2, 3, 3], 3: [1, 1, 2], 5: [1, 1, 2, 2, 2], 11: [1, 2, 3], 13: [1, 2], 15: [1, 2],
        32: [1, 2, 3],
    }  # fmt: skip


def test_every_interval_statement_is_read_and_none_is_invented(
    gold_items: list[dict[str, Any]], lexicon: AgentLexicon
) -> None:
    got, want = [], []
    for n, item in enumerate(gold_items, start=1):
        _, interval = _read(item, lexicon)
        got += [(n, s.kind.value, s.low, s.high, s.unit) for s in interval.statements]
        want += [
            (
                n,
                s["kind"].replace("recurring monthly", "recurring"),
                _number(s["low"]),
                _number(s["high"]),
                s["unit"],
            )
            for s in item["intervals"]
        ]
        for statement, gold in zip(interval.statements, item["intervals"], strict=True):
            assert statement.selection.exact in gold["text"] or gold["text"] in statement.selection.exact
    assert got == want
    assert len(want) >= 25


def test_cells_without_a_dose_give_no_step(gold_items: list[dict[str, Any]], lexicon: AgentLexicon) -> None:
    for n in (8, 10, 14, 16, 18, 25, 33, 34, 35):
        assert _read(gold_items[n - 1], lexicon)[0] == ()


def test_a_route_that_the_name_states_says_so(
    gold_items: list[dict[str, Any]], lexicon: AgentLexicon
) -> None:
    step = _read(gold_items[22], lexicon)[0][0]
    assert (step.route, step.route_basis) == ("intravenous", "agent name")
    assert (step.unit, step.low) == ("mg/kg", Decimal("0.4"))  # doubtful, and kept as printed
