"""Turtle and TriG: grouped by subject, with prefixes, in one order.

The library writes the syntax; here the statements are put in order first, since its store has another
order and would repeat subjects: the source, then each item with its parts, its cells and selections last,
then publications, concepts and what was derived. `rdf:type` comes first, then predicates and objects by
code point. A blank line stands before each subject.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from typing import IO, Any, cast

from pyoxigraph import DefaultGraph, NamedNode, Quad, RdfFormat, Store, Triple, serialize

from dress_kg import terms
from dress_kg.report import NOTICE

_SCHEMES = (
    "basis context direction interval kind line line-kind operator organ per role route severity sign".split()
)
PREFIXES = terms.PREFIXES | {scheme: f"{terms.VOCABULARY}{scheme}/" for scheme in _SCHEMES}
"""With one for each scheme: a slash in a local name would have to be escaped."""

_PLACES = ("/source/", "/evidence/", "/publication/", "/vocab/")
_TYPE = NamedNode(terms.PREFIXES["rdf"] + "type")


def write_turtle(store: Store, out: IO[bytes]) -> None:
    """Write the triples of all graphs, each once."""
    _headed(out)
    serialize(_by_subject(store), cast("IO[bytes]", _Spaced(out)), RdfFormat.TURTLE, prefixes=PREFIXES)
    _flush_empty(store, out)


def write_trig(store: Store, out: IO[bytes]) -> None:
    """Write the quads, graph by graph, the default graph first."""
    _headed(out)
    serialize(_by_graph(store), out, RdfFormat.TRIG, prefixes=PREFIXES)
    _flush_empty(store, out)


def turtle_of_triples(triples: Iterable[Triple]) -> bytes:
    """The triples as Turtle, in the same order."""
    ordered = sorted(set(triples), key=_triple_key)
    return serialize(ordered, format=RdfFormat.TURTLE, prefixes=PREFIXES) or b""


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
    for subject in sorted({quad.subject for quad in store}, key=lambda node: _place(str(node))):
        about = {quad.triple for quad in store.quads_for_pattern(subject, None, None, None)}
        yield from sorted(about, key=_triple_key)


def _triple_key(triple: Triple) -> tuple[str, str, str]:
    predicate = "" if triple.predicate == _TYPE else str(triple.predicate)
    return _place(str(triple.subject)), predicate, str(triple.object)


def _place(subject: str) -> str:
    """What a subject is sorted by: `evidence/dress/a` before its parts, and those before its cells."""
    rank = next((n for n, place in enumerate(_PLACES) if place in subject), len(_PLACES))
    return f"{rank}{subject[1:].rstrip('>').replace('/cell/', '/~/')}"


class _Spaced(io.BufferedIOBase):
    """Passes Turtle on, with a blank line before each subject.

    The library writes a line end inside no literal, so a line that does not begin with a blank or a prefix
    begins a subject.
    """

    def __init__(self, out: IO[bytes]) -> None:
        super().__init__()
        self._out = out
        self._rest = b""

    def write(self, data: Any) -> int:
        """Pass on the whole lines of what has come so far."""
        lines = (self._rest + bytes(data)).split(b"\n")
        self._rest = lines.pop()
        for line in lines:
            if line and line[:1] not in (b"\t", b" ", b"@", b"#"):
                self._out.write(b"\n")
            self._out.write(line + b"\n")
        return len(data)

    def flush(self) -> None:
        """Pass on what is left."""
        self._out.write(self._rest)
        self._rest = b""
        self._out.flush()


def _headed(out: IO[bytes]) -> None:
    out.write(f"# {NOTICE}\n".encode())


def _flush_empty(store: Store, out: IO[bytes]) -> None:
    """An empty graph is a file that says so, not a file without a byte."""
    if len(store) == 0:
        out.write(b"# The graph is empty.\n")
