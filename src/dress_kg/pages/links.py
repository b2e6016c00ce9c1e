"""Every link of a page is made here: root-relative on a server, relative files in a static site."""

from __future__ import annotations

import posixpath
import re
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import quote, urlencode

from dress_kg import terms
from dress_kg.errors import CallError
from dress_kg.pages.address import SINGLE, Address, fragment, of_iri
from dress_kg.pages.asset_files import hashed

FORMATS = {"turtle": ("ttl", "text/turtle"), "jsonld": ("jsonld", "application/ld+json"),
           "ntriples": ("nt", "application/n-triples")}  # fmt: skip
"""Formats in which the data of a page are to be had: file extension and media type."""
# What stands in an address that a browser may follow: no blank, control, quote or bidirectional character.
_WEB = re.compile(r"https?://[!#$%&'()*+,\-./0-9:;=?@A-Z\[\]_a-z~]+", re.I)


def web(iri: str | None) -> str | None:
    """The IRI, where it is one a page may link to: http or https, of plain characters; else None.

    >>> web("https://doi.org/10.1/x"), web("javascript:alert(1)"), web("https://a.b/\\u202e")
    ('https://doi.org/10.1/x', None, None)
    """
    return iri if iri and _WEB.fullmatch(iri) else None


def site_root(url: str | None) -> str | None:
    """Where a site stands on the web, from what its maker typed: no slash at the end; None of None.

    :raises CallError: it is no web address.
    """
    if url is not None and web(url) is None:
        raise CallError("this is no web address", value=url, remedy="give it as https://example.org")
    return url.rstrip("/") if url is not None else None


class Links(ABC):
    """Makes links.

    :ivar base: of the data IRIs.
    :ivar digest: of the graph that the pages are of, None where it is not known; shown in the footer.
    :ivar root: where the site stands on the web (`https://…`, no slash at the end), None where nobody knows.
    :cvar offered: the pages of which there is one that are there.
    :cvar live: whether there is a server behind the pages that answers new questions.
    """

    offered: frozenset[str] = frozenset(SINGLE)
    live = True

    def __init__(self, base: str = terms.DATA, digest: str | None = None, root: str | None = None) -> None:
        self.base = base
        self.digest = digest
        self.root = root

    @abstractmethod
    def to(self, address: Address, part: str | None = None) -> str:
        """The link to a page. :param part: the id of an element on it."""

    @abstractmethod
    def asset(self, name: str) -> str:
        """The link to a file of `assets/`, under a name that changes with its content."""

    @abstractmethod
    def data(self, iri: str, form: str) -> str:
        """The link to the data of a node. :param form: one of :data:`FORMATS`."""

    @abstractmethod
    def query(
        self, name: str, params: Mapping[str, str] | None = None, form: str | None = None, number: int = 1
    ) -> str:
        """The link to a stored query's form and answer.

        :param params: values for its parameters.
        :param form: one of `csv`, `tsv`, `json` instead of the page.
        :param number: of the page of the answer.
        """

    @abstractmethod
    def file(self, path: str) -> str:
        """The link to a file that is no page. :param path: from the root of the site, no slash before it."""

    def page(self, name: str, number: int = 1) -> str:
        """The link to a page of which there is one: `map`, `agents`, `items`, `publications`, …"""
        return self.to(Address(name, number=number))

    def item(self, iri: str) -> str:
        """The link to an evidence item, or to a part of one on its page."""
        return self.node(iri) or self.page("items")

    def agent(self, iri: str, number: int = 1) -> str:
        """The link to an agent; to all of them, where its IRI can have no page.

        :param number: of the page of its rows.
        """
        address = of_iri(iri, self.base)
        return self.to(replace(address, number=number)) if address else self.page("agents")

    def publication(self, iri: str) -> str:
        """The link to a publication; to all of them, where its IRI can have no page."""
        return self.node(iri) or self.page("publications")

    def source_table(self, source: str, number: int = 1, part: str | None = None) -> str:
        """The link to a table as printed. :param source: its id."""
        return self.to(Address("table", source, number), part)

    def quality(self, source: str, narrowed: tuple[str, str] | None = None, number: int = 1) -> str:
        """The link to the quality board of a source. :param narrowed: as in :class:`Address`."""
        return self.to(Address("quality", source, number, narrowed))

    def node(self, iri: str) -> str | None:
        """The link to the page that shows a node of ours, or to a web address; None where it is neither."""
        address = of_iri(iri, self.base)
        return self.to(address, fragment(iri, self.base)) if address else web(iri)


