"""The service under load: many clients, some of them hostile, every good answer compared with the right one.

    python -m benchmarks.service_load [--seconds 120] [--clients 50] [--hostile 0.05] [--cache MIB]

Clients ask stored queries (with and without parameters, in three formats) and SPARQL of their own, and wait
a little between two questions. All goes over loopback to a service that is started here and stopped again.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import httpx
from tests.conftest import ROOT
from tests.service import Service, SilentListener, serving

from dress_kg.pipeline import build
from dress_kg.queries import list_queries, resolver, run
from dress_kg.render import render
from dress_kg.store import open_build

AGENTS = ("cyclosporine", "IVIG", "corticosteroids", "cyclophosphamide", "valganciclovir", "rituximab")
OWN = (
    "SELECT ?type (COUNT(*) AS ?n) { ?s a ?type } GROUP BY ?type ORDER BY ?type",
    "SELECT ?p (COUNT(*) AS ?n) { ?s ?p ?o } GROUP BY ?p ORDER BY ?p",
    "SELECT ?label { ?s <http://www.w3.org/2004/02/skos/core#prefLabel> ?label } ORDER BY ?label LIMIT 50",
)
HOSTILE = (
    "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }",
    "SELECT * { ?a ?b ?c . ?d ?e ?f }",
    "SELECT (STRLEN(?x30) AS ?n) { BIND('aaaaaaaaaaaaaaaa' AS ?x0)"
    + "".join(f" BIND(CONCAT(?x{n}, ?x{n}) AS ?x{n + 1})" for n in range(30))
    + "}",
    "SELECT (COUNT(*) AS ?n) { ?a (!<x:x>)+ ?b . ?b (!<x:x>|^!<x:x>)* ?c }",
    "SELECT * " + "{" * 5_000 + "}" * 5_000,
    "SELECT * { SERVICE <http://127.0.0.1:PORT/> { ?a ?b ?c } }",
    "LOAD <http://127.0.0.1:PORT/>",
)
WARM_UP = 10.0
"""Seconds that p50 and p99 leave out (a third of a shorter run); p99_cold has them, all other figures too."""
THINK = 0.1
"""Seconds between two questions of a client, on average."""


@dataclass
class Figures:
    """What was seen. Times are in milliseconds, memory in MiB: of the service in the
    first and second half, and the peak of it and its workers.
    """

    seconds: float = 0.0
    stored: int = 0
    own: int = 0
    hostile: dict[str, int] = field(default_factory=dict)
    wrong: int = 0
    full_stored: int = 0
    full_own: int = 0
    unclear: int = 0
    outbound: int = 0
    p50: float = 0.0
    p99: float = 0.0
    p99_cold: float = 0.0
    longest_hostile: float = 0.0
    memory_early: float = 0.0
    memory_late: float = 0.0
    memory_peak: float = 0.0


@dataclass(frozen=True)
class Question:
    """A question with its right answer, as the library gives it. :ivar body: None where it is hostile."""

    path: str
    params: dict[str, str]
    body: str | None


Questions = tuple[list[Question], list[Question], list[Question]]


def questions(graph: Path, port: int) -> Questions:
    """Stored queries, queries of users, hostile ones."""
    store = open_build(graph).store()
    resolve = resolver(store)
    stored = []
    for query in list_queries([ROOT / "queries"]):
        has_agent = "agent" in {parameter.name for parameter in query.parameters}
        for agent in (None, *AGENTS) if has_agent else (None,):
            given = {} if agent is None else {"agent": agent}
            result = run(store, query.bind(given, resolve))
            for form in ("json", "csv", "tsv"):
                address = f"/queries/{query.name}"
                stored.append(Question(address, {**given, "format": form}, render(result, form)))
    own = [Question("/sparql", {"query": text}, render(run(store, text), "json")) for text in OWN]
    bad = [Question("/sparql", {"query": text.replace("PORT", str(port))}, None) for text in HOSTILE]
    return stored, own, bad


class _Load:
    """What all clients share: one connection pool, the questions, the figures and the times."""

    def __init__(self, client: httpx.AsyncClient, asked: Questions, hostile: float, until: float) -> None:
        self.client = client
        self.asked = asked
        self.hostile = hostile
        self.until = until
        self.figures = Figures()
        self.times: list[tuple[float, float]] = []
        self.warm = time.monotonic() + min(WARM_UP, (until - time.monotonic()) / 3)

    async def one(self, seed: int) -> None:
        """One client: ask, compare, wait, until the time is over."""
        chance = random.Random(seed)  # noqa: S311 - repeatable
        stored, own, bad = self.asked
        await asyncio.sleep(chance.uniform(0, 2 * THINK))
        while time.monotonic() < self.until:
            kind = chance.random()
            pool = bad if kind < self.hostile else own if kind < self.hostile + 0.1 else stored
            question = chance.choice(pool)
            start = time.perf_counter()
            answer = await self.client.get(question.path, params=question.params)
            took = (time.perf_counter() - start) * 1000
            if pool is bad:
                self._hostile(answer, took)
            else:
                self._good(answer, question, took if pool is stored else None)
            await asyncio.sleep(chance.expovariate(1 / THINK))

    def _hostile(self, answer: httpx.Response, took: float) -> None:
        status = str(answer.status_code)
        self.figures.hostile[status] = self.figures.hostile.get(status, 0) + 1
        self.figures.longest_hostile = max(self.figures.longest_hostile, round(took, 1))
        self.figures.wrong += answer.status_code == 200

    def _good(self, answer: httpx.Response, question: Question, took: float | None) -> None:
        if answer.status_code == 503:
            self.figures.full_stored += took is not None
            self.figures.full_own += took is None
            self.figures.unclear += "retry-after" not in answer.headers
            return
        self.figures.wrong += answer.status_code != 200 or answer.text != question.body
        if took is None:
            self.figures.own += 1
        else:
            self.times.append((time.monotonic(), took))


def _resident(process: int) -> float:
    """Resident memory of a process, in MiB; 0 where it is gone."""
    try:
        status = Path(f"/proc/{process}/status").read_text("ascii")
    except OSError:
        return 0.0
    return next((int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS")), 0) / 1024


async def _watch(process: int, seconds: float, figures: Figures) -> None:
    """Memory over time: what a hostile query takes until it is stopped is a peak, not a growth."""
    start = time.monotonic()
    while (gone := time.monotonic() - start) < seconds:
        children = Path(f"/proc/{process}/task/{process}/children").read_text("ascii").split()
        own = _resident(process)
        figures.memory_peak = max(figures.memory_peak, own + sum(_resident(int(each)) for each in children))
        if gone < seconds / 2:
            figures.memory_early = max(figures.memory_early, own)
        else:
            figures.memory_late = max(figures.memory_late, own)
        await asyncio.sleep(0.25)


async def _everybody(
    service: Service, asked: Questions, seconds: float, clients: int, hostile: float
) -> Figures:
    limits = httpx.Limits(max_connections=clients, max_keepalive_connections=clients)
    async with httpx.AsyncClient(
        base_url=service.address, timeout=60.0, trust_env=False, limits=limits
    ) as client:
        shared = _Load(client, asked, hostile, time.monotonic() + seconds)
        watching = asyncio.create_task(_watch(service.process.pid, seconds, shared.figures))
        await asyncio.gather(*(shared.one(seed) for seed in range(clients)))
        await watching
    figures = shared.figures
    figures.stored = len(shared.times)
    every = sorted(took for _, took in shared.times)
    times = sorted(took for moment, took in shared.times if moment >= shared.warm)
    figures.p50, figures.p99 = (round(times[int(len(times) * part)], 1) for part in (0.5, 0.99))
    figures.p99_cold = round(every[int(len(every) * 0.99)], 1)
    return figures


def load(
    graph: Path, home: Path, *, seconds: float, clients: int, hostile: float, options: Sequence[str] = ()
) -> Figures:
    """Start a service, load it for that long, and say what was seen."""
    listener = SilentListener()
    asked = questions(graph, listener.port)
    start = time.monotonic()
    with serving(graph, home, *options) as service:
        figures = asyncio.run(_everybody(service, asked, seconds, clients, hostile))
    figures.seconds = round(time.monotonic() - start, 1)
    figures.outbound = listener.heard
    listener.close()
    return figures


def main() -> None:
    """Build the shipped table, load the service, print the figures; exit 1 where a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--seconds", type=float, default=120.0)
    parser.add_argument("--clients", type=int, default=50)
    parser.add_argument("--hostile", type=float, default=0.05)
    parser.add_argument("--cache", type=int, default=32, help="MiB; 0 asks a worker each time")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        build(out=home / "out")
        figures = load(
            home / "out", home, seconds=given.seconds, clients=given.clients, hostile=given.hostile,
            options=["--seconds", "3", "--cache", str(given.cache)],
        )  # fmt: skip
    print(json.dumps(asdict(figures), indent=1))
    missed = figures.wrong or figures.unclear or figures.outbound or figures.p99 >= 250
    sys.exit(1 if missed or figures.memory_late > figures.memory_early * 1.25 else 0)


if __name__ == "__main__":
    main()
