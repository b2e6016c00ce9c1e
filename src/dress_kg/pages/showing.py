"""The page of an address: the one place that knows which module shows what, for the server and the site."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from dress_kg.pages.about import about_page
from dress_kg.pages.address import Address
from dress_kg.pages.agent import agent_page
from dress_kg.pages.agents import agents_page
from dress_kg.pages.editor import editor_page
from dress_kg.pages.item import item_page
from dress_kg.pages.items import items_page
from dress_kg.pages.links import Links
from dress_kg.pages.map import map_page
from dress_kg.pages.node import node_page
from dress_kg.pages.ontology import ontology_page
from dress_kg.pages.publication import publication_page, publications_page
from dress_kg.pages.quality import quality_page
from dress_kg.pages.query_page import Asked, queries_page, query_page
from dress_kg.pages.source_table import table_page
from dress_kg.pages.sources import read_sources
from dress_kg.queries import Result, StoredQuery, run

if TYPE_CHECKING:
    from pyoxigraph import Store

    from dress_kg.queries.parameter import Resolve

Params = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Holding:
    """What pages are made from: one version of a graph, and the stored queries.

    :ivar base: of the data IRIs. :ivar queries: by full name.
    :ivar resolve: from what is typed to the IRI that is meant.
    :ivar rows: that an answer to a stored query may have; None is no limit.
    :ivar last: the last answer, for who asks the same again.
    """

    store: Store
    base: str
    queries: Mapping[str, StoredQuery]
    resolve: Resolve
    rows: int | None = None
    last: dict[tuple[str, tuple[tuple[str, str], ...]], tuple[str, Result]] = field(default_factory=dict)

    def ask(self, query: StoredQuery, params: Params) -> tuple[str, Result]:
        """A stored query as it is asked with these parameters, and its answer.

        :raises QueryError: a parameter is at fault.
        :raises LimitError: the answer is too large.
        """
        key = query.name, tuple(sorted(params.items()))
        if key not in self.last:
            text = query.bind(params, self.resolve)
            answer = text, run(self.store, text, most=self.rows)
            self.last.clear()
            self.last[key] = answer
        return self.last[key]


def show(holding: Holding, address: Address, links: Links, params: Params | None = None) -> Asked | None:
    """The page of an address, None where there is none.

    :param params: of the address on a server: what a form asks; other names than the page's are left alone.
    :raises LimitError: the answer of a stored query is too large.
    """
    if address.kind == "query":
        query = holding.queries.get(address.key or "")
        if query is None:
            return None
        return query_page(
            holding.store, holding.base, query, links, holding.ask, given=params, number=address.number
        )
    make = _PAGES.get(address.kind)
    page = make(holding, address, links, params or {}) if make else None
    return None if page is None else Asked(page)


def _node(holding: Holding, address: Address, links: Links, _: Params) -> str | None:
    return node_page(holding.store, holding.base, address.key or "", links)


def _item(holding: Holding, address: Address, links: Links, _: Params) -> str | None:
    return item_page(holding.store, holding.base, address.key or "", links)


def _items(holding: Holding, address: Address, links: Links, _: Params) -> str | None:
    return items_page(holding.store, holding.base, links, address.number)


def _map(holding: Holding, address: Address, links: Links, params: Params) -> str | None:
    if not read_sources(holding.store, holding.base):
        return about_page(holding.store, holding.base, links)  # nothing of ours to draw
    return map_page(holding.store, holding.base, links, params, address.number)


def _table(holding: Holding, address: Address, links: Links, _: Params) -> str | None:
    return table_page(holding.store, holding.base, address.key or "", links, address.number)


def _quality(holding: Holding, address: Address, links: Links, _: Params) -> str | None:
    return quality_page(
        holding.store, holding.base, address.key or "", links, address.narrowed, address.number
    )


def _publication(holding: Holding, address: Address, links: Links, _: Params) -> str | None:
    own = publication_page(holding.store, holding.base, address.key or "", links)
    return own or node_page(holding.store, holding.base, address.key or "", links)


def _publications(holding: Holding, address: Address, links: Links, _: Params) -> str | None:
    return publications_page(holding.store, holding.base, links, address.number)


def _agent(holding: Holding, address: Address, links: Links, params: Params) -> str | None:
    """An agent that rows name; another concept of the vocabulary is a node like any other."""
    page = agent_page(holding.store, holding.base, address.key or "", links, address.number)
    return page or (_node(holding, address, links, params) if address.number == 1 else None)


_PAGES: dict[str, Callable[[Holding, Address, Links, Params], str | None]] = {
    "map": _map,
    "agents": lambda has, at, links, _: agents_page(has.store, has.base, links, at.number),
    "items": _items,
    "publications": _publications,
    "queries": lambda has, _, links, __: queries_page(has.store, has.base, has.queries.values(), links),
    "editor": lambda has, _, links, __: editor_page(has.store, has.base, has.queries.values(), links),
    "about": lambda has, _, links, __: about_page(has.store, has.base, links),
    "ontology": lambda has, _, links, __: ontology_page(has.store, has.base, links),
    "item": _item,
    "table": _table,
    "quality": _quality,
    "publication": _publication,
    "node": _node,
    "agent": _agent,
}
