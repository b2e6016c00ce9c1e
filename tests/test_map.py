"""The evidence map: its numbers against the derived profiles, its marks against the rows, its words."""

from __future__ import annotations

import re
from dataclasses import replace
from urllib.parse import urlencode

import pytest
from lxml import html
from pyoxigraph import Literal, NamedNode, Quad, Store

from dress_kg import terms
from dress_kg.pages.address import Address
from dress_kg.pages.links import Links, ServerLinks, SiteLinks
from dress_kg.pages.map import AGENTS_A_PAGE, MARKS_A_PAGE, map_page, map_pages, paged
from dress_kg.pages.map_cases import cases
from dress_kg.pages.map_count import count
from dress_kg.pages.map_filter import FILTERS, choices, fitting, keys, wanted
from dress_kg.pages.map_model import COLUMNS, Agent, Facts, Item, Mark
from dress_kg.pages.map_read import read_map
from dress_kg.pages.map_view import with_rows
from dress_kg.pages.rows import rows

FIGURES = (
    "items publications patientsCounted patientsImproved patientsFailed patientsMixed patientsWithoutOutcome "
    "patientsInferred publicationsWithoutNumber"
).split()


@pytest.fixture(scope="module")
def facts(store: Store) -> Facts:
    return read_map(store)


def page(store: Store, links: Links | None = None, **params: str) -> html.HtmlElement:
    made = map_page(store, terms.DATA, links or ServerLinks(), params)
    assert made is not None
    assert len(made.encode()) < 300_000
    return html.document_fromstring(made)


def row(tree: html.HtmlElement, agent: str) -> html.HtmlElement:
    [found] = tree.xpath("//tr[@data-agent=$agent]", agent=agent)
    return found


def said(element: html.HtmlElement) -> str:
    return " ".join(element.text_content().split())


def test_the_counts_are_those_of_every_profile_of_the_graph(store: Store, facts: Facts) -> None:
    profiles = list(
        rows(
            store,
            "SELECT ?s ?a ?r ?c "
            + " ".join(f"?{name}" for name in FIGURES)
            + " { ?p a dk:EvidenceProfile ; dcterms:source ?s ; dk:agent ?a ; dk:role ?r ; dk:condition ?c ; "
            + " ; ".join(f"dk:{name} ?{name}" for name in FIGURES)
            + " }",
        )
    )
    assert len(profiles) == 13
    for source, agent, role, condition, *figures in profiles:
        own = [
            mark
            for mark in facts.marks
            if (mark.agent, terms.concept("role", mark.role), mark.item.condition) == (agent, role, condition)
            and terms.source(mark.item.source) == source
        ]
        c = count(own)
        found = (
            c.items,
            c.publications,
            c.patients,
            c.improved,
            c.failed,
            c.mixed,
            c.without,
            c.inferred,
            c.unknown,
        )
        assert found == tuple(int(each or "") for each in figures), agent


def test_cyclosporine_11_patients_are_2_improved_3_failed_6_not_printed(store: Store) -> None:
    line = row(page(store), "cyclosporine")
    assert "12 rows, 12 publications, 11 patients" in said(line)
    sums = {each.get("data-sum"): said(each) for each in line.xpath(".//*[@data-sum]")}
    assert sums == {"improved": "2 patients", "failed": "3 patients", "not-printed": "6 patients"}
    assert "reports disagree" in said(line)


def test_ivig_says_that_one_number_is_inferred(store: Store) -> None:
    line = row(page(store), "intravenous immunoglobulin")
    assert "12 rows, 12 publications, 18 patients, and 1 inferred" in said(line)
    assert [said(e) for e in line.xpath(".//*[@data-sum='improved']")] == ["11 patients"]


def test_every_item_has_a_mark_that_leads_to_it_and_one_case_each_column(store: Store, facts: Facts) -> None:
    tree = page(store)
    links = ServerLinks()
    hrefs = set(tree.xpath("//li[contains(@class, 'mark')]/a/@href"))
    assert {links.item(iri) for iri in facts.items} == hrefs
    assert len(tree.xpath("//li[contains(@class, 'mark')]")) == len(facts.marks) == 76
    columns = [each.get("data-label") for each in row(tree, "rituximab").xpath("./td")]
    assert columns == [column.name for column in COLUMNS]


def test_a_report_without_an_outcome_stands_under_its_opinion_too(facts: Facts) -> None:
    [iri] = [iri for iri in facts.items if iri.endswith("/cyclosporine-kuschel-2018")]
    found = {(m.column, m.agent.rpartition("/")[2]) for m in facts.marks if m.item.iri == iri}
    assert {
        ("not-printed", "cyclosporine"),
        ("opinion-for", "cyclosporine"),
        ("failed", "prednisone"),
    } == found


