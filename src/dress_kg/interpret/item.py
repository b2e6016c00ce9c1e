"""One row to one evidence item: each cell read by its own module, then put together.

The order matters where one reading rests on another: the strategy first (what is given), then the findings
(what is said of it), then who else is named and why. Cells that repeat are read once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, fields, is_dataclass, replace
from functools import lru_cache, partial
from pathlib import Path

from dress_kg.interpret.agents import AgentLexicon, ConditionLexicon
from dress_kg.interpret.citation import read_citation
from dress_kg.interpret.context import read_contexts
from dress_kg.interpret.culprit import read_culprits
from dress_kg.interpret.curation import apply_curation, check_items, curations_of, stale_curations
from dress_kg.interpret.finding import read_findings
from dress_kg.interpret.harm import read_harms
from dress_kg.interpret.interval import read_interval
from dress_kg.interpret.journals import Journals
from dress_kg.interpret.line_of_therapy import read_lines_of_therapy
from dress_kg.interpret.rating import Scale, read_assessment
from dress_kg.interpret.regimen import read_doses
from dress_kg.interpret.regimen.combine import combine, stated_routes
from dress_kg.interpret.roles import read_other_agents
from dress_kg.interpret.strategy import read_strategy, refine_roles, with_variant
from dress_kg.interpret.study import read_study
from dress_kg.keys import distinct, item_key
from dress_kg.profile import Profile, load_profile
from dress_kg.records import (
    Assessment,
    Curation,
    Evidence,
    Finding,
    FindingKind,
    Row,
    Selection,
    Strategy,
    Table,
)

READ_FIELDS = frozenset(
    {"drug", "dose", "interval", "reference", "study_design", "comments", "level", "grade"}
)
"""The cells that some rule reads; the others are carried along."""


@dataclass(frozen=True, slots=True)
class Interpreter:
    """The dictionaries that reading a source takes."""

    profile: Profile
    agents: AgentLexicon
    conditions: ConditionLexicon
    journals: Journals

    @classmethod
    def of(cls, profile: Profile) -> Interpreter:
        """The interpreter of a profile; its dictionaries are loaded once."""
        return _loaded(profile.path)

    @property
    def condition(self) -> str | None:
        """The id of the condition that the source is about, None where the vocabulary has none."""
        found = self.conditions.find(self.profile.condition)
        return found[0].concept if found else None

    def words(self) -> frozenset[str]:
        """Lower-case words of agents and conditions, by which broken words are mended."""
        return self.agents.words() | self.conditions.words()

    def read(self, row: Row) -> Evidence:
        """The evidence item of a row; its key is not yet told apart from equal ones."""
        cells = {field: cell.text for field, cell in row.cells.items()}
        strategy = self._strategy(cells)
        study = read_study(cells.get("study_design", ""), cells.get("comments", ""), self.conditions)
        said = read_findings(cells, strategy, study, self.agents, self.conditions)
        strategy = _refined(strategy, said.findings)
        culprits = read_culprits(cells, strategy, self.agents)
        harms = read_harms(cells, strategy, study, self.agents)
        others = read_other_agents(cells, strategy, self.agents, said.findings, culprits)
        dose = read_doses(cells.get("dose", ""), self.agents)
        interval = read_interval(cells.get("interval", ""), self.agents)
        routes = stated_routes(cells.get("drug", ""), self.agents)
        citation = read_citation(cells.get("reference", ""), self.journals)
        return Evidence(
            source=self.profile.id,
            key=item_key(
                cells.get("drug", ""),
                citation.author if citation else None,
                citation.year if citation else None,
                citation.number if citation else None,
            ),
            row=row,
            strategy=strategy,
            others=others,
            steps=combine(dose, interval, strategy, routes=routes),
            intervals=interval.statements,
            citation=citation,
            study=study,
            findings=said.findings,
            direction=said.direction,
            direction_basis=said.direction_basis,
            harms=harms,
            lines_of_therapy=read_lines_of_therapy(cells, strategy, self.agents, said.findings, others),
            contexts=read_contexts(
                cells,
                strategy,
                self.agents,
                self.conditions,
                findings=said.findings,
                harms=harms,
                culprits=culprits,
                others=others,
                condition=self.condition,
            ),
            culprits=culprits,
            assessment=self._assessment(cells),
            unread=(*dose.unread, *interval.unread, *said.unread),
        )

    def _strategy(self, cells: dict[str, str]) -> Strategy | None:
        strategy = read_strategy(cells.get("drug", ""), self.agents)
        return strategy and with_variant(strategy, cells.get("dose", ""), self.agents)

    def _assessment(self, cells: dict[str, str]) -> Assessment | None:
        if self.profile.rating_scale is None:
            return None
        scale = Scale.load(self.profile.rating_scale)
        return read_assessment(cells.get("level", ""), cells.get("grade", ""), scale)


def interpret_rows(
    table: Table, profile: Profile, *, jobs: int = 1, curation: Path | None = None
) -> tuple[tuple[Evidence, ...], tuple[Curation, ...]]:
    """The evidence items of a table, curated, and the curations that are stale.

    :param jobs: worker processes; the result is the same for any number.
    :param curation: a file or folder of further decisions than those shipped with the profile.
    :raises CurationError: the curation file is at fault.
    """
    if jobs > 1 and len(table.rows) > 1:
        share = max(1, len(table.rows) // (jobs * 4))
        with ProcessPoolExecutor(jobs, initializer=_loaded, initargs=(profile.path,)) as pool:
            read = list(pool.map(partial(_read_row, profile.path), table.rows, chunksize=share))
    else:
        read = [Interpreter.of(profile).read(row) for row in table.rows]
    keys = distinct(evidence.key for evidence in read)
    # What is unread is settled before curation: a judgement rests on a whole cell and reads none of it.
    items = [_with_unread(replace(evidence, key=key)) for evidence, key in zip(read, keys, strict=True)]
    curations = curations_of(profile, curation)
    check_items(curations, keys)
    resolve = Interpreter.of(profile).agents.resolve
    stale = [each for item in items for each in stale_curations(item, curations)]
    return tuple(apply_curation(item, curations, resolve) for item in items), tuple(stale)


@lru_cache(maxsize=8)
def _loaded(path: Path) -> Interpreter:
    profile = load_profile(path)
    return Interpreter(
        profile,
        AgentLexicon.load(abbreviations=profile.abbreviations),
        ConditionLexicon.load(),
        Journals.load(),
    )


def _read_row(path: Path, row: Row) -> Evidence:
    return _loaded(path).read(row)


def _refined(strategy: Strategy | None, findings: tuple[Finding, ...]) -> Strategy | None:
    """The strategy with those agents as index that the row's reported outcome is about."""
    primary = [f for f in findings if f.primary and f.kind is FindingKind.REPORTED_OUTCOME]
    targets = {agent.id for finding in primary for agent in finding.targets}
    return refine_roles(strategy, targets) if strategy and targets else strategy


