"""What a build tells of a source when it is done: counts that add up over batches of rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from dress_kg.records import Evidence, LineKind, Table


@dataclass(slots=True)
class Tally:
    """What came out of some rows of a source.

    :ivar lines: physical lines by class. :ivar repairs: by rule. :ivar findings: by basis.
    :ivar agents: ids of the agents in the drug column; :ivar others: of those named in any other place.
    :ivar unread: characters that no rule read, of :ivar characters: those of the columns that are read.
    """

    lines: Counter[LineKind] = field(default_factory=Counter)
    rows: int = 0
    repairs: Counter[str] = field(default_factory=Counter)
    items: int = 0
    agents: set[str] = field(default_factory=set)
    others: set[str] = field(default_factory=set)
    doses: int = 0
    intervals: int = 0
    findings: Counter[str] = field(default_factory=Counter)
    harms: int = 0
    curated: int = 0
    unread: int = 0
    characters: int = 0

    def add(self, other: Tally) -> None:
        """Add the counts of other rows of the source."""
        for name in _NAMES:
            mine, theirs = getattr(self, name), getattr(other, name)
            if isinstance(mine, int):
                setattr(self, name, mine + theirs)
            elif theirs:
                mine.update(theirs)  # in place: a source of many rows has many agents

    def told(self) -> dict[str, Any]:
        """The counts as JSON has them, without what is none."""
        values = {name: getattr(self, name) for name in _NAMES}
        return {
            name: sorted(value) if isinstance(value, set) else value
            for name, value in values.items()
            if value
        }

    def add_told(self, told: Mapping[str, Any]) -> None:
        """Add counts as :meth:`told` gives them."""
        for name, value in told.items():
            if isinstance(value, int):
                setattr(self, name, getattr(self, name) + value)
            elif name == "lines":
                self.lines.update({LineKind(kind): number for kind, number in value.items()})
            else:
                getattr(self, name).update(value)


_NAMES = tuple(each.name for each in fields(Tally))


def tally(table: Table, evidence: Iterable[Evidence]) -> Tally:
    """The counts of a table, or of a stretch of one."""
    told = Tally(
        lines=Counter(entry.kind for entry in table.ledger),
        rows=len(table.rows),
        repairs=Counter(repair.rule for row in table.rows for repair in row.repairs),
    )
    for item in evidence:
        told.items += 1
        told.agents.update(c.agent.id for c in (item.strategy.components if item.strategy else ()))
        told.others.update(c.agent.id for c in item.others)
        told.doses += len(item.steps)
        told.intervals += len(item.intervals)
        told.findings.update(finding.basis for finding in item.findings)
        told.harms += len(item.harms)
        told.curated += len(item.curations)
        told.unread += sum(len(selection.exact) for selection in item.unread)
        cells = item.row.cells.values()
        told.characters += sum(len(cell.text) for cell in cells if not cell.field.startswith("x_"))
    return told
