"""Hostile queries: each is refused or stopped in time, reaches nothing, and leaves the service well."""

from __future__ import annotations

import json
import platform
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.conftest import ROOT
from tests.service import Service, SilentListener, publish_quads, serving

SECONDS = 2.0
BOUND = SECONDS + 1.0
QUADS = "".join(
    f"<http://example.org/s{n % 97}> <http://example.org/p{n % 7}> <http://example.org/s{(n * 31) % 97}> "
    f"<http://example.org/g{n % 5}> .\n"
    for n in range(2_000)
) + "".join(
    f'<http://example.org/s{n}> <http://example.org/label> "{"a" * 40}{n}" <http://example.org/g> .\n'
    for n in range(97)
)

HEAVY = {
    "cartesian product, counted": "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }",
    "cartesian product, listed": "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }",
    "cartesian product, sorted": "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i } ORDER BY RAND() LIMIT 1",
    "cartesian product, distinct": "SELECT DISTINCT ?a ?d ?g { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }",
    "cartesian product, built": "CONSTRUCT { ?a ?e ?i } { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }",
    "cartesian product of values": "SELECT (COUNT(*) AS ?n) {"
    + " ".join(f"VALUES ?v{n} {{ {' '.join(map(str, range(50)))} }}" for n in range(8))
    + "}",
    "string doubling": "SELECT (STRLEN(?x40) AS ?n) { BIND('aaaaaaaaaaaaaaaa' AS ?x0)"
    + "".join(f" BIND(CONCAT(?x{n}, ?x{n}) AS ?x{n + 1})" for n in range(40))
    + "}",
    "string doubling by replacement": "SELECT (STRLEN(?x12) AS ?n) { BIND('aaaaaaaaaaaaaaaa' AS ?x0)"
    + "".join(f" BIND(REPLACE(?x{n}, 'a', 'aaaaaaaaaaaaaaaa') AS ?x{n + 1})" for n in range(12))
    + "}",
    "everything joined into a string": "SELECT (GROUP_CONCAT(?c) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }",
    "regular expressions": "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i "
    "FILTER REGEX(CONCAT(STR(?c), STR(?f), STR(?i)), '^(([a-z])+.)+[A-Z]([a-z])+$') }",
    "a large regular expression": "SELECT * { ?a ?b ?c "
    "FILTER REGEX(STR(?c), '((((a{1,100}){1,100}){1,100}){1,100}){1,9}') }",
    "paths over everything": "SELECT (COUNT(*) AS ?n) "
    "{ ?a (!<x:x>)+ ?b . ?b (!<x:x>|^!<x:x>)* ?c . ?c (!<x:x>)+ ?d }",
    "a path of many alternatives": "SELECT (COUNT(*) AS ?n) { ?a ("
    + "|".join(f"<http://example.org/p{n % 7}>/^<http://example.org/p{n % 5}>" for n in range(300))
    + ")+ ?b . ?b (<http://example.org/p1>|^<http://example.org/p2>)* ?c . ?c ?d ?e . ?f ?g ?h }",
    "optional upon optional": "SELECT (COUNT(*) AS ?n) { ?a ?b ?c "
    + "".join(f"OPTIONAL {{ ?x{n} ?y{n} ?z{n} }}" for n in range(12))
    + "}",
    "not exists over everything": "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i "
    "FILTER NOT EXISTS { ?a ?e ?i . ?j ?k ?l . FILTER(?j = ?l) } }",
}

DEEP = {
    "groups": "SELECT * " + "{" * 20_000 + "}" * 20_000,
    "parentheses": "SELECT * { FILTER(" + "(" * 10_000 + "1" + ")" * 10_000 + ") }",
    "open groups": "ASK " + "{" * 60_000,
    "lists": "SELECT * { ?a ?b " + "(" * 15_000 + ")" * 15_000 + " }",
    "a long path": "SELECT * { ?a " + "/".join(["<x:>"] * 12_000) + " ?b }",
    "inverse upon inverse": "SELECT * { ?a " + "^" * 60_000 + "<x:> ?b }",
    "negation upon negation": "SELECT * { FILTER(" + "!" * 60_000 + "true) }",
    "minus upon minus": "SELECT * { FILTER(" + "-" * 30_000 + "1 = 1) }",
    "a long sum": "SELECT (" + "+".join(["1"] * 30_000) + " AS ?n) {}",
    "a long or": "SELECT * { FILTER(" + "||".join(["?a"] * 15_000) + ") }",
    "unions": "SELECT * { " + " UNION ".join(["{}"] * 6_000) + " }",
    "an open string": "SELECT * { ?a ?b '''" + "\\'" * 30_000,
    "quotes": "SELECT * { ?a ?b " + '"' * 60_001 + " }",
    "nothing but spaces": " " * 65_000,
    "one long word": "S" * 65_000,
    "control characters": "SELECT * { ?a ?b '" + "".join(map(chr, range(32))) + "' }",
    "null": "SELECT\x00* {}",
}


