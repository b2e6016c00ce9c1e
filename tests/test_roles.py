"""Agents named outside the DRUG cell, with their role; and the line of therapy."""

from __future__ import annotations

from typing import Any

import pytest

from dress_kg.interpret.mentions import named_agents
from tests.reading import lexicon, read_gold, read_row, single

# comments, dose, DRUG cell's agents, (agent, role) of the others
ROLES: list[tuple[str, str, list[str], set[tuple[str, str]]]] = [
    ("Previously treated with prednisone.", "", ["rituximab"], {("prednisone", "prior")}),
    ("Prednisone did not work.", "", ["rituximab"], {("prednisone", "prior")}),
    (
        "Resistant to prednisone and IVIG.",
        "",
        ["rituximab"],
        {("prednisone", "prior"), ("intravenous immunoglobulin", "prior")},
    ),
    (
        "Rituximab failed. IVIG was given with full recovery.",
        "",
        ["rituximab"],
        {("intravenous immunoglobulin", "subsequent")},
    ),
    ("Switched to cyclosporine.", "", ["rituximab"], {("cyclosporine", "subsequent")}),
    ("Rituximab with prednisone was effective.", "", ["rituximab"], {("prednisone", "concomitant")}),
    (
        "Effective.",
        "Rituximab 375 mg/m2 + prednisone 1 mg/kg/d",
        ["rituximab"],
        {("prednisone", "concomitant")},
    ),
    ("AKI requiring hemodialysis.", "", ["rituximab"], {("hemodialysis", "concomitant")}),
    (
        "Rituximab, IVIG, and cyclosporine may be considered.",
        "",
        ["rituximab"],
        {("intravenous immunoglobulin", "mentioned"), ("cyclosporine", "mentioned")},
    ),
    ("May be used as a steroid-sparing agent.", "", ["rituximab"], set()),
    ("A useful adjunct to steroids.", "", ["rituximab"], set()),
    ("May help patients who do not respond to prednisone.", "", ["rituximab"], set()),
    ("May be used after failure of prednisone.", "", ["rituximab"], {("prednisone", "prior")}),
    ("Allopurinol-induced DRESS; it was effective.", "", ["rituximab"], set()),
    ("Withdrawal of minocycline.", "", ["rituximab"], set()),
    ("anti-HHV-6 antibodies were high", "in 200 mL 5% dextrose", ["rituximab"], set()),
    ("Antivirals may be warranted.", "", ["ganciclovir"], set()),
    ("Rituximab was effective.", "", ["rituximab"], set()),
    ("Worsening after prednisone.", "", ["rituximab", "prednisone"], {("prednisone", "prior")}),
    ("Recommended in conjunction with prednisone.", "", ["rituximab", "prednisone"], set()),
]


@pytest.mark.parametrize(
    ("comments", "dose", "drugs", "expected"), ROLES, ids=[f"{c[0]}{c[1]}"[:50] for c in ROLES]
)
def test_roles_in_a_row(comments: str, dose: str, drugs: list[str], expected: set[tuple[str, str]]) -> None:
    others = read_row({"comments": comments, "dose": dose}, single(*drugs)).others
    assert {(c.agent.label, c.role.value) for c in others} == expected
    assert not any(c.in_strategy for c in others)


def test_roles_of_the_table(gold_items: list[dict[str, Any]]) -> None:
    """30 of 30, none invented, in the cells where the gold saw them."""
    count = 0
    for item in gold_items:
        expected = {(o["agent"], o["role"]): o["cell"] for o in item["other_agents"]}
        others = {(c.agent.label, c.role.value): c for c in read_gold(item).others}
        assert others.keys() == expected.keys(), item["id"]
        for key, cell in expected.items():
            assert cell in {s.field for s in others[key].selections}, (item["id"], key)
        count += len(expected)
    assert count == 30


def test_a_prior_agent_rests_on_what_is_told_of_the_patients() -> None:
    text = "Worsening after initial prednisone. Prednisone is the first line of treatment."
    (component,) = read_row({"comments": text}, single("rituximab")).others
    assert (component.role.value, component.basis.value) == ("prior", "stated")
    assert [s.start for s in component.selections] == [24]


def test_a_role_taken_from_advice_is_inferred(gold_items: list[dict[str, Any]]) -> None:
    (component,) = read_gold(gold_items[5]).others
    assert component.basis.value == "inferred"


def test_uses_of_a_name_that_give_nothing() -> None:
    text = (
        "corticosteroid-sparing, steroid-induced, adjunct to prednisone, anti-HHV-6 antibodies, "
        "withdrawal of allopurinol, compared with cyclosporine, in 100 mL 5% dextrose, rituximab toxicity; "
        "then IVIG"
    )
    uses = [(n.exact, n.use.value) for n in named_agents(text, lexicon())]
    assert uses == [
        ("corticosteroid", "spared"),
        ("steroid", "induced"),
        ("prednisone", "partner"),
        ("allopurinol", "withdrawn"),
        ("cyclosporine", "compared"),
        ("dextrose", "vehicle"),
        ("rituximab", "harmful"),
        ("IVIG", "given"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "The concept was to intercept the percept; Spartan soup alone in a laboratory of medicine",
        "Age, years; n (%); hospital stay; p value; Table 1. Baseline characteristics of 40 women",
        "Routine screening with a toucan machine for the clone of zone and ozone",
    ],
)
def test_no_drug_in_a_text_without_drugs(text: str) -> None:
    assert named_agents(text, lexicon()) == ()


def test_lines_of_therapy_of_the_table(gold_items: list[dict[str, Any]]) -> None:
    """24 of 26 by rule, none beside the gold; rescue in rows 26 and 35 is curated."""
    missing = []
    for item in gold_items:
        expected = set(item["finding"]["line_of_therapy"])
        found = {line.value for line in read_gold(item).lines}
        assert found <= expected, item["id"]
        missing += [(item["id"], value) for value in sorted(expected - found)]
    assert missing == [(26, "rescue"), (35, "rescue")]


@pytest.mark.parametrize(
    ("comments", "expected"),
    [
        ("Should be first-line therapy.", {("first-line", "stated")}),
        ("Rituximab is a second-line option.", {("second-line", "stated")}),
        ("Prednisone is the first-line treatment; rituximab is second-line.", {("second-line", "stated")}),
        ("Not as first-line therapy.", set()),
        ("Salvage therapy.", {("rescue", "inferred")}),
        ("A useful adjunct to steroids.", {("adjunct", "inferred")}),
        ("As a glucocorticoid-sparing agent.", {("steroid-sparing", "stated")}),
        ("Refractory to prednisone.", {("rescue", "inferred")}),
        ("Previous treatment with prednisone.", {("second-line", "inferred")}),
        ("Rituximab was effective.", set()),
    ],
)
def test_line_of_therapy_of_a_sentence(comments: str, expected: set[tuple[str, str]]) -> None:
    lines = read_row({"comments": comments}, single("rituximab")).lines
    assert {(line.value, line.basis.value) for line in lines} == expected
