"""The documentation page of the stored queries, made from their headers."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from dress_kg.queries.catalog import StoredQuery
from dress_kg.queries.parameter import Parameter

_HEAD = """\
# Stored queries

Made from the headers of the files in `queries/`; a test keeps this page equal to them. Each file is a plain
SPARQL 1.1 query over the union of all named graphs and runs as it is in any tool. A parameter is a `VALUES`
block between two comments; `UNDEF` in it means "all". `dress-kg queries` lists the names,
`dress-kg query NAME` asks one, with `--param key=value` and `--format table|csv|tsv|json|markdown`.

A value of the type iri may be a label, a synonym, a local id, a CURIE or an IRI.

The answers repeat what one guideline of 2020 prints, almost all uncontrolled cases: "effective" means that a
report says so. They are not advice for prescribing.
"""


def page(queries: Iterable[StoredQuery]) -> str:
    """The page in Markdown: a section an audience, a paragraph a query."""
    parts = [_HEAD]
    for audience, group in groupby(queries, key=lambda query: query.audience):
        parts.append(f"## {audience}\n")
        parts.extend(_entry(query) for query in group)
    return "\n".join(parts)


def _entry(query: StoredQuery) -> str:
    lines = [f"### {query.name.partition('/')[2]}", "", f"**{query.summary}** {query.description}", ""]
    lines += [_parameter(parameter) for parameter in query.parameters]
    lines += [""] if query.parameters else []
    return "\n".join([*lines, "```", query.example, "```", ""])


def _parameter(parameter: Parameter) -> str:
    kind = " | ".join(parameter.choices) if parameter.choices else parameter.type
    default = "all" if parameter.default is None else parameter.default
    return f"- `{parameter.name}` ({kind}; default {default}): {parameter.label}"
