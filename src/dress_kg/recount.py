"""What VoID counts of a graph some lines of which changed: from what it said before, and those lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import pyoxigraph as ox

from dress_kg import terms
from dress_kg.counting import Counts, Seen, count_lines, kind_of

_VOID = terms.PREFIXES["void"]
_LABEL = terms.PREFIXES["rdfs"] + "label"


def counted_before(lines: Iterable[bytes], base: str = terms.DATA) -> dict[str, Counts]:
    """The counts of each source that the lines of its description say (`dataset.describe_source`)."""
    said: dict[str, dict[str, list[ox.NamedNode | ox.Literal]]] = {}
    sources: set[str] = set()
    for quad in ox.parse(input=b"".join(lines), format=ox.RdfFormat.N_QUADS):
        if isinstance(quad.subject, ox.NamedNode) and isinstance(quad.object, ox.NamedNode | ox.Literal):
            about = said.setdefault(quad.subject.value, {})
            about.setdefault(quad.predicate.value, []).append(quad.object)
            graph = quad.graph_name.value if isinstance(quad.graph_name, ox.NamedNode) else ""
            sources.add(terms.source_of_graph(graph, base) or "")
    return {source: _counts(said, terms.dataset(source, base)) for source in sources - {""}}


def _counts(said: dict[str, dict[str, list[ox.NamedNode | ox.Literal]]], dataset: str) -> Counts:
    def one(node: str, name: str) -> str:
        return said[node][name if ":" in name else _VOID + name][0].value

    def parts(link: str, name: str, number: str) -> Counter[str]:
        nodes = [each.value for each in said[dataset].get(_VOID + link, [])]
        return Counter({one(node, name): int(one(node, number)) for node in nodes})

    return Counts(
        triples=int(one(dataset, "triples")),
        by_kind=parts("subset", _LABEL, "triples"),
        by_property=parts("propertyPartition", "property", "triples"),
        members=parts("classPartition", "class", "entities"),
        subjects=int(one(dataset, "distinctSubjects")),
        objects=int(one(dataset, "distinctObjects")),
    )


def recounted(
    counts: dict[str, Counts],
    gone: Iterable[bytes],
    come: Iterable[bytes],
    base: str = terms.DATA,
) -> None:
    """Count lines that went and that came, all lines of each of their subjects among them; not `objects`."""
    for lines, sign in ((gone, -1), (come, 1)):
        for source, seen in count_lines(lines, base).items():
            _add(counts.setdefault(source, Counts()), seen, sign)


def _add(counts: Counts, seen: Seen, sign: int) -> None:
    found = seen.counts
    counts.triples += sign * found.triples
    counts.subjects += sign * found.subjects
    for mine, theirs in (
        (counts.by_kind, found.by_kind),
        (counts.by_property, found.by_property),
        (counts.members, found.members),
    ):
        for name, number in theirs.items():
            mine[name] += sign * number
            if not mine[name]:
                del mine[name]


def objects_of(lines: Iterable[bytes], base: str = terms.DATA) -> set[tuple[str, ox.NamedNode | ox.Literal]]:
    """(source, object) of lines, but for descriptions and the shared graph."""
    found: set[tuple[str, ox.NamedNode | ox.Literal]] = set()
    for quad in ox.parse(input=b"".join(lines), format=ox.RdfFormat.N_QUADS):
        if isinstance(quad.graph_name, ox.NamedNode) and isinstance(quad.object, ox.NamedNode | ox.Literal):
            source, kind = kind_of(quad.graph_name.value, base)
            if source is not None and kind != "dataset":
                found.add((source, quad.object))
    return found


def held(
    store: ox.Store, objects: Iterable[tuple[str, ox.NamedNode | ox.Literal]], base: str = terms.DATA
) -> Counter[str]:
    """How many of these objects a store has, by source."""
    found: Counter[str] = Counter()
    for source, value in objects:
        for quad in store.quads_for_pattern(None, None, value, None):
            graph = quad.graph_name.value if isinstance(quad.graph_name, ox.NamedNode) else ""
            whose, kind = kind_of(graph, base)
            if whose == source and kind != "dataset":
                found[source] += 1
                break
    return found
