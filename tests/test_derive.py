"""Derived knowledge on the real table, against figures counted by hand; and the rules as files."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pyoxigraph import NamedNode, Quad, QuerySolutions, Store

from dress_kg import terms
from dress_kg.derive import Derivation, derive, load_derivations
from dress_kg.errors import OntologyError
from dress_kg.pipeline import make_graph

PREFIXES = "".join(
    f"PREFIX {name}: <{iri}>\n"
    for name, iri in {
        **{name: terms.PREFIXES[name] for name in ("dk", "dkv", "dcterms", "prov", "rdfs")},
        **{name: f"{terms.VOCABULARY}{name}/" for name in ("direction", "kind", "role")},
    }.items()
)


def ask(store: Store, text: str) -> list[tuple[str | None, ...]]:
    """The rows of a query, each value by the last part of its IRI."""
    rows = store.query(PREFIXES + text, use_default_graph_as_union=True)
    assert isinstance(rows, QuerySolutions)
    names = [variable.value for variable in rows.variables]
    return sorted(
        (
            tuple(None if row[name] is None else str(row[name].value).rpartition("/")[2] for name in names)
            for row in rows
        ),
        key=str,
    )


def test_every_rule_runs_concludes_something_and_is_numbered(store: Store) -> None:
    rules = load_derivations()
    assert len(rules) == 9
    made = {
        str(row[0]) for row in ask(store, "SELECT DISTINCT ?r { ?n dk:rule ?r ; prov:wasDerivedFrom ?x }")
    }
    nodes = {"same-case", "stance-of-a-row", "stance-of-a-remark", "disagreement", "patients-of-a-table"}
    assert nodes <= made


def profile(store: Store, agent: str, figure: str) -> str | None:
    node = f"<{terms.DATA}profile/dress/{agent}/index/dress-syndrome>"
    return ask(store, f"SELECT ?n {{ {node} dk:{figure} ?n }}")[0][0]


# Counted in the printed rows by hand: items, publications, patients, improved, failed, mixed, no outcome.
PROFILES = [
    ("cyclosporine", 12, 12, 11, 2, 3, 0, 6),
    ("cyclophosphamide", 2, 2, 2, 2, 0, 0, 0),
    ("ganciclovir", 2, 2, 2, 0, 0, 2, 0),
    ("intravenous-immunoglobulin", 12, 12, 18, 11, 6, 0, 1),
    ("liver-transplantation", 2, 2, 2, 0, 0, 1, 1),
    ("mepolizumab", 1, 1, 1, 1, 0, 0, 0),
    ("acetylcysteine", 1, 1, 1, 0, 0, 0, 1),
    ("plasmapheresis", 1, 1, 1, 1, 0, 0, 0),
    ("valganciclovir", 1, 1, 1, 0, 0, 0, 1),
]


@pytest.mark.parametrize("row", PROFILES, ids=lambda row: str(row[0]))
def test_profile_of_an_index_agent(store: Store, row: tuple[str, int, int, int, int, int, int, int]) -> None:
    agent, *figures = row
    names = "items publications patientsCounted patientsImproved patientsFailed patientsMixed".split()
    found = [profile(store, agent, name) for name in (*names, "patientsWithoutOutcome")]
    assert found == [str(number) for number in figures]


def test_what_is_inferred_or_unknown_is_said_apart(store: Store) -> None:
    assert profile(store, "intravenous-immunoglobulin", "patientsInferred") == "1"  # "HIV patient"
    assert profile(store, "cyclosporine", "patientsInferred") == "0"


def test_patients_of_the_table_39_printed_36_counted(store: Store) -> None:
    text = """SELECT ?i ?p ?n ?c ?w { ?t dk:rule "patients-of-a-table" ; dk:items ?i ; dk:publications ?p ;
      dk:patientsPrinted ?n ; dk:patientsCounted ?c ; dk:patientsInferred ?w }"""
    assert ask(store, text) == [("35", "27", "39", "36", "1")]


def test_three_same_case_pairs(store: Store) -> None:
    text = """SELECT ?a ?b ?n { ?c a dk:SameCase ; dk:item ?a, ?b ; dk:patients ?n . ?a dk:sameCaseAs ?b .
      FILTER(STR(?a) < STR(?b)) }"""
    assert ask(store, text) == [
        ("cyclosporine-lee-2008", "ivig-cs-lee-2008", "1"),
        ("cyclosporine-shaughnessy-2010", "plasmapheresis-rituximab-mycophenolate-cs-shaughnessy-2010", "1"),
        (
            "ivig-n-acetylcysteine-cs-cumbo-nacheli-2008",
            "n-acetylcisteine-n-ac-ivig-cs-cumbo-nacheli-2018",
            "1",
        ),
    ]


def sides(store: Store, agent: str, role: str, side: str) -> set[str]:
    node = f"<{terms.DATA}disagreement/dress/{agent}/{role}/dress-syndrome>"
    return {str(row[0]) for row in ask(store, f"SELECT ?i {{ {node} dk:{side} ?s . ?s dk:item ?i }}")}


def test_disagreements_and_who(store: Store) -> None:
    found = ask(store, "SELECT ?a ?r ?for ?against { ?d a dk:Disagreement ; dk:agent ?a ; dk:role ?r . "
                "OPTIONAL { ?d dk:supportingPatients ?for } "
                "OPTIONAL { ?d dk:disputingPatients ?against } }")  # fmt: skip
    assert [row[:2] for row in found] == [
        ("cyclosporine", "index"),
        ("intravenous-immunoglobulin", "index"),
    ]
    assert found[0][2:] == ("2", "3")
    assert found[1][2:] == ("11", "6")
    assert sides(store, "cyclosporine", "index", "supportedBy") == {
        "cyclosporine-harman-2003", "cyclosporine-zhang-2017", "cyclosporine-bomersmbach-2016",
    }  # fmt: skip
    assert sides(store, "cyclosporine", "index", "disputedBy") == {
        "cyclosporine-dexamethasone-oral-prednisone-daoulah-2012", "cyclosporine-lee-2008",
        "cyclosporine-shaughnessy-2010",
    }  # fmt: skip
    assert sides(store, "intravenous-immunoglobulin", "index", "disputedBy") == {
        "ivig-without-associated-corticosteroids-joly-2012", "ivig-mockenhaupt-2019",
    }  # fmt: skip


def test_with_or_without_corticosteroids_or_not_said(store: Store) -> None:
    text = """SELECT ?i ?w { ?s dk:rule "stance-of-a-row" ; dk:item ?i ;
      dk:agent dkv:intravenous-immunoglobulin .
      OPTIONAL { ?s dk:withCorticosteroids ?w } }"""
    said: dict[str | None, str | None] = {row[0]: row[1] for row in ask(store, text)}
    assert said["ivig-without-associated-corticosteroids-joly-2012"] == "false"
    assert said["ivig-as-monotherapy-kito-2012"] == "false"
    assert said["ivig-cs-marcus-2018"] == "true"
    assert said["ivig-previous-treatment-with-cs-fields-2005"] is None
    assert said["ivig-mockenhaupt-2019"] is None


def test_a_harm_belongs_to_the_agent_it_is_attributed_to(store: Store) -> None:
    text = "SELECT ?a ?h { ?p dk:reportsHarm ?x ; dk:agent ?a . ?x dk:event ?h }"
    harms = ask(store, text)
    assert ("cyclosporine", "diabetes mellitus") not in harms  # attributed to the corticosteroids
    assert ("liver-transplantation", "death") in harms
    assert ("intravenous-immunoglobulin", "severe adverse events") in harms


def test_remarks_take_the_role_of_the_agent_in_that_row(store: Store) -> None:
    text = """SELECT ?i ?r { ?s dk:rule "stance-of-a-remark" ; dk:item ?i ; dk:role ?r ;
      dk:agent dkv:cyclophosphamide }"""
    assert ask(store, text) == [("cyclosporine-shaughnessy-2010", "prior")]
    text = """SELECT ?r { ?s dk:rule "stance-of-a-remark" ; dk:agent dkv:corticosteroids ; dk:role ?r ;
      dk:item <https://w3id.org/dress-kg/id/evidence/dress/ivig-cs-scheuerman-2004> }"""
    assert ask(store, text) == [("prior",)]


def test_a_stance_has_a_readable_name(store: Store) -> None:
    """Also a remark on the row's own treatment, whose IRI is no concept of a vocabulary."""
    text = "SELECT ?s ?a ?l { GRAPH ?g { ?s a dk:Stance ; dk:agent ?a ; rdfs:label ?l } }"
    rows = store.query(PREFIXES + text)
    assert isinstance(rows, QuerySolutions)
    stances = [[str(value.value) for value in row] for row in rows]
    assert not [iri for iri, _, label in stances if "http" in iri[8:] or "http" in label]
    own = [iri for iri, agent, _ in stances if agent.endswith("/strategy")]
    assert own
    assert all(re.search(r"/finding/\d+/stance/strategy$", iri) for iri in own)


def test_levels_are_tallied_both_where_two_are_printed(store: Store) -> None:
    text = """SELECT ?l ?n {
      <https://w3id.org/dress-kg/id/profile/dress/cyclosporine/index/dress-syndrome> dk:tally ?t .
      ?t dk:tallied ?l ; dk:items ?n ; a dk:Tally . ?l a dk:RatingLevel }"""
    assert ask(store, text) == [("level-3", "11"), ("level-4", "1")]


def test_every_derived_node_points_to_its_grounds(store: Store) -> None:
    text = """SELECT ?n { ?n dk:rule ?r ; a ?c . FILTER(?c NOT IN (dk:Tally, dk:QualityFinding, dk:Repair))
      FILTER NOT EXISTS { ?n prov:wasDerivedFrom ?x } }"""
    assert ask(store, text) == []
    dangling = "SELECT ?x { ?n dk:rule ?r ; prov:wasDerivedFrom ?x . FILTER NOT EXISTS { ?x ?p ?o } }"
    assert ask(store, dangling) == []


def test_derived_facts_stand_in_the_graph_of_their_source_only(store: Store) -> None:
    relation = NamedNode(terms.ONTOLOGY + "sameCaseAs")
    graphs = {str(quad.graph_name) for quad in store.quads_for_pattern(None, relation, None, None)}
    assert graphs == {f"<{terms.source_graph('dress', 'inferred')}>"}


def test_two_runs_derive_the_same(store: Store) -> None:
    inferred = NamedNode(terms.source_graph("dress", "inferred"))
    dataset = NamedNode(terms.source_graph("dress", "dataset"))
    facts = [quad for quad in store if quad.graph_name not in (inferred, dataset)]
    again = derive(facts)
    assert again == derive(reversed(facts)) == set(store.quads_for_pattern(None, None, None, inferred))


def test_another_base_keeps_derived_iris_under_it() -> None:
    base = "https://example.org/kg/"
    quads = make_graph(["dress"], base=base).quads
    inferred = NamedNode(terms.source_graph("dress", "inferred", base))
    subjects = {quad.subject for quad in quads if quad.graph_name == inferred}
    assert subjects
    assert all(isinstance(s, NamedNode) and s.value.startswith(base) for s in subjects)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("SELECT ?a { ?a ?b ?c }", "CONSTRUCT"),
        ("CONSTRUCT { ?a ?b", "parse"),
        ("CONSTRUCT { <https://example.org/x> ?p ?o } { ?s ?p ?o }", "no source"),
    ],
)
def test_a_faulty_rule_is_named(text: str, message: str) -> None:
    rule = Derivation("x", "x", "x", text, Path("9-x.rq"))
    quad = Quad(*(NamedNode(f"https://example.org/{name}") for name in "spog"))
    with pytest.raises(OntologyError, match=message) as caught:
        derive([quad], rules=(rule,))
    assert "9-x.rq" in str(caught.value)


def test_a_rule_without_its_header_is_named(tmp_path: Path) -> None:
    (tmp_path / "1-x.rq").write_text("#+ rule: y\n", "utf-8")
    with pytest.raises(OntologyError, match="header"):
        load_derivations(tmp_path)
