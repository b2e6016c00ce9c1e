"""What the RML executor makes of maps and rows, and how it refuses: by file, map, term and remedy."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad

from dress_kg.errors import MappingError, SourceError
from dress_kg.mapping import execute, execute_batches, in_todays_terms, load_mapping
from dress_kg.mapping.languages import check_language
from dress_kg.mapping.template import iri_safe, parse_template
from dress_kg.mapping.terms import Row, blank_node
from dress_kg.mapping.vocabulary import RDF_TYPE
from dress_kg.resources import folder

PREFIXES = """@prefix rml: <http://w3id.org/rml/> . @prefix ex: <http://example.org/> .
@prefix rr: <http://www.w3.org/ns/r2rml#> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
SOURCE = 'rml:logicalSource [ rml:source "t" ; rml:referenceFormulation rml:CSV ]'
SUBJECT = 'rml:subjectMap [ rml:template "http://example.org/{id}" ]'
ROW: Row = {"id": "1", "text": "say", "lang": "en", "type": "http://example.org/T", "none": None, "empty": ""}

EX = "http://example.org/"
XSD = "http://www.w3.org/2001/XMLSchema#"
TYPE = NamedNode(EX + "T")


def _map(rest: str, subject: str = SUBJECT, source: str = SOURCE) -> str:
    return f"{PREFIXES} ex:M {source} ; {subject} ; {rest} ."


def _object(expression: str) -> str:
    return _map(f"rml:predicateObjectMap [ rml:predicate ex:p ; rml:objectMap [ {expression} ] ]")


def _pair(body: str, source: str = SOURCE) -> str:
    return _map(f"rml:predicateObjectMap [ {body} ]", source=source)


def _run(turtle: str, **tables: list[Row]) -> list[Quad]:
    return list(execute(load_mapping(turtle), (tables or {"t": [ROW]}).__getitem__))


def _objects(turtle: str) -> list[object]:
    return [each.object for each in _run(turtle)]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ('rml:reference "text"', Literal("say")),
        ('rml:reference "text" ; rml:language "es-419"', Literal("say", language="es-419")),
        ('rml:reference "text" ; rml:languageMap [ rml:reference "lang" ]', Literal("say", language="en")),
        ('rml:reference "text" ; rml:datatype xsd:date', Literal("say", datatype=NamedNode(XSD + "date"))),
        ('rml:reference "text" ; rml:datatypeMap [ rml:reference "type" ]', Literal("say", datatype=TYPE)),
        ('rml:reference "type" ; rml:termType rml:IRI', NamedNode(EX + "T")),
        ('rml:reference "text" ; rml:termType rml:BlankNode', blank_node("say")),
        (r'rml:template "{text}\\{{id}\\}\\\\" ; rml:termType rml:Literal', Literal("say{1}\\")),
        ('rml:template "http://example.org/{type}"', NamedNode(EX + "http%3A%2F%2Fexample.org%2FT")),
        ('rml:constant "fixed"', Literal("fixed")),
        ("rml:constant ex:Fixed", NamedNode(EX + "Fixed")),
        ('rml:reference "empty"', Literal("")),
    ],
)
def test_object_maps(expression: str, expected: object) -> None:
    assert _objects(_object(expression)) == [expected]


@pytest.mark.parametrize(
    "expression",
    [
        'rml:reference "none"',
        'rml:template "{text}{none}"',
        'rml:reference "text" ; rml:languageMap [ rml:reference "none" ]',
        'rml:reference "none" ; rml:datatype xsd:date',
    ],
)
def test_null_makes_no_triple(expression: str) -> None:
    assert _objects(_object(expression)) == []


def test_null_subject_makes_nothing() -> None:
    subject = 'rml:subjectMap [ rml:reference "none" ; rml:class ex:C ]'
    assert _run(_map("rml:predicateObjectMap [ rml:predicate ex:p ; rml:object 1 ]", subject)) == []


def test_graphs_of_subject_and_pair_add_up() -> None:
    subject = 'rml:subjectMap [ rml:template "http://example.org/{id}" ; rml:graph ex:g1 ; rml:class ex:C ]'
    graphs = "rml:graph rml:defaultGraph, ex:g1, ex:g2"
    pair = f"rml:predicateObjectMap [ rml:predicate ex:p ; rml:object ex:o ; {graphs} ]"
    found = {(each.predicate.value.rpartition("/")[2], each.graph_name) for each in _run(_map(pair, subject))}
    assert found == {
        ("22-rdf-syntax-ns#type", NamedNode(EX + "g1")),
        ("p", NamedNode(EX + "g1")),
        ("p", NamedNode(EX + "g2")),
        ("p", DefaultGraph()),
    }


def test_a_null_graph_does_not_leak_into_the_default_graph() -> None:
    graph = 'rml:graphMap [ rml:reference "none" ]'
    subject = f"rml:subjectMap [ rml:constant ex:s ; rml:class ex:C ; {graph} ]"
    assert _run(_map("a rml:TriplesMap", subject)) == []


