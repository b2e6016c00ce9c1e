"""One row to one evidence item: each cell read by its own module, then put together.

The order matters where one reading rests on another: the strategy first (what is given), then the findings
(what is said of it), then who else is named and why. Cells that repeat are read once.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from pathlib import Path

from dress_kg.interpret.agents import AgentLexicon, ConditionLexicon
from dress_kg.interpret.citation import read_citation
from dress_kg.interpret.context import read_contexts
from dress_kg.interpret.culprit import read_culprits
from dress_kg.interpret.curation import apply_curation, check_items, curations_of, stale_curations
from dress_kg.interpret.declared import (
    declared_condition,
    declared_finding,
    declared_identifier,
    listed_strategy,
    whole_condition,
    with_declared,
)
from dress_kg.interpret.finding import read_findings
from dress_kg.interpret.harm import read_harms
from dress_kg.interpret.interval import read_interval
from dress_kg.interpret.journals import Journals
from dress_kg.interpret.line_of_therapy import read_lines_of_therapy
from dress_kg.interpret.named_doses import by_nearest_name, names_only
from dress_kg.interpret.rating import Scale, read_assessment
from dress_kg.interpret.regimen import read_doses
from dress_kg.interpret.regimen.combine import combine, stated_routes
from dress_kg.interpret.roles import read_other_agents
from dress_kg.interpret.spans import moved, with_unread
from dress_kg.interpret.strategy import read_strategy, refine_roles, unread_drug, with_variant
from dress_kg.interpret.study import read_study
from dress_kg.keys import distinct, item_key, printed_key
from dress_kg.profile import Profile, load_profile
from dress_kg.records import (
    Assessment,
    Basis,
    Citation,
    Condition,
    Curation,
    Evidence,
    Finding,
    FindingKind,
    Row,
    Strategy,
    Table,
)

_REGIMEN = ("drug", "dose")  # a column that names the drug and gives its dose

READ_FIELDS = frozenset(
    {"drug", "dose", "interval", "reference", "study_design", "comments", "level", "grade"}
)
"""The cells that some rule reads; the others are declared in codes, or carried along."""


@dataclass(frozen=True, slots=True)
class Identified:
    """What tells a row from others. :ivar publication_id: as in :class:`~dress_kg.records.Evidence`."""

    key: str
    citation: Citation | None
    publication_id: str | None


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
        return whole_condition(self.profile.condition, self.conditions) if self.profile.condition else None

    def words(self) -> frozenset[str]:
        """Lower-case words of agents and conditions, by which broken words are mended."""
        return self.agents.words() | self.conditions.words()

    def identified(self, row: Row) -> Identified:
        """The key of a row before equal ones are told apart, and what it cites; quick beside `read`.

        :param row: the columns of `identifying` will do.
        """
        printed = self._cells(row)
        citation = read_citation(printed.get("reference", ""), self.journals)
        ids = self.profile.identifiers
        return Identified(
            self._key(row, citation), citation, declared_identifier(printed, ids) if ids else None
        )

    @property
    def identifying(self) -> frozenset[str]:
        """The fields of the columns that `identified` reads."""
        profile = self.profile
        scheme = profile.identifiers.column if profile.identifiers else None
        wanted = {*profile.key, "drug", "reference", "publication_id", *((scheme,) if scheme else ())}
        shared = (column.field for column in profile.columns if wanted.intersection(column.also))
        return frozenset(wanted.union(shared))

    def read(self, row: Row) -> Evidence:
        """The evidence item of a row; its key is not yet told apart from equal ones."""
        printed = self._cells(row)
        cells = {field: text for field, text in printed.items() if field in READ_FIELDS}
        strategy = self._strategy(printed)
        study = read_study(cells.get("study_design", ""), cells.get("comments", ""), self.conditions)
        study = with_declared(study, printed, self.profile)
        said = read_findings(cells, strategy, study, self.agents, self.conditions)
        strategy = _refined(strategy, said.findings)
        culprits = read_culprits(cells, strategy, self.agents)
        harms = read_harms(cells, strategy, study, self.agents)
        others = read_other_agents(cells, strategy, self.agents, said.findings, culprits)
        dose = read_doses(cells.get("dose", ""), self.agents)
        interval = read_interval(cells.get("interval", ""), self.agents)
        routes = stated_routes(cells.get("drug", ""), self.agents)
        citation = read_citation(cells.get("reference", ""), self.journals)
        ids = self.profile.identifiers
        evidence = Evidence(
            source=self.profile.id,
            key=self._key(row, citation),
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
            unread=(
                *(() if strategy else unread_drug(cells.get("drug", ""), None)),
                *dose.unread,
                *interval.unread,
                *said.unread,
            ),
            condition=self._condition(printed),
            publication_id=declared_identifier(printed, ids) if ids else None,
        )
        return self._as_declared(evidence, printed)

    def _cells(self, row: Row) -> dict[str, str]:
        """The texts to read, by field: none where the column's `empty` says so, two where `also` does."""
        cells = {field: cell.text for field, cell in row.cells.items()}
        for column in self.profile.columns:
            text = cells.get(column.field, "")
            if column.empty and column.is_empty(text):
                text = cells[column.field] = ""
            for other in column.also:
                cells[other] = text
                if (column.field, other) == _REGIMEN:
                    cells[column.field] = names_only(text)
        return {**self.profile.constants, **cells}

    def _key(self, row: Row, citation: Citation | None) -> str:
        """By what is printed, so that no better reading changes it."""
        cells = {field: cell.text for field, cell in row.cells.items()}
        if set(self.profile.key) != {"drug", "reference"}:
            return printed_key(cells.get(field, "") for field in self.profile.key)
        printed = (citation.author, citation.year, citation.number) if citation else (None, None, None)
        return item_key(cells.get("drug", ""), *printed)

    def _strategy(self, cells: dict[str, str]) -> Strategy | None:
        column = self.profile.column("drug")
        text = cells.get("drug", "")
        if column is not None and column.separator is not None:
            operator = cells.get("operator", "")
            return listed_strategy(text, operator, column, self.profile.operators, self.agents)
        strategy = read_strategy(text, self.agents)
        return strategy and with_variant(strategy, cells.get("dose", ""), self.agents)

    def _condition(self, cells: dict[str, str]) -> Condition | None:
        """The row's own condition; else the source's, where the vocabulary lacks it; None where it has it."""
        own = declared_condition(cells, self.profile, self.conditions)
        if own is not None or self.condition is not None:
            return own
        return Condition(None, self.profile.condition or "not stated")

    def _as_declared(self, evidence: Evidence, cells: dict[str, str]) -> Evidence:
        """The item with what its columns declare, and each selection in the column that was printed."""
        directions = self.profile.directions
        finding = declared_finding(cells, directions) if directions and evidence.strategy else None
        if finding is not None:
            told = tuple(replace(each, primary=False) for each in evidence.findings)
            evidence = replace(
                evidence,
                findings=(finding, *told),
                direction=finding.direction,
                direction_basis=finding.basis,
            )
        constants = self.profile.constants
        if "study_design" in constants and evidence.study.design:
            evidence = replace(evidence, study=replace(evidence.study, design_basis=Basis.INFERRED))
        if "drug" in constants and evidence.strategy:
            components = tuple(replace(c, basis=Basis.INFERRED) for c in evidence.strategy.components)
            evidence = replace(evidence, strategy=replace(evidence.strategy, components=components))
        shared = {other: column.field for column in self.profile.columns for other in column.also}
        if shared.get("dose") == "drug":
            evidence = replace(evidence, steps=by_nearest_name(evidence.steps, evidence.strategy))
        if not shared and not constants:
            return evidence
        return moved(evidence, {**dict.fromkeys(constants), **shared})

    def _assessment(self, cells: dict[str, str]) -> Assessment | None:
        if self.profile.rating_scale is None:
            return None
        return _assessed(cells.get("level", ""), cells.get("grade", ""), self.profile.rating_scale)


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
    curations = curations_of(profile, curation)
    check_items(curations, keys)
    return settled(read, keys, curations, Interpreter.of(profile))


