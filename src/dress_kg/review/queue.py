"""Which readings of a source a curator should look at: inferred, unread, unmapped, flagged, or stale."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from dress_kg.interpret.curated_dose import step_value
from dress_kg.interpret.curated_facts import context_value, harm_value
from dress_kg.interpret.curation_field import NOT_STATED, agents_of
from dress_kg.records import (
    AgentKind,
    Basis,
    Component,
    Curation,
    Direction,
    Evidence,
    Selection,
)
from dress_kg.review.entry import Entry, Why
from dress_kg.validate.result import QualityResult, Severity


def queue(
    evidence: Iterable[Evidence],
    results: Iterable[QualityResult],
    stale: Sequence[Curation] = (),
    *,
    notes: bool = False,
) -> tuple[Entry, ...]:
    """The queue of a source, in the order of its rows; what a curator has decided is not asked again.

    :param results: of the gate, with their items' IRIs.
    :param stale: decisions that are not applied because their cell reads otherwise now.
    :param notes: also what the gate notes without doubting the value (severity info).
    """
    by_item: dict[str, list[QualityResult]] = {}
    for result in results:
        if result.item and (notes or result.severity is not Severity.INFO):
            by_item.setdefault(result.item.rpartition("/")[2], []).append(result)
    return tuple(
        entry for item in evidence for entry in _Asked(item).entries(by_item.get(item.key, []), stale)
    )


class _Asked:
    """The entries of one item."""

    def __init__(self, evidence: Evidence) -> None:
        self._evidence = evidence
        cells = evidence.row.cells
        self._texts = {name: cell.text for name, cell in cells.items() if cell.text.strip()}
        self._row = "\n".join(f"{cell.column}: {cell.text}" for cell in cells.values() if cell.text)
        self._decided = {(each.field, each.value) for each in evidence.curations}
        self._flags = {(each.value, each.cell) for each in evidence.curations if each.field == "flag"}

    def entries(self, results: Sequence[QualityResult], stale: Sequence[Curation]) -> Iterator[Entry]:
        """All of them; none where the row has no text to decide on."""
        if not self._texts:
            return
        yield from self._stale(stale)
        yield from self._findings()
        yield from self._contexts()
        yield from self._study()
        yield from self._agents()
        yield from self._steps()
        yield from self._unread()
        yield from self._flagged(results)

    def _entry(
        self,
        why: Why,
        question: str,
        field: str,
        read: str | None,
        selections: Sequence[Selection] = (),
        *,
        about: str | None = None,
        cell: str | None = None,
        words: str | None = None,
    ) -> Entry:
        """An entry on the cell of its first words; else on the named one, else on the first with text."""
        first = next((each for each in selections if each.field in self._texts), None)
        name = first.field if first else cell if cell in self._texts else next(iter(self._texts))
        exact = words or " … ".join(each.exact for each in selections if each.field == name)
        row = self._evidence.row
        return Entry(
            self._evidence.key,
            row.lines,
            why,
            name,
            row.cells[name].column,
            row.cells[name].text,
            exact or None,
            question,
            field,
            about,
            read,
            self._row,
        )

    def _stale(self, stale: Sequence[Curation]) -> Iterator[Entry]:
        for each in stale:
            if each.item == self._evidence.key:
                question = (
                    f"{each.curator} decided this on {each.date}, when the cell read: {each.cell_text!r}. "
                    f"The reason was: {each.reason} Does it still hold?"
                )
                yield self._entry(Why.STALE, question, each.field, each.value, cell=each.cell)

    def _findings(self) -> Iterator[Entry]:
        evidence = self._evidence
        primary = next((finding for finding in evidence.findings if finding.primary), None)
        words = primary.selections if primary else ()
        if evidence.direction_basis is Basis.INFERRED:
            question = "The summary direction of the row was inferred. Is it right?"
            yield self._entry(Why.INFERRED, question, "direction", evidence.direction, words, cell="comments")
        elif evidence.direction is Direction.NOT_STATED and evidence.direction_basis is not Basis.CURATED:
            question = "No rule read a direction in this row. Accept if the row states none."
            yield self._entry(Why.UNREAD, question, "direction", NOT_STATED, words, cell="comments")
        for finding in evidence.findings:
            if finding.basis is Basis.INFERRED and finding.targets:
                value = f"{finding.direction}: {' + '.join(agent.label for agent in finding.targets)}"
                question = "This finding was inferred. Is it right?"
                yield self._entry(Why.INFERRED, question, "finding", value, finding.selections)
        for line in evidence.lines_of_therapy:
            if line.basis is Basis.INFERRED:
                question = "The line of therapy was inferred. Is it right?"
                yield self._entry(Why.INFERRED, question, "line_of_therapy", line.value, line.selections)
        for culprit in evidence.culprits:
            if culprit.basis is Basis.INFERRED:
                value = culprit.agent.label + (" (suspected)" if culprit.suspected else "")
                question = "This drug was taken to have caused the reaction. Is it right?"
                yield self._entry(Why.INFERRED, question, "culprit", value, culprit.selections)
        for harm in evidence.harms:
            if harm.basis is Basis.INFERRED:
                question = "This harm was inferred. Is it right?"
                yield self._entry(Why.INFERRED, question, "harm", harm_value(harm), harm.selections)

    def _contexts(self) -> Iterator[Entry]:
        for context in self._evidence.contexts:
            if context.basis is Basis.INFERRED:
                question = "This circumstance was inferred. Is it right?"
                value = context_value(context)
                yield self._entry(Why.INFERRED, question, "context", value, context.selections)

    def _study(self) -> Iterator[Entry]:
        study = self._evidence.study
        if study.design_basis is Basis.INFERRED:
            question = "The study design was inferred. Is it right?"
            where = study.design_selections
            yield self._entry(Why.INFERRED, question, "design", study.design, where, cell="study_design")
        if study.patients_basis is Basis.INFERRED:
            question = "The number of patients was inferred. Is it right?"
            value = str(study.patients)
            where = study.patients_selections
            yield self._entry(Why.INFERRED, question, "patients", value, where, cell="study_design")

    def _parts(self) -> tuple[Component, ...]:
        strategy = self._evidence.strategy
        return (*(strategy.components if strategy else ()), *self._evidence.others)

    def _agents(self) -> Iterator[Entry]:
        parts = self._parts()
        for part in parts:
            if part.basis is Basis.INFERRED:
                question = f"The role of {part.agent.label} in this row was inferred. Is it right?"
                yield self._entry(
                    Why.INFERRED, question, "role", part.role, part.selections, about=part.agent.label
                )
        for name, agent in agents_of(self._evidence).items():
            if agent.kind is AgentKind.UNKNOWN and ("agent", f"{name}: unmapped") not in self._decided:
                where = [s for part in parts if part.agent.id == agent.id for s in part.selections]
                question = (
                    f"The vocabulary has no agent {name!r}. Correct: name the agent it stands for. "
                    "Accept: it is one that the vocabulary lacks."
                )
                yield self._entry(Why.UNMAPPED, question, "agent", None, where, about=name, cell="drug")

    def _steps(self) -> Iterator[Entry]:
        for step in self._evidence.steps:
            where = step.selections
            if step.route_basis == "inferred":
                question = "The route of this dose was inferred. Is it right?"
                field = f"step.{step.order}.route"
                yield self._entry(Why.INFERRED, question, field, step.route, where, cell="dose")
            if step.duration_basis == "interval":
                question = "The duration of this dose was taken from the column of intervals. Is it right?"
                field = f"step.{step.order}.duration"
                read = step_value(step, "duration")
                yield self._entry(Why.INFERRED, question, field, read, where, cell="dose")

    def _unread(self) -> Iterator[Entry]:
        evidence = self._evidence
        parts = (evidence, evidence.strategy, evidence.citation, evidence.study, evidence.assessment)
        for selection in dict.fromkeys(s for part in parts if part for s in part.unread):
            words = " ".join(selection.exact.split())
            if ("unread", words) not in self._decided and any(c.isalnum() for c in words):
                question = (
                    "No rule read these words. Accept: there is nothing to read. "
                    "Correct: name the other field and its value."
                )
                yield self._entry(Why.UNREAD, question, "unread", words, (selection,))

    def _flagged(self, results: Sequence[QualityResult]) -> Iterator[Entry]:
        for result in results:
            entry = self._entry(
                Why.FLAGGED,
                f"{result.severity}: {result.message}"
                + (f" → {result.suggestion}" if result.suggestion else ""),
                "flag",
                None,
                about=result.rule,
                cell=result.field,
                words=result.value,
            )
            judged = {(f"{result.rule}: {said}", entry.cell) for said in entry.choices}
            if not judged & self._flags:
                yield entry
