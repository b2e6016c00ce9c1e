"""The SPARQL 1.1 Protocol: the cases of W3C, content negotiation, and what a browser may do."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from pyoxigraph import RdfFormat, Store

from tests.service import Service, publish_quads, serving

BASE = "http://kasei.us/2009/09/sparql/data/"
TYPE = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
QUADS = "".join(
    f"<{BASE}data{n}.rdf> {TYPE} <http://xmlns.com/foaf/0.1/Document> <{BASE}data{n}.rdf> .\n"
    for n in range(4)
) + (
    '<http://example.org/s> <http://example.org/p> "a\\tb \\"q\\" <&>"@en <http://example.org/g> .\n'
    '<http://example.org/s> <http://example.org/n> "7"^^<http://www.w3.org/2001/XMLSchema#integer> '
    "<http://example.org/g> .\n"
)
UPDATES = ("update_", "bad_update")


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    home = tmp_path_factory.mktemp("protocol")
    publish_quads(home / "out", QUADS)
    with serving(home / "out", home, "--cors", "https://friend.example") as running:
        yield running


def cases(shared: Path) -> list[dict[str, Any]]:
    loaded = json.loads((shared / "suites/sparql_protocol_tests.json").read_text("utf-8"))
    return [case for case in loaded if case["suite"] == "protocol"]


def _expected(request: dict[str, Any]) -> set[bool]:
    return {True, False} if request["expect_boolean"] is None else {request["expect_boolean"]}


def send(service: Service, request: dict[str, Any]) -> httpx.Response:
    body = request["body"]
    content = None if body is None else body.encode(request["body_encoding"])
    return service.client.request(
        request["method"], request["path"], headers=dict(request["headers"]), content=content
    )


def test_w3c_query_cases(service: Service, shared: Path) -> None:
    chosen = [case for case in cases(shared) if not case["id"].startswith(UPDATES)]
    assert len(chosen) == 21
    for case in chosen:
        for request in case["requests"]:
            answer = send(service, request)
            wanted = {status[len("StatusCode") :][0] for status in request["expect_status"]}
            assert str(answer.status_code)[0] in wanted, (case["id"], answer.text)
            if "boolean" in request["expect_format"]:
                assert answer.headers["content-type"] == "application/sparql-results+json"
                assert answer.json()["boolean"] in _expected(request), case["id"]
            elif "tabular" in request["expect_format"]:
                assert answer.json()["results"]["bindings"][0]["value"]["value"] == "1"
            elif "RDF" in request["expect_format"]:
                assert answer.headers["content-type"].startswith("text/turtle")
                Store().load(answer.content, RdfFormat.TURTLE)


def test_w3c_updates_are_refused(service: Service, shared: Path) -> None:
    """Whatever changes data is refused, whether W3C wants it done or refused; the graph stays."""
    chosen = [case for case in cases(shared) if case["id"].startswith(UPDATES)]
    assert len(chosen) == 13
    refused = 0
    for case in chosen:
        for request in case["requests"]:
            sent = request["path"] + str(request["headers"]) + str(request["body"])
            if "update=" in sent or "sparql-update" in sent or case["id"].startswith("bad_"):
                answer = send(service, request)
                assert 400 <= answer.status_code < 500, case["id"]
                assert answer.headers["content-type"] == "application/problem+json"
                refused += 1
    assert refused == 13, refused
    assert service.ask(f"ASK {{ GRAPH <{BASE}data1.rdf> {{ ?s ?p ?o }} }}").json()["boolean"] is True


@pytest.mark.parametrize(
    ("accept", "media"),
    [
        ("*/*", "application/sparql-results+json"),
        ("application/json", "application/json"),
        ("application/sparql-results+xml", "application/sparql-results+xml"),
        ("text/csv", "text/csv; charset=utf-8"),
        ("text/tab-separated-values", "text/tab-separated-values; charset=utf-8"),
        ("text/csv;q=0.4, application/sparql-results+xml;q=0.9", "application/sparql-results+xml"),
        ("application/sparql-results+json;q=0, */*;q=0.1", "application/json"),
    ],
)
def test_rows_in_the_format_that_is_liked_best(service: Service, accept: str, media: str) -> None:
    answer = service.ask("SELECT ?o { <http://example.org/s> ?p ?o } ORDER BY ?p", accept)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == media
    if "json" in media:
        values = [row["o"]["value"] for row in answer.json()["results"]["bindings"]]
    elif "xml" in media:
        root = ET.fromstring(answer.content)  # noqa: S314 - our own
        values = [str(each.text) for each in root.iter() if each.tag.endswith("literal")]
    else:
        expected = {
            "text/csv": 'o\r\n7\r\n"a\tb ""q"" <&>"\r\n',
            "text/tab": '?o\n7\n"a\\tb \\"q\\" <&>"@en\n',
        }
        assert answer.text == expected[media[:8]]
        return
    assert values == ["7", 'a\tb "q" <&>']


@pytest.mark.parametrize(
    ("accept", "media", "form"),
    [
        ("text/turtle", "text/turtle; charset=utf-8", RdfFormat.TURTLE),
        ("application/n-triples", "application/n-triples", RdfFormat.N_TRIPLES),
        ("application/ld+json", "application/ld+json", RdfFormat.JSON_LD),
        ("text/html, */*;q=0.1", "text/turtle; charset=utf-8", RdfFormat.TURTLE),
    ],
)
def test_graphs_in_each_format_are_the_same(
    service: Service, accept: str, media: str, form: RdfFormat
) -> None:
    answer = service.ask("CONSTRUCT { ?s ?p ?o } WHERE { GRAPH <http://example.org/g> { ?s ?p ?o } }", accept)
    assert answer.headers["content-type"] == media
    store, wanted = Store(), Store()
    store.load(answer.content, form)
    wanted.load(QUADS.encode(), RdfFormat.N_QUADS)
    assert {quad.triple for quad in store} == {quad.triple for quad in wanted if "example.org/g" in str(quad)}


@pytest.mark.parametrize(
    ("query", "accept"),
    [("SELECT * {}", "text/turtle"), ("CONSTRUCT WHERE { ?s ?p ?o }", "text/csv"), ("ASK {}", "image/png")],
)
def test_no_such_format(service: Service, query: str, accept: str) -> None:
    answer = service.ask(query, accept)
    assert answer.status_code == 406
    assert "there are: " in answer.json()["remedy"]


def test_queries_see_the_union_unless_they_name_graphs(service: Service) -> None:
    count = "SELECT (COUNT(*) AS ?n) {} {{ ?s ?p ?o }}"

    def found(clause: str) -> str:
        answer = service.ask(count.format(clause))
        assert answer.status_code == 200, answer.text
        return str(answer.json()["results"]["bindings"][0]["n"]["value"])

    assert found("") == "6"
    assert found("FROM <http://example.org/g>") == "2"
    assert found(f"FROM <http://example.org/g> FROM <{BASE}data1.rdf>") == "3"
    assert found("FROM NAMED <http://example.org/g>") == "0"
    answer = service.client.post(
        "/sparql",
        data={"query": count.format(""), "named-graph-uri": "http://example.org/g"},
    )
    assert answer.json()["results"]["bindings"][0]["n"]["value"] == "0"


def test_the_service_description(service: Service) -> None:
    answer = service.client.get("/sparql", headers={"accept": "application/n-triples"})
    assert "sparql-service-description#Service>" in answer.text
    assert "UnionDefaultGraph" in answer.text
    assert f"<{service.address}/sparql>" in answer.text
    assert service.client.get("/sparql", headers={"accept": "image/png"}).status_code == 406
    assert (
        service.client.post("/sparql", content=b"", headers={"content-type": "text/css"}).status_code == 415
    )


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:7878", "localhost.evil.example", "10.0.0.1", ""]
)
def test_unknown_hosts_are_refused(service: Service, host: str) -> None:
    for path in ("/health", "/sparql?query=ASK%7B%7D", "/queries"):
        answer = service.client.get(path, headers={"host": host})
        assert answer.status_code in (400, 421)
        assert "boolean" not in answer.text


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("https://evil.example", 403),
        ("null", 403),
        ("https://friend.example", 200),
        ("https://friend.example.evil.example", 403),
    ],
)
def test_origins(service: Service, origin: str, status: int) -> None:
    answer = service.client.get("/sparql", params={"query": "ASK {}"}, headers={"origin": origin})
    assert answer.status_code == status
    assert answer.headers.get("access-control-allow-origin") == (origin if status == 200 else None)
    same = service.client.get("/health", headers={"origin": service.address})
    assert same.status_code == 200
    preflight = {"origin": origin, "access-control-request-method": "POST"}
    assert service.client.options("/sparql", headers=preflight).status_code == status


def test_what_is_not_there(service: Service) -> None:
    for method, path, status in (
        ("GET", "/nothing", 404),
        ("DELETE", "/sparql", 405),
        ("POST", "/health", 405),
        ("GET", "/queries/no-such-thing", 404),
        ("GET", "/queries/../../etc/passwd", 404),
        ("GET", "/queries/%2e%2e%2f%2e%2e%2fetc%2fpasswd", 404),
    ):
        answer = service.client.request(method, path)
        assert answer.status_code == status, path
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.headers["x-content-type-options"] == "nosniff"


def test_a_request_is_bounded(service: Service) -> None:
    assert service.ask("#" * 70_000).status_code == 413
    assert service.ask("é" * 40_000).status_code == 413
    too_long = service.client.post(
        "/sparql", content=b"#" * 400_000, headers={"content-type": "application/sparql-query"}
    )
    assert too_long.status_code == 413
    many = "&".join(f"a{n}=1" for n in range(300))
    assert service.client.get(f"/sparql?{many}").status_code == 400
    assert service.client.get("/sparql?query=%ff%fe").status_code == 400


def test_head(service: Service) -> None:
    answer = service.client.head("/sparql", params={"query": "ASK {}"})
    assert answer.status_code == 200
    assert not answer.content