def reaching(port: int) -> dict[str, str]:
    """Queries that want to go to that port of this machine, in every spelling."""
    there = f"<http://127.0.0.1:{port}/x>"
    inner = "{ ?a ?b ?c }"
    return {
        "SERVICE": f"SELECT * {{ SERVICE {there} {inner} }}",
        "service": f"SELECT * {{ service {there} {inner} }}",
        "SERVICE SILENT": f"SELECT * {{ SERVICE SILENT {there} {inner} }}",
        "sErViCe": f"SELECT * {{sErViCe{there}{inner}}}",
        "escape": f"SELECT * {{ \\u0053ERVICE {there} {inner} }}",
        "long escape": f"SELECT * {{ \\U00000053ERVICE SILENT {there} {inner} }}",
        "escape inside": f"SELECT * {{ SER\\u0056ICE {there} {inner} }}",
        "escaped IRI": f"SELECT * {{ SERVICE <http://127.0.0.1\\u003A{port}/x> {inner} }}",
        "comment before": f"SELECT * {{ #\nSERVICE#\n{there}#\n{inner} }}",
        "carriage return": f"SELECT * {{ # x\rSERVICE {there} {inner} }}",
        "by prefix": f"PREFIX x: <http://127.0.0.1:{port}/> SELECT * {{ SERVICE x:x {inner} }}",
        "by base": f"BASE <http://127.0.0.1:{port}/> SELECT * {{ SERVICE <x> {inner} }}",
        "by variable": f"SELECT * {{ VALUES ?s {{ {there} }} SERVICE ?s {inner} }}",
        "in a subquery": f"SELECT * {{ {{ SELECT * {{ SERVICE {there} {inner} }} }} }}",
        "in EXISTS": f"ASK {{ FILTER EXISTS {{ SERVICE {there} {inner} }} }}",
        "in CONSTRUCT": f"CONSTRUCT WHERE {{ SERVICE {there} {inner} }}",
        "after a fake string": f"SELECT * {{ ?a ?b '\\'' . SERVICE {there} {inner} }}",
        "after a fake IRI": f"SELECT * {{ FILTER(1 <2) SERVICE {there} {inner} FILTER(3> 2) }}",
        "after a fake comment": f"SELECT * {{ ?a <x:#> ?b . SERVICE {there} {inner} }}",
        "localhost": f"SELECT * {{ SERVICE <http://localhost:{port}/> {inner} }}",
        "FROM": f"SELECT * FROM {there} {inner}",  # noqa: S608 - SPARQL, and hostile
        "FROM NAMED": f"SELECT * FROM NAMED {there} {{ GRAPH {there} {inner} }}",  # noqa: S608 - SPARQL, and hostile
        "FROM by prefix": f"PREFIX x: <http://127.0.0.1:{port}/> SELECT * FROM x:x {inner}",  # noqa: S608 - SPARQL, and hostile
        "LOAD": f"LOAD {there}",
        "LOAD SILENT": f"load silent {there} into graph <x:y>",
        "LOAD escaped": f"\\u004COAD {there}",
        "LOAD after a query": f"SELECT * {{}} ; LOAD {there}",
        "LOAD a file": "LOAD <file:///etc/passwd>",
        "INSERT": f"INSERT {{ ?a ?b ?c }} WHERE {{ SERVICE {there} {inner} }}",
        "a prefix of that name": f"PREFIX SERVICE: <x:> SELECT * {{ SERVICE {there} {inner} }}",
    }


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    home = tmp_path_factory.mktemp("hostile")
    publish_quads(home / "out", QUADS)
    limits = ("--seconds", str(SECONDS), "--memory", "512", "--size", "1", "--rows", "10000")
    with serving(home / "out", home, *limits) as running:
        yield running


@pytest.fixture(scope="module")
def listener() -> Iterator[SilentListener]:
    listening = SilentListener()
    yield listening
    listening.close()


def refused(service: Service, query: str) -> httpx.Response:
    """A clean refusal in time; and a good query is answered at once, since another worker is free."""
    start = time.monotonic()
    answer = service.ask(query, "application/sparql-results+json, text/turtle")
    assert time.monotonic() - start < BOUND
    assert answer.status_code in (400, 413, 422, 500, 504), answer.text[:300]
    problem = answer.json()
    assert answer.headers["content-type"] == "application/problem+json"
    assert problem["title"] and problem["status"] == answer.status_code
    assert service.ask("ASK { ?a ?b ?c }").json()["boolean"] is True
    return answer


