"""The names of agents and conditions in running text."""

from __future__ import annotations

import time
from itertools import pairwise
from typing import Any

import pytest

from dress_kg.errors import OntologyError
from dress_kg.interpret.agents import AgentLexicon, ConditionLexicon, compound
from dress_kg.interpret.names import fold
from dress_kg.records import AgentKind

PLAIN = AgentLexicon.load()
DRESS = AgentLexicon.load(abbreviations={"CS": "corticosteroids"})
CONDITIONS = ConditionLexicon.load()


def ids(text: str, lexicon: AgentLexicon = PLAIN) -> list[str]:
    return [mention.agent.id for mention in lexicon.find(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Cyclosporine100 mg orally", ["cyclosporine"]),
        ("Ciclosporína A", ["cyclosporine"]),
        ("N-Acetylcisteine+ IVIG", ["acetylcysteine", "intravenous-immunoglobulin"]),
        ("N acetylcysteine", ["acetylcysteine"]),
        ("N\u2010ACETYLCYSTEINE", ["acetylcysteine"]),
        ("Methyl- prednisolone 60mg/d", ["methylprednisolone"]),
        ("prednis- olone", ["prednisolone"]),
        ("IVIGs, ivig", ["intravenous-immunoglobulin"] * 2),
        ("high-dose intravenous immunoglobulin (IVIG)", ["intravenous-immunoglobulin"] * 2),
        ("immunoglobulins", ["immunoglobulins"]),
        ("mycophenolate mofetil; mycophenolate", ["mycophenolate-mofetil", "mycophenolate"]),
        ("cyclophosphamide + OKT3", ["cyclophosphamide", "muromonab-cd3"]),
        ("oral steroid, systemic glucocorticoids", ["corticosteroids", "corticosteroids"]),
        ("Living-donor liver transplantation", ["liver-transplantation"]),
        ("haemodialysis", ["hemodialysis"]),
    ],
)
def test_names_as_tables_print_them(text: str, expected: list[str]) -> None:
    assert ids(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "anti-HHV-6 antibodies",
        "serum immunoglobulin levels",
        "cyclosporinelike",
        "CS",  # an abbreviation of one table only
        "nac",  # three letters count in their own capitals only
        "Report of 2 cases; the patient recovered within 24 hours without sequelae",
        "",
    ],
)
def test_what_names_no_agent(text: str) -> None:
    assert ids(text) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("mycophenolat", "mycophenolate"),
        ("plasmaphoresis", "plasmapheresis"),
        ("Intravenous imunoglobulins", "intravenous-immunoglobulin"),
        ("cyclophosphamyde", "cyclophosphamide"),
    ],
)
def test_misspellings_are_read_and_marked(text: str, expected: str) -> None:
    (mention,) = PLAIN.find(text)
    assert (mention.agent.id, mention.match, mention.exact) == (expected, "misspelt", text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Prednisolne", []),  # as near to prednisone as to prednisolone
        ("pentobarbital", []),  # two letters from phenobarbital, another drug
        ("cycloserine", []),
        ("valaciclovir", ["valaciclovir"]),  # two letters from valganciclovir
        ("clobetasone", ["clobetasone"]),
        ("betamethasone", ["betamethasone"]),
    ],
)
def test_a_misspelling_never_turns_one_drug_into_another(text: str, expected: list[str]) -> None:
    assert ids(text) == expected


def test_no_name_of_the_vocabulary_is_read_as_another_agent() -> None:
    for agent in PLAIN.agents():
        resolved = PLAIN.resolve(agent.label)
        assert resolved is not None
        assert resolved.id == agent.id
        assert PLAIN.find(agent.label)[0].match == "exact"


def test_abbreviations_belong_to_a_source() -> None:
    assert ids("IVIG + CS, Cs, cs", DRESS) == [
        "intravenous-immunoglobulin",
        "corticosteroids",
        "corticosteroids",
    ]
    other = AgentLexicon.load(abbreviations={"CS": "cyclosporine"})
    assert ids("CS", other) == ["cyclosporine"]
    with pytest.raises(OntologyError, match="does not know"):
        AgentLexicon.load(abbreviations={"X": "unobtainium"})


def test_a_compound_is_a_description_not_a_treatment() -> None:
    text = "steroid-sparing; minocycline-induced; corticosteroid resistant; steroids"
    assert [compound(text, m.end) for m in PLAIN.find(text)] == ["sparing", "induced", "resistant", None]


def test_kinds_routes_and_classes() -> None:
    ivig = PLAIN.by_id("intravenous-immunoglobulin")
    assert (ivig.kind, ivig.route, ivig.label) == (
        AgentKind.BIOLOGIC,
        "intravenous",
        "intravenous immunoglobulin",
    )
    assert PLAIN.by_id("plasmapheresis").kind is AgentKind.PROCEDURE
    assert PLAIN.by_id("corticosteroids").kind is AgentKind.DRUG_CLASS
    assert PLAIN.broader(PLAIN.by_id("clobetasol-propionate")) == {"clobetasol", "corticosteroids"}
    assert PLAIN.broader(PLAIN.by_id("mycophenolate-mofetil")) == {"mycophenolate", "immunosuppressants"}


def test_every_agent_of_the_gold_is_in_the_vocabulary_with_its_kind(gold_items: list[dict[str, Any]]) -> None:
    for item in gold_items:
        for named in (*item["components"], *item["other_agents"]):
            agent = PLAIN.resolve(named["agent"])
            assert agent is not None
            assert (agent.label, agent.kind.value) == (named["agent"], named["kind"])


def test_mentions_point_to_their_text_and_do_not_overlap(gold_items: list[dict[str, Any]]) -> None:
    for item in gold_items:
        for text in item["cells"].values():
            mentions = [*DRESS.find(text)]
            assert all(text[m.start : m.end] == m.exact for m in mentions)
            assert all(a.end <= b.start for a, b in pairwise(mentions))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("DRESS syndrome with hepatitis", [("dress-syndrome", None, None), ("hepatitis", "liver", None)]),
        ("Overlap DRESS/ SJS", [("dress-sjs-overlap", None, None)]),
        ("Epstein -Barr virus reactivation", [("epstein-barr-virus-infection", None, "EBV")]),
        (
            "HIV patient with liver injury",
            [("hiv-infection", None, "HIV"), ("liver-involvement", "liver", None)],
        ),
        ("acute kidney injury (AKI)", [("acute-kidney-injury", "kidney", None)] * 2),
        ("anti-HHV-6 antibodies", []),
        ("ten patients", []),  # TEN is an abbreviation in capitals
    ],
)
def test_conditions(text: str, expected: list[tuple[str, str | None, str | None]]) -> None:
    assert [(m.concept, m.organ, m.virus) for m in CONDITIONS.find(text)] == expected


def test_words_serve_the_mender() -> None:
    assert {"cyclosporine", "mycophenolate", "methylprednisolone"} <= PLAIN.words()
    assert all(word == fold(word) and len(word) > 2 for word in PLAIN.words())
    assert "hepatitis" in CONDITIONS.words()


@pytest.mark.parametrize("unit", ["IVIG ", "a-", "prednis- ", "DRESS ", "İß ", "\u00ad", "x" * 50])
def test_time_grows_with_the_text_only(unit: str) -> None:
    text = unit * (100_000 // len(unit))
    start = time.perf_counter()
    AgentLexicon.load(abbreviations={"ZZ": "IVIG"}).find(text)
    CONDITIONS.find(text)
    assert time.perf_counter() - start < 5
