"""The gate as an API: files, stores, batches, missing columns, broken input, tidy rows."""

from __future__ import annotations

import dataclasses
import json
import subprocess
import sys
from pathlib import Path

import pyoxigraph as ox
import pytest

from dress_kg import terms
from dress_kg.errors import ShapeError, SourceError
from dress_kg.validate import Severity, quality_tables, validate_rdf, validate_store
from dress_kg.validate.gate import load_vocabulary
from dress_kg.validate.rules_page import rules_page
from tests.conftest import ROOT

PAIRS = ROOT / "tests/shapes"
ITEM = terms.evidence("test", "one")


def store_of(*files: Path) -> ox.Store:
    store = ox.Store()
    for file in files:
        store.load(path=str(file), format=ox.RdfFormat.TURTLE)
    return store


def several_items(copies: int) -> ox.Store:
    """The bad graph on an unknown route, several times over, each item in its own named graph."""
    text = (PAIRS / "bad-route-not-in-scheme.ttl").read_text("utf-8")
    store = ox.Store()
    for n in range(copies):
        graph = ox.NamedNode(terms.item_graph(terms.evidence("test", f"item{n}")))
        own = (
            text.replace("/test/one", f"/test/item{n}")
            .replace("lee-2008", f"lee-{n}")
            .replace("5 mg", f"{n} mg")
        )
        store.load(own.encode(), format=ox.RdfFormat.TURTLE, to_graph=graph)
    return store


@pytest.mark.parametrize(
    ("suffix", "format_"),
    [
        (".ttl", ox.RdfFormat.TURTLE),
        (".trig", ox.RdfFormat.TRIG),
        (".nq", ox.RdfFormat.N_QUADS),
        (".nt", ox.RdfFormat.N_TRIPLES),
        (".jsonld", ox.RdfFormat.JSON_LD),
    ],
)
def test_every_format_gives_the_same_report(tmp_path: Path, suffix: str, format_: ox.RdfFormat) -> None:
    bad = PAIRS / "bad-dose-implausible.ttl"
    file = tmp_path / f"graph{suffix}"
    graph = None if format_.supports_datasets else ox.DefaultGraph()
    store_of(bad).dump(str(file), format=format_, from_graph=graph)
    assert validate_rdf(file).results == validate_rdf(bad).results != ()


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("graph.rdf", "<rdf/>", "RDF/XML"),
        ("graph.ttl", "<urn:a> <urn:b> <urn:c> .\n<urn:a> <urn:b> .\n", "does not parse"),
        ("graph.nt", "", "nothing to judge"),
        ("gone.ttl", None, "cannot read"),
    ],
)
def test_a_faulty_file_is_told(tmp_path: Path, name: str, content: str | None, message: str) -> None:
    file = tmp_path / name
    if content is not None:
        file.write_text(content, "utf-8")
    with pytest.raises(SourceError, match=message) as caught:
        validate_rdf(file)
    assert caught.value.file == str(file)
    if message == "does not parse":
        assert caught.value.line == 2
        assert caught.value.remedy == "mend that line; by its name ending in .ttl it is read as Turtle"


def test_batches_do_not_change_the_report() -> None:
    store = several_items(7)
    whole = validate_store(store)
    assert [r.rule for r in whole.results] == ["route-not-in-scheme"] * 7
    assert not whole.conforms
    for size in (1, 3):
        assert validate_store(store, batch=size) == whole


def test_the_store_that_is_judged_stays_as_it_was() -> None:
    store = several_items(1)
    before = set(store)
    validate_store(store)
    assert set(store) == before


def test_a_rule_for_a_column_that_the_source_lacks_is_not_applicable() -> None:
    store = store_of(PAIRS / "bad-level-missing.ttl")
    report = validate_store(store, fields=frozenset({"drug", "dose", "interval", "reference", "comments"}))
    assert report.results == ()
    assert "level-missing" in report.not_applicable
    assert "several-patients-in-case-report" in report.not_applicable
    assert "dose-missing" not in report.not_applicable
    assert not set(report.not_applicable) & {*report.shapes_checked, *report.rules_run}


