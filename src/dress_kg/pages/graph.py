"""Reading a store for a page: what is said of a node, over all named graphs.

A node is looked up by pattern, which is quick for one node; `rows` asks by SPARQL for what spans many.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import TypeAlias

import pyoxigraph as ox

from dress_kg import terms

Term: TypeAlias = "ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple"


@cache
def name(curie: str) -> ox.NamedNode:
    """The node of a prefixed name.

    >>> name("dk:agent").value
    'https://w3id.org/dress-kg/ontology#agent'

    :raises KeyError: the prefix is none of :data:`dress_kg.terms.PREFIXES`.
    """
    prefix, _, local = curie.partition(":")
    return ox.NamedNode(terms.PREFIXES[prefix] + local)


LABELS = ("skos:prefLabel", "rdfs:label", "dcterms:title")


@dataclass(frozen=True, slots=True)
class Node:
    """What is said of one node.

    :ivar said: its objects by the IRI of their predicate, without doubles.
    """

    iri: str
    said: Mapping[str, tuple[Term, ...]]

    def objects(self, predicate: str) -> tuple[Term, ...]:
        """What stands behind a predicate (a prefixed name), sorted by text."""
        return self.said.get(name(predicate).value, ())

    def all(self, predicate: str) -> tuple[str, ...]:
        """The same as plain strings: IRIs or lexical forms."""
        return tuple(map(text_of, self.objects(predicate)))

    def one(self, predicate: str) -> str | None:
        """The first of them, None where there is none."""
        found = self.objects(predicate)
        return text_of(found[0]) if found else None

    def whole(self, predicate: str) -> int | None:
        """The first of them as a whole number; None where there is none, or it is no number."""
        value = self.number(predicate)
        return None if value is None else int(value)

    def number(self, predicate: str) -> Decimal | None:
        """The first of them as a number; None where there is none, or it is no number."""
        try:
            value = Decimal(self.one(predicate) or "")
        except InvalidOperation:
            return None
        return value if value.is_finite() else None

    def true(self, predicate: str) -> bool:
        """Whether the first of them says so."""
        return self.one(predicate) in ("true", "1")

    def a(self, kind: str) -> bool:
        """Whether the node is of a class (a prefixed name)."""
        return name(kind).value in self.all("rdf:type")

    @property
    def label(self) -> str:
        """What the node is called, English or without a language first; else the end of its IRI."""
        for predicate in LABELS:
            named = [each for each in self.objects(predicate) if isinstance(each, ox.Literal)]
            if named:
                return min(named, key=_english_first).value
        end = self.iri.rstrip("/").rpartition("/")[2].rpartition("#")[2]
        return end.replace("-", " ") or self.iri


@dataclass(frozen=True, slots=True)
class Graph:
    """A store as one graph."""

    store: ox.Store

    def node(self, iri: str) -> Node:
        """What is said of a node; nothing, where nothing is."""
        said: dict[str, set[Term]] = defaultdict(set)
        for quad in self.store.quads_for_pattern(ox.NamedNode(iri), None, None, None):
            said[quad.predicate.value].add(quad.object)
        return Node(iri, {predicate: tuple(sorted(found, key=str)) for predicate, found in said.items()})

    def subjects(self, predicate: str, iri: str, within: str | None = None) -> list[str]:
        """IRIs of the nodes that have this predicate (a prefixed name) and object, sorted.

        :param within: the named graph that says so; None for any.
        """
        graph = ox.NamedNode(within) if within else None
        quads = self.store.quads_for_pattern(None, name(predicate), ox.NamedNode(iri), graph)
        return sorted({quad.subject.value for quad in quads if isinstance(quad.subject, ox.NamedNode)})

    def label(self, iri: str) -> str:
        """What a node is called."""
        return self.node(iri).label

    def exists(self, iri: str) -> bool:
        """Whether anything is said of the node."""
        return next(iter(self.store.quads_for_pattern(ox.NamedNode(iri), None, None, None)), None) is not None


def _english_first(text: ox.Literal) -> tuple[bool, str]:
    return (text.language or "en") != "en", text.value


def text_of(term: Term) -> str:
    """A term as a plain string: IRI or lexical form."""
    return str(term) if isinstance(term, ox.Triple) else term.value


def last(iri: str | None) -> str | None:
    """The last part of an IRI, None of None.

    >>> last("https://w3id.org/dress-kg/vocab/direction/not-effective")
    'not-effective'
    """
    return iri.rpartition("/")[2] if iri else None
