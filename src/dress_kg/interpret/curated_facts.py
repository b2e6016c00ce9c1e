"""How a curator's decision sets what a row says: findings, study, harms, lines of therapy, agents.

Where the decision confirms what a rule had read, the fact keeps the words it was read from; else it rests
on the whole cell that the curator looked at.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any

from dress_kg.interpret.curation_field import (
    NOT_STATED,
    UNMAPPED,
    Resolve,
    agent_named,
    agents_of,
    fault,
    split_reject,
    split_subject,
    whole_cell,
)
from dress_kg.records import (
    Agent,
    AgentKind,
    Basis,
    Component,
    ContextKind,
    ContextStatement,
    Culprit,
    Curation,
    Direction,
    Evidence,
    Finding,
    FindingKind,
    Harm,
    LineOfTherapy,
    Role,
    Selection,
)

VOICE = "curator"
HARM = re.compile(
    r"(?P<event>[^;]*\S)(?:; agent (?P<agent>[^;]*\S))?"
    r"(?:; (?P<patients>[0-9]{1,6}) of (?P<of>[0-9]{1,6}))?(?P<serious>; serious)?"
)
_KINDS = {
    Direction.RECOMMENDED: FindingKind.RECOMMENDATION,
    Direction.RECOMMENDED_AGAINST: FindingKind.RECOMMENDATION,
    Direction.CONDITIONAL: FindingKind.OPINION,
}
_SUSPECTED = " (suspected)"
_HYPOTHETICAL = " (hypothetical)"
_WITH_AGENTS = ("strategy", "others", "steps", "findings", "harms", "culprits")


def set_direction(evidence: Evidence, curation: Curation, resolve: Resolve | None) -> Evidence:
    """The row in one word; the finding that gave it so far stays, as a secondary one."""
    direction = Direction(curation.value)
    confirmed = [f for f in evidence.findings if f.primary and f.direction is direction]
    if confirmed:
        findings = tuple(
            replace(f, basis=Basis.CURATED, reason=curation.reason) if f.primary else f
            for f in evidence.findings
        )
        return replace(evidence, findings=findings, direction=direction, direction_basis=Basis.CURATED)
    findings = tuple(replace(f, primary=False) for f in evidence.findings)
    if direction is not Direction.NOT_STATED:
        findings = (_finding(evidence, curation, direction, (), primary=True), *findings)
    return replace(evidence, findings=findings, direction=direction, direction_basis=Basis.CURATED)


def set_finding(evidence: Evidence, curation: Curation, resolve: Resolve | None) -> Evidence:
    """A further finding, `not effective: prednisone + rituximab`, or one taken away."""
    rejected, value = split_reject(curation.value)
    said, _, names = value.partition(": ")
    targets = tuple(agent_named(evidence, name.strip(), curation, resolve) for name in names.split(" + "))
    direction, ids = Direction(said), {target.id for target in targets}

    def same(finding: Finding) -> bool:
        return finding.direction is direction and {target.id for target in finding.targets} == ids

    if rejected:
        kept = tuple(f for f in evidence.findings if f.primary or not same(f))
        return replace(evidence, findings=kept)
    if any(same(finding) for finding in evidence.findings):
        findings = tuple(
            replace(f, basis=Basis.CURATED, reason=curation.reason) if same(f) else f
            for f in evidence.findings
        )
        return replace(evidence, findings=findings)
    made = _finding(evidence, curation, direction, targets, primary=False)
    return replace(evidence, findings=(*evidence.findings, made))


def _finding(
    evidence: Evidence, curation: Curation, direction: Direction, targets: tuple[Agent, ...], *, primary: bool
) -> Finding:
    return Finding(
        _KINDS.get(direction, FindingKind.REPORTED_OUTCOME),
        direction,
        targets,
        primary,
        (whole_cell(evidence, curation),),
        VOICE,
        hedged=direction is Direction.CONDITIONAL,
        basis=Basis.CURATED,
        reason=curation.reason,
    )


def set_line_of_therapy(evidence: Evidence, curation: Curation, resolve: Resolve | None) -> Evidence:
    """A line of therapy, or one taken away."""
    rejected, value = split_reject(curation.value)
    old = next((line for line in evidence.lines_of_therapy if line.value == value), None)
    kept = tuple(line for line in evidence.lines_of_therapy if line.value != value)
    if rejected:
        return replace(evidence, lines_of_therapy=kept)
    words = old.selections if old else (whole_cell(evidence, curation),)
    return replace(evidence, lines_of_therapy=(*kept, LineOfTherapy(value, Basis.CURATED, words)))


def set_culprit(evidence: Evidence, curation: Curation, resolve: Resolve | None) -> Evidence:
    """A drug held to have caused the reaction, ` (suspected)` behind it where it is only that."""
    rejected, value = split_reject(curation.value)
    agent = agent_named(evidence, value.removesuffix(_SUSPECTED), curation, resolve)
    old = next((culprit for culprit in evidence.culprits if culprit.agent.id == agent.id), None)
    kept = tuple(culprit for culprit in evidence.culprits if culprit.agent.id != agent.id)
    if rejected:
        return replace(evidence, culprits=kept)
    words = old.selections if old else (whole_cell(evidence, curation),)
    made = Culprit(agent, value.endswith(_SUSPECTED), words, Basis.CURATED)
    return replace(evidence, culprits=(*kept, made))


def set_patients(evidence: Evidence, curation: Curation, resolve: Resolve | None) -> Evidence:
    """The number of patients; `not stated` makes it unknown."""
    study = evidence.study
    value = None if curation.value == NOT_STATED else int(curation.value)
    basis, words = _rests_on(evidence, curation, value, study.patients, study.patients_selections)
    known = replace(study, patients=value, patients_basis=basis, patients_selections=words)
    return replace(evidence, study=known)


def set_design(evidence: Evidence, curation: Curation, resolve: Resolve | None) -> Evidence:
    """The study design, a concept id of the scheme; `not stated` makes it unknown."""
    study = evidence.study
    value = None if curation.value == NOT_STATED else curation.value
    basis, words = _rests_on(evidence, curation, value, study.design, study.design_selections)
    known = replace(study, design=value, design_basis=basis, design_selections=words)
    return replace(evidence, study=known)


def _rests_on(
    evidence: Evidence,
    curation: Curation,
    value: int | str | None,
    before: int | str | None,
    words: tuple[Selection, ...],
) -> tuple[Basis | None, tuple[Selection, ...]]:
    """What a curated value rests on: the words it was read from if it was read so before, else its cell."""
    if value == before and words:
        return None if value is None else Basis.CURATED, words
    return (None, ()) if value is None else (Basis.CURATED, (whole_cell(evidence, curation),))


def set_population(evidence: Evidence, curation: Curation, resolve: Resolve | None) -> Evidence:
    """A population in words, or one taken away."""
    rejected, value = split_reject(curation.value)
    kept = tuple((label, where) for label, where in evidence.study.population if label != value)
    if not rejected and len(kept) == len(evidence.study.population):
        kept = (*kept, (value, whole_cell(evidence, curation)))
    elif not rejected:
        kept = evidence.study.population
    return replace(evidence, study=replace(evidence.study, population=kept))


def harm_value(harm: Harm) -> str:
    """A harm as a curation writes it.

    >>> harm_value(Harm("death", None, 1, 2, True, ()))
    'death; 1 of 2; serious'
    """
    agent = f"; agent {harm.agent.label}" if harm.agent else ""
    counted = harm.patients is not None and harm.of_patients is not None
    patients = f"; {harm.patients} of {harm.of_patients}" if counted else ""
    return f"{harm.event.replace(';', ',')}{agent}{patients}{'; serious' if harm.serious else ''}"


def set_harm(evidence: Evidence, curation: Curation, resolve: Resolve | None) -> Evidence:
    """An adverse event, `death; agent cyclosporine; 1 of 2; serious`, or one taken away."""
    rejected, value = split_reject(curation.value)
    read = HARM.fullmatch(value)
    if read is None:
        raise fault("not a harm", curation, value, "write it as `event; agent NAME; 1 of 2; serious`")
    old = next((harm for harm in evidence.harms if harm_value(harm) == value), None)
    kept = tuple(harm for harm in evidence.harms if harm_value(harm) != value)
    if rejected:
        return replace(evidence, harms=kept)
    if old:
        return replace(evidence, harms=(*kept, replace(old, basis=Basis.CURATED)))
    agent = agent_named(evidence, read["agent"], curation, resolve) if read["agent"] else None
    patients, of = (int(read["patients"]), int(read["of"])) if read["patients"] else (None, None)
    words = (whole_cell(evidence, curation),)
    made = Harm(read["event"], agent, patients, of, bool(read["serious"]) or None, words, Basis.CURATED)
    return replace(evidence, harms=(*kept, made))


def context_value(context: ContextStatement) -> str:
    """A circumstance as a curation writes it.

    >>> context_value(ContextStatement(ContextKind.SEVERITY, "life-threatening", (), hypothetical=True))
    'severity: life-threatening (hypothetical)'
    """
    return f"{context.kind}: {context.label}{_HYPOTHETICAL if context.hypothetical else ''}"


def set_context(evidence: Evidence, curation: Curation, resolve: Resolve | None) -> Evidence:
    """A circumstance, `comorbidity: epilepsy`, or one taken away.

    ` (hypothetical)` stands behind a condition of advice. What a rule had read keeps its concept and organ;
    what is new has none.
    """
    rejected, value = split_reject(curation.value)
    old = next((each for each in evidence.contexts if context_value(each) == value), None)
    kept = tuple(each for each in evidence.contexts if context_value(each) != value)
    if rejected:
        return replace(evidence, contexts=kept)
    if old is None:
        kind, _, label = value.removesuffix(_HYPOTHETICAL).partition(": ")
        possible = value.endswith(_HYPOTHETICAL)
        words = (whole_cell(evidence, curation),)
        old = ContextStatement(ContextKind(kind), label, words, hypothetical=possible)
    return replace(evidence, contexts=(*kept, replace(old, basis=Basis.CURATED)))


def set_role(evidence: Evidence, curation: Curation, resolve: Resolve | None) -> Evidence:
    """The role of an agent that the row names, `prednisone: prior`."""
    name, role = split_subject(curation.value)
    strategy = evidence.strategy
    known = [*(strategy.components if strategy else ()), *evidence.others]
    if not any(part.agent.label == name for part in known):
        raise fault(
            "the row does not name this agent",
            curation,
            name,
            "one of " + ", ".join(part.agent.label for part in known),
        )

    def changed(part: Component) -> Component:
        if part.agent.label != name:
            return part
        return replace(part, role=Role(role), basis=Basis.CURATED)

    return replace(
        evidence,
        strategy=strategy and replace(strategy, components=tuple(map(changed, strategy.components))),
        others=tuple(map(changed, evidence.others)),
    )


def set_agent(evidence: Evidence, curation: Curation, resolve: Resolve | None) -> Evidence:
    """What a name stands for that the vocabulary lacks, `Gammagard: IVIG`; `unmapped` leaves it as it is."""
    name, meant = split_subject(curation.value)
    old = agents_of(evidence).get(name)
    if old is None:
        named = [agent.label for agent in agents_of(evidence).values() if agent.kind is AgentKind.UNKNOWN]
        raise fault(
            "the row has no such agent",
            curation,
            name,
            "one of " + ", ".join(named) if named else "the row has no unmapped agent",
        )
    if meant == UNMAPPED:
        return evidence
    new = None if resolve is None else resolve(meant)
    if new is None:
        raise fault(
            "a curation names an agent that the vocabulary does not know",
            curation,
            meant,
            "use a label of ontology/vocab/agents.ttl, or `unmapped`",
        )
    return replace(evidence, **{name: _swapped(getattr(evidence, name), old, new) for name in _WITH_AGENTS})


def _swapped(value: Any, old: Agent, new: Agent) -> Any:
    """The value with one agent in place of another, at any depth; what names it is curated then."""
    if isinstance(value, Agent):
        return new if value.id == old.id else value
    if isinstance(value, tuple):
        return tuple(_swapped(each, old, new) for each in value)
    if is_dataclass(value) and not isinstance(value, type):
        change = {f.name: _swapped(getattr(value, f.name), old, new) for f in fields(value)}
        if isinstance(value, Component | Culprit) and value.agent.id == old.id:
            change["basis"] = Basis.CURATED
        return replace(value, **change)
    return value if not isinstance(value, Mapping) else dict(value)


def leave(evidence: Evidence, curation: Curation, resolve: Resolve | None) -> Evidence:
    """The item as it is: the decision (on a quality finding, on unread words) is recorded with it."""
    return evidence
