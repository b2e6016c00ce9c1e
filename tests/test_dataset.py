"""The description of the dataset: VoID recounted by SPARQL, DCAT and PROV; the catalogue of queries.

`DRESS_KG_WRITE_EXPECTED=1 pytest tests/test_dataset.py` rewrites the catalogue `ontology/queries.ttl`.
"""

from __future__ import annotations

import os

import pytest
from pyoxigraph import NamedNode, Quad, QuerySolutions, Store
from rdflib import DCAT, DCTERMS, FOAF, PROV, RDF, SH, VOID, Graph, Literal, URIRef

from dress_kg import __version__, terms
from dress_kg.dataset import describe, without_description
from dress_kg.pipeline import make_graph
from dress_kg.queries import list_queries
from dress_kg.queries.as_rdf import catalogue, turtle
from tests.conftest import ROOT

DATASET = URIRef(terms.dataset("dress"))


@pytest.fixture(scope="module")
def quads() -> set[Quad]:
    return make_graph(["dress"]).quads


@pytest.fixture(scope="module")
def described(quads: set[Quad]) -> Graph:
    """The graph `dataset` in rdflib."""
    own = NamedNode(terms.source_graph("dress", "dataset"))
    lines = "".join(f"{quad.triple} .\n" for quad in quads if quad.graph_name == own)
    return Graph(bind_namespaces="none").parse(data=lines, format="ntriples")


@pytest.fixture(scope="module")
def counted(quads: set[Quad]) -> Store:
    """What the counts are about: the source's own graphs without the description."""
    left_out = {NamedNode(terms.source_graph("dress", "dataset")), NamedNode(terms.reference_graph())}
    store = Store()
    store.bulk_extend(quad for quad in quads if quad.graph_name not in left_out)
    return store


def numbers(store: Store, text: str) -> dict[str, int]:
    rows = store.query(text, use_default_graph_as_union=False)
    assert isinstance(rows, QuerySolutions)
    return {str(row[0]).strip("<>"): int(row[1].value) for row in rows}


def test_totals_equal_what_sparql_counts(described: Graph, counted: Store) -> None:
    totals = {
        VOID.triples: "SELECT ('n' AS ?k) (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }",
        VOID.distinctSubjects: "SELECT ('n' AS ?k) (COUNT(DISTINCT ?s) AS ?n) { GRAPH ?g { ?s ?p ?o } }",
        VOID.distinctObjects: "SELECT ('n' AS ?k) (COUNT(DISTINCT ?o) AS ?n) { GRAPH ?g { ?s ?p ?o } }",
        VOID.properties: "SELECT ('n' AS ?k) (COUNT(DISTINCT ?p) AS ?n) { GRAPH ?g { ?s ?p ?o } }",
        VOID.classes: "SELECT ('n' AS ?k) (COUNT(DISTINCT ?c) AS ?n) { GRAPH ?g { ?s a ?c } }",
    }
    for relation, text in totals.items():
        expected = next(iter(numbers(counted, text).values()))
        assert int(str(described.value(DATASET, relation))) == expected, relation
    assert int(str(described.value(DATASET, VOID.entities))) == 35


@pytest.mark.parametrize(
    ("partition", "key", "number", "text"),
    [
        (VOID.classPartition, VOID["class"], VOID.entities,
         "SELECT ?c (COUNT(DISTINCT ?s) AS ?n) { GRAPH ?g { ?s a ?c } } GROUP BY ?c"),
        (VOID.propertyPartition, VOID.property, VOID.triples,
         "SELECT ?p (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } } GROUP BY ?p"),
    ],
)  # fmt: skip
def test_partitions_equal_what_sparql_counts(
    described: Graph, counted: Store, partition: URIRef, key: URIRef, number: URIRef, text: str
) -> None:
    said = {
        str(described.value(part, key)): int(str(described.value(part, number)))
        for part in described.objects(DATASET, partition)
    }
    assert said == numbers(counted, text)
    assert len(said) > 20


def test_subsets_add_up(described: Graph) -> None:
    parts = [
        int(str(described.value(part, VOID.triples))) for part in described.objects(DATASET, VOID.subset)
    ]
    assert len(parts) == 5
    assert sum(parts) == int(str(described.value(DATASET, VOID.triples)))


