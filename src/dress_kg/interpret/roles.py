"""Agents named only outside the DRUG cell, and their part: prior, concomitant, subsequent or only mentioned.

What failed came before; what worked after the row's treatment had failed came after it; what is listed
with the
row's treatment was given with it. An agent that advice names as a condition ("patients who do not respond to
A") was given to nobody, unless the advice orders the two in time ("used after A"): that is inferred.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise

from dress_kg.interpret.clause import Part, Sentence, stretches
from dress_kg.interpret.cues import cue_book
from dress_kg.interpret.finding import about_strategy, specific
from dress_kg.interpret.mentions import AgentFinder, Named, Use, groups, joint
from dress_kg.interpret.prose import passages
from dress_kg.records import (
    Agent,
    Basis,
    Component,
    Culprit,
    Direction,
    Finding,
    FindingKind,
    Role,
    Selection,
    Strategy,
)

_STRENGTH = (Role.PRIOR, Role.SUBSEQUENT, Role.CONCOMITANT, Role.MENTIONED)
_CUES = {
    "roles.prior_before": Role.PRIOR,
    "roles.subsequent_before": Role.SUBSEQUENT,
    "roles.concomitant_before": Role.CONCOMITANT,
}


@dataclass(slots=True)
class _Part:
    """What is gathered of one agent over the row."""

    agent: Agent
    roles: dict[Role, Basis] = field(default_factory=dict)
    general: list[Selection] = field(default_factory=list)
    told: list[Selection] = field(default_factory=list)

    def add(self, role: Role, basis: Basis = Basis.STATED) -> None:
        """Note a role; what is stated outweighs what is inferred."""
        if self.roles.get(role) is not Basis.STATED:
            self.roles[role] = basis

    def words(self) -> tuple[Selection, ...]:
        """The mentions that tell of the patients; those of general advice only where there are no others."""
        return tuple(dict.fromkeys(self.told or self.general))

    def role(self) -> tuple[Role, Basis] | None:
        """The role that says most, or None where no mention gives one."""
        return next(((role, self.roles[role]) for role in _STRENGTH if role in self.roles), None)


@dataclass(frozen=True, slots=True)
class _Place:
    """A mention in its sentence; `lead` is what stands before it in its stretch."""

    sentence: Sentence
    named: Named
    run: tuple[Named, ...]
    advice: bool
    hypothetical: bool
    lead: str


def read_other_agents(
    cells: Mapping[str, str],
    strategy: Strategy | None,
    lexicon: AgentFinder,
    findings: tuple[Finding, ...] = (),
    culprits: tuple[Culprit, ...] = (),
) -> tuple[Component, ...]:
    """The agents named only in other cells than DRUG, with their role, in the order of the cells.

    An agent of the DRUG cell is given again only where another cell gives it a part of its own, before or
    after.
    :param findings: the row's findings, which tell what failed and what worked.
    :param culprits: the drugs held to have caused the reaction; they are no treatments.
    """
    blamed = {c.agent.id for c in culprits}
    places = [p for p in _places(cells, lexicon, strategy) if p.named.agent.id not in blamed]
    names = [p.named.agent for p in places]
    parts: dict[str, _Part] = {}
    for place in places:
        agent = specific(place.named.agent, names)
        part = parts.setdefault(agent.id, _Part(agent))
        role = _role_in_place(place, strategy)
        if role is not None:
            part.add(*role)
            mention = place.sentence.select(place.named.start, place.named.end)
            (part.general if place.advice else part.told).append(mention)
    _by_findings(parts, findings, strategy)
    _with_partners(parts, places, strategy)
    made = (_component(part, strategy) for part in parts.values())
    return tuple(component for component in made if component is not None)


def _places(cells: Mapping[str, str], lexicon: AgentFinder, strategy: Strategy | None) -> Iterable[_Place]:
    book = cue_book()
    for passage in passages(cells, lexicon, strategy):
        sentence = passage.sentence
        usable = [n for n in passage.named if n.use in {Use.GIVEN, Use.PARTNER, Use.HARMFUL}]
        if not usable:
            continue
        advice = passage.advice
        parts = stretches(sentence.text, advice=advice)
        runs = groups(sentence.text, usable, [part.start for part in parts])
        for one in usable:
            part = next(s for s in parts if s.start <= one.start < s.end)
            marker = (part.marker or "").casefold()
            possible = part.part is Part.CONDITION and (
                advice or marker.startswith(("if", "unless", "in case"))
            )
            run = next(r for r in runs if one in r)
            lead = sentence.text[part.start : one.start]
            asked = book.first("modality.unknown", lead) is not None
            yield _Place(sentence, one, run, advice, possible or asked, lead)


def _role_in_place(place: _Place, strategy: Strategy | None) -> tuple[Role, Basis] | None:
    text, book, named = place.sentence.text, cue_book(), place.named
    if place.hypothetical:
        ordered = book.first("roles.after", place.lead) is not None
        return (Role.PRIOR, Basis.INFERRED) if ordered else None
    for group, role in _CUES.items():
        if book.before(group, text, place.run[0].start) or book.before(group, text, named.start):
            general = place.advice and role is Role.PRIOR  # of no patient in particular
            return role, Basis.INFERRED if general else Basis.STATED
    if named.use is Use.PARTNER:
        return None
    return _role_in_list(place, strategy)


def _role_in_list(place: _Place, strategy: Strategy | None) -> tuple[Role, Basis] | None:
    """The role that being listed with the row's treatment gives, or not being listed with it."""
    text, named = place.sentence.text, place.named
    own = [n for n in place.run if about_strategy((n.agent,), strategy, by_class=False)]
    if strategy is None or not own or named in own:
        return Role.MENTIONED, Basis.STATED
    if _alternative(text, place.run):
        return None  # "A or B are effective": B is another choice, the finding on it says so
    if (order := _order(text, place.run, named, own)) is not None:
        return order, Basis.STATED
    if place.advice and not joint(text, place.run):
        return Role.MENTIONED, Basis.STATED
    return Role.CONCOMITANT, Basis.STATED


