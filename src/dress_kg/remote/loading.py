"""Bringing a server up to date with the published graph: only what differs is sent, and what was is checked.

What differs is told by the ledger (hashes of what we sent) and by the server's own counts, so a server that
was emptied or changed meanwhile is noticed. A load that is killed goes on where it was: graphs in flight are
marked in the ledger before they are sent, and sending a graph twice is as good as once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from dress_kg.errors import EndpointError
from dress_kg.progress import Progress
from dress_kg.queries.parameter import iri
from dress_kg.remote.credentials import Credentials
from dress_kg.remote.endpoint import Endpoint
from dress_kg.remote.fingerprint import Fingerprint, canonical, fingerprint
from dress_kg.remote.graphs import GraphStore, graph_store
from dress_kg.remote.ledger import Ledger, open_ledger
from dress_kg.remote.sparql import SparqlClient, connect

if TYPE_CHECKING:
    from pyoxigraph import Store, Triple

T = TypeVar("T")
_COUNTED_AT_ONCE = 100
_BEGUN_AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done.

    :ivar graphs: all graphs of the build. :ivar send: those that differ from the server's.
    :ivar delete: graphs we sent once that the build no longer has.
    :ivar there: graphs of which the server holds something.
    """

    graphs: Mapping[str, Fingerprint]
    send: tuple[str, ...]
    delete: tuple[str, ...]
    there: frozenset[str]


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a load did.

    :ivar graphs: graphs of the build, all of which are on the server now.
    :ivar triples: their triples. :ivar sent: graphs sent. :ivar deleted: graphs removed.
    :ivar checked: graphs fetched back and compared by hash.
    :ivar hint: what to do so that queries over the default graph see the graphs, None where they do.
    """

    graphs: int
    triples: int
    sent: int
    deleted: int
    checked: int
    hint: str | None = None


def load(
    store: Store,
    endpoint: Endpoint,
    credentials: Credentials | None = None,
    *,
    ledgers: Path,
    everything: bool = False,
    check_all: bool = False,
    timeout: float = 120.0,
    progress: Progress | None = None,
) -> Loaded:
    """Make the named graphs on a server those of a store.

    :param ledgers: the user's data folder, where it is noted what was sent.
    :param everything: send every graph, changed or not.
    :param check_all: compare every graph by hash afterwards, not only those sent.
    :param timeout: seconds for one request.
    :raises EndpointError: the server fails for good, or does not hold what was sent; run it again and it goes
        on from there.
    :raises StoreError: another load to this server is at work.
    """
    shown = progress or Progress()
    client = connect(endpoint, credentials, timeout=timeout)
    endpoint.url(endpoint.graphs_path)
    with open_ledger(endpoint.address or "", ledgers) as ledger:
        plan = _plan(store, client, ledger, everything)
        job = _Job(store, client, plan, ledger, shown)
        _run(lambda: job.run(endpoint, credentials, timeout, check_all))
        _check_counts(client, plan)
    return Loaded(
        graphs=len(plan.graphs),
        triples=sum(each.triples for each in plan.graphs.values()),
        sent=len(plan.send),
        deleted=len(plan.delete),
        checked=len(plan.graphs) if check_all else len(plan.send),
        hint=_union_hint(client, store),
    )


def _plan(store: Store, client: SparqlClient, ledger: Ledger, everything: bool) -> Plan:
    graphs = {name: fingerprint(triples_of(store, name)) for name in _names(store)}
    counts = count_graphs(client, sorted({*graphs, *ledger.sent}))
    send = tuple(
        name
        for name, here in graphs.items()
        if everything or ledger.sent.get(name) != here.sha256 or counts.get(name, 0) != here.triples
    )
    return Plan(graphs, send, tuple(sorted(set(ledger.sent) - set(graphs))), frozenset(counts))


def _names(store: Store) -> list[str]:
    return sorted(graph.value for graph in store.named_graphs() if not hasattr(graph, "language"))


def triples_of(store: Store, graph: str) -> Iterator[Triple]:
    """The triples of one of a store's graphs."""
    from pyoxigraph import NamedNode

    return (quad.triple for quad in store.quads_for_pattern(None, None, None, NamedNode(graph)))


def count_graphs(client: SparqlClient, graphs: Sequence[str]) -> dict[str, int]:
    """The number of triples of each of these graphs on the server; one that is not there is left out."""
    counts: dict[str, int] = {}
    for start in range(0, len(graphs), _COUNTED_AT_ONCE):
        names = " ".join(iri(graph) for graph in graphs[start : start + _COUNTED_AT_ONCE])
        text = f"SELECT ?g (COUNT(*) AS ?n) {{ VALUES ?g {{ {names} }} GRAPH ?g {{ ?s ?p ?o }} }} GROUP BY ?g"
        for graph, number in client.query(text).rows:
            if graph is not None and number is not None:
                counts[_text(graph)] = int(_text(number))
    return counts


def _text(term: Any) -> str:
    value: str = term.value
    return value


