"""Lines of N-Quads are the quads of `execute`, byte for byte as the library writes them."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, parse, serialize

from dress_kg.errors import MappingError, SourceError
from dress_kg.mapping import Mapping, csv_tables, execute, execute_lines, load_mapping
from dress_kg.mapping.tables import Tables
from dress_kg.mapping.terms import Row
from dress_kg.pipeline import make_graph
from dress_kg.resources import folder
from dress_kg.tables.files import provider

PREFIXES = """@prefix rml: <http://w3id.org/rml/> . @prefix ex: <http://example.org/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
EVERYTHING = (
    PREFIXES
    + r"""
ex:A rml:logicalSource [ rml:source "t" ] ; rml:baseIRI <http://base.example/> ;
  rml:subjectMap [ rml:template "http://example.org/{a}" ; rml:class ex:C, ex:D ;
    rml:graphMap [ rml:reference "b" ] ] ;
  rml:predicateObjectMap [ rml:predicate ex:text, ex:same ; rml:objectMap [ rml:reference "a" ] ] ;
  rml:predicateObjectMap [ rml:predicate ex:typed ;
    rml:objectMap [ rml:reference "a" ; rml:datatype xsd:date ] ] ;
  rml:predicateObjectMap [ rml:predicate ex:string ;
    rml:objectMap [ rml:reference "b" ; rml:datatype xsd:string ] ] ;
  rml:predicateObjectMap [ rml:predicate ex:tagged ;
    rml:objectMap [ rml:reference "a" ; rml:language "EN-gb" ] ] ;
  rml:predicateObjectMap [ rml:predicate ex:tags ; rml:objectMap [ rml:reference "a" ;
    rml:languageMap [ rml:reference "b" ] ] ] ;
  rml:predicateObjectMap [ rml:predicate ex:types ; rml:objectMap [ rml:reference "a" ;
    rml:datatypeMap [ rml:reference "b" ] ] ] ;
  rml:predicateObjectMap [ rml:predicate ex:words ; rml:objectMap [ rml:template "{a}, \\{{b}\\}" ;
    rml:termType rml:Literal ] ] ;
  rml:predicateObjectMap [ rml:predicate ex:iri ;
    rml:objectMap [ rml:reference "b" ; rml:termType rml:IRI ] ] ;
  rml:predicateObjectMap [ rml:predicate ex:rest ; rml:objectMap [ rml:template "{a}#{b}" ] ] ;
  rml:predicateObjectMap [ rml:predicate ex:two ;
    rml:objectMap [ rml:template "http://example.org/{a}/{b}?" ] ] ;
  rml:predicateObjectMap [ rml:predicate ex:half ;
    rml:objectMap [ rml:template "http://example.org/%4{a}" ] ] ;
  rml:predicateObjectMap [ rml:predicate ex:node ;
    rml:objectMap [ rml:reference "a" ; rml:termType rml:BlankNode ] ] ;
  rml:predicateObjectMap [ rml:predicate ex:fixed ; rml:object "a \"b\"\n", ex:fixed ] .
ex:B rml:logicalSource [ rml:source "t" ] ;
  rml:subjectMap [ rml:reference "a" ; rml:termType rml:BlankNode ; rml:class ex:C ;
    rml:graph ex:g, rml:defaultGraph ; rml:graphMap [ rml:reference "b" ] ] ;
  rml:predicateObjectMap [ rml:predicateMap [ rml:reference "b" ] ; rml:objectMap [ rml:reference "a" ] ] ;
  rml:predicateObjectMap [ rml:predicate ex:p ; rml:objectMap [ rml:reference "b" ; rml:termType rml:IRI ] ;
    rml:graphMap [ rml:template "http://example.org/{b}" ] ; rml:graph ex:g ] ;
  rml:predicateObjectMap [ rml:predicate ex:joined ; rml:objectMap [ rml:parentTriplesMap ex:A ;
    rml:joinCondition [ rml:child "a" ; rml:parent "b" ] ] ] ;
  rml:predicateObjectMap [ rml:predicate ex:row ; rml:objectMap [ rml:parentTriplesMap ex:A ] ] .
ex:C rml:logicalSource [ rml:source "t" ] ; rml:subject ex:one ;
  rml:predicateObjectMap [ rml:predicate ex:iri ;
    rml:objectMap [ rml:reference "b" ; rml:termType rml:IRI ] ] .
"""
)
ALL = load_mapping(EVERYTHING)
_IRIS = st.sampled_from(
    [
        "http://example.org/x", "http://example.org/y", "http://example.org/a b", "http://example.org/a#b",
        "http://example.org/é", "http://example.org/a\nhttp://example.org/b", "http://other.example/x",
        "urn:x:y", "x", "", "http://w3id.org/rml/defaultGraph", "en", "de-CH", "http://example.org/%4",
        "http://example.org/{", "HTTP://example.org/x", "http://[::1]/", "http://example.org", "//x",
    ]
)  # fmt: skip
_HOSTILE = st.text(
    st.one_of(
        st.characters(), st.sampled_from('"\\\n\r\t\0\x1f\x7f\x85\u2028\ufffe\uffff\ud800\U0001f600 <>^@{}%')
    ),
    max_size=6,
)
_CELL = st.one_of(st.none(), _IRIS, _HOSTILE)


def _both(mapping: Mapping, tables: Tables, batch: int) -> tuple[Counter[str], list[str]]:
    """The lines of both executors, which are the same, and what the faults were."""
    faults: list[MappingError] = []
    told: list[MappingError] = []
    quads = Counter(f"{quad} .\n" for quad in execute(mapping, tables, on_fault=faults.append))
    batches = list(execute_lines(mapping, tables, batch=batch, on_fault=told.append))
    assert Counter(line for lines in batches for line in lines) == quads
    said = [str(fault) for fault in told]
    assert sorted(said) == sorted(str(fault) for fault in faults)
    return quads, said


