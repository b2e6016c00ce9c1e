"""Reading requests: the SPARQL 1.1 Protocol (https://www.w3.org/TR/sparql11-protocol/), and parameters.

Everything a request may carry is bounded, and in UTF-8.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl

from starlette.requests import ClientDisconnect, Request

from dress_kg.web.problem import ProblemError
from dress_kg.web.settings import LONGEST_TEXT

FORM = "application/x-www-form-urlencoded"
QUERY = "application/sparql-query"
UPDATE = "application/sparql-update"
_JSON = "application/json"
_LONGEST_BODY = 4 * LONGEST_TEXT
"""A character of a form takes up to three bytes for each of its own."""
_SLOWEST_BODY = 10.0
_FIELDS = 200
_UPDATES = {"update", "using-graph-uri", "using-named-graph-uri"}
_KNOWN = {"query", "default-graph-uri", "named-graph-uri", "format"}

Fields = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Operation:
    """A query operation. :ivar text: None asks for the service description. :ivar form: a format by name."""

    text: str | None
    default: tuple[str, ...] | None
    named: tuple[str, ...] | None
    form: str | None


async def operation(request: Request) -> Operation:
    """What a request to the endpoint asks.

    :raises ProblemError: it is none of the protocol's query operations.
    """
    fields = _fields(request.url.query)
    text = None
    if request.method == "POST":
        media = _media(request)
        if media == UPDATE:
            raise _read_only()
        if media not in (FORM, QUERY):
            raise ProblemError(415, "a query is posted as a form or as a query", value=media or None,
                               remedy=f"Content-Type: {QUERY}, or {FORM}")  # fmt: skip
        body = await read_body(request)
        if media == QUERY:
            text = body
        else:
            fields += _fields(body)
    return _operation(fields, text, posted=request.method == "POST")


def _operation(fields: Fields, text: str | None, *, posted: bool) -> Operation:
    names = {name for name, _ in fields}
    if names & _UPDATES:
        raise _read_only()
    queries = [value for name, value in fields if name == "query"] + ([text] if text is not None else [])
    if len(queries) > 1:
        raise ProblemError(400, "one query at a time", remedy="send one `query`")
    if not queries and (posted or names & _KNOWN - {"format"}):
        raise ProblemError(400, "there is no query", remedy="send it as `query`")
    if queries and len(queries[0].encode()) > LONGEST_TEXT:
        raise ProblemError(413, f"the query is longer than {LONGEST_TEXT:,} bytes", remedy="ask in parts")
    default = tuple(value for name, value in fields if name == "default-graph-uri")
    named = tuple(value for name, value in fields if name == "named-graph-uri")
    dataset = bool(default or named)
    form = [value for name, value in fields if name == "format"]
    return Operation(
        queries[0] if queries else None,
        default if dataset else None,
        named if dataset else None,
        form[-1] if form else None,
    )


async def parameters(request: Request) -> dict[str, str]:
    """The parameters of a stored query: of the address, and of a posted form or JSON object.

    :raises ProblemError: one comes twice, or the body is neither.
    """
    fields = _fields(request.url.query)
    if request.method == "POST":
        media = _media(request)
        body = await read_body(request)
        if media == _JSON:
            fields += _json_fields(body)
        elif media == FORM or (media == "" and not body):
            fields += _fields(body)
        else:
            raise ProblemError(415, "parameters are posted as a form or a JSON object", value=media or None,
                               remedy=f"Content-Type: {_JSON}, or {FORM}")  # fmt: skip
    found = dict(fields)
    if len(found) < len(fields):
        twice = next(name for name in found if sum(name == other for other, _ in fields) > 1)
        raise ProblemError(400, "a parameter has one value", value=twice)
    return found


async def read_body(request: Request) -> str:
    """The body as text.

    :raises ProblemError: it is too long, too slow, or not UTF-8.
    """
    received = bytearray()
    try:
        async with asyncio.timeout(_SLOWEST_BODY):
            async for chunk in request.stream():
                received += chunk
                if len(received) > _LONGEST_BODY:
                    raise ProblemError(413, f"the request is longer than {_LONGEST_BODY:,} bytes")
    except TimeoutError as error:
        raise ProblemError(408, f"the request did not arrive within {_SLOWEST_BODY:g} s") from error
    except ClientDisconnect as error:
        raise ProblemError(400, "the request did not arrive in whole") from error
    try:
        return received.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ProblemError(400, "the request is not UTF-8", remedy="send UTF-8") from error


def _media(request: Request) -> str:
    """The media type of the body; one that says another encoding than UTF-8 is refused."""
    media, *rest = request.headers.get("content-type", "").lower().split(";")
    for parameter in rest:
        name, _, value = parameter.partition("=")
        charset = value.strip().strip('"')
        if name.strip() == "charset" and charset not in ("utf-8", "utf8", "us-ascii"):
            raise ProblemError(415, "the request is not UTF-8", value=charset, remedy="send UTF-8")
    return media.strip()


def _fields(encoded: str) -> Fields:
    try:
        return parse_qsl(encoded, keep_blank_values=True, errors="strict", max_num_fields=_FIELDS)
    except ValueError as error:
        raise ProblemError(400, f"the parameters cannot be read: {error}", remedy="send UTF-8") from error


def _json_fields(body: str) -> Fields:
    try:
        given = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise ProblemError(400, "the body is no JSON") from error
    if not isinstance(given, Mapping):
        raise ProblemError(400, "parameters are posted as one JSON object")
    fields = []
    for name, value in given.items():
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            raise ProblemError(400, "a parameter is a text or a number", value=name)
        fields.append((name, value if isinstance(value, str) else json.dumps(value)))
    return fields


def _read_only() -> ProblemError:
    return ProblemError(403, "this service only reads: there are no updates here",
                        remedy="dress-kg build publishes; dress-kg load fills a store")  # fmt: skip
