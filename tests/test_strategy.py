"""The DRUG cell: components, roles, operator."""

from __future__ import annotations

from typing import Any

import pytest

from dress_kg.interpret.agents import AgentLexicon
from dress_kg.interpret.strategy import read_strategy, refine_roles, unread_drug, with_variant
from dress_kg.records import AgentKind, Basis, Operator, Role, Strategy

LEXICON = AgentLexicon.load(abbreviations={"CS": "corticosteroids"})


def read(text: str) -> Strategy:
    strategy = read_strategy(text, LEXICON)
    assert strategy is not None
    return strategy


def roles(strategy: Strategy) -> list[tuple[str, str]]:
    return [(c.agent.label, c.role.value) for c in strategy.components]


def test_components_roles_and_operator_of_the_gold(gold_items: list[dict[str, Any]]) -> None:
    for item in gold_items:
        strategy, finding = read(item["cells"]["drug"]), item["finding"]
        if finding["kind"] == "reported outcome" and finding["target"]:
            strategy = refine_roles(strategy, {m.agent.id for m in LEXICON.find(finding["target"])})
        assert roles(strategy) == [(c["agent"], c["role"]) for c in item["components"]], item["id"]
        assert strategy.operator.value == item["relation"], item["id"]
        assert strategy.monotherapy_stated == item.get("monotherapy_stated", False), item["id"]
        assert strategy.unread == (), item["id"]
        for part in (s for c in strategy.components for s in c.selections):
            assert item["cells"]["drug"][part.start : part.end] == part.exact


def test_the_variant_of_the_gold_comes_from_the_dose_cell(gold_items: list[dict[str, Any]]) -> None:
    for item in gold_items:
        dose = item["cells"]["dose"]
        strategy = with_variant(read(item["cells"]["drug"]), dose, LEXICON)
        assert strategy.variant == item.get("variant"), item["id"]
        if strategy.variant:
            selection = strategy.selections[-1]
            assert (selection.field, dose[selection.start : selection.end]) == ("dose", selection.exact)


@pytest.mark.parametrize(
    ("text", "operator", "expected"),
    [
        (
            "Anakinra (not methotrexate)",
            Operator.SINGLE,
            [("anakinra", "index"), ("methotrexate", "excluded")],
        ),
        (
            "Tacrolimus instead of prednisone",
            Operator.SINGLE,
            [("tacrolimus", "index"), ("prednisone", "excluded")],
        ),
        (
            "Tacrolimus replacing prednisone",
            Operator.SINGLE,
            [("tacrolimus", "index"), ("prednisone", "prior")],
        ),
        (
            "Prednisone replaced by tacrolimus",
            Operator.SEQUENCE,
            [("prednisone", "index"), ("tacrolimus", "subsequent")],
        ),
        (
            "Rituximab (+CS)",
            Operator.COMBINATION,
            [("rituximab", "index"), ("corticosteroids", "concomitant")],
        ),
        (
            "Rituximab (+ AZ)",
            Operator.COMBINATION,
            [("rituximab", "index"), ("AZ", "concomitant")],
        ),
        (
            "methylprednisolone followed by cyclosporine",
            Operator.SEQUENCE,
            [("methylprednisolone", "index"), ("cyclosporine", "subsequent")],
        ),
        (
            "Cyclosporine or IVIG + CS",
            Operator.COMBINATION,
            [
                ("cyclosporine", "alternative"),
                ("intravenous immunoglobulin", "alternative"),
                ("corticosteroids", "concomitant"),
            ],
        ),
        (
            "IVIG, cyclosporine and rituximab",
            Operator.COMBINATION,
            [
                ("intravenous immunoglobulin", "index"),
                ("cyclosporine", "concomitant"),
                ("rituximab", "concomitant"),
            ],
        ),
        (
            "IVIG (2 g/kg) without corticosteroids or cyclosporine",
            Operator.SINGLE,
            [
                ("intravenous immunoglobulin", "index"),
                ("corticosteroids", "excluded"),
                ("cyclosporine", "excluded"),
            ],
        ),
        (
            "Rituximab after failure of CS",
            Operator.SINGLE,
            [("rituximab", "index"), ("corticosteroids", "prior")],
        ),
        (
            "Methotrexate ± IVIG",
            Operator.NOT_STATED,
            [("methotrexate", "index"), ("intravenous immunoglobulin", "concomitant")],
        ),
        (
            "Methotrexate with or without prednisone",
            Operator.NOT_STATED,
            [("methotrexate", "index"), ("prednisone", "concomitant")],
        ),
        ("imatinib, dasatinib", Operator.NOT_STATED, [("imatinib", "index"), ("dasatinib", "concomitant")]),
        ("IVIG + XY", Operator.COMBINATION, [("intravenous immunoglobulin", "index"), ("XY", "concomitant")]),
        (
            "5-fluorouracil/leucovorin",
            Operator.COMBINATION,
            [("5-fluorouracil", "index"), ("leucovorin", "concomitant")],
        ),
        ("Foobarex 100 mg", Operator.SINGLE, [("Foobarex", "index")]),
        (
            "Remicade or Prograf",
            Operator.ALTERNATIVES,
            [("infliximab", "alternative"), ("tacrolimus", "alternative")],
        ),
        (
            "Patients received secukinumab, which was then stopped",
            Operator.SINGLE,
            [("secukinumab", "index")],
        ),
        ("N-ACETYLCISTEINE (N-AC)", Operator.SINGLE, [("acetylcysteine", "index")]),
        ("A steroid-sparing agent: rituximab", Operator.SINGLE, [("rituximab", "index")]),
        # a comparison of two treatments is neither of them
        (
            "Cyclosporine + IVIG vs IVIG",
            Operator.NOT_STATED,
            [("cyclosporine", "index"), ("intravenous immunoglobulin", "alternative")],
        ),
        (
            "Cyclosporine versus IVIG",
            Operator.ALTERNATIVES,
            [("cyclosporine", "alternative"), ("intravenous immunoglobulin", "alternative")],
        ),
        # a slash may mean both, or either, but in a fixed combination
        (
            "Methotrexate/azathioprine",
            Operator.NOT_STATED,
            [("methotrexate", "index"), ("azathioprine", "concomitant")],
        ),
        (
            "Trimethoprim/sulfamethoxazole",
            Operator.COMBINATION,
            [("trimethoprim", "index"), ("sulfamethoxazole", "concomitant")],
        ),
    ],
)
def test_other_forms(text: str, operator: Operator, expected: list[tuple[str, str]]) -> None:
    strategy = read(text)
    assert (strategy.operator, [pair for pair in roles(strategy) if "steroid-sparing" not in pair[0]]) == (
        operator,
        expected,
    )


