"""The evidence map: agents by what is reported of them, one mark a report. The home page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from urllib.parse import urlencode

import pyoxigraph as ox

from dress_kg.pages.layout import render
from dress_kg.pages.links import Links
from dress_kg.pages.map_cases import cases
from dress_kg.pages.map_count import count, words
from dress_kg.pages.map_filter import Wanted, choices, fitting, wanted
from dress_kg.pages.map_model import Facts, Mark, Totals
from dress_kg.pages.map_read import read_map
from dress_kg.pages.map_view import STATEMENTS, Layout, groups, legend, void, with_rows
from dress_kg.pages.sources import read_sources
from dress_kg.picture.offer import NAMES, offered

MARKS_A_PAGE = 350
AGENTS_A_PAGE = 40
OPEN_AT_MOST = 12
"""Marks of a cell that stand open; more are folded behind their number."""


def map_page(
    store: ox.Store,
    base: str,
    links: Links,
    params: Mapping[str, str] | None = None,
    number: int = 1,
) -> str | None:
    """The page of a map; None where there is no page of that number.

    :param params: of the address: `source`, those of :data:`map_filter.FILTERS`, and `per`.
    :param number: of the page, for a map of many agents; counted from 1.
    """
    facts = read_map(store)
    want = wanted(params or {})
    pages = _plan(facts, want)
    if not 1 <= number <= len(pages):
        return None
    source, here = pages[number - 1]
    all_marks = [mark for mark in facts.marks if source and mark.item.source == source.id]
    marks = fitting(all_marks, want.chosen, facts)
    layout = Layout(facts, links, cases(all_marks), want.per)
    disputes = [] if want.chosen else [each for each in facts.disputes if source and each.source == source.id]
    rows = layout.rows((mark for mark in marks if mark.agent in here), disputes, with_rows(all_marks))
    shown_cases = [case for case in layout.cases.values() if any(m.item.case == case.iri for m in marks)]
    asked = f"?{urlencode(want.parameters())}" if links.live and want.parameters() else ""
    return render(
        "map.html.jinja",
        links,
        title="Evidence map",
        sources=read_sources(store, base),
        here="map",
        facts=facts,
        source=source,
        conditions=_conditions(facts, all_marks),
        rows=rows,
        groups=groups(),
        legend=legend(rows),
        choices=choices(all_marks, facts, want),
        want=want,
        cases=shown_cases,
        total=count(marks),
        marks=len(marks),
        all_marks=len(all_marks),
        number=number,
        pages=len(pages),
        page_link=lambda each: links.page("map", each) + asked,
        void=void(rows),
        warned=any(mark.item.warnings for mark in marks if mark.agent in here),
        words=words,
        statements=STATEMENTS,
        pictures=NAMES.values()
        if source and source.id == next(iter(facts.sources)) and offered(facts)
        else (),
        open_at_most=OPEN_AT_MOST,
        partners=[facts.agents[each] for each in (source.partners_only if source else ())],
    )


def map_pages(store: ox.Store) -> int:
    """How many pages the map has when nothing is filtered."""
    return len(_plan(read_map(store), wanted({})))


def _plan(facts: Facts, want: Wanted) -> list[tuple[Totals | None, frozenset[str]]]:
    """The source and the agents of each page: one source after the other where none is asked for."""
    named = [facts.sources[want.source]] if want.source in facts.sources else list(facts.sources.values())
    plan: list[tuple[Totals | None, frozenset[str]]] = []
    for source in named:
        own = [mark for mark in facts.marks if mark.item.source == source.id]
        for agents in paged(facts, fitting(own, want.chosen, facts), with_rows(own)):
            plan.append((source, frozenset(agents)))
    return plan or [(None, frozenset())]


def paged(facts: Facts, marks: list[Mark], own: frozenset[str]) -> list[list[str]]:
    """The agents of each page, in the order of the map; at least one page, which may be empty.

    A page is full when it has so many agents or marks; an agent is never cut.
    """
    weight = Counter(mark.agent for mark in marks)
    agents = sorted(weight, key=lambda each: (each not in own, facts.agents[each].name.lower(), each))
    pages: list[list[str]] = [[]]
    held = 0
    for agent in agents:
        full = len(pages[-1]) >= AGENTS_A_PAGE or held + weight[agent] > MARKS_A_PAGE
        if pages[-1] and full:
            pages.append([])
            held = 0
        pages[-1].append(agent)
        held += weight[agent]
    return pages


def _conditions(facts: Facts, marks: list[Mark]) -> list[str]:
    return sorted({facts.names.get(mark.item.condition, "") for mark in marks if mark.item.condition} - {""})
