"""One evidence record to rows of the tidy tables."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from dress_kg import terms
from dress_kg.records import (
    Agent,
    Assessment,
    Basis,
    Citation,
    Component,
    Evidence,
    Finding,
    RegimenStep,
    Selection,
    Strategy,
    Study,
)
from dress_kg.tables import Cells, Tables


@dataclass(frozen=True, slots=True)
class Setting:
    """What all items of a source share.

    :ivar base: base of the data IRIs. :ivar condition: IRI of the condition the table is about.
    :ivar panel: IRI of the publication whose panel rated the rows, None where nobody rated them.
    :ivar scale_stated: whether the table names its rating scale; else it is inferred.
    """

    base: str = terms.DATA
    condition: str | None = None
    panel: str | None = None
    scale_stated: bool = False


def number(value: Decimal | int | None) -> str | None:
    """A plain decimal without exponent or trailing zeros.

    >>> number(Decimal("0.70")), number(Decimal("1E+2")), number(None)
    ('0.7', '100', None)
    """
    if value is None:
        return None
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def flag(value: bool | None) -> str | None:
    """`true`, `false`, or None.

    >>> flag(True)
    'true'
    """
    return None if value is None else ("true" if value else "false")


def _value(scheme: str, value: str | None) -> str | None:
    return None if value is None else terms.concept(scheme, value)


@dataclass(slots=True)
class _Item:
    """Collects the rows of one item; knows its IRIs and links each node to its characters."""

    evidence: Evidence
    setting: Setting
    item: str
    graph: str
    tables: Tables = field(default_factory=dict)
    _selected: set[str] = field(default_factory=set)

    def add(self, table: str, **cells: str | None) -> None:
        row: Cells = {"named_graph": self.graph}
        row.update(cells)
        self.tables.setdefault(table, []).append(row)

    def select(self, node: str, selections: Iterable[Selection], graph: str | None = None) -> None:
        """Say that `node` was read from these characters."""
        for iri in dict.fromkeys(self.selection(chosen) for chosen in selections):
            self.tables.setdefault("selected", []).append(
                {"named_graph": graph or self.graph, "node": node, "selection": iri}
            )

    def selection(self, chosen: Selection) -> str:
        """The IRI of a selection; its row is written once."""
        iri = terms.selection(self.item, chosen.field, chosen.start, chosen.end)
        if iri not in self._selected:
            self._selected.add(iri)
            self.add(
                "selection",
                selection=iri,
                cell=terms.part(self.item, "cell", terms.slug(chosen.field)),
                start=str(chosen.start),
                end=str(chosen.end),
                exact=chosen.exact,
            )
        return iri


def label(evidence: Evidence) -> str:
    """A readable name: the DRUG cell and the citation, as printed."""
    citation = evidence.citation
    treatment = _text(evidence, "drug") or ""
    by = [citation.author, str(citation.year or "")] if citation and citation.author else []
    parts = (treatment.strip(), " ".join(filter(None, by)))
    return " – ".join(filter(None, parts)) or evidence.key


def _text(evidence: Evidence, field: str) -> str | None:
    """The text of a cell, None where it is empty or the table has no such column."""
    cell = evidence.row.cells.get(field)
    return (cell.text or None) if cell else None


def _condition(evidence: Evidence, setting: Setting) -> str | None:
    """The IRI of what the item is about: of our vocabulary, else of its source."""
    own = evidence.condition
    if own is None:
        return setting.condition
    if own.concept is not None:
        return terms.vocabulary(own.concept)
    return terms.condition(evidence.source, own.label, setting.base)


def evidence_tables(evidence: Evidence, setting: Setting, publication: str | None) -> Tables:
    """The rows of one evidence item.

    :param publication: IRI of the publication its citation refers to, None where it has no citation.
    """
    item = terms.evidence(evidence.source, evidence.key, setting.base)
    into = _Item(evidence, setting, item, terms.item_graph(item, setting.base))
    strategy = terms.part(item, "strategy") if evidence.strategy else None
    into.add(
        "evidence",
        item=item,
        key=evidence.key,
        label=label(evidence),
        source=terms.source(evidence.source, setting.base),
        section=evidence.row.section,
        condition=_condition(evidence, setting),
        row=terms.part(item, "row"),
        citation=terms.part(item, "citation") if evidence.citation else None,
        publication=publication,
        study=terms.part(item, "study"),
        strategy=strategy,
        direction=terms.concept("direction", evidence.direction),
        direction_basis=terms.concept("basis", evidence.direction_basis),
    )
    components = _components(into, evidence.strategy, evidence.others)
    _steps(into, evidence.steps, components)
    if evidence.citation:
        _citation(into, evidence.citation, publication)
    _study(into, evidence.study)
    for position, finding in enumerate(evidence.findings, 1):
        _finding(into, terms.part(item, "finding", position), finding, strategy)
    _statements(into)
    if evidence.assessment:
        _assessment(into, evidence.assessment)
    return into.tables


def _components(
    into: _Item, strategy: Strategy | None, others: tuple[Component, ...]
) -> dict[tuple[str, bool], str]:
    strategy_iri = terms.part(into.item, "strategy")
    if strategy:
        into.add(
            "strategy",
            strategy=strategy_iri,
            item=into.item,
            label=_text(into.evidence, "drug"),
            operator=terms.concept("operator", strategy.operator),
            monotherapy=flag(strategy.monotherapy_stated or None),
            variant=strategy.variant,
        )
        into.select(strategy_iri, strategy.selections)
        for unread in strategy.unread:
            into.add("unread", item=into.item, selection=into.selection(unread))
    found: dict[tuple[str, bool], str] = {}
    for position, component in enumerate((*(strategy.components if strategy else ()), *others), 1):
        iri = terms.part(into.item, "component", position)
        own = component.in_strategy
        into.add(
            "component",
            component=iri,
            item=into.item,
            strategy=strategy_iri if own else None,
            mentioned_by=None if own else into.item,
            agent=terms.vocabulary(component.agent.id),
            agent_label=component.agent.label,
            role=terms.concept("role", component.role),
            basis=terms.concept("basis", component.basis),
            position=str(position),
        )
        into.select(iri, component.selections)
        found.setdefault((component.agent.id, own), iri)
    return found


def _steps(into: _Item, steps: tuple[RegimenStep, ...], components: dict[tuple[str, bool], str]) -> None:
    for step in steps:
        iri = terms.part(into.item, "step", step.order)
        agent = step.agent
        component = None
        if agent:
            component = components.get((agent.id, True)) or components.get((agent.id, False))
        cycle = step.cycle
        into.add(
            "regimen_step",
            step=iri,
            item=into.item,
            component=component,
            agent=terms.vocabulary(agent.id) if agent else None,
            agent_label=agent.label if agent else None,
            position=str(step.order),
            phase=str(step.phase),
            group=step.group,
            low=number(step.low),
            high=number(step.high),
            unit=step.unit,
            per=_value("per", step.basis_per),
            divided=flag(step.divided or None),
            frequency=number(step.frequency),
            frequency_max=number(step.frequency_max),
            period=number(step.period),
            period_max=number(step.period_max),
            period_unit=step.period_unit,
            count=number(step.count),
            duration=number(step.duration),
            duration_max=number(step.duration_max),
            duration_unit=step.duration_unit,
            duration_basis=step.duration_basis,
            as_needed=flag(step.as_needed),
            route=_value("route", step.route),
            route_basis=step.route_basis,
            infusion=step.infusion,
            strength=step.strength,
            every_low=number(cycle.every_low) if cycle else None,
            every_high=number(cycle.every_high) if cycle else None,
            every_unit=cycle.every_unit if cycle else None,
            cycle_for=number(cycle.for_value) if cycle else None,
            cycle_for_unit=cycle.for_unit if cycle else None,
            cycle_count=number(cycle.count) if cycle else None,
            alternative=flag(step.alternative or None),
            qualitative=step.qualitative,
            basis=_value("basis", step.basis),
            verbatim=step.selections[0].exact if step.selections else None,
        )
        into.select(iri, step.selections)


def _citation(into: _Item, citation: Citation, publication: str | None) -> None:
    iri = terms.part(into.item, "citation")
    into.add(
        "citation",
        citation=iri,
        item=into.item,
        publication=publication,
        label=_text(into.evidence, "reference"),
        author=citation.author,
        printed_author=citation.printed_author,
        initials=citation.initials,
        et_al=flag(citation.et_al),
        journal=citation.journal,
        printed_journal=citation.printed_journal,
        journal_full=citation.journal_full,
        year=number(citation.year),
        number=citation.number,
    )
    into.select(iri, citation.selections.values())
    for unread in citation.unread:
        into.add("unread", item=into.item, selection=into.selection(unread))


def _study(into: _Item, study: Study) -> None:
    iri = terms.part(into.item, "study")
    into.add(
        "study",
        study=iri,
        item=into.item,
        design=terms.vocabulary(study.design) if study.design else None,
        design_basis=_value("basis", study.design_basis),
        patients=number(study.patients),
        patients_basis=_value("basis", study.patients_basis),
    )
    # At once: "boy" may be read both as a patient and as the population, and is selected once.
    told = (selection for _, selection in study.population)
    into.select(iri, (*study.design_selections, *study.patients_selections, *told))
    for population, _ in study.population:
        into.add("population", study=iri, population=population)
    for unread in study.unread:
        into.add("unread", item=into.item, selection=into.selection(unread))


def _finding(into: _Item, iri: str, finding: Finding, strategy: str | None) -> None:
    into.add(
        "finding",
        finding=iri,
        item=into.item,
        kind=terms.concept("kind", finding.kind),
        direction=terms.concept("direction", finding.direction),
        primary=flag(finding.primary),
        strategy=None if finding.targets else strategy,
        voice=finding.voice,
        hedged=flag(finding.hedged or None),
        basis=terms.concept("basis", finding.basis),
        verbatim=finding.selections[0].exact if finding.selections else None,
    )
    for agent in finding.targets:
        into.add("finding_target", finding=iri, agent=terms.vocabulary(agent.id), agent_label=agent.label)
    for condition in finding.conditions:
        into.add(
            "finding_condition", finding=iri, condition=condition.exact, selection=into.selection(condition)
        )
    into.select(iri, finding.selections)


def _agent(agent: Agent | None) -> str | None:
    return terms.vocabulary(agent.id) if agent else None


def _statements(into: _Item) -> None:
    """Intervals, harms, contexts, lines of therapy, culprits, curations and what stayed unread."""
    evidence, item = into.evidence, into.item
    for n, statement in enumerate(evidence.intervals, 1):
        iri = terms.part(item, "interval", n)
        into.add("interval", interval=iri, item=item, kind=terms.concept("interval", statement.kind),
                 group=statement.group, low=number(statement.low), high=number(statement.high),
                 unit=statement.unit, verbatim=statement.selection.exact)  # fmt: skip
        into.select(iri, (statement.selection,))
    for n, harm in enumerate(evidence.harms, 1):
        iri = terms.part(item, "harm", n)
        into.add("harm", harm=iri, item=item, event=harm.event, agent=_agent(harm.agent),
                 patients=number(harm.patients), of_patients=number(harm.of_patients),
                 serious=flag(harm.serious), basis=terms.concept("basis", harm.basis))  # fmt: skip
        into.select(iri, harm.selections)
    for n, context in enumerate(evidence.contexts, 1):
        iri = terms.part(item, "context", n)
        into.add("context", context=iri, item=item, kind=terms.concept("context", context.kind),
                 label=context.label, concept=terms.vocabulary(context.concept) if context.concept else None,
                 organ=_value("organ", context.organ), hypothetical=flag(context.hypothetical),
                 basis=terms.concept("basis", context.basis))  # fmt: skip
        into.select(iri, context.selections)
    for n, therapy_line in enumerate(evidence.lines_of_therapy, 1):
        iri = terms.part(item, "therapy-line", n)
        into.add("therapy_line", therapy_line=iri, item=item, value=terms.concept("line", therapy_line.value),
                 basis=terms.concept("basis", therapy_line.basis))  # fmt: skip
        into.select(iri, therapy_line.selections)
    for n, culprit in enumerate(evidence.culprits, 1):
        iri = terms.part(item, "culprit", n)
        into.add("culprit", culprit=iri, item=item, agent=_agent(culprit.agent),
                 agent_label=culprit.agent.label, suspected=flag(culprit.suspected),
                 basis=terms.concept("basis", culprit.basis))  # fmt: skip
        into.select(iri, culprit.selections)
    for n, curation in enumerate(evidence.curations, 1):
        into.add("curation", curation=terms.part(item, "curation", n), item=item, field=curation.field,
                 value=curation.value, reason=curation.reason, curator=curation.curator,
                 date=curation.date)  # fmt: skip
    for selection in evidence.unread:
        into.add("unread", item=item, selection=into.selection(selection))


def _assessment(into: _Item, assessment: Assessment) -> None:
    graph = terms.source_graph(into.evidence.source, "assessment", into.setting.base)
    iri = terms.part(into.item, "assessment")
    rows = into.tables
    rows.setdefault("assessment", []).append({
        "named_graph": graph, "assessment": iri, "item": into.item,
        "scale": terms.vocabulary(assessment.scale), "panel": into.setting.panel,
        "scale_basis": terms.concept("basis", Basis.STATED if into.setting.scale_stated else Basis.INFERRED),
        "printed_level": assessment.printed_level, "printed_grade": assessment.printed_grade,
    })  # fmt: skip
    for level in assessment.levels:
        rows.setdefault("assessment_level", []).append(
            {"named_graph": graph, "assessment": iri, "level": terms.rating(assessment.scale, "level", level)}
        )
    for grade in assessment.grades:
        rows.setdefault("assessment_grade", []).append(
            {"named_graph": graph, "assessment": iri, "grade": terms.rating(assessment.scale, "grade", grade)}
        )
    chosen = tuple(s for s in (assessment.level_selection, assessment.grade_selection) if s)
    into.select(iri, chosen, graph)
    for unread in assessment.unread:
        into.add("unread", item=into.item, selection=into.selection(unread))
