"""The OpenAPI document: the endpoint, and a path for each stored query, made from the header of its file."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from dress_kg import __version__
from dress_kg.queries import Parameter, StoredQuery
from dress_kg.web.negotiation import CSV, GRAPHS, JSON, ROWS, TSV, Format
from dress_kg.web.problem import MEDIA
from dress_kg.web.protocol import FORM, QUERY
from dress_kg.web.settings import LONGEST_TEXT

STORED = (JSON, CSV, TSV)
"""The formats of stored queries."""
_LONGEST_VALUE = 2000
_FORMATS: dict[str, dict[str, Any]] = {
    "iri": {"type": "string"},
    "string": {"type": "string"},
    "integer": {"type": "integer", "minimum": -(10**18) + 1, "maximum": 10**18 - 1},
    "decimal": {"type": "string", "pattern": r"^[+-]?[0-9]{1,18}(\.[0-9]{1,18})?$"},
    "date": {"type": "string", "format": "date"},
    "choice": {"type": "string"},
}
_WHY = {
    "400": "The query or a parameter is at fault.",
    "404": "There is no such query.",
    "405": "Another method is wanted.",
    "406": "There is no such format.",
    "408": "The request arrives too slowly.",
    "413": "The request is too long.",
    "415": "The body has another media type than is taken.",
    "422": "The query or its answer is beyond a limit.",
    "500": "The query needs more memory than it may have, or is too much for the engine.",
    "503": "All workers are busy; come back after Retry-After seconds.",
    "504": "The query takes longer than it may.",
}
_NOTICE = (
    "Reports cited in one guideline of 2020, almost all uncontrolled cases: `effective` means that a report "
    "says so. Not advice for prescribing; superseded when a newer edition exists."
)


def document(queries: Iterable[StoredQuery]) -> dict[str, Any]:
    """The whole document."""
    paths: dict[str, Any] = {"/sparql": _endpoint()}
    for query in queries:
        paths[f"/queries/{query.name}"] = _stored(query)
    paths["/queries"] = _plain("The stored queries, with their parameters.", "queries")
    paths["/health"] = _plain("Whether the service is well, and what it serves.", "health")
    paths["/metrics"] = _plain("Counters in the text format of Prometheus.", "metrics", "text/plain")
    paths["/openapi.json"] = _plain("This document.", "openapi")
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "dress-kg",
            "version": __version__,
            "description": _NOTICE,
            "license": {"name": "MIT"},
        },
        "paths": paths,
        "components": {"schemas": {"Problem": _PROBLEM}},
    }


_PROBLEM = {
    "type": "object",
    "required": ["status", "title"],
    "properties": {
        "status": {"type": "integer"},
        "title": {"type": "string", "description": "What is wrong."},
        "value": {"type": "string", "description": "What was found."},
        "remedy": {"type": "string", "description": "What to do about it."},
    },
}


def _stored(query: StoredQuery) -> dict[str, Any]:
    schemas = {parameter.name: _schema(parameter) for parameter in query.parameters}
    form = {"type": "string", "enum": [form.name for form in STORED]}
    parameters = [
        {"name": name, "in": "query", "required": False, "schema": schema} for name, schema in schemas.items()
    ]
    parameters.append({"name": "format", "in": "query", "required": False, "schema": form})
    body = {"schema": {"type": "object", "properties": schemas, "additionalProperties": False}}
    told = {"summary": query.summary, "description": query.description, "tags": [query.audience]}
    name = query.name.replace("/", ".")
    answers = _responses(STORED, "400", "406", "422", "500", "503", "504")
    return {
        "get": {**told, "operationId": f"get.{name}", "parameters": parameters, "responses": answers},
        "post": {
            **told,
            "operationId": f"post.{name}",
            "requestBody": {"required": False, "content": {FORM: body, "application/json": body}},
            "responses": {**answers, **_problems("408", "413", "415")},
        },
    }


def _schema(parameter: Parameter) -> dict[str, Any]:
    schema = {"description": parameter.label, **_FORMATS[parameter.type]}
    if parameter.choices:
        schema["enum"] = list(parameter.choices)
    elif schema["type"] == "string" and "pattern" not in schema:
        schema["maxLength"] = _LONGEST_VALUE
    if parameter.type == "iri":
        schema["description"] += " (a label, a synonym, a local id, a CURIE or an IRI)"
    if parameter.default is not None:
        schema["default"] = int(parameter.default) if parameter.type == "integer" else parameter.default
    return schema


def _endpoint() -> dict[str, Any]:
    text = {"type": "string", "maxLength": LONGEST_TEXT}
    graphs = {"type": "array", "items": {"type": "string", "format": "uri"}}
    fields = {"query": text, "default-graph-uri": graphs, "named-graph-uri": graphs}
    told = {
        "summary": "SPARQL 1.1 Protocol, query only; without a query, the service description.",
        "description": "Queries see the union of all graphs, unless they name some. No update, no SERVICE.",
        "tags": ["sparql"],
    }
    parameters = [
        {"name": name, "in": "query", "required": False, "schema": schema} for name, schema in fields.items()
    ]
    answers = _responses((*ROWS, *GRAPHS), "400", "403", "406", "413", "422", "500", "503", "504")
    form = {"schema": {"type": "object", "required": ["query"], "properties": fields}}
    return {
        "get": {**told, "operationId": "sparql.get", "parameters": parameters, "responses": answers},
        "post": {
            **told,
            "operationId": "sparql.post",
            "requestBody": {"required": True, "content": {QUERY: {"schema": text}, FORM: form}},
            "responses": {**answers, **_problems("408", "415")},
        },
    }


def _plain(summary: str, name: str, media: str = "application/json") -> dict[str, Any]:
    answers = {"200": {"description": summary, "content": {media: {}}}}
    if name == "health":
        answers["503"] = {"description": "It is not well.", "content": {media: {}}}
    return {"get": {"summary": summary, "operationId": name, "tags": ["service"], "responses": answers}}


def _responses(formats: Iterable[Format], *statuses: str) -> dict[str, Any]:
    content: dict[str, Any] = {media: {} for form in formats for media in (form.media, *form.other)}
    return {"200": {"description": "The whole answer.", "content": content}, **_problems(*statuses)}


def _problems(*statuses: str) -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/Problem"}
    return {
        status: {"description": _WHY.get(status, "Refused."), "content": {MEDIA: {"schema": schema}}}
        for status in statuses
    }
