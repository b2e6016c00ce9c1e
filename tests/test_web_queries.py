"""Stored queries over HTTP, the documents for machines, and the service in hard times."""

from __future__ import annotations

import importlib.util
import os
import re
import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner

from dress_kg.cli.query import queries
from dress_kg.cli.serve import serve
from dress_kg.errors import MissingPartError, QueryError
from dress_kg.queries import list_queries, load_query, resolver, run
from dress_kg.render import render
from dress_kg.store import open_build
from tests.conftest import ROOT
from tests.service import Service, publish_quads, serving
from tests.test_queries import hostile

QUERIES = list_queries([ROOT / "queries"])
OWN = """#+ summary: How many of each type?
#+ description: A row is a type.
#+ example: dress-kg query types
#+ params: {least: {type: integer, default: 1, label: least}}
SELECT ?type (COUNT(*) AS ?n) {
# <param least>
VALUES ?least { 1 }
# </param least>
?s a ?type }
GROUP BY ?type ?least HAVING (COUNT(*) >= ?least)
"""


@pytest.fixture(scope="module")
def service(graph: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    home = tmp_path_factory.mktemp("service")
    own = home / "queries/mine/types.rq"
    own.parent.mkdir(parents=True)
    own.write_text(OWN, "utf-8")
    with serving(graph, home, "--queries", str(home / "queries")) as running:
        yield running


def test_every_stored_query_answers_as_the_command_does(service: Service, graph: Path) -> None:
    store = open_build(graph).store()
    assert len(QUERIES) >= 24
    for query in QUERIES:
        result = run(store, query.text)
        for form in ("tsv", "csv", "json"):
            answer = service.stored(query.name, format=form)
            assert answer.status_code == 200, answer.text
            assert answer.text == render(result, form), query.name
    assert "format" not in {parameter.name for query in QUERIES for parameter in query.parameters}


def test_parameters_by_address_form_and_json(service: Service, graph: Path) -> None:
    store = open_build(graph).store()
    query = load_query("who-disagrees-on-an-agent")
    wanted = render(run(store, query.bind({"agent": "cyclosporine"}, resolver(store))), "csv")
    assert wanted.count("\n") > 1
    path, given = "/queries/who-disagrees-on-an-agent", {"agent": "cyclosporine"}
    headers = {"accept": "text/csv"}
    client = service.client
    for answer in (
        client.get(path, params={**given, "format": "csv"}),
        client.get(f"/queries/{query.name}", params=given, headers=headers),
        client.post(path, data=given, headers=headers),
        client.post(path, json={**given, "format": "csv"}),
        client.post(path, params=given, headers=headers),
    ):
        assert answer.status_code == 200, answer.text
        assert answer.text == wanted


@pytest.mark.parametrize(
    ("params", "status", "says"),
    [
        ({"agent": "no such drug"}, 400, "the graph knows nothing of this name"),
        ({"agnet": "IVIG"}, 400, "did you mean agent"),
        ({"format": "pdf"}, 406, "json, csv, tsv"),
        ({"agent": "\\u0022"}, 400, "leave out"),
    ],
)
def test_faulty_parameters(service: Service, params: dict[str, str], status: int, says: str) -> None:
    answer = service.stored("who-disagrees-on-an-agent", **params)
    assert answer.status_code == status
    assert says in answer.text
    assert str(ROOT) not in answer.text


def test_a_parameter_has_one_value(service: Service) -> None:
    assert service.client.get("/queries/who-disagrees-on-an-agent?agent=a&agent=b").status_code == 400
    nested = service.client.post("/queries/who-disagrees-on-an-agent", json={"agent": {"a": 1}})
    assert nested.status_code == 400


def test_hostile_values_change_nothing(service: Service) -> None:
    """The binder is fuzzed with 20,000 values in test_queries; here it is asked through the service."""
    query = "who-disagrees-on-an-agent"
    columns = service.stored(query, format="tsv").text.split("\n")[0]
    for value in hostile(7, 250):
        if not value.isprintable():
            continue
        answer = service.stored(query, agent=value, format="tsv")
        assert answer.status_code in (200, 400), answer.text
        if answer.status_code == 200:
            assert answer.text.split("\n")[0] == columns


def test_queries_of_the_user_stand_beside_the_shipped_ones(service: Service) -> None:
    assert service.stored("types", least="30", format="csv").status_code == 200
    names = {entry["name"] for entry in service.client.get("/queries").json()}
    assert names == {query.name for query in QUERIES} | {"mine/types"}
    many, few = (service.stored("mine/types", least=least, format="csv").text.count("\n") for least in "19")
    assert many >= few > 1


def test_the_commands_read_them_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = tmp_path / "mine/types.rq"
    own.parent.mkdir()
    own.write_text(OWN, "utf-8")
    (tmp_path / "empty").mkdir()
    named = CliRunner().invoke(queries, ["--queries", str(tmp_path)])
    assert "mine/types" in named.output
    assert "mine/types" not in CliRunner().invoke(queries, []).output
    monkeypatch.setenv("DRESS_KG_QUERIES", os.pathsep.join((str(tmp_path / "empty"), str(tmp_path))))
    assert CliRunner().invoke(queries, []).output == named.output
    assert load_query("types").path == own
    monkeypatch.setenv("DRESS_KG_QUERIES", str(tmp_path / "no"))
    with pytest.raises(QueryError, match="not there"):
        list_queries()


def test_the_openapi_document_tells_every_query(service: Service) -> None:
    document = service.client.get("/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    for query in QUERIES:
        get = document["paths"][f"/queries/{query.name}"]["get"]
        assert get["summary"] == query.summary
        told = {each["name"]: each["schema"] for each in get["parameters"]}
        assert set(told) == {parameter.name for parameter in query.parameters} | {"format"}
        for parameter in query.parameters:
            assert told[parameter.name].get("enum") == (list(parameter.choices) or None)
    names = re.findall(r'"operationId": ?"([^"]+)"', service.client.get("/openapi.json").text)
    assert len(names) == len(set(names))


def test_metrics_and_health(service: Service) -> None:
    health = service.client.get("/health").json()
    assert health["sandbox"] in ("seccomp", "namespace")
    assert health["workers"] == {"stored": 2, "free": 2}
    assert health["graph"]["version"] == "000001"
    page = service.client.get("/metrics").text
    assert (
        re.search(r'dress_kg_requests_total\{route="/sparql",status="200"\}', page)
        or "dress_kg_workers" in page
    )
    assert 'dress_kg_workers{lane="stored"} 2.0' in page


def _children(process: int) -> list[int]:
    found = Path(f"/proc/{process}/task/{process}/children").read_text("ascii").split()
    return [int(each) for each in found]


def test_a_killed_worker_is_replaced(service: Service) -> None:
    before = set(_children(service.process.pid))
    assert len(before) == 4
    for worker in before:
        os.kill(worker, signal.SIGKILL)
    answers = [service.ask("ASK {}").status_code for _ in range(8)]
    assert set(answers) <= {200, 500, 503}
    assert answers[-1] == 200
    deadline = time.monotonic() + 20
    while len(_children(service.process.pid)) < 4 or any(
        service.stored("conflicting-reports").status_code != 200 for _ in range(2)
    ):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert not before & set(_children(service.process.pid))


def _numbered(number: int) -> str:
    return "".join(
        f'<http://example.org/{name}> <http://example.org/number> "{number}" <http://example.org/{name}> .\n'
        for name in "abcdefgh"
    )


def test_a_graph_published_meanwhile_is_served_whole_from_then_on(tmp_path: Path) -> None:
    out = tmp_path / "out"
    publish_quads(out, _numbered(0))
    query = "SELECT ?n { GRAPH ?g { ?s <http://example.org/number> ?n } }"
    stop = threading.Event()
    faults: list[str] = []
    reads = [0]

    def read(address: str) -> None:
        last = 0
        with httpx.Client(base_url=address, timeout=30, trust_env=False) as client:
            while not stop.is_set():
                answer = client.get("/sparql", params={"query": query}, headers={"accept": "text/csv"})
                lines = answer.text.split("\r\n")[1:-1] if answer.status_code == 200 else []
                if len(lines) != 8 or len(set(lines)) != 1 or int(lines[0]) < last:
                    faults.append(f"{answer.status_code} {answer.text}")
                    return
                last = int(lines[0])
                reads[0] += 1

    with serving(out, tmp_path) as service, ThreadPoolExecutor(4) as readers:
        for _ in range(4):
            readers.submit(read, service.address)
        for number in range(1, 15):
            publish_quads(out, _numbered(number))
            now = service.ask(query)
            assert {row["n"]["value"] for row in now.json()["results"]["bindings"]} == {str(number)}
            assert now.headers["dress-kg-graph"].startswith(f"{number + 1:06d} ")
        stop.set()
    assert not faults
    assert reads[0] >= 50


def test_a_damaged_new_version_is_not_served(tmp_path: Path) -> None:
    out = tmp_path / "out"
    publish_quads(out, _numbered(1))
    with serving(out, tmp_path) as service:
        broken = out / "versions/000009"
        broken.mkdir()
        (out / "fresh").symlink_to("versions/000009")
        (out / "fresh").rename(out / "current")
        assert service.ask("ASK { ?s ?p '1' }").json()["boolean"] is True
        health = service.client.get("/health")
        assert health.status_code == 503
        assert "incomplete" in health.json()["graph"]["fault"]
        publish_quads(out, _numbered(2))
        assert service.ask("ASK { ?s ?p '2' }").json()["boolean"] is True
        assert service.client.get("/health").status_code == 200


def test_when_full_it_says_so_and_stored_queries_go_on(graph: Path, tmp_path: Path) -> None:
    heavy = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
    options = ("--workers", "1", "--waiting", "1", "--seconds", "2")
    with serving(graph, tmp_path, *options) as service, ThreadPoolExecutor(5) as clients:
        asked = [clients.submit(service.ask, heavy) for _ in range(5)]
        time.sleep(0.5)
        start = time.monotonic()
        assert service.stored("conflicting-reports").status_code == 200
        assert time.monotonic() - start < 1.5
        answers = [each.result() for each in asked]
    statuses = sorted(answer.status_code for answer in answers)
    assert statuses == [503, 503, 503, 504, 504]
    assert all(answer.headers["retry-after"] == "2" for answer in answers if answer.status_code == 503)


def test_workers_end_with_the_service_however_it_ends(tmp_path: Path) -> None:
    publish_quads(tmp_path / "out", _numbered(1))
    with serving(tmp_path / "out", tmp_path) as service:
        workers = _children(service.process.pid)
        service.process.kill()
        service.process.wait()
        deadline = time.monotonic() + 5
        while any(_runs(worker) for worker in workers):
            assert time.monotonic() < deadline
            time.sleep(0.05)


def _runs(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text("ascii").rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def test_workers_are_told_no_secrets(service: Service) -> None:
    for worker in _children(service.process.pid):
        names = {
            each.split("=")[0]
            for each in Path(f"/proc/{worker}/environ").read_text("utf-8").split("\0")
            if each
        }
        assert names <= {"PATH", "LANG", "LC_ALL", "TMPDIR", "PYTHONPATH", "MALLOC_ARENA_MAX"}
        sockets = [
            link
            for each in Path(f"/proc/{worker}/fd").iterdir()
            if (link := str(each.readlink())).startswith("socket:")
        ]
        assert not sockets


def test_the_address_is_taken(service: Service, graph: Path) -> None:
    port = service.address.rpartition(":")[2]
    with pytest.raises(Exception, match="cannot be listened on"):
        CliRunner().invoke(serve, ["--graph", str(graph), "--port", port], catch_exceptions=False)


def test_a_missing_part_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    found = importlib.util.find_spec

    def without(name: str, package: str | None = None) -> Any:
        return None if name == "starlette" else found(name, package)

    monkeypatch.setattr(importlib.util, "find_spec", without)
    with pytest.raises(MissingPartError) as caught:
        CliRunner().invoke(serve, [], catch_exceptions=False)
    assert caught.value.remedy == "pip install 'dress-kg[web]'"


@pytest.mark.slow
def test_schemathesis_finds_no_server_error(service: Service) -> None:
    """Requests made from the OpenAPI document, good ones and bad ones."""
    import schemathesis
    from hypothesis import HealthCheck, Phase, given, settings
    from schemathesis.core.result import Ok

    schema = schemathesis.openapi.from_url(f"{service.address}/openapi.json")
    tried = 0
    for operation in schema.get_all_operations():
        assert isinstance(operation, Ok)
        case_strategy = operation.ok().as_strategy()

        @settings(
            max_examples=12, deadline=None, database=None, phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        def ask(case: Any) -> None:
            nonlocal tried
            tried += 1
            answer = case.call()
            assert answer.status_code < 500, (case, answer.text)

        given(case=case_strategy)(ask)()
    assert tried >= 500
    assert service.client.get("/health").status_code == 200
