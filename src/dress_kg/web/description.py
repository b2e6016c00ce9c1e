"""The endpoint's service description (https://www.w3.org/TR/sparql11-service-description/)."""

from __future__ import annotations

from dress_kg import terms
from dress_kg.queries import Result
from dress_kg.web.negotiation import GRAPHS, ROWS

_SD = "http://www.w3.org/ns/sparql-service-description#"


def description(endpoint: str) -> Result:
    """What the endpoint is and can, as triples.

    :param endpoint: its IRI.
    """
    from pyoxigraph import NamedNode, Triple

    service, dataset, graph = (NamedNode(endpoint + part) for part in ("#service", "#dataset", "#default"))
    kind = NamedNode(terms.PREFIXES["rdf"] + "type")

    def sd(name: str) -> NamedNode:
        return NamedNode(_SD + name)

    return Result(
        triples=(
            Triple(service, kind, sd("Service")),
            Triple(service, sd("endpoint"), NamedNode(endpoint)),
            Triple(service, sd("supportedLanguage"), sd("SPARQL11Query")),
            Triple(service, sd("feature"), sd("UnionDefaultGraph")),
            *(Triple(service, sd("resultFormat"), NamedNode(form.iri)) for form in (*ROWS, *GRAPHS)),
            Triple(service, sd("defaultDataset"), dataset),
            Triple(dataset, kind, sd("Dataset")),
            Triple(dataset, sd("defaultGraph"), graph),
            Triple(graph, kind, sd("Graph")),
        )
    )
