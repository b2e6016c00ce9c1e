"""Reading a store for a page: what is said of a node, over all named graphs.

A node is looked up by pattern, which is quick for one node; `rows` asks by SPARQL for what spans many.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import pyoxigraph as ox

from dress_kg import terms

Term: TypeAlias = "ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple"


def name(curie: str) -> ox.NamedNode:
    """The node of a prefixed name.

    >>> name("dk:agent").value
    'https://w3id.org/dress-kg/ontology#agent'

    :raises KeyError: the prefix is none of :data:`dress_kg.terms.PREFIXES`.
    """
    prefix, _, local = curie.partition(":")
    return ox.NamedNode(terms.PREFIXES[prefix] + local)


TYPE = name("rdf:type")
LABELS = ("skos:prefLabel", "rdfs:label", "dcterms:title")


@dataclass(frozen=True, slots=True)
class Graph:
    """A store as one graph. Values come without their doubles, in a fixed order."""

    store: ox.Store

    def objects(self, node: str | ox.NamedNode, predicate: str) -> list[Term]:
        """What stands behind a node's predicate (a prefixed name), sorted by text."""
        found = {
            quad.object for quad in self.store.quads_for_pattern(_node(node), name(predicate), None, None)
        }
        return sorted(found, key=str)

    def values(self, node: str | ox.NamedNode, predicate: str) -> list[str]:
        """The same as plain strings: IRIs or lexical forms."""
        return [_text(each) for each in self.objects(node, predicate)]

    def value(self, node: str | ox.NamedNode, predicate: str) -> str | None:
        """The first of them, None where there is none."""
        found = self.objects(node, predicate)
        return _text(found[0]) if found else None

    def subjects(self, predicate: str, node: str | ox.NamedNode) -> list[str]:
        """IRIs of the nodes that have this predicate and object, sorted."""
        quads = self.store.quads_for_pattern(None, name(predicate), _node(node), None)
        return sorted({quad.subject.value for quad in quads if isinstance(quad.subject, ox.NamedNode)})

    def types(self, node: str | ox.NamedNode) -> set[str]:
        """The IRIs of a node's classes."""
        return {_text(each) for each in self.objects(node, "rdf:type")}

    def label(self, node: str) -> str:
        """What a node is called, English or without a language first; else the end of its IRI."""
        for predicate in LABELS:
            named = [each for each in self.objects(node, predicate) if isinstance(each, ox.Literal)]
            if named:
                return min(
                    named, key=lambda each: ((each.language or "") not in ("", "en"), each.value)
                ).value
        return node.rstrip("/").rpartition("/")[2].rpartition("#")[2].replace("-", " ") or node

    def exists(self, node: str) -> bool:
        """Whether anything is said of the node."""
        return next(iter(self.store.quads_for_pattern(_node(node), None, None, None)), None) is not None


def _node(node: str | ox.NamedNode) -> ox.NamedNode:
    return node if isinstance(node, ox.NamedNode) else ox.NamedNode(node)


def _text(term: Term) -> str:
    return str(term) if isinstance(term, ox.Triple) else term.value


def last(iri: str | None) -> str | None:
    """The last part of an IRI, None of None.

    >>> last("https://w3id.org/dress-kg/vocab/direction/not-effective")
    'not-effective'
    """
    return iri.rpartition("/")[2] if iri else None
