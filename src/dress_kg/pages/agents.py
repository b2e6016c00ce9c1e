"""The list of agents: what the rows name, with how many rows, publications and patients each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pyoxigraph as ox

from dress_kg.pages.layout import render
from dress_kg.pages.links import Links
from dress_kg.pages.map_count import Count, count
from dress_kg.pages.map_model import COLUMNS, Agent, Facts, Mark
from dress_kg.pages.map_read import read_map
from dress_kg.pages.sources import read_sources

AGENTS_A_PAGE = 150
_ELSE = {
    "concomitant": "partner",
    "prior": "given before",
    "subsequent": "given after",
    "excluded": "left out",
    "mentioned": "mentioned",
    "culprit": "culprit",
}


@dataclass(frozen=True, slots=True)
class Line:
    """An agent of the list.

    :ivar patients: their number; `?` where none is printed, empty where no row on it reports on patients.
    :ivar columns: the marks in each column of the map, remarks left out. :ivar roles: what else rows call it.
    """

    agent: Agent
    count: Count
    patients: str
    columns: tuple[int, ...]
    roles: tuple[str, ...]


def agents_page(store: ox.Store, base: str, links: Links, number: int = 1) -> str | None:
    """The list of agents; None where there is no page of that number, counted from 1."""
    facts = read_map(store)
    lines = _lines(facts)
    pages = max(1, -(-len(lines) // AGENTS_A_PAGE))
    if not 1 <= number <= pages:
        return None
    return render(
        "agents.html.jinja",
        links,
        title="Agents",
        sources=read_sources(store, base),
        here="agents",
        lines=lines[(number - 1) * AGENTS_A_PAGE : number * AGENTS_A_PAGE],
        columns=COLUMNS,
        total=len(lines),
        own=sum(line.count.items > 0 for line in lines),
        number=number,
        pages=pages,
        page_link=lambda each: links.page("agents", each),
    )


def _lines(facts: Facts) -> list[Line]:
    marks: dict[str, list[Mark]] = {agent: [] for agent in facts.agents}
    for mark in facts.marks:
        marks[mark.agent].append(mark)
    roles: dict[str, set[str]] = {agent: set() for agent in facts.agents}
    for item in facts.items.values():
        for partner in item.partners:
            roles[partner.agent].add(partner.role)
        for culprit in item.culprits:
            roles.setdefault(culprit, set()).add("culprit")
    lines = [_line(facts.agents[agent], there, roles[agent]) for agent, there in marks.items()]
    return sorted(lines, key=lambda line: (line.count.items == 0, line.agent.name.lower(), line.agent.iri))


def _line(agent: Agent, marks: Sequence[Mark], roles: set[str]) -> Line:
    counted = count(marks)
    known = counted.patients or counted.inferred
    patients = str(counted.patients) if known else "?" if counted.unknown or counted.unsaid else ""
    if counted.inferred:
        patients += f" + {counted.inferred} inferred"
    own = [mark for mark in marks if not mark.remark]
    return Line(
        agent,
        counted,
        patients,
        tuple(sum(mark.column == column.key for mark in own) for column in COLUMNS),
        tuple(word for role, word in _ELSE.items() if role in roles),
    )
