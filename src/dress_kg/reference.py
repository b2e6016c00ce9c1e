"""The `reference` graph: agents, conditions, designs, schemes and scales that the items point to.

Only concepts that something uses are in it (with the classes above them and their scheme), so a node
goes with its last user. Publications and identifiers elsewhere (SSSOM) come by the mapping.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import yaml
from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, parse

from dress_kg import terms
from dress_kg.errors import OntologyError
from dress_kg.resources import folder
from dress_kg.tables import Rows

_SKOS = terms.PREFIXES["skos"]
_BROADER = NamedNode(_SKOS + "broader")
_IN_SCHEME = NamedNode(_SKOS + "inScheme")
_TOP_CONCEPT_OF = NamedNode(_SKOS + "topConceptOf")


def vocabulary_files() -> tuple[Path, ...]:
    """The shipped vocabularies and rating scales, by name."""
    ontology = folder("ontology")
    return (*sorted((ontology / "vocab").glob("*.ttl")), *sorted((ontology / "scales").glob("*.ttl")))


@cache
def _triples(path: Path) -> tuple[tuple[NamedNode, NamedNode, NamedNode | Literal], ...]:
    try:
        quads = tuple(parse(path=str(path), format=RdfFormat.TURTLE))
    except (SyntaxError, ValueError) as error:
        raise OntologyError(f"the vocabulary does not parse ({error})", file=path) from error
    return tuple(
        (q.subject, q.predicate, q.object)
        for q in quads
        if isinstance(q.subject, NamedNode) and isinstance(q.object, NamedNode | Literal)
    )


def read_sssom(path: Path) -> Iterator[tuple[NamedNode, NamedNode, NamedNode]]:
    """The mappings of an SSSOM/TSV file as triples subject, predicate, object.

    :raises OntologyError: a CURIE whose prefix the file's `curie_map` does not declare.
    """
    header: list[str] = []
    columns: list[str] | None = None
    prefixes: dict[str, str] = {}
    for number, line in enumerate(path.read_text("utf-8").split("\n"), 1):
        if line.startswith("#") and columns is None:
            header.append(line[1:])
        elif line and columns is None:
            columns = line.split("\t")
            prefixes = {**terms.PREFIXES, **(yaml.safe_load("\n".join(header)) or {}).get("curie_map", {})}
        elif line and columns is not None:
            cells = dict(zip(columns, line.split("\t"), strict=False))
            parts = [cells.get(name, "") for name in ("subject_id", "predicate_id", "object_id")]
            subject, predicate, target = (_expand(curie, prefixes, path, number) for curie in parts)
            yield subject, predicate, target


def _expand(curie: str, prefixes: dict[str, str], path: Path, line: int) -> NamedNode:
    prefix, colon, local = curie.partition(":")
    if not colon or prefix not in prefixes:
        raise OntologyError(
            "an identifier whose prefix is not declared",
            file=path,
            line=line,
            value=curie,
            remedy="add the prefix to curie_map at the top of the file",
        )
    return NamedNode(prefixes[prefix] + local)


def reference_quads(used: Iterable[str], base: str = terms.DATA) -> Iterator[Quad]:
    """What the vocabularies say of the used concepts, in the reference graph.

    :param used: IRIs that occur in the items; those outside our vocabulary are passed over.
    """
    graph = NamedNode(terms.reference_graph(base))
    about: dict[NamedNode, list[tuple[NamedNode, NamedNode, NamedNode | Literal]]] = {}
    for path in vocabulary_files():
        for triple in _triples(path):
            about.setdefault(triple[0], []).append(triple)
    waiting = [NamedNode(iri) for iri in set(used) if iri.startswith(terms.VOCABULARY)]
    seen: set[NamedNode] = set()
    while waiting:
        node = waiting.pop()
        if node in seen or node not in about:
            continue
        seen.add(node)
        for subject, predicate, value in about[node]:
            yield Quad(subject, predicate, value, graph)
            if predicate in (_BROADER, _IN_SCHEME, _TOP_CONCEPT_OF) and isinstance(value, NamedNode):
                waiting.append(value)


def term_mappings(used: Iterable[str], base: str = terms.DATA) -> Rows:
    """The rows of the `term_mapping` table: identifiers elsewhere of the used concepts."""
    wanted = frozenset(used)
    graph = terms.reference_graph(base)
    return [
        {"named_graph": graph, "concept": s.value, "match": p.value, "identifier": o.value}
        for path in sorted(folder("mappings").glob("*.sssom.tsv"))
        for s, p, o in read_sssom(path)
        if s.value in wanted
    ]


def known_concepts() -> frozenset[str]:
    """The IRIs of all concepts of the shipped vocabularies and scales."""
    return frozenset(subject.value for path in vocabulary_files() for subject, _, _ in _triples(path))


def vocabulary_quads(base: str = terms.DATA, predicates: frozenset[str] | None = None) -> Iterator[Quad]:
    """The whole vocabularies and rating scales, in the reference graph.

    :param predicates: IRIs of the only predicates wanted, None for all.
    """
    graph = NamedNode(terms.reference_graph(base))
    for path in vocabulary_files():
        for subject, predicate, value in _triples(path):
            if predicates is None or predicate.value in predicates:
                yield Quad(subject, predicate, value, graph)


def used_iris(quads: Iterable[Quad]) -> set[str]:
    """The IRIs that stand as objects in these quads."""
    return {quad.object.value for quad in quads if isinstance(quad.object, NamedNode)}
