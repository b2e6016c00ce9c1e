"""Reading the shape files: one shapes graph, and the rule behind each shape.

A file that does not parse, a shape without its description, or a class or property that the ontology
does not know is a :class:`ShapeError`: pySHACL itself calls a misspelt shape satisfied.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pyoxigraph as ox

from dress_kg import resources, terms
from dress_kg.errors import ShapeError
from dress_kg.validate.result import Rule, Severity
from dress_kg.validate.shape_graph import TYPE, Node, ShapeGraph, sh

_SEVERITIES = {
    sh("Violation"): Severity.VIOLATION,
    sh("Warning"): Severity.WARNING,
    sh("Info"): Severity.INFO,
}
_TARGET = sh("targetClass")
TARGETS = frozenset({_TARGET, sh("targetNode"), sh("targetSubjectsOf"), sh("targetObjectsOf")})
"""What can say which nodes a shape judges."""
_RDFS_CLASS = ox.NamedNode(terms.PREFIXES["rdfs"] + "Class")
_RULE, _REASON, _SUGGESTION, _FIELD = (
    ox.NamedNode(terms.ONTOLOGY + name) for name in ("rule", "reason", "suggestion", "field")
)


@dataclass(frozen=True, slots=True)
class Shapes:
    """All shapes of a folder.

    :ivar graph: their union. :ivar rules: the rule of each shape that has one.
    :ivar targets: the class that each of those shapes looks at.
    :ivar owner: for each node inside a shape, the shape with the rule.
    """

    graph: ShapeGraph
    rules: dict[Node, Rule]
    targets: dict[Node, ox.NamedNode]
    owner: dict[Node, Node]

    def only(self, fields: frozenset[str] | None) -> Shapes:
        """The shapes whose columns the source has; the others are switched off."""
        return self.keep({s for s, r in self.rules.items() if fields is None or fields.issuperset(r.fields)})

    def keep(self, chosen: Iterable[Node]) -> Shapes:
        """These shapes; the others stay in the graph, for a shape may refer to them, but have no target."""
        kept = {shape: self.rules[shape] for shape in self.rules.keys() & set(chosen)}
        if len(kept) == len(self.rules):
            return self
        dropped = frozenset(self.rules.keys() - kept.keys())
        graph = self.graph.without(dropped, TARGETS)
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
    triples: list[ox.Triple] = []
    rules: dict[Node, Rule] = {}
    for file in files:
        read = _parse(file)
        graph = ShapeGraph(read)
        _check_terms(graph, file)
        for shape, rule in _rules(graph, file):
            if any(rule.name == known.name for known in rules.values()):
                raise ShapeError("two shapes have this rule name", file=file, value=rule.name)
            rules[shape] = rule
        triples += read
    graph = ShapeGraph(triples)
    targets = {shape: _target(graph, shape, rule) for shape, rule in rules.items()}
    owner: dict[Node, Node] = {}
    for shape in rules:
        _own(graph, shape, shape, owner, rules)
    return Shapes(graph, rules, targets, owner)


def _parse(file: Path) -> list[ox.Triple]:
    try:
        text = file.read_text("utf-8")
    except OSError as fault:
        raise ShapeError("cannot read this shape file", file=file, value=str(fault.strerror)) from fault
    except UnicodeDecodeError as fault:
        raise ShapeError("this shape file is not UTF-8", file=file, remedy="save it as UTF-8") from fault
    try:
        quads = ox.parse(text, ox.RdfFormat.TURTLE, base_iri=file.resolve().as_uri(), rename_blank_nodes=True)
        return [quad.triple for quad in quads]
    except SyntaxError as fault:
        raise ShapeError(
            "this shape file does not parse as Turtle",
            file=file,
            line=fault.lineno,
            value=fault.msg,
            remedy="mend the Turtle on that line or just before it",
        ) from fault


@cache
def _known_terms() -> frozenset[str]:
    """The IRIs of all that the ontology defines."""
    file = resources.folder("ontology") / "dress-kg.ttl"
    return frozenset(
        quad.subject.value
        for quad in ox.parse(path=str(file), format=ox.RdfFormat.TURTLE)
        if isinstance(quad.subject, ox.NamedNode) and quad.subject.value.startswith(terms.ONTOLOGY)
    )


def _line_of(file: Path, needle: str) -> int | None:
    """The first line that holds the last part of an IRI, for a message only."""
    for number, line in enumerate(file.read_text("utf-8").splitlines(), 1):
        if re.search(rf":{re.escape(needle)}\b", line):
            return number
    return None


def _check_terms(graph: ShapeGraph, file: Path) -> None:
    """Every term of ours must exist; every target and path must be known at all."""
    used = {node.value for triple in graph for node in triple if isinstance(node, ox.NamedNode)}
    for iri in sorted(iri for iri in used if iri.startswith(terms.ONTOLOGY)):
        local = iri.removeprefix(terms.ONTOLOGY)
        if local and iri not in _known_terms():
            raise ShapeError(
                "the ontology does not know this term",
                file=file,
                line=_line_of(file, local),
                value=iri,
                remedy="correct the name, or add it to ontology/dress-kg.ttl",
            )
    namespaces = tuple(iri for prefix, iri in terms.PREFIXES.items() if prefix != "dk")
    asked = (_TARGET, sh("class"), sh("path"))
    for _, predicate, foreign in graph:
        if predicate not in asked or not isinstance(foreign, ox.NamedNode):
            continue
        if not foreign.value.startswith((terms.ONTOLOGY, *namespaces)):
            raise ShapeError(
                "this target or path is in no vocabulary that dress-kg writes",
                file=file,
                line=_line_of(file, re.split(r"[#/]", foreign.value)[-1]),
                value=foreign.value,
                remedy="use a term of the ontology or of a vocabulary in dress_kg.terms.PREFIXES",
            )


def _rules(graph: ShapeGraph, file: Path) -> Iterable[tuple[Node, Rule]]:
    for shape in sorted(
        {s for target in TARGETS for s in graph.subjects(target)}, key=lambda node: node.value
    ):
        name = graph.value(shape, _RULE)
        severity = _SEVERITIES.get(graph.value(shape, sh("severity")))  # type: ignore[arg-type]
        message = graph.value(shape, sh("message"))
        reason = graph.value(shape, _REASON)
        if (
            not isinstance(shape, ox.NamedNode)
            or severity is None
            or name is None
            or message is None
            or reason is None
        ):
            raise ShapeError(
                "a shape needs an IRI, dk:rule, sh:severity, sh:message and dk:reason",
                file=file,
                line=_line_of(file, re.split(r"[#/]", shape.value)[-1]),
                value=str(shape),
                remedy="add what is missing; the severity stands on the shape, not in its parts",
            )
        suggestion = graph.value(shape, _SUGGESTION)
        yield (
            shape,
            Rule(
                name=name.value,
                severity=severity,
                message=message.value,
                reason=reason.value,
                suggestion=None if suggestion is None else suggestion.value,
                fields=_fields(graph, shape),
                file=file.name,
            ),
        )


def _fields(graph: ShapeGraph, shape: Node) -> tuple[str, ...]:
    """Turtle keeps no order: the column that a result points to is written as `1 dose`, `2 interval`."""
    numbered = sorted(field.value for field in graph.objects(shape, _FIELD))
    return tuple(field.split(" ", 1)[-1] for field in numbered)


def _target(graph: ShapeGraph, shape: Node, rule: Rule) -> ox.NamedNode:
    classes = graph.objects(shape, _TARGET)
    if len(classes) != 1 or _RDFS_CLASS in graph.objects(shape, TYPE):
        raise ShapeError("a shape needs one class as its target", file=rule.file, value=str(shape))
    if not isinstance(classes[0], ox.NamedNode):
        raise ShapeError("the target of a shape is the IRI of a class", file=rule.file, value=str(classes[0]))
    return classes[0]


def _own(
    graph: ShapeGraph, node: Node, shape: Node, owner: dict[Node, Node], rules: dict[Node, Rule]
) -> None:
    """Walk from a shape to the nodes inside it; results name these, the rule stands on the shape."""
    if node in owner:
        if owner[node] != shape:
            raise ShapeError(
                "this part stands in two shapes, so a result of it would have two rules",
                file=rules[shape].file,
                value=str(node),
                remedy="write the part out in each of them",
            )
        return
    owner[node] = shape
    for predicate in graph.predicates(node):
        for value in graph.objects(node, predicate):
            named = isinstance(value, ox.NamedNode) and predicate == sh("property") and value not in rules
            if (named or isinstance(value, ox.BlankNode)) and not isinstance(value, ox.Literal):
                _own(graph, value, shape, owner, rules)
