"""pySHACL and the compiled shapes say the same: on the bad examples, on spoilt items, on drawn shapes."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pyoxigraph as ox
import pytest

from dress_kg import terms
from dress_kg.pipeline import build
from dress_kg.validate import Engine, RowJudgement, RowValidator, load_vocabulary
from dress_kg.validate.batches import shapes_to_rdflib
from dress_kg.validate.compile import compile_shape, focus_nodes, has_subclasses
from dress_kg.validate.judge import judge
from dress_kg.validate.paths import UncompilableError
from dress_kg.validate.shape_graph import Node, ShapeGraph
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
def items(tmp_path_factory: pytest.TempPathFactory) -> list[ox.Quad]:
    """All quads of the DRESS graph but what the gate and the derivation add, as they are sorted there."""
    folder = tmp_path_factory.mktemp("dress")
    build(("dress",), out=folder)
    late = ("/quality", "/inferred", "/dataset")
    return [quad for quad in ox.parse(path=str(folder / "graph.nq")) if not graph_of(quad).endswith(late)]


def graph_of(quad: ox.Quad) -> str:
    assert isinstance(quad.graph_name, ox.NamedNode)
    return quad.graph_name.value


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
        row_level = "/graph/evidence/" in graph_of(quad) or graph_of(quad).endswith("/assessment")
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
@pytest.mark.parametrize("seed", range(4))
def test_on_spoilt_items(items: list[ox.Quad], validators: dict[Engine, RowValidator], seed: int) -> None:
    store = ox.Store()
    dice = random.Random(seed)  # noqa: S311  the same every time
    store.extend(spoilt(items, dice, share=0.05 * (seed + 1)))
    rules = {placed.result.rule for placed in agree(store, validators).placed}
    assert len(rules) >= 20, "the faults are to be found by many shapes"


PREFIXES = """@prefix : <urn:ex:> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
NODES = tuple(f":{name}" for name in "abcdefg")
PROPERTIES = (":p", ":q", ":r")
CLASSES = (":C", ":D")
TEXTS = ('"x"', '"xy"', '"dose"', '"a b"', '"chat"@fr', '"cat"@en', '"dog"@en', '"dog"@en-gb')
NUMBERS = ("1", "2", "7", "-3", "2.5")
LITERALS = (*TEXTS, *NUMBERS)
"""No dates, truth values or ill-typed numbers: pySHACL orders them among numbers, the standard does not."""


def a_path(dice: random.Random, depth: int = 0) -> str:
    kind = dice.randrange(4 if depth else 10) if depth < 2 else 0
    inner = [a_path(dice, depth + 1) for _ in range(2)] if kind in (1, 2, 3) else []
    match kind:
        case 1:
            return f"( {inner[0]} {inner[1]} )"
        case 2:
            return f"[ sh:inversePath {dice.choice(PROPERTIES)} ]"  # pySHACL does not turn a sequence round
        case 3:
            operator = dice.choice(("alternativePath", "zeroOrMorePath", "oneOrMorePath", "zeroOrOnePath"))
            both = f"( {inner[0]} {inner[1]} )"
            return f"[ sh:{operator} {both if operator == 'alternativePath' else inner[0]} ]"
        case _:
            return dice.choice(PROPERTIES)


