"""SHACL property paths as steps of SPARQL, to be taken one after the other.

Oxigraph orders the triples of a sequence by what it thinks selective, and inside EXISTS it does not know
that the first node is bound: a path of three steps then takes milliseconds a node. Steps that are nested,
each in an EXISTS of its own, are taken in the order of the path.
"""

from __future__ import annotations

from dataclasses import dataclass

import pyoxigraph as ox

from dress_kg.errors import ShapeError
from dress_kg.validate.shape_graph import FIRST, ShapeGraph, Term, sh

_SUFFIXES = {sh("zeroOrMorePath"): "*", sh("oneOrMorePath"): "+", sh("zeroOrOnePath"): "?"}
_MOST_NESTED = 20


class UncompilableError(ShapeError):
    """This shape cannot be said in SPARQL such that the answer is sure to be the same; pySHACL gets it."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a path. :ivar path: as SPARQL writes it. :ivar inverse: taken from value to node.

    :ivar empty: whether it may lead from a node to itself without a triple.
    """

    path: str
    inverse: bool = False
    empty: bool = False

    def triple(self, node: str, value: str) -> str:
        """The triple pattern of this step.

        >>> Step("<urn:p>", inverse=True).triple("?a", "?b")
        '?b <urn:p> ?a'
        """
        return f"{value} {self.path} {node}" if self.inverse else f"{node} {self.path} {value}"

    @property
    def text(self) -> str:
        """The step as part of a longer path."""
        return f"^{self.path}" if self.inverse else self.path


def steps(graph: ShapeGraph, path: Term, depth: int = 0) -> tuple[Step, ...]:
    """The steps of a path, at least one.

    :raises UncompilableError: it is not well formed, or nested too deep.
    """
    if depth > _MOST_NESTED:
        raise UncompilableError("a path is nested too deep", value=str(path))
    if isinstance(path, ox.NamedNode):
        return (Step(str(path)),)
    if isinstance(path, ox.BlankNode):
        if graph.value(path, FIRST) is not None:
            return tuple(s for each in _members(graph, path) for s in steps(graph, each, depth + 1))
        (predicate, *more) = graph.predicates(path) or (None,)
        values = graph.objects(path, predicate) if predicate is not None and not more else ()
        if len(values) == 1 and predicate is not None:
            return _operator(graph, predicate, values[0], depth + 1)
    raise UncompilableError("a path is not well formed", value=str(path))


def _operator(graph: ShapeGraph, predicate: ox.NamedNode, value: Term, depth: int) -> tuple[Step, ...]:
    if predicate == sh("inversePath"):
        inner = steps(graph, value, depth)
        return tuple(Step(each.path, not each.inverse, each.empty) for each in reversed(inner))
    if predicate == sh("alternativePath"):
        ways = [steps(graph, each, depth) for each in _members(graph, value)]
        return (Step("(" + "|".join(map(_joined, ways)) + ")", empty=any(map(_may_be_empty, ways))),)
    if predicate in _SUFFIXES:
        inner, suffix = steps(graph, value, depth), _SUFFIXES[predicate]
        return (Step(f"({_joined(inner)}){suffix}", empty=suffix != "+" or _may_be_empty(inner)),)
    raise UncompilableError("no operator of a path", value=predicate.value)


def _may_be_empty(path: tuple[Step, ...]) -> bool:
    return all(step.empty for step in path)


def _joined(path: tuple[Step, ...]) -> str:
    text = "/".join(step.text for step in path)
    return f"({text})" if len(path) > 1 else text


def _members(graph: ShapeGraph, head: Term) -> tuple[Term, ...]:
    members = graph.items(head)
    if members is None or len(members) < 2:  # the standard asks for two
        raise UncompilableError("a path needs two members at least", value=str(head))
    return members
