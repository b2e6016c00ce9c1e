"""Names and labels on a server: as in the embedded store, but fetched by query."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from dress_kg.errors import QueryError
from dress_kg.queries.parameter import iri
from dress_kg.queries.running import LABELS, NAMES, expand, labels, resolver
from dress_kg.remote.sparql import SparqlClient

if TYPE_CHECKING:
    from pyoxigraph import Store

_AT_ONCE = 200


def remote_resolver(client: SparqlClient) -> Callable[[str], str]:
    """A function from a label, synonym, identifier, local id or IRI to the IRI on the server.

    The server's names are fetched once, at the first name that is no IRI.
    """
    names: Callable[[str], str] | None = None

    def resolve(value: str) -> str:
        nonlocal names
        full = expand(value) if ":" in value else None
        if full is not None:
            node = iri(full)
            if client.query(f"ASK {{ {{ {node} ?p ?o }} UNION {{ ?s ?p {node} }} }}").boolean:
                return full
        if names is None:
            names = resolver(_store(client, [_named(name) for name in NAMES]))
        return names(value)

    return resolve


def remote_labels(client: SparqlClient, iris: Iterable[str]) -> dict[str, str]:
    """A label for each IRI that has one on the server; which one is as for the embedded store."""
    wanted = sorted(set(iris))
    of = " ".join(iri(name) for name in LABELS)
    texts = [
        f"SELECT ?s ?p ?o {{ VALUES ?s {{ {' '.join(wanted_iris)} }} VALUES ?p {{ {of} }} ?s ?p ?o }}"
        for start in range(0, len(wanted), _AT_ONCE)
        if (wanted_iris := [iri(each) for each in wanted[start : start + _AT_ONCE] if _askable(each)])
    ]
    return labels(_store(client, texts), wanted)


def _askable(value: str) -> bool:
    """Whether the binder would take it: an IRI from a foreign graph may hold anything."""
    try:
        iri(value)
    except QueryError:
        return False
    return True


def _named(name: str) -> str:
    return f"SELECT DISTINCT ?s ?p ?o {{ BIND({iri(name)} AS ?p) ?s {iri(name)} ?o FILTER(isIRI(?s)) }}"


def _store(client: SparqlClient, texts: Iterable[str]) -> Store:
    """A store in memory with the statements that these queries answer."""
    from pyoxigraph import Literal, NamedNode, Quad, Store

    store = Store()
    for text in texts:
        for s, p, o in client.query(text).rows:
            if isinstance(s, NamedNode) and isinstance(p, NamedNode) and isinstance(o, Literal):
                store.add(Quad(s, p, o))
    return store
