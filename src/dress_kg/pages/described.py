"""What the graph says of one node of ours, as triples: the answer to whoever follows its IRI as a program.

An evidence item is described by its whole document (its graph, its assessment, the names of what it points
to), a named graph by what it holds, anything else by the triples that have it as their subject. Concepts of
the shipped vocabularies that no row uses, the ontology and the stored queries come from the shipped files.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING

from dress_kg import resources, terms
from dress_kg.export.framed import item_quads

if TYPE_CHECKING:
    from pyoxigraph import NamedNode, Store, Triple

ONTOLOGY = terms.ONTOLOGY.removesuffix("#")
"""The IRI of the ontology itself, without the hash of its terms."""
QUERY = terms.stored_query("")


@cache
def shipped() -> Store:
    """The ontology, the vocabularies and scales, and the catalogue of stored queries, each in its graph."""
    from pyoxigraph import CanonicalizationAlgorithm, Dataset, NamedNode, Quad, RdfFormat, Store, parse

    folder = resources.folder("ontology")
    named = [
        (file, terms.VOCABULARY)
        for kind in ("vocab", "scales")
        for file in sorted(folder.glob(f"{kind}/*.ttl"))
    ]
    store = Store()
    for file, graph in (*named, (folder / "dress-kg.ttl", ONTOLOGY), (folder / "queries.ttl", QUERY)):
        read = Dataset(
            Quad(quad.subject, quad.predicate, quad.object, NamedNode(graph))
            for quad in parse(path=str(file), format=RdfFormat.TURTLE)
        )
        # Blank nodes get names that are the same in every process, so that answers are, too.
        read.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
        store.extend(read)
    return store


def iri_of_path(path: str, base: str = terms.DATA) -> str | None:
    """The IRI that a path of the service stands for, None where it stands for none.

    The path is that of the IRI at w3id.org; one of another base stands under `/id/` as well.

    >>> iri_of_path("/id/evidence/dress/a-b-2016", "https://example.org/kg/")
    'https://example.org/kg/evidence/dress/a-b-2016'
    >>> iri_of_path("/ontology"), iri_of_path("/queries")
    ('https://w3id.org/dress-kg/ontology', None)
    """
    for start, whole in (("/id/", base), ("/vocab/", terms.VOCABULARY), ("/query/", QUERY)):
        if path.startswith(start) and path != start:
            return whole + path.removeprefix(start)
    return ONTOLOGY if path.rstrip("/") == "/ontology" else None


def described(store: Store, base: str, iri: str) -> tuple[Triple, ...]:
    """The triples that describe a node, each once; none where nothing is known of it.

    :param base: of the data IRIs.
    """
    from pyoxigraph import NamedNode

    try:
        node = NamedNode(iri)
    except ValueError:
        return ()
    if iri == ONTOLOGY:
        return tuple(quad.triple for quad in shipped().quads_for_pattern(None, None, None, node))
    if iri.startswith(f"{base}graph/"):
        return tuple(quad.triple for quad in store.quads_for_pattern(None, None, None, node))
    if is_item(store, node):
        return tuple(dict.fromkeys(quad.triple for quad in item_quads(store, iri, base)))
    known = dict.fromkeys(quad.triple for quad in store.quads_for_pattern(node, None, None, None))
    if not iri.startswith(base):
        known |= dict.fromkeys(_closure(shipped(), node))
    return tuple(known)


def is_known(store: Store, base: str, iri: str) -> bool:
    """Whether anything describes a node. :param base: of the data IRIs."""
    from pyoxigraph import NamedNode

    if iri.startswith(f"{base}graph/") or iri == ONTOLOGY:
        return bool(described(store, base, iri))
    try:
        node = NamedNode(iri)
    except ValueError:
        return False
    stores = (store,) if iri.startswith(base) else (store, shipped())
    return any(next(each.quads_for_pattern(node, None, None, None), None) is not None for each in stores)


def is_item(store: Store, node: NamedNode) -> bool:
    """Whether the node is an evidence item."""
    from pyoxigraph import NamedNode

    kind, item = NamedNode(terms.PREFIXES["rdf"] + "type"), NamedNode(terms.ONTOLOGY + "EvidenceItem")
    return next(store.quads_for_pattern(node, kind, item, None), None) is not None


def _closure(store: Store, node: NamedNode) -> Iterator[Triple]:
    """The node's triples, and those of the blank nodes that hang from it."""
    from pyoxigraph import BlankNode

    waiting, seen = [node], set()
    while waiting:
        for quad in store.quads_for_pattern(waiting.pop(), None, None, None):
            yield quad.triple
            if isinstance(quad.object, BlankNode) and quad.object not in seen:
                seen.add(quad.object)
                waiting.append(quad.object)  # type: ignore[arg-type] # a subject of either kind will do
