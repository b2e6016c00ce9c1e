"""Pages over HTTP: content negotiation of every kind of IRI, headers, and what search engines are told."""

from __future__ import annotations

import asyncio
import gzip
import json
import re
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import httpx
import pytest
from pyoxigraph import RdfFormat, Store

from dress_kg import terms
from dress_kg.pages.catalogue import addresses
from dress_kg.pages.layout import POLICY
from dress_kg.pages.showing import Holding
from dress_kg.queries import list_queries, resolver
from dress_kg.store import open_build
from dress_kg.web.app import create_app
from dress_kg.web.frames import Job
from dress_kg.web.settings import Settings
from tests.conftest import ROOT
from tests.service import Service, publish_quads, serving

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"
GRAPHS = {
    "text/turtle": RdfFormat.TURTLE,
    "application/ld+json": RdfFormat.JSON_LD,
    "application/n-triples": RdfFormat.N_TRIPLES,
}
NODES = {
    "item": "/id/evidence/dress/cyclosporine-kirchhof-2016",
    "component": "/id/evidence/dress/cyclosporine-kirchhof-2016/component/1",
    "step": "/id/evidence/dress/cyclosporine-kirchhof-2016/step/1",
    "row": "/id/evidence/dress/cyclosporine-kirchhof-2016/row",
    "cell": "/id/evidence/dress/cyclosporine-kirchhof-2016/cell/dose",
    "source": "/id/source/dress",
    "line": "/id/source/dress/line/33",
    "publication": "/id/publication/kirchhof-2016",
    "profile": "/id/profile/dress/valganciclovir/index/dress-syndrome",
    "disagreement": "/id/disagreement/dress/cyclosporine/index/dress-syndrome",
    "dataset": "/id/dataset/dress",
    "catalogue": "/id/catalog",
    "graph": "/id/graph/dress/dataset",
    "agent": "/vocab/cyclosporine",
    "condition": "/vocab/dress-syndrome",
    "concept": "/vocab/role/index",
    "concept of no row": "/vocab/anakinra",
    "scheme": "/vocab/role",
    "ontology": "/ontology",
    "stored query": "/query/clinician/conflicting-reports",
}


def page(service: Service, path: str, **headers: str) -> httpx.Response:
    return service.client.get(path, headers={"accept": BROWSER, **headers}, follow_redirects=True)


@pytest.mark.parametrize("path", NODES.values(), ids=list(NODES))
def test_each_kind_of_iri_resolves_in_each_format(service: Service, path: str) -> None:
    found = []
    for media, form in GRAPHS.items():
        answer = service.client.get(path, headers={"accept": media})
        assert (answer.status_code, answer.headers["content-type"].split(";")[0]) == (200, media), answer.text
        assert "Accept" in answer.headers["vary"]
        named = {RdfFormat.TURTLE: "turtle", RdfFormat.JSON_LD: "jsonld", RdfFormat.N_TRIPLES: "ntriples"}[
            form
        ]
        assert service.client.get(f"{path}?format={named}").content == answer.content
        store = Store()
        store.load(answer.content, form)
        found.append({str(quad.triple) for quad in store if "_:" not in str(quad.triple)})
    assert found[0] and found[0] == found[1] == found[2]
    shown = page(service, path)
    assert shown.status_code == 200
    assert shown.headers["content-type"] == "text/html; charset=utf-8"
    assert shown.headers["content-security-policy"] == POLICY


def test_whoever_takes_anything_gets_data_as_before(service: Service) -> None:
    assert service.client.get(NODES["item"]).headers["content-type"].startswith("text/turtle")
    assert isinstance(service.client.get("/queries").json(), list)
    stored = service.client.get("/queries/conflicting-reports", headers={"accept": "*/*"})
    assert stored.headers["content-type"] == "application/sparql-results+json"
    assert page(service, "/queries").headers["content-type"].startswith("text/html")
    assert (
        page(service, "/queries/conflicting-reports?format=csv")
        .headers["content-type"]
        .startswith("text/csv")
    )


@pytest.mark.parametrize("path", [NODES["item"], NODES["agent"], "/queries/clinician/conflicting-reports"])
def test_a_page_is_better_than_nothing_and_is_to_be_had_by_name(service: Service, path: str) -> None:
    for asked in (
        service.client.get(path, headers={"accept": "application/rdf+xml, text/html;q=0.4"}),
        service.client.get(path, params={"format": "html"}),
    ):
        assert asked.status_code == 200
        assert asked.headers["content-type"] == "text/html; charset=utf-8"


