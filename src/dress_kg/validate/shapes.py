"""Reading the shape files: one rdflib graph, and the rule behind each shape.

A file that does not parse, a shape without its description, or a class or property that the ontology
does not know is a :class:`ShapeError`: pySHACL itself calls a misspelt shape satisfied.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from rdflib import RDF, RDFS, SH, Graph, URIRef
from rdflib.plugins.parsers.notation3 import BadSyntax
from rdflib.term import Node

from dress_kg import resources, terms
from dress_kg.errors import ShapeError
from dress_kg.namespace import DK
from dress_kg.validate.result import Rule, Severity

_SEVERITIES = {SH.Violation: Severity.VIOLATION, SH.Warning: Severity.WARNING, SH.Info: Severity.INFO}


@dataclass(frozen=True, slots=True)
class Shapes:
    """All shapes of a folder.

    :ivar graph: their union. :ivar rules: the rule of each shape that has one.
    :ivar targets: the class that each of those shapes looks at.
    :ivar owner: for each node inside a shape, the shape with the rule.
    """

    graph: Graph
    rules: dict[URIRef, Rule]
    targets: dict[URIRef, URIRef]
    owner: dict[Node, URIRef]

    def only(self, fields: frozenset[str] | None) -> Shapes:
        """The shapes whose columns the source has; the others are switched off."""
        kept = {s: r for s, r in self.rules.items() if fields is None or fields.issuperset(r.fields)}
        if len(kept) == len(self.rules):
            return self
        graph = Graph() + self.graph
        for shape in self.rules.keys() - kept.keys():
            graph.remove((shape, SH.targetClass, None))
        return Shapes(graph, kept, self.targets, self.owner)


def load_shapes(path: Path | None = None) -> Shapes:
    """The shapes of a folder (or of one file); the shipped ones when no path is given.

    :raises ShapeError: a file is missing or does not parse, a shape lacks its rule, severity, message or
        reason, two shapes share a rule name, or a shape names a term that the ontology does not know.
    """
    return _shipped() if path is None else _load(path)


@cache
def _shipped() -> Shapes:
    return _load(resources.folder("ontology") / "shapes")


def _load(path: Path) -> Shapes:
    files = sorted(path.glob("*.ttl")) if path.is_dir() else [path]
    if not files:
        raise ShapeError("no shape file in this folder", file=path, remedy="name a folder with *.ttl shapes")
    graph = Graph(bind_namespaces="none")
    rules: dict[URIRef, Rule] = {}
    for file in files:
        read = _parse(file)
        _check_terms(read, file)
        for shape, rule in _rules(read, file):
            if any(rule.name == known.name for known in rules.values()):
                raise ShapeError("two shapes have this rule name", file=file, value=rule.name)
            rules[shape] = rule
        graph += read
    targets = {shape: _target(graph, shape, rule) for shape, rule in rules.items()}
    owner: dict[Node, URIRef] = {}
    for shape in rules:
        _own(graph, shape, shape, owner)
    return Shapes(graph, rules, targets, owner)


def _parse(file: Path) -> Graph:
    try:
        text = file.read_text("utf-8")
    except OSError as fault:
        raise ShapeError("cannot read this shape file", file=file, value=str(fault.strerror)) from fault
    except UnicodeDecodeError as fault:
        raise ShapeError("this shape file is not UTF-8", file=file, remedy="save it as UTF-8") from fault
    try:
        return Graph(bind_namespaces="none").parse(data=text, format="turtle")
    except BadSyntax as fault:
        raise ShapeError(
            "this shape file does not parse as Turtle",
            file=file,
            line=int(fault.lines) + 1,
            value=fault._why,
            remedy="mend the Turtle on that line or just before it",
        ) from fault


def _line_of(file: Path, needle: str) -> int | None:
    """The first line that holds the last part of an IRI, for a message only."""
    for number, line in enumerate(file.read_text("utf-8").splitlines(), 1):
        if re.search(rf":{re.escape(needle)}\b", line):
            return number
    return None


def _check_terms(graph: Graph, file: Path) -> None:
    """Every term of ours must exist; every target and path must be known at all."""
    used: set[Node] = set()
    for triple in graph:
        used.update(triple)
    ours = (node for node in used if isinstance(node, URIRef) and str(node).startswith(terms.ONTOLOGY))
    for node in sorted(ours):
        local = node.removeprefix(terms.ONTOLOGY)
        if local and node not in DK:
            raise ShapeError(
                "the ontology does not know this term",
                file=file,
                line=_line_of(file, local),
                value=str(node),
                remedy="correct the name, or add it to ontology/dress-kg.ttl",
            )
    namespaces = tuple(iri for prefix, iri in terms.PREFIXES.items() if prefix != "dk")
    for predicate in (SH.targetClass, SH["class"], SH.path):
        for foreign in graph.objects(None, predicate):
            if isinstance(foreign, URIRef) and not str(foreign).startswith((terms.ONTOLOGY, *namespaces)):
                raise ShapeError(
                    "this target or path is in no vocabulary that dress-kg writes",
                    file=file,
                    line=_line_of(file, re.split(r"[#/]", foreign)[-1]),
                    value=str(foreign),
                    remedy="use a term of the ontology or of a vocabulary in dress_kg.terms.PREFIXES",
                )


def _rules(graph: Graph, file: Path) -> Iterable[tuple[URIRef, Rule]]:
    for shape in sorted(set(graph.subjects(SH.targetClass, None)), key=str):
        name = graph.value(shape, DK.rule)
        severity = graph.value(shape, SH.severity)
        message = graph.value(shape, SH.message)
        reason = graph.value(shape, DK.reason)
        if not isinstance(shape, URIRef) or None in (name, message, reason) or severity not in _SEVERITIES:
            raise ShapeError(
                "a shape needs an IRI, dk:rule, sh:severity, sh:message and dk:reason",
                file=file,
                line=_line_of(file, re.split(r"[#/]", str(shape))[-1]),
                value=str(shape),
                remedy="add what is missing; the severity stands on the shape, not in its parts",
            )
        suggestion = graph.value(shape, DK.suggestion)
        yield (
            shape,
            Rule(
                name=str(name),
                severity=_SEVERITIES[severity],  # type: ignore[index]
                message=str(message),
                reason=str(reason),
                suggestion=None if suggestion is None else str(suggestion),
                fields=_fields(graph, shape),
                file=file.name,
            ),
        )


def _fields(graph: Graph, shape: URIRef) -> tuple[str, ...]:
    """Turtle keeps no order: the column that a result points to is written as `1 dose`, `2 interval`."""
    numbered = sorted(str(field) for field in graph.objects(shape, DK.field))
    return tuple(field.split(" ", 1)[-1] for field in numbered)


def _target(graph: Graph, shape: URIRef, rule: Rule) -> URIRef:
    target = graph.value(shape, SH.targetClass)
    if not isinstance(target, URIRef) or (shape, RDF.type, RDFS.Class) in graph:
        raise ShapeError("a shape needs one class as its target", file=rule.file, value=str(shape))
    return target


def _own(graph: Graph, node: Node, shape: URIRef, owner: dict[Node, URIRef]) -> None:
    """Walk from a shape to the nodes inside it; results name these, the rule stands on the shape."""
    if node in owner:
        return
    owner[node] = shape
    for _, value in graph.predicate_objects(node):
        if not isinstance(value, URIRef) and (value, None, None) in graph:
            _own(graph, value, shape, owner)
