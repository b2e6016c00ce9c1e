"""The ontology for reading: every class and property under the name that the fragment of its IRI has."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dress_kg import terms
from dress_kg.pages.described import ONTOLOGY, shipped
from dress_kg.pages.layout import render
from dress_kg.pages.links import Links
from dress_kg.pages.rows import rows
from dress_kg.pages.sources import read_sources

if TYPE_CHECKING:
    from pyoxigraph import Store

KINDS = (
    ("Classes", terms.PREFIXES["owl"] + "Class"),
    ("Properties between nodes", terms.PREFIXES["owl"] + "ObjectProperty"),
    ("Properties with values", terms.PREFIXES["owl"] + "DatatypeProperty"),
    ("Annotations", terms.PREFIXES["owl"] + "AnnotationProperty"),
)
_TERMS = """SELECT ?term ?label ?definition ?example ?parent ?domain ?range {
  ?term a ?kind . FILTER(ISIRI(?term))
  OPTIONAL { ?term rdfs:label ?label }
  OPTIONAL { ?term skos:definition ?definition }
  OPTIONAL { ?term skos:example ?example }
  OPTIONAL { ?term rdfs:subClassOf|rdfs:subPropertyOf ?parent FILTER(ISIRI(?parent)) }
  OPTIONAL { ?term rdfs:domain ?domain FILTER(ISIRI(?domain)) }
  OPTIONAL { ?term rdfs:range ?range FILTER(ISIRI(?range)) }
} ORDER BY ?term ?parent ?domain ?range ?example"""


@dataclass(frozen=True, slots=True)
class Term:
    """A class or property. :ivar name: its local name, the id it has on the page."""

    name: str
    label: str | None
    definition: str | None
    example: str | None
    parent: str | None
    domain: str | None
    range: str | None


def ontology_page(store: Store, base: str, links: Links) -> str:
    """The page of the ontology. :param base: of the data IRIs."""
    return render(
        "ontology.html.jinja",
        links,
        title="Ontology",
        sources=read_sources(store, base),
        iri=ONTOLOGY,
        edition=next(rows(shipped(), "SELECT ?version { ?o owl:versionInfo ?version }", o=ONTOLOGY))[0],
        description=next(rows(shipped(), "SELECT ?text { ?o dcterms:description ?text }", o=ONTOLOGY))[0],
        groups=[(label, list(_terms(kind))) for label, kind in KINDS],
    )


def _terms(kind: str) -> Iterator[Term]:
    """The terms of ours of a kind, each once."""
    last = None
    for iri, *said in rows(shipped(), _TERMS, kind=kind):
        if iri and iri.startswith(terms.ONTOLOGY) and iri != last:
            last = iri
            yield Term(iri.removeprefix(terms.ONTOLOGY), *said)