def test_shapes_without_a_node_are_named() -> None:
    report = validate_store(store_of(PAIRS / "ok-dose-missing.ttl"))
    assert "harm-without-event" in report.unmatched
    assert "dose-missing" in report.shapes_checked


def test_own_shapes_take_the_place_of_the_shipped_ones(tmp_path: Path) -> None:
    (tmp_path / "mine.ttl").write_text(
        """@prefix dk: <https://w3id.org/dress-kg/ontology#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
<https://example.org/s> a sh:NodeShape ; dk:rule "two-harms" ; sh:targetClass dk:EvidenceItem ;
    sh:severity sh:Warning ; sh:message "Fewer than two harms." ; dk:reason "A test." ;
    sh:property [ sh:path dk:harm ; sh:minCount 2 ] .
""",
        "utf-8",
    )
    report = validate_rdf(PAIRS / "ok-harm-without-event.ttl", shapes=tmp_path)
    assert [(r.rule, r.severity, r.item) for r in report.results] == [("two-harms", Severity.WARNING, ITEM)]
    assert report.conforms


def test_a_shape_file_that_does_not_parse_stops_the_gate(tmp_path: Path) -> None:
    file = tmp_path / "broken.ttl"
    file.write_text("@prefix dk: <https://w3id.org/dress-kg/ontology#> .\ndk:a dk:b ;; .. \n", "utf-8")
    with pytest.raises(ShapeError, match="does not parse") as caught:
        validate_rdf(PAIRS / "ok-dose-missing.ttl", shapes=file)
    assert (caught.value.file, caught.value.line) == (str(file), 2)


def test_quality_rows_have_stable_iris_and_no_holes() -> None:
    report = validate_store(store_of(PAIRS / "bad-amount-range-reversed.ttl"))
    (row,) = quality_tables(report, "test")["quality_finding"]
    assert row["finding"] == f"{ITEM}/quality/amount-range-reversed/step/1"
    assert row["named_graph"] == terms.source_graph("test", "quality")
    assert row["severity"] == terms.concept("severity", "violation")
    assert row["cell"] == f"{ITEM}/cell/dose"
    assert "" not in row.values()
    assert quality_tables(report, "another") == {"quality_finding": []}


def test_quality_rows_have_the_columns_of_their_table() -> None:
    from dress_kg.tables.schema import TABLES

    report = validate_store(several_items(2))
    rows = quality_tables(report, "test")["quality_finding"]
    assert len({row["finding"] for row in rows}) == len(rows) == 2
    assert all(tuple(row) == TABLES["quality_finding"].names for row in rows)


def test_a_report_is_json() -> None:
    report = validate_rdf(PAIRS / "bad-word-split.ttl")
    loaded = json.loads(json.dumps(dataclasses.asdict(report)))
    assert loaded["results"][0]["rule"] == "word-split"
    assert loaded["results"][0]["severity"] == "info"


def test_units_are_compared_across_grams_and_milligrams() -> None:
    report = validate_rdf(PAIRS / "bad-dose-implausible.ttl")
    (result,) = report.results
    assert result.item == terms.evidence("test", "dan")
    assert "500 to 1500 mg/kg a day" in result.message


def test_a_dose_far_from_few_siblings_is_left_alone() -> None:
    text = (PAIRS / "bad-dose-implausible.ttl").read_text("utf-8")
    store = ox.Store()
    store.load(text.encode(), format=ox.RdfFormat.TURTLE)
    for name in ("bob", "cyd"):
        item = ox.NamedNode(terms.evidence("test", name))
        for quad in list(store.quads_for_pattern(item, ox.NamedNode(terms.ONTOLOGY + "step"), None, None)):
            store.remove(quad)
    load_vocabulary(store)
    assert not [r for r in validate_store(store).results if r.rule == "dose-implausible"]


def test_importing_the_gate_is_light() -> None:
    code = "import sys, dress_kg.validate; print({'rdflib', 'pyshacl'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True,
                          env={"PYTHONPATH": str(ROOT / "src")})  # fmt: skip
    assert done.stdout.strip() == "set()"


def test_the_page_of_rules_is_current() -> None:
    assert (ROOT / "docs/rules.md").read_text("utf-8") == rules_page(), (
        "write it anew: python -m dress_kg.validate.rules_page > docs/rules.md"
    )
