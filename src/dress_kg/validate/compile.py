"""A SHACL shape as SPARQL selects of the focus nodes that have a result.

Most shapes become one select. A property shape inside a property shape has the values of the outer one as
its focus nodes (SHACL, section 4.7.2), and so a select of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pyoxigraph as ox

from dress_kg import terms
from dress_kg.errors import ShapeError
from dress_kg.validate.conditions import Conditions, both
from dress_kg.validate.paths import UncompilableError
from dress_kg.validate.shape_graph import TYPE, Node, ShapeGraph, sh

_LONGEST = 60_000
_FOCUS = "?focus"
_RDFS_CLASS = ox.NamedNode(terms.PREFIXES["rdfs"] + "Class")
_SUBCLASS_OF = ox.NamedNode(terms.PREFIXES["rdfs"] + "subClassOf")


@dataclass(frozen=True, slots=True)
class Compiled:
    """A shape in SPARQL.

    :ivar shape: the shape. :ivar plain: its selects over data without `rdfs:subClassOf`.
    :ivar inherited: its selects over any data.
    """

    shape: Node
    plain: tuple[str, ...]
    inherited: tuple[str, ...]


def compile_shape(graph: ShapeGraph, shape: Node) -> Compiled:
    """The selects of a shape with its targets.

    :raises UncompilableError: some of it has no translation that is sure to mean the same.
    """
    plain, inherited = (
        tuple(_selects(graph, shape, Conditions(graph, subclasses=subclasses)))
        for subclasses in (False, True)
    )
    if any(len(text) > _LONGEST for text in (*plain, *inherited)):
        raise UncompilableError("the translation is too long", value=str(shape))
    return Compiled(shape, plain, inherited)


def has_subclasses(store: ox.Store) -> bool:
    """Whether any class of the data is said to be a subclass."""
    return next(store.quads_for_pattern(None, _SUBCLASS_OF, None, None), None) is not None


def focus_nodes(
    store: ox.Store, compiled: Compiled, *, inherited: bool
) -> frozenset[ox.NamedNode | ox.BlankNode | ox.Literal]:
    """The focus nodes with a result, over the union of the store's graphs.

    :raises ShapeError: Oxigraph does not take the query (a fault of ours).
    """
    found: set[ox.NamedNode | ox.BlankNode | ox.Literal] = set()
    for query in compiled.inherited if inherited else compiled.plain:
        try:
            solutions = store.query(query, use_default_graph_as_union=True)
        except SyntaxError as fault:
            raise ShapeError("the query made of this shape does not parse", value=str(fault)) from fault
        if isinstance(solutions, ox.QuerySolutions):
            found.update(s[0] for s in solutions if s[0] is not None)
    return frozenset(found)


def _selects(graph: ShapeGraph, shape: Node, conditions: Conditions) -> Iterator[str]:
    path = conditions.path(shape)
    if path and all(step.empty for step in path) and graph.objects(shape, sh("targetNode")):
        raise UncompilableError("a path of no step from a node that the data may not hold", value=str(shape))
    merged: dict[tuple[str, str], list[str]] = {}
    for pattern, focus, holds in _results(
        graph, shape, _targets(graph, shape, conditions), _FOCUS, conditions
    ):
        merged.setdefault((pattern, focus), []).append(holds)
    for (pattern, focus), parts in merged.items():
        yield f"SELECT DISTINCT {focus} WHERE {{ {pattern} FILTER(!{both(parts)}) }}"


def _results(
    graph: ShapeGraph, shape: Node, pattern: str, focus: str, conditions: Conditions
) -> Iterator[tuple[str, str, str]]:
    """(where the focus nodes come from, their variable, what has to hold) of the shape and those in it."""
    if conditions.off(shape):
        return
    own = conditions.own(shape, focus)
    if own is not None:
        yield pattern, focus, own
    parts = conditions.inside(shape)
    for step in conditions.path(shape) if parts else ():
        value = conditions.fresh()
        pattern, focus = f"{pattern} {step.triple(focus, value)} .", value
    for part in parts:
        yield from _results(graph, part, pattern, focus, conditions)


def _targets(graph: ShapeGraph, shape: Node, conditions: Conditions) -> str:
    groups = []
    classes = [*graph.objects(shape, sh("targetClass"))]
    if _RDFS_CLASS in graph.objects(shape, TYPE):
        classes.append(shape)
    groups += [f"{_FOCUS} {conditions.type_path} {_iri(each)} ." for each in classes]
    nodes = graph.objects(shape, sh("targetNode"))
    if any(isinstance(each, ox.BlankNode) for each in nodes):
        raise UncompilableError("a blank node as target", value=str(shape))
    if nodes:
        groups.append(f"VALUES {_FOCUS} {{ {' '.join(map(str, nodes))} }}")
    for each in graph.objects(shape, sh("targetSubjectsOf")):
        groups.append(_once(f"{_FOCUS} {_iri(each)} {conditions.fresh()}"))
    for each in graph.objects(shape, sh("targetObjectsOf")):
        groups.append(_once(f"{conditions.fresh()} {_iri(each)} {_FOCUS}"))
    if not groups:
        raise UncompilableError("a shape without a target", value=str(shape))
    if graph.objects(shape, sh("target")):
        raise UncompilableError("a target in SPARQL", value=str(shape))
    return groups[0] if len(groups) == 1 else " UNION ".join(f"{{ {group} }}" for group in groups)


def _once(pattern: str) -> str:
    return f"{{ SELECT DISTINCT {_FOCUS} WHERE {{ {pattern} }} }}"


def _iri(value: ox.NamedNode | ox.BlankNode | ox.Literal) -> str:
    if not isinstance(value, ox.NamedNode):
        raise UncompilableError("no IRI", value=str(value))
    return str(value)