@pytest.mark.parametrize("text", ["IVIG as monotherapy", "CS alone", "rituximab monotherapy"])
def test_monotherapy_where_stated(text: str) -> None:
    assert read(text).monotherapy_stated


@pytest.mark.parametrize("text", ["IVIG", "IVIG not as monotherapy", "IVIG without CS"])
def test_monotherapy_is_not_inferred(text: str) -> None:
    assert not read(text).monotherapy_stated


def test_an_unknown_name_is_kept_as_an_unmapped_agent() -> None:
    strategy = read("high-dose foobarumab + AZD9291 + prednisone")
    unknown = [c.agent for c in strategy.components if c.agent.kind is AgentKind.UNKNOWN]
    assert [(a.id, a.label) for a in unknown] == [
        ("agent/foobarumab", "foobarumab"),
        ("agent/azd9291", "AZD9291"),
    ]
    assert strategy.operator is Operator.COMBINATION


@pytest.mark.parametrize(
    "text", ["", " ", "None", "Not specified", "n/a", "2016", "18 patients", "-", "+ / ,"]
)
def test_a_cell_without_an_agent_has_no_strategy(text: str) -> None:
    assert read_strategy(text, LEXICON) is None


def test_what_is_no_agent_stays_unread() -> None:
    assert [part.exact for part in read("prednisone 40 mg/d and IVIG").unread] == ["40 mg/d"]


def test_roles_are_refined_only_by_a_target_that_holds_the_index_agent() -> None:
    strategy = read("PLASMAPHERESIS + Rituximab + CS")
    refined = refine_roles(strategy, {"plasmapheresis", "rituximab"})
    assert [c.role for c in refined.components] == [Role.INDEX, Role.INDEX, Role.CONCOMITANT]
    assert refined.components[1].basis is Basis.INFERRED
    assert refine_roles(strategy, {"rituximab"}) == strategy
    assert refine_roles(strategy, {"plasmapheresis", "rituximab", "corticosteroids"}) == strategy
    assert refine_roles(strategy, ()) == strategy


def test_a_cell_that_names_no_agent_stays_unread_as_a_whole() -> None:
    text = " We looked at everything that the patients had been given before. "
    assert read_strategy(text, LEXICON) is None
    assert [s.exact for s in unread_drug(text, None)] == [text.strip()]
    assert unread_drug("Not specified", None) == unread_drug(" - ", None) == ()
