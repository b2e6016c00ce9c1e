"""The framed documents: readable, and the same triples by an independent JSON-LD processor (PyLD)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from pyld import jsonld
from pyoxigraph import Quad, RdfFormat, Store, parse

from dress_kg import terms
from dress_kg.errors import StoreError
from dress_kg.export.framed import framed, item_quads, items, write_items
from tests.conftest import ROOT

CONTEXT = json.loads((ROOT / "ontology/context.jsonld").read_text("utf-8"))
FRAME = json.loads((ROOT / "ontology/frame.jsonld").read_text("utf-8"))
MOLING = terms.evidence("dress", "valganciclovir-n-acetylcisteine-cs-moling-2013")


def loader(url: str, _options: object = None) -> dict[str, Any]:
    assert url == FRAME["@context"], "nothing is fetched but our own context"
    return {"contentType": "application/ld+json", "contextUrl": None, "documentUrl": url, "document": CONTEXT}


def triples(document: dict[str, Any]) -> set[str]:
    """The triples of a document as PyLD reads it."""
    options = {"format": "application/n-quads", "documentLoader": loader}
    lines = jsonld.to_rdf(document, options)
    return {str(quad.triple) for quad in parse(lines, format=RdfFormat.N_QUADS)}


def said(quads: set[Quad]) -> set[str]:
    return {str(quad.triple) for quad in quads}


def test_every_document_holds_the_same_triples_by_pyld(store: Store) -> None:
    count = 0
    for item in items(store):
        assert triples(framed(store, item)) == said(item_quads(store, item)), item
        count += 1
    assert count == 35


def test_pyld_frames_to_the_same_triples_and_the_same_tree(store: Store) -> None:
    ours = framed(store, MOLING)
    flat = jsonld.flatten(ours, None, {"documentLoader": loader})
    theirs = jsonld.frame(flat, FRAME, {"documentLoader": loader})
    assert triples({**theirs, "@context": CONTEXT["@context"]}) == said(item_quads(store, MOLING))
    assert theirs["@type"] == ours["@type"] == "dk:EvidenceItem"
    assert sorted(theirs["strategy"]) == sorted(ours["strategy"])
    assert len(theirs["strategy"]["component"]) == len(ours["strategy"]["component"]) == 3


def test_a_document_reads_from_the_top(store: Store) -> None:
    document = framed(store, terms.evidence("dress", "cyclosporine-kirchhof-2016"))
    assert list(document)[:4] == ["@context", "@id", "@type", "label"]
    component = document["strategy"]["component"]
    assert component["agent"]["prefLabel"] == {"@value": "cyclosporine", "@language": "en"}
    assert document["citation"]["refersTo"]["doi"]
    assert document["study"]["patients"] == 2
    assert document["@reverse"]["assesses"][0]["printedGrade"] == "D"


def test_files_one_an_item(store: Store, tmp_path: Path) -> None:
    assert write_items(store, tmp_path) == 35
    files = sorted(tmp_path.rglob("*.jsonld"))
    assert len(files) == 35
    assert json.loads((tmp_path / "dress/cyclosporine-kirchhof-2016.jsonld").read_text("utf-8"))["@id"]


def test_an_item_that_is_not_there(store: Store) -> None:
    with pytest.raises(StoreError, match="no such evidence item"):
        framed(store, terms.evidence("dress", "nobody-1999"))
