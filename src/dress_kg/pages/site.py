"""The pages as files that any web host serves: every page that can be reached, and the data beside them.

The site is written beside its folder and takes its place when it is whole. It starts with the pages of the
catalogue and follows every link that a page makes, so that no link of ours leads nowhere.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import zipfile
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from dress_kg import terms
from dress_kg.errors import CallError, StoreError
from dress_kg.export import export
from dress_kg.export.triples import write_triples
from dress_kg.integrity import MANIFEST
from dress_kg.pages.address import Address, of_iri
from dress_kg.pages.asset_files import asset, assets, hashed
from dress_kg.pages.catalogue import addresses
from dress_kg.pages.described import ONTOLOGY, described, is_known
from dress_kg.pages.links import FORMATS, SiteLinks, file_of
from dress_kg.pages.map_read import read_map
from dress_kg.pages.query_page import single_values
from dress_kg.pages.showing import Holding, show
from dress_kg.pages.sitemap import sitemap
from dress_kg.pages.structured import with_structured
from dress_kg.picture.files import files
from dress_kg.queries import list_queries, resolver
from dress_kg.render import render
from dress_kg.store import Build

MARK = ".dress-kg-site"
"""A file of this name says that a folder is a site of ours, which a new one may replace."""
_LEFT_OUT = frozenset({"editor"})
_ANSWERS = ("csv", "tsv", "json")


class _Recording(SiteLinks):
    """Links of a page in a site, which notes what they lead to."""

    def __init__(self, at: Address, holding: Holding, digest: str, root: str | None) -> None:
        super().__init__(at, holding.base, digest, root)
        self.holding = holding
        self.found: list[Address] = []

    def to(self, address: Address, part: str | None = None) -> str:
        """As for any site; the address is noted."""
        self.found.append(address)
        return super().to(address, part)

    def node(self, iri: str) -> str | None:
        """As for any site, but no link where nothing is known of the node."""
        address = of_iri(iri, self.base)
        plain = address is not None and address.key == iri
        if plain and not is_known(self.holding.store, self.base, iri):
            return None
        return super().node(iri)


@dataclass(slots=True)
class Site:
    """A site that is being written.

    :ivar pages: pages written so far. :ivar known: the files of pages that are written or waited for.
    """

    folder: Path
    holding: Holding
    digest: str
    root: str | None
    pages: int = 0
    known: set[str] = field(default_factory=set)
    waiting: deque[Address] = field(default_factory=deque)

    def add(self, address: Address) -> None:
        """See to it that a page is written, once."""
        file = file_of(address, self.holding.base)
        if file not in self.known and address.kind not in _LEFT_OUT:
            self.known.add(file)
            self.waiting.append(address)

    def write_pages(self, told: Callable[[int], None]) -> None:
        """Write all pages, each with its data. :param told: is told the number of pages, now and then."""
        for address in addresses(self.holding):
            self.add(address)
        while self.waiting:
            address = self.waiting.popleft()
            if address.kind == "query":
                self._query(address)
            else:
                self._page(address, address, None)
            self._data(address)
            told(self.pages)

    def _query(self, address: Address) -> None:
        """A stored query: the answer to its defaults, and to each single value that can be listed."""
        query = self.holding.queries.get(address.key or "")
        if query is None:
            return
        self._page(address, address, {})
        for name, value in ((None, ""), *single_values(self.holding.store, query)):
            params = {name: value} if name else {}
            narrowed = Address("query", query.name, 1, (name, terms.slug(value))) if name else address
            if narrowed is not address:
                self._page(narrowed, address, params)
            _, result = self.holding.ask(query, params)
            stem = file_of(narrowed, self.holding.base).removesuffix(".html")
            for form in _ANSWERS if result.triples is None else ():
                self.write(f"{stem}.{form}", render(result, form).encode())

    def _page(self, at: Address, address: Address, params: Mapping[str, str] | None) -> None:
        """Write the page of an address. :param at: where in the site."""
        links = _Recording(at, self.holding, self.digest, self.root)
        shown = show(self.holding, address, links, params)
        if shown is None:
            return
        page = with_structured(shown.html, self.holding.store, self.holding.base, address)
        self.write(file_of(at, self.holding.base), page.encode("utf-8", "replace"))
        self.pages += 1
        for found in links.found:
            self.add(found)

    def _data(self, address: Address) -> None:
        """The data of a page that is of a node, beside it."""
        base = self.holding.base
        iri = {"ontology": ONTOLOGY, "table": terms.source(address.key or "", base)}.get(address.kind)
        if address.kind in ("item", "agent", "publication", "node"):
            iri = address.key
        if iri is None or address.number > 1:
            return
        links = SiteLinks(Address("map"), base)
        triples = described(self.holding.store, base, iri)
        for form in FORMATS if triples else ():
            self.write(links.data(iri, form), write_triples(triples, form))

    def write(self, file: str, content: bytes) -> None:
        """Write a file of the site."""
        path = self.folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def write_site(
    build: Build,
    out: Path,
    queries: tuple[Path, ...],
    *,
    root: str | None = None,
    told: Callable[[int], None] = lambda _: None,
) -> int:
    """Write the site of a build into a folder.

    :param queries: the folders of stored queries.
    :param root: where the site will stand on the web (`https://…`), for its site map; None writes none.
    :param told: is told the number of pages written, now and then.
    :returns: the number of pages.
    :raises CallError: the folder holds something else.
    :raises StoreError: it cannot be written; what was there stays.
    """
    digest = hashlib.sha256((build.folder / MANIFEST).read_bytes()).hexdigest()[:16]
    store = build.store()
    base = str(build.manifest.get("base", terms.DATA))
    holding = Holding(store, base, {query.name: query for query in list_queries(queries)}, resolver(store))
    with replacing_folder(out) as folder:
        site = Site(folder, holding, digest, root)
        site.write_pages(told)
        _assets(site)
        for name, content in files(read_map(store), SiteLinks(Address("map"), base).item):
            site.write(name, content)
        _downloads(site, build)
        site.write("robots.txt", _robots(root).encode())
        if root is not None:
            site.write("sitemap.xml", sitemap(root, sorted(site.known)).encode())
        site.write(MARK, f"{digest}\n".encode())
    return site.pages


@contextmanager
def replacing_folder(out: Path) -> Iterator[Path]:
    """A folder to fill, beside `out`; it takes the place of `out` when all is written.

    :raises CallError: `out` holds something that is not a site of ours.
    :raises StoreError: it cannot be written; what was there stays.
    """
    if out.is_dir() and any(out.iterdir()) and not (out / MARK).is_file():
        raise CallError("the folder holds something else", file=out, remedy="name an empty one with --out")
    if out.exists() and not out.is_dir():
        raise CallError("this is no folder", file=out, remedy="name a folder with --out")
    beside, old = (out.absolute().with_name(f".{out.name}.{what}-{os.getpid()}") for what in ("new", "old"))
    try:
        beside.mkdir(parents=True)
        yield beside
        if out.exists():
            out.rename(old)
        beside.rename(out)
    except OSError as error:
        if old.exists() and not out.exists():
            old.rename(out)
        raise StoreError(
            f"the site cannot be written ({error.strerror or error})",
            file=out,
            remedy="name another with --out",
        ) from error
    finally:
        shutil.rmtree(beside, ignore_errors=True)
        shutil.rmtree(old, ignore_errors=True)


def _assets(site: Site) -> None:
    """The files that pages need; of the editor, which a site has not, none."""
    for name in assets():
        found = asset(name)
        if found and not name.startswith(("yasqe/", "editor.")):
            site.write(f"assets/{hashed(name)}", found[0])


def _downloads(site: Site, build: Build) -> None:
    """The whole graph and its tables, for download."""
    folder = site.folder / "data"
    folder.mkdir()
    for form, (suffix, _) in FORMATS.items():
        with (folder / f"graph.{suffix}").open("wb") as out:
            export(build.graph_file, form, out)
    with zipfile.ZipFile(folder / "tables.zip", "w", zipfile.ZIP_DEFLATED) as packed:
        for path in sorted((build.folder / "tables").iterdir()):
            # The moment of writing is not part of the data.
            packed.writestr(zipfile.ZipInfo(f"tables/{path.name}"), path.read_bytes(), zipfile.ZIP_DEFLATED)


def _robots(root: str | None) -> str:
    return "User-agent: *\nDisallow:\n" + (f"Sitemap: {root}/sitemap.xml\n" if root else "")
