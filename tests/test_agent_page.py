"""The pages of agents: doses against the stored query, regimens, disagreements, and what they say."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from lxml import html
from pyoxigraph import NamedNode, Quad, Store

from dress_kg import terms
from dress_kg.pages.address import Address
from dress_kg.pages.agent import REPORTS_A_PAGE, agent_page
from dress_kg.pages.agent_doses import Axis, axes, flagged
from dress_kg.pages.agent_regimens import Timeline, timeline
from dress_kg.pages.agents import agents_page
from dress_kg.pages.item_model import Item
from dress_kg.pages.item_read import read_item
from dress_kg.pages.links import ServerLinks, SiteLinks
from dress_kg.pages.map_read import read_map
from dress_kg.pages.regimen_words import unit
from dress_kg.queries import load_query, query_folders, resolver, run


@pytest.fixture(scope="module")
def items(store: Store) -> dict[str, Item]:
    read = {iri: read_item(store, terms.DATA, iri) for iri in read_map(store).items}
    return {iri.rpartition("/")[2]: item for iri, item in read.items() if item}


def page(store: Store, agent: str) -> Any:
    made = agent_page(store, terms.DATA, terms.vocabulary(agent), ServerLinks())
    assert made is not None
    return html.document_fromstring(made)


def said(element: Any) -> str:
    return " ".join(element.text_content().split())


def drawn(store: Store, items: dict[str, Item], agent: str) -> list[Axis]:
    return axes(agent, items.values(), flagged(store, agent))


def stored(store: Store) -> Iterator[tuple[str, str | None, str, bool, Decimal | None, Decimal | None, int]]:
    """Agent, what for, unit, whether used, range and number of statements of the stored query."""
    query = load_query("dose-range-per-agent", query_folders(()))
    answer = run(store, query.bind({}, resolver(store)))
    for row in answer.rows:
        value = dict(zip(answer.columns, [getattr(each, "value", None) for each in row], strict=True))
        low, high = (None if value[name] is None else Decimal(str(value[name])) for name in ("low", "high"))
        per = None if value["per"] is None else str(value["per"]).rpartition("/")[2]
        yield (str(value["agent"]), per, str(value["unit"]), value["used"] != "left out", low, high,
               int(str(value["statements"])))  # fmt: skip


def test_axes_hold_what_the_stored_query_uses_and_leave_out_what_it_leaves_out(
    store: Store, items: dict[str, Item]
) -> None:
    words = {"for a day": "day", "for one dose": "dose", "in total": "total", "for a week": "week"}
    expected: dict[tuple[str, str | None, str], list[tuple[bool, Decimal | None, Decimal | None, int]]] = {}
    for agent, per, code, used, low, high, statements in stored(store):
        family = unit(code).replace("µg", "mg")
        family = re.sub(r"^g(?=/|$)", "mg", family)
        expected.setdefault((agent, per, family), []).append((used, low, high, statements))
    assert len(expected) > 12
    seen = set()
    for agent in read_map(store).agents:
        for axis in drawn(store, items, agent):
            family = re.sub(r"^g(?=/|$)", "mg", axis.unit.replace("µg", "mg"))
            key = (agent, words.get(axis.per), family)
            seen.add(key)
            kept = [row for row in expected[key] if row[0]]
            assert len(axis.drawn) == sum(row[3] for row in kept), key
            assert len(axis.left_out) == sum(row[3] for row in expected[key] if not row[0]), key
            if kept:
                assert min(bar.low for bar in axis.drawn) == min(row[1] for row in kept if row[1] is not None)
                assert max(bar.high for bar in axis.drawn) == max(
                    row[2] for row in kept if row[2] is not None
                )
    assert seen == set(expected)


def test_a_flagged_dose_is_beside_the_axis_and_not_on_it(store: Store, items: dict[str, Item]) -> None:
    agent = terms.vocabulary("intravenous-immunoglobulin")
    [per_day] = [axis for axis in drawn(store, items, agent) if axis.per == "for a day"]
    assert per_day.unit == "g/kg"
    assert {bar.cite: bar.warnings for bar in per_day.left_out} == {
        "Kito 2012": ("dose-implausible",),
        "Joly 2012": ("dose-to-verify",),
        "Marcus 2018": ("dose-basis-ambiguous",),
    }
    assert all(bar.start is None for bar in per_day.left_out)
    assert all(
        bar.start is not None and bar.width is not None and bar.start + bar.width <= 100
        for bar in per_day.drawn
    )
    assert (per_day.said, per_day.ticks[0].text) == ("0.5–1", "0")
    box = page(store, "intravenous-immunoglobulin").xpath("//div[@class='left-out']")
    assert any("Kito 2012" in said(each) and "dose-implausible" in said(each) for each in box)


def test_amounts_for_a_day_a_dose_and_in_total_never_share_an_axis(
    store: Store, items: dict[str, Item]
) -> None:
    made = drawn(store, items, terms.vocabulary("cyclosporine"))
    kinds = [(axis.per, axis.unit) for axis in made]
    assert sorted(kinds) == [("for a day", "mg"), ("for a day", "mg/kg"), ("for one dose", "mg")]
    tree = page(store, "cyclosporine")
    assert len(tree.xpath("//figure[contains(@class, 'axis')]")) == 3
    assert not tree.xpath("//@style")


def timeline_of(items: dict[str, Item], key: str) -> Timeline:
    made = timeline(items[key], {})
    assert made is not None
    return made


def test_a_regimen_with_all_lengths_is_to_scale(items: dict[str, Item]) -> None:
    zhang = timeline_of(items, "cyclosporine-zhang-2017")
    assert zhang.length == "41 days"
    [lane] = zhang.lanes
    assert [(block.start, block.width) for block in lane.blocks] == [
        (Decimal(0), Decimal("17.07")),
        (Decimal("17.07"), Decimal("34.15")),
        (Decimal("51.22"), Decimal("48.78")),
    ]


def test_alternatives_stand_side_by_side_and_groups_on_lanes_of_their_own(items: dict[str, Item]) -> None:
    kirchhof = timeline_of(items, "cyclosporine-kirchhof-2016")
    assert [lane.name for lane in kirchhof.lanes] == ["A", "B"]
    first, other = kirchhof.lanes[1].blocks
    assert (first.start, first.alternative) == (other.start, False)
    assert other.alternative


def test_what_has_no_group_comes_before_the_phases_of_a_group(items: dict[str, Item]) -> None:
    cases = timeline_of(items, "cyclosporine-gonzalez-ramos-2016")
    assert cases.length is None
    starts = {lane.name: [block.start for block in lane.blocks] for lane in cases.lanes}
    assert starts[None] == [Decimal(0), Decimal("33.33")]
    assert starts["Case 1"] == starts["Case 2"] == [Decimal("66.67")]


def test_what_was_given_before_stands_before(items: dict[str, Item]) -> None:
    harman = timeline_of(items, "cyclosporine-harman-2003")
    [lane] = harman.lanes
    prior = [block.start for block in lane.blocks if block.role == "prior"]
    index = [block.start for block in lane.blocks if block.role == "index"]
    assert prior == [Decimal(0), Decimal(0)]
    assert index == [Decimal(50)]
    assert timeline(items["cyclosporine-husain-2013"], {}) is None


def test_cyclosporine_reports_side_by_side_and_who_disagrees(store: Store) -> None:
    tree = page(store, "cyclosporine")
    assert "12 rows, 12 publications, 11 patients" in said(tree.xpath("//section[@class='parts']")[0])
    rows = tree.xpath("//table[@class='reports']/tbody/tr")
    own = [row for row in rows if row.get("class") == "own"]
    assert len(own) == 12
    zhang = said(next(row for row in rows if "Zhang 2017" in said(row)))
    assert "diabetes mellitus, attributed to corticosteroids" in zhang
    assert "curated" in zhang
    assert "level 3, grade D" in zhang
    sides = [said(each) for each in tree.xpath("//div[@class='side']")]
    assert len(sides) == 2
    assert all(name in sides[0] for name in ("2 patients", "Harman 2003", "Zhang 2017", "Bomersmbach 2016"))
    assert all(
        name in sides[1] for name in ("3 patients", "Daoulah 2012", "Lee 2008", "with corticosteroids")
    )
    assert "never who is right" in said(tree)


def test_an_agent_named_in_passing_says_that_no_row_is_about_it(store: Store) -> None:
    tree = page(store, "corticosteroids")
    assert "No row of the table is about it" in said(tree)
    assert "7 rows on other treatments say something of it in passing" in said(tree)
    culprit = page(store, "allopurinol")
    assert "Named as the culprit drug in" in said(culprit)


def test_identifiers_are_named_and_lead_to_web_addresses_only(store: Store) -> None:
    tree = page(store, "cyclosporine")
    found = {said(each.xpath("./dt")[0]): said(each.xpath("./dd")[0]) for each in tree.xpath("//dl/div[dt]")}
    assert found["Wikidata"] == "Q367700 the same"
    assert {"ChEBI", "UNII", "RxNorm", "MeSH", "ATC", "DrugBank"} <= set(found)
    hostile = Store()
    for quad in store:
        evil = quad.subject.value == terms.vocabulary("cyclosporine") and quad.predicate.value.endswith(
            "exactMatch"
        )
        match = NamedNode("javascript:alert(1)") if evil else quad.object
        hostile.add(Quad(quad.subject, quad.predicate, match, quad.graph_name))
    assert not page(hostile, "cyclosporine").xpath("//a[starts-with(@href, 'javascript')]")


def test_every_agent_has_a_page_that_is_small_and_says_that_nothing_works(store: Store) -> None:
    facts = read_map(store)
    for iri in facts.agents:
        made = agent_page(store, terms.DATA, iri, SiteLinks(Address("agent", iri)))
        assert made is not None
        assert len(made.encode()) < 300_000
        tree: Any = html.document_fromstring(made)
        for quoted in tree.xpath("//q"):
            quoted.drop_tree()
        assert not re.search(r"\b(works?|worked|verdicts?)\b", said(tree), re.I), iri
        assert len(tree.xpath("//tbody/tr")) == len(
            {mark.item.iri for mark in facts.marks if mark.agent == iri}
            | {item.iri for item in facts.items.values() if any(each.agent == iri for each in item.partners)}
        )
        for link in tree.xpath("//a/@href"):
            assert not link.startswith("/"), link


def test_pages_that_are_not_there(store: Store) -> None:
    links = ServerLinks()
    assert agent_page(store, terms.DATA, terms.vocabulary("aspirin"), links) is None
    assert agent_page(store, terms.DATA, terms.vocabulary("cyclosporine"), links, 2) is None
    assert agents_page(store, terms.DATA, links, 2) is None
    assert REPORTS_A_PAGE > 12


def test_the_list_of_agents_counts_as_the_map_does(store: Store) -> None:
    made = agents_page(store, terms.DATA, ServerLinks())
    assert made is not None
    tree: Any = html.document_fromstring(made)
    lines = {
        said(row.xpath("./th/a")[0]): [said(cell) for cell in row.xpath("./td")]
        for row in tree.xpath("//tbody/tr")
    }
    assert set(lines) == {agent.name for agent in read_map(store).agents.values()}
    assert lines["cyclosporine"] == [
        "immunosuppressants",
        "12",
        "12",
        "11",
        "2",
        "3",
        "",
        "4",
        "6",
        "",
        "1",
        "",
        "",
    ]
    assert lines["intravenous immunoglobulin"][3] == "18 + 1 inferred"
    assert lines["cidofovir"][3] == ""


def test_doses_of_what_came_before_or_after_say_so(store: Store) -> None:
    made = agent_page(store, terms.DATA, terms.vocabulary("cyclosporine"), ServerLinks())
    assert made is not None
    page: Any = html.fromstring(made)
    doses = [each.text_content() for each in page.xpath("//ul[@class='doses']/li")]
    assert "prednisolone 40 mg a day (given before cyclosporine)" in doses
    assert "mycophenolate 1500 mg twice daily (given after cyclosporine, inferred)" in doses
    assert "methylprednisolone 60 mg a day for 1 month" in doses
