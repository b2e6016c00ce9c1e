"""The ontology, the closed namespace, the schemes and every file that uses a term agree."""

from __future__ import annotations

import re
from enum import StrEnum
from pathlib import Path

import pytest
from rdflib import OWL, RDF, RDFS, SKOS, XSD, BNode, Graph, Literal, Namespace, URIRef
from rdflib.namespace import DCTERMS
from rdflib.term import Node

from dress_kg import records, terms
from dress_kg.namespace import DK
from tests.conftest import ROOT

ONTOLOGY = ROOT / "ontology/dress-kg.ttl"
TERM = re.compile(r"(?<![\w:/])dk:([A-Za-z][A-Za-z0-9]*)")
PROPERTIES = (OWL.ObjectProperty, OWL.DatatypeProperty)


def read(*paths: str) -> Graph:
    graph = Graph(bind_namespaces="none")
    files = [file for path in paths for file in sorted(ROOT.glob(path))]
    assert files, paths
    for file in files:
        graph.parse(file)
    return graph


@pytest.fixture(scope="module")
def ontology() -> Graph:
    return read("ontology/dress-kg.ttl")


@pytest.fixture(scope="module")
def vocabulary() -> Graph:
    return read("ontology/vocab/*.ttl", "ontology/scales/*.ttl")


def declared(ontology: Graph) -> set[str]:
    kinds = (OWL.Class, *PROPERTIES)
    subjects = {str(s) for kind in kinds for s in ontology.subjects(RDF.type, kind)}
    return {s.removeprefix(terms.ONTOLOGY) for s in subjects if s.startswith(terms.ONTOLOGY)}


def test_namespace_equals_the_ontology_both_ways(ontology: Graph) -> None:
    assert set(DK.__annotations__) - {"_fail", "_warn", "_NS"} == declared(ontology)


def test_a_misspelt_term_is_an_error() -> None:
    with pytest.raises(AttributeError):
        _ = DK.EvidenceItm


def test_every_term_is_labelled_defined_and_has_an_example(ontology: Graph) -> None:
    for name in declared(ontology):
        term = URIRef(terms.ONTOLOGY + name)
        assert ontology.value(term, RDFS.label), name
        assert str(ontology.value(term, SKOS.definition)).endswith("."), name
        assert ontology.value(term, SKOS.example), name


def test_every_term_says_where_its_notion_comes_from(ontology: Graph) -> None:
    """A source that is labelled, and a file where it is a decision of ours; no source that nothing uses."""
    decisions = "https://w3id.org/dress-kg/docs/decisions/"
    sources = set()
    for name in declared(ontology):
        term = URIRef(terms.ONTOLOGY + name)
        found = set(ontology.objects(term, DCTERMS.source))
        assert found, name
        assert ontology.value(term, RDFS.isDefinedBy) == URIRef(terms.ONTOLOGY.rstrip("#")), name
        sources |= found
    for source in sources:
        assert isinstance(source, URIRef)
        assert ontology.value(source, RDFS.label), source
        if source.startswith(decisions):
            assert len(list((ROOT / "docs/decisions").glob(f"{source.removeprefix(decisions)}-*.md"))) == 1
    labelled = {s for s in ontology.subjects(RDFS.label) if not str(s).startswith(terms.ONTOLOGY)}
    assert labelled == sources
    assert len(sources) > 20


def test_the_header_names_version_licence_and_notice(ontology: Graph) -> None:
    iri = URIRef("https://w3id.org/dress-kg/ontology")
    version = ontology.value(iri, OWL.versionInfo)
    assert version == Literal("0.1.0")
    assert ontology.value(iri, OWL.versionIRI) == URIRef(f"{iri}/{version}")
    assert ontology.value(iri, DCTERMS.license) == URIRef("https://creativecommons.org/licenses/by/4.0/")
    assert ontology.value(iri, DCTERMS.creator)
    assert "not advice" in str(ontology.value(iri, SKOS.note))
    assert str(ontology.value(iri, SKOS.changeNote)).startswith(f"{version}: ")


def test_domains_and_ranges_are_declared_classes(ontology: Graph) -> None:
    names = declared(ontology)
    for predicate in (RDFS.domain, RDFS.range):
        for _, target in ontology.subject_objects(predicate):
            local = str(target).removeprefix(terms.ONTOLOGY)
            assert local in names or str(target).startswith("http://www.w3.org/2001/XMLSchema#")


USERS = sorted(
    file
    for pattern in ("mappings/**/*.ttl", "ontology/**/*.ttl", "ontology/**/*.rq", "queries/**/*.rq")
    for file in ROOT.glob(pattern)
)


@pytest.mark.parametrize("file", USERS, ids=lambda file: str(file.relative_to(ROOT)))
def test_every_term_that_a_file_uses_exists(file: Path, ontology: Graph) -> None:
    text = "\n".join(line for line in file.read_text("utf-8").splitlines() if not line.startswith("@prefix"))
    assert set(TERM.findall(text)) <= declared(ontology)


def test_every_property_that_a_class_of_ours_needs_is_used_by_some_file(ontology: Graph) -> None:
    conditions = [c for s, c in ontology.subject_objects(RDFS.subClassOf) if isinstance(s, BNode)]
    inferred = [*ontology.subjects(OWL.equivalentClass, None), *conditions]
    defined = {str(term).removeprefix(terms.ONTOLOGY) for term in inferred}
    used = defined | {
        name for file in USERS if file != ONTOLOGY for name in TERM.findall(file.read_text("utf-8"))
    }
    assert declared(ontology) - used == set(), "declared, used by no mapping, scheme, shape or rule"