def test_early_readers_wait_for_the_workers_to_read_the_graph(graph: Path) -> None:
    settings = Settings(graph=graph, folders=(ROOT / "queries",), workers=1, patience=0.001)

    async def asked() -> int:
        service = create_app(settings).state.service
        await service.open()
        try:
            answer, _ = await service._good(Job(version="", page="/items"))
        finally:
            await service.close()
        return int(answer.status)

    assert asyncio.run(asked()) == 200


@pytest.mark.parametrize("seconds", [0.0, 0.05, 0.4])
def test_a_service_that_ends_while_it_warms_up_leaves_no_worker(
    graph: Path, seconds: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(graph=graph, folders=(ROOT / "queries",), workers=2)
    started: list[asyncio.subprocess.Process] = []
    start = asyncio.create_subprocess_exec

    async def recorded(*words: Any, **how: Any) -> asyncio.subprocess.Process:
        process = await start(*words, **how)
        started.append(process)
        return process

    monkeypatch.setattr(asyncio, "create_subprocess_exec", recorded)

    async def left() -> tuple[list[int], int]:
        service = create_app(settings).state.service
        await service.open()
        await asyncio.sleep(seconds)
        await service.close()
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        return [each.pid for each in started if each.returncode is None], len(tasks)

    assert asyncio.run(left()) == ([], 0)
    assert len(started) >= 2


def test_a_part_of_an_item_leads_to_its_place_on_the_page(service: Service) -> None:
    answer = service.client.get(NODES["step"], headers={"accept": BROWSER})
    assert answer.status_code == 303
    assert answer.headers["location"] == NODES["item"] + "#step-1"
    assert 'id="step-1"' in page(service, NODES["step"]).text
    moved = service.client.get(NODES["source"], headers={"accept": BROWSER})
    assert (moved.status_code, moved.headers["location"]) == (303, "/table/dress")


@pytest.mark.parametrize(
    "path", ["/id/evidence/dress/nobody-1900", "/vocab/nothing", "/nowhere", "/id/", "/id/%00"]
)
def test_what_is_not_there_is_404_for_people_and_programs(service: Service, path: str) -> None:
    told = service.client.get(path, headers={"accept": "text/turtle"})
    assert told.status_code == 404
    assert told.headers["content-type"] == "application/problem+json"
    shown = page(service, path)
    assert shown.status_code == 404
    assert shown.headers["content-type"].startswith("text/html")
    assert "<h1>" in shown.text


def test_no_such_format_of_a_node(service: Service) -> None:
    for answer in (
        service.client.get(NODES["item"] + "?format=rdfxml"),
        service.client.get(NODES["item"], headers={"accept": "image/png"}),
    ):
        assert answer.status_code == 406
        assert "turtle" in answer.json()["remedy"]


def test_every_page_of_the_catalogue_is_there_small_and_shut_in(service: Service, graph: Path) -> None:
    opened = open_build(graph)
    store = opened.store()
    queries = {query.name: query for query in list_queries([ROOT / "queries"])}
    paths = [each.path() for each in addresses(Holding(store, terms.DATA, queries, resolver(store)))]
    assert len(paths) > 100
    assert len(set(paths)) == len(paths)
    for path in paths:
        answer = page(service, path)
        assert answer.status_code == 200, path
        assert len(answer.content) < 1_000_000, path
        assert answer.headers["content-security-policy"] == POLICY
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert "Not advice for prescribing" in answer.text
        assert not re.search(r"<[^>]+\s(style|on\w+)\s*=", answer.text), path


def test_the_site_map_names_these_pages(service: Service) -> None:
    root = ET.fromstring(service.client.get("/sitemap.xml").content)  # noqa: S314 - our own
    named = [str(each.text) for each in root.iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")]
    assert service.address + NODES["item"] in named
    assert service.address + "/queries/clinician/conflicting-reports" in named
    assert f"Sitemap: {service.address}/sitemap.xml" in service.client.get("/robots.txt").text


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/", "Dataset"),
        ("/table/dress", "Dataset"),
        (NODES["publication"], "MedicalScholarlyArticle"),
        (NODES["agent"], "Drug"),
        (NODES["item"], "CreativeWork"),
    ],
)
def test_pages_say_what_they_are_in_terms_of_schema_org(service: Service, path: str, kind: str) -> None:
    [block] = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page(service, path).text)
    said = json.loads(block)
    assert said["@context"] == "https://schema.org"
    assert said["@type"] == kind
    assert said["@id"].startswith("https://w3id.org/dress-kg/")
    assert said["name"]


