"""Harms with their denominators, deaths, and culprit drugs."""

from __future__ import annotations

from typing import Any

import pytest

from dress_kg.interpret.culprit import read_culprits
from dress_kg.interpret.harm import read_harms
from dress_kg.records import Basis, Study
from tests.reading import lexicon, read_gold, single

# text, strategy, (event, agent, patients, of patients, serious) of each harm
HARMS: list[tuple[str, str, list[tuple[str, str | None, int | None, int | None, bool | None]]]] = [
    (
        "3 of 8 patients experienced severe infections.",
        "rituximab",
        [("severe infections", None, 3, 8, True)],
    ),
    ("Two of five patients developed neutropenia.", "rituximab", [("neutropenia", None, 2, 5, None)]),
    ("2 patients developed headache and nausea.", "dapsone", [("headache and nausea", None, 2, None, None)]),
    ("4/10 patients died.", "rituximab", [("death", None, 4, 10, True)]),
    ("The patient died of sepsis.", "rituximab", [("death", None, 1, None, True)]),
    ("Case 2: died", "rituximab", [("death", None, 1, None, True)]),
    ("Rituximab side effects (n=3).", "rituximab", [("side effects", "rituximab", 3, None, None)]),
    (
        "Severe IVIG adverse reactions (n = 1).",
        "intravenous immunoglobulin",
        [("adverse reactions", "intravenous immunoglobulin", 1, None, True)],
    ),
    (
        "Cyclosporine was stopped because of severe hypertension.",
        "cyclosporine",
        [("severe hypertension", "cyclosporine", None, None, True)],
    ),
    (
        "Dapsone was discontinued due to hemolytic anemia.",
        "dapsone",
        [("hemolytic anemia", "dapsone", None, None, None)],
    ),
    (
        "Neutropenia due to valganciclovir.",
        "valganciclovir",
        [("Neutropenia", "valganciclovir", None, None, None)],
    ),
    (
        "Cyclosporine-induced hypertension was treated.",
        "cyclosporine",
        [("hypertension", "cyclosporine", None, None, None)],
    ),
    (
        "Methotrexate caused pneumonitis.",
        "methotrexate",
        [("pneumonitis", "methotrexate", None, None, None)],
    ),
    ("No adverse events were reported.", "rituximab", []),
    ("None of the patients died.", "rituximab", []),
    ("There was no mortality.", "rituximab", []),
    ("If adverse effects arise, change to cyclosporine.", "cyclosporine", []),
    ("Treatment may lead to severe infections.", "rituximab", []),
    ("Prednisone was stopped because of lack of efficacy.", "prednisone", []),
    ("Reduced to 20 mg for 7 days.", "prednisone", []),
    ("The dose was reduced for maintenance.", "prednisone", []),
    ("Patients with diabetes were excluded.", "prednisone", []),
    ("Well tolerated without side effects.", "prednisone", []),
    ("0 of 9 patients experienced infections.", "prednisone", []),
]


@pytest.mark.parametrize(("text", "strategy", "expected"), HARMS, ids=[case[0][:50] for case in HARMS])
def test_harm_of_a_sentence(text: str, strategy: str, expected: list[tuple[Any, ...]]) -> None:
    harms = read_harms({"comments": text}, single(strategy), None, lexicon())
    told = [
        (h.event, h.agent.label if h.agent else None, h.patients, h.of_patients, h.serious) for h in harms
    ]
    assert told == expected
    for harm in harms:
        for s in harm.selections:
            assert text[s.start : s.end] == s.exact


@pytest.mark.parametrize(
    ("text", "patients", "expected"),
    [
        ("There was no mortality.", 7, [("death", 0, 7)]),
        ("None of the patients died.", 9, [("death", 0, 9)]),
        ("No deaths occurred.", 3, [("death", 0, 3)]),
        ("There was no mortality.", None, []),
        ("There was no mortality benefit.", 7, []),
        ("No deaths related to rituximab.", 7, []),
        ("Case 1: no mortality", 2, []),
        ("If there is no mortality, stop.", 7, []),
        ("3 of 8 had rash, dapsone side effects (n=2).", 8, [("rash", 3, 8), ("side effects", 2, 8)]),
        ("3 of 8 had rash, dapsone side effects (n=2).", 20, [("rash", 3, 8), ("side effects", 2, None)]),
    ],
)
def test_denominators(text: str, patients: int | None, expected: list[tuple[Any, ...]]) -> None:
    study = Study("case-series", None, patients, None)
    harms = read_harms({"comments": text}, single("rituximab"), study, lexicon())
    assert [(h.event, h.patients, h.of_patients) for h in harms] == expected