@given(st.lists(st.tuples(_CELL, _CELL), max_size=7), st.integers(1, 4))
@example([("http://example.org/x", "http://example.org/x"), ("http://example.org/x", None)], 2)
@example([("x", "en"), ('"', "http://example.org/a\nhttp://example.org/b"), ("\\", "z")], 4)
def test_any_text_in_every_kind_of_term(cells: list[tuple[str | None, str | None]], batch: int) -> None:
    rows: list[Row] = [{"a": a, "b": b} for a, b in cells]
    _both(ALL, lambda _: rows, batch)


@given(st.lists(st.one_of(st.none(), _HOSTILE, st.text(max_size=20)), max_size=5))
def test_the_bytes_are_those_of_the_librarys_serialiser(texts: list[str | None]) -> None:
    rows: list[Row] = [{"a": text} for text in texts]
    turtle = (
        PREFIXES
        + """ex:A rml:logicalSource [ rml:source "t" ] ; rml:subject ex:s ;
      rml:predicateObjectMap [ rml:predicate ex:p ; rml:objectMap [ rml:reference "a" ] ] ."""
    )
    mapping = load_mapping(turtle)
    faults: list[MappingError] = []
    made = [
        line for lines in execute_lines(mapping, lambda _: rows, on_fault=faults.append) for line in lines
    ]
    sound = [text for text in texts if text is not None and not any("\ud800" <= c <= "\udfff" for c in text)]
    assert len(faults) == len([text for text in texts if text is not None]) - len(sound)
    quads = [
        Quad(NamedNode("http://example.org/s"), NamedNode("http://example.org/p"), Literal(text))
        for text in sound
    ]
    assert "".join(made).encode() == serialize(quads, format=RdfFormat.N_QUADS)


def test_every_character_is_escaped_as_the_library_does() -> None:
    rows: list[Row] = [{"a": chr(code)} for code in range(0x110000) if not 0xD800 <= code <= 0xDFFF]
    turtle = (
        PREFIXES
        + """ex:A rml:logicalSource [ rml:source "t" ] ; rml:subject ex:s ;
      rml:predicateObjectMap [ rml:predicate ex:p ; rml:objectMap [ rml:reference "a" ] ] ."""
    )
    made = (line for lines in execute_lines(load_mapping(turtle), lambda _: rows) for line in lines)
    start = "<http://example.org/s> <http://example.org/p> "
    assert all(line == f"{start}{Literal(row['a'] or '')} .\n" for line, row in zip(made, rows, strict=True))


def test_the_published_cases(shared: Path) -> None:
    compared = 0
    for case in sorted((shared / "suites/rml-csv").iterdir()):
        try:
            mapping = load_mapping(case / "mapping.ttl")
            expected = {f"{quad} .\n" for quad in execute(mapping, csv_tables(case), on_fault=lambda _: None)}
        except (MappingError, SourceError) as problem:
            if problem.file == str(case / "mapping.ttl") and "column" not in str(problem):
                continue  # the document is at fault, which both executors are spared
            with pytest.raises(type(problem)) as caught:
                list(execute_lines(load_mapping(case / "mapping.ttl"), csv_tables(case)))
            assert str(caught.value) == str(problem)
            continue
        lines, _ = _both(mapping, csv_tables(case), 2)
        assert set(lines) == expected
        compared += 1
    assert compared == 33


def test_the_shipped_table_from_memory_and_from_files(tmp_path: Path) -> None:
    tables = make_graph(("dress",)).tables
    mapping = load_mapping(folder("mappings") / "evidence.rml.ttl")
    lines, faults = _both(mapping, provider(tables), 50)
    assert len(lines) > 14_000
    assert not faults
    for source in mapping.sources():
        rows = list(provider(tables)(source))
        with (tmp_path / source).open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, provider(tables)(source).columns, lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
    from_files = execute_lines(mapping, csv_tables(tmp_path))
    assert Counter(line for batch in from_files for line in batch) == lines
    text = "".join(lines).encode()
    assert {f"{quad} .\n" for quad in parse(text, format=RdfFormat.N_QUADS)} == set(lines)


def test_faults_raise_where_nobody_listens() -> None:
    rows: list[Row] = [{"a": "x", "b": "y"}, {"a": "x", "b": None}, {"a": "x", "b": "a b"}]
    turtle = """ex:A rml:logicalSource [ rml:source "t" ] ; rml:baseIRI <http://base.example/> ;
      rml:subjectMap [ rml:template "http://example.org/{a}" ; rml:class ex:C ;
        rml:graphMap [ rml:reference "b" ] ] ."""
    lines = execute_lines(load_mapping(PREFIXES + turtle), lambda _: rows, batch=2)
    assert len(next(lines)) == 1
    with pytest.raises(MappingError, match="row 3 makes no graph") as caught:
        next(lines)
    assert caught.value.value == "http://base.example/a b"


def test_a_row_without_a_column_is_named() -> None:
    rows: list[Row] = [{"a": "x", "b": None}, {"a": "x"}]
    with pytest.raises(MappingError, match="row 2 of the source") as caught:
        list(execute_lines(ALL, lambda _: rows))
    assert caught.value.column == "b"


def test_numbers_in_rows_are_refused_not_typed() -> None:
    row: dict[str, str | None] = {"a": 5, "b": None}  # type: ignore[dict-item]
    with pytest.raises(TypeError):
        list(execute_lines(ALL, lambda _: [row]))
