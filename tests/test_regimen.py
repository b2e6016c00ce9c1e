"""The dose grammar: our own strings, the command contract, units, noise and time."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dress_kg.interpret.agents import AgentLexicon
from dress_kg.interpret.regimen import dose_json, read_doses
from dress_kg.interpret.regimen.vocabulary import COUNT_UNITS, MASS_UNITS
from dress_kg.records import AgentMention

CASES = [
    json.loads(line)
    for line in (Path(__file__).parent / "cases" / "dose.jsonl").read_text("utf-8").splitlines()
]
CONTRACT = (
    "start end agent low high unit basis divided route phase alternative frequency frequency_max period "
    "period_max period_unit duration duration_max duration_unit as_needed infusion"
).split()


@pytest.fixture(scope="module")
def lexicon() -> AgentLexicon:
    return AgentLexicon.load(abbreviations={"CS": "corticosteroids"})


class NoAgents:
    """A lexicon that knows no agent."""

    def find(self, text: str) -> tuple[AgentMention, ...]:
        return ()


def _stated(step: dict[str, Any]) -> dict[str, Any]:
    """A step without its place, its nulls, a false flag, and phase 1."""
    out = {
        k: v
        for k, v in step.items()
        if v is not None and v is not False and k not in ("start", "end", "route_basis")
    }
    if out.get("cycle"):
        out["cycle"] = {k: v for k, v in out["cycle"].items() if v is not None}
    if out["phase"] == 1:
        del out["phase"]
    return out


def test_there_are_enough_cases() -> None:
    assert len(CASES) > 140
    assert len({case["text"] for case in CASES}) == len(CASES)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["text"][:60])
def test_case(case: dict[str, Any], lexicon: AgentLexicon) -> None:
    answer = dose_json(case["text"], lexicon)
    assert [_stated(step) for step in answer["steps"]] == case["steps"]
    assert [case["text"][a:b] for a, b in answer["unread"]] == case["unread"]


def test_the_answer_is_the_command_contract(lexicon: AgentLexicon) -> None:
    text = "100 mg orally twice daily per 7 days"
    answer = dose_json(text, lexicon)
    (step,) = answer["steps"]
    expected = {
        "low": 100, "high": 100, "unit": "mg", "basis": "dose", "frequency": 2, "period": 1,
        "period_unit": "d", "route": "oral", "duration": 7, "duration_unit": "d", "phase": 1,
    }  # fmt: skip
    assert {k: step[k] for k in expected} == expected
    assert set(CONTRACT) <= set(step)
    assert (answer["text"], answer["unread"], step["start"], step["end"]) == (text, [], 0, len(text))
    assert all(
        step[k] is None
        for k in ("agent", "frequency_max", "period_max", "duration_max", "as_needed", "infusion")
    )
    assert json.loads(json.dumps(answer)) == answer
    assert isinstance(step["low"], int)


def test_an_amount_a_day_has_no_frequency(lexicon: AgentLexicon) -> None:
    (step,) = dose_json("5 mg/kg/day", lexicon)["steps"]
    assert (step["basis"], step["frequency"], step["period"], step["divided"]) == ("day", None, None, False)


def test_a_diluent_is_no_dose(lexicon: AgentLexicon) -> None:
    answer = dose_json("150 mg/kg IV in 200 mL 5% dextrose over 60 min", lexicon)
    (step,) = answer["steps"]
    assert (step["low"], step["unit"], step["duration"], step["duration_unit"]) == (150, "mg/kg", 60, "min")
    assert (step["infusion"], answer["unread"]) == ("over 60 min", [])


def test_a_limit_is_no_step_and_stays_unread(lexicon: AgentLexicon) -> None:
    answer = dose_json("10 mg every 4 hours up to a maximum of 40 mg in 24 hours", lexicon)
    assert [step["low"] for step in answer["steps"]] == [10]
    assert answer["unread"] == [[20, 56]]


@pytest.mark.parametrize(
    "text", ["Not specified", "Non specified", "", "   ", "hospital day 9", "Living donor", "n/a"]
)
def test_no_dose_no_step(text: str, lexicon: AgentLexicon) -> None:
    assert read_doses(text, lexicon).steps == ()


def test_an_unknown_name_keeps_the_agent_open(lexicon: AgentLexicon) -> None:
    reading = read_doses("prednisone 40 mg/d, foobarone 100 mg/d", lexicon)
    assert [s.agent.label if s.agent else None for s in reading.steps] == ["prednisone", None]
    assert reading.unnamed == {2}


def test_ambiguous_words_stay_unread() -> None:
    for text in ("10 mg biweekly", "10 mg bimonthly", "5 gr"):
        answer = dose_json(text, NoAgents())
        assert answer["unread"], text
        assert all(step["frequency"] is None for step in answer["steps"])


def test_every_unit_is_valid_ucum() -> None:
    ucumvert = pytest.importorskip("ucumvert")
    registry = ucumvert.PintUcumRegistry()
    units = {*MASS_UNITS.values(), *COUNT_UNITS.values()}
    read = {step["unit"] for case in CASES for step in case["steps"] if step.get("unit")}
    assert {"mg/kg", "g/kg", "mg/m2", "{tablet}", "[drp]"} <= read
    for unit in units | read | {f"{unit}/kg" for unit in units} | {f"{unit}/m2" for unit in units}:
        registry.from_ucum(unit)


def test_spans_lie_in_the_text_and_do_not_overlap_what_is_unread(lexicon: AgentLexicon) -> None:
    for case in CASES:
        answer = dose_json(case["text"], lexicon)
        for step in answer["steps"]:
            assert 0 <= step["start"] < step["end"] <= len(case["text"])
        ends = [0]
        for start, end in answer["unread"]:
            assert ends[-1] <= start < end <= len(case["text"])
            ends.append(end)


_PIECES = st.sampled_from(
    (
        "5 10 100 0,7 1.5 ½ 1/2 4-5 two mg g mg/kg /kg /d /day per day daily twice BID q12h every 3 weeks "
        "for 7 days x over 60 min IV po orally then followed by or and + ( ) * , . ; : - – loading "
        "dose maximum up "
        "to tablet tablets drops prednisone cyclosporine IVIG high taper Case 1: month 12h % 0.05% / in 200 "
        "mL dextrose 5 \n not\u2028 一 é 🙂"
    ).split(" ")
)


@settings(max_examples=150, deadline=None)
@given(st.lists(_PIECES, max_size=25).map(" ".join) | st.text(max_size=80))
def test_noise_never_crashes_and_every_character_is_accounted_for(text: str) -> None:
    lexicon = AgentLexicon.load()
    reading = read_doses(text, lexicon)
    for step in reading.steps:
        assert all(text[s.start : s.end] == s.exact for s in step.selections)
        assert step.low is None or step.high is None or step.low <= step.high
        assert (step.frequency is None and step.frequency_max is None) or step.period_unit is not None
        assert (step.duration is None and step.duration_max is None) or step.duration_unit is not None
    assert all(text[s.start : s.end] == s.exact and s.exact.strip() for s in reading.unread)


@pytest.mark.parametrize(
    "unit",
    ["5 mg/kg/d for 7 days, ", "(", "1/", "10 ", "do not ", "9", "or a dose of ", "* - 1) ", "Case 1: "],
)
def test_a_long_cell_takes_linear_time(unit: str) -> None:
    def seconds(size: int) -> float:
        text = unit * (size // len(unit))
        began = time.process_time()  # not the clock: other programs run beside the tests
        read_doses(text, NoAgents())
        return time.process_time() - began

    seconds(2_000)
    short, long = max(seconds(10_000), 0.005), min(seconds(40_000) for _ in range(2))
    assert long < 4 * short * 4


def test_thousands_of_cells_a_second(lexicon: AgentLexicon) -> None:
    texts = [case["text"] for case in CASES] * 20
    began = time.perf_counter()
    for text in texts:
        read_doses(text, lexicon)
    assert len(texts) / (time.perf_counter() - began) > 1000
