"""pySHACL's border: one batch in, the faults it found out, each with the shape that has the rule."""

from __future__ import annotations

from collections.abc import Iterator

import pyoxigraph as ox
import pyshacl
from rdflib import SH, BNode, Graph, Literal

from dress_kg.errors import ShapeError
from dress_kg.validate.shape_graph import Node
from dress_kg.validate.shapes import Shapes


def judge(data: Graph, shapes_graph: Graph, shapes: Shapes) -> Iterator[tuple[Node, Node]]:
    """(shape, focus node) for each fault, each pair once; a literal in focus is no node of an item.

    Severity and message stand on the shape that has the rule: pySHACL reports those of the inner
    property shape, which nobody has set.

    :param shapes_graph: the graph of `shapes` as rdflib has it.
    :raises ShapeError: pySHACL could not run the shapes.
    """
    _, report, text = pyshacl.validate(
        data, shacl_graph=shapes_graph, inplace=True, meta_shacl=False, advanced=False, do_owl_imports=False
    )
    if not isinstance(report, Graph):
        raise ShapeError("pySHACL could not run the shapes", value=str(text))
    seen: set[tuple[Node, Node]] = set()
    for result in report.objects(None, SH.result):  # not sh:detail, which tells the inner steps again
        source, focus = report.value(result, SH.sourceShape), report.value(result, SH.focusNode)
        shape = shapes.owner.get(_node(source))
        if shape is None:
            raise ShapeError("a result comes from a shape without a rule", value=str(source))
        if isinstance(focus, Literal):
            continue
        pair = (shape, _node(focus))
        if pair not in seen:
            seen.add(pair)
            yield pair


def _node(term: object) -> Node:
    return ox.BlankNode(str(term)) if isinstance(term, BNode) else ox.NamedNode(str(term))
