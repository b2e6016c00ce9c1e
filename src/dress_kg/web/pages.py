"""What a browser gets: pages, the files they need, and the IRIs of ours by content negotiation.

Whoever prefers HTML by name is shown a page; whoever takes anything (a program) gets data. Pages are made in
the workers of stored queries; what they need besides lies in the package.
"""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Awaitable, Callable
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from dress_kg.pages.address import Address, fragment, parse
from dress_kg.pages.asset_files import asset
from dress_kg.pages.described import iri_of_path
from dress_kg.pages.layout import POLICY, render
from dress_kg.pages.links import ServerLinks
from dress_kg.web.frames import Answer, Job
from dress_kg.web.negotiation import GRAPHS, named, wants_page
from dress_kg.web.problem import ProblemError
from dress_kg.web.protocol import parameters
from dress_kg.web.reading import HTML, SITEMAP
from dress_kg.web.sending import Budget, WholeResponse

if TYPE_CHECKING:
    from dress_kg.web.published import Published

Asked = Callable[[Job], Awaitable[tuple[Answer, str]]]
"""Gives a job to a worker: its whole answer, and the version that answered."""

PATHS = (
    "/", "/page/{n}", "/about", "/editor", *(f"/{name}{more}" for name in ("agents", "items", "publications")
    for more in ("", "/page/{n}")), "/table/{rest:path}", "/quality/{rest:path}",
)  # fmt: skip
"""The paths of pages that are only pages."""
NODES = ("/id/{rest:path}", "/vocab/{rest:path}", "/query/{rest:path}", "/ontology")
"""The paths of nodes: a page or data."""
_FOREVER = "public, max-age=31536000, immutable"
_ROBOTS = """User-agent: *
Disallow: /sparql
Disallow: /metrics
Disallow: /health
Disallow: /*?format=
Disallow: /*&format=
Sitemap: {root}{sitemap}
"""


class Pages:
    """The endpoints for readers.

    :ivar root: where the site stands on the web, as its maker says; None: as the request says.
    """

    def __init__(self, published: Published, budget: Budget, asked: Asked, root: str | None) -> None:
        self.published = published
        self.budget = budget
        self.asked = asked
        self.root = root

    async def page(self, request: Request) -> Response:
        """A page at its path."""
        path = quote(_path(request))
        given = await parameters(request)
        params = {name: value for name, value in given.items() if value and name != "format"}
        answer, version = await self.asked(Job(version="", page=path, params=params, root=self.root))
        return self._whole(request, answer, version)

    async def node(self, request: Request) -> Response:
        """A node of ours: its page, or its data."""
        path = _path(request)
        form = request.query_params.get("format")
        if wants_page(form, request.headers.getlist("accept"), GRAPHS):
            address = parse(quote(path), self.published.version().base)
            if address is None:
                raise _nowhere(path)
            elsewhere = self._elsewhere(path, address)
            if elsewhere:
                return RedirectResponse(elsewhere, 303, {"vary": "Accept"})
            return await self.page(request)
        return await self._data(request, path, form)

    async def _data(self, request: Request, path: str, form: str | None) -> Response:
        iri = iri_of_path(path, self.published.version().base)
        if iri is None:
            raise _nowhere(path)
        if form is not None and named(form, GRAPHS) is None:
            raise ProblemError(406, "the data are not to be had in that format", value=form[:200],
                               remedy="there are: " + ", ".join(each.name for each in GRAPHS))  # fmt: skip
        accept = ", ".join(request.headers.getlist("accept")) or None
        answer, version = await self.asked(Job(version="", node=iri, accept=accept, form=form))
        return self._whole(request, answer, version)

    def _elsewhere(self, path: str, address: Address) -> str | None:
        """Where the page of a node stands, when that is another path than the node's own."""
        base = self.published.version().base
        own = address.path(base)
        if unquote(own).rstrip("/") == path.rstrip("/"):
            return None
        part = fragment(iri_of_path(path, base) or "", base)
        return own + (f"#{part}" if part else "")

    def _whole(self, request: Request, answer: Answer, version: str) -> Response:
        headers = {"content-type": answer.media, "vary": "Accept, Accept-Encoding", "dress-kg-graph": version}
        if answer.media == HTML:
            headers["content-security-policy"] = POLICY
        elif answer.media.startswith("text/"):
            headers["content-type"] += "; charset=utf-8"
        headers |= {
            "etag": f'W/"{hashlib.sha256(answer.body).hexdigest()[:24]}"',
            "cache-control": "no-cache",
        }
        if answer.status == 200 and request.headers.get("if-none-match") == headers["etag"]:
            return Response(None, 304, headers)
        body = answer.body
        if answer.packed and _takes_gzip(request):
            headers["content-encoding"] = "gzip"
        elif answer.packed:
            body = gzip.decompress(body)
        return WholeResponse(body, headers, self.budget, answer.status)

    async def asset(self, request: Request) -> Response:
        """A file that pages need."""
        found = _asset(request.path_params["name"])
        if found is None:
            raise _nowhere(_path(request))
        whole, packed, headers = found
        if packed is not None and _takes_gzip(request):
            return WholeResponse(packed, {**headers, "content-encoding": "gzip"}, self.budget)
        return WholeResponse(whole, headers, self.budget)

    async def robots(self, request: Request) -> Response:
        """What crawlers may read: pages, not the endpoints that work for each question."""
        text = _ROBOTS.format(root=self._root(request), sitemap=SITEMAP)
        return Response(text, media_type="text/plain")

    async def sitemap(self, request: Request) -> Response:
        """All pages, for search engines."""
        answer, version = await self.asked(Job(version="", page=SITEMAP, root=self._root(request)))
        return self._whole(request, answer, version)

    def _root(self, request: Request) -> str:
        return self.root or str(request.base_url).rstrip("/")


def problem_page(problem: ProblemError) -> Response:
    """Why there is no answer, for a reader."""
    written = render(
        "problem.html.jinja", ServerLinks(), title=problem.title.capitalize(), sources=(), problem=problem
    )
    headers = {**problem.headers, "content-security-policy": POLICY, "vary": "Accept"}
    return Response(written.encode(), problem.status, headers, media_type=HTML)


def _path(request: Request) -> str:
    """The path, not percent-encoded."""
    return str(request.scope["path"])


def _nowhere(path: str) -> ProblemError:
    return ProblemError(404, "there is no such page", value=path[:200], remedy="start at /")


def _takes_gzip(request: Request) -> bool:
    accepted = request.headers.get("accept-encoding", "")
    return any(
        part.partition(";")[0].strip().lower() == "gzip" and "q=0" not in part.replace(" ", "").split(";")[1:]
        for part in accepted.split(",")
    )


@lru_cache(maxsize=64)
def _asset(name: str) -> tuple[bytes, bytes | None, dict[str, str]] | None:
    """An asset: its bytes, the same compressed where that helps, and its headers."""
    found = asset(name)
    if found is None:
        return None
    whole, media = found
    packed = gzip.compress(whole, 9, mtime=0)
    named_by_content = f"-{hashlib.sha256(whole).hexdigest()[:8]}." in name
    headers = {"content-type": media, "vary": "Accept-Encoding"}
    headers["cache-control"] = _FOREVER if named_by_content else "no-cache"
    return whole, packed if len(packed) < len(whole) else None, headers
