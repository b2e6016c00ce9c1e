"""Findings: sentences of our own with other drugs and diseases, and the DRESS table against the gold."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dress_kg.interpret.finding import finding_json, read_findings
from dress_kg.interpret.harm import read_harms
from dress_kg.records import Direction, FindingKind
from tests.reading import GOLD_NAMES, agent, lexicon, read_gold, read_row, single

CASES = Path(__file__).parent / "cases" / "finding.tsv"


def _cases() -> list[dict[str, str]]:
    with CASES.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def test_there_are_enough_sentences() -> None:
    cases = _cases()
    assert len(cases) >= 200
    assert {case["direction"].split("|")[0] for case in cases} == {d.value for d in Direction}
    assert sum(case["direction"] == "not stated" for case in cases) >= 20


@pytest.mark.parametrize("case", _cases(), ids=lambda case: case["text"][:60])
def test_sentence(case: dict[str, str]) -> None:
    """A case gives the summary direction ("a|b" where readers may differ) and findings that must come."""
    reading = read_findings({"comments": case["text"]}, single(case["strategy"]), None, lexicon())
    assert reading.direction.value in case["direction"].split("|")
    found = {(f.direction.value, frozenset(t.label for t in f.targets)) for f in reading.findings}
    for expected in filter(None, case["findings"].split("; ")):
        direction, _, names = expected.partition(": ")
        assert (direction, frozenset(names.split(" + "))) in found
    for finding in reading.findings:
        for s in (*finding.selections, *finding.conditions):
            assert case["text"][s.start : s.end] == s.exact


def test_sentences_are_not_in_the_table(gold_items: list[dict[str, Any]]) -> None:
    printed = " ".join(item["cells"]["comments"] for item in gold_items)
    assert not [
        case["text"] for case in _cases() if len(case["text"]) > 25 and case["text"].rstrip(".") in printed
    ]


def test_summary_direction_of_every_row(gold_items: list[dict[str, Any]]) -> None:
    wrong = {}
    for item in gold_items:
        accepted = {item["finding"]["direction"], *item["finding"]["also_acceptable"]}
        found = read_gold(item).findings.direction.value
        if found not in accepted:
            wrong[item["id"]] = found
    assert wrong == {}


def test_kind_and_voice_of_the_summary(gold_items: list[dict[str, Any]]) -> None:
    wrong = {}
    for item in gold_items:
        expected = item["finding"]["kind"]
        primary = [f for f in read_gold(item).findings.findings if f.primary]
        if expected is not None and [f.kind.value for f in primary[:1]] != [expected]:
            wrong[item["id"]] = [f.kind.value for f in primary]
        if expected is not None:
            assert {f.voice for f in primary} == {item["finding"]["voice"]}
    assert wrong == {}


def _agents(target: str) -> set[str]:
    return {agent(GOLD_NAMES.get(name, name)).id for name in GOLD_NAMES.get(target, target).split(" + ")}


def test_secondary_findings(gold_items: list[dict[str, Any]]) -> None:
    """21 of 22 by rule; the last one (corticosteroids in row 11) is curated."""
    missing = []
    total = 0
    for item in gold_items:
        found = [(f.direction.value, {t.id for t in f.targets}) for f in read_gold(item).findings.findings]
        for expected in item["finding"]["secondary"]:
            total += 1
            targets = _agents(expected["target"])
            if not any(direction == expected["direction"] and targets <= ids for direction, ids in found):
                missing.append((item["id"], expected["target"]))
    assert total == 22
    assert [row for row, _ in missing] == [11]


def test_findings_on_other_agents_are_the_golds_or_on_a_named_agent(gold_items: list[dict[str, Any]]) -> None:
    """No finding on an agent that the gold does not name in the row, two named below excepted."""
    extra = []
    for item in gold_items:
        known = {agent(c["agent"]).id for c in (*item["components"], *item["other_agents"])}
        for expected in item["finding"]["secondary"]:
            known |= _agents(expected["target"])
        for finding in read_gold(item).findings.findings:
            extra += [(item["id"], t.label) for t in finding.targets if t.id not in known]
    # "immunosuppressive drugs, such as … may also be potential therapies"; "Antivirals may be warranted".
    assert sorted(extra) == [(8, "immunosuppressants"), (18, "antivirals")]


def test_every_selection_reads_back(gold_items: list[dict[str, Any]]) -> None:
    count = 0
    for item in gold_items:
        reading = read_gold(item)
        for s in reading.selections():
            assert reading.cells[s.field][s.start : s.end] == s.exact != ""
            count += 1
    assert count > 300


def test_one_primary_finding_unless_mixed(gold_items: list[dict[str, Any]]) -> None:
    for item in gold_items:
        reading = read_gold(item).findings
        primary = [f for f in reading.findings if f.primary]
        if reading.direction is Direction.NOT_STATED:
            assert primary == []
        elif reading.direction is not Direction.MIXED:
            assert [f.direction for f in primary] == [reading.direction]


def test_mixed_cases_keep_their_labels() -> None:
    reading = read_findings(
        {"comments": "Case 1: died Case 2: recovery"}, single("ganciclovir"), None, lexicon()
    )
    assert reading.direction is Direction.MIXED
    told = [(f.direction, [c.exact for c in f.conditions]) for f in reading.findings]
    assert told == [(Direction.NOT_EFFECTIVE, ["Case 1"]), (Direction.EFFECTIVE, ["Case 2"])]


def test_advice_keeps_its_conditions() -> None:
    text = "We recommend sirolimus if tacrolimus fails."
    (finding,) = read_findings({"comments": text}, single("sirolimus"), None, lexicon()).findings
    assert finding.kind is FindingKind.RECOMMENDATION
    assert [c.exact for c in finding.conditions] == ["if tacrolimus fails"]


@pytest.mark.parametrize(
    ("text", "conditions"),
    [
        ("Anakinra is not recommended as monotherapy.", ["as monotherapy"]),
        ("Anakinra monotherapy should be avoided.", ["monotherapy"]),
        ("Anakinra should not be used without prednisone.", ["without prednisone"]),
        ("Avoid anakinra in renal failure.", ["in renal failure"]),
        ("Anakinra is contraindicated during pregnancy.", ["during pregnancy"]),
        ("We do not recommend anakinra for DRESS.", []),
        ("Anakinra should not be used in DRESS.", []),
        ("Anakinra should not be used in the treatment of psoriasis.", []),
        ("Anakinra is not recommended.", []),
    ],
)
def test_advice_against_one_use_is_not_against_the_agent(text: str, conditions: list[str]) -> None:
    (finding,) = read_findings({"comments": text}, single("anakinra"), None, lexicon()).findings
    assert finding.direction is Direction.RECOMMENDED_AGAINST
    assert [c.exact for c in finding.conditions] == conditions


def test_it_is_the_one_agent_the_row_is_about() -> None:
    strategy = single("mepolizumab", "prednisone")
    (finding,) = read_findings({"comments": "It was effective."}, strategy, None, lexicon()).findings
    assert finding.primary
    assert [t.label for t in finding.targets] == ["mepolizumab"]


def test_json_of_a_sentence() -> None:
    answer = finding_json("Infliximab may be useful. The moon was full.", lexicon())
    assert answer["direction"] == "conditional"
    assert answer["unread"] == [[26, 44]]
    assert answer["findings"] == [
        {
            "kind": "opinion",
            "direction": "conditional",
            "target": ["infliximab"],
            "hedged": True,
            "start": 0,
            "end": 24,
            "text": "Infliximab may be useful",
            "conditions": [],
        }
    ]


@pytest.mark.parametrize(
    "text", ["", " ", ".", "* * *", "Case 1: ", "not", "but", "(((", "\u2028\u200d", "no no no"]
)
def test_text_without_a_statement(text: str) -> None:
    assert read_findings({"comments": text}, None, None, lexicon()).findings == ()


_WORDS = st.sampled_from(
    "no not but and, despite after until effective died Case 1: relapse infliximab prednisone may if "
    "because of 3 of 4 patients who did respond to resistant * ; . recommend as monotherapy -induced".split()
)


@settings(max_examples=150, deadline=None)
@given(st.lists(_WORDS | st.text(max_size=6), max_size=25).map(" ".join))
def test_any_text_reads_back(text: str) -> None:
    """Whatever stands in a cell, nothing fails and every selection is the cell's own characters."""
    reading = read_row({"comments": text, "dose": text}, single("infliximab", "prednisone"))
    for s in reading.selections():
        assert reading.cells[s.field][s.start : s.end] == s.exact


def test_a_very_long_cell_is_read_in_pieces() -> None:
    """One sentence without end is cut, so that no cell takes time out of proportion to its length."""
    reading = read_findings(
        {"comments": "infliximab was not effective and " * 200}, single("infliximab"), None, lexicon()
    )
    assert reading.direction is Direction.NOT_EFFECTIVE
    assert max(s.end - s.start for f in reading.findings for s in f.selections) < 1_100


def test_findings_and_harms_of_no_row() -> None:
    assert read_findings({}, None, None, lexicon()).direction is Direction.NOT_STATED
    assert read_harms({}, None, None, lexicon()) == ()


def test_what_lies_between_the_words_of_a_finding_is_unread() -> None:
    text = "Infliximab, a chimeric antibody, was effective. The moon was full."
    reading = read_findings({"comments": text}, single("infliximab"), None, lexicon())
    assert [s.exact.strip(" ,") for s in reading.unread] == ["a chimeric antibody, was", "The moon was full."]
