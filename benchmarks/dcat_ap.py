"""Judges a build's description by the official DCAT-AP shapes: `python -m benchmarks.dcat_ap FOLDER`.

FOLDER is releases/3.0.1/html/shacl of the repository SEMICeu/DCAT-AP, which is in no package registry and is
not shipped. Its constraints on the classes used here stand in tests/test_dataset.py, in our words.
"""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

import pyshacl
from rdflib import SH, Graph, URIRef

from dress_kg.pipeline import make_graph

SHAPES = ("shapes.ttl", "range.ttl")


def described() -> Graph:
    """The graphs `dataset` of the shipped table."""
    quads = [quad for quad in make_graph(["dress"]).quads if str(quad.graph_name).endswith("/dataset>")]
    lines = "".join(f"{quad.triple} .\n" for quad in quads)
    return Graph(bind_namespaces="none").parse(data=lines, format="ntriples")


def main() -> None:
    """Print the results by property and message, and what the shapes say without one of the values."""
    shapes = Graph()
    for name in SHAPES:
        shapes.parse(Path(sys.argv[1]) / name)
    data = described()
    for note, graph in (("as it is", data), ("without dcat:accessURL", _without_addresses(data))):
        conforms, report, _ = pyshacl.validate(graph, shacl_graph=shapes)
        assert isinstance(report, Graph)
        print(f"{note}: {'conforms' if conforms else 'does not conform'}")
        for (path, severity), number in Counter(_results(report)).items():
            print(f"  {number} {severity.rpartition('#')[2]} {path}")


def _without_addresses(data: Graph) -> Graph:
    less = Graph() + data
    less.remove((None, URIRef("http://www.w3.org/ns/dcat#accessURL"), None))
    return less


def _results(report: Graph) -> list[tuple[str, str]]:
    return [
        (str(report.value(result, SH.resultPath)), str(report.value(result, SH.resultSeverity)))
        for result in report.objects(None, SH.result)
    ]


if __name__ == "__main__":
    main()
