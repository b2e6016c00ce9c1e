"""Whole graphs to and from a server by the Graph Store Protocol: the one module that uses httpx for it.

Each request has a deadline for all of it, is repeated after "not now" and broken connections (a PUT or DELETE
done twice is as good as once), and no redirect is followed.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dress_kg.errors import EndpointError
from dress_kg.remote.credentials import Credentials
from dress_kg.remote.endpoint import Endpoint
from dress_kg.remote.failure import ATTEMPTS, RETRIED, NotNowError, pause, redirect_error, status_error

if TYPE_CHECKING:
    import httpx
    from pyoxigraph import Triple

_TRIPLES = "application/n-triples"
_QUADS = "application/n-quads"


@dataclass(frozen=True, slots=True)
class GraphStore:
    """The graph store of a server."""

    endpoint: Endpoint
    client: httpx.AsyncClient
    credentials: Credentials | None
    timeout: float

    async def put(self, graph: str, triples: Iterable[Triple]) -> None:
        """Make a graph hold just these triples.

        :raises EndpointError: the server does not take it.
        """
        await self._graph("PUT", graph, _n_triples(triples), (200, 201, 204))

    async def delete(self, graph: str) -> None:
        """Remove a graph; one that is not there is no error."""
        await self._graph("DELETE", graph, None, (200, 202, 204, 404))

    async def get(self, graph: str) -> list[Triple]:
        """The triples of a graph; none where there is no such graph.

        :raises EndpointError: the answer is not whole.
        """
        from pyoxigraph import RdfFormat, parse

        answer = await self._graph("GET", graph, None, (200, 404))
        if answer.status_code == 404:
            return []
        _check_type(answer, _TRIPLES)
        try:
            return [quad.triple for quad in parse(answer.content, format=RdfFormat.N_TRIPLES)]
        except (SyntaxError, ValueError) as error:
            raise EndpointError(f"the answer is malformed ({error})", file=graph) from error

    async def post_dataset(self, graphs: Mapping[str, Iterable[Triple]]) -> None:
        """Add the triples of several graphs in one request; what was there stays."""
        url = self.endpoint.url(self.endpoint.dataset_path)
        body = b"".join(_n_quads(graph, triples) for graph, triples in graphs.items())
        await self._send("POST", url, {}, body, _QUADS, (200, 201, 204))

    async def _graph(
        self, method: str, graph: str, body: bytes | None, good: tuple[int, ...]
    ) -> httpx.Response:
        url = self.endpoint.url(self.endpoint.graphs_path)
        return await self._send(method, url, {self.endpoint.graph_parameter: graph}, body, _TRIPLES, good)

    async def _send(
        self,
        method: str,
        url: str,
        parameters: dict[str, str],
        body: bytes | None,
        kind: str,
        good: tuple[int, ...],
    ) -> httpx.Response:
        attempt = 0
        while True:
            try:
                return await self._once(method, url, parameters, body, kind, good)
            except NotNowError as error:
                if attempt + 1 >= ATTEMPTS:
                    raise
                await asyncio.sleep(pause(attempt, error.after))
                attempt += 1

    async def _once(
        self,
        method: str,
        url: str,
        parameters: dict[str, str],
        body: bytes | None,
        kind: str,
        good: tuple[int, ...],
    ) -> httpx.Response:
        import httpx

        headers = {"Accept": kind} if method == "GET" else {"Content-Type": kind} if body is not None else {}
        try:
            async with asyncio.timeout(self.timeout):
                answer = await self.client.request(
                    method, url, params=parameters, content=body, headers=headers
                )
        except TimeoutError:
            raise NotNowError(f"no whole answer within {self.timeout:g} s", file=url) from None
        except (httpx.TransportError, httpx.DecodingError) as error:
            raise NotNowError(f"the connection failed ({type(error).__name__})", file=url) from error
        if answer.status_code in good:
            _check_whole(answer, url)
            return answer
        raise self._refusal(answer, url)

    def _refusal(self, answer: httpx.Response, url: str) -> EndpointError:
        if answer.is_redirect:
            return redirect_error(url, answer.status_code, answer.headers.get("location", ""))
        body = answer.text[:20_000]
        if self.credentials:
            body = self.credentials.hide(body)
        deadlock = any(word in body for word in self.endpoint.transient)
        status = 503 if deadlock and answer.status_code not in RETRIED else answer.status_code
        return status_error(url, status, body, answer.headers.get("retry-after"))


@asynccontextmanager
async def graph_store(
    endpoint: Endpoint, credentials: Credentials | None, *, timeout: float = 120.0
) -> AsyncIterator[GraphStore]:
    """The graph store of an endpoint, closed at the end.

    :param timeout: seconds for a whole request.
    """
    import httpx

    headers = {"User-Agent": "dress-kg"}
    if credentials and credentials.token is not None:
        headers["Authorization"] = f"Bearer {credentials.token}"
    # `trust_env` would take passwords from .netrc and send everything to a proxy of the environment.
    async with httpx.AsyncClient(
        auth=_auth(endpoint, credentials),
        headers=headers,
        timeout=timeout,
        follow_redirects=False,
        trust_env=False,
    ) as client:
        yield GraphStore(endpoint, client, credentials, timeout)


def _auth(endpoint: Endpoint, who: Credentials | None) -> httpx.Auth | None:
    import httpx

    if who is None or who.user is None or who.password is None:
        return None
    if endpoint.authentication == "digest":
        return httpx.DigestAuth(who.user, who.password)
    return httpx.BasicAuth(who.user, who.password)


def _check_type(answer: httpx.Response, wanted: str) -> None:
    found = answer.headers.get("content-type", "").partition(";")[0].strip()
    if found != wanted:
        raise EndpointError(
            f"the server answers with {found or 'no content type'} where {wanted} was asked for",
            file=str(answer.url.copy_with(query=None)),
        )


def _check_whole(answer: httpx.Response, url: str) -> None:
    """Virtuoso tells in a header, with status 200, that it broke off."""
    for name in ("x-sql-state", "x-sparql-maxrows"):
        if answer.headers.get(name):
            raise EndpointError(
                "the answer is not whole", file=url, value=f"{name}: {answer.headers.get(name)}"
            )


def _n_triples(triples: Iterable[Triple]) -> bytes:
    return "".join(f"{triple} .\n" for triple in triples).encode()


def _n_quads(graph: str, triples: Iterable[Triple]) -> bytes:
    return "".join(f"{triple} <{graph}> .\n" for triple in triples).encode()
