"""Exports: each parses back to the same graph, and is the same bytes for every run and hash seed."""

from __future__ import annotations

import csv
import io
import json
import os
import random
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import rdflib
from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad, RdfFormat, Store, parse
from rdflib import OWL, RDF, RDFS

from dress_kg import terms
from dress_kg.doubts import known
from dress_kg.errors import CallError
from dress_kg.export import FORMATS, export, export_tables, write_nquads
from dress_kg.export.csvw import metadata
from dress_kg.export.jsonld import load_context
from dress_kg.pipeline import make_graph
from dress_kg.reason import inferred_quads, reason
from dress_kg.results import Graph
from dress_kg.tables.schema import TABLES

ROOT = Path(__file__).resolve().parents[1]
XSD = terms.PREFIXES["xsd"]
GRAPH_FORMATS = [form for form in FORMATS if form != "csvw"]
OXIGRAPH = {"turtle": RdfFormat.TURTLE, "ntriples": RdfFormat.N_TRIPLES, "trig": RdfFormat.TRIG,
            "nquads": RdfFormat.N_QUADS, "jsonld": RdfFormat.JSON_LD}  # fmt: skip
RDFLIB = {"turtle": "turtle", "ntriples": "nt", "trig": "trig", "nquads": "nquads", "jsonld": "json-ld"}


@pytest.fixture(scope="module")
def graph() -> Graph:
    """What a build of the shipped table makes."""
    return make_graph(["dress"])


@pytest.fixture(scope="module")
def store(graph: Graph) -> Store:
    loaded = Store()
    loaded.bulk_extend(graph.quads)
    return loaded


def written(source: Store, form: str) -> bytes:
    out = io.BytesIO()
    export(source, form, out)
    return out.getvalue()


def as_set(quads: Any, form: str) -> set[str]:
    """The statements as strings; without their graph in formats of triples."""
    triples = form in ("turtle", "ntriples")
    return {str(quad.triple) if triples else str(quad) for quad in quads}


@pytest.mark.parametrize("form", GRAPH_FORMATS)
def test_parses_back_to_the_same_graph(form: str, store: Store) -> None:
    assert len(store) > 5000
    assert as_set(parse(written(store, form), format=OXIGRAPH[form]), form) == as_set(store, form)


@pytest.mark.parametrize("form", GRAPH_FORMATS)
def test_an_independent_parser_reads_the_same_graph(form: str, store: Store) -> None:
    from rdflib import Dataset

    def read(data: bytes, kind: str) -> set[str]:
        dataset = Dataset(default_union=True)
        dataset.parse(data=data, format=kind)
        triples = form in ("turtle", "ntriples")
        return {" ".join(part.n3() for part in (quad[:3] if triples else quad)) for quad in dataset.quads()}  # type: ignore[union-attr]

    assert read(written(store, form), RDFLIB[form]) == read(written(store, "nquads"), "nquads")


@pytest.mark.parametrize("form", ["turtle", "trig"])
def test_each_subject_stands_once_a_graph(form: str, store: Store) -> None:
    text = written(store, form).decode()
    assert text.startswith("# Reports cited")
    assert "\n@prefix " in text
    blocks = re.split(r"(?m)^[^\s@}].* \{$|^\}$", text) if form == "trig" else [text]
    for block in blocks:
        subjects = re.findall(r"(?m)^\t?(\S+) (?:a |\S+:\S+ )\S", "\n".join(_first_lines(block, form)))
        assert len(subjects) == len(set(subjects))


def _first_lines(block: str, form: str) -> list[str]:
    indent = "\t" if form == "trig" else ""
    return [line for line in block.split("\n") if re.match(indent + r"[^\s@]", line)]