def test_remarks_on_other_agents_are_marked_and_not_counted(store: Store) -> None:
    tree = page(store)
    line = row(tree, "corticosteroids")
    marks = line.xpath(".//li[contains(@class, 'mark')]")
    assert len([m for m in marks if "remark" in m.get("class")]) == 8
    assert not line.xpath(".//*[@data-sum]")
    label = said(line.xpath(".//li[contains(., 'Laban')]//span[@class='hidden']")[0])
    assert "remark in a row on another treatment" in label
    assert "before cyclophosphamide" in label
    before = tree.xpath("//tr[@data-agent='corticosteroids']/preceding-sibling::tr[@class='band']")
    assert "no row of the table is about these" in said(before[0])


def test_co_treatment_design_and_harm_are_on_the_marks(store: Store) -> None:
    tree = page(store)
    joly = said(row(tree, "intravenous immunoglobulin").xpath(".//td[@data-label='Harm']//li")[0])
    assert "severe adverse events in 5 of 6 patients" in joly
    lee = said(row(tree, "cyclosporine").xpath(".//li[contains(., 'Lee 2008')]")[0])
    assert "+ methylprednisolone" in lee
    kito = row(tree, "intravenous immunoglobulin").xpath(".//li[contains(., 'Kito')]//span[@class='hidden']")[
        0
    ]
    assert "without corticosteroids, as stated" in said(kito)
    marcus = row(tree, "intravenous immunoglobulin").xpath(".//li[contains(., 'Marcus')]//use/@href")
    assert marcus == ["#s-study"]
    assert "warnings on the row: dose-implausible" in said(kito)
    used = set(tree.xpath("//use/@href"))
    assert used <= {f"#{each}" for each in tree.xpath("//symbol/@id")}


def test_a_harm_that_the_row_denies_is_no_harm(facts: Facts) -> None:
    assert not [m for m in facts.marks if m.column == "harm" and m.item.cite == "Marcus 2018"]
    zhang = [m for m in facts.marks if m.column == "harm" and m.item.cite == "Zhang 2017"]
    assert [(m.agent, m.events) for m in zhang] == [
        (terms.vocabulary("corticosteroids"), ("diabetes mellitus",))
    ]


def test_rows_of_one_case_are_a_sequence_where_the_rows_say_the_order(store: Store, facts: Facts) -> None:
    told = {case.steps[0].item.cite: case for case in cases(facts.marks).values()}
    assert set(told) == {"Lee 2008", "Shaughnessy 2010", "Cumbo-Nacheli 2008"}
    lee = told["Lee 2008"]
    assert lee.ordered
    assert lee.patients == 1
    assert [(step.treatment, step.said) for step in lee.steps] == [
        ("cyclosporine + methylprednisolone", "reported failed"),
        ("intravenous immunoglobulin + corticosteroids + prednisone", "reported improved"),
    ]
    assert [case.ordered for cite, case in told.items() if cite.startswith("Cumbo")] == [False]
    tree = page(store)
    assert len(tree.xpath("//ul[@class='sequences']/li")) == 3
    assert len(tree.xpath("//ol[@class='ordered']")) == 2


def test_the_banner_says_what_must_be_said_and_no_page_says_that_a_drug_works(store: Store) -> None:
    tree = page(store)
    banner = said(tree.xpath("//section[@class='banner']")[0])
    for words in (
        "one guideline of 2020", "almost all uncontrolled cases", "likelier to be published", "No rates",
        "no comparisons", "no dosing advice", "Corticosteroids alone",
    ):  # fmt: skip
        assert words in banner
    assert not re.search(r"\b(works?|worked|verdicts?)\b", said(tree), re.I)


def test_every_choice_of_every_filter_leaves_marks_that_answer_to_it(store: Store, facts: Facts) -> None:
    offered = choices(facts.marks, facts, wanted({}))
    assert {each.name for each in offered} == set(FILTERS) - {"condition"}
    for choice in offered:
        assert choice.options
        for value, name in choice.options:
            left = fitting(facts.marks, {choice.name: value}, facts)
            assert left, (choice.name, value)
            assert name
            assert all(value in keys(mark, facts)[choice.name] for mark in left)


def test_a_filter_is_a_form_that_needs_no_script(store: Store) -> None:
    tree = page(store, None, **{"class": "corticosteroids", "design": "case-report"})
    [form] = tree.xpath("//form[@data-filters]")
    assert (form.get("method"), form.get("action")) == ("get", "/")
    assert tree.xpath("//select[@name='class']/option[@selected]/@value") == ["corticosteroids"]
    agents = tree.xpath("//tr/@data-agent")
    assert agents == sorted(agents)
    assert {"corticosteroids", "prednisone", "clobetasol propionate"} <= set(agents)
    assert "cyclosporine" not in agents
    assert all(tree.xpath("//label//text()[normalize-space()]"))


