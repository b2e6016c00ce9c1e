"""A mapping in RML's older terms, written in today's (`http://w3id.org/rml/`)."""

from __future__ import annotations

from pathlib import Path

from pyoxigraph import NamedNode, RdfFormat, Triple, serialize

from dress_kg.mapping.document import in_current_terms, read_document, read_triples, triples_maps
from dress_kg.mapping.vocabulary import RML


def in_todays_terms(source: Path | str) -> str:
    """The mapping as Turtle in today's terms; all else that the document says stays.

    The document's `@base`, which older mappings use for relative IRIs in the data, is written out as
    `rml:baseIRI` of each triples map. The source stays a plain text, which all engines read.

    :param source: the path of a Turtle file, or Turtle as text.
    :raises MappingError: the file cannot be read, or it is not Turtle.

    >>> print(in_todays_terms('''
    ... @prefix rr: <http://www.w3.org/ns/r2rml#> . @prefix ex: <http://example.org/> .
    ... ex:map rr:objectMap [ rr:column "Name" ] .'''))
    @prefix rml: <http://w3id.org/rml/> .
    <http://example.org/map> rml:objectMap _:b1 .
    _:b1 rml:reference "Name" .
    <BLANKLINE>
    """
    triples, _ = read_triples(source)
    document = read_document(source)
    translated = [in_current_terms(triple) for triple in triples]
    if document.base is not None:
        property_iri, value = NamedNode(RML + "baseIRI"), NamedNode(document.base)
        translated += [
            Triple(node, property_iri, value)
            for node in triples_maps(document)
            if not document.values(node, "baseIRI")
        ]
    written = serialize(translated, format=RdfFormat.TURTLE, prefixes={"rml": RML})
    return written.decode() if written is not None else ""
