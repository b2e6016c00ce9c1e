r"""Parameters into a query: the one place where SPARQL text is put together.

A value becomes a term of its type, written by the RDF library, and takes the place of the default in the
parameter's VALUES block. The tokens of the result are then compared with those of the file: all but that
one term must be the same, so no value can change the query. Values with `\u` or `\U` are refused: some
engines undo such escapes before they parse.
"""

from __future__ import annotations

import datetime
import difflib
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode

from dress_kg import terms
from dress_kg.errors import QueryError
from dress_kg.queries.syntax import meaning

if TYPE_CHECKING:
    from dress_kg.queries.catalog import Parameter, Resolve, StoredQuery

_XSD = terms.PREFIXES["xsd"]
_INTEGER = re.compile(r"[+-]?[0-9]{1,18}")
_DECIMAL = re.compile(r"[+-]?[0-9]{1,18}(?:\.[0-9]{1,18})?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_IRI = re.compile(r"""[A-Za-z][A-Za-z0-9+.\-]*:[^<>"{}|^`\\\x00-\x20\x7f-\x9f]+""")
_BIDI = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_LONGEST = 2000


def bind(query: StoredQuery, params: Mapping[str, str], resolve: Resolve) -> str:
    """The query's text with the given parameters bound.

    :param resolve: finds the IRI for the value of an `iri` parameter.
    :raises QueryError: an unknown parameter, or a value that does not fit its type.
    """
    known = {parameter.name: parameter for parameter in query.parameters}
    for name in params:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1, cutoff=0.3)
            hint = f"did you mean {near[0]}? " if near else ""
            raise query.error("the query has no such parameter", value=name,
                              remedy=f"{hint}it has: {', '.join(known) or 'none'}")  # fmt: skip
    text = query.text
    for parameter in sorted(known.values(), key=lambda each: each.start, reverse=True):
        value = params.get(parameter.name)
        if value is not None:
            written = term(query, parameter, value, resolve)
            text = text[: parameter.start] + written + text[parameter.end :]
    _check(query, [known[name] for name in params], text)
    return text


def term(query: StoredQuery, parameter: Parameter, value: str, resolve: Resolve) -> str:
    """The value as a SPARQL term of the parameter's type.

    :raises QueryError: the value does not fit.
    """
    if re.search(r"\\[uU]", value) or "\x00" in value or len(value) > _LONGEST or not _encodable(value):
        raise _misfit(query, parameter, value, rf"leave out \u, \U and NUL; at most {_LONGEST} characters")
    if parameter.type == "iri":
        return iri(resolve(value))
    if parameter.type == "string":
        return str(Literal(value))
    if parameter.type == "choice":
        return _choice(query, parameter, value)
    if parameter.type == "date":
        return _date(query, parameter, value)
    pattern = _INTEGER if parameter.type == "integer" else _DECIMAL
    if not pattern.fullmatch(value):
        raise _misfit(query, parameter, value, f"give a plain {parameter.type}, such as 10")
    lexical = str(int(value)) if parameter.type == "integer" else format(Decimal(value), "f")
    return str(Literal(lexical, datatype=NamedNode(_XSD + parameter.type)))


def iri(value: str) -> str:
    """An absolute IRI in angle brackets.

    :raises QueryError: it is none, or holds characters that mislead a reader.

    >>> iri("https://w3id.org/dress-kg/vocab/cyclosporine")
    '<https://w3id.org/dress-kg/vocab/cyclosporine>'
    """
    if not _IRI.fullmatch(value) or _BIDI.search(value):
        raise QueryError("this is no absolute IRI", value=value, remedy="give a name, or an IRI with its scheme")
    try:
        return str(NamedNode(value))
    except ValueError as error:
        raise QueryError(f"this is no IRI ({error})", value=value) from error


def _choice(query: StoredQuery, parameter: Parameter, value: str) -> str:
    if value not in parameter.choices:
        near = difflib.get_close_matches(value, parameter.choices, n=1)
        hint = f"did you mean {near[0]}? " if near else ""
        raise _misfit(query, parameter, value, f"{hint}choose one of: {', '.join(parameter.choices)}")
    if parameter.scheme:
        return str(NamedNode(terms.concept(parameter.scheme, value)))
    return str(Literal(value))


def _date(query: StoredQuery, parameter: Parameter, value: str) -> str:
    try:
        known = _DATE.fullmatch(value) and datetime.date.fromisoformat(value)
    except ValueError:
        known = None
    if not known:
        raise _misfit(query, parameter, value, "give a date as 2020-12-31")
    return str(Literal(value, datatype=NamedNode(_XSD + "date")))


def _misfit(query: StoredQuery, parameter: Parameter, value: str, remedy: str) -> QueryError:
    return query.error(f"parameter {parameter.name!r} is no {parameter.type}", value=value, remedy=remedy)


def _encodable(value: str) -> bool:
    return not any(0xD800 <= ord(character) <= 0xDFFF for character in value)


def _check(query: StoredQuery, bound: list[Parameter], text: str) -> None:
    """The bound text differs from the file in the terms of the bound parameters only."""
    places = {parameter.start for parameter in bound}
    ends = {parameter.end: parameter.start for parameter in bound}
    expected: list[str | None] = []
    inside = False
    for token in meaning(query.text):
        if token.start in places:
            inside = True
            expected.append(None)
        if not inside:
            expected.append(token.text)
        if token.end in ends:
            inside = False
    found = _terms_as_one(meaning_texts(text))
    wanted = _terms_as_one(expected)
    same = len(found) == len(wanted) and all(
        want is None or want == got for want, got in zip(wanted, found, strict=True)
    )
    if not same:
        raise query.error("a value would have changed the query; it was not run")


def meaning_texts(text: str) -> list[str | None]:
    """The texts of the tokens that an engine sees."""
    return [token.text for token in meaning(text)]


def _terms_as_one(texts: list[str | None]) -> list[str | None]:
    """A literal with its datatype counts as one token."""
    merged: list[str | None] = []
    position = 0
    while position < len(texts):
        if texts[position : position + 2] == ["^", "^"] and merged and position + 2 < len(texts):
            before = merged.pop()
            merged.append(None if before is None else f"{before}^^{texts[position + 2]}")
            position += 3
        else:
            merged.append(texts[position])
            position += 1
    return merged
