"""The row validator: who judges what, batches in any order, and what a shape must be to compile."""

from __future__ import annotations

import pickle
import subprocess
import sys
from pathlib import Path

import pyoxigraph as ox
import pytest
from click.testing import CliRunner

from dress_kg import terms
from dress_kg.cli.validate import validate
from dress_kg.errors import ShapeError
from dress_kg.validate import (
    Engine,
    RowValidator,
    assemble,
    cross_row_results,
    load_vocabulary,
    row_rules,
    validate_rdf,
    validate_store,
)
from dress_kg.validate.compile import compile_shape, focus_nodes
from dress_kg.validate.paths import UncompilableError
from dress_kg.validate.shape_graph import ShapeGraph
from tests.conftest import ROOT
from tests.test_validate import several_items

PAIRS = ROOT / "tests/shapes"
PREFIXES = """@prefix dk: <https://w3id.org/dress-kg/ontology#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
"""
NO_TWIN = """<https://example.org/s> a sh:NodeShape ; dk:rule "key-with-a-word" ;
    sh:targetClass dk:EvidenceItem ; sh:severity sh:Warning ; sh:message "No word." ; dk:reason "A test." ;
    sh:property [ sh:path <http://purl.org/dc/terms/identifier> ; sh:pattern "\\\\bnowhere\\\\b" ] .
"""


def compiled(text: str) -> frozenset[str]:
    """What the shape <urn:s> finds in a graph that stands in the same text."""
    quads = list(ox.parse(PREFIXES + text, ox.RdfFormat.TURTLE))
    graph = ShapeGraph(quad.triple for quad in quads)
    store = ox.Store()
    store.extend(quads)
    found = focus_nodes(store, compile_shape(graph, ox.NamedNode("urn:s")), inherited=False)
    return frozenset(node.value for node in found)


def shape(text: str) -> None:
    compiled(f"<urn:s> a sh:NodeShape ; sh:targetClass dk:Study ; {text} .")


def test_batches_in_any_order_make_the_report_of_the_whole() -> None:
    whole = validate_store(several_items(5))
    validator = RowValidator.load(rules=row_rules())
    judgements = []
    for n in reversed(range(5)):
        item = ox.NamedNode(terms.item_graph(terms.evidence("test", f"item{n}")))
        store = ox.Store()
        store.extend(several_items(5).quads_for_pattern(None, None, None, item))
        load_vocabulary(store)
        judgements.append(pickle.loads(pickle.dumps(validator.judge(store))))  # noqa: S301  as a pool does
    every = several_items(5)
    load_vocabulary(every)
    assert assemble(judgements, cross_row_results(every)) == whole
    assert whole.items == len(whole.results) == 5


@pytest.mark.parametrize("engine", list(Engine))
def test_every_engine_says_the_same_of_a_file(engine: Engine) -> None:
    bad = PAIRS / "bad-route-not-in-scheme.ttl"
    assert validate_rdf(bad, engine=engine) == validate_rdf(bad)


def test_what_does_not_compile_goes_to_pyshacl(tmp_path: Path) -> None:
    own = tmp_path / "own.ttl"
    own.write_text(PREFIXES + NO_TWIN, "utf-8")
    validator = RowValidator.load(own)
    assert not validator.compiled
    assert list(validator.refused) == ["key-with-a-word"]
    (placed,) = validator.judge(several_items(1)).placed
    assert (placed.result.rule, placed.result.item) == ("key-with-a-word", terms.evidence("test", "item0"))


def test_selects_alone_refuse_what_does_not_compile(tmp_path: Path) -> None:
    own = tmp_path / "own.ttl"
    own.write_text(PREFIXES + NO_TWIN, "utf-8")
    with pytest.raises(ShapeError, match="regular expression") as caught:
        RowValidator.load(own, engine=Engine.SPARQL)
    assert (caught.value.file, caught.value.value) == ("own.ttl", "key-with-a-word")
    assert "auto" in (caught.value.remedy or "")


def test_the_command_takes_a_validator() -> None:
    bad = PAIRS / "bad-route-not-in-scheme.ttl"
    said = {
        CliRunner().invoke(validate, ["--rdf", str(bad), "--validator", each.value]).output for each in Engine
    }
    assert len(said) == 1
    assert "route-not-in-scheme" in said.pop()


