"""What a tool answers: rows of a stored query, and the printed cells behind each evidence item in them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from dress_kg import terms
from dress_kg.mcp.facts import Facts
from dress_kg.mcp.tools import Call
from dress_kg.queries import StoredQuery

_XSD = terms.PREFIXES["xsd"]
_INTEGER = re.compile(r"[+-]?[0-9]{1,15}")
_DECIMAL = re.compile(r"[+-]?([0-9]{1,15}(\.[0-9]{0,15})?|\.[0-9]{1,15})")
_MISLEADING = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
"""Control and direction characters, which can make a text look like another."""


def structured(query: StoredQuery, call: Call, body: bytes, facts: Facts) -> dict[str, Any]:
    """The answer as `tools.OUTPUT_SCHEMA` says.

    :param body: the whole answer as SPARQL JSON results.
    """
    said = json.loads(body)
    columns, bindings = said["head"]["vars"], said["results"]["bindings"]
    shown = bindings[call.offset : call.offset + call.limit]
    names = facts.labels({term["value"] for row in shown for term in row.values() if term["type"] == "uri"})
    return {
        "query": query.name,
        "columns": columns,
        "rows": [{name: _value(row.get(name), names) for name in columns} for row in shown],
        "total": len(bindings),
        "offset": call.offset,
        "more": call.offset + len(shown) < len(bindings),
        "sources": _sources(shown, facts),
        "notice": facts.notice(),
    }


def _value(term: Mapping[str, str] | None, names: Mapping[str, str]) -> Any:
    if term is None:
        return None
    value, datatype = term["value"], term.get("datatype", "").removeprefix(_XSD)
    if term["type"] == "uri":
        return {"iri": value, "label": names.get(value)}
    if datatype == "boolean":
        return value in ("true", "1")
    if datatype == "integer" and _INTEGER.fullmatch(value):
        return int(value)
    if datatype in ("decimal", "double") and _DECIMAL.fullmatch(value):
        return float(value)
    return value


def _sources(rows: Iterable[Mapping[str, Mapping[str, str]]], facts: Facts) -> dict[str, Any]:
    terms_ = (term for row in rows for term in row.values())
    found = (facts.item_of(term["value"]) for term in terms_ if term["type"] == "uri")
    return {item: source(item, facts) for item in dict.fromkeys(found) if item is not None}


def source(item: str, facts: Facts) -> dict[str, Any]:
    """The printed row of an item: file, lines, and each cell with its column, lines and text."""
    printed = facts.printed(item)
    return {
        "label": printed.label,
        "resource": address(item, facts.base),
        "file": printed.file,
        "lines": list(printed.lines),
        "cells": [
            {"column": cell.column, "lines": list(cell.lines), "text": cell.text} for cell in printed.cells
        ],
        "warnings": list(printed.warnings),
    }


def address(iri: str, base: str = terms.DATA) -> str:
    """The resource of an item.

    >>> address("https://w3id.org/dress-kg/id/evidence/dress/cyclosporine-kirchhof-2016")
    'dress-kg:///evidence/dress/cyclosporine-kirchhof-2016'
    """
    return "dress-kg:///" + iri.removeprefix(base)


def as_json(value: object) -> str:
    r"""JSON in which characters that could mislead a reader are written as escapes.

    >>> as_json("a\u202eb")
    '"a\\u202eb"'
    """
    return in_a_line(json.dumps(value, ensure_ascii=False))


def in_a_line(text: str) -> str:
    r"""The text in one line, with characters that could mislead a reader as escapes.

    >>> in_a_line("a\nb\u202e")
    'a\\u000ab\\u202e'
    """
    return _MISLEADING.sub(lambda match: f"\\u{ord(match[0]):04x}", text)
