"""Read a SKOS vocabulary of ours (`ontology/vocab/*.ttl`) into plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from pyoxigraph import Literal, NamedNode, RdfFormat, parse

from dress_kg import terms
from dress_kg.errors import OntologyError

_SKOS = terms.PREFIXES["skos"]
_TYPE = terms.PREFIXES["rdf"] + "type"


@dataclass(frozen=True, slots=True)
class Concept:
    """A concept of one of our vocabulary files.

    :ivar id: the last part of its IRI. :ivar names: its preferred label, then its synonyms.
    :ivar types: IRIs of its classes. :ivar broader: ids.
    :ivar facts: values of our own properties (`organName`, `virus`, `routeName`) by local name.
    """

    id: str
    label: str
    names: tuple[str, ...]
    types: frozenset[str]
    broader: tuple[str, ...]
    facts: Mapping[str, str]


@lru_cache(maxsize=8)
def read_concepts(path: Path) -> tuple[Concept, ...]:
    """The concepts of a SKOS file in Turtle, in the order of their ids.

    :raises OntologyError: a concept without a preferred label, or outside our vocabulary namespace.
    """
    found: dict[str, dict[str, list[str]]] = {}
    for triple in parse(path=path, format=RdfFormat.TURTLE):
        subject, value = triple.subject, triple.object
        if isinstance(subject, NamedNode) and isinstance(value, NamedNode | Literal):
            found.setdefault(subject.value, {}).setdefault(triple.predicate.value, []).append(value.value)
    concepts = []
    for iri, facts in sorted(found.items()):
        if _SKOS + "Concept" not in facts.get(_TYPE, []):
            continue
        labels = facts.get(_SKOS + "prefLabel", [])
        if len(labels) != 1 or not iri.startswith(terms.VOCABULARY):
            raise OntologyError(
                "a concept needs one preferred label and an IRI of our vocabulary",
                file=path,
                value=iri,
                remedy=f"give it one skos:prefLabel and an IRI under {terms.VOCABULARY}",
            )
        concepts.append(
            Concept(
                iri.removeprefix(terms.VOCABULARY),
                labels[0],
                (labels[0], *facts.get(_SKOS + "altLabel", ())),
                frozenset(facts[_TYPE]),
                tuple(sorted(b.removeprefix(terms.VOCABULARY) for b in facts.get(_SKOS + "broader", ()))),
                {
                    k.removeprefix(terms.ONTOLOGY): v[0]
                    for k, v in facts.items()
                    if k.startswith(terms.ONTOLOGY)
                },
            )
        )
    return tuple(concepts)
