"""The ontology judged by others' tools: OWL 2 DL profile, SHACL of the shapes; its page; the scales."""

from __future__ import annotations

import re
from pathlib import Path

import pyoxigraph as ox
import pytest
from rdflib import DCTERMS, RDF, RDFS, SKOS, Graph, Namespace, URIRef

from dress_kg import terms
from dress_kg.namespace import DK
from dress_kg.ontology import vocabulary
from dress_kg.reason.axioms import axioms, sentence
from tests.conftest import ROOT

SHAPES = sorted((ROOT / "ontology/shapes").glob("*.ttl"))


def outside_dl(*more: str) -> int:
    """Violations of OWL 2 DL that pyowl2-profiles finds in the ontology, with further axioms."""
    detect = pytest.importorskip("pyowl2_profiles", reason="a development tool").detect_profiles
    store = ox.Store()
    text = (ROOT / "ontology/dress-kg.ttl").read_text("utf-8") + "\n".join(more)
    store.load(text.encode(), ox.RdfFormat.TURTLE)
    return int(detect(store, graph_iri=None)["dl"]["total_violations"])


def test_owl_2_dl_profile_by_an_independent_tool() -> None:
    assert outside_dl() == 0


def test_the_profile_tool_sees_what_is_not_dl() -> None:
    assert outside_dl("dk:row a owl:DatatypeProperty .") > 0


@pytest.mark.parametrize("path", SHAPES, ids=lambda path: path.stem)
def test_shapes_pass_shacl_of_shacl(path: Path) -> None:
    import pyshacl

    conforms, _, text = pyshacl.validate(Graph(), shacl_graph=Graph().parse(path), meta_shacl=True)
    assert conforms, text


def test_there_are_shapes() -> None:
    assert len(SHAPES) >= 15


def test_every_axiom_can_be_said_in_words() -> None:
    graph = vocabulary().graph
    said = [sentence(axiom, graph) for axiom in axioms(graph)]
    assert len(said) > 200
    assert not [text for text in said if "None" in text or "rdflib" in text]


def test_the_page_of_the_ontology_shows_every_term_and_fetches_nothing() -> None:
    page = (ROOT / "docs/ontology/index.html").read_text("utf-8")
    graph = vocabulary().graph
    for term in {t for t in graph.subjects(RDFS.label) if str(t).startswith(terms.ONTOLOGY)}:
        assert str(term) in page, f"{term}: python docs/ontology/make.py"
    assert not re.findall(r'<(?:script|img|link)[^>]+(?:src|href)="https?:', page)
    assert "have no member" not in page or "MonotherapyEvidence" in page


def test_defined_classes_have_examples() -> None:
    graph = vocabulary().graph
    for cls in vocabulary().defined:
        assert graph.value(URIRef(cls), SKOS.example), cls


CEBM = Namespace("https://w3id.org/dress-kg/vocab/cebm-2009/")


@pytest.mark.parametrize(
    ("scale", "levels", "grades"),
    [("cebm-2009", "1a 1b 1c 2a 2b 2c 3a 3b 4 5", "A B C D"), ("cebm-2011", "1 2 3 4 5", "")],
)
def test_oxford_levels_have_the_iris_that_terms_mint_and_an_order(
    scale: str, levels: str, grades: str
) -> None:
    graph = Graph().parse(ROOT / "ontology/scales/cebm.ttl")
    for kind, codes in (("level", levels), ("grade", grades)):
        nodes = [URIRef(terms.rating(scale, kind, code)) for code in codes.split()]
        assert [int(str(graph.value(node, DK.rank))) for node in nodes] == list(range(1, len(nodes) + 1))
    scheme = URIRef(terms.vocabulary(scale))
    assert len(set(graph.subjects(SKOS.inScheme, scheme))) == len(levels.split()) + len(grades.split())
    assert (scheme, RDF.type, SKOS.ConceptScheme) in graph


def test_oxford_grades_are_carried_as_the_scale_says() -> None:
    graph = Graph().parse(ROOT / "ontology/scales/cebm.ttl")
    carried = {
        code: {str(g).rpartition("-")[2] for g in graph.objects(CEBM[f"level-{code}"], DK.supportsGrade)}
        for code in ("1a", "2b", "3b", "4", "5")
    }
    assert carried == {"1a": set("abd"), "2b": set("bcd"), "3b": set("bcd"), "4": set("cd"), "5": {"d"}}


def test_reasoners_are_given_every_axiom_and_no_annotation() -> None:
    graph, logic = vocabulary().graph, set(vocabulary().logic)
    assert {triple for axiom in axioms(graph) for triple in axiom.triples} <= logic
    left_out = {predicate for _, predicate, _ in set(graph) - logic}
    assert {RDFS.label, RDFS.isDefinedBy, SKOS.definition, SKOS.example, DCTERMS.source} <= left_out
    kept = {predicate for _, predicate, _ in logic}
    assert not kept & (left_out - {RDF.type})
    assert len(logic) < len(graph) / 1.5
