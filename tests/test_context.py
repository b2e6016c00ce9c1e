"""Circumstances: organs, viruses, comorbidity, severity, prior failure, population."""

from __future__ import annotations

from typing import Any

import pytest

from dress_kg.records import ContextKind
from tests.reading import read_gold, read_row, single

ORGAN, VIRUS, SEVERITY = ContextKind.ORGAN, ContextKind.VIRUS, ContextKind.SEVERITY
FAILURE, POPULATION, COMORBIDITY = ContextKind.PRIOR_FAILURE, ContextKind.POPULATION, ContextKind.COMORBIDITY

# text, (kind, organ, words, hypothetical) of each context
CONTEXTS = [
    ("DRESS with hepatitis.", [(ORGAN, "liver", "hepatitis", False)]),
    ("Cardiac involvement was present.", [(ORGAN, "heart", "Cardiac involvement", False)]),
    ("No hepatitis.", []),
    ("May be used if hepatitis is present.", [(ORGAN, "liver", "hepatitis", True)]),
    ("CMV reactivation; treated.", [(VIRUS, None, "CMV reactivation", False)]),
    ("anti-CMV antibodies", []),
    ("Severe DRESS.", [(SEVERITY, None, "Severe DRESS", False)]),
    ("A 3-year-old girl", [(POPULATION, None, "3-year-old girl", False)]),
    ("Resistant to prednisone.", [(FAILURE, None, "Resistant to prednisone", False)]),
    (
        "May help patients who do not respond to prednisone.",
        [(FAILURE, None, "do not respond to prednisone", True)],
    ),
    (
        "Polyarthritis treated with sulfasalazine who developed DRESS",
        [(COMORBIDITY, "joint", "Polyarthritis", False)],
    ),
    ("Given twice a day.", []),
    ("Impaired renal function.", [(ORGAN, "kidney", "renal function", False)]),
    ("Renal function deteriorated.", [(ORGAN, "kidney", "Renal function", False)]),
    ("Renal function recovered.", [(ContextKind.OTHER, "kidney", "Renal function", False)]),
    ("Renal function was monitored.", []),
    ("DRESS with hemophagocytosis.", [(ORGAN, "blood", "hemophagocytosis", False)]),
    ("Complications such as epilepsy.", [(ContextKind.OTHER, None, "epilepsy", False)]),
]


@pytest.mark.parametrize(("text", "expected"), CONTEXTS, ids=[c[0] for c in CONTEXTS])
def test_context_of_a_sentence(text: str, expected: list[tuple[Any, ...]]) -> None:
    found = read_row({"comments": text}, single("rituximab")).contexts
    assert [(c.kind, c.organ, c.selections[0].exact, c.hypothetical) for c in found] == expected


# What the gold tells per row, as (kind, a word of the selection).
TABLE = {
    2: [(ContextKind.OTHER, "SJS"), (ContextKind.OTHER, "TEN"), (FAILURE, "worsening")],
    3: [(ORGAN, "myocarditis")],
    4: [(FAILURE, "prednisolone")],
    5: [(ContextKind.OTHER, "ventricular"), (FAILURE, "steroid")],
    6: [(ORGAN, "nephritis"), (ORGAN, "hepatitis"), (ORGAN, "renal"), (FAILURE, "steroid")],
    7: [(FAILURE, "corticosteroid failure")],
    9: [(ORGAN, "respiratory failure"), (ORGAN, "myositis"), (ContextKind.OTHER, "recurrent DRESS")],
    10: [(ContextKind.OTHER, "organ involvement"), (FAILURE, "do not respond")],
    12: [(ORGAN, "liver enzymes"), (FAILURE, "poor")],
    13: [(ORGAN, "ocular"), (ORGAN, "kidney"), (VIRUS, "Epstein"), (FAILURE, "resistant")],
    14: [(ORGAN, "acute kidney injury")],
    16: [(SEVERITY, "signs of severity"), (VIRUS, "viral reactivation")],
    17: [(VIRUS, "CMV")],
    18: [(VIRUS, "virus reactivation"), (ORGAN, "encephalitis"), (ORGAN, "colitis")],
    19: [(SEVERITY, "vital threat"), (ORGAN, "bone marrow"), (ORGAN, "renal failure")],
    20: [(SEVERITY, "life-threatening"), (FAILURE, "no response")],
    21: [(ORGAN, "liver")],
    23: [(COMORBIDITY, "wound infection")],
    27: [(POPULATION, "6-year-old"), (FAILURE, "worsening")],
    28: [(SEVERITY, "severe DRESS")],
    29: [(VIRUS, "HIV"), (ORGAN, "liver injury")],
    30: [(SEVERITY, "severe DRESS"), (FAILURE, "resistant")],
    32: [(ORGAN, "liver dysfunction"), (SEVERITY, "critical")],
    33: [(ORGAN, "myocarditis")],
    34: [
        (ORGAN, "liver failure"),
        (ORGAN, "encephalopathy"),
        (POPULATION, "14-year-old"),
        (FAILURE, "refractory"),
    ],
    35: [(COMORBIDITY, "polyarthritis"), (ORGAN, "liver failure")],
}


def test_contexts_of_the_table(gold_items: list[dict[str, Any]]) -> None:
    missing = []
    for item in gold_items:
        found = [(c.kind, s.exact) for c in read_gold(item).contexts for s in c.selections]
        for kind, word in TABLE.get(item["id"], []):
            if not any(kind is k and word in exact for k, exact in found):
                missing.append((item["id"], kind.value, word))
    assert missing == []


def test_rows_without_context_have_none(gold_items: list[dict[str, Any]]) -> None:
    for item in gold_items:
        if not item["finding"]["context"] and not item["study"]["population"]:
            assert read_gold(item).contexts == (), item["id"]


def test_what_advice_names_is_hypothetical(gold_items: list[dict[str, Any]]) -> None:
    for number in (7, 10, 16, 18, 19, 20):
        contexts = read_gold(gold_items[number - 1]).contexts
        assert contexts
        assert all(c.hypothetical for c in contexts), number
