"""Asking a page's store by SPARQL: constant texts; what differs is bound as a term, never pasted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import pyoxigraph as ox

from dress_kg import terms
from dress_kg.pages.graph import name, text_of

Row = tuple[str | None, ...]
_PREFIXES = "".join(f"PREFIX {prefix}: <{iri}>\n" for prefix, iri in terms.PREFIXES.items())


def rows(store: ox.Store, query: str, **given: str) -> Iterator[Row]:
    """The rows of a SELECT over the union of all graphs: IRIs and lexical forms, None where unbound.

    :param query: a constant text without prefixes, those of :data:`dress_kg.terms.PREFIXES` being added.
    :param given: IRIs by the variable that has each; they are put, as terms, behind the first brace.
    :raises ValueError: what is given is not an IRI.
    """
    head, brace, tail = query.partition("{")
    bound = "".join(f" VALUES ?{variable} {{ {ox.NamedNode(iri)} }} " for variable, iri in given.items())
    answer = store.query(_PREFIXES + head + brace + bound + tail, use_default_graph_as_union=True)
    assert isinstance(answer, ox.QuerySolutions)  # noqa: S101 - a constant text that starts with SELECT
    for row in answer:
        yield tuple(None if each is None else text_of(each) for each in row)


class Values:
    """What stands behind predicates, each predicate read once for all nodes.

    By pattern, which for a predicate that thousands of nodes have costs less than a query that joins it.
    """

    def __init__(self, store: ox.Store) -> None:
        self.store = store
        self._read: dict[str, dict[str, tuple[str, ...]]] = {}

    def all(self, predicate: str) -> dict[str, tuple[str, ...]]:
        """The values of a predicate (a prefixed name) by node: sorted, each once."""
        if predicate not in self._read:
            found: dict[str, set[str]] = defaultdict(set)
            for quad in self.store.quads_for_pattern(None, name(predicate), None, None):
                if isinstance(quad.subject, ox.NamedNode):
                    found[quad.subject.value].add(text_of(quad.object))
            self._read[predicate] = {node: tuple(sorted(each)) for node, each in found.items()}
        return self._read[predicate]

    def one(self, predicate: str, node: str | None) -> str | None:
        """The first value of a predicate for a node, None where it has none."""
        found = self.all(predicate).get(node or "")
        return found[0] if found else None


def pairs(store: ox.Store, query: str) -> dict[str, str]:
    """The value of a constant query's second variable by that of its first."""
    return {key: value for key, value in rows(store, query) if key is not None and value is not None}


def many(store: ox.Store, query: str, **given: str) -> dict[str, tuple[str, ...]]:
    """The values of a constant query's second variable by those of its first: sorted, each once.

    :param given: as in :func:`rows`.
    """
    found = defaultdict(set)
    for key, value in rows(store, query, **given):
        if key is not None and value is not None:
            found[key].add(value)
    return {key: tuple(sorted(values)) for key, values in found.items()}