def settled(
    read: Sequence[Evidence], keys: Sequence[str], curations: Sequence[Curation], interpreter: Interpreter
) -> tuple[tuple[Evidence, ...], tuple[Curation, ...]]:
    """The items under their own keys, curated, and the curations of them that are stale.

    :param keys: the keys of these items, equal ones told apart over the whole table.
    :raises CurationError: a curation names an agent that neither the row nor the vocabulary knows.
    """
    by_item: dict[str, list[Curation]] = {}
    for curation in curations:
        by_item.setdefault(curation.item, []).append(curation)
    resolve = interpreter.agents.resolve
    items: list[Evidence] = []
    stale: list[Curation] = []
    for evidence, key in zip(read, keys, strict=True):
        # What is unread is settled before curation: a judgement rests on a whole cell and reads none of it.
        item = with_unread(replace(evidence, key=key))
        decided = by_item.get(key, ())
        stale.extend(stale_curations(item, decided))
        items.append(apply_curation(item, decided, resolve))
    return tuple(items), tuple(stale)


@lru_cache(maxsize=8)
def _loaded(path: Path) -> Interpreter:
    profile = load_profile(path)
    return Interpreter(
        profile,
        AgentLexicon.load(abbreviations=profile.abbreviations),
        ConditionLexicon.load(),
        Journals.load(),
    )


@lru_cache(maxsize=1024)
def _assessed(level: str, grade: str, scale: str) -> Assessment | None:
    return read_assessment(level, grade, Scale.load(scale))


def _read_row(path: Path, row: Row) -> Evidence:
    return _loaded(path).read(row)


def _refined(strategy: Strategy | None, findings: tuple[Finding, ...]) -> Strategy | None:
    """The strategy with those agents as index that the row's reported outcome is about."""
    primary = [f for f in findings if f.primary and f.kind is FindingKind.REPORTED_OUTCOME]
    targets = {agent.id for finding in primary for agent in finding.targets}
    return refine_roles(strategy, targets) if strategy and targets else strategy