def test_compiled_shapes_need_neither_rdflib_nor_pyshacl() -> None:
    code = (
        "import sys, pyoxigraph; from dress_kg.validate import *; "
        "validate_store(pyoxigraph.Store()); print({'rdflib', 'pyshacl'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True,
                          env={"PYTHONPATH": str(ROOT / "src")})  # fmt: skip
    assert done.stdout.strip() == "set()"


@pytest.mark.parametrize(
    "text",
    [
        'sh:sparql [ sh:select "SELECT $this WHERE { $this ?p ?o }" ]',
        "sh:property [ sh:path dk:patients ; sh:datatype xsd:byte ]",
        "sh:property [ sh:path dk:patients ; sh:in ( 01 ) ]",
        "sh:property [ sh:path dk:patients ; sh:hasValue _:b ]",
        'sh:property [ sh:path dk:patients ; sh:pattern "a(?=b)" ]',
        'sh:property [ sh:path dk:patients ; sh:pattern "a" ; sh:flags "x" ]',
        "sh:property [ sh:path dk:patients ; sh:minCount 40 ]",
        "sh:property [ sh:path dk:patients ; sh:mincount 1 ]",
        "sh:property [ sh:path ( dk:patients ) ]",
        "sh:property [ sh:minCount 1 ]",
        "sh:node <urn:s>",
        "sh:or dk:patients",
        "sh:closed 1",
    ],
)
def test_what_is_not_sure_to_mean_the_same_is_refused(text: str) -> None:
    with pytest.raises(UncompilableError):
        shape(text)


def test_values_that_cannot_be_compared_are_a_result() -> None:
    text = """<urn:s> sh:targetSubjectsOf dk:low ; sh:property [ sh:path dk:low ; sh:lessThan dk:high ] .
        <urn:right> dk:low 1 ; dk:high 2 . <urn:equal> dk:low 2 ; dk:high 2.0 .
        <urn:text> dk:low 1 ; dk:high "2" . <urn:none> dk:low 1 .
        <urn:ill> dk:low 1 ; dk:high "x"^^xsd:decimal ."""
    assert compiled(text) == {"urn:equal", "urn:text", "urn:ill"}


def test_an_inner_property_shape_has_its_own_focus() -> None:
    text = """<urn:s> sh:targetNode <urn:item> ;
        sh:property [ sh:path dk:step ; sh:minCount 3 ; sh:property [ sh:path dk:unit ; sh:minCount 1 ] ] .
        <urn:item> dk:step <urn:one>, <urn:two> . <urn:one> dk:unit "mg" ."""
    assert compiled(text) == {"urn:item", "urn:two"}


def test_the_inverse_of_a_sequence_is_taken_backwards() -> None:
    text = """<urn:s> sh:targetNode <urn:end>, <urn:middle> ;
        sh:property [ sh:path [ sh:inversePath ( dk:strategy dk:component ) ] ; sh:minCount 1 ] .
        <urn:item> dk:strategy <urn:middle> . <urn:middle> dk:component <urn:end> ."""
    assert compiled(text) == {"urn:middle"}


def test_a_part_of_two_shapes_is_refused(tmp_path: Path) -> None:
    own = tmp_path / "own.ttl"
    head = (
        'a sh:NodeShape ; sh:targetClass dk:Study ; sh:severity sh:Info ; sh:message "M." ; dk:reason "R." ;'
    )
    own.write_text(
        PREFIXES
        + "".join(f'<urn:{n}> {head} dk:rule "{n}" ; sh:property <urn:part> .\n' for n in ("one", "two"))
        + "<urn:part> sh:path dk:patients ; sh:minCount 1 .\n",
        "utf-8",
    )
    with pytest.raises(ShapeError, match="two shapes"):
        RowValidator.load(own)


def test_spoilt_numbers_do_not_stop_the_gate() -> None:
    store = several_items(1)
    for quad in list(store.quads_for_pattern(None, ox.NamedNode(terms.ONTOLOGY + "position"), None, None)):
        store.remove(quad)
        store.add(ox.Quad(quad.subject, quad.predicate, ox.Literal("first"), quad.graph_name))
    assert "route-not-in-scheme" in {result.rule for result in validate_store(store).results}