def test_rights_notice_source_and_build_are_said(described: Graph) -> None:
    assert "publisher's" in str(described.value(DATASET, DCTERMS.rights))
    assert "not advice" in str(described.value(DATASET, DCTERMS.description))
    assert described.value(DATASET, DCTERMS.conformsTo) == URIRef("https://w3id.org/dress-kg/ontology")
    activity = described.value(DATASET, PROV.wasGeneratedBy)
    assert URIRef(terms.source("dress")) in set(described.objects(activity, PROV.used))
    assert str(described.value(DATASET, URIRef(f"{DCAT}version"))) == __version__


# What DCAT-AP 3.0.1 says of the classes that a description uses, in our words, read in SEMICeu/DCAT-AP,
# releases/3.0.1/html/shacl/{shapes,range}.ttl: class, property, least, most, what a value is. No registry has
# those files; `python -m benchmarks.dcat_ap FOLDER` runs them where they are at hand.
DCAT_AP: list[tuple[URIRef, URIRef, int, int | None, URIRef | str | None]] = [
    (DCAT.Catalog, DCTERMS.title, 1, None, "literal"),
    (DCAT.Catalog, DCTERMS.description, 1, None, "literal"),
    (DCAT.Catalog, DCTERMS.publisher, 1, 1, FOAF.Agent),
    (DCAT.Catalog, DCAT.dataset, 0, None, DCAT.Dataset),
    (DCAT.Dataset, DCTERMS.title, 1, None, "literal"),
    (DCAT.Dataset, DCTERMS.description, 1, None, "literal"),
    (DCAT.Dataset, DCTERMS.identifier, 0, None, "literal"),
    (DCAT.Dataset, URIRef(f"{DCAT}version"), 0, 1, "literal"),
    (DCAT.Dataset, DCTERMS.conformsTo, 0, None, DCTERMS.Standard),
    (DCAT.Dataset, DCAT.distribution, 0, None, DCAT.Distribution),
    (DCAT.Dataset, PROV.wasGeneratedBy, 0, None, PROV.Activity),
    (DCAT.Distribution, DCAT.accessURL, 1, None, "IRI"),
    (DCAT.Distribution, DCTERMS.title, 0, None, "literal"),
    (DCAT.Distribution, DCTERMS.description, 0, None, "literal"),
    (DCAT.Distribution, DCAT.mediaType, 0, 1, DCTERMS.MediaType),
    (FOAF.Agent, FOAF.name, 1, None, "literal"),
]


@pytest.mark.parametrize(
    "rule", DCAT_AP, ids=lambda rule: " ".join(str(rule[n]).rpartition("/")[2] for n in (0, 1))
)
def test_the_description_keeps_to_dcat_ap(
    described: Graph, rule: tuple[URIRef, URIRef, int, int | None, URIRef | str | None]
) -> None:
    kind, relation, least, most, value = rule
    nodes = set(described.subjects(RDF.type, kind))
    assert nodes
    for node in nodes:
        found = list(described.objects(node, relation))
        assert least <= len(found) <= (most or len(found)), node
        for each in found:
            assert isinstance(each, Literal if value == "literal" else URIRef)
            assert not isinstance(value, URIRef) or (each, RDF.type, value) in described


def test_each_format_has_its_distribution(described: Graph) -> None:
    distributions = list(described.objects(DATASET, DCAT.distribution))
    assert len(distributions) == 6
    assert {described.value(each, DCAT.accessURL) for each in distributions} == {DATASET}


def test_no_clock_time_and_the_same_twice(quads: set[Quad], described: Graph) -> None:
    assert not [o for o in described.objects() if "dateTime" in str(getattr(o, "datatype", ""))]
    bare = without_description(quads)
    assert bare | describe(bare) == quads
    assert describe(quads) == describe(bare)


def test_the_catalogue_of_queries_is_current() -> None:
    path, current = ROOT / "ontology/queries.ttl", turtle(list_queries())
    if os.environ.get("DRESS_KG_WRITE_EXPECTED") == "1":
        path.write_text(current, "utf-8")
    assert path.read_text("utf-8") == current, "DRESS_KG_WRITE_EXPECTED=1 pytest tests/test_dataset.py"


def test_the_catalogue_holds_every_query_with_its_text_and_parameters() -> None:
    graph = Graph(bind_namespaces="none").parse(ROOT / "ontology/queries.ttl")
    queries = list_queries()
    assert len(set(graph.subjects(RDF.type, SH.SPARQLExecutable))) == len(queries)
    for query in queries:
        node = URIRef(terms.stored_query(query.name))
        assert str(graph.value(node, SH.select)) == query.text
        names = {str(graph.value(part, SH.name)) for part in graph.objects(node, SH.parameter)}
        assert names == {parameter.name for parameter in query.parameters}
    assert len(catalogue(queries)) == len(graph)
