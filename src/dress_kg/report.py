"""What a build or a check prints: the summary, the ledger, and quality results one a line."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from dress_kg.records import Basis, LineKind

if TYPE_CHECKING:
    from dress_kg.results import Graph, Result, Source
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
    verdict = "conforms" if report.conforms else "does not conform"
    found = f"{len(report.violations)} violations, {len(report.warnings)} warnings, {len(report.infos)} notes"
    return f"{verdict}: {report.items} items, {found}"


def build_summary(result: Result) -> str:
    """What a newcomer wants to know of a build: what came out, what is doubtful, where it lies."""
    graph = result.graph
    parts = [_source_text(source, graph) for source in graph.sources]
    by_rule = Counter(each.rule for each in graph.report.warnings)
    doubtful = ", ".join(f"{rule} {n}" for rule, n in sorted(by_rule.items(), key=lambda x: (-x[1], x[0])))
    seconds = sum(result.seconds.values())
    parts += [
        f"Quality   {counts_text(graph.report)}",
        *([f"          warnings: {doubtful}"] if doubtful else []),
        f"Graph     {len(graph.quads):,} quads in {_graphs(graph):,} named graphs, in {seconds:.1f} s",
        f"Published {result.folder.parent.parent}",
        "",
        NOTICE,
    ]
    return "\n".join(parts)


def _source_text(source: Source, graph: Graph) -> str:
    evidence = source.evidence
    ours = {
        row["publication"]
        for row in graph.tables.get("citation", [])
        if f"/evidence/{source.profile.id}/" in (row["item"] or "")
    }
    agents = {c.agent.id for each in evidence if each.strategy for c in each.strategy.components}
    others = {c.agent.id for each in evidence for c in each.others} - agents
    repairs = Counter(repair.rule for row in source.table.rows for repair in row.repairs)
    curated = sum(len(each.curations) for each in evidence)
    basis = Counter(finding.basis for each in evidence for finding in each.findings)
    unread = sum(len(s.exact) for each in evidence for s in each.unread)
    cells = (cell for each in evidence for cell in each.row.cells.values())
    characters = sum(len(cell.text) for cell in cells if not cell.field.startswith("x_"))
    lines = [
        f"{source.profile.title}",
        f"Source    {source.file.name} (source/{source.profile.id})",
        f"Ledger    {ledger_text(source)}",
        f"Repairs   {sum(repairs.values())}: {_counted(repairs)}",
        f"Items     {len(evidence)} evidence items from {len(ours - {None})} publications, "
        f"on {len(agents)} agents in the drug column and {len(others)} more named elsewhere",
        f"Regimens  {sum(len(each.steps) for each in evidence)} dose statements, "
        f"{sum(len(each.intervals) for each in evidence)} statements of time",
        f"Findings  {sum(len(each.findings) for each in evidence)} ("
        + ", ".join(f"{basis[b]} {b}" for b in Basis if basis[b])
        + f"), {sum(len(each.harms) for each in evidence)} harms; {curated} curated decisions",
        *_carried_along(source),
        f"Unread    {unread:,} of {characters:,} characters were read by no rule and are kept as unread",
    ]
    lines += [
        f"Stale     curation of {each.item} ({each.field}) not applied: its cell has changed since"
        for each in source.stale
    ]
    return "\n".join(lines)


def _counted(counts: Counter[str]) -> str:
    return ", ".join(f"{name} {n}" for name, n in sorted(counts.items()))


def _carried_along(source: Source) -> list[str]:
    """The columns that no field of the profile claims, by their printed headers."""
    claimed = {column.field for column in source.profile.columns}
    kept = [printed for field, printed in source.table.columns if field not in claimed]
    return (
        [f"Kept      {len(kept)} columns that the profile does not name: {', '.join(kept)}"] if kept else []
    )


def ledger_text(source: Source) -> str:
    """`84 lines = 63 in 35 rows + 2 header + 6 section + …`: every physical line in one class."""
    counts = Counter(entry.kind for entry in source.table.ledger)
    rows = f"{counts[LineKind.ROW]} in {len(source.table.rows)} rows"
    others = [f"{counts[kind]} {kind}" for kind in LineKind if kind is not LineKind.ROW and counts[kind]]
    return f"{sum(counts.values())} lines = " + " + ".join([rows, *others])


def _graphs(graph: Graph) -> int:
    return len({quad.graph_name for quad in graph.quads})