def hostile_quads(number: int) -> list[Quad]:
    """Quads with texts, languages, datatypes and IRIs that trip serialisers."""
    chance = random.Random(7)  # noqa: S311 – repeatable test data
    texts = [
        "",
        "a",
        '"',
        "'",
        "\\",
        "\n",
        "\r\n",
        "\t",
        "\u2028",
        "𝔘",
        "é",
        'a"""b',
        "@id",
        "true",
        "1",
        " ",
        "\x7f",
    ]
    iris = [
        terms.ONTOLOGY + "low",
        terms.ONTOLOGY + "agent",
        terms.PREFIXES["rdf"] + "type",
        "urn:a:b",
        "https://example.org/a?b=c#d",
        terms.VOCABULARY + "a/b",
        terms.DATA + "evidence/dress/a-b/cell/x/0-3",
        terms.ONTOLOGY,
        "http://example.org/%20(x)",
        terms.PREFIXES["skos"] + "prefLabel",
    ]
    types = [None, "integer", "decimal", "boolean", "date", "double"]

    def value() -> Literal | NamedNode | BlankNode:
        pick = chance.random()
        if pick < 0.3:
            return NamedNode(chance.choice(iris))
        if pick < 0.4:
            return BlankNode(f"b{chance.randint(0, 3)}")
        text = "".join(chance.choice(texts) for _ in range(chance.randint(0, 4)))
        if pick < 0.5:
            return Literal(text, language=chance.choice(["en", "es", "en-GB"]))
        kind = chance.choice(types)
        return Literal(text if kind is None else chance.choice(["1", "2.5", "true", "x", "01", "-3"]),
                       datatype=NamedNode(XSD + kind) if kind else None)  # fmt: skip

    graphs: list[DefaultGraph | NamedNode] = [
        DefaultGraph(),
        NamedNode(terms.DATA + "graph/a"),
        NamedNode("urn:g"),
    ]
    return [
        Quad(
            NamedNode(chance.choice(iris)) if chance.random() < 0.8 else BlankNode("s"),
            NamedNode(chance.choice(iris)), value(), chance.choice(graphs),
        )
        for _ in range(number)
    ]  # fmt: skip


@pytest.mark.parametrize("form", GRAPH_FORMATS)
def test_hostile_terms_survive(form: str) -> None:
    store = Store()
    store.extend(hostile_quads(3000))
    back = Store()
    back.extend(parse(written(store, form), format=OXIGRAPH[form], rename_blank_nodes=False))
    assert as_set(back, form) == as_set(store, form)


@pytest.mark.parametrize("form", GRAPH_FORMATS)
def test_empty_graph(form: str) -> None:
    assert list(parse(written(Store(), form), format=OXIGRAPH[form])) == []
    assert written(Store(), form) == written(Store(), form)


def test_unknown_format() -> None:
    with pytest.raises(CallError, match="unknown export format"):
        export(Store(), "rdfxml", io.BytesIO())


CODE = """
import hashlib, io, sys, tempfile, pathlib
from dress_kg.export import FORMATS, export, export_tables
from dress_kg.pipeline import make_graph
graph = make_graph(["dress"])
for form in FORMATS:
    if form == "csvw":
        folder = pathlib.Path(tempfile.mkdtemp())
        export_tables(graph.tables, folder)
        data = b"".join(path.name.encode() + path.read_bytes() for path in sorted(folder.iterdir()))
    else:
        out = io.BytesIO()
        export(graph.quads, form, out)
        data = out.getvalue()
    print(form, len(data), hashlib.sha256(data).hexdigest())
"""


