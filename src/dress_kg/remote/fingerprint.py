"""What a graph says, as one hash that is the same here and on every server.

Servers store numbers by value and language tags in lower case, so `01` comes back as `1`; the hash is taken
over lines in which such spellings are made equal. Our graphs have no blank nodes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyoxigraph import Literal, Triple

_XSD = "http://www.w3.org/2001/XMLSchema#"


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """A graph's hash and its number of triples."""

    sha256: str
    triples: int


def fingerprint(triples: Iterable[Triple]) -> Fingerprint:
    """The fingerprint of a graph's triples, in any order."""
    lines = canonical(triples)
    return Fingerprint(hashlib.sha256("\n".join(lines).encode()).hexdigest(), len(lines))


def canonical(triples: Iterable[Triple]) -> list[str]:
    """The triples as sorted lines, each once, in one spelling."""
    return sorted({_line(triple) for triple in triples})


def _line(triple: Triple) -> str:
    from pyoxigraph import Literal

    value = triple.object
    written = _written(value) if isinstance(value, Literal) else str(value)
    return f"{triple.subject} {triple.predicate} {written}"


def _written(literal: Literal) -> str:
    if literal.language:
        return f"{literal.value!r}@{literal.language.lower()}"
    kind = literal.datatype.value.removeprefix(_XSD)
    return f"{_value(literal.value, kind)!r}^^{kind}"


def _value(text: str, kind: str) -> str:
    """One spelling for each value of the kinds that servers rewrite.

    >>> _value("1.50", "decimal"), _value("01", "integer"), _value("1", "boolean")
    ('1.5', '1', 'true')
    """
    if kind == "boolean":
        return {"1": "true", "0": "false"}.get(text, text)
    try:
        if kind in ("decimal", "integer"):
            number = format(Decimal(text), "f")
            return number.rstrip("0").rstrip(".") if "." in number else number
        if kind in ("double", "float"):
            return repr(float(text))
    except (ValueError, InvalidOperation):
        return text
    return text
