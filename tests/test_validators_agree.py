"""pySHACL and the compiled shapes say the same: on the bad examples, on spoilt items, on drawn shapes."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest

from dress_kg import terms
from dress_kg.errors import ShapeError
from dress_kg.pipeline import make_graph
from dress_kg.validate import Engine, RowJudgement, RowValidator, load_vocabulary
from dress_kg.validate.batches import shapes_to_rdflib
from dress_kg.validate.compile import compile_shape, focus_nodes, has_subclasses
from dress_kg.validate.judge import judge
from dress_kg.validate.shape_graph import ShapeGraph
from dress_kg.validate.shapes import Shapes, load_shapes
from tests.conftest import ROOT

PAIRS = ROOT / "tests/shapes"
XSD = terms.PREFIXES["xsd"]
ITEM = ox.NamedNode(terms.ONTOLOGY + "EvidenceItem")
COMPARED = {
    *(terms.ONTOLOGY + name for name in ("low", "high", "patients", "ofPatients")),
    *(terms.PREFIXES["oa"] + name for name in ("start", "end")),
}
"""What sh:lessThan and its like compare: pySHACL orders literals that the standard calls incomparable."""


@pytest.fixture(scope="module")
def validators() -> dict[Engine, RowValidator]:
    return {each: RowValidator.load(engine=each) for each in (Engine.PYSHACL, Engine.SPARQL)}


def agree(store: ox.Store, validators: dict[Engine, RowValidator]) -> RowJudgement:
    """The judgement of both validators, which is one."""
    pyshacl, sparql = (validators[each].judge(store) for each in (Engine.PYSHACL, Engine.SPARQL))
    found, expected = set(sparql.placed), set(pyshacl.placed)
    assert not [(p.result.rule, p.result.node) for p in found - expected], "only the compiled shapes object"
    assert not [(p.result.rule, p.result.node) for p in expected - found], "only pySHACL objects"
    assert (sparql.items, sparql.matched, sparql.applied) == (pyshacl.items, pyshacl.matched, pyshacl.applied)
    return sparql


def test_every_shipped_shape_compiles() -> None:
    validator = RowValidator.load(engine=Engine.AUTO)
    assert validator.refused == {}
    assert len(validator.compiled) == len(load_shapes().rules) >= 58


def test_on_every_bad_example(validators: dict[Engine, RowValidator]) -> None:
    names = sorted(rule.name for rule in load_shapes().rules.values())
    for name in names:
        store = ox.Store()
        load_vocabulary(store)
        store.load(path=str(PAIRS / f"bad-{name}.ttl"), format=ox.RdfFormat.TURTLE)
        assert {placed.result.rule for placed in agree(store, validators).placed} == {name}
    assert len(names) >= 58


@pytest.fixture(scope="module")
def items() -> list[ox.Quad]:
    """All quads of the DRESS graph but what the gate and the derivation add, sorted."""
    graph = make_graph(("dress",))
    late = ("/quality", "/inferred", "/dataset")
    quads = [each for each in graph.quads if not each.graph_name.value.endswith(late)]  # type: ignore[union-attr]
    return sorted(quads, key=str)


def spoilt(quads: list[ox.Quad], dice: random.Random, share: float) -> Iterator[ox.Quad]:
    """The quads with faults: left out, doubled with another value, of another kind or datatype.

    Items and the links of assessments stay: pySHACL's batches go by them, so it sees nothing without.
    """
    by_predicate: dict[str, list[ox.Quad]] = {}
    for quad in quads:
        by_predicate.setdefault(quad.predicate.value, []).append(quad)
    predicates = sorted(by_predicate)
    for quad in quads:
        whole = quad.object == ITEM or quad.predicate.value == terms.ONTOLOGY + "assesses"
        row_level = "/graph/evidence/" in quad.graph_name.value or quad.graph_name.value.endswith(
            "/assessment"
        )
        if whole or not row_level or dice.random() > share:
            yield quad
            continue
        subject, predicate, graph = quad.subject, quad.predicate, quad.graph_name
        fault = dice.randrange(4 if quad.predicate.value in COMPARED else 7)
        other = dice.choice(by_predicate[predicate.value]).object
        if fault >= 1:
            yield ox.Quad(subject, predicate, other, graph)
        if fault in (2, 3):
            yield quad
        if fault == 4:
            yield ox.Quad(subject, predicate, ox.Literal("12"), graph)
        if fault == 5:
            datatype = ox.NamedNode(XSD + dice.choice(("integer", "decimal", "string", "boolean")))
            yield ox.Quad(
                subject, predicate, ox.Literal(dice.choice(("7", "-3", "x", "")), datatype=datatype), graph
            )
        if fault == 6:
            elsewhere = dice.choice([each for each in predicates if each not in COMPARED])
            yield ox.Quad(
                subject, ox.NamedNode(elsewhere), dice.choice(by_predicate[elsewhere]).object, graph
            )


@pytest.mark.filterwarnings("ignore::UserWarning:rdflib.*")
@pytest.mark.parametrize("seed", range(5))
def test_on_spoilt_items(items: list[ox.Quad], validators: dict[Engine, RowValidator], seed: int) -> None:
    store = ox.Store()
    store.extend(spoilt(items, random.Random(seed), share=0.05 * (seed + 1)))
    rules = {placed.result.rule for placed in agree(store, validators).placed}
    assert len(rules) >= 20, "the faults are to be found by many shapes"
