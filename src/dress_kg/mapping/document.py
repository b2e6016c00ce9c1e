"""An RML document as nodes with their properties, in today's terms, each look-up with its error."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, parse

from dress_kg.errors import MappingError
from dress_kg.mapping.vocabulary import KNOWN, PROPERTIES, RDF_TYPE, RML, current

_NO_BASE = "urn:x-dress-kg:mapping/"
"""Stands in for a base the document does not declare; its maps get names, its data no base."""

Node = NamedNode | BlankNode
Term = NamedNode | BlankNode | Literal


@dataclass(frozen=True, slots=True)
class Document:
    """A mapping document as read.

    :ivar file: where it was read from, or None for text.
    :ivar base: what relative IRIs in the data are appended to: the `@base` of a document in older
        terms, None in today's, which say `rml:baseIRI` (RML-Core keeps the two bases apart).
    :ivar nodes: the properties of each node, by today's IRI, values in the order of the document.
    """

    file: str | None
    base: str | None
    nodes: dict[Node, dict[str, list[Term]]]

    def error(
        self, where: str, what: str, *, value: str | None = None, remedy: str | None = None
    ) -> MappingError:
        """The error that says so of this document."""
        return MappingError(f"{where}: {what}", file=self.file, value=value, remedy=remedy)

    def values(self, node: Node, name: str) -> list[Term]:
        """All values of the node's RML property of that local name."""
        return self.nodes.get(node, {}).get(RML + name, [])

    def optional(self, node: Node, name: str, where: str) -> Term | None:
        """The one value, or None.

        :raises MappingError: there are several.
        """
        found = self.values(node, name)
        if len(found) > 1:
            shown = ", ".join(str(each) for each in found)
            raise self.error(where, f"rml:{name} is given {len(found)} times", value=shown, remedy="keep one")
        return found[0] if found else None

    def node(self, value: Term, name: str, where: str) -> Node:
        """The value as a node that has properties of its own.

        :raises MappingError: it is a literal, or nothing is said of it.
        """
        if isinstance(value, Literal) or value not in self.nodes:
            raise self.error(
                where,
                f"rml:{name} points to something that this document does not describe",
                value=str(value),
                remedy=f'give rml:{name} a node with properties, such as [ rml:reference "column" ]',
            )
        return value

    def text(self, value: Term, name: str, where: str) -> str:
        """The value as a text.

        :raises MappingError: it is not a literal, or it is empty.
        """
        if not isinstance(value, Literal) or not value.value:
            raise self.error(where, f"rml:{name} needs a text", value=str(value), remedy="put it in quotes")
        return value.value

    def check_properties(self, node: Node, kind: str, where: str) -> None:
        """Refuse RML properties that a node of this kind cannot have; a typo is one of them.

        :raises MappingError: with the nearest property that it can have.
        """
        allowed = PROPERTIES[kind]
        for iri in self.nodes[node]:
            if not iri.startswith(RML):
                continue
            name = iri[len(RML) :]
            if name not in allowed:
                near = difflib.get_close_matches(name, sorted(allowed), 1)
                known = "cannot stand here" if name in KNOWN else "is not supported"
                remedy = f"did you mean rml:{near[0]}?" if near else f"a {kind} may have {_listed(allowed)}"
                raise self.error(where, f"rml:{name} on a {kind} {known}", remedy=remedy)


def read_triples(source: Path | str) -> tuple[list[Triple], str | None]:
    """The triples of a Turtle document in its own terms, and its `@base` or None.

    :param source: a path to read, or the Turtle itself as text.
    :raises MappingError: the file cannot be read, or it is not Turtle.
    """
    file = str(source) if isinstance(source, Path) else None
    try:
        data = source.read_bytes() if isinstance(source, Path) else source.encode()
    except OSError as problem:
        raise MappingError(
            f"the mapping cannot be read ({problem.strerror})", file=file, remedy="check the path"
        ) from problem
    try:
        parser = parse(data, format=RdfFormat.TURTLE, base_iri=_NO_BASE)
        triples = _with_steady_labels(quad.triple for quad in parser)
    except (SyntaxError, ValueError) as problem:
        line = problem.lineno if isinstance(problem, SyntaxError) else None
        raise MappingError(
            f"the mapping is not Turtle: {problem.args[0]}", file=file, line=line, remedy="correct the syntax"
        ) from problem
    base = parser.base_iri
    return triples, None if base is None or base == _NO_BASE else base


def read_document(source: Path | str) -> Document:
    """A mapping document, its older terms replaced by today's.

    :param source: a path to read, or the Turtle itself as text.
    :raises MappingError: the file cannot be read, or it is not Turtle.
    """
    triples, base = read_triples(source)
    translated = [in_current_terms(triple) for triple in triples]
    nodes: dict[Node, dict[str, list[Term]]] = {}
    for triple in translated:
        subject, value = triple.subject, triple.object
        if isinstance(subject, Triple) or isinstance(value, Triple):
            raise MappingError("a triple term has no place in a mapping", value=str(triple))
        values = nodes.setdefault(subject, {}).setdefault(triple.predicate.value, [])
        if value not in values:
            values.append(value)
    file = str(source) if isinstance(source, Path) else None
    return Document(file, None if translated == triples else base, nodes)


def in_current_terms(triple: Triple) -> Triple:
    """The triple with its RML terms in today's namespace."""
    value = triple.object
    if isinstance(value, NamedNode):
        value = NamedNode(current(value.value))
    return Triple(triple.subject, NamedNode(current(triple.predicate.value)), value)


def triples_maps(document: Document) -> Iterator[Node]:
    """The nodes that are triples maps, by their type or by what they say, in order."""
    marks = {RML + name for name in ("logicalSource", "subjectMap", "predicateObjectMap")}
    declared = NamedNode(RML + "TriplesMap")
    for node, properties in document.nodes.items():
        if declared in properties.get(RDF_TYPE, []) or marks & properties.keys():
            yield node


def _with_steady_labels(triples: Iterable[Triple]) -> list[Triple]:
    """The triples, blank nodes numbered as they come: the parser draws labels by lot."""
    labels: dict[BlankNode, BlankNode] = {}

    def steady(term: object) -> BlankNode | None:
        return (
            labels.setdefault(term, BlankNode(f"b{len(labels) + 1}")) if isinstance(term, BlankNode) else None
        )

    return [
        Triple(steady(each.subject) or each.subject, each.predicate, steady(each.object) or each.object)
        for each in triples
    ]


def _listed(names: frozenset[str]) -> str:
    return ", ".join(f"rml:{name}" for name in sorted(names))
