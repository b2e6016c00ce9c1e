"""The page `docs/rules.md`, made from the shapes and rules: `python -m dress_kg.validate.rules_page`."""

from __future__ import annotations

import re
import sys

from dress_kg.validate.result import Rule, Severity
from dress_kg.validate.rules import load_rules
from dress_kg.validate.shapes import load_shapes

_INTRO = """# Quality rules

What the gate checks, when each rule speaks, and how to fix what it found. This page is made from the files
in `ontology/shapes/` (SHACL) and `ontology/rules/` (SPARQL). Where nothing else is said, one row is looked
at, and judged with its batch of rows; rules that look further run over the whole store. Who judges, and how
fast, is told in [validation](validation.md).
`python -m dress_kg.validate.rules_page > docs/rules.md` writes this page anew.

A **violation** says that the graph is wrong and blocks publication. A **warning** says that a printed value
is doubtful: it stays as printed and is left out of ranges by default. An **info** is worth knowing; the
value stands. A rule that needs a column which the source does not have is *not applicable*, and the report
says so.
"""
_SEES = {
    "row": None,
    "item": "the row, and what is settled over the whole table",
    "publication": "the rows that cite one publication",
    "row above": "a row and the row above",
    "agent": "the rows on one agent",
}
"""What a rule looks at, by its group; None is one row."""
_TITLES = {Severity.VIOLATION: "Violations", Severity.WARNING: "Warnings", Severity.INFO: "Infos"}


def rules_page() -> str:
    """The whole page in Markdown, with a final newline."""
    rules = [
        *((rule, "ontology/shapes/", None) for rule in load_shapes().rules.values()),
        *(
            (each.rule, "ontology/rules/", _SEES.get(each.group or "", "the whole store"))
            for each in load_rules()
        ),
    ]
    rules.sort(key=lambda told: told[0].name)
    parts = [_INTRO]
    for severity, title in _TITLES.items():
        parts.append(f"## {title}\n")
        parts += [_section(*told) for told in rules if told[0].severity is severity]
    return "\n".join(parts)


def _section(rule: Rule, folder: str, sees: str | None) -> str:
    when = re.sub(r"\{\?(\w+)\}", r"*\1*", rule.message)
    lines = [f"### {rule.name}\n", f"- When: {when}", f"- Why: {rule.reason}"]
    lines.append(
        f"- How to fix: {rule.suggestion or 'It is a fault of the program or of a mapping; report it.'}"
    )
    if rule.fields:
        lines.append("- Columns: " + ", ".join(f"`{field}`" for field in rule.fields))
    if sees is not None:
        lines.append(f"- Looks at: {sees}")
    lines.append(f"- File: `{folder}{rule.file}`\n")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.stdout.write(rules_page())
