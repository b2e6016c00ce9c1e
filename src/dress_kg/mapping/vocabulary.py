"""The terms of RML that this package reads, and how the older ones are called today.

RML was written in three namespaces before the W3C community group gave it one: R2RML's, the one of
Ghent's first RML, and a third for the reference formulations. The alignment is the one the group
publishes (`rml-core` and `rml-io`, modules "backwards compatibility"): the local name stays, only
`rr:column` became `rml:reference`.
"""

from __future__ import annotations

RML = "http://w3id.org/rml/"
R2RML = "http://www.w3.org/ns/r2rml#"
FIRST_RML = "http://semweb.mmlab.be/ns/rml#"
QUERY_LANGUAGES = "http://semweb.mmlab.be/ns/ql#"

RDF_TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
XSD_STRING = "http://www.w3.org/2001/XMLSchema#string"

_OLDER = (R2RML, FIRST_RML, QUERY_LANGUAGES)
_RENAMED = {"column": "reference"}

TERM_MAP = frozenset({"constant", "reference", "template", "termType"})

PROPERTIES: dict[str, frozenset[str]] = {
    "triples map": frozenset(
        {"logicalSource", "subject", "subjectMap", "predicateObjectMap", "baseIRI"},
    ),
    "logical source": frozenset({"source", "referenceFormulation"}),
    "source": frozenset({"path", "root"}),
    "subject map": TERM_MAP | {"class", "graph", "graphMap"},
    "predicate-object map": frozenset(
        {"predicate", "predicateMap", "object", "objectMap", "graph", "graphMap"},
    ),
    "predicate map": TERM_MAP,
    "graph map": TERM_MAP,
    "object map": TERM_MAP
    | {"language", "languageMap", "datatype", "datatypeMap", "parentTriplesMap", "joinCondition"},
    "language map": TERM_MAP,
    "datatype map": TERM_MAP,
    "join condition": frozenset({"child", "childMap", "parent", "parentMap"}),
    "join side": TERM_MAP,
}
"""Which properties of the RML namespace a node of each kind may carry."""

KNOWN = frozenset().union(*PROPERTIES.values())


def current(iri: str) -> str:
    """Today's IRI of an RML term; any other IRI comes back as it is.

    >>> current("http://www.w3.org/ns/r2rml#column")
    'http://w3id.org/rml/reference'
    >>> current("http://semweb.mmlab.be/ns/ql#CSV")
    'http://w3id.org/rml/CSV'
    >>> current("http://xmlns.com/foaf/0.1/name")
    'http://xmlns.com/foaf/0.1/name'
    """
    for namespace in _OLDER:
        if iri.startswith(namespace):
            local = iri[len(namespace) :]
            return RML + _RENAMED.get(local, local)
    return iri