def _alternative(text: str, run: tuple[Named, ...]) -> bool:
    return any(re.search(r"\bor\b", text[a.end : b.start], re.IGNORECASE) for a, b in pairwise(run))


def _order(text: str, run: tuple[Named, ...], named: Named, own: list[Named]) -> Role | None:
    """As in "A followed by B": B came after A."""
    for first, second in pairwise(run):
        if "followed by" in text[first.end : second.start].casefold():
            if named.start >= second.start and own[0].end <= first.end:
                return Role.SUBSEQUENT
            if named.end <= first.end and own[0].start >= second.start:
                return Role.PRIOR
    return None


def _by_findings(
    parts: Mapping[str, _Part], findings: tuple[Finding, ...], strategy: Strategy | None
) -> None:
    """Who failed came before, who worked after the row's treatment had failed came after."""
    told = [f for f in findings if f.kind is FindingKind.REPORTED_OUTCOME and f.targets]
    failed = [
        f
        for f in told
        if f.direction is Direction.NOT_EFFECTIVE and about_strategy(f.targets, strategy, by_class=False)
    ]
    together = {f.selections[0] for f in failed}
    own = set() if strategy is None else {c.agent.id for c in strategy.components}
    for finding in told:
        if about_strategy(finding.targets, strategy, by_class=False):
            continue
        for target in finding.targets:
            part = parts.get(target.id)
            if part is None or (target.id in own and finding.selections[0] in together):
                continue
            if finding.direction is Direction.NOT_EFFECTIVE:
                part.add(Role.PRIOR)
            elif finding.direction is Direction.EFFECTIVE and failed:
                part.add(Role.SUBSEQUENT)


def _with_partners(parts: Mapping[str, _Part], places: list[_Place], strategy: Strategy | None) -> None:
    """What another cell lists with an agent of known part had that part too ("rituximab + mycophenolate")."""
    for place in places:
        part = parts.get(place.named.agent.id)
        if part is None or place.sentence.field == "comments" or set(part.roles) - {Role.MENTIONED}:
            continue
        for partner in place.run:
            other = parts.get(partner.agent.id)
            found = None if other is None or other is part else other.role()
            if found is not None and found[0] is not Role.MENTIONED:
                part.add(found[0], Basis.INFERRED)


def _component(part: _Part, strategy: Strategy | None) -> Component | None:
    found = part.role()
    if found is None or not part.words():
        return None
    role, basis = found
    for own in () if strategy is None else strategy.components:
        if part.agent.id in own.agent.broader:
            return None  # "antivirals" in a row on ganciclovir is the same treatment
        if own.agent.id == part.agent.id:
            apart = own.role in {Role.CONCOMITANT, Role.EXCLUDED} and role in {Role.PRIOR, Role.SUBSEQUENT}
            if not apart:
                return None
    return Component(part.agent, role, part.words(), basis, in_strategy=False)
