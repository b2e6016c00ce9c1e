"""Stored queries: their files, their answers on the real table by two engines, and the binder.

`DRESS_KG_WRITE_EXPECTED=1 pytest tests/test_queries.py` rewrites the expected rows and the docs page;
read the diff and judge it against the gold.
"""

from __future__ import annotations

import os
import random
import re
import shlex
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, Store, parse

from dress_kg import terms
from dress_kg.errors import QueryError
from dress_kg.pipeline import make_graph
from dress_kg.queries import StoredQuery, labels, list_queries, load_query, resolver, run
from dress_kg.queries.catalog import check, read_query
from dress_kg.queries.page import page
from dress_kg.queries.result import Result
from dress_kg.queries.syntax import meaning
from dress_kg.render import render

if TYPE_CHECKING:
    from rdflib import Dataset

ROOT = Path(__file__).resolve().parents[1]
EXPECTED = Path(__file__).parent / "expected" / "queries"
WRITE = os.environ.get("DRESS_KG_WRITE_EXPECTED") == "1"
QUERIES = list_queries()
NAMES = [query.name for query in QUERIES]
ITEM = "https://w3id.org/dress-kg/id/evidence/dress/"


@pytest.fixture(scope="module")
def store() -> Store:
    """The graph that a build of the shipped table makes."""
    loaded = Store()
    loaded.bulk_extend(make_graph(["dress"]).quads)
    return loaded


@pytest.fixture(scope="module")
def dataset(store: Store) -> Dataset:
    """The same graph in rdflib."""
    from rdflib import Dataset

    loaded = Dataset(default_union=True)
    loaded.parse(data=store.dump(format=RdfFormat.N_QUADS), format="nquads")
    return loaded


def expected_file(query: StoredQuery) -> Path:
    return EXPECTED / f"{query.audience}-{query.name.partition('/')[2]}.tsv"


# ------------------------------------------------------------------ the files


def test_there_are_enough_queries_and_each_has_expected_rows() -> None:
    assert len(QUERIES) >= 24
    assert len({query.name.partition("/")[2] for query in QUERIES}) == len(QUERIES)
    if not WRITE:
        assert {path.name for path in EXPECTED.glob("*")} == {expected_file(query).name for query in QUERIES}


@pytest.mark.parametrize("query", QUERIES, ids=NAMES)
def test_file_is_complete(query: StoredQuery) -> None:
    check(query)
    assert query.summary.endswith("?")
    assert len(query.description) > 80
    body = meaning(query.text)
    words = [token.text.upper() for token in body if token.kind == "word"]
    assert "ORDER" in words
    declared = set(re.findall(r"^PREFIX (\w+):", query.text, re.MULTILINE))
    used = {
        token.text.partition(":")[0]
        for before, token in pairwise(body)
        if token.kind == "pname" and before.text.upper() != "PREFIX"
    }
    assert declared == used


def test_every_term_of_ours_in_a_query_is_known() -> None:
    known = {
        quad.subject
        for path in (ROOT / "ontology").glob("**/*.ttl")
        if "shapes" not in path.parts
        for quad in parse(path=str(path), format=RdfFormat.TURTLE)
    }
    seen = 0
    for query in QUERIES:
        prefixes = dict(re.findall(r"^PREFIX (\w+): <([^>]+)>", query.text, re.MULTILINE))
        for token in meaning(query.text):
            prefix, _, local = token.text.partition(":")
            if (
                token.kind == "pname"
                and local
                and prefixes[prefix].startswith((terms.ONTOLOGY, terms.VOCABULARY))
            ):
                assert NamedNode(prefixes[prefix] + local) in known, f"{query.name}: {token.text}"
                seen += 1
    assert seen > 300


@pytest.mark.parametrize("query", QUERIES, ids=NAMES)
def test_header_defaults_are_those_of_the_text(query: StoredQuery, store: Store) -> None:
    defaults = {each.name: each.default for each in query.parameters if each.default is not None}
    assert run(store, query.bind(defaults, resolver(store))) == run(store, query.text)
    for parameter in query.parameters:
        values = re.search(rf"VALUES \?{parameter.name} \{{ (.*?) \}}", query.text)
        assert values is not None
        assert (values.group(1) == "UNDEF") == (parameter.default is None)


