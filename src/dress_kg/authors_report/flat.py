"""The findings of a report as TSV and as JSON."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import asdict

from dress_kg.authors_report.model import Finding, Report
from dress_kg.spreadsheet import tsv_text

COLUMNS = (
    "number", "severity", "rule", "file", "lines", "column", "value", "message", "suggestion", "item",
    "judged",
)  # fmt: skip
"""The columns of the TSV, which are also those of the workbook's list."""


def texts(finding: Finding) -> dict[str, str | int | None]:
    """A finding by :data:`COLUMNS`."""
    lines = ", ".join(map(str, finding.lines))
    return {**{name: getattr(finding, name) for name in COLUMNS}, "lines": lines or None}


def tsv(report: Report) -> str:
    """One finding a line; UTF-8, cells neutral, an empty cell is absent."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter="\t", lineterminator="\n")
    writer.writerow(COLUMNS)
    for finding in report.findings:
        writer.writerow([tsv_text(None if v is None else str(v)) for v in texts(finding).values()])
    return out.getvalue()


def json_text(report: Report) -> str:
    """The sources, the counts by rule, and the findings; absent is null, texts are as printed."""
    value = {
        "format": 1,
        "version": report.version,
        "sources": [
            {
                "id": table.id,
                "title": table.title,
                "file": table.file,
                "sha256": table.sha256,
                "rights": table.rights,
                "notice": table.notice,
                "lines": len(table.lines),
                "rows": len(table.rows),
            }
            for table in report.tables
        ],
        "counts": dict(report.by_severity()),
        "rules": [
            {"rule": each.rule, "severity": each.severity, "findings": len(each.findings)}
            for each in report.by_rule()
        ],
        "findings": [asdict(finding) for finding in report.findings],
    }
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"
