"""A sentence of a page, with what it is about; names in a row; what is inferred or curated, marked."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Clause:
    """A sentence. :ivar voice: `author`, `panel` or `program`. :ivar facts: IRIs of the nodes it tells of."""

    text: str
    voice: str
    facts: tuple[str, ...]


def listed(names: Iterable[str], word: str = "and") -> str:
    """Names in a row.

    >>> listed(["a"]), listed(["a", "b"]), listed(["a", "b", "c"], "or")
    ('a', 'a and b', 'a, b or c')
    """
    *first, final = list(names) or [""]
    return f"{', '.join(first)} {word} {final}" if first else final


def marked(text: str, basis: str | None) -> str:
    """The text, with its basis where that is `inferred` or `curated`."""
    return f"{text} ({basis})" if basis in ("inferred", "curated") else text
