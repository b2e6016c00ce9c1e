"""The statements of a store as texts, in the order of our exports; memory holds a chunk of them.

The library dumps a graph several times as fast as it gives its quads one by one, and texts sort as they are.
A term is the text that N-Triples has for it. Subjects come as in the source: the source itself, each item
with its parts, its cells and selections last, then publications, concepts and what was derived. Of a subject
`rdf:type` comes first, then predicates and objects by code point.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from tempfile import SpooledTemporaryFile

from pyoxigraph import DefaultGraph, NamedNode, RdfFormat, Store

from dress_kg import terms
from dress_kg.export.quads import sorted_lines

Statement = tuple[str, str, str]
"""Subject, predicate and object."""

TYPE = f"<{terms.PREFIXES['rdf']}type>"
_PLACES = ("/source/", "/evidence/", "/publication/", "/vocab/")
_IN_MEMORY = 16_000_000
"""Bytes of a dumped graph kept in memory; more go through a temporary file."""
_BLOCK = 4_000_000
CHUNK = 100_000
"""Statements sorted in memory at a time."""


def graphs(store: Store) -> list[NamedNode | DefaultGraph]:
    """The graphs that hold something, the default graph first, the others by IRI."""
    default = DefaultGraph()
    found: list[NamedNode | DefaultGraph] = []
    if next(store.quads_for_pattern(None, None, None, default), None) is not None:
        found.append(default)
    return [*found, *sorted(store.named_graphs(), key=str)]  # type: ignore[list-item]


def statements_of(
    store: Store, graph: NamedNode | DefaultGraph, *, chunk: int = CHUNK
) -> Iterator[Statement]:
    """The statements of one graph, in order."""
    yield from _ordered(_dumped(store, graph), chunk)


def statements(store: Store, *, chunk: int = CHUNK) -> Iterator[Statement]:
    """The statements of all graphs, in order, each once."""
    yield from _ordered(chain.from_iterable(_dumped(store, graph) for graph in graphs(store)), chunk)


def quad_lines(store: Store) -> Iterator[str]:
    """The N-Quads of a store, line by line, in no order."""
    with SpooledTemporaryFile(max_size=_IN_MEMORY) as file:
        store.dump(file, RdfFormat.N_QUADS)
        for block in _blocks(file):
            yield from (f"{line}\n" for line in block)


def triple_lines(store: Store) -> Iterator[str]:
    """The N-Triples of all graphs, line by line; what several graphs say comes several times."""
    for graph in graphs(store):
        for block in _dumped(store, graph):
            yield from (f"{line}\n" for line in block)


def _dumped(store: Store, graph: NamedNode | DefaultGraph) -> Iterator[list[str]]:
    """The graph's N-Triples, some lines at a time."""
    with SpooledTemporaryFile(max_size=_IN_MEMORY) as file:
        store.dump(file, RdfFormat.N_TRIPLES, from_graph=graph)
        yield from _blocks(file)


def _blocks(file: SpooledTemporaryFile[bytes]) -> Iterator[list[str]]:
    """The file's lines without their ends, some at a time."""
    file.seek(0)
    while block := b"".join(file.readlines(_BLOCK)):
        # Only a line end ends a line; what else Python takes for one may stand in a literal.
        yield block.decode("utf-8").split("\n")[:-1]


def _ordered(blocks: Iterable[list[str]], chunk: int) -> Iterator[Statement]:
    for line in sorted_lines(_with_keys(blocks), chunk):
        _, subject, predicate, value = line.split("\t")
        yield subject, predicate or TYPE, value[:-1]


def _with_keys(blocks: Iterable[list[str]]) -> Iterator[str]:
    """Lines that sort as the statements should; tabs, which no term holds, come before all characters."""
    for block in blocks:
        places: dict[str, str] = {}
        for line in block:
            subject, predicate, value = line.split(" ", 2)
            place = places.get(subject)
            if place is None:
                place = places[subject] = place_of(subject)
            yield f"{place}\t{subject}\t{'' if predicate == TYPE else predicate}\t{value[:-2]}\n"


def place_of(subject: str) -> str:
    """What a subject is sorted by: `evidence/dress/a` before its parts, and those before its cells."""
    rank = next((n for n, place in enumerate(_PLACES) if place in subject), len(_PLACES))
    return f"{rank}{subject[1:].rstrip('>').replace('/cell/', '/~/')}"
