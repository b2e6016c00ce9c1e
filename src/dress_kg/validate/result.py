"""What the gate returns: rules, results and the report, all frozen and JSON-able."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """VIOLATION blocks publication; WARNING: the value is doubtful; INFO: worth knowing, it stands."""

    VIOLATION = "violation"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Rule:
    """A shape or a cross-row rule, as its file describes it.

    :ivar name: unique over shapes and rules; a flag of the gold where it means the same.
    :ivar message: for a curator; `{?name}` stands for a variable of a cross-row rule.
    :ivar reason: why it is worth checking. :ivar suggestion: what to do, None where nothing is known.
    :ivar fields: the columns it needs; without one of them it is not applicable. The first is where a
        result points to when it names no column itself.
    :ivar file: the file it stands in.
    """

    name: str
    severity: Severity
    message: str
    reason: str
    suggestion: str | None
    fields: tuple[str, ...]
    file: str


@dataclass(frozen=True, slots=True)
class QualityResult:
    """What one rule says of one item, or of one node of it.

    :ivar item: IRI of the evidence item, None where the node belongs to none.
    :ivar node: IRI of the node at fault (a regimen step, a citation, the item itself).
    :ivar cell: IRI of the cell it was read from, None where it is the whole row.
    :ivar field: the profile's name of the column. :ivar column: its header as printed.
    :ivar file: the source file. :ivar line: its first physical line, 1-based. :ivar lines: all of them.
    :ivar value: the printed value, None where nothing is printed.
    """

    rule: str
    severity: Severity
    message: str
    item: str | None
    node: str | None
    cell: str | None
    field: str | None
    file: str | None
    line: int | None
    lines: tuple[int, ...]
    column: str | None
    value: str | None
    suggestion: str | None


@dataclass(frozen=True, slots=True)
class ValidationReport:
    """The answer of the gate.

    :ivar results: sorted by item order of the source, then rule.
    :ivar not_applicable: rules that need a column which the source does not have.
    :ivar unmatched: shapes that applied and found no node of their class.
    :ivar shapes_checked: shapes that judged at least one node. :ivar rules_run: cross-row rules run.
    :ivar items: number of evidence items judged.
    """

    results: tuple[QualityResult, ...]
    not_applicable: tuple[str, ...]
    unmatched: tuple[str, ...]
    shapes_checked: tuple[str, ...]
    rules_run: tuple[str, ...]
    items: int

    def _of(self, severity: Severity) -> tuple[QualityResult, ...]:
        return tuple(result for result in self.results if result.severity is severity)

    @property
    def violations(self) -> tuple[QualityResult, ...]:
        """The results that block publication."""
        return self._of(Severity.VIOLATION)

    @property
    def warnings(self) -> tuple[QualityResult, ...]:
        """The results that make a value doubtful."""
        return self._of(Severity.WARNING)

    @property
    def infos(self) -> tuple[QualityResult, ...]:
        """The results that are worth knowing."""
        return self._of(Severity.INFO)

    @property
    def conforms(self) -> bool:
        """Whether there is no violation."""
        return not self.violations
