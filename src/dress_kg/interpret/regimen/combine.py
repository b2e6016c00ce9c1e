"""The steps of a row: its DOSE and INTERVAL cells together, with the agents of its strategy."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

from dress_kg.interpret.interval import IntervalReading
from dress_kg.interpret.regimen.grammar import phrases
from dress_kg.interpret.regimen.phrases import Word
from dress_kg.interpret.regimen.reading import DoseReading, Lexicon
from dress_kg.records import (
    Agent,
    AgentKind,
    Cycle,
    RegimenStep,
    Role,
    Selection,
    Strategy,
)

Routes = Mapping[str, tuple[str, Selection]]


def combine(
    dose: DoseReading,
    interval: IntervalReading | None,
    strategy: Strategy | None,
    *,
    routes: Routes | None = None,
) -> tuple[RegimenStep, ...]:
    """The regimen steps of a row, in order.

    A step that names no agent gets the strategy's one index agent; no agent where there are several, or
    where an unknown name stands in its place. Duration and cycle come from the INTERVAL cell where the
    dose statement has none (`duration_basis` "interval") and the interval is said of one phase: of
    several doses in sequence it is the whole. `routes` are those the DRUG cell prints with an agent
    (:func:`stated_routes`); a name that states a route (IVIG) gives it with `route_basis` "agent name".
    """
    index = _index_agent(strategy)
    own = {c.agent.id: c.agent for c in strategy.components} if strategy is not None else {}
    steps = [_named(_as_in_strategy(step, own), index, dose.unnamed) for step in dose.steps]
    if interval is not None:
        steps = _with_courses(steps, [_named(c, None, frozenset()) for c in interval.courses])
        last = max((step.phase for step in steps), default=0)
        later = [_named(step, index, interval.unnamed) for step in interval.steps]
        steps += [replace(step, phase=step.phase + last) for step in later]
    routed = (_routed(step, routes or {}) for step in steps)
    return tuple(
        step if step.order == order else replace(step, order=order)
        for order, step in enumerate(routed, start=1)
    )


def stated_routes(text: str, lexicon: Lexicon, *, field: str = "drug") -> dict[str, tuple[str, Selection]]:
    """Routes printed right beside an agent ("Oral prednisone"), by the agent's id."""
    found = [p for p in phrases(text, tuple(lexicon.find(text))) if not p.is_word("filler")]
    routes: dict[str, tuple[str, Selection]] = {}
    for one, other in pairwise(found):
        route, agent = (one, other) if isinstance(other.value, Agent) else (other, one)
        if isinstance(agent.value, Agent) and isinstance(route.value, Word) and route.value.kind == "route":
            exact = Selection(field, route.start, route.end, text[route.start : route.end])
            routes.setdefault(agent.value.id, (route.value.value, exact))
    return routes


def _index_agent(strategy: Strategy | None) -> Agent | None:
    """The one agent that a dose without a name must be of, or None."""
    if strategy is None:
        return None
    inside = [c for c in strategy.components if c.in_strategy]
    index = [c.agent for c in inside if c.role is Role.INDEX]
    if not index and len(inside) == 1 and inside[0].role is Role.ALTERNATIVE:
        index = [inside[0].agent]
    return index[0] if len(index) == 1 else None


def _as_in_strategy(step: RegimenStep, own: Mapping[str, Agent]) -> RegimenStep:
    """The step with the agent as the strategy has it: "gemcitabine" is its "Gemcitabine"."""
    same = None if step.agent is None else own.get(step.agent.id)
    return step if same is None or same == step.agent else replace(step, agent=same)


def _named(step: RegimenStep, index: Agent | None, unnamed: frozenset[int]) -> RegimenStep:
    if step.agent is not None or index is None or step.order in unnamed:
        return step
    measured = step.unit is not None
    return step if measured and index.kind is AgentKind.PROCEDURE else replace(step, agent=index)


def _routed(step: RegimenStep, routes: Routes) -> RegimenStep:
    if step.route is not None or step.agent is None:
        return step
    if step.agent.id in routes:
        route, selection = routes[step.agent.id]
        return replace(step, route=route, route_basis="stated", selections=(*step.selections, selection))
    if step.agent.route is not None:
        return replace(step, route=step.agent.route, route_basis="agent name")
    return step


def _with_courses(steps: Sequence[RegimenStep], courses: Iterable[RegimenStep]) -> list[RegimenStep]:
    """The steps, with the time that the INTERVAL cell states for them."""
    out = list(steps)
    for course in courses:
        meant = [n for n, step in enumerate(out) if _is_meant(course, step, out)]
        if len({(out[n].group, out[n].phase) for n in meant}) == 1:
            for n in meant:
                out[n] = _filled(out[n], course)
    return out


def _is_meant(course: RegimenStep, step: RegimenStep, steps: Sequence[RegimenStep]) -> bool:
    if course.agent is not None and course.agent != step.agent:
        return False
    return course.group is None or step.group == course.group or all(s.group is None for s in steps)


def _filled(step: RegimenStep, course: RegimenStep) -> RegimenStep:
    """A step with what a course adds; nothing that the dose statement says itself is changed."""
    before = step
    cycle = _merged(step.cycle, course)
    if course.duration_unit is not None and step.duration_unit is None and step.count is None:
        if cycle is not None and cycle.every_low is not None and step.cycle is not None:
            cycle = replace(cycle, for_value=course.duration, for_unit=course.duration_unit)
        else:
            step = replace(
                step,
                duration=course.duration,
                duration_max=course.duration_max,
                duration_unit=course.duration_unit,
                duration_basis="interval",
            )
    if step.frequency is None and step.basis_per in (None, "dose") and course.frequency is not None:
        step = replace(
            step,
            frequency=course.frequency,
            frequency_max=course.frequency_max,
            period=course.period,
            period_max=course.period_max,
            period_unit=course.period_unit,
            basis_per="dose" if step.low is not None or step.high is not None else None,
        )
    step = step if cycle is step.cycle else replace(step, cycle=cycle)
    return step if step == before else replace(step, selections=(*step.selections, course.selections[0]))


def _merged(cycle: Cycle | None, course: RegimenStep) -> Cycle | None:
    """The cycle of a step with that of a course; "2 doses" counts the repetitions."""
    other = course.cycle
    count = course.count if other is None or other.count is None else other.count
    if other is None and count is None:
        return cycle
    own = cycle or Cycle()
    other = other or Cycle()
    every = own if own.every_low is not None else other
    whole = own if own.for_value is not None else other
    return Cycle(
        every.every_low,
        every.every_high,
        every.every_unit,
        whole.for_value,
        whole.for_unit,
        own.count if own.count is not None else count,
    )