def test_pages_are_compressed_and_kept(service: Service) -> None:
    plain = page(service, "/ontology", **{"accept-encoding": "identity"})
    packed = page(service, "/ontology", **{"accept-encoding": "gzip"})
    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.content == plain.content
    assert int(packed.headers["content-length"]) < len(plain.content) / 3
    again = page(service, "/ontology", **{"if-none-match": packed.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    head = service.client.head("/ontology", headers={"accept": BROWSER})
    assert (head.status_code, head.content) == (200, b"")


def test_assets_have_names_that_change_with_them(service: Service) -> None:
    text = page(service, "/editor").text
    named = re.findall(r'(?:href|src)="(/assets/[^"]+)"', text)
    assert len(named) >= 6
    for path in named:
        answer = service.client.get(path)
        assert answer.status_code == 200
        assert "immutable" in answer.headers["cache-control"]
        assert answer.headers["content-type"].split(";")[0] in (
            "text/css",
            "text/javascript",
            "image/svg+xml",
        )
    assert service.client.get("/assets/../pages/site.py").status_code == 404
    assert service.client.get("/assets/%2e%2e/__init__.py").status_code == 404


def test_the_form_of_a_query_answers_and_says_what_is_wrong(service: Service) -> None:
    asked = page(service, "/queries/clinician/dose-range-per-agent?agent=IVIG&flagged=")
    assert asked.status_code == 200
    assert '<label for="p-agent">' in asked.text
    assert '<option value="cyclosporine">' in asked.text
    assert 'href="/vocab/intravenous-immunoglobulin"' in asked.text
    assert "format=csv" in asked.text
    wrong = page(service, "/queries/clinician/dose-range-per-agent?agent=%3Cscript%3E")
    assert wrong.status_code == 400
    assert 'role="alert"' in wrong.text
    assert "<script>" not in wrong.text
    short = service.client.get("/queries/dose-range-per-agent?agent=IVIG", headers={"accept": BROWSER})
    assert short.headers["location"] == "/queries/clinician/dose-range-per-agent?agent=IVIG"


def test_another_base_and_hostile_text(tmp_path: Path) -> None:
    """Data under a base of one's own stand under /id/ too; what a table says is text, whatever it says."""
    base, evil = "https://example.org/kg/", "</script><script>alert(1)</script>\\u202Eevil"
    item = f"{base}evidence/t/a-b-2001"
    dk, dcterms = terms.ONTOLOGY, terms.PREFIXES["dcterms"]
    triples = [
        f"<{item}> <{terms.PREFIXES['rdf']}type> <{dk}EvidenceItem>",
        f'<{item}> <{terms.PREFIXES["rdfs"]}label> "{evil}"',
        f"<{item}> <{dcterms}relation> <javascript:alert(1)>",
        f'<{base}thing/x> <{terms.PREFIXES["rdfs"]}label> "{evil}"',
        f"<{base}thing/x> <{dcterms}relation> <javascript:alert(1)>",
        f"<{base}thing/x> <{dcterms}relation> <{item}>",
    ]
    graph = f"<{base}graph/evidence/t/a-b-2001>"
    publish_quads(tmp_path / "out", "".join(f"{triple} {graph} .\n" for triple in triples), base=base)
    with serving(tmp_path / "out", tmp_path) as running:
        for path in ("/id/evidence/t/a-b-2001", "/id/thing/x"):
            assert base in running.client.get(path).text
            text = page(running, path).text
            assert "<script>alert" not in text
            assert "\u202e" not in text
            assert 'href="javascript:' not in text
        assert 'href="/id/evidence/t/a-b-2001"' in page(running, "/id/thing/x").text
        packed = running.client.get("/sitemap.xml", headers={"accept-encoding": "gzip"})
        assert packed.status_code == 200
        assert gzip.compress(packed.content)
