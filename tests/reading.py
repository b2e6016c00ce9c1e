"""Reading rows in tests: the gold's strategy as a record, and all readers of free text on one row."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from dress_kg.interpret.agents import AgentLexicon, ConditionLexicon
from dress_kg.interpret.context import read_contexts
from dress_kg.interpret.culprit import read_culprits
from dress_kg.interpret.drug_names import unmapped_agent
from dress_kg.interpret.finding import FindingReading, read_findings
from dress_kg.interpret.harm import read_harms
from dress_kg.interpret.line_of_therapy import read_lines_of_therapy
from dress_kg.interpret.roles import read_other_agents
from dress_kg.interpret.study import read_study
from dress_kg.records import (
    Agent,
    Component,
    ContextStatement,
    Culprit,
    Harm,
    LineOfTherapy,
    Operator,
    Role,
    Selection,
    Strategy,
)

# What the gold's two curators wrote for an agent in their findings, where it is not the vocabulary's label.
GOLD_NAMES = {
    "systemic corticosteroids": "corticosteroids",
    "antivirals (class)": "antivirals",
    "IVIG monotherapy": "intravenous immunoglobulin",
    "immune globulin intravenous (IVIG)": "intravenous immunoglobulin",
}


@cache
def lexicon() -> AgentLexicon:
    """The shipped agents with the abbreviations of the DRESS profile."""
    return AgentLexicon.load(abbreviations={"CS": "corticosteroids", "Cs": "corticosteroids"})


@cache
def conditions() -> ConditionLexicon:
    """The shipped conditions."""
    return ConditionLexicon.load()


def agent(name: str) -> Agent:
    """The agent of that name; one that the vocabulary does not know is unmapped, as in a build."""
    return lexicon().resolve(name) or unmapped_agent(name)


def single(*names: str, operator: Operator = Operator.SINGLE) -> Strategy:
    """A strategy of these agents, the first one index, the others concomitant."""
    roles = [Role.INDEX, *(Role.CONCOMITANT for _ in names[1:])]
    parts = (Component(agent(n), r, ()) for n, r in zip(names, roles, strict=True))
    return Strategy(operator if len(names) == 1 else Operator.COMBINATION, tuple(parts))


def gold_strategy(item: dict[str, Any]) -> Strategy:
    """The gold's components of an item."""
    parts = (Component(agent(c["agent"]), Role(c["role"]), ()) for c in item["components"])
    return Strategy(Operator(item["relation"]), tuple(parts))


@dataclass(frozen=True, slots=True)
class RowReading:
    """All that is read from the free text of one row."""

    cells: dict[str, str]
    findings: FindingReading
    harms: tuple[Harm, ...]
    culprits: tuple[Culprit, ...]
    others: tuple[Component, ...]
    contexts: tuple[ContextStatement, ...]
    lines: tuple[LineOfTherapy, ...]

    def selections(self) -> list[Selection]:
        """Every selection of every record."""
        found: list[Selection] = []
        for harm_or_so in (self.harms, self.culprits, self.others, self.contexts, self.lines):
            for record in harm_or_so:
                found += record.selections
        for each in self.findings.findings:
            found += each.selections
        found += [s for finding in self.findings.findings for s in finding.conditions]
        return [*found, *self.findings.unread]


def read_row(cells: dict[str, str], strategy: Strategy | None) -> RowReading:
    """Read a row's free text as `interpret.item` does."""
    lex = lexicon()
    findings = read_findings(cells, strategy, None, lex, conditions())
    culprits = read_culprits(cells, strategy, lex)
    study = read_study(cells.get("study_design", ""), cells.get("comments", ""), conditions())
    harms = read_harms(cells, strategy, study, lex)
    others = read_other_agents(cells, strategy, lex, findings.findings, culprits)
    contexts = read_contexts(
        cells,
        strategy,
        lex,
        conditions(),
        findings=findings.findings,
        harms=harms,
        culprits=culprits,
        others=others,
    )
    lines = read_lines_of_therapy(cells, strategy, lex, findings.findings, others)
    return RowReading(cells, findings, harms, culprits, others, contexts, lines)


def read_gold(item: dict[str, Any]) -> RowReading:
    """Read the cells of a gold item with the gold's strategy."""
    cells = {field: text for field, text in item["cells"].items() if text is not None}
    return read_row(cells, gold_strategy(item))
