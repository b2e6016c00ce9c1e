"""The graphs that a query is asked of: those the request names, those of its FROM, else the union of all.

Nothing is ever fetched: a graph that the store has not is an error, not an empty answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from dress_kg.errors import QueryError
from dress_kg.queries.fault import parse_error
from dress_kg.queries.result import Result
from dress_kg.queries.running import check_text, whole
from dress_kg.queries.syntax import Token, meaning, tokens

if TYPE_CHECKING:
    from pyoxigraph import Store

    from dress_kg.web.frames import Job

_ALLOWED = frozenset({"FROM"})


def ask(store: Store, job: Job, most: int) -> Result:
    """The whole answer to a user's query text.

    :raises QueryError: the text is at fault, or names a graph that is not there.
    :raises LimitError: the text or its answer is too large.
    """
    text = job.text or ""
    check_text(text, allowed=_ALLOWED)
    default, named = job.default, job.named
    own = list(_from(meaning(text)))
    dataset = default is not None or named is not None
    _known(store, () if dataset else own)
    try:
        answer = store.query(
            text,
            base_iri=job.base,
            use_default_graph_as_union=not dataset and not own,
            default_graph=_known(store, default or ()) if dataset else None,
            named_graphs=_known(store, named or ()) if dataset else None,
        )
    except SyntaxError as error:
        raise parse_error(text, error) from error
    return whole(answer, most)


def form_of(text: str) -> str:
    """The kind of query: `SELECT`, `ASK`, `CONSTRUCT` or `DESCRIBE`; `SELECT` where it is none of them."""
    kinds = {"SELECT", "ASK", "CONSTRUCT", "DESCRIBE"}
    words = (token.text.upper() for token in tokens(text) if token.kind == "word")
    return next((word for word in words if word in kinds), "SELECT")


def _from(found: list[Token]) -> Iterator[str]:
    """The IRIs after FROM and FROM NAMED, in full."""
    prefixes = {
        name.text: iri.text[1:-1]
        for word, name, iri in zip(found, found[1:], found[2:], strict=False)
        if word.text.upper() == "PREFIX" and iri.kind == "iri"
    }
    for word, *after in zip(found, found[1:], found[2:], strict=False):
        if word.kind == "word" and word.text.upper() == "FROM":
            graph = after[1] if after[0].text.upper() == "NAMED" else after[0]
            if graph.kind == "iri":
                yield graph.text[1:-1]
            elif graph.kind == "pname":
                prefix, _, local = graph.text.partition(":")
                yield prefixes.get(prefix + ":", "") + local


def _known(store: Store, iris: Sequence[str]) -> list[Any]:
    """Their nodes, of whichever of its types the engine's signature asks for."""
    from pyoxigraph import NamedNode

    found: list[Any] = []
    for iri in iris:
        try:
            node = NamedNode(iri)
        except ValueError as error:
            raise QueryError("the name of a graph is no absolute IRI", value=iri) from error
        if not store.contains_named_graph(node):
            raise QueryError(
                "there is no graph of this name here, and none is fetched",
                value=iri,
                remedy="name none for the union of all; `SELECT ?g { GRAPH ?g {} }` lists them",
            )
        found.append(node)
    return found