@pytest.mark.parametrize("query", QUERIES, ids=NAMES)
def test_example_runs(query: StoredQuery, store: Store) -> None:
    program, command, name, *rest = shlex.split(query.example)
    assert (program, command) == ("dress-kg", "query")
    assert load_query(name) == query
    assert all(option == "--param" for option in rest[::2])
    params = dict(pair.split("=", 1) for pair in rest[1::2])
    assert run(store, query.bind(params, resolver(store))).columns == run(store, query.text).columns


def test_docs_page_is_current() -> None:
    path = ROOT / "docs" / "queries.md"
    if WRITE:
        path.write_text(page(QUERIES), encoding="utf-8")
    assert path.read_text(encoding="utf-8") == page(QUERIES)


def test_listing_is_quick_because_it_loads_no_rdf_library() -> None:
    code = (
        "import sys; from dress_kg.queries import list_queries; assert len(list_queries()) > 23; "
        "print([name for name in ('rdflib', 'pyoxigraph', 'rich', 'pyshacl') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
    )
    assert done.stdout == "[]\n"


# ------------------------------------------------------------------ the answers


@pytest.mark.parametrize("query", QUERIES, ids=NAMES)
def test_rows_are_as_expected(query: StoredQuery, store: Store) -> None:
    answer = render(run(store, query.text), "tsv")
    path = expected_file(query)
    if WRITE:
        path.write_text(answer, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == answer


@pytest.mark.parametrize("query", QUERIES, ids=NAMES)
def test_rdflib_gives_the_same_rows(query: StoredQuery, store: Store, dataset: Dataset) -> None:
    ours = [tuple(value(term) for term in row) for row in run(store, query.text).rows]
    answer = dataset.query(query.text)
    theirs = [tuple(value(term) for term in row) for row in answer]  # type: ignore[union-attr]
    assert [str(name) for name in answer.vars or ()] == list(run(store, query.text).columns)
    assert theirs == ours


def value(term: object) -> object:
    """A term of either library for comparison: numbers by value."""
    from rdflib import Literal as RdfLiteral

    if term is None:
        return None
    if isinstance(term, RdfLiteral):
        datatype, text = str(term.datatype or ""), str(term)
    elif isinstance(term, Literal):
        datatype, text = term.datatype.value, term.value
    else:
        return str(getattr(term, "value", term))
    if datatype.endswith(("#integer", "#decimal")):
        return float(text)
    return text


@pytest.fixture(scope="module")
def doubled(store: Store) -> Store:
    """The graph with the shared nodes described once more in another graph: Oxigraph's union of graphs
    gives a statement as often as it stands in one, rdflib's gives it once."""
    twice = Store()
    twice.bulk_extend(store)
    copy = NamedNode("https://example.org/graph/copy")
    shared = list(store.quads_for_pattern(None, None, None, NamedNode(terms.reference_graph())))
    assert len(shared) > 500
    twice.bulk_extend(Quad(quad.subject, quad.predicate, quad.object, copy) for quad in shared)
    return twice


@pytest.mark.parametrize("query", [q for q in QUERIES if "each-graph" not in q.name], ids=lambda q: q.name)
def test_a_statement_in_two_graphs_counts_once(query: StoredQuery, store: Store, doubled: Store) -> None:
    assert run(doubled, query.text) == run(store, query.text)


def rows(store: Store, name: str, **params: str) -> list[dict[str, Any]]:
    """The answer as dictionaries of readable values."""
    result = run(store, load_query(name).bind(params, resolver(store)))
    return [readable(result, row) for row in result.rows]


def readable(result: Result, row: tuple[object, ...]) -> dict[str, Any]:
    return {
        name: None if term is None else str(term.value).removeprefix(terms.VOCABULARY)  # type: ignore[attr-defined]
        for name, term in zip(result.columns, row, strict=True)
    }


def gold_agents(item: dict[str, Any]) -> list[str]:
    """The agents a row is about, as ids."""
    names = [part["agent"] for part in item["components"] if part["role"] in ("index", "alternative")]
    renamed = {"immune globulin intravenous (IVIG)": "intravenous immunoglobulin"}
    return [terms.slug(renamed.get(name, name)) for name in names]


def test_patients_per_agent_are_those_of_the_gold(store: Store, gold_items: list[dict[str, Any]]) -> None:
    largest: dict[str, dict[str, int]] = defaultdict(dict)
    for item in gold_items:
        for agent in gold_agents(item):
            number = item["study"]["patients"]
            if number is not None:
                publication = str(item["citation"]["number"])
                largest[agent][publication] = max(number, largest[agent].get(publication, 0))
    answer = {row["agent"]: int(row["patients"]) for row in rows(store, "patients-per-agent")}
    assert {agent: n for agent, n in answer.items() if n} == {
        a: sum(by.values()) for a, by in largest.items()
    }


def test_conflicts_are_those_of_the_gold(store: Store, gold_items: list[dict[str, Any]]) -> None:
    by_agent: dict[str, set[str]] = defaultdict(set)
    for item in gold_items:
        for agent in gold_agents(item):
            by_agent[agent].add(item["finding"]["direction"])
    conflicting = {
        a for a, found in by_agent.items() if "effective" in found and found & {"not effective", "mixed"}
    }
    assert conflicting == {"cyclosporine", "intravenous-immunoglobulin"}
    assert conflicting <= {row["agent"] for row in rows(store, "conflicting-reports")}


def test_missing_doses_are_those_of_the_gold(store: Store, gold_items: list[dict[str, Any]]) -> None:
    procedures = {"plasmapheresis", "liver-transplantation"}
    missing = set()
    for item in gold_items:
        dosed = {
            terms.slug(
                step["agent"].replace("immune globulin intravenous (IVIG)", "intravenous immunoglobulin")
            )
            for step in item["regimen_steps"]
            if step["low"] is not None
        }
        index = [c for c in item["components"] if c["role"] == "index"]
        agents = set(gold_agents({"components": index}))
        missing |= {(item["citation"]["number"], agent) for agent in agents - dosed - procedures}
    answer = {(int(load_number(store, row["item"])), row["agent"]) for row in rows(store, "missing-doses")}
    assert answer == missing


def load_number(store: Store, item: str) -> str:
    """The printed reference number of an item."""
    citation = NamedNode(item + "/citation")
    return next(
        quad.object.value  # type: ignore[union-attr]
        for quad in store.quads_for_pattern(citation, NamedNode(terms.ONTOLOGY + "number"), None)
    )


def test_ivig_arrangements_are_those_of_the_gold(store: Store, gold_items: list[dict[str, Any]]) -> None:
    words = {
        "concomitant": "given together",
        "prior": "given before",
        "excluded": "left out, as stated",
        "subsequent": "given afterwards",
        "index": "given together",
        "mentioned": "mentioned only",
    }
    steroids = {
        "corticosteroids",
        "prednisone",
        "prednisolone",
        "methylprednisolone",
        "dexamethasone",
        "systemic corticosteroids",
        "glucocorticoids",
    }
    expected = {}
    for item in gold_items:
        if "intravenous-immunoglobulin" in gold_agents(item):
            parts = [*item["components"], *item["other_agents"]]
            how = {words[part["role"]] for part in parts if part["agent"] in steroids}
            expected[str(item["citation"]["number"])] = ", ".join(sorted(how)) or "not named"
    answer = rows(store, "ivig-with-and-without-corticosteroids")
    assert {load_number(store, row["item"]): row["arrangement"] for row in answer} == expected


def test_culprits_are_those_of_the_gold(store: Store, gold_items: list[dict[str, Any]]) -> None:
    expected = {
        (terms.slug(drug), str(item["citation"]["number"]), suspected)
        for item in gold_items
        for key, suspected in (("culprit_drugs", "false"), ("suspected_trigger", "true"))
        for drug in item["finding"].get(key, [])
    }
    answer = rows(store, "culprit-drugs")
    found = {(row["culprit"], load_number(store, row["item"]), row["suspected"] or "false") for row in answer}
    assert found == expected


def test_implausible_dose_is_an_outlier_and_left_out_of_the_range(store: Store) -> None:
    outliers = rows(store, "dose-outliers", away="100")
    assert [row["item"] for row in outliers] == [f"{ITEM}ivig-as-monotherapy-kito-2012"]
    used = {
        (row["per"], row["used"]): (float(row["low"]), float(row["high"]))
        for row in rows(store, "dose-range-per-agent", agent="IVIG")
    }
    low, high = used["per/day", "in the range"]
    assert low >= 100 and high <= 2000
    assert used["per/day", "left out"][0] == 0.4
    everything = rows(store, "dose-range-per-agent", agent="IVIG", flagged="included")
    assert min(float(row["low"]) for row in everything) == 0.4
    assert {row["used"] for row in everything} == {"in the range"}


def test_ledger_adds_up(store: Store, gold: dict[str, Any]) -> None:
    lines = {row["kind"].removeprefix("line-kind/"): int(row["lines"]) for row in rows(store, "row-ledger")}
    assert sum(lines.values()) == 84
    assert lines["row"] == 63
    assert sum(len(found) for found in gold["furniture_lines"].values()) == 21


def test_audit_trail_reaches_the_raw_characters(store: Store) -> None:
    answer = rows(store, "audit-trail-of-a-value")
    assert answer
    source = (ROOT / "data" / "dress-treatment-evidence.tsv").read_text("utf-8").split("\n")
    for row in answer:
        cells = source[int(row["line"]) - 1].split("\t")
        start = max(int(row["start"]), int(row["fragmentStart"]))
        end = min(int(row["end"]), int(row["fragmentEnd"]))
        offset = int(row["rawStart"]) + start - int(row["fragmentStart"])
        raw = cells[int(row["columnNumber"]) - 1][offset : offset + end - start]
        at = start - int(row["start"])
        assert row["selected"][at : at + len(raw)] == raw


# ------------------------------------------------------------------ names to IRIs


@pytest.mark.parametrize(
    "name",
    ["cyclosporine", "ciclosporin", "Cyclosporine", "CYCLOSPORIN", "dkv:cyclosporine",
     "https://w3id.org/dress-kg/vocab/cyclosporine", "<https://w3id.org/dress-kg/vocab/cyclosporine>"],
)  # fmt: skip
def test_names_of_cyclosporine(name: str, store: Store) -> None:
    assert resolver(store)(name) == terms.vocabulary("cyclosporine")


def test_names_of_other_things(store: Store) -> None:
    resolve = resolver(store)
    assert resolve("IVIG") == terms.vocabulary("intravenous-immunoglobulin")
    assert resolve("N-acetylcysteine") == terms.vocabulary("acetylcysteine")
    assert resolve("cyclosporine-kirchhof-2016") == f"{ITEM}cyclosporine-kirchhof-2016"


def test_unknown_name_suggests_near_ones(store: Store) -> None:
    with pytest.raises(QueryError) as caught:
        resolver(store)("cyclosporinne")
    assert "cyclosporine" in str(caught.value)
    with pytest.raises(QueryError):
        resolver(store)("https://example.org/not-in-the-graph")


def test_labels_prefer_english() -> None:
    node, name = NamedNode("https://example.org/a"), NamedNode(terms.PREFIXES["skos"] + "prefLabel")
    store = Store()
    store.extend(
        [
            Quad(node, name, Literal("ciclosporina", language="es")),
            Quad(node, name, Literal("c", language="en")),
        ]
    )
    assert labels(store, [node.value, "https://example.org/b"]) == {node.value: "c"}


# ------------------------------------------------------------------ faults


def test_unknown_query_suggests_near_names() -> None:
    with pytest.raises(QueryError, match="patients-per-agent"):
        load_query("patient-per-agent")


def test_unknown_parameter_and_unfit_values(store: Store) -> None:
    resolve = resolver(store)
    with pytest.raises(QueryError, match="did you mean away"):
        load_query("dose-outliers").bind({"awya": "3"}, resolve)
    for bad in ("ten", "1e3", "١٢", "1_000", "", " 1", "1;", "NaN"):
        with pytest.raises(QueryError, match="is no decimal"):
            load_query("dose-outliers").bind({"away": bad}, resolve)
    with pytest.raises(QueryError, match="choose one of: left out, included"):
        load_query("dose-range-per-agent").bind({"flagged": "leftout"}, resolve)


HEADER = "#+ summary: Which?\n#+ description: a row\n#+ example: dress-kg query x\n"
BLOCK = "# <param v>\nVALUES ?v { UNDEF }\n# </param v>\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("SELECT * { ?a ?b ?c }", "no `#\\+` header"),
        ("#+ summary: [\nSELECT * {}", "no YAML"),
        ("#+ summary: x\nSELECT * {}", "lacks a key"),
        (HEADER + "#+ sumary: x\nSELECT * {}", "unknown key"),
        (HEADER + "SELECT * { SERVICE <http://e.org/> { ?a ?b ?c } }", "call to another server"),
        (HEADER + "SELECT * { \\u0053ERVICE <http://e.org/> { ?a ?b ?c } }", "could hide a keyword"),
        (HEADER + "DELETE WHERE { ?a ?b ?c }", "an update"),
        (HEADER + "SELECT * FROM <file:///etc/passwd> { ?a ?b ?c }", "choice of graphs"),  # noqa: S608
        (HEADER + f"SELECT * {{ {BLOCK} }}", "differ"),
        (HEADER + "#+ params: {v: {type: string}}\nSELECT * { VALUES ?v { UNDEF } }", "differ"),
        (HEADER + "#+ params: {v: {type: strnig}}\nSELECT * {}", "unknown type"),
        (HEADER + "#+ params: {v: {type: choice}}\nSELECT * {}", "choices"),
        (
            HEADER + "#+ params: {v: {type: string}}\nSELECT * {\n# <param v>\nVALUES ?v { UNDEF }\n}",
            "not closed",
        ),
        (
            HEADER + "#+ params: {v: {type: string}}\nSELECT * {\n# <param v>\n?a ?b ?v\n# </param v>\n}",
            "is not `VALUES",
        ),
    ],
)
def test_faulty_files_are_refused(text: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "x.rq"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(QueryError, match=message) as caught:
        check(read_query(path, "t/x"))
    assert caught.value.file == str(path)


def test_run_refuses_what_reads_elsewhere_or_crashes() -> None:
    store = Store()
    with pytest.raises(QueryError, match="call to another server"):
        run(store, "SELECT * { SERVICE <http://127.0.0.1:9/> { ?a ?b ?c } }")
    with pytest.raises(QueryError, match="nests deeper"):
        run(store, "SELECT * " + "{" * 3000 + "}" * 3000)
    with pytest.raises(QueryError, match="longer than"):
        run(store, "#" * 70_000)
    with pytest.raises(QueryError, match="does not parse"):
        run(store, "SELEKT * {}")
    assert run(store, "ASK {}").boolean is True
    assert run(store, "CONSTRUCT { <a:a> <a:b> <a:c> } WHERE {}").triples is not None


# ------------------------------------------------------------------ the binder under attack

PIECES = [
    '"',
    "'",
    '"""',
    "'''",
    "\\",
    "\\\\",
    "\\n",
    "\n",
    "\r",
    "\t",
    "}",
    "{",
    "} UNION { ?s ?p ?o",
    ")",
    "(",
    "#",
    "<",
    ">",
    "?v",
    "$v",
    "^^",
    "@en",
    "<http://e.org/>",
    "UNDEF",
    "; DROP ALL",
    "\u2028",
    "\u0000",
    "\ud800",
    "\\u0022",
    "\\U00000022",
    "\u202e",
    "𝔘",
    "é",
    "",
    " ",
    "VALUES ?v { 1 }",
    "# </param v>",
    "SERVICE",
    "a",
    "javascript:alert(1)",
    "dkv:cyclosporine",
    "http://e.org/a b",
    "urn:x:y",
    "1",
    "-1",
    "1.5",
    ".",
    "\x7f",
    "2020-01-31",
    "2020-02-30",
    "b",
]


def hostile(seed: int, number: int) -> Iterator[str]:
    chance = random.Random(seed)  # noqa: S311 – repeatable test data
    for _ in range(number):
        yield "".join(chance.choice(PIECES) for _ in range(chance.randint(0, 6)))


@pytest.mark.parametrize(
    ("kind", "number"),
    [("string", 8000), ("iri", 6000), ("integer", 2000), ("decimal", 2000), ("date", 1000), ("choice", 1000)],
)
def test_no_value_changes_a_query(kind: str, number: int, tmp_path: Path) -> None:
    """20,000 hostile values: each is refused, or comes back as itself, and the query stays the same."""
    choices = ", choices: [a, b]" if kind == "choice" else ""
    path = tmp_path / "x.rq"
    params = f"#+ params: {{v: {{type: {kind}{choices}}}}}\n"
    path.write_text(f"{HEADER}{params}SELECT ?v ?w {{ {BLOCK} VALUES ?w {{ 'rest' }} }}", encoding="utf-8")
    query = read_query(path, "t/x")
    store = Store()
    accepted = 0
    for given in hostile(42, number):
        try:
            bound = query.bind({"v": given}, lambda name: name)
        except QueryError:
            continue
        result = run(store, bound)
        assert result.columns == ("v", "w")
        ((found, rest),) = result.rows
        assert isinstance(found, NamedNode if kind == "iri" else Literal)
        assert rest == Literal("rest")
        if kind in ("string", "iri", "choice", "date"):
            assert found.value == given
        else:
            assert float(found.value) == float(given)
        accepted += 1
    assert accepted >= {"string": 2000, "iri": 20, "integer": 5, "decimal": 5, "date": 2, "choice": 2}[kind]