def test_same_bytes_for_every_hash_seed() -> None:
    answers = [
        subprocess.run(
            [sys.executable, "-c", CODE],
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "PYTHONPATH": str(ROOT / "src"), "PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("0", "1")
    ]
    assert answers[0] == answers[1]
    assert len(answers[0].splitlines()) == len(FORMATS)


def test_sorted_quads_through_files_are_the_same_bytes(store: Store) -> None:
    whole, parts = io.BytesIO(), io.BytesIO()
    assert write_nquads(store, whole) == len(store)
    quads = [*store, *list(store)[:500]]
    random.Random(1).shuffle(quads)  # noqa: S311
    assert write_nquads(quads, parts, chunk=700) == len(store)
    assert parts.getvalue() == whole.getvalue()
    lines = whole.getvalue().split(b"\n")[:-1]
    assert lines == sorted(set(lines))


# ------------------------------------------------------------------ JSON-LD


def test_jsonld_is_compact_and_keeps_graphs(store: Store) -> None:
    document = json.loads(written(store, "jsonld"))
    graphs = {entry["@id"]: entry["@graph"] for entry in document["@graph"] if "@graph" in entry}
    nodes = graphs["dkid:graph/evidence/dress/cyclosporine-kirchhof-2016"]
    item = next(node for node in nodes if node["@id"] == "dkid:evidence/dress/cyclosporine-kirchhof-2016")
    assert item["@type"] == "dk:EvidenceItem"
    assert item["summaryDirection"] == "dkv:direction/conditional"
    study = next(node for node in nodes if node["@id"] == item["study"])
    assert study["patients"] == 2


def test_context_has_every_property_of_the_mapping_with_its_type() -> None:
    text = (ROOT / "mappings" / "evidence.rml.ttl").read_text("utf-8")
    found = re.findall(
        r'rml:predicate (\w+:\w+) ; rml:objectMap \[ rml:reference "\w+"(?: ; rml:(\w+) (\w+:\w+))?', text
    )
    assert len(found) > 150
    names = load_context().names
    for curie, kind, value in found:
        prefix, local = curie.split(":")
        expected = None
        if kind == "termType":
            expected = "@id"
        elif kind == "datatype":
            expected = XSD + value.partition(":")[2]
        assert names[terms.PREFIXES[prefix] + local][1] == expected, curie


def test_context_has_every_term_of_the_ontology_and_of_the_data(graph: Graph) -> None:
    ours = {iri for iri in known() if not iri.rpartition("#")[2][0].isupper()}
    assert len(ours) > 150
    inferred = inferred_quads(reason(graph.quads, reasoner="rl"))
    used = {quad.predicate.value for quad in graph.quads | inferred} - {terms.PREFIXES["rdf"] + "type"}
    assert terms.PREFIXES["void"] + "triples" in used
    names = load_context().names
    assert ours | used <= names.keys()
    assert len({name for name, _ in names.values()}) == len(names), "one name, one term"


def test_context_says_the_datatypes_and_links_of_the_ontology() -> None:
    names = load_context().names
    said = rdflib.Graph().parse(ROOT / "ontology/dress-kg.ttl")
    for kind, is_link in ((OWL.ObjectProperty, True), (OWL.DatatypeProperty, False)):
        for term in said.subjects(RDF.type, kind):
            if not str(term).startswith(terms.ONTOLOGY):
                continue
            declared = None if (value := said.value(term, RDFS.range)) is None else str(value)
            plain = None if declared == XSD + "string" else declared
            assert names[str(term)][1] == ("@id" if is_link else plain), term


# ------------------------------------------------------------------ CSVW


def test_tables_with_metadata(graph: Graph, tmp_path: Path) -> None:
    export_tables(graph.tables, tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {f"{name}.csv" for name in TABLES} | {
        "csv-metadata.json"
    }
    described = json.loads((tmp_path / "csv-metadata.json").read_text("utf-8"))
    assert described == metadata()
    for table in described["tables"]:
        schema = table["tableSchema"]
        with (tmp_path / table["url"]).open(encoding="utf-8", newline="") as handle:
            names, *found = csv.reader(handle)
        assert names == [column["name"] for column in schema["columns"]]
        keys = [tuple(row[names.index(name)] for name in schema["primaryKey"]) for row in found]
        assert len(set(keys)) == len(keys)
        assert keys == sorted(keys)
        for column, values in zip(schema["columns"], zip(*found, strict=True), strict=False):
            assert column["dc:description"]
            for text in values:
                assert fits(text, column), (table["url"], column["name"], text)


def fits(text: str, column: dict[str, Any]) -> bool:
    """Whether a cell is of its column's datatype; null fits where the column is not required."""
    patterns = {
        "integer": r"-?\d+",
        "decimal": r"-?\d+(\.\d+)?",
        "boolean": "true|false",
        "anyURI": r"[a-z]+:\S+",
        "date": r"\d{4}-\d\d-\d\d",
        "string": r"(?s).+",
    }
    if text == "":
        return not column.get("required", False)
    return re.fullmatch(patterns[column["datatype"]], text) is not None


def test_quoted_empty_strings_never_occur(graph: Graph, tmp_path: Path) -> None:
    export_tables(graph.tables, tmp_path)
    for path in tmp_path.glob("*.csv"):
        assert not re.search(r'(?m)(^|,)""(,|$)', path.read_text("utf-8"))


def test_an_empty_string_or_a_double_key_is_our_fault(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="empty string"):
        export_tables({"population": [{"study": "urn:s", "population": ""}]}, tmp_path)
    row: dict[str, str | None] = {"study": "urn:s", "population": "children"}
    with pytest.raises(ValueError, match="not unique"):
        export_tables({"population": [row, row]}, tmp_path)