ENUMS: list[tuple[str, type[StrEnum]]] = [
    ("direction", records.Direction),
    ("basis", records.Basis),
    ("role", records.Role),
    ("operator", records.Operator),
    ("kind", records.FindingKind),
    ("interval", records.IntervalKind),
    ("context", records.ContextKind),
    ("line-kind", records.LineKind),
]


@pytest.mark.parametrize(("scheme", "enum"), ENUMS)
def test_schemes_equal_the_enums_of_the_records(scheme: str, enum: type[StrEnum], vocabulary: Graph) -> None:
    concepts = vocabulary.subjects(SKOS.inScheme, URIRef(terms.vocabulary(scheme)))
    assert {str(c) for c in concepts} == {terms.concept(scheme, value) for value in enum}


@pytest.mark.parametrize(
    ("scheme", "values"),
    [
        ("per", "day dose total week month"),
        ("line", "first-line second-line steroid-sparing rescue adjunct"),
        ("severity", "violation warning info"),
        ("route", "oral intravenous subcutaneous topical intramuscular inhalation"),
        ("organ", "kidney liver heart lung eye brain skin"),
    ],
)
def test_schemes_hold_what_the_records_can_say(scheme: str, values: str, vocabulary: Graph) -> None:
    for value in values.split():
        concept = URIRef(terms.concept(scheme, value))
        assert (concept, SKOS.inScheme, URIRef(terms.vocabulary(scheme))) in vocabulary
        assert vocabulary.value(concept, SKOS.prefLabel)


def test_every_route_that_the_dose_reader_knows_is_in_the_scheme(vocabulary: Graph) -> None:
    from dress_kg.interpret.regimen.vocabulary import ROUTES

    for route in {str(route) for route in ROUTES.values()}:
        assert (URIRef(terms.concept("route", route)), RDF.type, SKOS.Concept) in vocabulary, route


SIGN = Namespace("https://w3id.org/dress-kg/vocab/sign/")


def test_sign_levels_and_grades_have_the_iris_that_terms_mint(vocabulary: Graph) -> None:
    for kind, codes in (("level", "1++ 1+ 1- 2++ 2+ 2- 3 4"), ("grade", "A B C D")):
        ranks = []
        for code in codes.split():
            iri = URIRef(terms.rating("sign", kind, code))
            assert vocabulary.value(iri, SKOS.notation) == Literal(code)
            ranks.append(int(str(vocabulary.value(iri, DK.rank))))
        assert ranks == sorted(set(ranks))


def test_sign_says_which_level_carries_which_grade(vocabulary: Graph) -> None:
    def carried(code: str) -> set[str]:
        level = URIRef(terms.rating("sign", "level", code))
        return {str(vocabulary.value(g, SKOS.notation)) for g in vocabulary.objects(level, DK.supportsGrade)}

    expected = {"1++": "AB", "1+": "AB", "1-": "", "2++": "BC", "2+": "CD", "2-": "", "3": "D", "4": "D"}
    assert {code: carried(code) for code in expected} == {c: set(g) for c, g in expected.items()}


def test_sign_is_probable_and_is_not_mapped_to_grade(vocabulary: Graph) -> None:
    scheme = URIRef(terms.vocabulary("sign"))
    assert "probable, not stated" in str(vocabulary.value(scheme, SKOS.scopeNote))
    matches = (SKOS.closeMatch, SKOS.exactMatch, SKOS.broadMatch, SKOS.narrowMatch, SKOS.relatedMatch)
    assert not [t for t in vocabulary if str(t[0]).startswith(str(SIGN)) and t[1] in matches]


def test_designs_that_the_scale_names_exist(vocabulary: Graph) -> None:
    for design in {
        *vocabulary.objects(None, DK.expectedFor),
        *vocabulary.subjects(DK.reportsOnPatients, None),
    }:
        assert (design, SKOS.inScheme, URIRef(terms.vocabulary("study-designs"))) in vocabulary, design


def test_dose_references_name_agents_that_exist_and_their_source(vocabulary: Graph) -> None:
    references = list(vocabulary.subjects(RDF.type, DK.DoseReference))
    assert references
    for reference in references:
        agent = vocabulary.value(reference, DK.agent)
        assert (agent, SKOS.inScheme, URIRef(terms.vocabulary("agents"))) in vocabulary
        assert isinstance(vocabulary.value(reference, DCTERMS.source), URIRef)


def test_the_real_graph_keeps_to_kinds_domains_and_ranges(ontology: Graph, vocabulary: Graph) -> None:
    """No literal where a thing is declared, no wrong datatype, nobody made a member of a foreign class."""
    from dress_kg import pipeline

    data = Graph(bind_namespaces="none") + vocabulary
    lines = "".join(f"{quad.triple} .\n" for quad in pipeline.make_graph(["dress"]).quads)
    data.parse(data=lines, format="ntriples")
    kinds = {p: kind for kind in PROPERTIES for p in ontology.subjects(RDF.type, kind)}
    faults: set[tuple[Node, str, str]] = set()
    for subject, predicate, value in data:
        if not str(predicate).startswith(terms.ONTOLOGY):
            continue
        literal = kinds[predicate] == OWL.DatatypeProperty
        if isinstance(value, Literal) != literal:
            faults.add((predicate, "kind", str(value)))
        for side, node in ((RDFS.domain, subject), (RDFS.range, value)):
            expected = ontology.value(predicate, side)
            if isinstance(node, Literal):
                if expected is not None and (node.datatype or XSD.string) != expected:
                    faults.add((predicate, "datatype", node.n3()))
            elif expected is not None and (node, RDF.type, expected) not in data:
                faults.add((predicate, str(side), str(node)))
    assert not faults
