"""Pages and the data of nodes, made in a worker: what a path or an IRI of ours shows of one version."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

from dress_kg.errors import LimitError, QueryError
from dress_kg.integrity import MANIFEST, read_manifest
from dress_kg.pages.address import parse
from dress_kg.pages.catalogue import addresses
from dress_kg.pages.described import described
from dress_kg.pages.links import ServerLinks
from dress_kg.pages.showing import Holding, show
from dress_kg.pages.sitemap import sitemap
from dress_kg.pages.structured import with_structured
from dress_kg.queries import Result, list_queries, resolver
from dress_kg.terms import DATA
from dress_kg.web.frames import Answer, Job

if TYPE_CHECKING:
    from pyoxigraph import Store

HTML = "text/html; charset=utf-8"
SITEMAP = "/sitemap.xml"


class NowhereError(QueryError):
    """There is no such page, and nothing is known of such a node."""


class Reader:
    """One version of the graph, for reading."""

    def __init__(self, store: Store, version: Path, folders: Sequence[Path], rows: int, size: int) -> None:
        manifest = version / MANIFEST
        self.base = str(read_manifest(version).get("base", DATA))
        self.digest = hashlib.sha256(manifest.read_bytes()).hexdigest()[:16]
        self.size = size
        self.holding = Holding(
            store, self.base, {query.name: query for query in list_queries(folders)}, resolver(store), rows
        )

    def page(self, job: Job) -> Answer:
        """A page, compressed.

        :raises NowhereError: there is none.
        :raises LimitError: it is too large, or an answer on it is.
        """
        path = job.page or "/"
        if path == SITEMAP:
            paths = (unquote(address.path(self.base)) for address in addresses(self.holding))
            return self._packed(sitemap(job.root or "", paths), "application/xml")
        address = parse(path, self.base)
        links = ServerLinks(self.base, self.digest, job.root)
        asked = show(self.holding, address, links, job.params) if address else None
        if address is None or asked is None:
            raise NowhereError("there is no such page", value=path[:200], remedy="start at /")
        return self._packed(
            with_structured(asked.html, self.holding.store, self.base, address), HTML, asked.status
        )

    def data(self, iri: str) -> Result:
        """The triples of a node.

        :raises NowhereError: nothing is known of it.
        """
        triples = described(self.holding.store, self.base, iri)
        if not triples:
            raise NowhereError("nothing is known of this node", value=iri[:200], remedy="start at /")
        return Result(triples=triples)

    def _packed(self, text: str, media: str, status: int = 200) -> Answer:
        whole = text.encode("utf-8", "replace")
        if len(whole) > self.size:
            raise LimitError(f"the page has more than {self.size:,} bytes", remedy="ask for the data")
        return Answer(media=media, status=status, packed=True, body=gzip.compress(whole, 6, mtime=0))
