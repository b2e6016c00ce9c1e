"""The graph from Python: the lines that the README shows run, and mean what it says."""

from __future__ import annotations

import datetime
import os
import re
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode

import dress_kg
from dress_kg import Graph, build, open_graph
from dress_kg.api import python_value
from dress_kg.errors import CallError, QueryError, StoreError
from dress_kg.pipeline import make_graph
from tests.conftest import ROOT

XSD = "http://www.w3.org/2001/XMLSchema#"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A build of the shipped table."""
    out = tmp_path_factory.mktemp("api") / "out"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_DATA_HOME", str(out.parent))
        build(out=out)
    return out


@pytest.fixture(scope="module")
def graph(folder: Path) -> Graph:
    return open_graph(folder)


def test_the_lines_of_the_readme_run(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("pandas")
    blocks = re.findall(
        r"^```python\n(.*?)^```", (ROOT / "README.md").read_text("utf-8"), re.MULTILINE | re.DOTALL
    )
    assert len(blocks) == 1
    assert len([line for line in blocks[0].splitlines() if line]) <= 10
    monkeypatch.setenv("DRESS_KG_GRAPH", str(folder))
    names: dict[str, object] = {}
    exec(blocks[0], names)  # noqa: S102 – the README's own lines
    shown = capsys.readouterr().out.splitlines()
    number, _, rest = shown[-1].partition(" ")
    assert int(number) == len(shown) - 1 - sum(str(row["words"]).count("\n") for row in names["answer"])  # type: ignore[attr-defined, misc]
    assert rest.endswith(" 35")
    assert len(names["dataset"]) == len(names["graph"].store)  # type: ignore[arg-type, attr-defined]


def test_rows_are_python_values(graph: Graph) -> None:
    answer = graph.query("clinician/dose-range-per-agent")
    assert len(answer) > 3
    assert answer[0].keys() == set(answer.columns)
    assert answer[:2] == [answer[0], answer[1]]
    assert list(answer)[-1] == answer[-1]
    kinds = {type(value) for row in answer for value in row.values()}
    assert kinds <= {str, int, Decimal, bool, float, type(None)}
    assert Decimal in kinds or int in kinds


def test_labels_and_frame(graph: Graph) -> None:
    pandas = pytest.importorskip("pandas")
    answer = graph.query("who-disagrees-on-an-agent", agent="IVIG")
    frame = answer.frame()
    assert isinstance(frame, pandas.DataFrame)
    assert list(frame.columns) == list(answer.columns)
    assert len(frame) == len(answer)
    assert "effective" in set(frame["direction"])
    assert not frame["direction"].str.startswith("https://").any()
    assert answer.frame(labels=False)["direction"].str.startswith("https://").all()


def test_ask_and_construct(graph: Graph) -> None:
    assert graph.sparql("ASK { ?s ?p ?o }").result.boolean is True
    assert len(graph.sparql("CONSTRUCT { ?s ?p ?o } { ?s ?p ?o } LIMIT 5").result.triples or ()) == 5


def test_the_rdflib_view_answers_like_the_store(graph: Graph) -> None:
    text = "SELECT (COUNT(*) AS ?n) { ?s a <https://w3id.org/dress-kg/ontology#Finding> }"
    [row] = graph.rdflib().query(text)
    assert str(row[0]) == str(graph.sparql(text)[0]["n"])  # type: ignore[index]


def test_queries_are_listed(graph: Graph) -> None:
    assert graph.queries()["clinician/conflicting-reports"].endswith("?")
    assert graph.manifest["quads"] == len(graph.store)


def test_mistakes_are_told(graph: Graph, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(QueryError, match="conflicting-reports"):
        graph.query("conflicting-report")
    with pytest.raises(QueryError, match="no such parameter"):
        graph.query("conflicting-reports", agnet="IVIG")
    with pytest.raises(QueryError):
        graph.sparql("DROP ALL")
    with pytest.raises(CallError, match="either"):
        open_graph(tmp_path, endpoint="http://localhost:1")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.delenv("DRESS_KG_GRAPH", raising=False)
    with pytest.raises(StoreError, match="dress-kg build"):
        open_graph()


@pytest.mark.parametrize(
    ("term", "expected"),
    [
        (None, None),
        (NamedNode("urn:a"), "urn:a"),
        (Literal("a", language="en"), "a"),
        (Literal("7", datatype=NamedNode(XSD + "integer")), 7),
        (Literal("1.50", datatype=NamedNode(XSD + "decimal")), Decimal("1.50")),
        (Literal("true", datatype=NamedNode(XSD + "boolean")), True),
        (Literal("2020-02-03", datatype=NamedNode(XSD + "date")), datetime.date(2020, 2, 3)),
        (Literal("seven", datatype=NamedNode(XSD + "integer")), "seven"),
    ],
)
def test_python_values(term: object, expected: object) -> None:
    assert python_value(term) == expected


def test_import_is_quick_and_names_are_found_late() -> None:
    code = (
        "import sys, dress_kg;"
        "heavy = {'rdflib', 'pyoxigraph', 'pandas', 'httpx', 'SPARQLWrapper', 'dress_kg.api'};"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules); dress_kg.open_graph;"
        "assert not {'rdflib', 'pandas', 'httpx', 'SPARQLWrapper'} & set(sys.modules)"
    )
    subprocess.run(
        [sys.executable, "-c", code], check=True, env={**os.environ, "PYTHONPATH": str(ROOT / "src")}
    )
    assert set(dress_kg.__all__) <= set(dir(dress_kg))
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = dress_kg.nothing


def test_a_source_is_removed_and_the_others_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from dress_kg.pipeline import remove

    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    out = tmp_path / "out"
    build(out=out)
    alone = {str(quad) for quad in make_graph(["dress"]).quads}
    profile = (ROOT / "mappings/dress.toml").read_text("utf-8")
    (tmp_path / "second.toml").write_text(profile.replace('id = "dress"', 'id = "second"', 1))
    build([str(tmp_path / "second.toml")], source=ROOT / "data/dress-treatment-evidence.tsv", out=out)
    assert sorted(open_graph(out).manifest["sources"]) == ["dress", "second"]
    with pytest.raises(CallError, match="no such source"):
        remove("third", out)
    remove("second", out)
    assert sorted(open_graph(out).manifest["sources"]) == ["dress"]
    assert {str(quad) for quad in open_graph(out).store} == alone
    with pytest.raises(CallError, match="only source"):
        remove("dress", out)
