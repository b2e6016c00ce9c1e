"""A validation report to rows of the tidy table `quality_finding`."""

from __future__ import annotations

from dress_kg import terms
from dress_kg.tables import Cells, Tables
from dress_kg.validate.result import QualityResult, ValidationReport


def quality_tables(report: ValidationReport, source_id: str, base: str = terms.DATA) -> Tables:
    """The rows of the source's quality graph; a finding's IRI is made of item, rule and node.

    Results that belong to no evidence item of this source are left out: there is nothing to hang them on.
    """
    graph = terms.source_graph(source_id, "quality", base)
    own = terms.evidence(source_id, "", base)
    rows: dict[str, Cells] = {}
    for result in report.results:
        if result.item is None or not result.item.startswith(own):
            continue
        finding = finding_iri(result)
        number = 1
        while finding in rows:
            number += 1
            finding = f"{finding_iri(result)}/{number}"
        rows[finding] = {
            "named_graph": graph,
            "finding": finding,
            "item": result.item,
            "cell": result.cell,
            "rule": result.rule,
            "severity": terms.concept("severity", result.severity),
            "message": result.message,
            "value": result.value,
            "suggestion": result.suggestion,
        }
    return {"quality_finding": list(rows.values())}


def finding_iri(result: QualityResult) -> str:
    """The IRI of a quality finding: stable from build to build, whatever else is found.

    >>> from dress_kg.validate.result import Severity
    >>> item = terms.evidence("dress", "a-b-2016")
    >>> finding_iri(QualityResult("dose-implausible", Severity.WARNING, "", item, item + "/step/1",
    ...     None, "dose", None, None, (), None, None, None))
    'https://w3id.org/dress-kg/id/evidence/dress/a-b-2016/quality/dose-implausible/step/1'
    """
    item = result.item or ""
    under = (result.node or "").removeprefix(item) if (result.node or "").startswith(item + "/") else ""
    return terms.part(item, "quality", result.rule) + under
