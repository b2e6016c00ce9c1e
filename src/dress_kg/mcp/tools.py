"""Stored queries as tools: name, description and parameters of each come from the header of its file."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from dress_kg.queries import StoredQuery
from dress_kg.queries.parameter import Parameter

ROWS, MOST_ROWS = 50, 500
"""Rows that a call is given where it does not say, and the most it may ask for."""
LIMIT, OFFSET = "row_limit", "row_offset"
READ = "read-evidence-item"
"""The one tool that is no stored query: many clients let an assistant call tools, but not read resources."""
_JSON_TYPES = {"integer": "integer", "decimal": "number"}
_SCALARS: dict[type, str] = {bool: "boolean", int: "integer", float: "number", str: "string"}


@dataclass(frozen=True, slots=True)
class Call:
    """A tool call that fits its schema. :ivar params: as one would type them at the command line."""

    params: dict[str, str]
    limit: int
    offset: int


def named(queries: Iterable[StoredQuery]) -> dict[str, StoredQuery]:
    """The queries by tool name: the question in words, with its audience before it where two share one.

    :raises QueryError: a query, or a parameter, has a name that the server needs itself.
    """
    found = tuple(queries)
    often = Counter(query.name.partition("/")[2] for query in found)
    tools = {}
    for query in found:
        audience, _, short = query.name.partition("/")
        if short == READ:
            raise query.error("the server has a tool of this name", value=short, remedy="rename the query")
        if {each.name for each in query.parameters} & {LIMIT, OFFSET}:
            raise query.error("no parameter may be called so", value=f"{LIMIT}, {OFFSET}", remedy="rename it")
        tools[short if often[short] == 1 else f"{audience}-{short}"] = query
    return tools


def description(query: StoredQuery) -> str:
    """What the tool answers, what a row means and what is not covered."""
    return f"{query.summary}\n\n{query.description}"


def input_schema(query: StoredQuery) -> dict[str, Any]:
    """The parameters as JSON Schema; none is required."""
    properties = {each.name: _property(each) for each in query.parameters}
    properties[LIMIT] = {
        "type": "integer", "minimum": 1, "maximum": MOST_ROWS, "default": ROWS,
        "description": "How many rows to give.",
    }  # fmt: skip
    properties[OFFSET] = {
        "type": "integer", "minimum": 0, "default": 0,
        "description": "How many rows to pass over first.",
    }  # fmt: skip
    return {"type": "object", "properties": properties, "additionalProperties": False}


def _property(parameter: Parameter) -> dict[str, Any]:
    said: dict[str, Any] = {"type": _JSON_TYPES.get(parameter.type, "string")}
    text = parameter.label
    if parameter.type == "iri":
        text += ": a name, synonym or identifier that the graph knows (such as IVIG), or an IRI"
    if parameter.type == "date":
        said["format"] = "date"
    if parameter.choices:
        said["enum"] = list(parameter.choices)
    if parameter.default is None:
        text += ". Left out: all"
    else:
        number = {"integer": int, "decimal": float}.get(parameter.type, str)
        said["default"] = number(parameter.default)
    return {**said, "description": f"{text[:1].upper()}{text[1:]}."}


_SOURCE: dict[str, Any] = {
    "type": "object",
    "properties": {
        "label": {"type": ["string", "null"]},
        "resource": {"type": "string", "description": "Read it for the whole item."},
        "file": {"type": ["string", "null"]},
        "lines": {"type": "array", "items": {"type": "integer"}},
        "cells": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "column": {"type": "string"},
                    "lines": {"type": "array", "items": {"type": "integer"}},
                    "text": {"type": "string"},
                },
                "required": ["column", "lines", "text"],
            },
        },
        "warnings": {"type": "array", "items": {"type": "string"}},
    },
    "required": ["label", "resource", "file", "lines", "cells", "warnings"],
}
READ_INPUT: dict[str, Any] = {
    "type": "object",
    "properties": {
        "item": {
            "type": "string",
            "description": "IRI, address (dress-kg:///evidence/…), key or label of an evidence item, as "
            "other tools answer it.",
        }
    },
    "required": ["item"],
    "additionalProperties": False,
}
READ_OUTPUT: dict[str, Any] = {
    "type": "object",
    "properties": {
        "item": {"type": "string", "description": "Its IRI."},
        "text": {"type": "string", "description": "The item in words, fact by fact, and as printed."},
        "source": _SOURCE,
        "notice": {"type": "array", "items": {"type": "string"}},
    },
    "required": ["item", "text", "source", "notice"],
}
OUTPUT_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "query": {"type": "string", "description": "The stored query's full name."},
        "columns": {"type": "array", "items": {"type": "string"}},
        "rows": {
            "type": "array",
            "description": "By column: null where nothing is known, a number, truth value or text, or a "
            "thing with IRI and label.",
            "items": {
                "type": "object",
                "additionalProperties": {
                    "anyOf": [
                        {"type": ["string", "number", "boolean", "null"]},
                        {
                            "type": "object",
                            "properties": {"iri": {"type": "string"}, "label": {"type": ["string", "null"]}},
                            "required": ["iri", "label"],
                        },
                    ]
                },
            },
        },
        "total": {"type": "integer", "description": "Rows of the whole answer."},
        "offset": {"type": "integer"},
        "more": {"type": "boolean", "description": "Whether rows come after these."},
        "sources": {
            "type": "object",
            "description": "By IRI of each evidence item in these rows: the printed row it was read from.",
            "additionalProperties": _SOURCE,
        },
        "notice": {"type": "array", "items": {"type": "string"}},
    },
    "required": ["query", "columns", "rows", "total", "offset", "more", "sources", "notice"],
}
"""What every stored query answers."""


def call(query: StoredQuery, arguments: Mapping[str, Any] | None) -> Call:
    """The arguments of a call, checked against the schema; whether a name is known is for the graph to say.

    :raises QueryError: naming the argument, what it was, and what it may be.
    """
    schema = input_schema(query)["properties"]
    given = dict(arguments or {})
    for name, value in given.items():
        if name not in schema:
            near = difflib.get_close_matches(name, schema, n=1)
            raise query.error(
                "there is no parameter of this name", value=name,
                remedy=f"did you mean {near[0]}?" if near else f"there are: {', '.join(schema)}",
            )  # fmt: skip
        _check(query, name, value, schema[name])
    limit, offset = given.pop(LIMIT, ROWS), given.pop(OFFSET, 0)
    return Call({name: _typed(value) for name, value in given.items() if value is not None}, limit, offset)


def _check(query: StoredQuery, name: str, value: Any, schema: Mapping[str, Any]) -> None:
    """One argument against its schema; null is the same as leaving it out."""
    if value is None and name not in (LIMIT, OFFSET):
        return
    wanted = schema["type"]
    found = _SCALARS.get(type(value), type(value).__name__)
    if found != wanted and not (wanted == "number" and found == "integer"):
        raise query.error(f"{name} is no {wanted}", value=str(value)[:200], remedy=f"give a {wanted}")
    if "enum" in schema and value not in schema["enum"]:
        near = difflib.get_close_matches(str(value), schema["enum"], n=1)
        hint = f"did you mean {near[0]}? " if near else ""
        remedy = f"{hint}choose one of: {', '.join(schema['enum'])}"
        raise query.error(f"{name} has no such choice", value=str(value)[:200], remedy=remedy)
    low, high = schema.get("minimum", value), schema.get("maximum", value)
    if wanted == "integer" and not low <= value <= high:
        most = f" and at most {high}" if "maximum" in schema else ""
        raise query.error(f"{name} is out of range", value=str(value), remedy=f"at least {low}{most}")


def _typed(value: Any) -> str:
    """As typed at the command line: no exponent, for a decimal has none."""
    return format(value, "f").rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
