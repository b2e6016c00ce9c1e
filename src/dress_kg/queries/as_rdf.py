"""The stored queries as RDF: `sh:SPARQLExecutable`s with their parameters, in `ontology/queries.ttl`.

Written anew by `python -m dress_kg.queries.as_rdf > ontology/queries.ttl`; a test keeps the file equal to the
query files.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING

from dress_kg import terms
from dress_kg.queries.catalog import StoredQuery, list_queries

if TYPE_CHECKING:
    from rdflib import Graph

_HEAD = (
    "# Made from the headers of the files in queries/ by `python -m dress_kg.queries.as_rdf`; do not edit.\n"
)
_DATATYPES = {
    "string": "string",
    "integer": "integer",
    "decimal": "decimal",
    "date": "date",
    "choice": "string",
}


def catalogue(queries: Iterable[StoredQuery]) -> Graph:
    """The queries as executables: summary, description, text, parameters and an example."""
    from rdflib import DCTERMS, RDF, RDFS, SH, SKOS, XSD, Graph, Literal, Namespace, URIRef

    graph = Graph(bind_namespaces="none")
    for prefix in ("dcterms", "rdf", "rdfs", "sh", "skos", "xsd"):
        graph.bind(prefix, Namespace(terms.PREFIXES[prefix]))
    for query in queries:
        node = URIRef(terms.stored_query(query.name))
        graph.add((node, RDF.type, SH.SPARQLExecutable))
        graph.add((node, RDF.type, SH.SPARQLSelectExecutable))
        graph.add((node, RDFS.label, Literal(query.summary, lang="en")))
        graph.add((node, RDFS.comment, Literal(query.description, lang="en")))
        graph.add((node, DCTERMS.identifier, Literal(query.name)))
        graph.add((node, DCTERMS.subject, Literal(query.audience)))
        graph.add((node, SKOS.example, Literal(query.example)))
        graph.add((node, SH.select, Literal(query.text)))
        for number, parameter in enumerate(query.parameters, 1):
            part = URIRef(f"{node}/parameter/{parameter.name}")
            graph.add((node, SH.parameter, part))
            graph.add((part, RDF.type, SH.Parameter))
            graph.add((part, SH.path, URIRef(f"{node}/parameter/{parameter.name}/value")))
            graph.add((part, SH.name, Literal(parameter.name)))
            graph.add((part, SH.description, Literal(parameter.label, lang="en")))
            graph.add((part, SH.order, Literal(number)))
            graph.add((part, SH.optional, Literal(True)))
            if parameter.type == "iri":
                graph.add((part, SH.nodeKind, SH.IRI))
            else:
                graph.add((part, SH.datatype, XSD[_DATATYPES[parameter.type]]))
            if parameter.default is not None:
                graph.add((part, SH.defaultValue, Literal(parameter.default)))
    return graph


def turtle(queries: Iterable[StoredQuery]) -> str:
    """The catalogue in Turtle, the same for the same queries."""
    return _HEAD + catalogue(queries).serialize(format="turtle")


if __name__ == "__main__":
    sys.stdout.write(turtle(list_queries()))
