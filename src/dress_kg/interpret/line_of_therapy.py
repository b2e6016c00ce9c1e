"""The line of therapy of a row: first, second, third, steroid-sparing where printed; rescue, adjunct
inferred.

A line that the text prints for the row's treatment is stated. Where none is printed, treatment after
another one
that failed is second-line, after one that the disease resisted or worsened under it is rescue; both are
inferred.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from dress_kg.interpret.clause import Sentence
from dress_kg.interpret.cues import Cue, cue_book
from dress_kg.interpret.finding import about_strategy
from dress_kg.interpret.mentions import AgentFinder, Named, Use
from dress_kg.interpret.prose import passages
from dress_kg.records import (
    Basis,
    Component,
    Direction,
    Finding,
    FindingKind,
    LineOfTherapy,
    Role,
    Selection,
    Strategy,
)

_PRINTED = {
    "line.first": ("first-line", Basis.STATED),
    "line.second": ("second-line", Basis.STATED),
    "line.third": ("third-line", Basis.STATED),
    "line.sparing": ("steroid-sparing", Basis.STATED),
    "line.rescue": ("rescue", Basis.INFERRED),
    "line.adjunct": ("adjunct", Basis.INFERRED),
}


def read_lines_of_therapy(
    cells: Mapping[str, str],
    strategy: Strategy | None,
    lexicon: AgentFinder,
    findings: tuple[Finding, ...] = (),
    others: tuple[Component, ...] = (),
) -> tuple[LineOfTherapy, ...]:
    """The lines of therapy of a row's treatment; empty where nothing tells.

    :param findings: the row's findings. :param others: the agents of other cells with their role.
    """
    made: dict[str, LineOfTherapy] = {}
    unrelieved: list[Selection] = []
    for passage in passages(cells, lexicon, strategy):
        sentence, named = passage.sentence, passage.named
        for cue in cue_book().find(sentence.text, _PRINTED):
            if _of_row(sentence, cue, named, strategy):
                value, basis = _PRINTED[cue.group]
                made.setdefault(value, LineOfTherapy(value, basis, (sentence.select(cue.start, cue.end),)))
        for cue in cue_book().find(sentence.text, ["line.unrelieved", "outcome.negative_suffix"]):
            if not _of_own_failure(sentence, cue, named, strategy):
                unrelieved.append(sentence.select(cue.start, cue.end))
    if not {"first-line", "second-line", "third-line", "rescue"} & made.keys():
        for line in _inferred(strategy, unrelieved, findings, others):
            made[line.value] = line
    return tuple(made.values())


def _of_row(sentence: Sentence, cue: Cue, named: tuple[Named, ...], strategy: Strategy | None) -> bool:
    """Whether a printed line is the line of the row's treatment, not of another agent in the sentence."""
    denied = cue_book().find(sentence.text, ["modality.negation"])
    if any(0 <= cue.start - n.end <= 25 for n in denied) and cue.group != "line.adjunct":
        return False
    given = [n for n in named if n.use is Use.GIVEN]
    before = [n for n in given if n.end <= cue.start]
    if not before and cue.group in {"line.first", "line.second", "line.third"}:
        before = [n for n in given if 0 <= n.start - cue.end <= 60][:1]
    if cue.group == "line.sparing" or not before:
        return True
    return about_strategy((before[-1].agent,), strategy, by_class=False)


def _of_own_failure(
    sentence: Sentence, cue: Cue, named: tuple[Named, ...], strategy: Strategy | None
) -> bool:
    """Whether "refractory", "worsening" are said of the row's own treatment."""
    after = [n for n in named if n.start >= cue.start]
    before = [n for n in named if n.end <= cue.start]
    if cue.group == "outcome.negative_suffix":
        near = [n for n in before if cue.start - n.end <= 1]
        return not near or near[-1].agent.id in _index(strategy)
    return bool(after) and after[0].agent.id in _index(strategy)


def _index(strategy: Strategy | None) -> set[str]:
    parts = () if strategy is None else strategy.components
    return {c.agent.id for c in parts if c.role in {Role.INDEX, Role.ALTERNATIVE}}


def _inferred(
    strategy: Strategy | None,
    unrelieved: list[Selection],
    findings: tuple[Finding, ...],
    others: tuple[Component, ...],
) -> Iterable[LineOfTherapy]:
    failed = [
        f
        for f in findings
        if f.kind is FindingKind.REPORTED_OUTCOME
        and f.direction is Direction.NOT_EFFECTIVE
        and about_strategy(f.targets, strategy, by_class=False)
    ]
    if failed:
        return  # what failed with the row's treatment says nothing of its line
    strong = [s for s in unrelieved if not _weak(s)]
    if strong:
        yield LineOfTherapy("rescue", Basis.INFERRED, (strong[0],))
        return
    prior = [c for c in others if c.role is Role.PRIOR]
    prior += [] if strategy is None else [c for c in strategy.components if c.role is Role.PRIOR]
    places = tuple(s for c in prior for s in c.selections)
    if prior:
        yield LineOfTherapy("second-line", Basis.INFERRED, places)


def _weak(selection: Selection) -> bool:
    """A bare "failure" tells that another treatment came first, not that the case was desperate."""
    return selection.exact.casefold().startswith("failure")
