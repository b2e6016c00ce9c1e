"""The report of the version before, result by result, as text: what still holds is copied and not read."""

from __future__ import annotations

import heapq
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from mmap import mmap
from typing import IO, Any

from dress_kg.findings import Findings, Verdict, put_report, result_text
from dress_kg.validate.result import QualityResult, Severity
from dress_kg.validate.rows import Placed, report_order

_TEXT = rb'"(?:[^"\\]|\\.)*"'
_RESULT = re.compile(
    rb'\n  (\{\n   "rule": (' + _TEXT + rb'),\n   "severity": "([a-z]+)",\n   "message": ' + _TEXT
    + rb',\n   "item": (null|' + _TEXT + rb"),\n.*?\n  \})", re.DOTALL
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Told:
    """A result as it stands in a report."""

    rule: str
    severity: Severity
    item: str | None
    text: str

    def read(self) -> QualityResult:
        """The result itself."""
        told: dict[str, Any] = json.loads(self.text)
        lines = tuple(told["lines"])
        return QualityResult(**{**told, "severity": Severity(told["severity"]), "lines": lines})


def told_results(data: mmap | bytes) -> Iterator[Told]:
    """The results of a report, in its order."""
    for found in _RESULT.finditer(data):
        item = json.loads(found[4])
        yield Told(json.loads(found[2]), Severity(found[3].decode()), item, found[1].decode())


def as_told(placed: Iterable[Placed]) -> list[Told]:
    """Results of one item as they stand in a report: in its order, each once."""
    ordered = dict.fromkeys(each.result for each in sorted(placed, key=report_order))
    return [Told(each.rule, each.severity, each.item, result_text(each)) for each in ordered]


def rewrite(
    old: mmap | bytes,
    anew: Mapping[str, list[Told]],
    position: Mapping[str, int],
    verdict: Verdict,
    out: IO[str],
) -> None:
    """Write a report: that of the version before with the results of some items replaced.

    :param old: the bytes of that report. :param position: of each item in its source.
    :param anew: the results by item, none where nothing is found any more.
    :param verdict: its counts are made anew.
    """
    found = Findings()
    for each in _flat(anew):
        _count(found, each)
    for each in told_results(old):
        if each.item not in anew:
            _count(found, each)
    violations = [each.read() for each in _flat(anew) if each.severity is Severity.VIOLATION]
    found.violations = tuple(violations[:10])
    verdict.found = found

    def place(each: Told) -> tuple[int, str]:
        return position.get(each.item or "", 0), each.item or ""

    kept = (each for each in told_results(old) if each.item not in anew)
    merged = heapq.merge(kept, sorted(_flat(anew), key=place), key=place)
    put_report(verdict, (each.text for each in merged), out)


def _flat(anew: Mapping[str, list[Told]]) -> Iterator[Told]:
    for told in anew.values():
        yield from told


def _count(found: Findings, each: Told) -> None:
    found.severities[each.severity] += 1
    if each.severity is Severity.WARNING:
        found.doubts[each.rule] += 1