def a_constraint(dice: random.Random, *, on_path: bool, depth: int) -> str:
    """One constraint of SHACL core, as Turtle."""
    some = " ".join(dice.sample((*NODES, *TEXTS, "1", "2"), 4))
    choices = [
        f"sh:class {dice.choice(CLASSES)}",
        f"sh:datatype xsd:{dice.choice(('string', 'integer', 'decimal', 'boolean', 'date'))}",
        f"sh:nodeKind sh:{dice.choice(('IRI', 'Literal', 'BlankNode', 'IRIOrLiteral', 'BlankNodeOrIRI'))}",
        f"sh:{dice.choice(('min', 'max'))}{dice.choice(('Inclusive', 'Exclusive'))} {dice.choice(NUMBERS)}",
        f"sh:minLength {dice.randrange(4)}",
        f"sh:maxLength {dice.randrange(4)}",
        f'sh:pattern "{dice.choice(("^x", "[0-9]", "^dose$", "a|o", "^urn:ex:[a-c]$", "y$"))}"',
        f'sh:languageIn ( "{dice.choice(("en", "fr"))}" )',
        f"sh:in ( {some} )",
        f"sh:hasValue {dice.choice((*NODES, *TEXTS, '1'))}",
        f"sh:{dice.choice(('equals', 'disjoint'))} {dice.choice(PROPERTIES)}",
        "sh:closed true ; sh:ignoredProperties ( :p rdfs:label )",
    ]
    if on_path:
        choices += [
            f"sh:minCount {dice.randrange(4)}",
            f"sh:maxCount {dice.randrange(4)}",
            "sh:uniqueLang true",
        ]
    if depth < 3:
        inner, other = (a_shape(dice, depth=depth + 1) for _ in range(2))
        choices += [
            f"sh:node {a_shape(dice, depth=depth + 1, path=False)}",
            f"sh:not {inner}",
            f"sh:property {a_shape(dice, depth=depth + 1, path=True)}",
        ]
        choices += [f"sh:{each} ( {inner} {other} )" for each in ("and", "or", "xone")] * 2
        if on_path:
            bounds = f"sh:qualified{dice.choice(('Min', 'Max'))}Count {dice.randrange(3)}"
            choices += [f"sh:qualifiedValueShape {inner} ; {bounds}"] * 2
    return dice.choice(choices)


def a_shape(dice: random.Random, *, depth: int, path: bool | None = None) -> str:
    on_path = dice.random() < 0.6 if path is None else path
    parts = [f"sh:path {a_path(dice)}"] if on_path else []
    made = (a_constraint(dice, on_path=on_path, depth=depth) for _ in range(dice.randint(1, 2)))
    once = {each.split(" ", 1)[0]: each for each in made}  # most parameters may stand once only
    return "[ " + " ; ".join([*parts, *once.values()]) + " ]"


def drawn(seed: int) -> tuple[str, str]:
    """A small graph, and a shape with a target."""
    dice = random.Random(seed)  # noqa: S311  the same every time
    data = [f"{dice.choice(NODES)} a {dice.choice(CLASSES)} ." for _ in range(6)] + [
        ":D rdfs:subClassOf :C ."
    ]
    for _ in range(24):
        value = dice.choice((*NODES, *NODES, *LITERALS))
        data.append(f"{dice.choice(NODES)} {dice.choice(PROPERTIES)} {value} .")
    target = dice.choice(("targetClass :C", "targetClass :D", "targetSubjectsOf :p", "targetObjectsOf :q"))
    shape = a_shape(dice, depth=0)
    return "\n".join(data), f":shape a sh:Shape ; sh:{target} ; {shape[2:-2]} ."


def compared(seed: int) -> bool:
    """Whether the drawn shape compiles; both validators then find the same focus nodes."""
    data, shape = drawn(seed)
    store = ox.Store()
    store.load((PREFIXES + data).encode(), format=ox.RdfFormat.TURTLE)
    parsed = ox.parse(PREFIXES + shape, ox.RdfFormat.TURTLE)
    graph = ShapeGraph(quad.triple for quad in parsed)
    root = ox.NamedNode("urn:ex:shape")
    try:
        compiled = compile_shape(graph, root)
    except UncompilableError:
        return False
    found = focus_nodes(store, compiled, inherited=has_subclasses(store))
    owner: dict[Node, Node] = {
        node: root for s, _, o in graph for node in (s, o) if not isinstance(node, ox.Literal)
    }
    both = shapes_to_rdflib(ShapeGraph(quad.triple for quad in store))
    expected = {node for _, node in judge(both, shapes_to_rdflib(graph), Shapes(graph, {}, {}, owner))}
    assert {node for node in found if not isinstance(node, ox.Literal)} == expected, f"{data}\n{shape}"
    return True


@pytest.mark.filterwarnings("ignore::UserWarning:rdflib.*")
def test_on_drawn_shapes() -> None:
    assert sum(compared(seed) for seed in range(300)) == 300
