"""The page of what has an IRI of ours and no page of its own kind: what is said of it, what points there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby, islice
from typing import TYPE_CHECKING

from dress_kg import terms
from dress_kg.pages.answer import in_words
from dress_kg.pages.described import described, shipped
from dress_kg.pages.layout import render
from dress_kg.pages.links import Links
from dress_kg.pages.sources import read_sources
from dress_kg.queries.running import labels
from dress_kg.render import curie

if TYPE_CHECKING:
    from pyoxigraph import Store, Triple

MOST = 200
"""Values of one property, and nodes that point here, that the page shows; the data have all."""


@dataclass(frozen=True, slots=True)
class Value:
    """A value. :ivar link: where it leads, None for text. :ivar kind: language or datatype, if it has one."""

    text: str
    link: str | None
    kind: str | None


@dataclass(frozen=True, slots=True)
class Property:
    """A property with its values. :ivar more: values that are not shown. :ivar iri: of the property."""

    label: str
    iri: str
    values: tuple[Value, ...]
    more: int


def node_page(store: Store, base: str, iri: str, links: Links) -> str | None:
    """The page of a node, None where nothing is known of it.

    :param base: of the data IRIs.
    """
    triples = described(store, base, iri)
    if not triples:
        return None
    own = [triple for triple in triples if getattr(triple.subject, "value", None) == iri] or list(triples)
    pointing = list(islice(_pointing(store, iri), MOST + 1))
    names = _names(store, [*own, *pointing], iri)
    return render(
        "node.html.jinja",
        links,
        title=names.get(iri) or curie(iri),
        sources=read_sources(store, base),
        iri=iri,
        properties=_properties(own, names, links),
        inverse=_inverse(pointing[:MOST], names, links),
        more_inverse=len(pointing) > MOST,
        parts=len(triples) - len(own),
    )


def _pointing(store: Store, iri: str) -> Iterable[Triple]:
    from pyoxigraph import NamedNode

    return (quad.triple for quad in store.quads_for_pattern(None, None, NamedNode(iri), None))


def _names(store: Store, triples: Iterable[Triple], iri: str) -> Mapping[str, str]:
    """Labels of all that is on the page: of the graph, else of the shipped vocabularies."""
    from pyoxigraph import NamedNode

    nodes = {iri} | {
        term.value
        for triple in triples
        for term in (triple.subject, triple.predicate, triple.object)
        if isinstance(term, NamedNode)
    }
    return {**labels(shipped(), nodes), **labels(store, nodes)}


def _properties(triples: Iterable[Triple], names: Mapping[str, str], links: Links) -> list[Property]:
    ordered = sorted(triples, key=lambda each: (_rank(each.predicate.value), str(each.object)))
    found = []
    for _, group in groupby(ordered, key=lambda each: each.predicate.value):
        same = list(group)
        predicate = same[0].predicate.value
        found.append(
            Property(
                label=names.get(predicate) or _plain(predicate),
                iri=predicate,
                values=tuple(_value(each.object, names, links) for each in same[:MOST]),
                more=max(len(same) - MOST, 0),
            )
        )
    return found


def _inverse(triples: Iterable[Triple], names: Mapping[str, str], links: Links) -> list[Property]:
    ordered = sorted(triples, key=lambda each: (each.predicate.value, str(each.subject)))
    return [
        Property(
            label=names.get(predicate) or _plain(predicate),
            iri=predicate,
            values=tuple(_value(each.subject, names, links) for each in group),
            more=0,
        )
        for predicate, group in groupby(ordered, key=lambda each: each.predicate.value)
    ]


def _plain(iri: str) -> str:
    """The last part of a property's IRI, in words."""
    return in_words(iri.rpartition("#")[2].rpartition("/")[2])


def _rank(predicate: str) -> tuple[int, str]:
    """Kind and names first, then the rest by name."""
    first = (
        terms.PREFIXES["rdf"] + "type",
        terms.PREFIXES["skos"] + "prefLabel",
        terms.PREFIXES["rdfs"] + "label",
    )
    return (first.index(predicate) if predicate in first else len(first)), predicate


def _value(term: object, names: Mapping[str, str], links: Links) -> Value:
    from pyoxigraph import Literal, NamedNode

    if isinstance(term, NamedNode):
        short = curie(term.value.removeprefix(links.base))
        return Value(names.get(term.value) or short, links.node(term.value), None)
    if isinstance(term, Literal):
        plain = term.datatype.value == terms.PREFIXES["xsd"] + "string"
        return Value(term.value, None, term.language or (None if plain else curie(term.datatype.value)))
    return Value(str(term), None, None)