class ServerLinks(Links):
    """Links of a server: from its root."""

    def to(self, address: Address, part: str | None = None) -> str:
        """The path. The IRI's own path, for what has an IRI."""
        return address.path(self.base) + _hash(part)

    def asset(self, name: str) -> str:
        """`/assets/style-1a2b3c4d.css`."""
        return f"/assets/{hashed(name)}"

    def file(self, path: str) -> str:
        """The path, from the root."""
        return "/" + quote(path, safe=_SAFE)

    def data(self, iri: str, form: str) -> str:
        """The page's path with `?format=`."""
        return f"{_data_path(iri, self.base)}?format={form}"

    def query(
        self, name: str, params: Mapping[str, str] | None = None, form: str | None = None, number: int = 1
    ) -> str:
        """`/queries/NAME?agent=…`."""
        asked = {**(params or {}), **({"format": form} if form else {})}
        return Address("query", name, number).path() + (f"?{urlencode(asked)}" if asked else "")


class SiteLinks(Links):
    """Links of a static site: to files, relative to the page they are on.

    :param at: the address of that page.

    >>> links = SiteLinks(Address("item", "https://w3id.org/dress-kg/id/evidence/dress/a-b-2016"))
    >>> links.page("map"), links.source_table("dress")
    ('../../../index.html', '../../../table/dress.html')
    >>> links.item("https://w3id.org/dress-kg/id/evidence/dress/c-d-2001/step/1")
    'c-d-2001.html#step-1'
    """

    offered = frozenset(SINGLE) - {"editor"}
    live = False

    def __init__(
        self, at: Address, base: str = terms.DATA, digest: str | None = None, root: str | None = None
    ) -> None:
        super().__init__(base, digest, root)
        self._folder = posixpath.dirname(file_of(at, base)) or "."

    def to(self, address: Address, part: str | None = None) -> str:
        """The file, from the page's folder."""
        return self._relative(quote(file_of(address, self.base), safe=_SAFE)) + _hash(part)

    def asset(self, name: str) -> str:
        """`assets/style-1a2b3c4d.css`, from the page's folder."""
        return self._relative(f"assets/{hashed(name)}")

    def file(self, path: str) -> str:
        """The path, from the page's folder."""
        return self._relative(quote(path, safe=_SAFE))

    def data(self, iri: str, form: str) -> str:
        """The file beside the page's, with the format's extension."""
        return self._relative(f"{_data_path(iri, self.base).strip('/')}.{FORMATS[form][0]}")

    def query(
        self, name: str, params: Mapping[str, str] | None = None, form: str | None = None, number: int = 1
    ) -> str:
        """The file of the answer for one value of one parameter, or for the defaults; more a site has not."""
        narrowed = next(((key, terms.slug(value)) for key, value in (params or {}).items()), None)
        path = file_of(Address("query", name, number, narrowed)).removesuffix(".html")
        return self._relative(quote(f"{path}.{form or 'html'}", safe=_SAFE))

    def _relative(self, file: str) -> str:
        return posixpath.relpath(file, self._folder)


_SAFE = "/-._~"


def file_of(address: Address, base: str = terms.DATA) -> str:
    """The file of a page in a static site, not percent-encoded, without a leading slash.

    >>> file_of(Address("map")), file_of(Address("items", number=2))
    ('index.html', 'items/page/2.html')
    """
    from urllib.parse import unquote

    return (unquote(address.path(base)).strip("/") or "index") + ".html"


def _data_path(iri: str, base: str) -> str:
    address = of_iri(iri, base)
    if address is not None and address.kind == "query":
        return f"/query/{address.key}"
    if address is not None and address.kind == "table":
        address = Address("node", iri)
    return (address or Address("node", iri)).path(base)


def _hash(part: str | None) -> str:
    return f"#{quote(part, safe=_SAFE)}" if part else ""
