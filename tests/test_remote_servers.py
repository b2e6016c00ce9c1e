"""Remote stores against real servers: the Oxigraph server, and Virtuoso where it is installed."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, Store

from dress_kg.errors import EndpointError, QueryError
from dress_kg.queries import Result, StoredQuery, list_queries, resolver, run
from dress_kg.remote import (
    Credentials,
    Endpoint,
    Loaded,
    connect,
    find_endpoint,
    load,
    remote_labels,
    remote_resolver,
)
from dress_kg.remote.fingerprint import fingerprint
from dress_kg.remote.loading import count_graphs, triples_of
from tests.conftest import ROOT
from tests.faults import faulty_proxy, sometimes
from tests.servers import VIRTUOSO_PASSWORD, Server, oxigraph, virtuoso
from tests.test_queries import value

QUERIES = list_queries()
DBA = Credentials("dba", VIRTUOSO_PASSWORD)


@pytest.fixture(scope="module")
def oxigraph_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with oxigraph(tmp_path_factory.mktemp("oxigraph")) as server:
        yield server


@pytest.fixture(scope="module")
def virtuoso_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with virtuoso(tmp_path_factory.mktemp("virtuoso")) as server:
        yield server


def who(server: Server) -> Credentials | None:
    return DBA if server.profile == "virtuoso" else None


def load_to(
    server: Server, store: Store, ledgers: Path, *, everything: bool = False, check_all: bool = False
) -> Loaded:
    return load(
        store,
        find_endpoint(server.address, server.profile),
        who(server),
        ledgers=ledgers,
        everything=everything,
        check_all=check_all,
    )


def small(graphs: int, triples: int = 3, mark: str = "") -> Store:
    made = Store()
    made.bulk_extend(
        Quad(
            NamedNode(f"urn:s:{g}:{t}"),
            NamedNode("urn:p"),
            Literal(f"{mark}é\n{t}"),
            NamedNode(f"urn:graph:{g}"),
        )
        for g in range(graphs)
        for t in range(triples)
    )
    return made


def held(server: Server, prefix: str = "urn:graph:") -> Store:
    """What a server holds in our graphs, asked for graph by graph without our loader."""
    client = connect(find_endpoint(server.address, server.profile))
    kept = Store()
    rows = client.query("SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } }").rows
    for (graph,) in rows:
        if isinstance(graph, NamedNode) and graph.value.startswith(prefix):
            for s, p, o in client.query(f"SELECT ?s ?p ?o {{ GRAPH {graph} {{ ?s ?p ?o }} }}").rows:
                kept.add(Quad(s, p, o, graph))  # type: ignore[arg-type]
    return kept


def same(one: Store, other: Store) -> bool:
    """Whether two stores hold the same graphs."""
    names = {graph.value for graph in one.named_graphs()}
    return names == {graph.value for graph in other.named_graphs()} and all(
        fingerprint(triples_of(one, name)) == fingerprint(triples_of(other, name)) for name in names
    )


# ------------------------------------------------------------------ loading


@pytest.mark.parametrize("name", ["oxigraph", "virtuoso"])
def test_load_sends_what_differs_and_removes_what_is_gone(
    name: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    server: Server = request.getfixturevalue(f"{name}_server")
    assert find_endpoint(server.address).server == name  # told by its Server header
    first = small(6)
    done = load_to(server, first, tmp_path)
    assert (done.graphs, done.sent, done.deleted, done.checked, done.hint) == (6, 6, 0, 6, None)
    assert same(held(server), first)
    assert load_to(server, first, tmp_path).sent == 0

    changed = small(5)  # without graph 5
    changed.add(Quad(NamedNode("urn:s"), NamedNode("urn:p"), Literal("new"), NamedNode("urn:graph:2")))
    done = load_to(server, changed, tmp_path, check_all=True)
    assert (done.sent, done.deleted, done.checked) == (1, 1, 5)
    assert same(held(server), changed)

    # The server was changed behind our back: its counts tell, without a ledger, too.
    connect(find_endpoint(server.address), who(server)).update("CLEAR GRAPH <urn:graph:0>")
    assert load_to(server, changed, tmp_path).sent == 1
    assert load_to(server, small(0), tmp_path).deleted == 5
    assert not len(held(server))


@pytest.mark.parametrize("name", ["oxigraph", "virtuoso"])
def test_a_graph_altered_without_a_change_of_its_size_is_found_by_check_all(
    name: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    server: Server = request.getfixturevalue(f"{name}_server")
    load_to(server, small(2), tmp_path)
    client = connect(find_endpoint(server.address), who(server))
    client.update("DELETE DATA { GRAPH <urn:graph:1> { <urn:s:1:0> <urn:p> 'é\\n0' } }")
    client.update("INSERT DATA { GRAPH <urn:graph:1> { <urn:s:1:0> <urn:p> 'other' } }")
    with pytest.raises(EndpointError, match="1 triples missing, 1 others"):
        load_to(server, small(2), tmp_path, check_all=True)
    assert load_to(server, small(2), tmp_path, everything=True).sent == 2
    load_to(server, small(0), tmp_path)


@pytest.mark.slow
def test_many_graphs_go_as_datasets(oxigraph_server: Server, tmp_path: Path) -> None:
    many = small(2100, 1)
    puts: Counter[str] = Counter()

    def note(line: str) -> str:
        puts[line.split(maxsplit=1)[0]] += 1
        return "none"

    with faulty_proxy(oxigraph_server.address, note) as proxy:
        endpoint = find_endpoint(proxy.address, "oxigraph")
        assert load(many, endpoint, ledgers=tmp_path).sent == 2100
    assert puts["PUT"] == 0
    assert puts["DELETE"] == 0
    assert puts["POST"] < 60
    assert sum(count_graphs(connect(endpoint_of(oxigraph_server)), names_of(many)).values()) == 2100
    assert load(small(0), endpoint_of(oxigraph_server), ledgers=tmp_path).deleted == 0  # another address
    connect(endpoint_of(oxigraph_server)).update("CLEAR ALL")


def endpoint_of(server: Server) -> Endpoint:
    return find_endpoint(server.address, server.profile)


def names_of(store: Store) -> list[str]:
    return sorted(graph.value for graph in store.named_graphs())


def test_virtuoso_wrong_password_is_an_error_without_it(virtuoso_server: Server, tmp_path: Path) -> None:
    with pytest.raises(EndpointError, match="credentials") as caught:
        load(small(1), endpoint_of(virtuoso_server), Credentials("dba", "n0t-this"), ledgers=tmp_path)
    assert "n0t-this" not in str(caught.value)
    with pytest.raises(EndpointError, match="credentials"):
        connect(endpoint_of(virtuoso_server), Credentials("dba", "n0t-this")).update("CLEAR GRAPH <urn:x>")


# ------------------------------------------------------------------ faults on the way


@pytest.mark.parametrize(
    "seed", [1, pytest.param(2, marks=pytest.mark.slow), pytest.param(3, marks=pytest.mark.slow)]
)
def test_resets_busy_lost_and_cut_answers_leave_no_gap_and_no_duplicate(
    oxigraph_server: Server, tmp_path: Path, seed: int
) -> None:
    wanted = small(40, 4, f"{seed}")
    choose = sometimes(seed, reset=0.06, lost=0.06, busy=0.06, cut=0.06)
    with faulty_proxy(oxigraph_server.address, choose) as proxy:
        done = load(wanted, find_endpoint(proxy.address, "oxigraph"), ledgers=tmp_path, timeout=20)
    assert min(proxy.done.get(fault, 0) for fault in ("reset", "lost", "busy", "cut")) >= 1
    assert done.sent == 40
    assert same(held(oxigraph_server), wanted)
    connect(endpoint_of(oxigraph_server)).update("CLEAR ALL")


def test_a_slow_drip_ends_in_time(oxigraph_server: Server, tmp_path: Path) -> None:
    dripped = 0

    def drip(line: str) -> str:
        nonlocal dripped
        dripped += line.startswith("PUT")
        return "drip" if line.startswith("PUT") and dripped == 1 else "none"

    with faulty_proxy(oxigraph_server.address, drip) as proxy:
        start = time.monotonic()
        load(small(2, 1), find_endpoint(proxy.address, "oxigraph"), ledgers=tmp_path, timeout=2)
    assert dripped >= 3
    assert time.monotonic() - start < 10
    assert same(held(oxigraph_server), small(2, 1))
    connect(endpoint_of(oxigraph_server)).update("CLEAR ALL")


_LOADER = """
import sys
from pathlib import Path
from pyoxigraph import RdfFormat, Store
from dress_kg.remote import Credentials, find_endpoint, load
store = Store()
store.bulk_load(path=sys.argv[3], format=RdfFormat.N_QUADS)
who = Credentials("dba", "dba") if sys.argv[2] == "virtuoso" else None
print("loading", flush=True)
load(store, find_endpoint(sys.argv[1], sys.argv[2]), who, ledgers=Path(sys.argv[4]))
"""


def killed_loads(server: Server, folder: Path, kills: int) -> None:
    """Kill the loader at moments spread over a load, then let it end."""
    wanted = small(150, 4, "k")
    (folder / "graph.nq").write_bytes(wanted.dump(format=RdfFormat.N_QUADS) or b"")
    command = [
        sys.executable,
        "-c",
        _LOADER,
        server.address,
        server.profile,
        str(folder / "graph.nq"),
        str(folder),
    ]
    env = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    killed = 0
    for number in range(kills):
        loader = subprocess.Popen(command, env=env, stdout=subprocess.PIPE)
        assert loader.stdout is not None
        assert loader.stdout.readline() == b"loading\n"
        time.sleep(0.02 + 0.06 * number)  # a quick machine ends a load in half a second
        killed += loader.poll() is None
        loader.send_signal(signal.SIGKILL)
        loader.wait()
        loader.stdout.close()
    assert killed >= max(1, kills // 4)
    subprocess.run(command, env=env, check=True, stdout=subprocess.DEVNULL)
    assert same(held(server), wanted)
    counts = count_graphs(connect(endpoint_of(server)), names_of(wanted))
    assert set(counts.values()) == {4}
    assert len(counts) == 150


def test_a_killed_loader_goes_on_without_gap_or_duplicate(oxigraph_server: Server, tmp_path: Path) -> None:
    killed_loads(oxigraph_server, tmp_path, 2)
    connect(endpoint_of(oxigraph_server)).update("CLEAR ALL")


@pytest.mark.slow
@pytest.mark.parametrize("name", ["oxigraph", "virtuoso"])
def test_a_loader_killed_many_times(name: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    server: Server = request.getfixturevalue(f"{name}_server")
    killed_loads(server, tmp_path, 10)
    connect(endpoint_of(server), who(server)).update("CLEAR GRAPH <urn:graph:0>")


@pytest.mark.slow
def test_a_graph_above_the_row_limit_of_virtuoso_is_checked_whole(
    virtuoso_server: Server, tmp_path: Path
) -> None:
    big = small(1, 12_000)
    assert load_to(virtuoso_server, big, tmp_path).checked == 1
    client = connect(endpoint_of(virtuoso_server))
    with pytest.raises(EndpointError, match="not whole"):
        client.query("SELECT * { GRAPH <urn:graph:0> { ?s ?p ?o } }")
    load_to(virtuoso_server, small(0), tmp_path)


# ------------------------------------------------------------------ silent failures of real servers


@pytest.mark.slow
def test_oxigraph_timeout_with_status_200_is_an_error(store: Store, tmp_path: Path) -> None:
    with oxigraph(tmp_path, "--timeout-s", "1") as server:
        load_to(server, store, tmp_path)
        client = connect(endpoint_of(server), timeout=30)
        product = "{ ?a ?b ?c . ?d ?e ?f . ?g ?h ?i FILTER(?a != ?d) }"
        for text in (
            f"SELECT * {product}",
            f"CONSTRUCT {{ ?a ?e ?i }} {product}",
            f"SELECT (COUNT(*) AS ?n) {product}",
        ):
            with pytest.raises((EndpointError, QueryError)):
                client.query(text)


@pytest.mark.slow
def test_virtuoso_row_limit_with_status_200_is_an_error(store: Store, tmp_path: Path) -> None:
    with virtuoso(tmp_path, rows=1000) as server:
        load_to(server, small(2, 900), tmp_path)
        client = connect(endpoint_of(server))
        with pytest.raises(EndpointError, match="not whole"):
            client.query("SELECT * { ?s <urn:p> ?o }")


# ------------------------------------------------------------------ the stored queries everywhere


@pytest.fixture(scope="module")
def loaded(
    store: Store,
    oxigraph_server: Server,
    tmp_path_factory: pytest.TempPathFactory,
) -> Server:
    load_to(oxigraph_server, store, tmp_path_factory.mktemp("ledger"))
    return oxigraph_server


@pytest.fixture(scope="module")
def virtuoso_loaded(
    store: Store, virtuoso_server: Server, tmp_path_factory: pytest.TempPathFactory
) -> Server:
    load_to(virtuoso_server, store, tmp_path_factory.mktemp("ledger"))
    return virtuoso_server


def plain_rows(result: Result) -> list[tuple[object, ...]]:
    return [tuple(value(term) for term in row) for row in result.rows]


@pytest.mark.parametrize("query", QUERIES, ids=[query.name for query in QUERIES])
def test_oxigraph_server_gives_the_same_rows(query: StoredQuery, store: Store, loaded: Server) -> None:
    here, there = run(store, query.text), connect(endpoint_of(loaded)).query(query.text)
    assert there.columns == here.columns
    assert plain_rows(there) == plain_rows(here)


DIFFERS = find_endpoint("virtuoso").differs
"""What `dress-kg query --endpoint` warns with: complete (the next test) and current (the slow one)."""


@pytest.mark.parametrize("query", [q for q in QUERIES if q.name not in DIFFERS], ids=lambda q: q.name)
def test_virtuoso_gives_the_same_rows(query: StoredQuery, store: Store, virtuoso_loaded: Server) -> None:
    here = run(store, query.text)
    there = connect(endpoint_of(virtuoso_loaded)).query(query.text)
    assert there.columns == here.columns
    assert plain_rows(there) == plain_rows(here)


@pytest.mark.slow
def test_virtuoso_still_answers_otherwise_where_its_profile_says_so(store: Store, tmp_path: Path) -> None:
    always = {name for name, words in DIFFERS.items() if not words.startswith("not always")}
    wrong = [query for query in QUERIES if query.name in always]
    # these may block the server for good
    wrong.sort(key=lambda query: query.name.endswith(("dose-outliers", "dose-range-per-agent")))
    right: list[str] = []
    with virtuoso(tmp_path) as server:
        load_to(server, store, tmp_path)
        client = connect(endpoint_of(server), attempts=1, timeout=20)
        for query in wrong:
            here = run(store, query.text)
            try:
                there = client.query(query.text)
            except (EndpointError, QueryError):
                continue
            if plain_rows(there) == plain_rows(here):
                right.append(query.name)
    assert not right, "right now: take them out of [differs]"


def test_every_entry_of_differs_is_a_stored_query() -> None:
    names = {query.name for query in QUERIES}
    for server in ("virtuoso", "oxigraph", "fuseki", "graphdb"):
        assert set(find_endpoint(server).differs) <= names


@pytest.mark.parametrize("name", ["loaded", "virtuoso_loaded"])
def test_names_and_labels_are_those_of_the_embedded_store(
    name: str, store: Store, request: pytest.FixtureRequest
) -> None:
    server: Server = request.getfixturevalue(name)
    client = connect(endpoint_of(server))
    ours, theirs = resolver(store), remote_resolver(client)
    for word in ("IVIG", "Cyclosporine", "dkv:cyclosporine", "dress"):
        assert theirs(word) == ours(word)
    with pytest.raises(QueryError, match="nothing of this name"):
        theirs("no such drug")
    iri = ours("cyclosporine")
    assert remote_labels(client, [iri, "https://example.org/unknown"]) == {iri: "cyclosporine"}


# ------------------------------------------------------------------ the command


def command(*words: str, data: Path) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "XDG_DATA_HOME": str(data), "COLUMNS": "200"}
    return subprocess.run(
        [sys.executable, "-c", "from dress_kg.cli import main; main()", *words],
        capture_output=True, text=True, check=False, env=env,
    )  # fmt: skip


def test_load_and_query_as_a_user_meets_them(tmp_path: Path) -> None:
    assert command("build", "--out", str(tmp_path / "out"), data=tmp_path).returncode == 0
    with oxigraph(tmp_path / "server") as server:
        loaded = command("load", "--endpoint", server.address, data=tmp_path)
        assert loaded.returncode == 0, loaded.stderr
        told = re.search(r"holds (\d+) graphs, ([\d,]+) triples: (\d+) sent, 0 removed", loaded.stdout)
        assert told
        assert told.group(1) == told.group(3)
        for words in (
            ["query", "who-disagrees-on-an-agent", "--param", "agent=IVIG"],
            ["query", "conflicting-reports", "--format", "csv"],
        ):
            here = command(*words, data=tmp_path)
            there = command(*words, "--endpoint", server.address, data=tmp_path)
            assert there.returncode == 0, there.stderr
            assert there.stdout == here.stdout
            assert len(there.stdout.splitlines()) > 3
        both = command(
            "query", "conflicting-reports", "--endpoint", "oxigraph", "--graph", "x", data=tmp_path
        )
        assert both.returncode == 2
    gone = command(
        "query", "conflicting-reports", "--endpoint", server.address, "--server", "oxigraph", data=tmp_path
    )
    assert gone.returncode == 3
    assert "connection failed" in gone.stderr