JOIN = """ex:Child rml:logicalSource [ rml:source "child" ] ;
  rml:subjectMap [ rml:template "http://example.org/c{id}" ] ;
  rml:predicateObjectMap [ rml:predicate ex:of ; rml:objectMap [ rml:parentTriplesMap ex:Parent ;
    rml:joinCondition [ rml:child "a" ; rml:parent "x" ] ,
      [ rml:child "b" ; rml:parentMap [ rml:template "{y}!" ] ] ] ] .
ex:Parent rml:logicalSource [ rml:source [ a rml:RelativePathSource ; rml:path "parent" ] ] ;
  rml:subjectMap [ rml:template "http://example.org/p{id}" ] ."""


def test_join_on_two_conditions() -> None:
    child: list[Row] = [
        {"id": "1", "a": "k", "b": "l!"},
        {"id": "2", "a": "k", "b": "l"},
        {"id": "3", "a": None, "b": "l!"},
    ]
    parent: list[Row] = [
        {"id": "1", "x": "k", "y": "l"},
        {"id": "2", "x": "k", "y": "l"},
        {"id": "3", "x": "k", "y": None},
        {"id": "1", "x": "k", "y": "l"},
        {"id": "4", "x": None, "y": "l"},
    ]
    found = [(each.subject, each.object) for each in _run(PREFIXES + JOIN, child=child, parent=parent)]
    assert found == [(NamedNode(EX + "c1"), NamedNode(EX + f"p{each}")) for each in "12"]


def test_what_a_mapping_says_of_itself() -> None:
    mapping = load_mapping(PREFIXES + JOIN)
    assert mapping.sources() == ("child", "parent")
    assert mapping.columns("child") == {"id", "a", "b"}
    assert mapping.columns("parent") == {"id", "x", "y"}
    assert mapping.terms() == {EX + "of"}
    typed = load_mapping(_pair(f"rml:predicate ex:p, <{RDF_TYPE}> ; rml:object ex:Kind"))
    assert typed.terms() >= {EX + "p", EX + "Kind"}
    assert typed.constant_objects() == {EX + "Kind"}


TEXT = 'rml:reference "text"'
GOOD = "rml:predicate ex:p ; rml:object 1"
JSON = 'rml:logicalSource [ rml:source "t" ; rml:referenceFormulation rml:JSONPath ]'
UNJOINED = re.sub(r"rml:joinCondition [^.]*\.", "] ] .", JOIN)

REFUSED = {
    "ends inside a column": _object('rml:template "{text"'),
    "unbalanced }": _object('rml:template "{text}}"'),
    "a backslash may stand": _object(r'rml:template "{text}\\n"'),
    "at least one column": _object('rml:template "text"'),
    "did you mean rml:reference": _object('rml:referense "text"'),
    "did you mean rml:predicateObjectMap": _map(f"rml:predicateObjectMaps [ {GOOD} ]"),
    "cannot stand here": _pair(f"rml:predicate ex:p ; {TEXT}"),
    "is not supported": _object("rml:functionExecution ex:f"),
    "one expression and has 2": _object(f"{TEXT} ; rml:constant 1"),
    "one expression and has 0": _object("rml:termType rml:Literal"),
    "not both": _object(f'{TEXT} ; rml:language "en" ; rml:datatype xsd:date'),
    "is for literals": _object(f'{TEXT} ; rml:language "en" ; rml:termType rml:IRI'),
    "not a language tag": _object(f'{TEXT} ; rml:language "englisch"'),
    "exclude each other": _object(f'{TEXT} ; rml:language "en" ; rml:languageMap [ rml:reference "lang" ]'),
    "a datatype is an IRI": _object(f'{TEXT} ; rml:datatype "date"'),
    "unknown term type": _object(f"{TEXT} ; rml:termType rml:Iri"),
    "names no triples map": _object("rml:parentTriplesMap ex:Nobody"),
    "needs a join": PREFIXES + UNJOINED,
    "has no predicate": _pair("rml:object 1"),
    "has no object": _pair("rml:predicate ex:p"),
    "predicate needs an IRI": _pair('rml:predicate "p" ; rml:object 1'),
    "cannot make a Literal": _pair(f"rml:predicateMap [ {TEXT} ; rml:termType rml:Literal ] ; rml:object 1"),
    "only tables": _pair(GOOD, source=JSON),
    "no logical source": _pair(GOOD, source="a rml:TriplesMap"),
    "no triples map": PREFIXES + "ex:a ex:b ex:c .",
    "not Turtle": PREFIXES + "ex:a ex:b",
    "reads a column that the source t does not have": _object('rml:reference "textt"'),
    "row 1 makes no object": _object(f"{TEXT} ; rml:termType rml:IRI"),
}


@pytest.mark.parametrize("message", sorted(REFUSED))
def test_refused_with_map_and_remedy(message: str, tmp_path: Path) -> None:
    path = tmp_path / "mapping.ttl"
    path.write_text(REFUSED[message], "utf-8")
    with pytest.raises(MappingError, match=message) as caught:
        list(execute(load_mapping(path), {"t": [ROW]}.__getitem__))
    assert caught.value.remedy
    assert caught.value.file in (str(path), "t")
    if "no triples map" not in message and message != "not Turtle":
        assert f"<{EX}" in str(caught.value)


