"""SHACL's constraint components as SPARQL conditions on one node, each true where the node conforms.

A condition is a text that may stand in a FILTER; it is never an error and never reads a variable but the
node's own, so it means the same wherever it stands. Counting is done by distinct copies of a variable
(`sameTerm`), each in an EXISTS inside the last, which needs no aggregate. Source of each meaning: SHACL,
W3C Recommendation of 20 July 2017, section 4. What is not sure to mean the same is an
:class:`UncompilableError`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeAlias

import pyoxigraph as ox

from dress_kg import terms
from dress_kg.validate.paths import Step, UncompilableError, steps
from dress_kg.validate.shape_graph import SHACL, Node, ShapeGraph, Term, sh
from dress_kg.validate.values import MOST_COUNTED, constant, datatype, flag, pattern, whole

Path: TypeAlias = tuple[Step, ...]
Condition: TypeAlias = Callable[[str], str | None]

_SUBCLASSES = f"<{terms.PREFIXES['rdf']}type>/<{terms.PREFIXES['rdfs']}subClassOf>*"
_MOST_NESTED = 20
_TRUE = ox.Literal(True)
_DESCRIPTION = frozenset(
    "path severity message name description order group defaultValue deactivated property flags "
    "ignoredProperties qualifiedMinCount qualifiedMaxCount qualifiedValueShapesDisjoint "
    "targetClass targetNode targetSubjectsOf targetObjectsOf".split()
)
"""Terms of SHACL on a shape that are no constraint of their own."""
_BOUNDS = {"minInclusive": ">=", "minExclusive": ">", "maxInclusive": "<=", "maxExclusive": "<"}
_KINDS = {
    "IRI": "isIRI({0})",
    "BlankNode": "isBlank({0})",
    "Literal": "isLiteral({0})",
    "BlankNodeOrIRI": "!isLiteral({0})",
    "BlankNodeOrLiteral": "!isIRI({0})",
    "IRIOrLiteral": "!isBlank({0})",
}


def both(conditions: Iterable[str]) -> str | None:
    """All of these at once; None where there is none."""
    parts = list(dict.fromkeys(conditions))
    return None if not parts else "(" + " && ".join(parts) + ")"


class Conditions:
    """Makes the conditions of the shapes of one graph.

    :param subclasses: whether the data may hold `rdfs:subClassOf`; without it a class is a plain look-up.
    """

    def __init__(self, graph: ShapeGraph, *, subclasses: bool) -> None:
        self._graph = graph
        self._type = _SUBCLASSES if subclasses else f"<{terms.PREFIXES['rdf']}type>"
        self._number = 0
        self._open: list[Node] = []
        parameters = {each for _, predicate, each in graph if predicate == sh("parameter")}
        self._custom = frozenset(
            path
            for parameter in parameters
            if not isinstance(parameter, ox.Literal)
            for path in graph.objects(parameter, sh("path"))
        )

    @property
    def type_path(self) -> str:
        """The path from a node to its classes."""
        return self._type

    def fresh(self) -> str:
        """A variable that nothing else of this query uses."""
        self._number += 1
        return f"?n{self._number}"

    def inside(self, shape: Node) -> tuple[Node, ...]:
        """The property shapes of a shape."""
        parts = self._graph.objects(shape, sh("property"))
        nodes = tuple(part for part in parts if not isinstance(part, ox.Literal) and self.path(part))
        if len(nodes) < len(parts):
            raise UncompilableError("sh:property names property shapes", value=str(shape))
        return nodes

    def path(self, shape: Node) -> Path:
        """The path of a property shape; empty for a node shape."""
        paths = self._graph.objects(shape, sh("path"))
        if len(paths) > 1:
            raise UncompilableError("a property shape has one path", value=str(shape))
        return steps(self._graph, paths[0]) if paths else ()

    def off(self, shape: Node) -> bool:
        """Whether the shape is deactivated."""
        return any(flag(value) for value in self._graph.objects(shape, sh("deactivated")))

    def conforms(self, shape: Term, node: str) -> str | None:
        """Whether a node conforms to a shape; None where it always does.

        :raises UncompilableError: something in the shape has no sure translation.
        """
        if isinstance(shape, ox.Literal):
            raise UncompilableError("a literal is no shape", value=str(shape))
        if shape in self._open or len(self._open) > _MOST_NESTED:
            raise UncompilableError("a shape refers to itself, or is nested too deep", value=str(shape))
        if self.off(shape):
            return None
        self._open.append(shape)
        try:
            path = self.path(shape)
            inner = [
                self._each(path, node, lambda value, part=part: self.conforms(part, value))  # type: ignore[misc]
                for part in self.inside(shape)
            ]
            return both([*self._parts(shape, node, path), *(part for part in inner if part)])
        finally:
            self._open.pop()

    def own(self, shape: Node, node: str) -> str | None:
        """As :meth:`conforms`, without the property shapes inside, whose results have their own focus."""
        self._open.append(shape)
        try:
            return both(self._parts(shape, node, self.path(shape)))
        finally:
            self._open.pop()

    def _parts(self, shape: Node, node: str, path: Path) -> Iterator[str]:
        for predicate in self._graph.predicates(shape):
            if predicate in self._custom:
                raise UncompilableError("a constraint component of its own", value=predicate.value)
            name = predicate.value.removeprefix(SHACL)
            if name == predicate.value or name in _DESCRIPTION:
                continue
            of_set, of_value = _OF_SET.get(name), _OF_VALUE.get(name)
            for value in self._graph.objects(shape, predicate):
                if of_set is not None:
                    part = of_set(self, shape, value, node, path)
                elif of_value is not None:
                    part = self._each(
                        path,
                        node,
                        lambda v, value=value, of=of_value: of(self, shape, value, v),  # type: ignore[misc]
                    )
                else:
                    raise UncompilableError("no translation for this term", value=predicate.value)
                if part is not None:
                    yield part

    def _some(self, path: Path, node: str, condition: Condition) -> str:
        """Whether a value node meets the condition; a node shape has one value node, the node itself."""
        if not path:
            return condition(node) or "true"
        value = self.fresh()
        holds = self._some(path[1:], value, condition) if path[1:] else condition(value)
        return f"EXISTS {{ {path[0].triple(node, value)}" + (f" FILTER({holds}) }}" if holds else " }")

    def _each(self, path: Path, node: str, condition: Condition) -> str | None:
        """Whether the condition holds for every value node."""
        asked: list[str | None] = []

        def fails(value: str) -> str:
            asked.append(condition(value))
            return f"!{asked[-1]}"

        wrong = self._some(path, node, fails)
        return None if asked == [None] else f"!{wrong}"

    def _at_least(
        self, number: int, path: Path, node: str, condition: Condition, others: tuple[str, ...] = ()
    ) -> str | None:
        """Whether so many value nodes, all different, meet the condition; None where none is asked for."""
        if number > MOST_COUNTED:
            raise UncompilableError("a count above what is counted by copies", value=str(number))
        if number <= 0:
            return None
        if not path:
            raise UncompilableError("a node shape counts nothing")

        def another(value: str) -> str | None:
            parts = [f"!sameTerm({value}, {other})" for other in others]
            more = self._at_least(number - 1, path, node, condition, (*others, value))
            return both([*parts, *(part for part in (condition(value), more) if part is not None)])

        return self._some(path, node, another)

    # Constraints on the value nodes as a set; the path is empty for a node shape.

    def _min_count(self, shape: Node, value: Term, node: str, path: Path) -> str | None:
        return self._at_least(whole(value), path, node, lambda _: None)

    def _max_count(self, shape: Node, value: Term, node: str, path: Path) -> str:
        return f"!{self._at_least(whole(value) + 1, path, node, lambda _: None)}"

    def _has_value(self, shape: Node, value: Term, node: str, path: Path) -> str:
        wanted = constant(value)
        return self._some(path, node, lambda found: f"sameTerm({found}, {wanted})")

    def _equals(self, shape: Node, value: Term, node: str, path: Path) -> str:
        other, there = constant(value, iri=True), self.fresh()
        here_too = self._some(path, node, lambda found: f"sameTerm({found}, {there})")
        missing = self._some(path, node, lambda found: f"!EXISTS {{ {node} {other} {found} }}")
        return f"(!{missing} && !EXISTS {{ {node} {other} {there} FILTER(!{here_too}) }})"

    def _disjoint(self, shape: Node, value: Term, node: str, path: Path) -> str:
        other = constant(value, iri=True)
        return f"!{self._some(path, node, lambda found: f'EXISTS {{ {node} {other} {found} }}')}"

    def _less(self, operator: str, value: Term, node: str, path: Path) -> str:
        if not path:
            raise UncompilableError("a node shape has no values to compare")
        other, there = constant(value, iri=True), self.fresh()

        def wrong(found: str) -> str:
            return f"EXISTS {{ {node} {other} {there} FILTER(!COALESCE({found} {operator} {there}, false)) }}"

        return f"!{self._some(path, node, wrong)}"

    def _less_than(self, shape: Node, value: Term, node: str, path: Path) -> str:
        return self._less("<", value, node, path)

    def _less_or_equal(self, shape: Node, value: Term, node: str, path: Path) -> str:
        return self._less("<=", value, node, path)

    def _unique_lang(self, shape: Node, value: Term, node: str, path: Path) -> str | None:
        if value != _TRUE:  # by the standard (and its case uniqueLang-002) not even "1" switches it on
            return None
        if not path:
            raise UncompilableError("a node shape has no values to compare")

        def twice(one: str) -> str:
            def same(two: str) -> str:
                return (
                    f"isLiteral({two}) && !sameTerm({one}, {two}) && LCASE(LANG({one})) = LCASE(LANG({two}))"
                )

            return f'isLiteral({one}) && LANG({one}) != "" && {self._some(path, node, same)}'

        return f"!{self._some(path, node, twice)}"

    def _qualified(self, shape: Node, value: Term, node: str, path: Path) -> str | None:
        least, most = (
            self._graph.value(shape, sh(name)) for name in ("qualifiedMinCount", "qualifiedMaxCount")
        )
        if len(self._graph.objects(shape, sh("qualifiedValueShape"))) != 1 or (least is most is None):
            raise UncompilableError("a qualified count needs one shape and a number", value=str(shape))
        others = self._siblings(shape, value)

        def counted(found: str) -> str | None:
            parts = [self.conforms(value, found)]
            parts += [f"!{self.conforms(other, found) or 'true'}" for other in others]
            return both(part for part in parts if part is not None)

        parts = []
        if least is not None:
            parts.append(self._at_least(whole(least), path, node, counted))
        if most is not None:
            parts.append(f"!{self._at_least(whole(most) + 1, path, node, counted)}")
        return both(part for part in parts if part is not None)

    def _siblings(self, shape: Node, value: Term) -> list[Term]:
        if not any(flag(each) for each in self._graph.objects(shape, sh("qualifiedValueShapesDisjoint"))):
            return []
        found: dict[Term, None] = {}
        for parent in self._graph.subjects(sh("property"), shape):
            for part in self._graph.objects(parent, sh("property")):
                if not isinstance(part, ox.Literal):
                    found.update(dict.fromkeys(self._graph.objects(part, sh("qualifiedValueShape"))))
        return [each for each in found if each != value]

    # Constraints on each value node.

    def _class(self, shape: Node, value: Term, node: str) -> str:
        return f"EXISTS {{ {node} {self._type} {constant(value, iri=True)} }}"

    def _datatype(self, shape: Node, value: Term, node: str) -> str:
        return datatype(value, node)

    def _node_kind(self, shape: Node, value: Term, node: str) -> str:
        kind = _KINDS.get(value.value.removeprefix(SHACL))
        if kind is None:
            raise UncompilableError("no kind of node", value=str(value))
        return kind.format(node)

    def _min_length(self, shape: Node, value: Term, node: str) -> str | None:
        number = whole(value)
        return None if number == 0 else f"(!isBlank({node}) && STRLEN(STR({node})) >= {number})"

    def _max_length(self, shape: Node, value: Term, node: str) -> str:
        return f"(!isBlank({node}) && STRLEN(STR({node})) <= {whole(value)})"

    def _pattern(self, shape: Node, value: Term, node: str) -> str:
        return pattern(value, self._graph.objects(shape, sh("flags")), node)

    def _language_in(self, shape: Node, value: Term, node: str) -> str:
        ranges = [f"LANGMATCHES(LANG({node}), {constant(each)})" for each in self._members(value)]
        return f"(isLiteral({node}) && ({' || '.join(ranges) or 'false'}))"

    def _in(self, shape: Node, value: Term, node: str) -> str:
        members = [f"sameTerm({node}, {constant(each)})" for each in self._members(value)]
        return f"({' || '.join(members) or 'false'})"

    def _node(self, shape: Node, value: Term, node: str) -> str | None:
        if not isinstance(value, ox.Literal) and self.path(value):
            raise UncompilableError("sh:node names a node shape", value=str(value))
        return self.conforms(value, node)

    def _not(self, shape: Node, value: Term, node: str) -> str:
        return f"!{self.conforms(value, node) or 'true'}"

    def _and(self, shape: Node, value: Term, node: str) -> str | None:
        return both(filter(None, (self.conforms(each, node) for each in self._members(value))))

    def _or(self, shape: Node, value: Term, node: str) -> str | None:
        members = [self.conforms(each, node) for each in self._members(value)]
        known = [each for each in members if each is not None]
        return None if len(known) < len(members) else f"({' || '.join(known) or 'false'})"

    def _xone(self, shape: Node, value: Term, node: str) -> str:
        members = [self.conforms(each, node) or "true" for each in self._members(value)]
        return "(" + (" + ".join(f"IF({each}, 1, 0)" for each in members) or "0") + " = 1)"

    def _closed(self, shape: Node, value: Term, node: str) -> str | None:
        if not flag(value):
            return None
        allowed = {
            path
            for part in self._graph.objects(shape, sh("property"))
            if not isinstance(part, ox.Literal)
            for path in self._graph.objects(part, sh("path"))
        }
        for head in self._graph.objects(shape, sh("ignoredProperties")):
            allowed.update(self._members(head))
        listed = ", ".join(sorted(str(each) for each in allowed if isinstance(each, ox.NamedNode)))
        predicate, other = self.fresh(), self.fresh()
        return f"NOT EXISTS {{ {node} {predicate} {other} FILTER({predicate} NOT IN ({listed})) }}"

    def _members(self, head: Term) -> tuple[Term, ...]:
        members = self._graph.items(head)
        if members is None:
            raise UncompilableError("no well-formed list", value=str(head))
        return members


def _bound(operator: str) -> Callable[[Conditions, Node, Term, str], str]:
    def condition(_: Conditions, shape: Node, value: Term, node: str) -> str:
        return f"COALESCE({node} {operator} {constant(value, exact=False)}, false)"

    return condition


_OF_SET: dict[str, Callable[[Conditions, Node, Term, str, Path], str | None]] = {
    "minCount": Conditions._min_count,
    "maxCount": Conditions._max_count,
    "hasValue": Conditions._has_value,
    "equals": Conditions._equals,
    "disjoint": Conditions._disjoint,
    "lessThan": Conditions._less_than,
    "lessThanOrEquals": Conditions._less_or_equal,
    "uniqueLang": Conditions._unique_lang,
    "qualifiedValueShape": Conditions._qualified,
}
_OF_VALUE: dict[str, Callable[[Conditions, Node, Term, str], str | None]] = {
    "class": Conditions._class,
    "datatype": Conditions._datatype,
    "nodeKind": Conditions._node_kind,
    "minLength": Conditions._min_length,
    "maxLength": Conditions._max_length,
    "pattern": Conditions._pattern,
    "languageIn": Conditions._language_in,
    "in": Conditions._in,
    "node": Conditions._node,
    "not": Conditions._not,
    "and": Conditions._and,
    "or": Conditions._or,
    "xone": Conditions._xone,
    "closed": Conditions._closed,
    **{name: _bound(operator) for name, operator in _BOUNDS.items()},
}
