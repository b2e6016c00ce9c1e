"""Answers as table, CSV, TSV, JSON and Markdown, read back by other programs where they can."""

from __future__ import annotations

import csv
import io
import json

import pytest
from pyoxigraph import (
    BlankNode,
    Literal,
    NamedNode,
    QueryResultsFormat,
    QuerySolutions,
    Triple,
    parse_query_results,
)
from rdflib.query import Result as RdfResult

from dress_kg.errors import CallError
from dress_kg.queries.result import Result
from dress_kg.render import render

XSD = "http://www.w3.org/2001/XMLSchema#"
A = NamedNode("https://w3id.org/dress-kg/vocab/cyclosporine")
TERMS = (
    A,
    BlankNode("b1"),
    Literal("plain"),
    Literal('say "no", twice\nand\ttab \\ end'),
    Literal("sí", language="es"),
    Literal("2", datatype=NamedNode(XSD + "integer")),
    Literal("0.7", datatype=NamedNode(XSD + "decimal")),
    Literal("5", datatype=NamedNode(XSD + "decimal")),
    Literal("1.5e3", datatype=NamedNode(XSD + "double")),
    Literal("true", datatype=NamedNode(XSD + "boolean")),
    Literal("2020-01-31", datatype=NamedNode(XSD + "date")),
    Literal("=1+1"),
    Literal("línea\u2028separada"),
    None,
)
RESULT = Result(("n", "term"), tuple((Literal(str(n)), term) for n, term in enumerate(TERMS)))


def read(text: str, form: QueryResultsFormat) -> tuple[tuple[str, ...], list[tuple[object, ...]]]:
    answer = parse_query_results(text.encode("utf-8"), format=form)
    assert isinstance(answer, QuerySolutions)
    names = tuple(variable.value for variable in answer.variables)
    return names, [tuple(row[name] for name in names) for row in answer]


def test_json_reads_back_in_two_libraries() -> None:
    text = render(RESULT, "json")
    names, found = read(text, QueryResultsFormat.JSON)
    assert (names, tuple(found)) == (RESULT.columns, RESULT.rows)
    other = RdfResult.parse(io.BytesIO(text.encode()), format="json")
    assert len(other.bindings) == len(TERMS)
    assert json.loads(text)["head"] == {"vars": ["n", "term"]}


def test_tsv_reads_back() -> None:
    text = render(RESULT, "tsv")
    names, found = read(text, QueryResultsFormat.TSV)
    assert (names, tuple(found)) == (RESULT.columns, RESULT.rows)
    assert text.startswith("?n\t?term\n")
    assert '"5"\t2\n' in text
    assert text.count("\n") == len(TERMS) + 1


def test_csv_has_the_values_and_w3c_line_ends() -> None:
    text = render(RESULT, "csv")
    found = list(csv.reader(io.StringIO(text, newline="")))
    assert found[0] == ["n", "term"]
    values = ["_:b1" if isinstance(t, BlankNode) else "" if t is None else t.value for t in TERMS]
    assert [row[1] for row in found[1:]] == values
    assert text.startswith("n,term\r\n")


def test_csv_for_a_spreadsheet() -> None:
    risky = ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "safe"]
    rows = tuple((Literal(text),) for text in risky)
    number = Literal("-1", datatype=NamedNode(XSD + "integer"))
    text = render(Result(("x",), (*rows, (number,))), "csv", neutral=True)
    found = [row[0] for row in csv.reader(io.StringIO(text, newline=""))]
    assert found == ["x", *("'" + text for text in risky[:-1]), "safe", "-1"]


def test_csv_with_labels() -> None:
    assert (
        render(Result(("agent",), ((A,),)), "csv", labels={A.value: "cyclosporine"})
        == "agent\r\ncyclosporine\r\n"
    )


def test_table_shows_labels_and_short_iris() -> None:
    other = NamedNode("https://w3id.org/dress-kg/vocab/direction/mixed")
    number = Literal("12", datatype=NamedNode(XSD + "integer"))
    result = Result(("agent", "n"), ((A, Literal("3", datatype=NamedNode(XSD + "integer"))), (other, number)))
    assert render(result, labels={A.value: "cyclosporine"}) == (
        "agent                 n\n-------------------  --\ncyclosporine          3\ndkv:direction/mixed  12\n"
    )


def test_table_cannot_redraw_the_terminal() -> None:
    result = Result(("x",), ((Literal("\x1b[2Jgone\r\nnext"),),))
    assert "\x1b" not in render(result)
    assert render(result).count("\n") == 3
    drawn = render(result, terminal_width=80)
    assert "\x1b[2J" not in drawn


@pytest.mark.parametrize("width", [40, 80, 200])
def test_drawn_table_fits_and_loses_nothing(width: int) -> None:
    words = "Cyclosporine could represent a treatment option in cases of severe visceral involvement"
    result = Result(("item", "words", "empty"), ((A, Literal(words), None),))
    drawn = render(result, terminal_width=width, labels={A.value: "cyclosporine"})
    assert "cyclosporine" in drawn
    assert all(word in drawn for word in words.split())


def test_markdown_escapes_what_would_be_markup() -> None:
    result = Result(("x|y",), ((Literal("a|b <script>\n*c*"),),))
    assert render(result, "markdown") == "| x\\|y |\n| --- |\n| a\\|b &lt;script> \\*c\\* |\n"


def test_ask_and_construct() -> None:
    assert render(Result(boolean=True)) == "yes\n"
    assert render(Result(boolean=False), "csv") == "false\n"
    assert json.loads(render(Result(boolean=True), "json")) == {"head": {}, "boolean": True}
    label = NamedNode("http://www.w3.org/2000/01/rdf-schema#label")
    made = Result(triples=(Triple(A, label, Literal("b")), Triple(A, label, Literal("a"))))
    assert 'dkv:cyclosporine rdfs:label "a" , "b" .' in render(made)
    assert render(made, "markdown").startswith("```turtle\n")
    assert render(made, "tsv").splitlines()[0] == "?subject\t?predicate\t?object"
    assert len(json.loads(render(made, "json"))["results"]["bindings"]) == 2


def test_unknown_format() -> None:
    with pytest.raises(CallError, match="unknown format"):
        render(RESULT, "yaml")


def test_empty_answer_still_names_its_columns() -> None:
    empty = Result(("a", "b"), ())
    assert render(empty) == "a  b\n-  -\n"
    assert render(empty, "csv") == "a,b\r\n"
    assert render(empty, "markdown") == "| a | b |\n| --- | --- |\n"
