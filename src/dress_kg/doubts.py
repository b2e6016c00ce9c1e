"""The terms that the ontology has and those it had: what a query or a file says that nobody can answer.

A misspelt term in a query is no error to an engine: it answers with no rows, which reads like "none".
Retired terms stand in `ontology/retired.ttl`, each with version, reason and replacement.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from dress_kg import terms
from dress_kg.errors import OntologyError
from dress_kg.queries.syntax import line_of, meaning
from dress_kg.resources import folder

_OWL, _DCT, _SKOS = terms.PREFIXES["owl"], terms.PREFIXES["dcterms"], terms.PREFIXES["skos"]
_KINDS = frozenset(_OWL + kind for kind in ("Class", "ObjectProperty", "DatatypeProperty"))


@dataclass(frozen=True, slots=True)
class Retired:
    """A term that was taken out of use.

    :ivar version: of the ontology that retired it. :ivar reason: why.
    :ivar replacement: the IRI that says the same now, or None where nothing does.
    """

    iri: str
    version: str
    reason: str
    replacement: str | None


@cache
def known() -> frozenset[str]:
    """The IRIs of the classes and properties that the ontology declares.

    :raises OntologyError: it does not parse.

    >>> "https://w3id.org/dress-kg/ontology#EvidenceItem" in known()
    True
    """
    said = _read(folder("ontology") / "dress-kg.ttl")
    ours = (iri for iri in said if iri.startswith(terms.ONTOLOGY))
    return frozenset(iri for iri in ours if _KINDS & set(said[iri].get(terms.PREFIXES["rdf"] + "type", ())))


@cache
def retired(file: Path | None = None) -> Mapping[str, Retired]:
    """The retired terms by IRI.

    :param file: None for the shipped list.
    :raises OntologyError: it does not parse, or an entry lacks its version or reason.

    >>> retired()["https://w3id.org/dress-kg/vocab/route/inhaled"].replacement
    'https://w3id.org/dress-kg/vocab/route/inhalation'
    """
    path = file or folder("ontology") / "retired.ttl"
    found = {}
    for iri, said in _read(path).items():
        version, reason = said.get(_OWL + "versionInfo"), said.get(_SKOS + "changeNote")
        if not (said.get(_OWL + "deprecated") == ["true"] and version and reason):
            raise OntologyError(
                "a retired term says owl:deprecated true, owl:versionInfo and skos:changeNote",
                file=path,
                value=iri,
                remedy="add what is missing",
            )
        replacement = next(iter(said.get(_DCT + "isReplacedBy", ())), None)
        found[iri] = Retired(iri, version[0], reason[0], replacement)
    return found


def _read(path: Path) -> dict[str, dict[str, list[str]]]:
    """Values by subject and predicate, of named subjects."""
    from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, parse

    said: dict[str, dict[str, list[str]]] = {}
    try:
        for quad in parse(path=str(path), format=RdfFormat.TURTLE):
            if isinstance(quad.subject, NamedNode) and isinstance(
                quad.object, NamedNode | Literal | BlankNode
            ):
                values = said.setdefault(quad.subject.value, {}).setdefault(quad.predicate.value, [])
                values.append(quad.object.value)
    except (SyntaxError, OSError) as error:
        raise OntologyError(f"the file of terms cannot be read ({error})", file=path) from error
    return said


def doubts(query: str) -> tuple[str, ...]:
    """What a query text says with terms that the ontology does not have, or has no longer; one sentence each.

    >>> doubts("PREFIX dk: <https://w3id.org/dress-kg/ontology#> SELECT * { ?i dk:strategi ?s }")
    ('line 1: the ontology has no dk:strategi; did you mean dk:strategy?',)
    """
    told: dict[str, str] = {}
    for printed, iri, line in _named(query):
        if iri in told:
            continue
        if iri in retired():
            told[iri] = f"line {line}: {printed} was {_history(retired()[iri])}"
        elif iri.startswith(terms.ONTOLOGY) and iri != terms.ONTOLOGY and iri not in known():
            told[iri] = f"line {line}: the ontology has no {printed}{_near(iri)}"
    return tuple(told.values())


def _history(term: Retired) -> str:
    instead = f"; use {_short(term.replacement)}" if term.replacement else ""
    return f"retired in version {term.version}{instead} ({term.reason})"


def _near(iri: str) -> str:
    local = iri.removeprefix(terms.ONTOLOGY)
    names = sorted(name.removeprefix(terms.ONTOLOGY) for name in known())
    near = difflib.get_close_matches(local, names, n=1, cutoff=0.6)
    return f"; did you mean dk:{near[0]}?" if near else ""


def _short(iri: str) -> str:
    for prefix, space in (("dk", terms.ONTOLOGY), ("dkv", terms.VOCABULARY)):
        if iri.startswith(space) and "/" not in iri.removeprefix(space):
            return f"{prefix}:{iri.removeprefix(space)}"
    return f"<{iri}>"


def _named(query: str) -> Iterator[tuple[str, str, int]]:
    """Each name in a query: as printed, its IRI, its line; declarations of prefixes left out."""
    found = meaning(query)
    prefixes: dict[str, str] = {}
    declared: set[int] = set()
    for word, name, iri in zip(found, found[1:], found[2:], strict=False):
        if word.text.upper() == "PREFIX" and name.kind == "pname" and iri.kind == "iri":
            prefixes[name.text.removesuffix(":")] = iri.text[1:-1]
            declared |= {name.start, iri.start}
    for token in found:
        if token.start in declared:
            continue
        if token.kind == "iri":
            yield token.text, token.text[1:-1], line_of(query, token.start)
        elif token.kind == "pname":
            prefix, _, local = token.text.rstrip(".").partition(":")
            if prefix in prefixes:
                local = local.replace("\\", "")
                yield f"{prefix}:{local}", prefixes[prefix] + local, line_of(query, token.start)
