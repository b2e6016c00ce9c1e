"""The page of an agent: its reports side by side, doses on axes, regimens as timelines, who disagrees."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pyoxigraph as ox

from dress_kg.pages.agent_doses import axes, flagged
from dress_kg.pages.agent_read import describe, disagreements, publications
from dress_kg.pages.agent_regimens import Timeline, timeline
from dress_kg.pages.dose_sentences import given_apart
from dress_kg.pages.graph import Graph
from dress_kg.pages.item_facts import DIRECTIONS
from dress_kg.pages.item_model import Item, Statement
from dress_kg.pages.item_read import read_item
from dress_kg.pages.layout import render
from dress_kg.pages.links import Links
from dress_kg.pages.map_cases import Case, cases
from dress_kg.pages.map_count import Count, count, words
from dress_kg.pages.map_filter import ROLES
from dress_kg.pages.map_model import COLUMNS, Facts, Mark
from dress_kg.pages.map_read import read_map
from dress_kg.pages.map_view import Layout, Shown, legend_of
from dress_kg.pages.regimen_words import step_words
from dress_kg.pages.rows import rows
from dress_kg.pages.sources import read_sources

REPORTS_A_PAGE = 25


@dataclass(frozen=True, slots=True)
class Said:
    """A statement of a row. :ivar about: what it is about, None where that is the agent of the page alone."""

    direction: str
    tag: str
    about: str | None
    statement: Statement


@dataclass(frozen=True, slots=True)
class Report:
    """A row of the table on the page of an agent.

    :ivar shown: its marks on the map, the first of which gives its sign.
    :ivar own: whether the row is about the agent. :ivar role: of the agent in it.
    :ivar main: what it says of the agent. :ivar also: what it says of others.
    :ivar warnings: rules of quality findings on the row, those of severity info left out.
    """

    item: Item
    shown: tuple[Shown, ...]
    own: bool
    main: tuple[Said, ...]
    also: tuple[Said, ...]
    doses: tuple[str, ...]
    role: str
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """What rows say of the agent in one role, counted; with the number of its marks by column."""

    role: str
    count: Count
    columns: tuple[tuple[str, str, int], ...]


def agent_page(store: ox.Store, base: str, iri: str, links: Links, number: int = 1) -> str | None:
    """The page of an agent.

    :param number: of the page, where there are many reports; counted from 1.
    :returns: None where no row names the agent, or there is no page of that number.
    """
    facts = read_map(store)
    if iri not in facts.agents:
        return None
    marks = [mark for mark in facts.marks if mark.agent == iri]
    named = [each for each in facts.items.values() if any(other.agent == iri for other in each.partners)]
    order = dict.fromkeys([mark.item.iri for mark in sorted(marks, key=lambda mark: mark.remark)])
    order |= dict.fromkeys(item.iri for item in named)
    pages = max(1, -(-len(order) // REPORTS_A_PAGE))
    if not 1 <= number <= pages:
        return None
    here = list(order)[(number - 1) * REPORTS_A_PAGE : number * REPORTS_A_PAGE]
    graph = Graph(store)
    described = describe(graph, iri, facts)
    layout = Layout(facts, links, _cases(facts, marks), "reports")
    reports = [_report(item, iri, marks, layout) for each in here if (item := read_item(store, base, each))]
    warnings = flagged(store, iri)
    dosed = _dosed(store, base, iri, {report.item.iri: report.item for report in reports})
    return render(
        "agent.html.jinja",
        links,
        title=described.name,
        sources=read_sources(store, base),
        here="agents",
        agent=described,
        parts_of_rows=_parts(marks),
        passing=count_remarks(marks),
        reports=reports,
        legend=legend_of(shown for report in reports for shown in report.shown),
        axes=axes(iri, dosed, warnings) if number == 1 else [],
        timelines=_timelines(dosed, store) if number == 1 else [],
        disagreements=disagreements(store, iri, facts) if number == 1 else (),
        publications=publications(graph, {mark.item.publication for mark in marks}) if number == 1 else (),
        culprit_in=[item for item in facts.items.values() if iri in item.culprits],
        cases=list(layout.cases.values()),
        directions=DIRECTIONS,
        roles=ROLES,
        words=words,
        number=number,
        pages=pages,
        page_link=lambda each: links.agent(iri, each),
        total=len(order),
    )


def _cases(facts: Facts, marks: Sequence[Mark]) -> dict[str, Case]:
    """The cases that rows on the agent share, with all their rows, under the letters of the map."""
    sources = {mark.item.source for mark in marks}
    own = {mark.item.case for mark in marks}
    found = cases(mark for mark in facts.marks if mark.item.source in sources)
    return {iri: case for iri, case in found.items() if iri in own}


def _parts(marks: Sequence[Mark]) -> list[Part]:
    """By role, index first; what is said in passing has no part."""
    by_role: dict[str, list[Mark]] = {}
    for mark in marks:
        if not mark.remark and mark.column != "harm":
            by_role.setdefault(mark.role, []).append(mark)
    return [
        Part(
            role,
            count(there),
            tuple((column.key, column.name, number) for column in COLUMNS
                  if (number := sum(mark.column == column.key for mark in there))),
        )
        for role, there in sorted(by_role.items(), key=lambda pair: pair[0] != "index")
    ]  # fmt: skip


def count_remarks(marks: Sequence[Mark]) -> int:
    """The rows on something else that say something of the agent in passing."""
    return len({mark.item.iri for mark in marks if mark.remark})


def _report(item: Item, agent: str, marks: Sequence[Mark], layout: Layout) -> Report:
    mine = [mark for mark in marks if mark.item.iri == item.iri]
    main: list[Said] = []
    also: list[Said] = []
    own = any(not mark.remark and mark.column != "harm" for mark in mine)
    for each in item.facts.statements:
        targets = [target.label for target in each.targets if target.iri != agent]
        on_it = any(target.iri == agent for target in each.targets) or (own and (each.whole or each.primary))
        about = ", ".join(targets) if targets else None
        said = Said(each.direction, DIRECTIONS.get(each.direction, each.direction), about, each)
        (main if on_it else also).append(said)
    roles = [each.role for each in item.facts.components if each.agent.iri == agent]
    apart = given_apart(item.facts)
    doses = [
        step_words(step) + (f" ({apart[step.agent.iri]})" if step.agent and step.agent.iri in apart else "")
        for step in item.facts.steps
    ]
    return Report(
        item,
        tuple(layout.show(mark) for mark in mine),
        own,
        tuple(main),
        tuple(also),
        tuple(doses),
        (mine[0].role if mine else None) or (roles[0] if roles else "mentioned"),
        layout.facts.items[item.iri].warnings,
    )


def _dosed(store: ox.Store, base: str, agent: str, read: dict[str, Item]) -> list[Item]:
    """The items that print a dose of the agent."""
    query = "SELECT DISTINCT ?item { ?step dk:agent ?agent . ?item dk:step ?step } ORDER BY ?item"
    found = []
    for (iri,) in rows(store, query, agent=agent):
        item = (read.get(iri) or read_item(store, base, iri)) if iri else None
        if item:
            found.append(item)
    return found


def _timelines(items: Sequence[Item], store: ox.Store) -> list[Timeline]:
    """The timelines of the items, with the warnings on all their doses."""
    agents = {step.agent.iri for item in items for step in item.facts.steps if step.agent}
    warnings = {step: rules for agent in agents for step, rules in flagged(store, agent).items()}
    made = (timeline(item, warnings) for item in items)
    return [each for each in made if each]
