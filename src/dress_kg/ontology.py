"""The ontology as triples and as owlready2 classes, and the facts of a graph that OWL can reason over.

This is the only module that knows owlready2's loading; the reasoners take the triples that it prepares.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dress_kg import terms
from dress_kg.errors import MissingPartError, OntologyError
from dress_kg.resources import folder

if TYPE_CHECKING:
    from pyoxigraph import Quad
    from rdflib import Graph
    from rdflib.term import Node

Triple = tuple["Node", "Node", "Node"]

_PATIENTS = terms.ONTOLOGY + "patients"
_TRACE = frozenset({"selection", "unread", "cell", "row", "curation", "verbatim"})
"""Where a fact was read: not reasoned over, and most of the quads."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The ontology as parsed, with the sets that decide what is a fact for OWL.

    :ivar graph: the whole file. :ivar version: its version IRI.
    :ivar logic: what of it a reasoner needs: no labels, definitions, examples, sources and other annotations.
    :ivar things: properties between things. :ivar values: properties with literal values.
    :ivar classes: all named classes. :ivar defined: classes of evidence items that a reasoner fills.
    """

    graph: Graph
    version: str
    logic: tuple[Triple, ...]
    things: frozenset[str]
    values: frozenset[str]
    classes: frozenset[str]
    defined: frozenset[str]


@cache
def vocabulary() -> Vocabulary:
    """The shipped ontology.

    :raises OntologyError: it does not parse.
    """
    from rdflib import OWL, RDF, Graph, URIRef

    path = folder("ontology") / "dress-kg.ttl"
    graph = Graph(bind_namespaces="none")
    try:
        graph.parse(path)
    except (SyntaxError, ValueError) as error:
        raise OntologyError(f"the ontology does not parse ({error})", file=path) from error

    def named(kind: Node) -> frozenset[str]:
        return frozenset(str(s) for s in graph.subjects(RDF.type, kind) if isinstance(s, URIRef))

    version = str(graph.value(URIRef(terms.ONTOLOGY.rstrip("#")), OWL.versionIRI))
    return Vocabulary(
        graph,
        version,
        tuple(_logic(graph)),
        named(OWL.ObjectProperty),
        named(OWL.DatatypeProperty),
        named(OWL.Class),
        frozenset(_defined(graph)),
    )


def _logic(graph: Graph) -> Iterator[Triple]:
    """The triples without annotations: more than half of them, and each costs a reasoner time."""
    from rdflib import OWL, RDF, RDFS

    notes = {*graph.subjects(RDF.type, OWL.AnnotationProperty), RDFS.label, RDFS.isDefinedBy, OWL.versionInfo}
    for subject, predicate, value in graph:
        if predicate not in notes and subject not in notes:
            yield subject, predicate, value


def _defined(graph: Graph) -> Iterator[str]:
    """Named classes that are an intersection with the class of evidence items."""
    from rdflib import OWL, URIRef
    from rdflib.collection import Collection

    item = URIRef(terms.ONTOLOGY + "EvidenceItem")
    for cls, expression in graph.subject_objects(OWL.equivalentClass):
        parts = graph.value(expression, OWL.intersectionOf)
        if parts is not None and item in Collection(graph, parts):
            yield str(cls)


def facts(quads: Iterable[Quad]) -> Iterator[tuple[Triple, str]]:
    """What of these quads OWL can reason over, as rdflib triples, each with the graph it stands in.

    The facts of items, assessments and shared nodes, in terms of the ontology; not where they were read,
    the source's lines, quality findings, or what was derived from them. A harm that a row denies ("no
    mortality", in 0 patients) did not happen: an item does not have it.
    """
    from pyoxigraph import Literal, NamedNode
    from rdflib import RDF, URIRef
    from rdflib import Literal as RdfLiteral

    known = vocabulary()
    left_out = frozenset(terms.ONTOLOGY + name for name in _TRACE)
    skipped = ("/source", "/quality", "/inferred", "/dataset")
    quads = tuple(quads)
    none = Literal("0", datatype=NamedNode(terms.PREFIXES["xsd"] + "integer"))
    denied = {quad.subject for quad in quads if quad.predicate.value == _PATIENTS and quad.object == none}
    for quad in quads:
        graph, predicate, value = str(quad.graph_name)[1:-1], quad.predicate.value, quad.object
        if (
            not isinstance(quad.subject, NamedNode)
            or graph.endswith(skipped)
            or "/cell/" in quad.subject.value  # a selection: where a fact was read
            or value in denied
        ):
            continue
        subject, relation = URIRef(quad.subject.value), URIRef(predicate)
        if predicate == str(RDF.type):
            if isinstance(value, NamedNode) and value.value in known.classes:
                yield (subject, relation, URIRef(value.value)), graph
        elif predicate in known.things and predicate not in left_out:
            if isinstance(value, NamedNode):
                yield (subject, relation, URIRef(value.value)), graph
        elif predicate in known.values and predicate not in left_out and isinstance(value, Literal):
            datatype = URIRef(value.datatype.value)
            plain = RdfLiteral(value.value, datatype=datatype, normalize=False)
            yield (subject, relation, RdfLiteral(value.value) if value.language else plain), graph


def owl_classes(graph: Path | None = None) -> Any:
    """The ontology as an owlready2 ontology, whose classes and properties are Python attributes.

    `owl_classes().EvidenceItem` is a Python class. With a build's folder its items are there too, as
    instances: `owl_classes(Path("out")).EvidenceItem.instances()[0].strategy`.

    :param graph: a build's folder (`dress-kg build --out DIR`), or None for the ontology alone.
    :raises MissingPartError: owlready2 is not installed.
    :raises StoreError: there is no build in that folder.
    """
    triples = set(vocabulary().graph)
    if graph is not None:
        from dress_kg.store import open_build

        triples |= {triple for triple, _ in facts(open_build(graph).store())}
    return load_owl(triples)


def load_owl(triples: Iterable[Triple]) -> Any:
    """These triples in an owlready2 world of their own.

    :raises MissingPartError: owlready2 is not installed.
    """
    try:
        import owlready2
    except ImportError as error:
        raise missing("owlready2") from error
    with tempfile.TemporaryDirectory(prefix="dress-kg-owl-") as place:
        # owlready2 reads Turtle without an error and finds no class in it: N-Triples it is.
        path = Path(place) / "ontology.nt"
        write_ntriples(triples, path)
        world = owlready2.World()
        loaded = world.get_ontology(path.as_uri()).load(only_local=True)
    if not list(world.classes()):
        raise OntologyError("owlready2 found no class", file=folder("ontology") / "dress-kg.ttl")
    return loaded.get_namespace(terms.ONTOLOGY)


def write_ntriples(triples: Iterable[Triple], path: Path) -> None:
    """Write triples as N-Triples."""
    from rdflib import Graph

    graph = Graph(bind_namespaces="none")
    for triple in triples:
        graph.add(triple)
    graph.serialize(path, format="nt", encoding="utf-8")


def missing(part: str) -> MissingPartError:
    """The error that an optional part of reasoning is absent."""
    return MissingPartError(f"reasoning needs {part}", remedy="pip install 'dress-kg[reason]'")
