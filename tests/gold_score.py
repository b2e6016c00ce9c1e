"""How a reading of the DRESS table compares with the gold, figure by figure, as the README reports it.

`python -m tests.gold_score` prints the table; `tests/test_gold.py` asserts the targets.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from dress_kg.interpret.agents import AgentLexicon
from dress_kg.interpret.publication import resolve_publications
from dress_kg.pipeline import make_graph
from dress_kg.records import Basis, Component, Evidence, RegimenStep
from dress_kg.results import Graph
from tests.conftest import ROOT, _shared_folder

_PER = {"d": "day", "wk": "week", "mo": "month", "dose": "dose", "total": "total", None: None}
_DAYS = {"d": Decimal(1), "wk": Decimal(7), "mo": Decimal("30.4375"), "h": 1 / Decimal(24)}
# Names that the two curators wrote in findings, where they are not the vocabulary's label.
_NAMES = {
    "systemic corticosteroids": "corticosteroids",
    "antivirals (class)": "antivirals",
    "IVIG monotherapy": "intravenous immunoglobulin",
    "immune globulin intravenous (IVIG)": "intravenous immunoglobulin",
}


@dataclass(slots=True)
class Score:
    """One line of the table: how many of how many, and what is different."""

    what: str
    right: int = 0
    of: int = 0
    wrong: list[str] = field(default_factory=list)

    def add(self, ok: bool, difference: str) -> None:
        self.of += 1
        self.right += ok
        if not ok:
            self.wrong.append(difference)


@cache
def graph() -> Graph:
    """The shipped table, read by the shipped profile; nothing is published."""
    return make_graph(("dress",))


@cache
def _lexicon() -> AgentLexicon:
    return AgentLexicon.load()


def _id(name: str) -> str:
    agent = _lexicon().resolve(_NAMES.get(name, name))
    return agent.id if agent else f"?{name}"


def scores(items: list[dict[str, Any]]) -> dict[str, Score]:
    """All figures over the items of the gold."""
    evidence = graph().sources[0].evidence
    assert len(evidence) == len(items), f"{len(evidence)} items, gold {len(items)}"
    table: dict[str, Callable[[Evidence, dict[str, Any]], Iterable[tuple[bool, str]]]] = {
        "cells": _cells,
        "components": _components,
        "other agents": _others,
        "other agents invented": _invented_others,
        "citation": _citation,
        "rating": _rating,
        "study": _study,
        "steps": _steps,
        "intervals": _intervals,
        "direction": _direction,
        "secondary": _secondary,
        "kind": _kind,
        "line of therapy": _lines,
        "culprits": _culprits,
        "flags": _flags,
    }
    found: dict[str, Score] = {}
    for name, compare in table.items():
        score = found[name] = Score(name)
        for number, (each, want) in enumerate(zip(evidence, items, strict=True), 1):
            for ok, difference in compare(each, want):
                score.add(ok, f"item {number}: {difference}")
    return found


def _cells(each: Evidence, want: dict[str, Any]) -> Iterable[tuple[bool, str]]:
    for name, text in want["cells"].items():
        got = each.row.cells[name].joined
        yield got == text, f"{name} {got!r}, gold {text!r}"


def _pair(component: Component) -> tuple[str, str]:
    return component.agent.id, component.role.value


def _components(each: Evidence, want: dict[str, Any]) -> Iterable[tuple[bool, str]]:
    strategy = each.strategy
    got = (strategy.operator.value, sorted(map(_pair, strategy.components))) if strategy else None
    gold = (want["relation"], sorted((_id(c["agent"]), c["role"]) for c in want["components"]))
    stated = bool(strategy and strategy.monotherapy_stated) == bool(want.get("monotherapy_stated"))
    yield got == gold and stated, f"{got}, gold {gold}"


def _others(each: Evidence, want: dict[str, Any]) -> Iterable[tuple[bool, str]]:
    got = {_pair(c) for c in each.others}
    for other in want["other_agents"]:
        pair = (_id(other["agent"]), other["role"])
        yield pair in got, f"missing {pair}, got {sorted(got)}"


def _invented_others(each: Evidence, want: dict[str, Any]) -> Iterable[tuple[bool, str]]:
    gold = {(_id(o["agent"]), o["role"]) for o in want["other_agents"]}
    for component in each.others:
        yield _pair(component) in gold, f"{_pair(component)} is not in the gold"


def _citation(each: Evidence, want: dict[str, Any]) -> Iterable[tuple[bool, str]]:
    gold, got = want["citation"], each.citation
    assert got is not None
    mine = (got.author, got.initials, got.et_al, got.journal, got.year, got.number)
    names = ("printed_author", "initials", "et_al", "journal", "year")
    theirs = (*(gold[name] for name in names), str(gold["number"]))
    yield mine == theirs, f"{mine}, gold {theirs}"


def _rating(each: Evidence, want: dict[str, Any]) -> Iterable[tuple[bool, str]]:
    got = each.assessment
    mine = (list(got.levels), list(got.grades)) if got else None
    yield mine == (want["levels"], want["grades"]), f"{mine}, gold {(want['levels'], want['grades'])}"


def _study(each: Evidence, want: dict[str, Any]) -> Iterable[tuple[bool, str]]:
    gold, got = want["study"], each.study
    patients = [gold["patients"], *gold.get("patients_also_acceptable", [])]
    design = (got.design or "").replace("-", " ") == gold["design"]
    stated = (got.design_basis is Basis.STATED) == gold["design_stated"]
    yield design and stated and got.patients in patients, f"{got.design} {got.patients}, gold {gold}"


def _per_day(step: RegimenStep) -> Decimal | None:
    if step.frequency is None or step.period is None or step.period_unit is None:
        return None
    return step.frequency / (step.period * _DAYS[step.period_unit])


def _gold_per_day(printed: str | None) -> Decimal | None:
    if printed in (None, "once"):
        return None
    times, unit = str(printed).split("/")
    return Decimal(times) / _DAYS[unit]


def _number(value: float | None) -> Decimal | None:
    return None if value is None else Decimal(str(value))


def _gold_cycle(repeats: dict[str, Any] | None) -> tuple[object, ...] | None:
    if repeats is None:
        return None
    every, whole = repeats.get("every") or {}, repeats.get("for") or {}
    low, high = every.get("low", every.get("value")), every.get("high", every.get("value"))
    length = (_number(whole.get("value")), whole.get("unit"))
    return (_number(low), _number(high), every.get("unit"), *length, repeats.get("count"))


def _differences(step: RegimenStep, want: dict[str, Any]) -> list[str]:
    length = want["duration"] or {}
    cycle = step.cycle
    mine = cycle and (
        cycle.every_low, cycle.every_high, cycle.every_unit, cycle.for_value, cycle.for_unit, cycle.count
    )  # fmt: skip
    checks: dict[str, tuple[object, object]] = {
        "agent": (step.agent and step.agent.id, _id(want["agent"])),
        "low": (step.low, _number(want["low"])),
        "high": (step.high, _number(want["high"])),
        "unit": (step.unit, want["unit"]),
        "frequency": (_per_day(step), _gold_per_day(want["frequency"])),
        "duration": (step.duration, _number(length.get("value"))),
        "duration unit": (step.duration_unit, length.get("unit")),
        "group": (step.group, want["regimen"] and want["regimen"].split(" (")[0]),
        "alternative": (step.alternative, want["alternative"]),
        "route": (step.route, want["route"]),
        "cycle": (mine, _gold_cycle(want["repeats"])),
        "cell": (step.selections[0].field, want["cell"]),
    }
    wrong = [f"{name} {got!r}, gold {gold!r}" for name, (got, gold) in checks.items() if got != gold]
    bases = [_PER[per] for per in (want["per"], *want.get("per_also_acceptable", []))]
    return wrong if step.basis_per in bases else [*wrong, f"basis {step.basis_per!r}, gold {bases!r}"]


def _steps(each: Evidence, want: dict[str, Any]) -> Iterable[tuple[bool, str]]:
    spare = len(want.get("optional_steps", []))
    extra = len(each.steps) - len(want["regimen_steps"])
    for n, gold in enumerate(want["regimen_steps"]):
        if n >= len(each.steps):
            yield False, f"missing {gold['text']!r}"
            continue
        wrong = _differences(each.steps[n], gold)
        yield not wrong, f"{gold['text']!r}: {'; '.join(wrong)}"
    if extra > spare:
        yield False, f"{extra} steps invented"


def _intervals(each: Evidence, want: dict[str, Any]) -> Iterable[tuple[bool, str]]:
    got = Counter((s.kind.value, s.low, s.high, s.unit) for s in each.intervals)
    for s in want["intervals"]:
        kind = s["kind"].replace("recurring monthly", "recurring")
        key = (kind, _number(s["low"]), _number(s["high"]), s["unit"])
        yield got[key] > 0, f"missing {key}"
        got[key] -= 1


def _direction(each: Evidence, want: dict[str, Any]) -> Iterable[tuple[bool, str]]:
    gold = want["finding"]
    accepted = [gold["direction"], *gold["also_acceptable"]]
    yield each.direction.value in accepted, f"{each.direction.value}, gold {accepted}"


def _kind(each: Evidence, want: dict[str, Any]) -> Iterable[tuple[bool, str]]:
    primary = [f.kind.value for f in each.findings if f.primary]
    gold = want["finding"]["kind"]
    yield primary[:1] == ([gold] if gold else []), f"{primary}, gold {gold}"


def _secondary(each: Evidence, want: dict[str, Any]) -> Iterable[tuple[bool, str]]:
    got = {
        (agent.id, f.direction.value) for f in each.findings if not f.primary for agent in f.targets
    }  # "A + B" of the gold may be one finding on two agents, or two
    for secondary in want["finding"]["secondary"]:
        wanted = {(_id(name.strip()), secondary["direction"]) for name in secondary["target"].split("+")}
        yield wanted <= got, f"missing {sorted(wanted)}, got {sorted(got)}"


def _lines(each: Evidence, want: dict[str, Any]) -> Iterable[tuple[bool, str]]:
    got, gold = sorted(x.value for x in each.lines_of_therapy), sorted(want["finding"]["line_of_therapy"])
    yield got == gold, f"{got}, gold {gold}"


def _culprits(each: Evidence, want: dict[str, Any]) -> Iterable[tuple[bool, str]]:
    got = sorted((c.agent.id, c.suspected) for c in each.culprits)
    gold = sorted(
        [(_id(n), False) for n in want["finding"]["culprit_drugs"]]
        + [(_id(n), True) for n in want["finding"].get("suspected_trigger", [])]
    )
    if got or gold:
        yield got == gold, f"{got}, gold {gold}"


def _flags(each: Evidence, want: dict[str, Any]) -> Iterable[tuple[bool, str]]:
    got = rules_of(each)
    for flag in want["flags"]:
        yield flag in got, f"missing {flag}"


def rules_of(each: Evidence) -> set[str]:
    """The names of the quality rules that found something on an item."""
    suffix = f"/evidence/{each.source}/{each.key}"
    return {result.rule for result in graph().report.results if (result.item or "").endswith(suffix)}


def publications() -> int:
    """How many publications the items cite."""
    citations = [each.citation for each in graph().sources[0].evidence]
    return len(resolve_publications(citations, "dress").publications)


def main(shared: Path) -> int:
    """Print every figure and every difference."""
    gold = json.loads((shared / "gold/dress-treatment-evidence.json").read_text("utf-8"))
    for score in scores(gold["items"]).values():
        print(f"{score.what:<24} {score.right:>4} of {score.of}")
        for difference in score.wrong:
            print(f"    {difference}")
    items = graph().sources[0].evidence
    gold_flags = [set(item["flags"]) for item in gold["items"]]
    extra = Counter(r for each, flags in zip(items, gold_flags, strict=True) for r in rules_of(each) - flags)
    print("further findings:", ", ".join(f"{rule} {n}" for rule, n in extra.most_common()))
    print("publications:", publications(), " curated decisions:", sum(len(each.curations) for each in items))
    return 0


if __name__ == "__main__":
    print(f"checkout {ROOT.name}")
    sys.exit(main(_shared_folder()))
