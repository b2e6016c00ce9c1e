"""Stored queries: their files, their answers on the real table by two engines, and the binder.

`DRESS_KG_WRITE_EXPECTED=1 pytest tests/test_queries.py` rewrites the expected rows and the docs page;
read the diff and judge it against the gold.
"""

from __future__ import annotations

import os
import random
import re
import resource
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
from dress_kg.pipeline import build
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


COMMAND = "from dress_kg.cli import main; main()"
CPU_SECONDS = 10
"""What a stored query may take on CIViC's 3,706 items. The slowest takes under 3; those that tried each item
on every finding took 17 and over 60."""


@pytest.fixture(scope="module")
def civic(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A build of the largest table that we have."""
    out = tmp_path_factory.mktemp("civic") / "out"
    build(["civic"], source=shared / "tables/civic-clinical-evidence.tsv", out=out)
    return out


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_no_query_takes_long_on_a_large_table(name: str, civic: Path) -> None:
    """In processor time, which does not depend on what else runs; the system kills a query at the limit."""
    done = subprocess.run(
        [sys.executable, "-c", COMMAND, "query", name, "--graph", str(civic), "--format", "tsv"],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS)),
    )
    assert done.returncode == 0, f"{done.returncode} (negative: killed at the limit): {done.stderr}"
    assert done.stdout.splitlines()


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
        "concomitant": "partner given with it",
        "prior": "partner given before it",
        "excluded": "without the partner, as stated",
        "subsequent": "partner added after it",
        "index": "partner given with it",
        "mentioned": "partner only mentioned",
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
            alone = "alone, as stated" if item.get("monotherapy_stated") else "partner not named"
            expected[str(item["citation"]["number"])] = "; ".join(sorted(how)) or alone
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
    used = {(row["per"], row["used"]): row for row in rows(store, "dose-range-per-agent", agent="IVIG")}
    ranged = used["per/day", "in the range"]
    assert (float(ranged["low"]), float(ranged["high"]), ranged["unit"]) == (0.5, 1.0, "g/kg")
    flagged = used["per/day", "left out"]
    assert (flagged["low"], flagged["high"]) == (None, None)
    assert "0.4 mg/kg/d (dose-implausible)" in flagged["leftOutBecause"]
    everything = rows(store, "dose-range-per-agent", agent="IVIG", flagged="included")
    assert min(float(row["low"]) for row in everything) == 0.0004
    assert {row["used"] for row in everything} == {"in the range"}


def test_routes_are_ranges_of_their_own(store: Store) -> None:
    given = {
        row["route"]: (float(row["low"]), float(row["high"]))
        for row in rows(store, "dose-range-per-agent", agent="cyclosporine")
        if (row["per"], row["unit"]) == ("per/day", "mg/kg")
    }
    assert given == {None: (4.0, 5.0), "route/intravenous": (4.0, 5.0), "route/oral": (0.7, 5.0)}


# ------------------------------------------------------------------ answers that must not mislead


def test_advice_limited_to_one_use_is_not_counted_as_advice_against_the_agent(store: Store) -> None:
    (against,) = (
        row
        for row in rows(store, "agents-at-a-glance", agent="IVIG")
        if row["direction"] == "direction/recommended-against"
    )
    assert (against["items"], against["limitedAdvice"]) == ("1", "1")


def test_every_piece_of_advice_stands_with_its_own_condition(store: Store) -> None:
    answer = rows(store, "recommendations-for-and-against")
    sides = {"direction/recommended", "direction/recommended-against", "direction/conditional"}
    advised = {row["item"] for row in rows(store, "flat-table") if row["direction"] in sides}
    assert {row["item"] for row in answer if row["place"] == "row"} == advised
    both = {
        row["direction"]: row["conditions"]
        for row in answer
        if row["item"] == f"{ITEM}ivig-cs-bommersbach-2016"
    }
    assert both == {"direction/recommended": None, "direction/recommended-against": "as monotherapy"}


def test_after_corticosteroids_means_before_and_failed(store: Store) -> None:
    answer = rows(store, "after-corticosteroid-failure")
    by_item = {row["item"].removeprefix(ITEM): row for row in answer}
    assert len(by_item) == len(answer)
    assert "cyclosporine-dexamethasone-oral-prednisone-daoulah-2012" not in by_item
    unknown = by_item["ivig-previous-treatment-with-cs-fields-2005"]
    assert (unknown["failure"], unknown["givenBeforeFailureNotPrinted"]) == (None, "Cs")
    assert by_item["cyclosporine-harman-2003"]["advice"] == "false"
    assert by_item["cyclosporine-mockenhaupt-2019"]["advice"] == "true"
    assert all((row["failure"] is None) == (row["advice"] is None) for row in answer)


@pytest.mark.parametrize("name", ["reports-by-organ", "reports-by-virus"])
def test_words_of_circumstances_are_printed(name: str, store: Store) -> None:
    text: dict[str, str] = defaultdict(str)
    for quad in store.quads_for_pattern(None, NamedNode(terms.ONTOLOGY + "text"), None):
        text[quad.subject.value.rpartition("/cell/")[0]] += f"{quad.object.value}\n"  # type: ignore[union-attr]
    for row in rows(store, name):
        assert all(words in text[row["item"]] for words in row["words"].split(" | "))


def test_an_underlying_disease_is_no_involvement_and_hiv_no_reactivation(store: Store) -> None:
    assert not {"organ/joint", "organ/skin"} & {row["organ"] for row in rows(store, "reports-by-organ")}
    found = {row["concept"]: row["infection"] for row in rows(store, "reports-by-virus")}
    assert found["hiv-infection"] == "comorbidity"
    assert found["epstein-barr-virus-infection"] == "reactivation"
    assert found["cytomegalovirus-infection"] == "infection"


def test_each_case_of_a_mixed_item_speaks_for_itself(store: Store) -> None:
    said = {
        row["direction"]: (row["words"], row["holdsWhen"], row["casesNamed"], row["studyPatients"])
        for row in rows(store, "who-disagrees-on-an-agent", agent="ganciclovir")
        if row["item"] == f"{ITEM}ganciclovir-asano-2009"
    }
    assert said == {
        "direction/not-effective": ("died", "Case 1", "1", "2"),
        "direction/effective": ("recovery", "Case 2", "1", "2"),
    }
    against = rows(store, "reports-against", agent="ganciclovir")
    assert [row["words"] for row in against] == ["died"]


def test_what_an_item_says_twice_is_one_row(store: Store) -> None:
    for name, params in (("reports-against", {}), ("who-disagrees-on-an-agent", {"agent": "cyclosporine"})):
        answer = rows(store, name, **params)
        keys = [
            (row.get("agent"), row["item"], row["direction"], row["place"], row["holdsWhen"])
            for row in answer
        ]
        assert len(set(keys)) == len(keys)


def test_a_row_without_a_finding_borrows_no_words(store: Store) -> None:
    """Singer 2013 prints no outcome: an unbound variable once matched every statement in the graph."""
    (silent,) = (
        row
        for row in rows(store, "who-disagrees-on-an-agent", agent="IVIG")
        if row["item"] == f"{ITEM}ivig-cs-singer-2013"
    )
    assert (silent["direction"], silent["words"], silent["holdsWhen"]) == ("direction/not-stated", None, None)


def test_partners_stand_beside_the_counts(store: Store) -> None:
    partners = {row["agent"]: row["togetherWith"] for row in rows(store, "conflicting-reports")}
    assert "effective with corticosteroids (1)" in partners["cyclophosphamide"]
    assert "effective with corticosteroids (4)" in partners["intravenous-immunoglobulin"]


def test_gaps_count_partners_and_kindred_drugs(store: Store) -> None:
    gaps = defaultdict(set)
    for row in rows(store, "evidence-gaps"):
        gaps[row["agent"]].add(row["gap"])
    assert "no outcome reported" not in gaps["acetylcysteine"]
    assert "outcome reported only as a partner of another agent" in gaps["acetylcysteine"]
    assert "named in passing only" in gaps["interferon"]
    assert "named in passing only" not in gaps["mycophenolate-mofetil"]


def test_a_title_is_a_ground_of_its_own(store: Store) -> None:
    grounds = {row["item"].removeprefix(ITEM): row["ground"] for row in rows(store, "paediatric-patients")}
    assert grounds == {
        "ivig-cs-scheuerman-2004": "printed",
        "liver-transplantation-song-2013": "printed",
        "ivig-cs-marcus-2018": "title, not printed",
    }


def test_harms_of_one_item_may_overlap(store: Store) -> None:
    answer = rows(store, "harms-with-denominators")
    per_item = defaultdict(list)
    for row in answer:
        per_item[row["item"]].append(row)
    for found in per_item.values():
        assert all(
            (row["overlap"] is not None) == (len(found) > 1) for row in found if row["patients"] != "0"
        )
    assert all((row["cause"] is None) == (row["causeBasis"] is None) for row in answer)


def treatment_block(text: str) -> str | None:
    """The part of a query that writes the treatment in words."""
    if "AS ?treatment)" not in text:
        return None
    start = text.rindex("  OPTIONAL {\n", 0, text.index("AS ?treatment)"))
    return text[start : text.index("    } GROUP BY ?item\n", start)]


def test_the_treatment_is_written_alike_in_all_queries() -> None:
    blocks = {block for query in QUERIES if (block := treatment_block(query.text)) is not None}
    assert len(blocks) == 1


@pytest.mark.parametrize(
    ("operator", "parts", "words"),
    [
        ("single", "index a", "a"),
        ("combination", "index a, concomitant b, excluded c", "a + b without c"),
        ("alternatives", "alternative a, alternative b, alternative c", "a or b or c"),
        ("sequence", "index a, subsequent b, concomitant c", "a then b + c"),
        ("not-stated", "index a, concomitant b", "a, b"),
        ("single", "prior a, index b", "b after a"),
        ("combination", "index a, alternative b, alternative c", "a + b or c"),
        ("single", "index a, mentioned b", "a"),
    ],
)
def test_the_treatment_reads_as_the_strategy_joins(operator: str, parts: str, words: str) -> None:
    """Never "+" between alternatives: three nephrotoxic antivirals to choose from are not given together."""
    item, strategy = NamedNode("https://e.org/i"), NamedNode("https://e.org/s")
    made = [
        Quad(item, NamedNode(terms.ONTOLOGY + "strategy"), strategy),
        Quad(
            strategy,
            NamedNode(terms.ONTOLOGY + "operator"),
            NamedNode(f"{terms.VOCABULARY}operator/{operator}"),
        ),
    ]
    for position, part in enumerate(parts.split(", "), 1):
        role, _, agent = part.partition(" ")
        component, node = NamedNode(f"https://e.org/{position}"), NamedNode(f"https://e.org/{agent}")
        made += [
            Quad(strategy, NamedNode(terms.ONTOLOGY + "component"), component),
            Quad(component, NamedNode(terms.ONTOLOGY + "role"), NamedNode(f"{terms.VOCABULARY}role/{role}")),
            Quad(component, NamedNode(terms.ONTOLOGY + "position"), Literal(position)),
            Quad(component, NamedNode(terms.ONTOLOGY + "agent"), node),
            Quad(node, NamedNode(terms.PREFIXES["skos"] + "prefLabel"), Literal(agent, language="en")),
        ]
    made_store = Store()
    made_store.extend(made)
    query = load_query("flat-table")
    prefixes = "\n".join(line for line in query.text.split("\n") if line.startswith("PREFIX"))
    block = treatment_block(query.text)
    text = f"{prefixes}\nSELECT ?treatment {{ {block} }} GROUP BY ?item }} }}"
    ((answer,),) = run(made_store, text).rows
    assert isinstance(answer, Literal)
    assert answer.value == words


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
    with pytest.raises(QueryError, match="does not parse") as caught:
        run(store, "SELEKT * {}")
    assert (caught.value.line, caught.value.value) == (1, "SELEKT * {")
    with pytest.raises(QueryError, match="does not parse") as caught:
        run(store, "SELECT * {\n  ?s rdfs:label ?o }")
    assert caught.value.line == 2
    assert caught.value.remedy is not None
    assert "PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>" in caught.value.remedy
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
