"""What a build or a check prints: the summary, the ledger, and quality results one a line."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from dress_kg.changes import summary as changes
from dress_kg.records import Basis, LineKind

if TYPE_CHECKING:
    from dress_kg.results import Built, Result
    from dress_kg.tally import Tally
    from dress_kg.validate import QualityResult, ValidationReport

NOTICE = (
    "Reports cited in one guideline, almost all uncontrolled cases. Not advice for prescribing; "
    "superseded when a newer edition exists."
)


def one_line(result: QualityResult) -> str:
    """A quality result as `file:line, column: severity rule: message (value) → suggestion`."""
    where = result.file or result.item or "–"
    where += f":{result.line}" if result.file and result.line else ""
    column = f", {result.column}" if result.column else ""
    value = f" {result.value!r}" if result.value else ""
    suggestion = f"\n    → {result.suggestion}" if result.suggestion else ""
    return f"{where}{column}: {result.severity} {result.rule}: {result.message}{value}{suggestion}"


def results_text(report: ValidationReport) -> str:
    """All results, violations first, then what was not applicable, and the counts."""
    parts = [one_line(result) for result in (*report.violations, *report.warnings, *report.infos)]
    if report.not_applicable:
        parts.append(f"not applicable to this source: {', '.join(report.not_applicable)}")
    return "\n".join([*parts, counts_text(report)])


def counts_text(report: ValidationReport) -> str:
    """`conforms: 35 items, 0 violations, 12 warnings, 40 notes`."""
    counts = (len(report.violations), len(report.warnings), len(report.infos))
    return _counts(report.items, *counts)


def _counts(items: int, violations: int, warnings: int, notes: int) -> str:
    verdict = "does not conform" if violations else "conforms"
    return f"{verdict}: {items} items, {violations} violations, {warnings} warnings, {notes} notes"


def build_summary(result: Result) -> str:
    """What a newcomer wants to know of a build: what came out, what is doubtful, where it lies."""
    verdict = result.verdict
    parts = [_source_text(source) for source in result.sources]
    by_rule = verdict.found.doubts
    doubtful = ", ".join(f"{rule} {n}" for rule, n in sorted(by_rule.items(), key=lambda x: (-x[1], x[0])))
    seconds = sum(result.seconds.values())
    counts = _counts(verdict.items, verdict.violations, verdict.warnings, verdict.infos)
    parts += [
        f"Quality   {counts}",
        *([f"          warnings: {doubtful}"] if doubtful else []),
        f"Graph     {result.quads:,} quads in {result.graphs:,} named graphs, in {seconds:.1f} s",
        *([changes(result.difference)] if result.difference is not None else []),
        *(["Changes   none: the version there stands"] if not result.seconds else []),
        f"Published {result.place}",
        "",
        NOTICE,
    ]
    return "\n".join(parts)


def _source_text(source: Built) -> str:
    told = source.tally
    others = told.others - told.agents
    basis = told.findings
    lines = [
        f"{source.profile.title}",
        f"Source    {source.file.name} (source/{source.profile.id})",
        f"Ledger    {ledger_text(told)}",
        f"Repairs   {told.repairs.total()}: {_counted(told.repairs)}",
        f"Items     {told.items} evidence items from {source.cited} publications, "
        f"on {len(told.agents)} agents in the drug column and {len(others)} more named elsewhere",
        f"Regimens  {told.doses} dose statements, {told.intervals} statements of time",
        f"Findings  {basis.total()} ("
        + ", ".join(f"{basis[b]} {b}" for b in Basis if basis[b])
        + f"), {told.harms} harms; {told.curated} curated decisions",
        *_carried_along(source),
        f"Unread    {told.unread:,} of {told.characters:,} characters were read by no rule "
        "and are kept as unread",
    ]
    lines += [
        f"Stale     curation of {each.item} ({each.field}) not applied: its cell has changed since"
        for each in source.stale
    ]
    return "\n".join(lines)


def _counted(counts: Counter[str]) -> str:
    return ", ".join(f"{name} {n}" for name, n in sorted(counts.items()))


def _carried_along(source: Built) -> list[str]:
    """The columns that no field of the profile claims, by their printed headers."""
    claimed = {column.field for column in source.profile.columns}
    kept = [printed for field, printed in source.columns if field not in claimed]
    return (
        [f"Kept      {len(kept)} columns that the profile does not name: {', '.join(kept)}"] if kept else []
    )


def ledger_text(told: Tally) -> str:
    """`84 lines = 63 in 35 rows + 2 header + 6 section + …`: every physical line in one class."""
    counts = told.lines
    rows = f"{counts[LineKind.ROW]} in {told.rows} rows"
    others = [f"{counts[kind]} {kind}" for kind in LineKind if kind is not LineKind.ROW and counts[kind]]
    return f"{counts.total()} lines = " + " + ".join([rows, *others])
