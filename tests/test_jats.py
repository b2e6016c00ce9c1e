"""Two review tables in JATS, by profile alone."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from dress_kg.pipeline import Clock, make_graph, read_source
from dress_kg.profile import load_profile
from dress_kg.records import AgentKind, LineKind, Operator
from dress_kg.repair import ledger_counts
from dress_kg.results import Source

FILES = {
    "duloxetine-trials": ("PMC520750__T1.xml", 26),
    "vod-prevention": ("PMC4231047__pone-0112731-t001.xml", 17),
}


def read(shared: Path, name: str) -> Source:
    return read_source(load_profile(name), shared / "tables/jats" / FILES[name][0], 1, Clock())


@pytest.mark.parametrize("name", FILES)
def test_the_ledger_adds_up_and_the_shapes_conform(name: str, shared: Path) -> None:
    file, rows = FILES[name]
    graph = make_graph([name], source=shared / "tables/jats" / file)
    counts = ledger_counts(graph.sources[0].table)
    assert (counts[LineKind.ROW], counts[LineKind.HEADER], sum(counts.values())) == (rows, 1, rows + 1)
    assert graph.report.conforms
    assert not graph.report.violations
    assert len(graph.tables["evidence"]) == rows
    [condition] = graph.tables["condition"]
    assert condition["label"] == load_profile(name).condition


def test_arms_of_the_duloxetine_trials(shared: Path) -> None:
    items = read(shared, "duloxetine-trials").evidence
    arms = [(item.row.cells["x_study"].text, item.row.cells["drug"].text) for item in items]
    assert arms[:5] == [
        ("1", "Placebo"), ("1", "Duloxetine"), ("2", "Placebo"), ("2", "Duloxetine"), ("3", "Placebo")
    ]  # fmt: skip
    assert sum(item.study.patients or 0 for item in items) == 2345
    assert len({item.key for item in items}) == 26
    for item in items:
        placebo = item.row.cells["drug"].text == "Placebo"
        assert (item.strategy is None) == placebo
        assert bool(item.steps) != placebo
        assert len(item.intervals) == 1
        filled = [repair for repair in item.row.repairs if repair.rule == "fill-down"]
        assert len(filled) == (0 if placebo else 2)
    step = next(item for item in items if item.key == "1-duloxetine-60-mg-d-qd").steps[0]
    assert (step.low, step.unit, step.basis_per, step.frequency) == (Decimal(60), "mg", "day", Decimal(1))
    assert step.agent is not None
    assert (step.agent.label, step.agent.kind) == ("Duloxetine", AgentKind.UNKNOWN)


def test_a_filled_cell_says_where_its_text_stands(shared: Path) -> None:
    item = read(shared, "duloxetine-trials").evidence[1]
    cell = item.row.cells["interval"]
    assert cell.text == "9 weeks"
    assert item.row.lines == (3,)
    assert {fragment.line for fragment in cell.fragments} == {2}


def test_a_regimen_that_names_its_drug(shared: Path) -> None:
    items = read(shared, "vod-prevention").evidence
    agents = [[c.agent.label for c in item.strategy.components] if item.strategy else [] for item in items]
    assert agents == [
        ["Pentoxifylline"], [], ["Pentoxifylline"], [], ["Pentoxifylline"], [],
        ["Unfractionated heparin"], [], ["LMWH: dalteparin"], ["LMWH: enoxaparin"], [],
        ["UDCA"], [], ["UDCA"], [], ["UDCA", "unfractionated heparin"], ["Unfractionated heparin"],
    ]  # fmt: skip
    park = items[15]
    assert park.strategy is not None
    assert park.strategy.operator is Operator.COMBINATION
    doses = [(s.agent.label if s.agent else None, s.low, s.high, s.unit) for s in park.steps]
    assert doses[:2] == [
        ("UDCA", Decimal(600), Decimal(600), "mg"),
        ("unfractionated heparin", Decimal(5), Decimal(50), "{unit}/kg"),
    ]
    for item in items:
        selections = [s for step in item.steps for s in step.selections]
        selections += [s for c in (item.strategy.components if item.strategy else ()) for s in c.selections]
        for selection in selections:
            text = item.row.cells[selection.field].text
            assert text[selection.start : selection.end] == selection.exact
    assert [item.study.patients for item in items][:6] == [70, 70, 44, 44, 30, 20]
    numbers = [item.citation.number if item.citation else None for item in items]
    assert numbers[:4] == ["14", "14", "22", "22"]


def test_the_reference_of_an_arm_is_that_of_its_study(shared: Path) -> None:
    source = read(shared, "vod-prevention")
    assert all(item.citation is not None for item in source.evidence)
    authors = [item.citation.author for item in source.evidence if item.citation]
    assert authors[0] == authors[1] == "Attal"
