"""Rules and derivations of one row: what they say depends on no other row, nor on how rows are batched."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from benchmarks import varied
from pyoxigraph import NamedNode, RdfFormat, parse

from dress_kg import intake, terms
from dress_kg.delivery import Parts
from dress_kg.derive import load_derivations, row_derivations
from dress_kg.pipeline import build, make_graph
from dress_kg.results import Graph
from dress_kg.validate import row_rules
from dress_kg.validate.rules import load_rules
from tests.conftest import ROOT

NAMES = frozenset(rule.rule.name for rule in row_rules())
HEADER = "DRUG\tDOSE\tINTERVAL\tREFERENCE\tSTUDY DESIGN\tCOMMENTS\tLEVEL EVIDENCE\tGRADE RECOM"

Said = tuple[list[dict[str, Any]], set[str]]


def whole(graph: Graph) -> Said:
    """What the rules of a row find, and the stances concluded, over one store with everything in it."""
    results = [asdict(result) for result in graph.report.results if result.rule in NAMES]
    made = {rule.name for rule in row_derivations()}
    rule = NamedNode(terms.ONTOLOGY + "rule")
    nodes = {q.subject for q in graph.quads if q.predicate == rule and str(q.object).strip('"') in made}
    return json.loads(json.dumps(results)), {str(quad) for quad in graph.quads if quad.subject in nodes}


def in_batches(
    profile: str, source: Path | None, rows: int, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> Said:
    """The same of batches of so many rows, without any rule over the whole."""
    monkeypatch.setattr(intake, "ROWS", rows)
    result = build([profile], source=source, out=Parts(folder, rules=False, plain=True))
    told = json.loads((result.folder / "report.json").read_text("utf-8"))
    assert set(told["rules_run"]) == NAMES - set(told["not_applicable"])
    quads = [
        quad
        for part in sorted((folder / "graph").iterdir())
        for quad in parse(path=str(part), format=RdfFormat.N_QUADS)
    ]
    stances = {str(quad) for quad in quads if str(quad.graph_name).endswith("/inferred>")}
    return [each for each in told["results"] if each["rule"] in NAMES], stances


@pytest.mark.parametrize("rows", [7, 50])
def test_the_guideline_table_in_batches(rows: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said = whole(make_graph(["dress"]))
    assert in_batches("dress", None, rows, tmp_path / "parts", monkeypatch) == said
    assert {each["rule"] for each in said[0]} > {"route-not-stated", "drug-dose-mismatch", "word-split"}
    assert len(said[1]) > 400


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["dress", "civic"])
def test_varied_rows_in_batches(
    kind: str, shared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (profile,), _ = varied.make(tmp_path, 300, kind=kind, seed=8, civic=shared / varied.CIVIC)
    said = whole(make_graph([str(profile)]))
    assert len(said[0]) > 300 or kind == "civic"  # a table without doses and study designs
    assert len(said[1]) > 2_000
    for rows in (7, 50, 300):
        assert in_batches(str(profile), None, rows, tmp_path / f"parts-{rows}", monkeypatch) == said


def table(folder: Path, *rows: str, dose: str = "dose") -> tuple[str, Path]:
    """A profile like the guideline table's with one more column, that is carried along, and a table for it.

    :param dose: the field of the column DOSE.
    """
    text = (ROOT / "mappings/dress.toml").read_text("utf-8").replace('id = "dress"', 'id = "mine"', 1)
    column = '[[column]]\nfield = "x_more"\nheader = "MORE"\n\n[sections]'
    text = text.replace("[sections]", column, 1).replace('field = "dose"', f'field = "{dose}"', 1)
    (folder / "mine.toml").write_text(text, "utf-8")
    (folder / "table.tsv").write_text("\n".join((f"{HEADER}\tMORE", *rows)) + "\n", "utf-8")
    return str(folder / "mine.toml"), folder / "table.tsv"


def test_an_agent_outside_the_vocabulary_goes_by_the_words_of_its_row(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rest = "5 days\tLee A, et al J Dermatol 2010 [{n}]\tCase report\tImproved.\t3\tD"
    doses = ("GLICLAZIDE 5 mg/d", "vitamin-E 10 mg/d", "100 mg/d; gliclazide 5 mg/d")
    rows = [f"{drug}\t{dose}\t{rest.format(n=n)}" for n, (drug, dose) in enumerate(zip(
        ("Gliclazide", "Cyclosporine", "Cyclosporine + Vitamin-e"), doses, strict=True), 1)]  # fmt: skip
    profile, source = table(tmp_path, *rows)
    graph = make_graph([profile], source=source)
    said = whole(graph)
    found = [(each["rule"], each["value"]) for each in said[0] if each["rule"] == "drug-dose-mismatch"]
    # The table's labels, which other rows settle, are "Gliclazide" and "Vitamin-e".
    labels = {row["label"] for row in graph.tables["agent"]}
    assert {"Gliclazide", "Vitamin-e"} <= labels
    assert found == [("drug-dose-mismatch", "vitamin-E"), ("drug-dose-mismatch", "gliclazide")]
    partners = [each["message"] for each in said[0] if each["rule"] == "partner-dose-missing"]
    assert [message.rpartition("for ")[2] for message in partners] == ["Vitamin-e."]
    for rows_at_once in (1, 2, 3):
        parts = tmp_path / f"parts-{rows_at_once}"
        assert in_batches(profile, source, rows_at_once, parts, monkeypatch) == said


def test_cells_that_nobody_interprets_are_read_where_a_rule_asks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A route in the column that is carried along."""
    rest = "100 mg/d\t5 days\tLee A, et al J Dermatol 2010 [{n}]\tCase report\tImproved.\t3\tD"
    more = ("", "given as oral cyclosporine", "nothing")
    rows = [f"Cyclosporine\t{rest.format(n=n)}\t{each}" for n, each in enumerate(more)]
    profile, source = table(tmp_path, *rows)
    said = whole(make_graph([profile], source=source))
    found = [(each["rule"], each["line"], each["column"]) for each in said[0]]
    assert [each for each in found if each[0] == "route-not-stated"] == [
        ("route-not-stated", 2, "DOSE"),
        ("route-not-stated", 4, "DOSE"),
    ]
    assert in_batches(profile, source, 2, tmp_path / "parts", monkeypatch) == said


def test_cells_that_nobody_interprets_are_there_where_they_were_repaired(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Markup that was taken out of the column that is carried along, in a table without doses."""
    row = "Cyclosporine\t100 mg/d\t5 days\tLee A, et al J Dermatol 2010 [1]\tCase report\tImproved.\t3\tD"
    profile, source = table(tmp_path, f"{row}\t<b>nothing</b>", dose="x_dose")
    said = whole(make_graph([profile], source=source))
    found = [each for each in said[0] if each["rule"] == "markup-in-text"]
    assert [(each["line"], each["column"], each["value"]) for each in found] == [
        (2, "MORE", "</b>"),
        (2, "MORE", "<b>"),
    ]
    assert in_batches(profile, source, 1, tmp_path / "parts", monkeypatch) == said


def test_which_rules_look_at_one_row() -> None:
    assert len(NAMES) >= 12 and {rule.rule.name for rule in load_rules()} > NAMES
    assert [rule.rule.name for rule in row_rules() if rule.every_cell] == ["route-not-stated"]
    assert [rule.name for rule in load_derivations() if rule.of_a_row] == [
        "stance-of-a-remark",
        "stance-of-a-row",
    ]