def test_a_cause_that_is_not_printed_is_inferred() -> None:
    (harm,) = read_harms({"comments": "2 of 9 had adverse events."}, single("dapsone"), None, lexicon())
    assert harm.agent is not None
    assert (harm.agent.label, harm.basis) == ("dapsone", Basis.INFERRED)
    given_with_another = single("dapsone", "prednisone")
    (harm,) = read_harms({"comments": "2 of 9 had adverse events."}, given_with_another, None, lexicon())
    assert (harm.agent, harm.basis) == (None, Basis.STATED)


def test_the_agent_of_a_reduced_dose_is_inferred_where_not_named() -> None:
    (harm,) = read_harms({"dose": "reduced to 5 mg for malaise"}, single("dapsone"), None, lexicon())
    assert harm.basis is Basis.INFERRED
    text = {"comments": "Dapsone was stopped because of mild headache."}
    (harm,) = read_harms(text, single("dapsone"), None, lexicon())
    assert (harm.basis, harm.serious) == (Basis.STATED, False)


def test_harms_of_the_table(gold_items: list[dict[str, Any]]) -> None:
    """All harms of the gold, and the two deaths it tells in the findings; nothing else."""
    found = {
        item["id"]: [
            (h.event, h.agent.label if h.agent else None, h.patients, h.of_patients, h.serious) for h in harms
        ]
        for item in gold_items
        if (harms := read_gold(item).harms)
    }
    assert found == {
        11: [("diabetes mellitus", "corticosteroids", None, None, None)],
        15: [("general malaise", "valganciclovir", None, None, None)],
        17: [("death", None, 1, None, True)],
        28: [
            ("severe adverse events", "intravenous immunoglobulin", 5, 6, True),
            ("adverse effects", "intravenous immunoglobulin", 2, 6, None),
        ],
        30: [("death", None, 0, 7, None)],
        35: [("death", None, 1, None, True)],
    }


CULPRITS = [
    ("Phenytoin-induced DRESS in a boy", "cyclosporine", [("phenytoin", False, "stated")]),
    ("DRESS due to minocycline.", "cyclosporine", [("minocycline", False, "stated")]),
    ("DRESS caused by vancomycin, treated with prednisone", "prednisone", [("vancomycin", False, "stated")]),
    ("Treated with sulfasalazine who developed DRESS", "prednisone", [("sulfasalazine", False, "inferred")]),
    ("Developed DRESS after additional minocycline", "prednisone", [("minocycline", True, "inferred")]),
    ("The culprit drug was allopurinol.", "prednisone", [("allopurinol", False, "stated")]),
    ("Suspected vancomycin was the culprit.", "prednisone", [("vancomycin", True, "stated")]),
    ("Zonisamide-induced DRESS", "cyclosporine", [("zonisamide", False, "stated")]),
    ("Drug-induced hypersensitivity syndrome", "cyclosporine", []),
    ("Virus-induced rash", "cyclosporine", []),
    ("Steroid-induced diabetes", "cyclosporine", []),
    ("DRESS treated with prednisone", "cyclosporine", []),
    ("Prednisone-induced rash", "prednisone", []),
    ("IVIG was effective in DRESS.", "intravenous immunoglobulin", []),
]


@pytest.mark.parametrize(("text", "strategy", "expected"), CULPRITS, ids=[case[0] for case in CULPRITS])
def test_culprit_of_a_sentence(text: str, strategy: str, expected: list[tuple[str, bool, str]]) -> None:
    found = [
        (c.agent.label, c.suspected, c.basis.value)
        for c in read_culprits({"comments": text}, single(strategy), lexicon())
    ]
    assert found == expected


def test_culprits_of_the_table(gold_items: list[dict[str, Any]]) -> None:
    for item in gold_items:
        culprits = read_gold(item).culprits
        certain = {c.agent.label for c in culprits if not c.suspected}
        suspected = {c.agent.label for c in culprits if c.suspected}
        assert certain == set(item["finding"]["culprit_drugs"]), item["id"]
        assert suspected == set(item["finding"].get("suspected_trigger") or ()), item["id"]


def test_a_sequence_in_time_is_only_inferred(gold_items: list[dict[str, Any]]) -> None:
    assert {c.basis for c in read_gold(gold_items[34]).culprits} == {Basis.INFERRED}