def _with_unread(evidence: Evidence) -> Evidence:
    """The item with only those characters unread that no module read.

    What the dose rules leave, the findings may have read ("clinical worsening after steroids").
    """
    read: dict[str, list[tuple[int, int]]] = {}
    for selection in _selections(replace(evidence, unread=(), row=None)):  # type: ignore[arg-type]
        read.setdefault(selection.field, []).append((selection.start, selection.end))
    left = [
        rest
        for selection in dict.fromkeys(evidence.unread)
        for rest in _without(selection, read.get(selection.field, []))
    ]
    return replace(evidence, unread=tuple(sorted(left)))


def _selections(value: object) -> Iterator[Selection]:
    """All selections inside a record."""
    if isinstance(value, Selection):
        yield value
    elif is_dataclass(value):
        for each in fields(value):
            yield from _selections(getattr(value, each.name))
    elif isinstance(value, tuple):
        for each_value in value:
            yield from _selections(each_value)
    elif isinstance(value, Mapping):
        for each_value in value.values():
            yield from _selections(each_value)


def _without(selection: Selection, spans: list[tuple[int, int]]) -> Iterator[Selection]:
    """What is left of a selection when these spans are taken out; stretches without a letter are dropped."""
    start = selection.start
    for begin, end in (*sorted(spans), (selection.end, selection.end)):
        stop = min(begin, selection.end)
        if stop > start:
            text = selection.exact[start - selection.start : stop - selection.start]
            if any(character.isalnum() for character in text):
                yield Selection(selection.field, start, stop, text)
        start = max(start, end)