def ended(service: Service, query: str) -> None:
    """A whole answer or a clean refusal, in time; and a good query is answered at once."""
    start = time.monotonic()
    answer = service.ask(query, "application/sparql-results+json, text/turtle")
    assert time.monotonic() - start < BOUND
    assert answer.status_code in (200, 400, 413, 422, 500, 504), answer.text[:300]
    if answer.status_code == 200 and "json" in answer.headers["content-type"]:
        assert answer.json()["results"] is not None
    assert service.ask("ASK { ?a ?b ?c }").json()["boolean"] is True


@pytest.mark.slow
@pytest.mark.parametrize("name", HEAVY)
def test_heavy_queries(service: Service, name: str) -> None:
    """What one machine cannot end in time a quicker one may answer, whole; both are right."""
    ended(service, HEAVY[name])


@pytest.mark.parametrize("name", DEEP)
def test_deep_and_broken_queries(service: Service, name: str) -> None:
    ended(service, DEEP[name])


@pytest.mark.parametrize(
    "name", ["cartesian product, counted", "string doubling", "cartesian product, listed"]
)
def test_heavy_queries_quickly(service: Service, name: str) -> None:
    refused(service, HEAVY[name])


def test_nothing_is_reached(service: Service, listener: SilentListener) -> None:
    queries = reaching(listener.port)
    assert len(queries) >= 30
    for name, query in queries.items():
        for answer in (
            service.ask(query),
            service.client.get("/sparql", params={"query": query}),
            service.client.post(
                "/sparql", content=query, headers={"content-type": "application/sparql-query"}
            ),
        ):
            assert 400 <= answer.status_code < 500, (name, answer.text)
    for field in ("default-graph-uri", "named-graph-uri"):
        graph = f"http://127.0.0.1:{listener.port}/x"
        assert service.client.get("/sparql", params={"query": "ASK {}", field: graph}).status_code == 400
    assert listener.heard == 0


_INSIDE = """
import sys, json
from dress_kg.web import sandbox
held = sandbox.enter() if sys.argv[1] == "shut" else "none"
from pyoxigraph import Store
listed = lambda text: list(Store().query(text))
port, tried = sys.argv[2], []
for text, ask in (
    ("SELECT * { SERVICE <http://127.0.0.1:%s/x> { ?a ?b ?c } }", listed),
    ("SELECT * { SERVICE SILENT <http://localhost:%s/x> { ?a ?b ?c } }", listed),
    ("LOAD <http://127.0.0.1:%s/x>", Store().update),
):
    try:
        ask(text % port)
        tried.append("answered")
    except (OSError, ValueError, RuntimeError) as error:
        tried.append(str(error))
print(json.dumps([held, tried]))
"""


def _inside(mode: str, port: int) -> list[str]:
    found = subprocess.run(
        [sys.executable, "-c", _INSIDE, mode, str(port)],
        capture_output=True, text=True, check=True, timeout=60,
        env={"PYTHONPATH": str(ROOT / "src")},
    )  # fmt: skip
    held, tried = json.loads(found.stdout)
    assert held == ("seccomp" if mode == "shut" else "none")
    assert len(tried) == 3
    return [str(each) for each in tried]


def test_the_sandbox_alone_keeps_the_engine_from_the_network(listener: SilentListener) -> None:
    """The words of a query are not what is relied on: inside, the engine itself cannot get out."""
    heard = listener.heard
    _inside("shut", listener.port)
    assert listener.heard == heard


def test_the_listener_would_have_heard_it() -> None:
    """The control: the same without the sandbox is heard, so silence means something."""
    listening = SilentListener()
    _inside("open", listening.port)
    assert listening.heard >= 2
    listening.close()


_NO_FILTER = """
from dress_kg.web import sandbox
sandbox._CALLS.clear()
try:
    print(sandbox.enter())
except sandbox.SandboxError as error:
    print("refused:", error.remedy)
"""


def test_another_machine_type_has_a_namespace_or_nothing() -> None:
    """Where the numbers of the system calls are not known, a namespace holds, or nothing is served."""
    found = subprocess.run(
        [sys.executable, "-c", _NO_FILTER], capture_output=True, text=True, check=True, timeout=60,
        env={"PYTHONPATH": str(ROOT / "src")},
    ).stdout  # fmt: skip
    assert found.startswith(("namespace", "refused: "))


