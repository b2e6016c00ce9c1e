"""pySHACL's border: one batch in, the faults it found out, each with the shape that has the rule."""

from __future__ import annotations

from collections.abc import Iterator

import pyshacl
from rdflib import RDF, SH, Graph, URIRef

from dress_kg.errors import ShapeError
from dress_kg.validate.shapes import Shapes


def judge(data: Graph, shapes: Shapes) -> Iterator[tuple[URIRef, str]]:
    """(shape, IRI of the focus node) for each fault, each pair once.

    Severity and message stand on the shape that has the rule: pySHACL reports those of the inner
    property shape, which nobody has set.

    :raises ShapeError: pySHACL could not run the shapes.
    """
    _, report, text = pyshacl.validate(
        data, shacl_graph=shapes.graph, inplace=True, meta_shacl=False, advanced=False, do_owl_imports=False
    )
    if not isinstance(report, Graph):
        raise ShapeError("pySHACL could not run the shapes", value=str(text))
    seen: set[tuple[URIRef, str]] = set()
    for result in report.objects(None, SH.result):  # not sh:detail, which tells the inner steps again
        source = report.value(result, SH.sourceShape)
        shape = shapes.owner.get(source) if source is not None else None
        if shape is None:
            raise ShapeError("a result comes from a shape without a rule", value=str(source))
        pair = (shape, str(report.value(result, SH.focusNode)))
        if pair not in seen:
            seen.add(pair)
            yield pair


def focus_classes(data: Graph) -> frozenset[URIRef]:
    """The classes that have a node in this graph."""
    return frozenset(c for c in set(data.objects(None, RDF.type)) if isinstance(c, URIRef))
