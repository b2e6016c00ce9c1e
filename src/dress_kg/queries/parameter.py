"""A parameter of a stored query, and its values as terms.

A value becomes a term of the parameter's type, written by the RDF library. Values with a backslash and
`u` or `U` are refused: some engines undo such escapes before they parse.
"""

from __future__ import annotations

import datetime
import difflib
import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from dress_kg import terms
from dress_kg.errors import QueryError

TYPES = ("iri", "string", "integer", "decimal", "date", "choice")

Resolve = Callable[[str], str]
"""From a label, synonym, local id or IRI to the IRI; raises QueryError where there is none or several."""

_XSD = terms.PREFIXES["xsd"]
_INTEGER = re.compile(r"[+-]?[0-9]{1,18}")
_DECIMAL = re.compile(r"[+-]?[0-9]{1,18}(?:\.[0-9]{1,18})?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_IRI = re.compile(r"""[A-Za-z][A-Za-z0-9+.\-]*:[^<>"{}|^`\\\x00-\x20\x7f-\x9f]+""")
_BIDI = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_UNSAFE = re.compile(r"\\[uU]|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_LONGEST = 2000


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a stored query.

    :ivar type: one of `iri`, `string`, `integer`, `decimal`, `date`, `choice`.
    :ivar default: as one would type it; None where the parameter may be left open ("all").
    :ivar choices: the allowed values of a `choice`.
    :ivar scheme: where set, a choice stands for the concept of that name in that scheme of ours.
    :ivar label: for a form.
    """

    name: str
    type: str
    default: str | None
    choices: tuple[str, ...]
    scheme: str | None
    label: str


def term(parameter: Parameter, value: str, resolve: Resolve, file: Path) -> str:
    """The value as a SPARQL term of the parameter's type.

    :raises QueryError: the value does not fit.
    """
    if _UNSAFE.search(value) or len(value) > _LONGEST:
        remedy = rf"leave out \u, \U and control characters; at most {_LONGEST} characters"
        raise _misfit(parameter, value, file, remedy)
    if parameter.type == "iri":
        return iri(resolve(value))
    if parameter.type == "string":
        return _literal(value)
    if parameter.type == "choice":
        return _choice(parameter, value, file)
    if parameter.type == "date":
        return _date(parameter, value, file)
    pattern = _INTEGER if parameter.type == "integer" else _DECIMAL
    if not pattern.fullmatch(value):
        raise _misfit(parameter, value, file, f"give a plain {parameter.type}, such as 10")
    lexical = str(int(value)) if parameter.type == "integer" else format(Decimal(value), "f")
    return _literal(lexical, parameter.type)


def iri(value: str) -> str:
    """An absolute IRI in angle brackets.

    :raises QueryError: it is none, or holds characters that mislead a reader.

    >>> iri("https://w3id.org/dress-kg/vocab/cyclosporine")
    '<https://w3id.org/dress-kg/vocab/cyclosporine>'
    """
    if not _IRI.fullmatch(value) or _BIDI.search(value):
        raise QueryError(
            "this is no absolute IRI", value=value, remedy="give a name, or an IRI with its scheme"
        )
    from pyoxigraph import NamedNode  # loaded where used: listing queries needs no RDF library

    try:
        return str(NamedNode(value))
    except ValueError as error:
        raise QueryError(f"this is no IRI ({error})", value=value) from error


def _literal(value: str, datatype: str | None = None) -> str:
    """A literal as the library writes it; the datatype is the local name of an XSD type."""
    from pyoxigraph import Literal, NamedNode

    return str(Literal(value, datatype=NamedNode(_XSD + datatype) if datatype else None))


def _choice(parameter: Parameter, value: str, file: Path) -> str:
    if value not in parameter.choices:
        near = difflib.get_close_matches(value, parameter.choices, n=1)
        hint = f"did you mean {near[0]}? " if near else ""
        raise _misfit(parameter, value, file, f"{hint}choose one of: {', '.join(parameter.choices)}")
    if parameter.scheme:
        return iri(terms.concept(parameter.scheme, value))
    return _literal(value)


def _date(parameter: Parameter, value: str, file: Path) -> str:
    try:
        known = _DATE.fullmatch(value) and datetime.date.fromisoformat(value)
    except ValueError:
        known = None
    if not known:
        raise _misfit(parameter, value, file, "give a date as 2020-12-31")
    return _literal(value, "date")


def _misfit(parameter: Parameter, value: str, file: Path, remedy: str) -> QueryError:
    return QueryError(
        f"parameter {parameter.name!r} is no {parameter.type}", file=file, value=value, remedy=remedy
    )