_FORBID = """
import ctypes, os, sys
from dress_kg.web import sandbox
architecture, _ = sandbox._CALLS["x86_64"]
sandbox._CALLS["x86_64"] = (architecture, {"prctl": 157, "unshare": 272})
assert sandbox._seccomp()  # inherited by all that it starts
from dress_kg.cli import main
os.environ["DRESS_KG_GRAPH"] = sys.argv.pop(1)
main()
"""


@pytest.mark.skipif(
    platform.machine() != "x86_64", reason="the calls are forbidden by their numbers on x86-64"
)
def test_where_no_sandbox_can_be_had_nothing_is_served(tmp_path: Path) -> None:
    """A machine that forbids filters and namespaces: the service ends with what to do about it."""
    publish_quads(tmp_path / "out", QUADS)
    done = subprocess.run(
        [sys.executable, "-c", _FORBID, str(tmp_path / "out"), "serve", "--port", "1"],
        capture_output=True, text=True, check=False, timeout=60, env={"PYTHONPATH": str(ROOT / "src")},
    )  # fmt: skip
    assert done.returncode == 3, done.stderr
    assert "no sandbox can be had" in done.stderr
    assert "--no-sandbox" in done.stderr
    assert "Traceback" not in done.stderr


def test_no_sandbox_beyond_this_machine(tmp_path: Path) -> None:
    publish_quads(tmp_path / "out", QUADS)
    command = ["serve", "--graph", str(tmp_path / "out"), "--no-sandbox", "--host", "0.0.0.0"]  # noqa: S104 - it must not
    done = subprocess.run(
        [sys.executable, "-c", "from dress_kg.cli import main; main()", *command],
        capture_output=True, text=True, check=False, timeout=60, env={"PYTHONPATH": str(ROOT / "src")},
    )  # fmt: skip
    assert done.returncode == 2
    assert "without a sandbox" in done.stderr


def test_rows_and_bytes_are_bounded_and_never_cut(service: Service) -> None:
    pairs = "SELECT * { ?a ?b ?c . ?d ?e ?f }"
    for accept in ("text/csv", "application/sparql-results+xml", "application/sparql-results+json"):
        answer = service.ask(pairs, accept)
        assert answer.status_code == 422
        assert "10,000 rows" in answer.json()["title"]
    answer = service.ask(pairs + " LIMIT 10000")
    assert answer.status_code == 422
    assert "1,048,576 bytes" in answer.json()["title"]
    exact = service.ask("SELECT ?a { ?a ?b ?c . ?d ?e ?f } LIMIT 10000", "text/csv")
    assert exact.status_code == 200
    assert exact.text.count("\r\n") == 10_001


def test_the_service_is_well_afterwards(service: Service, listener: SilentListener) -> None:
    deadline = time.monotonic() + 10
    while service.client.get("/health").json()["workers"] != {"stored": 2, "free": 2}:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert service.client.get("/health").json()["status"] == "ok"
    page = service.client.get("/metrics").text
    assert 'dress_kg_workers_stopped_total{lane="free",reason="deadline"}' in page
    assert 'dress_kg_workers_stopped_total{lane="stored"' not in page
    assert listener.heard == 0


def test_readers_who_do_not_read_take_bounded_memory(tmp_path: Path) -> None:
    """Forty askers of seven megabytes who never read them: memory is bounded, and others are told 503."""
    long = "".join(
        f'<http://example.org/s> <http://example.org/{n}> "{"x" * (1 << 20)}" .\n' for n in range(7)
    )
    publish_quads(tmp_path / "out", long)
    with serving(tmp_path / "out", tmp_path, "--size", "8", "--seconds", "5") as service:
        port = int(service.address.rpartition(":")[2])
        request = (
            f"GET /sparql?query=SELECT%20*%20%7B%3Fa%20%3Fb%20%3Fc%7D HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
            "Accept: text/csv\r\n\r\n"
        ).encode()
        silent = []
        for _ in range(40):
            connection = socket.socket()
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            connection.connect(("127.0.0.1", port))
            connection.sendall(request)
            silent.append(connection)
        deadline = time.monotonic() + 20
        statuses = []
        while 503 not in statuses and time.monotonic() < deadline:
            time.sleep(0.2)
            statuses.append(service.ask("SELECT * { ?a ?b ?c } LIMIT 1", "text/csv").status_code)
        assert statuses[-1] == 503, statuses
        status = Path(f"/proc/{service.process.pid}/status").read_text("ascii")
        [resident] = [int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS")]
        assert resident < 400 << 10
        assert service.client.get("/health").status_code == 200
        for connection in silent:
            connection.close()
        time.sleep(0.5)
        assert service.ask("SELECT * { ?a ?b ?c } LIMIT 1", "text/csv").status_code == 200
