"""Turtle and TriG: grouped by subject, with prefixes, in one order.

The library writes the syntax; here the statements are put in order first, since its store has another
order and would repeat subjects. `rdf:type` comes first, then predicates and objects by code point.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import IO

from pyoxigraph import DefaultGraph, NamedNode, Quad, RdfFormat, Store, Triple, serialize

from dress_kg import terms

_TYPE = NamedNode(terms.PREFIXES["rdf"] + "type")


def write_turtle(store: Store, out: IO[bytes]) -> None:
    """Write the triples of all graphs, each once."""
    serialize(_by_subject(store), out, RdfFormat.TURTLE, prefixes=terms.PREFIXES)
    _flush_empty(store, out)


def write_trig(store: Store, out: IO[bytes]) -> None:
    """Write the quads, graph by graph, the default graph first."""
    serialize(_by_graph(store), out, RdfFormat.TRIG, prefixes=terms.PREFIXES)
    _flush_empty(store, out)


def turtle_of_triples(triples: Iterable[Triple]) -> bytes:
    """The triples as Turtle, in the same order."""
    ordered = sorted(set(triples), key=_triple_key)
    return serialize(ordered, format=RdfFormat.TURTLE, prefixes=terms.PREFIXES) or b""


def graphs(store: Store) -> list[NamedNode | DefaultGraph]:
    """The graphs that hold something, the default graph first, the others by IRI."""
    default = DefaultGraph()
    found: list[NamedNode | DefaultGraph] = []
    if next(store.quads_for_pattern(None, None, None, default), None) is not None:
        found.append(default)
    return [*found, *sorted(store.named_graphs(), key=str)]  # type: ignore[list-item]


def quads_of(store: Store, graph: NamedNode | DefaultGraph) -> list[Quad]:
    """The quads of one graph, by subject, `rdf:type` first, then by predicate and object."""
    return sorted(store.quads_for_pattern(None, None, None, graph), key=lambda quad: _triple_key(quad.triple))


def _by_graph(store: Store) -> Iterator[Quad]:
    for graph in graphs(store):
        yield from quads_of(store, graph)


def _by_subject(store: Store) -> Iterator[Triple]:
    """Memory holds the subjects, and the triples of one of them."""
    for subject in sorted({quad.subject for quad in store}, key=str):
        about = {quad.triple for quad in store.quads_for_pattern(subject, None, None, None)}
        yield from sorted(about, key=_triple_key)


def _triple_key(triple: Triple) -> tuple[str, str, str]:
    predicate = "" if triple.predicate == _TYPE else str(triple.predicate)
    return str(triple.subject), predicate, str(triple.object)


def _flush_empty(store: Store, out: IO[bytes]) -> None:
    """An empty graph is a file that says so, not a file without a byte."""
    if len(store) == 0:
        out.write(b"# The graph is empty.\n")
