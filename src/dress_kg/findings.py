"""The validation report of a long table, in parts: each batch leaves its results in the report's order.

Nobody holds all results: they are counted as they are found, and merged when the report is written.
"""

from __future__ import annotations

import heapq
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from itertools import groupby
from pathlib import Path
from typing import IO

from dress_kg.spill import spill_all, stream
from dress_kg.validate.result import QualityResult, Severity
from dress_kg.validate.rows import CrossJudgement, Placed, RowJudgement, report_order

FORMAT = 1
"""Version of the build folder's layout; raised when a reader of an older one would go wrong."""

_SHOWN = 10


@dataclass(slots=True)
class Findings:
    """What is found in some rows, counted.

    :ivar doubts: warnings by rule. :ivar violations: the first ten.
    """

    severities: Counter[Severity] = field(default_factory=Counter)
    doubts: Counter[str] = field(default_factory=Counter)
    violations: tuple[QualityResult, ...] = ()

    def add(self, other: Findings) -> None:
        """Add what is found in rows further down."""
        self.severities += other.severities
        self.doubts += other.doubts
        self.violations = (*self.violations, *other.violations)[:_SHOWN]


@dataclass(slots=True)
class Verdict:
    """The validation report but for the single results: what :class:`ValidationReport` says of all.

    The names mean what they mean there.
    """

    found: Findings = field(default_factory=Findings)
    not_applicable: frozenset[str] = frozenset()
    applied: frozenset[str] = frozenset()
    shapes_checked: frozenset[str] = frozenset()
    rules_run: frozenset[str] = frozenset()
    items: int = 0

    @property
    def conforms(self) -> bool:
        """Whether there is no violation."""
        return not self.violations

    @property
    def violations(self) -> int:
        """How many results block publication."""
        return self.found.severities[Severity.VIOLATION]

    @property
    def warnings(self) -> int:
        """How many results make a value doubtful."""
        return self.found.severities[Severity.WARNING]

    @property
    def infos(self) -> int:
        """How many results are worth knowing."""
        return self.found.severities[Severity.INFO]

    def add(self, judgement: RowJudgement, found: Findings) -> None:
        """Add what the row shapes, and the rules of a row, say of a batch."""
        self.found.add(found)
        self.not_applicable |= judgement.not_applicable
        self.applied |= judgement.applied
        self.shapes_checked |= judgement.matched
        self.rules_run |= judgement.run
        self.items += judgement.items

    def add_cross(self, cross: CrossJudgement, found: Findings) -> None:
        """Add what the cross-row rules say of the whole."""
        self.found.add(found)
        self.not_applicable |= cross.not_applicable
        self.rules_run |= cross.run


def leave(placed: Iterable[Placed], path: Path) -> Findings:
    """Write the results of a batch to a file, in the report's order and each once; returns their counts."""
    results = list(dict.fromkeys(sorted(placed, key=report_order)))
    spill_all(results, path)
    found = Findings(
        violations=tuple(r.result for r in results if r.result.severity is Severity.VIOLATION)[:_SHOWN]
    )
    for each in results:
        found.severities[each.result.severity] += 1
        if each.result.severity is Severity.WARNING:
            found.doubts[each.result.rule] += 1
    return found


def merged(files: Sequence[Path]) -> Iterator[tuple[str | None, list[QualityResult]]]:
    """All results in the report's order, those of an item together."""
    placed = heapq.merge(*map(stream, files), key=report_order)
    for (_, item), same in groupby(placed, key=lambda each: (each.position, each.result.item)):
        yield item, [each.result for each in same]


def write_report(verdict: Verdict, results: Iterable[QualityResult], out: IO[str]) -> None:
    """Write the report as JSON, result by result; the bytes are those of `json.dumps(…, indent=1)`."""
    put_report(verdict, map(result_text, results), out)


def result_text(result: QualityResult) -> str:
    """A result as it stands in the report."""
    return _json(asdict(result)).replace("\n", "\n  ")


def put_report(verdict: Verdict, texts: Iterable[str], out: IO[str]) -> None:
    """Write the report. :param texts: the results as they stand in it, in the report's order."""
    counts = {str(severity): verdict.found.severities[severity] for severity in Severity}
    head = {"format": FORMAT, "conforms": verdict.conforms, "counts": counts}
    tail = {
        "not_applicable": sorted(verdict.not_applicable),
        "unmatched": sorted(verdict.applied - verdict.shapes_checked),
        "shapes_checked": sorted(verdict.shapes_checked),
        "rules_run": sorted(verdict.rules_run),
        "items": verdict.items,
    }
    out.write(_json(head).removesuffix("\n}") + ',\n "results": [')
    separator = "\n"
    for text in texts:
        out.write(separator + "  " + text)
        separator = ",\n"
    out.write("]" if separator == "\n" else "\n ]")
    out.write("," + _json(tail).removeprefix("{") + "\n")


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1, default=str)
