"""From the store to rdflib graphs that pySHACL can judge: one graph for each batch of evidence items.

A batch holds the items' own graphs, their assessments, their rows, and of every shared node they point
to (publication, agent, concept, cell) the few triples that shapes ask for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import pyoxigraph as ox
from rdflib import Graph, Literal, URIRef
from rdflib.term import Node

from dress_kg import terms

_DK = terms.ONTOLOGY
_TYPE = ox.NamedNode(terms.PREFIXES["rdf"] + "type")
_ITEM = ox.NamedNode(_DK + "EvidenceItem")
_ASSESSES = ox.NamedNode(_DK + "assesses")
_ROW = ox.NamedNode(_DK + "row")
_CELL = ox.NamedNode(_DK + "cell")
_SHARED = frozenset(
    {
        _TYPE.value,
        terms.PREFIXES["skos"] + "inScheme",
        _DK + "field",
        _DK + "reportsOnPatients",
        _DK + "patientsAtMost",
    }
)


@dataclass(frozen=True, slots=True)
class Batch:
    """A graph for pySHACL. :ivar item_of: the evidence item that each node of it belongs to."""

    graph: Graph
    item_of: dict[str, str] = field(default_factory=dict)


def items(store: ox.Store) -> dict[str, ox.NamedNode | ox.DefaultGraph]:
    """The evidence items of a store with their graphs, sorted."""
    found = {
        quad.subject.value: quad.graph_name
        for quad in store.quads_for_pattern(None, _TYPE, _ITEM, None)
        if isinstance(quad.subject, ox.NamedNode) and not isinstance(quad.graph_name, ox.BlankNode)
    }
    return dict(sorted(found.items()))


def batches(store: ox.Store, size: int) -> Iterator[Batch]:
    """The items of a store, `size` at a time."""
    found = list(items(store).items())
    for start in range(0, len(found), size):
        yield _batch(store, found[start : start + size])


class _Terms:
    """Oxigraph terms to rdflib terms, each IRI made once."""

    def __init__(self) -> None:
        self.iris: dict[str, URIRef] = {}

    def __call__(self, term: object) -> Node:
        if isinstance(term, ox.Literal):
            if term.language:
                return Literal(term.value, lang=term.language)
            return Literal(term.value, datatype=self.iri(term.datatype.value), normalize=False)
        if isinstance(term, ox.NamedNode | ox.BlankNode):
            return self.iri(term.value)
        raise TypeError(term)

    def iri(self, value: str) -> URIRef:
        iri = self.iris.get(value)
        if iri is None:
            iri = self.iris[value] = URIRef(value)
        return iri


def _batch(store: ox.Store, chosen: list[tuple[str, ox.NamedNode | ox.DefaultGraph]]) -> Batch:
    batch, convert = Batch(Graph(bind_namespaces="none")), _Terms()
    add, pointed = batch.graph.add, set()
    for item, graph in chosen:
        for quad in _quads(store, item, graph):
            subject = convert(quad.subject)
            batch.item_of[str(subject)] = item
            add((subject, convert(quad.predicate), convert(quad.object)))
            if isinstance(quad.object, ox.NamedNode):
                pointed.add(quad.object)
    for node in pointed:
        if node.value not in batch.item_of:
            for quad in store.quads_for_pattern(node, None, None, None):
                if quad.predicate.value in _SHARED:
                    add((convert(node), convert(quad.predicate), convert(quad.object)))
    return batch


def _quads(store: ox.Store, item: str, graph: ox.NamedNode | ox.DefaultGraph) -> Iterable[ox.Quad]:
    """The item's graph, its assessments and its row; in one default graph, what hangs on the item."""
    node = ox.NamedNode(item)
    if isinstance(graph, ox.DefaultGraph):
        yield from _reachable(store, node)
    else:
        yield from store.quads_for_pattern(None, None, None, graph)
    for quad in store.quads_for_pattern(None, _ASSESSES, node, None):
        yield from store.quads_for_pattern(quad.subject, None, None, None)
    for quad in store.quads_for_pattern(node, _ROW, None, None):
        if not isinstance(quad.object, ox.Literal | ox.Triple):
            yield from store.quads_for_pattern(quad.object, _TYPE, None, None)


def _reachable(store: ox.Store, node: ox.NamedNode) -> Iterable[ox.Quad]:
    """The triples of a node and of the parts whose IRIs stand under its own, but for row and cells."""
    todo, seen = [node], {node.value}
    while todo:
        for quad in store.quads_for_pattern(todo.pop(), None, None, None):
            yield quad
            target = quad.object
            if quad.predicate in (_ROW, _CELL) or not isinstance(target, ox.NamedNode):
                continue
            if target.value not in seen and target.value.startswith(node.value + "/"):
                seen.add(target.value)
                todo.append(target)