@dataclass(frozen=True, slots=True)
class _Job:
    """One load at work."""

    store: Store
    client: SparqlClient
    plan: Plan
    ledger: Ledger
    progress: Progress

    async def run(
        self, endpoint: Endpoint, credentials: Credentials | None, timeout: float, check_all: bool
    ) -> None:
        async with graph_store(endpoint, credentials, timeout=timeout) as server:
            self.ledger.begin(self.plan.delete)
            await _each(self.plan.delete, server.delete, endpoint.workers)
            self.ledger.gone(self.plan.delete)
            if endpoint.dataset_path is not None and len(self.plan.send) > endpoint.dataset_above:
                await self._send_datasets(server)
            else:
                await self._send_graphs(server)
            if check_all:
                rest = sorted(set(self.plan.graphs) - set(self.plan.send))
                await _each(rest, lambda graph: self._check(server, graph), endpoint.workers)

    async def _send_graphs(self, server: GraphStore) -> None:
        shown = iter(self.progress.over("load", self.plan.send, len(self.plan.send)))

        async def send(graph: str) -> None:
            await server.put(graph, triples_of(self.store, graph))
            await self._check(server, graph)
            self.ledger.done({graph: self.plan.graphs[graph].sha256})
            next(shown, None)

        for start in range(0, len(self.plan.send), _BEGUN_AT_ONCE):
            some = self.plan.send[start : start + _BEGUN_AT_ONCE]
            self.ledger.begin(some)
            await _each(some, send, server.endpoint.workers)

    async def _send_datasets(self, server: GraphStore) -> None:
        shown = iter(self.progress.over("load", self.plan.send, len(self.plan.send)))
        for some in self._chunks(server.endpoint.chunk_bytes):
            self.ledger.begin(some)
            # A POST adds; so what is there of these graphs goes first.
            old = [graph for graph in some if graph in self.plan.there]
            await _each(old, server.delete, server.endpoint.workers)
            await server.post_dataset({graph: triples_of(self.store, graph) for graph in some})
            await _each(some, lambda graph: self._check(server, graph), server.endpoint.workers)
            self.ledger.done({graph: self.plan.graphs[graph].sha256 for graph in some})
            for _ in some:
                next(shown, None)

    def _chunks(self, most: int) -> Iterator[list[str]]:
        """The graphs to send in parts of about so many bytes."""
        some: list[str] = []
        size = 0
        for graph in self.plan.send:
            some.append(graph)
            size += self.plan.graphs[graph].triples * 200
            if size >= most:
                yield some
                some, size = [], 0
        if some:
            yield some

    def _fetch_in_parts(self, graph: str, rows: int) -> list[Triple]:
        from pyoxigraph import Triple

        pages = self.client.pages(f"GRAPH {iri(graph)} {{ ?s ?p ?o }}", rows)
        return [Triple(*row) for page in pages for row in page.rows if None not in row]  # type: ignore[arg-type]

    async def _check(self, server: GraphStore, graph: str) -> None:
        """Fetch a graph back and compare it.

        :raises EndpointError: names the first triples that differ.
        """
        cap = self.client.endpoint.max_rows
        if cap is not None and self.plan.graphs[graph].triples >= cap:
            # Virtuoso cuts a graph that is fetched whole at its row limit, too, and does not say so.
            there = await asyncio.to_thread(self._fetch_in_parts, graph, cap // 2)
        else:
            there = await server.get(graph)
        if fingerprint(there) == self.plan.graphs[graph]:
            return
        ours, theirs = set(canonical(triples_of(self.store, graph))), set(canonical(there))
        missing, extra = sorted(ours - theirs), sorted(theirs - ours)
        raise EndpointError(
            f"the graph there is not what was sent: {len(missing)} triples missing, {len(extra)} others",
            file=graph,
            value=(missing or extra)[0],
            remedy="is another program writing there? Load again; with --all to send everything",
        )


async def _each(
    values: Iterable[str], work: Callable[[str], Coroutine[Any, Any, None]], workers: int
) -> None:
    """Do the work for each value, so many at a time; the first failure ends it."""
    waiting = iter(values)

    async def worker() -> None:
        for value in waiting:
            await work(value)

    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(max(1, workers)):
                group.create_task(worker())
    except* EndpointError as failures:
        raise failures.exceptions[0] from None


def _run(work: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run it to its end; in a thread of its own where there is an event loop already, as in a notebook."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(work())
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(lambda: asyncio.run(work())).result()


def _check_counts(client: SparqlClient, plan: Plan) -> None:
    counts = count_graphs(client, [*plan.graphs, *plan.delete])
    for graph, here in plan.graphs.items():
        if counts.get(graph, 0) != here.triples:
            raise EndpointError(
                f"the server has {counts.get(graph, 0):,} triples where {here.triples:,} were sent",
                file=graph,
                remedy="is another program writing there? Load again",
            )
    left = [graph for graph in plan.delete if counts.get(graph)]
    if left:
        raise EndpointError("a graph that was removed is still there", file=left[0])


def _union_hint(client: SparqlClient, store: Store) -> str | None:
    """Whether the default graph shows a statement of a named graph; the stored queries rely on it."""
    from pyoxigraph import NamedNode

    quad = next((quad for quad in store if isinstance(quad.subject, NamedNode)), None)
    if quad is None or client.query(f"ASK {{ {quad.subject} {quad.predicate} ?o }}").boolean:
        return None
    return client.endpoint.union or "make the union of all graphs its default graph"
