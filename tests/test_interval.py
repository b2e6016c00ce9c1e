"""The INTERVAL cell, and what it adds to the doses of a row."""

from __future__ import annotations

from decimal import Decimal

import pytest

from dress_kg.interpret.agents import AgentLexicon
from dress_kg.interpret.interval import read_interval
from dress_kg.interpret.regimen import read_doses
from dress_kg.interpret.regimen.combine import combine, stated_routes
from dress_kg.records import Component, Operator, RegimenStep, Role, Strategy


@pytest.fixture(scope="module")
def lexicon() -> AgentLexicon:
    return AgentLexicon.load()


CASES: list[tuple[str, list[tuple[str, object, object, str | None]]]] = [
    ("7 day course", [("treatment duration", 7, 7, "d")]),
    ("for 3 to 4 weeks", [("treatment duration", 3, 4, "wk")]),
    ("2 doses, 4 weeks apart", [("number of doses", 2, 2, "{dose}"), ("interval between doses", 4, 4, "wk")]),
    (
        "every 3 weeks for 16 cycles",
        [("interval between doses", 3, 3, "wk"), ("number of cycles", 16, 16, "{cycle}")],
    ),
    ("3 days each month", [("treatment duration (recurring)", 3, 3, "d")]),
    ("Followed up for 12 months", [("follow-up", 12, 12, "mo")]),
    ("6 months of follow-up", [("follow-up", 6, 6, "mo")]),
    ("Follow-up: 1-2 yr", [("follow-up", 1, 2, "a")]),
    (
        "gradually tapered over 8 weeks",
        [("taper (unquantified)", None, None, None), ("treatment duration", 8, 8, "wk")],
    ),
    ("three pulses", [("number of doses", 3, 3, "{dose}")]),
    ("Not specified", []),
    ("", []),
    ("improved 5 days later", []),
    ("on hospital day 9", []),
    ("6-year-old boy", []),
]  # fmt: skip


@pytest.mark.parametrize(("text", "wanted"), CASES, ids=[case[0] for case in CASES])
def test_statements(
    text: str, wanted: list[tuple[str, object, object, str | None]], lexicon: AgentLexicon
) -> None:
    reading = read_interval(text, lexicon)
    assert [(s.kind.value, s.low, s.high, s.unit) for s in reading.statements] == wanted
    assert all(text[s.selection.start : s.selection.end] == s.selection.exact for s in reading.statements)


@pytest.mark.parametrize(
    ("text", "groups"),
    [
        (
            "Case 1: for 3 weeks. Follow-up: 2 months Case 2: Follow-up: 9 months",
            ["Case 1", "Case 1", "Case 2"],
        ),
        ("* 3 days each month * for 5 days", ["A", "B"]),
        ("* for 5 days", [None]),
        ("for 5 days", [None]),
    ],
)
def test_a_statement_keeps_its_case(text: str, groups: list[str | None], lexicon: AgentLexicon) -> None:
    assert [s.group for s in read_interval(text, lexicon).statements] == groups


def _row(
    dose: str, interval: str, lexicon: AgentLexicon, *drugs: tuple[str, Role]
) -> tuple[RegimenStep, ...]:
    components = []
    for name, role in drugs:
        agent = lexicon.resolve(name)
        assert agent is not None
        components.append(Component(agent, role, ()))
    strategy = Strategy(Operator.SINGLE, tuple(components))
    return combine(read_doses(dose, lexicon), read_interval(interval, lexicon), strategy)


def test_the_index_agent_fills_in_only_where_it_is_one(lexicon: AgentLexicon) -> None:
    one = _row("100 mg/d", "", lexicon, ("cyclosporine", Role.INDEX), ("prednisone", Role.CONCOMITANT))
    assert [s.agent.label if s.agent else None for s in one] == ["cyclosporine"]
    two = _row("100 mg/d", "", lexicon, ("cyclosporine", Role.INDEX), ("rituximab", Role.INDEX))
    assert two[0].agent is None
    unknown = _row("foobarone 100 mg/d", "", lexicon, ("cyclosporine", Role.INDEX))
    assert unknown[0].agent is None


def test_a_procedure_takes_no_milligrams(lexicon: AgentLexicon) -> None:
    assert _row("100 mg/d", "", lexicon, ("plasmapheresis", Role.INDEX))[0].agent is None


def test_the_interval_gives_its_time_to_a_dose_without_one(lexicon: AgentLexicon) -> None:
    (step,) = _row("1 g/kg/d", "2 days", lexicon, ("IVIG", Role.INDEX))
    assert (step.duration, step.duration_unit, step.duration_basis) == (Decimal(2), "d", "interval")
    assert [s.field for s in step.selections] == ["dose", "interval"]
    (own,) = _row("1 g/kg/d for 5 days", "2 days", lexicon, ("IVIG", Role.INDEX))
    assert (own.duration, own.duration_basis) == (Decimal(5), "stated")


def test_of_doses_in_sequence_the_interval_is_the_whole(lexicon: AgentLexicon) -> None:
    steps = _row("10 mg/d, then 5 mg/d", "3 months", lexicon, ("prednisone", Role.INDEX))
    assert [(s.phase, s.duration) for s in steps] == [(1, None), (2, None)]


def test_the_interval_of_a_named_agent_is_of_that_agent(lexicon: AgentLexicon) -> None:
    steps = _row("prednisone 40 mg/d + cyclosporine 100 mg/d", "Cyclosporine 6 months", lexicon)
    assert [(s.agent.label if s.agent else None, s.duration) for s in steps] == [
        ("prednisone", None),
        ("cyclosporine", Decimal(6)),
    ]


def test_each_bullet_of_the_interval_is_of_its_group(lexicon: AgentLexicon) -> None:
    steps = _row("*1 g/kg/d *2 g/kg/d", "*2 days *4 days", lexicon, ("IVIG", Role.INDEX))
    assert [(s.group, s.duration) for s in steps] == [("A", Decimal(2)), ("B", Decimal(4))]


def test_doses_of_the_interval_cell_come_after(lexicon: AgentLexicon) -> None:
    steps = _row("IVIG 2 g/kg", "then prednisone 40 mg/d for 2 weeks", lexicon, ("IVIG", Role.INDEX))
    assert [(s.order, s.phase, s.selections[0].field) for s in steps] == [(1, 1, "dose"), (2, 2, "interval")]


def test_routes_of_the_drug_cell(lexicon: AgentLexicon) -> None:
    routes = stated_routes("Cyclosporine + Oral prednisone", lexicon)
    assert {agent: route for agent, (route, _) in routes.items()} == {"prednisone": "oral"}


def test_the_interval_alone_makes_no_dose(lexicon: AgentLexicon) -> None:
    assert _row("", "4 days", lexicon, ("plasmapheresis", Role.INDEX)) == ()
    assert _row("Not specified", "Cyclosporine 6 months", lexicon, ("cyclosporine", Role.INDEX)) == ()
