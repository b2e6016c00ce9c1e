"""By which letters a cue phrase can begin, so that a text is asked only for those it may hold.

A list of cues is an alternation of dozens of regular expressions; trying all of them at every character is
what reading a row would mostly consist of. Nearly every phrase begins with a word whose first letters its
pattern fixes. Where that cannot be told, nothing is: the pattern is then tried everywhere, as without this.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from importlib import import_module
from typing import Any

LETTERS = 3
"""Letters that are looked at: enough to leave few lists, few enough to be fixed by most phrases."""

_MOST = 400
_WORD = re.compile(rf"(?<!\w)\w{{1,{LETTERS}}}")
# They equal an ASCII letter for `re.IGNORECASE`, and `str.lower` does not say so.
_FOLDED = re.compile("[İıſK]")

Prefix = tuple[str, bool]
"""Lower-case letters, and whether what follows in the pattern may make it longer."""


def phrase_starts(pattern: str) -> frozenset[str] | None:
    """The first letters (one to three, lower-case) of all that a pattern can match at a word's start.

    None where the pattern does not fix them.

    >>> sorted(phrase_starts(r"improve(?:d|s)?|no\\s+effect|(?<!un)well") or ())
    ['imp', 'no', 'wel']
    >>> phrase_starts(r"\\w*n't") is None
    True
    """
    parsed = import_module("re._parser").parse(pattern, re.IGNORECASE)
    found = _sequence(parsed, {("", True)})
    if found is None or any(not letters for letters, _ in found):
        return None
    return frozenset(letters for letters, _ in found)


def word_starts(text: str) -> Iterator[tuple[int, str]] | None:
    """Where each word of a text begins, with its first letters, lower-case; None where letters are folded."""
    if not text.isascii() and _FOLDED.search(text):
        return None
    return ((word.start(), word.group()) for word in _WORD.finditer(text.lower()))


def _sequence(items: Iterable[tuple[Any, Any]], begun: set[Prefix]) -> set[Prefix] | None:
    """What the items of a parsed pattern, one after the other, make of the prefixes; None: too many."""
    for kind, value in items:
        going = {prefix for prefix in begun if prefix[1]}
        if not going:
            break
        longer = _item(str(kind), value, going)
        if longer is None:
            return None
        begun = (begun - going) | longer
        if len(begun) > _MOST:
            return None
    return begun


def _item(kind: str, value: Any, going: set[Prefix]) -> set[Prefix] | None:
    match kind:
        case "AT" | "ASSERT" | "ASSERT_NOT":
            found: set[Prefix] | None = going
        case "LITERAL":
            found = _letters(going, [value])
        case "IN":
            found = _letters(going, [code for op, code in value if str(op) == "LITERAL"], len(value))
        case "BRANCH":
            found = _any(value[1], going)
        case "SUBPATTERN":
            found = _sequence(value[3], going)
        case "MAX_REPEAT" | "MIN_REPEAT":
            found = _repeat(value, going)
        case _:
            found = _ended(going)
    return found


def _ended(going: Iterable[Prefix]) -> set[Prefix]:
    return {(letters, False) for letters, _ in going}


def _repeat(value: tuple[int, int, Any], going: set[Prefix]) -> set[Prefix] | None:
    least, most, inner = value
    once = _sequence(inner, going)
    if once is None:
        return None
    once = once if most == 1 else _ended(once)
    return once | going if least == 0 else once


def _any(branches: Sequence[Any], going: set[Prefix]) -> set[Prefix] | None:
    found: set[Prefix] = set()
    for branch in branches:
        one = _sequence(branch, going)
        if one is None:
            return None
        found |= one
    return found


def _letters(going: set[Prefix], codes: list[int], wanted: int = 1) -> set[Prefix]:
    """The prefixes with one more letter; what is no letter of ASCII, and any other class of it, ends them."""
    plain = [chr(code).lower() for code in codes if chr(code).isascii() and chr(code).isalnum()]
    if len(plain) != wanted or len(codes) != wanted:
        return _ended(going)
    return {(letters + one, len(letters) + 1 < LETTERS) for letters, _ in going for one in plain}