def test_a_syntax_error_says_the_line() -> None:
    with pytest.raises(MappingError) as caught:
        load_mapping(PREFIXES + "ex:a ex:b\n\n}")
    assert caught.value.line == 5


def test_a_table_that_is_not_given() -> None:
    with pytest.raises(SourceError, match="not given"):
        list(execute(load_mapping(_object('rml:reference "text"')), dict[str, list[Row]]().__getitem__))


def test_a_missing_mapping_file(tmp_path: Path) -> None:
    with pytest.raises(MappingError, match="No such file"):
        load_mapping(tmp_path / "mapping.ttl")


def test_rows_of_one_table_have_the_same_columns() -> None:
    rows: list[Row] = [ROW, {"id": "2"}]
    with pytest.raises(MappingError, match="row 2 of the source") as caught:
        list(execute(load_mapping(_object('rml:reference "text"')), {"t": rows}.__getitem__))
    assert caught.value.column == "text"


def test_faults_of_the_data_are_collected_and_the_rest_stands() -> None:
    rows: list[Row] = [{"id": str(n), "link": "http://a b" if n == 2 else f"http://a/{n}"} for n in range(4)]
    turtle = _object('rml:reference "link" ; rml:termType rml:IRI')
    faults: list[MappingError] = []
    batches = list(execute_batches(load_mapping(turtle), lambda _: rows, batch=2, on_fault=faults.append))
    assert [len(each) for each in batches] == [2, 1]
    assert [(fault.value, fault.file) for fault in faults] == [("http://a b", "t")]
    assert "row 3" in faults[0].message


def test_numbers_in_rows_are_refused_not_typed() -> None:
    row: dict[str, str | None] = {"id": "1", "text": 5}  # type: ignore[dict-item]
    with pytest.raises(TypeError):
        list(execute(load_mapping(_object('rml:reference "text"')), lambda _: [row]))


def test_the_base_of_a_document_in_todays_terms_is_not_that_of_the_data() -> None:
    body = (
        'ex:M rml:logicalSource [ rml:source "t" ] ; rml:subjectMap [ rml:reference "text" ; rml:class ex:C ]'
    )
    turtle = f"@base <http://example.org/mapping/> . {PREFIXES} {body}"
    with pytest.raises(MappingError, match="makes no subject"):
        _run(turtle + " .")
    assert _run(turtle + " ; rml:baseIRI <http://example.org/data/> .")[0].subject == NamedNode(
        EX + "data/say"
    )
    given_base = execute(load_mapping(turtle + " .", base="http://b/"), lambda _: [ROW])
    assert next(given_base).subject == NamedNode("http://b/say")


def test_translation_changes_terms_only() -> None:
    older = _object('rr:column "text" ; rr:datatype xsd:date').replace("rml:predicate", "rr:predicate")
    translated = in_todays_terms(older)
    assert "r2rml" not in translated
    assert set(_run(translated)) == set(_run(older))
    assert in_todays_terms(translated) == translated


def test_the_shipped_mapping_loads_and_reads_tables_only() -> None:
    mapping = load_mapping(folder("mappings") / "evidence.rml.ttl")
    assert not mapping.warnings
    assert "evidence.csv" in mapping.sources()
    assert all(mapping.columns(source) for source in mapping.sources())


@given(st.text(st.characters(codec="utf-8")))
def test_any_text_makes_an_iri_and_a_blank_node_of_its_own(text: str) -> None:
    iri = NamedNode("http://example.org/" + iri_safe(text))
    assert not set(iri.value[19:]) & set(' /?#%{}"<>') - set("%")
    assert blank_node(text) != blank_node(text + "_")
    assert blank_node(text) != blank_node("_" + text) or not text.strip("_")


@given(st.lists(st.tuples(st.text(), st.text(min_size=1)), min_size=1), st.text())
def test_any_template_reads_back(parts: list[tuple[str, str]], last: str) -> None:
    def escaped(text: str) -> str:
        return text.replace("\\", "\\\\").replace("{", "\\{").replace("}", "\\}")

    text = "".join(f"{escaped(before)}{{{escaped(column)}}}" for before, column in parts) + escaped(last)
    template = parse_template(text)
    assert template.columns == tuple(column for _, column in parts)
    assert template.texts == (*(before for before, _ in parts), last)


@pytest.mark.parametrize(
    "tag", ["en", "EN-gb", "zh-Hant-TW", "de-1996", "sl-rozaj-biske", "x-ours", "i-klingon", "en-x-a"]
)
def test_language_tags(tag: str) -> None:
    assert check_language(tag) == tag


@pytest.mark.parametrize("tag", ["english", "spanish", "e", "en_GB", "en-", "", "en-abcdefghi", "12", "én"])
def test_no_language_tags(tag: str) -> None:
    with pytest.raises(ValueError, match="not a language tag"):
        check_language(tag)
