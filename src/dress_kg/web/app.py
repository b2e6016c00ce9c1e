"""The ASGI application: its routes, and what each answers."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from dress_kg import __version__
from dress_kg.picture.offer import NAMES
from dress_kg.queries import StoredQuery, list_queries
from dress_kg.web.bodies import body
from dress_kg.web.cache import Cache
from dress_kg.web.description import description
from dress_kg.web.frames import Answer, Job
from dress_kg.web.guard import Guard
from dress_kg.web.metrics import MEDIA, Metrics
from dress_kg.web.negotiation import GRAPHS, choose, named, prefers_html, wants_page
from dress_kg.web.openapi import STORED, document
from dress_kg.web.pages import NODES, PATHS, Pages, problem_page
from dress_kg.web.picture import Pictures
from dress_kg.web.pool import BusyError, DeadlineError, EndedError, Lane
from dress_kg.web.problem import ProblemError
from dress_kg.web.protocol import operation, parameters
from dress_kg.web.published import Published
from dress_kg.web.sending import Budget, WholeResponse
from dress_kg.web.settings import Settings

_RETRY_AFTER = "2"
_STATUS = {"query": 400, "nowhere": 404, "form": 406, "limit": 422, "memory": 500, "gone": 503}
_ANSWERS = 16
"""Answers of the largest size that may be on their way to readers at once."""
_LARGEST_DESCRIPTION = 1 << 20
_WARMING = 60.0
"""Seconds that a worker may take to read the graph and make the first page; readers wait for that, once."""

_FOR_PROGRAMS = ("sparql", "openapi.json", "health", "metrics")

Endpoint = Callable[[Request], Awaitable[Response]]


class Service:
    """The state of one running service."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.published = Published(settings.graph)
        self.queries = {query.name: query for query in list_queries(settings.folders)}
        self.metrics = Metrics()
        self.cache = Cache(settings.cache)
        self.budget = Budget(_ANSWERS * settings.limits.size)
        self.stored = Lane("stored", settings, self.metrics.stopped)
        self.free = Lane("free", settings, self.metrics.stopped)
        self.metrics.watch((self.stored, self.free))
        self.document = document(self.queries.values())
        self._open = False
        self._warming: asyncio.Task[None] | None = None
        self._warm_enough = asyncio.Event()
        self.pictures = Pictures(self.published)
        self.pages = Pages(self.published, self.budget, self._good, settings.root)

    async def open(self) -> None:
        """Start the workers, where they are not started yet.

        :raises StoreError: they do not start, or there is no sandbox for them.
        """
        if not self._open:
            self._open = True
            await asyncio.gather(self.stored.open(), self.free.open())
            self._warming = asyncio.create_task(self._warm())

    async def _warm(self) -> None:
        """Have each worker make the first page once, so that no reader waits for the reading of the graph."""
        version = self.published.version()
        first = Job(version=str(version.folder), page="/", root=self.settings.root)

        async def warm() -> None:
            self.cache.put(first, await self.stored.run(first, _WARMING))
            self._warm_enough.set()

        try:
            await asyncio.gather(*(warm() for _ in range(self.settings.workers)), return_exceptions=True)
        finally:
            self._warm_enough.set()

    async def _warmed(self) -> None:
        """Wait for the first worker that has read the graph: early readers wait and are not sent away."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_WARMING):
                await self._warm_enough.wait()

    async def close(self) -> None:
        """End the workers."""
        self._open = False
        if self._warming is not None:
            self._warming.cancel()
            await asyncio.gather(self._warming, return_exceptions=True)
        await asyncio.gather(self.stored.close(), self.free.close())

    async def sparql(self, request: Request) -> Response:
        """The SPARQL endpoint."""
        asked = await operation(request)
        accept = _accept(request)
        endpoint = str(request.url.replace(path="/sparql", query="", fragment=""))
        if asked.text is None and asked.form is None and _html(request):
            return RedirectResponse("/editor", 303, {"vary": "Accept"})
        if asked.text is None:
            return _described(endpoint, accept, asked.form)
        job = Job(
            version="", accept=accept, form=asked.form, text=asked.text, base=endpoint,
            default=asked.default, named=asked.named,
        )  # fmt: skip
        return await self._answered(self.free, job)

    async def query(self, request: Request) -> Response:
        """A stored query, by audience and name or by its name alone; for a browser a form with its answer."""
        if request.method == "GET" and wants_page(
            request.query_params.get("format"), request.headers.getlist("accept"), STORED
        ):
            return await self._asked_by_form(request)
        stored = self._named(request.path_params["name"])
        given = await parameters(request)
        form = given.pop("format", None)
        if form is not None and named(form, STORED) is None:
            raise ProblemError(406, "this answer is not to be had in that format", value=form,
                               remedy="there are: " + ", ".join(each.name for each in STORED))  # fmt: skip
        job = Job(version="", accept=_accept(request), form=form, query=stored.name, params=given)
        return await self._answered(self.stored, job)

    async def _asked_by_form(self, request: Request) -> Response:
        name, *page = re.split("(?=/page/[0-9]+$)", request.path_params["name"])
        full = self._named(name).name
        if full != name:
            address = request.url.replace(scheme="", netloc="", path="/queries/" + full + "".join(page))
            return RedirectResponse(str(address), 303, {"vary": "Accept"})
        return await self.pages.page(request)

    def _named(self, name: str) -> StoredQuery:
        same = [
            query for query in self.queries.values() if name in (query.name, query.name.partition("/")[2])
        ]
        exact = [query for query in same if query.name == name]
        if len(exact or same) == 1:
            return (exact or same)[0]
        raise ProblemError(
            404,
            "there are several stored queries of that name"
            if same
            else "there is no stored query of that name",
            value=name[:200],
            remedy="give one of: " + ", ".join(query.name for query in same)
            if same
            else "/queries lists them",
        )

    async def listed(self, request: Request) -> Response:
        """The stored queries."""
        if _html(request):
            return await self.pages.page(request)
        return JSONResponse([_entry(query) for query in self.queries.values()])

    async def openapi(self, _: Request) -> Response:
        """The OpenAPI document."""
        return JSONResponse(self.document)

    async def health(self, _: Request) -> Response:
        """Whether there are workers, and what they serve."""
        version = self.published.version()
        lanes = (self.stored, self.free)
        well = all(lane.alive for lane in lanes) and self.published.fault is None
        state = {
            "status": "ok" if well else "degraded",
            "version": __version__,
            "graph": {"version": version.name, "digest": version.digest, "fault": self.published.fault},
            "sandbox": self.free.held,
            "workers": {lane.name: lane.alive for lane in lanes},
        }
        return JSONResponse(state, 200 if well else 503, {"cache-control": "no-store"})

    async def counted(self, _: Request) -> Response:
        """The metrics."""
        return Response(self.metrics.page(), headers={"content-type": MEDIA, "cache-control": "no-store"})

    async def _answered(self, lane: Lane, job: Job) -> Response:
        answer, version = await self._unfailing(lane, job)
        media = answer.media + ("; charset=utf-8" if answer.media.startswith("text/") else "")
        headers = {"content-type": media, "vary": "Accept", "dress-kg-graph": version}
        return WholeResponse(answer.body, headers, self.budget)

    async def _good(self, job: Job) -> tuple[Answer, str]:
        """What a worker for stored queries and pages answers."""
        return await self._unfailing(self.stored, job)

    async def _unfailing(self, lane: Lane, job: Job) -> tuple[Answer, str]:
        answer, version = await self._asked(lane, job)
        if answer.fault is None:
            return answer, version
        raise ProblemError(
            _STATUS.get(answer.fault, 500), answer.message, value=answer.value, remedy=answer.remedy,
            headers={"retry-after": _RETRY_AFTER} if answer.fault == "gone" else None,
        )  # fmt: skip

    async def _asked(self, lane: Lane, job: Job) -> tuple[Answer, str]:
        """The answer of one version, and which; one removed meanwhile gives way to the next."""
        if self.budget.spent:
            raise ProblemError(
                503, "too many answers are still being sent", headers={"retry-after": _RETRY_AFTER}
            )
        if lane is self.stored:
            await self._warmed()
        try:
            for _ in range(3):
                version = self.published.version()
                asked = replace(job, version=str(version.folder))
                kept = self.cache.get(asked) if lane is self.stored else None
                answer = kept or await lane.run(asked)
                if answer.fault != "gone":
                    break
        except BusyError as error:
            raise ProblemError(
                503, error.message, remedy=error.remedy, headers={"retry-after": _RETRY_AFTER}
            ) from error
        except DeadlineError as error:
            raise ProblemError(504, error.message, remedy=error.remedy) from error
        except EndedError as error:
            raise ProblemError(500, error.message, remedy=error.remedy) from error
        if lane is self.stored:
            self.cache.put(asked, answer)
        return answer, f"{version.name} {version.digest}"

    def measured(self, route: str, endpoint: Endpoint) -> Endpoint:
        """The endpoint, counted and timed; its problems as responses."""
        for_readers = route.partition("/")[2].partition("/")[0] not in _FOR_PROGRAMS

        async def measured(request: Request) -> Response:
            start = time.perf_counter()
            status = 500
            try:
                response = await endpoint(request)
                status = response.status_code
            except ProblemError as problem:
                response = problem_page(problem) if for_readers and _html(request) else problem.response()
                status = problem.status
            finally:
                self.metrics.answered(route, status, time.perf_counter() - start)
            return response

        return measured


def create_app(settings: Settings) -> Starlette:
    """The application; its workers start and end with it.

    :raises StoreError: there is no graph to serve.
    :raises QueryError: a stored query is at fault.
    """
    service = Service(settings)
    routes: list[tuple[str, Endpoint, list[str]]] = [
        ("/sparql", service.sparql, ["GET", "POST"]),
        ("/sparql/", service.sparql, ["GET", "POST"]),
        ("/queries", service.listed, ["GET"]),
        ("/queries/{name:path}", service.query, ["GET", "POST"]),
        ("/openapi.json", service.openapi, ["GET"]),
        ("/health", service.health, ["GET"]),
        ("/metrics", service.counted, ["GET"]),
        ("/assets/{name:path}", service.pages.asset, ["GET"]),
        *((f"/{name}", service.pictures.picture, ["GET"]) for name in NAMES.values()),
        ("/robots.txt", service.pages.robots, ["GET"]),
        ("/sitemap.xml", service.pages.sitemap, ["GET"]),
        *((path, service.pages.page, ["GET"]) for path in PATHS),
        *((path, service.pages.node, ["GET"]) for path in NODES),
    ]

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        try:
            await service.open()
            yield
        finally:
            await service.close()

    cors = Middleware(
        CORSMiddleware, allow_origins=list(settings.origins), allow_methods=["GET", "POST"],
        allow_headers=["content-type"], expose_headers=["dress-kg-graph", "retry-after"],
    )  # fmt: skip
    guard = Middleware(Guard, host=settings.host, hosts=settings.hosts, origins=settings.origins)
    app = Starlette(
        routes=[
            Route(path, service.measured(path.rstrip("/") or "/", endpoint), methods=methods)
            for path, endpoint, methods in routes
        ],
        middleware=[guard, *([cors] if settings.origins else [])],
        exception_handlers={HTTPException: _refused},
        lifespan=lifespan,
    )
    app.state.service = service
    return app


async def _refused(request: Request, error: Exception) -> Response:
    """Starlette's own refusals (no such path, another method) in our form."""
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for these only
    problem = ProblemError(error.status_code, error.detail, headers=error.headers)
    return problem_page(problem) if _html(request) else problem.response()


def _html(request: Request) -> bool:
    return prefers_html(request.headers.getlist("accept"))


def _accept(request: Request) -> str | None:
    return ", ".join(request.headers.getlist("accept")) or None


def _described(endpoint: str, accept: str | None, form: str | None) -> Response:
    chosen = choose(accept, GRAPHS) if form is None else None
    wanted = named(form, GRAPHS) if form is not None else (chosen[0] if chosen else None)
    if wanted is None:
        raise ProblemError(406, "the description is not to be had in that format", value=form or accept,
                           remedy="there are: " + ", ".join(each.media for each in GRAPHS))  # fmt: skip
    written = body(description(endpoint), wanted, _LARGEST_DESCRIPTION)
    return Response(written, media_type=wanted.media)


def _entry(query: StoredQuery) -> dict[str, Any]:
    return {
        "name": query.name,
        "summary": query.summary,
        "description": query.description,
        "parameters": [
            {
                "name": each.name,
                "type": each.type,
                "label": each.label,
                "default": each.default,
                "choices": list(each.choices),
            }
            for each in query.parameters
        ],
        "address": f"/queries/{query.name}",
    }
