"""From the store to rdflib graphs that pySHACL can judge: one graph for each batch of evidence items.

A batch holds the items' own graphs, their assessments, their rows, and of every shared node they point
to (publication, agent, concept, cell) the few triples that shapes ask for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import pyoxigraph as ox
from rdflib import BNode, Graph, Literal, URIRef
from rdflib.term import Node

from dress_kg import terms
from dress_kg.validate.owner import Items, read_items
from dress_kg.validate.shape_graph import ShapeGraph

_DK = terms.ONTOLOGY
_TYPE = ox.NamedNode(terms.PREFIXES["rdf"] + "type")
_ASSESSES = ox.NamedNode(_DK + "assesses")
_ROW = ox.NamedNode(_DK + "row")
_CELL = ox.NamedNode(_DK + "cell")
_SHARED = frozenset(
    {
        _TYPE.value,
        terms.PREFIXES["rdfs"] + "subClassOf",
        terms.PREFIXES["skos"] + "inScheme",
        _DK + "field",
        _DK + "reportsOnPatients",
        _DK + "patientsAtMost",
    }
)


@dataclass(frozen=True, slots=True)
class Batch:
    """A graph for pySHACL. :ivar nodes: the subjects that belong to its items."""

    graph: Graph
    nodes: set[str] = field(default_factory=set)


def batches(store: ox.Store, size: int) -> Iterator[Batch]:
    """The items of a store, `size` at a time."""
    found = read_items(store)
    names = sorted(found.graphs)
    loose = _loose(store, found)
    for start in range(0, len(names), size):
        yield _batch(store, found, names[start : start + size], loose)


def shapes_to_rdflib(shapes: ShapeGraph) -> Graph:
    """The shapes graph as pySHACL takes it; blank nodes keep their labels."""
    graph, convert = Graph(bind_namespaces="none"), _Terms()
    for subject, predicate, value in shapes:
        graph.add((convert(subject), convert(predicate), convert(value)))
    return graph


class _Terms:
    """Oxigraph terms to rdflib terms, each IRI made once."""

    def __init__(self) -> None:
        self.iris: dict[str, URIRef] = {}

    def __call__(self, term: object) -> Node:
        if isinstance(term, ox.Literal):
            if term.language:
                return Literal(term.value, lang=term.language)
            return Literal(term.value, datatype=self.iri(term.datatype.value), normalize=False)
        if isinstance(term, ox.NamedNode):
            return self.iri(term.value)
        if isinstance(term, ox.BlankNode):
            return BNode(term.value)
        raise TypeError(term)

    def iri(self, value: str) -> URIRef:
        iri = self.iris.get(value)
        if iri is None:
            iri = self.iris[value] = URIRef(value)
        return iri


def _batch(store: ox.Store, found: Items, chosen: list[str], loose: dict[str, list[ox.NamedNode]]) -> Batch:
    batch, convert = Batch(Graph(bind_namespaces="none")), _Terms()
    add, pointed = batch.graph.add, set()
    for item in chosen:
        for quad in _quads(store, item, found, loose.get(item, [])):
            subject = convert(quad.subject)
            batch.nodes.add(str(subject))
            add((subject, convert(quad.predicate), convert(quad.object)))
            if isinstance(quad.object, ox.NamedNode):
                pointed.add(quad.object)
    seen = set(batch.nodes)
    while pointed:
        node = pointed.pop()
        if node.value in seen:
            continue
        seen.add(node.value)
        for quad in store.quads_for_pattern(node, None, None, None):
            if quad.predicate.value in _SHARED:
                add((convert(node), convert(quad.predicate), convert(quad.object)))
                if quad.predicate.value in _ABOUT_CLASSES and isinstance(quad.object, ox.NamedNode):
                    pointed.add(quad.object)
    return batch


_ABOUT_CLASSES = frozenset({_TYPE.value, terms.PREFIXES["rdfs"] + "subClassOf"})


def _loose(store: ox.Store, found: Items) -> dict[str, list[ox.NamedNode]]:
    """By item, the nodes of a default graph that stand under the item's IRI, be they linked or not."""
    loose: dict[str, list[ox.NamedNode]] = {}
    for quad in store.quads_for_pattern(None, _TYPE, None, ox.DefaultGraph()):
        item = found.above(quad.subject.value) if isinstance(quad.subject, ox.NamedNode) else None
        if item is not None and isinstance(quad.subject, ox.NamedNode):
            loose.setdefault(item, []).append(quad.subject)
    return loose


def _quads(store: ox.Store, item: str, found: Items, loose: list[ox.NamedNode]) -> Iterable[ox.Quad]:
    """The item's graph, its assessments and its row; in one default graph, what hangs on the item."""
    node, graph = ox.NamedNode(item), found.graphs[item]
    if isinstance(graph, ox.DefaultGraph):
        yield from _reachable(store, node, loose)
    else:
        yield from store.quads_for_pattern(None, None, None, graph)
    for quad in store.quads_for_pattern(None, _ASSESSES, node, None):
        yield from store.quads_for_pattern(quad.subject, None, None, None)
    for quad in store.quads_for_pattern(node, _ROW, None, None):
        if not isinstance(quad.object, ox.Literal | ox.Triple):
            yield from store.quads_for_pattern(quad.object, _TYPE, None, None)


def _reachable(store: ox.Store, node: ox.NamedNode, loose: list[ox.NamedNode]) -> Iterable[ox.Quad]:
    """The triples of a node and of the parts whose IRIs stand under its own, but for row and cells."""
    todo = [node, *loose]
    seen = {each.value for each in todo}
    while todo:
        for quad in store.quads_for_pattern(todo.pop(), None, None, None):
            yield quad
            target = quad.object
            if quad.predicate in (_ROW, _CELL) or not isinstance(target, ox.NamedNode):
                continue
            if target.value not in seen and target.value.startswith(node.value + "/"):
                seen.add(target.value)
                todo.append(target)
