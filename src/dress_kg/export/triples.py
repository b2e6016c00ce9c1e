"""Some triples as Turtle, N-Triples or JSON-LD: what a query constructs, what describes a node."""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import TYPE_CHECKING

from dress_kg.errors import CallError
from dress_kg.export.jsonld import write_jsonld
from dress_kg.export.turtle import turtle_of_triples

if TYPE_CHECKING:
    from pyoxigraph import Triple

FORMATS = ("turtle", "ntriples", "jsonld")


def write_triples(triples: Iterable[Triple], form: str) -> bytes:
    """The triples in that format, sorted: the same bytes for the same triples.

    :param form: one of :data:`FORMATS`.
    :raises CallError: it is none of them.
    """
    if form == "ntriples":
        return "".join(sorted(f"{triple} .\n" for triple in triples)).encode()
    if form == "turtle":
        return turtle_of_triples(triples)
    if form != "jsonld":
        raise CallError("unknown format of triples", value=form, remedy=f"one of {', '.join(FORMATS)}")
    from pyoxigraph import Quad, Store

    store = Store()
    store.extend(Quad(*triple) for triple in triples)
    out = io.BytesIO()
    write_jsonld(store, out)
    return out.getvalue()
