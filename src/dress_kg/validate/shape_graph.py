"""A shapes graph in memory: its triples by subject and by predicate, read by pyoxigraph."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeAlias

import pyoxigraph as ox

from dress_kg import terms

Term: TypeAlias = ox.NamedNode | ox.BlankNode | ox.Literal
Node: TypeAlias = ox.NamedNode | ox.BlankNode

_RDF = terms.PREFIXES["rdf"]
TYPE = ox.NamedNode(_RDF + "type")
FIRST = ox.NamedNode(_RDF + "first")
_REST = ox.NamedNode(_RDF + "rest")
_NIL = ox.NamedNode(_RDF + "nil")
SHACL = terms.PREFIXES["sh"]


def sh(name: str) -> ox.NamedNode:
    """A term of SHACL.

    >>> sh("path").value
    'http://www.w3.org/ns/shacl#path'
    """
    return ox.NamedNode(SHACL + name)


class ShapeGraph:
    """Triples that do not change; blank nodes keep their labels, so that results can name them."""

    def __init__(self, triples: Iterable[ox.Triple]) -> None:
        self._of: dict[Node, dict[ox.NamedNode, list[Term]]] = {}
        for triple in triples:
            if isinstance(triple.subject, ox.Triple) or isinstance(triple.object, ox.Triple):
                continue  # a quoted triple says nothing in SHACL
            values = self._of.setdefault(triple.subject, {}).setdefault(triple.predicate, [])
            if triple.object not in values:
                values.append(triple.object)

    def __iter__(self) -> Iterator[tuple[Node, ox.NamedNode, Term]]:
        """Subject, predicate and object of each triple."""
        for subject, pairs in self._of.items():
            for predicate, values in pairs.items():
                for value in values:
                    yield subject, predicate, value

    def __contains__(self, node: object) -> bool:
        """Whether the node is the subject of a triple."""
        return node in self._of

    def predicates(self, subject: Node) -> Iterator[ox.NamedNode]:
        """What is said of the node, each predicate once."""
        yield from self._of.get(subject, ())

    def objects(self, subject: Node, predicate: ox.NamedNode) -> tuple[Term, ...]:
        """The values of a predicate, in the order of the file."""
        return tuple(self._of.get(subject, {}).get(predicate, ()))

    def value(self, subject: Node, predicate: ox.NamedNode) -> Term | None:
        """The first of these values."""
        return next(iter(self.objects(subject, predicate)), None)

    def subjects(self, predicate: ox.NamedNode, value: Term | None = None) -> Iterator[Node]:
        """The nodes that have the predicate (with this value, where one is given)."""
        for subject, pairs in self._of.items():
            if predicate in pairs and (value is None or value in pairs[predicate]):
                yield subject

    def items(self, head: Term) -> tuple[Term, ...] | None:
        """The members of an RDF list; None where it is no well-formed one."""
        found: list[Term] = []
        seen: set[Term] = set()
        while head != _NIL:
            if isinstance(head, ox.Literal) or head in seen:
                return None
            seen.add(head)
            first, rest = self.objects(head, FIRST), self.objects(head, _REST)
            if len(first) != 1 or len(rest) != 1:
                return None
            found.append(first[0])
            head = rest[0]
        return tuple(found)

    def without(self, dropped: frozenset[Node], predicates: frozenset[ox.NamedNode]) -> ShapeGraph:
        """This graph without what these predicates say of these nodes."""
        return ShapeGraph(ox.Triple(s, p, o) for s, p, o in self if s not in dropped or p not in predicates)
