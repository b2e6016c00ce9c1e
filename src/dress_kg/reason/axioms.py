"""The axioms of the ontology one by one, and how an axiom or a fact reads in words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dress_kg.ontology import Triple

if TYPE_CHECKING:
    from rdflib import Graph
    from rdflib.term import Node


@dataclass(frozen=True, slots=True)
class Axiom:
    """An axiom with the blank nodes of its expressions. :ivar head: the triple it begins with."""

    head: Triple
    triples: tuple[Triple, ...]


def axioms(ontology: Graph) -> tuple[Axiom, ...]:
    """All axioms that can take part in a contradiction; declarations and annotations are none."""
    return tuple(sorted(_axioms(ontology), key=lambda axiom: str(axiom.head)))


def _axioms(ontology: Graph) -> Iterator[Axiom]:
    from rdflib import OWL, RDF, RDFS, BNode, URIRef

    relations = {
        RDFS.subClassOf, RDFS.subPropertyOf, RDFS.domain, RDFS.range, OWL.equivalentClass, OWL.disjointWith,
    }  # fmt: skip
    characters = {OWL.FunctionalProperty, OWL.SymmetricProperty, OWL.TransitiveProperty}
    classes = set(ontology.subjects(RDF.type, OWL.Class))
    for triple in ontology:
        subject, predicate, value = triple
        if predicate in relations:
            yield Axiom(triple, (triple, *_closure(ontology, subject), *_closure(ontology, value)))
        elif predicate != RDF.type:
            continue
        elif value in characters or (value in classes and isinstance(subject, URIRef)):
            yield Axiom(triple, (triple,))
        elif value == OWL.AllDisjointClasses and isinstance(subject, BNode):
            yield Axiom(triple, tuple(_closure(ontology, subject)))


def _closure(ontology: Graph, node: Node, seen: frozenset[Node] = frozenset()) -> Iterator[Triple]:
    """All that is said of a blank node, and of those it leads to."""
    from rdflib import RDFS, BNode

    if not isinstance(node, BNode) or node in seen:
        return
    for triple in ontology.triples((node, None, None)):
        if triple[1] != RDFS.subClassOf:
            yield triple
            yield from _closure(ontology, triple[2], seen | {node})


def sentence(axiom: Axiom, ontology: Graph) -> str:
    """An axiom in words.

    >>> from dress_kg.ontology import vocabulary
    >>> graph = vocabulary().graph
    >>> print(next(s for s in (sentence(a, graph) for a in axioms(graph)) if s.startswith("Mono")))
    MonotherapyEvidence and CombinationEvidence have no member in common
    """
    from rdflib import OWL, RDF, RDFS
    from rdflib.collection import Collection

    subject, predicate, value = axiom.head
    words: dict[Node, str] = {
        RDFS.subClassOf: "every {0} is {1}",
        RDFS.subPropertyOf: "{0} implies {1}",
        RDFS.domain: "only {1} has {0}",
        RDFS.range: "the value of {0} is {1}",
        OWL.equivalentClass: "{0} is defined as {1}",
        OWL.disjointWith: "{0} and {1} have no member in common",
        RDF.type: "{0} is {1}",
    }
    if value == OWL.AllDisjointClasses:
        members = ontology.value(subject, OWL.members)
        named = Collection(ontology, members) if members is not None else ()
        return "no two of these have a member in common: " + ", ".join(map(local, named))
    if value == OWL.FunctionalProperty:
        return f"{local(subject)} has at most one value"
    return words[predicate].format(_expression(subject, ontology), _expression(value, ontology))


def _expression(node: Node, ontology: Graph) -> str:
    """A class expression in the Manchester manner."""
    from rdflib import OWL, BNode
    from rdflib.collection import Collection

    if not isinstance(node, BNode):
        return local(node)
    for relation, joiner in ((OWL.intersectionOf, " and "), (OWL.unionOf, " or ")):
        parts = ontology.value(node, relation)
        if parts is not None:
            inner = (_expression(part, ontology) for part in Collection(ontology, parts))
            return f"({joiner.join(inner)})"
    on = local(ontology.value(node, OWL.onProperty))
    filler = ontology.value(node, OWL.someValuesFrom)
    if filler is not None:
        return f"({on} some {_expression(filler, ontology)})"
    return f"({on} value {local(ontology.value(node, OWL.hasValue))})"


def fact(triple: Triple) -> str:
    """A fact in words."""
    from rdflib import RDF

    subject, predicate, value = triple
    relation = "is a" if predicate == RDF.type else local(predicate)
    return f"{_data(subject)} {relation} {_data(value)}"


def _data(node: Node) -> str:
    """An IRI of ours without its base, another term as it is."""
    from rdflib import URIRef

    text = str(node)
    if not isinstance(node, URIRef):
        return repr(text)
    for mark in ("/ontology#", "/vocab/", "/evidence/", "/id/"):
        if mark in text:
            return text.partition(mark)[2]
    return text


def local(node: Node | None) -> str:
    """The last part of an IRI, a literal in quotes."""
    from rdflib import URIRef

    text = str(node)
    if not isinstance(node, URIRef):
        return repr(text)
    return text.rpartition("#")[2] if "#" in text else text.rpartition("/")[2]
