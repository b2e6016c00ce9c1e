"""Writes the ontology's HTML page: `python docs/ontology/make.py` (needs pyLODE and `src` on the path).

pyLODE cannot show class expressions inside one another, so each definition is given to it in words, as the
reasoner's explanations say it.
"""

from __future__ import annotations

from pathlib import Path

from rdflib import OWL, RDF, RDFS, SKOS, BNode, Graph, Literal, URIRef

from dress_kg.ontology import vocabulary
from dress_kg.reason.axioms import axioms, sentence

HERE = Path(__file__).parent


def readable() -> Graph:
    """The ontology without blank nodes, its definitions and disjointness in words."""
    source = vocabulary().graph
    page = Graph()
    for prefix, space in Graph().parse(HERE.parents[1] / "ontology/dress-kg.ttl").namespaces():
        page.bind(prefix, space)
    # pyLODE lists terms in the order it meets them.
    for subject, predicate, value in sorted(source, key=lambda triple: str(triple).lower()):
        foreign = predicate == RDF.type and not str(subject).startswith("https://w3id.org/dress-kg/ontology")
        if not (isinstance(subject, BNode) or isinstance(value, BNode) or foreign):
            page.add((subject, predicate, value))
    for axiom in axioms(source):
        subject, predicate, value = axiom.head
        if isinstance(subject, URIRef) and isinstance(value, BNode):
            page.add((subject, SKOS.scopeNote, Literal(sentence(axiom, source) + ".", lang="en")))
        elif isinstance(subject, BNode) and predicate == RDFS.subClassOf:
            page.add((value, SKOS.scopeNote, Literal(sentence(axiom, source) + ".", lang="en")))
    page.remove((None, OWL.disjointWith, None))
    page.remove((None, RDFS.isDefinedBy, None))  # the same for each: the page's own
    return page


def main() -> None:
    """Write `index.html` beside this file."""
    from pylode.profiles.ontpub import OntPub

    OntPub(ontology=readable()).make_html(destination=HERE / "index.html")


if __name__ == "__main__":
    main()
