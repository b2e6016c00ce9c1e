"""Our RML executor against morph-kgc: the same mapping over the same CSV files, the same quads."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from pyoxigraph import Quad

from dress_kg.mapping import Mapping, csv_tables, execute, load_mapping
from dress_kg.mapping.model import Constant, Reference, TermKind, TermMap
from dress_kg.resources import folder
from tests.peers import morph_kgc

pytestmark = pytest.mark.peers

PREFIXES = """@prefix rml: <http://w3id.org/rml/> . @prefix ex: <http://example.org/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
FEATURES = (
    PREFIXES
    + r"""
ex:Reports rml:logicalSource [ rml:source "report.csv" ; rml:referenceFormulation rml:CSV ] ;
  rml:subjectMap [ rml:template "http://example.org/report/{key}/{part}" ; rml:class ex:Report, ex:Thing ;
    rml:graphMap [ rml:template "http://example.org/graph/{key}" ] ] ;
  rml:predicateObjectMap [ rml:predicate ex:text, ex:note ; rml:objectMap [ rml:reference "text" ] ] ;
  rml:predicateObjectMap [ rml:predicate ex:low ;
    rml:objectMap [ rml:reference "low" ; rml:datatype xsd:decimal ] ] ;
  rml:predicateObjectMap [ rml:predicate ex:title ;
    rml:objectMap [ rml:reference "text" ; rml:language "en" ] ] ;
  rml:predicateObjectMap [ rml:predicate ex:label ;
    rml:objectMap [ rml:template "{key} \\{{part}\\}" ; rml:termType rml:Literal ] ] ;
  rml:predicateObjectMap [ rml:predicateMap [ rml:template "http://example.org/p/{part}" ] ;
    rml:object ex:Fixed, "fixed" ; rml:graph ex:graph ] ;
  rml:predicateObjectMap [ rml:predicate ex:agent ; rml:objectMap [ rml:parentTriplesMap ex:Agents ;
    rml:joinCondition [ rml:child "agent" ; rml:parent "name" ] ] ] ;
  rml:predicateObjectMap [ rml:predicate ex:link ;
    rml:objectMap [ rml:reference "link" ; rml:termType rml:IRI ] ] .
ex:Agents rml:logicalSource [ rml:source "agent.csv" ; rml:referenceFormulation rml:CSV ] ;
  rml:subjectMap [ rml:template "http://example.org/agent/{name}" ] ;
  rml:predicateObjectMap [ rml:predicate ex:name ; rml:objectMap [ rml:reference "name" ] ] .
"""
)
REPORTS: list[dict[str, str | None]] = [
    {
        "key": "a b/c",
        "part": "1",
        "text": 'says "no",\nthen\tyes \\ é',
        "low": "0.40",
        "agent": "IVIG",
        "link": None,
    },
    {"key": "NA", "part": "none", "text": "null", "low": None, "agent": "CS", "link": "http://example.org/x"},
    {"key": "k(2)", "part": "2", "text": None, "low": "-1", "agent": None, "link": "http://example.org/é"},
    {"key": "k(2)", "part": "2", "text": "1,2;{3}", "low": "7", "agent": "CS", "link": None},
    {"key": None, "part": "3", "text": "lost", "low": "7", "agent": "CS", "link": None},
]
AGENTS: list[dict[str, str | None]] = [
    {"name": "IVIG", "kind": "biologic"},
    {"name": "CS", "kind": "class"},
    {"name": "CS", "kind": None},
    {"name": None, "kind": "drug"},
]


def _write(table: Path, rows: list[dict[str, str | None]]) -> None:
    with table.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def _assert_same(ours: set[Quad], theirs: set[Quad]) -> None:
    assert not [str(each) for each in ours - theirs], "only we make these"
    assert not [str(each) for each in theirs - ours], "only morph-kgc makes these"


def test_features(morph_kgc_python: Path, tmp_path: Path) -> None:
    mapping, tables = tmp_path / "mapping.ttl", tmp_path / "tables"
    tables.mkdir()
    mapping.write_text(FEATURES, "utf-8")
    _write(tables / "report.csv", REPORTS)
    _write(tables / "agent.csv", AGENTS)
    ours = set(execute(load_mapping(mapping), csv_tables(tables)))
    assert len(ours) == 40
    _assert_same(ours, morph_kgc.quads(morph_kgc_python, mapping, tables, tmp_path))


def test_shipped_mapping_on_made_up_tables(morph_kgc_python: Path, tmp_path: Path) -> None:
    path = folder("mappings") / "evidence.rml.ttl"
    mapping = load_mapping(path)
    for source in mapping.sources():
        _write(tmp_path / source, [_made_up(mapping, source, number) for number in range(6)])
    ours = set(execute(mapping, csv_tables(tmp_path)))
    assert {each.predicate.value for each in ours} >= {
        predicate.expression.term.value
        for triples_map in mapping.triples_maps
        for pair in triples_map.predicate_objects
        for predicate in pair.predicates
        if isinstance(predicate.expression, Constant)
    }
    _assert_same(ours, morph_kgc.quads(morph_kgc_python, path, tmp_path, tmp_path))


VALUES = {"integer": "{}", "decimal": "{}.5", "boolean": "true", "date": "2020-01-0{}", "gYear": "201{}"}


def _made_up(mapping: Mapping, source: str, number: int) -> dict[str, str | None]:
    """A row that fits the columns' uses; each column is null in one row of six."""
    row: dict[str, str | None] = {}
    for place, column in enumerate(sorted(mapping.columns(source))):
        uses = [
            term_map
            for triples_map in mapping.triples_maps
            if triples_map.source == source
            for term_map in triples_map.term_maps()
            if term_map.expression == Reference(column)
        ]
        row[column] = None if place % 6 == number else _value(uses, column, number)
    return row


def _value(uses: list[TermMap], column: str, number: int) -> str:
    if any(use.kind is TermKind.IRI for use in uses):
        return f"http://example.org/{column}/{number}"
    for use in uses:
        if isinstance(use.datatype, Constant):
            local = use.datatype.term.value.rpartition("#")[2]
            return VALUES.get(local, "text {}").format(number)
    return f'"{column}", \\ number\n{number} – as read'