def test_what_nobody_reported_is_said(store: Store) -> None:
    tree = page(store, organ="nothing-of-the-kind")
    assert "No row of the table answers to all of that" in said(tree)
    assert not tree.xpath("//table")


def test_one_sign_a_patient_on_request(store: Store) -> None:
    assert (
        len(page(store).xpath("//td[@data-label='Reported improved']//li[contains(., 'Marcus')]//use")) == 1
    )
    by_patient = page(store, per="patients")
    assert len(by_patient.xpath("//td[@data-label='Reported improved']//li[contains(., 'Marcus')]//use")) == 7
    opinions = by_patient.xpath("//td[@data-label='Opinion for']//li")
    assert {len(each.xpath(".//use")) for each in opinions} == {1}


def test_an_unknown_number_is_shown_as_unknown(facts: Facts) -> None:
    base = next(mark for mark in facts.marks if mark.item.patients and mark.column == "improved")
    unknown = replace(base, item=replace(base.item, patients=None))
    found = count([unknown])
    assert (found.patients, found.unknown, found.improved) == (0, 1, 0)


def test_a_publication_with_rows_that_differ_is_mixed_and_counts_once(facts: Facts) -> None:
    first = next(mark for mark in facts.marks if mark.column == "improved" and not mark.remark)
    second = replace(first, column="failed", item=replace(first.item, iri=first.item.iri + "-2", patients=3))
    found = count([first, second])
    assert (found.items, found.publications, found.patients, found.mixed) == (2, 1, 3, 3)


def test_links_of_a_static_page_are_relative(store: Store) -> None:
    tree = page(store, SiteLinks(Address("map")))
    for link in tree.xpath("//a/@href | //link/@href | //script/@src | //form/@action"):
        assert not link.startswith(("/", "http:", "file:")), link
    assert not tree.xpath("//button")


def test_hostile_names_are_text(store: Store) -> None:
    hostile = Store()
    evil = Literal('<script>alert(1)</script>\u202e" onload="x', language="en")
    agent = NamedNode(terms.vocabulary("cyclosporine"))
    for quad in store:
        named = quad.subject == agent and quad.predicate.value.endswith("prefLabel")
        hostile.add(Quad(quad.subject, quad.predicate, evil, quad.graph_name) if named else quad)
    tree = page(hostile)
    assert [script.get("src") is None for script in tree.xpath("//script")] == [False]
    assert not tree.xpath("//@onload | //@style")
    assert "<script>alert(1)</script>U+202E" in said(tree)


def many(agents: int, marks: int) -> Facts:
    """Facts of so many agents with so many marks each."""
    named = {f"a{number:04d}": Agent(f"a{number:04d}", f"agent {number:04d}") for number in range(agents)}
    made = []
    for agent in named:
        for number in range(marks):
            iri = f"{terms.DATA}evidence/x/{agent}-{number}"
            made.append(Mark(agent, Item(iri, "x", None, "Lee 2001", iri), "improved", "index"))
    return Facts({}, named, {mark.item.iri: mark.item for mark in made}, tuple(made), ())


@pytest.mark.parametrize(("agents", "marks"), [(351, 8), (200, 1), (3, 900), (1, 1), (0, 0)])
def test_a_map_of_many_agents_is_cut_into_pages(agents: int, marks: int) -> None:
    facts = many(agents, marks)
    pages = paged(facts, list(facts.marks), with_rows(facts.marks))
    assert [agent for each in pages for agent in each] == sorted(facts.agents)
    assert all(len(each) <= AGENTS_A_PAGE for each in pages)
    assert all(len(each) == 1 or len(each) * marks <= MARKS_A_PAGE for each in pages)


def test_a_map_in_files_says_how_far_its_filters_reach(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dress_kg.pages.map.AGENTS_A_PAGE", 10)
    of = map_pages(store)
    assert of > 1
    site = map_page(store, terms.DATA, SiteLinks(Address("map", number=2)), {}, 2)
    server = map_page(store, terms.DATA, ServerLinks(), {}, 2)
    assert site is not None
    assert server is not None
    told = f"each of the {of} pages has its own"
    assert told in site
    assert told not in server
    assert "<noscript>" in site
    assert "<noscript>" not in server


def test_pages_that_are_not_there(store: Store) -> None:
    assert map_pages(store) == 1
    assert map_page(store, terms.DATA, ServerLinks(), {}, 2) is None
    assert map_page(Store(), terms.DATA, ServerLinks()) is not None
    assert wanted({"per": "elephants", "source": "", "organ": "liver"}).parameters() == {"organ": "liver"}
    assert urlencode(wanted({"class": "a b", "per": "patients"}).parameters()) == "class=a+b&per=patients"
