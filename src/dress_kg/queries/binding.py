"""Parameters into a query: the one place where SPARQL text is put together.

A parameter is a block `VALUES ?name { term }` between two comments, holding its default (or UNDEF). A value,
written as a term, takes the place of the default. The tokens of the result are then compared with those of
the file: all but that one term must be the same, so no value can change the query.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from dress_kg.errors import QueryError
from dress_kg.queries.parameter import Parameter, Resolve, term
from dress_kg.queries.syntax import Token, line_of, meaning, tokens

_MARK = re.compile(r"#\s*<(/?)param ([A-Za-z_]\w*)>\s*$")

Place = tuple[int, int]
"""Where a parameter's term starts in the text, and where it ends."""


def bind(
    text: str, file: Path, parameters: Sequence[Parameter], values: Mapping[str, str], resolve: Resolve
) -> str:
    """The text with the values as terms in the place of their parameters; others keep their default.

    :param resolve: finds the IRI for the value of an `iri` parameter.
    :raises QueryError: an unknown parameter, or a value that does not fit its type.
    """
    known = {parameter.name: parameter for parameter in parameters}
    for name in values:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1, cutoff=0.3)
            hint = f"did you mean {near[0]}? " if near else ""
            raise QueryError(
                "the query has no such parameter",
                file=file,
                value=name,
                remedy=f"{hint}it has: {', '.join(known) or 'none'}",
            )
    where = places(text, file)
    bound = text
    for name in sorted(values, key=lambda each: where[each], reverse=True):
        start, end = where[name]
        bound = bound[:start] + term(known[name], values[name], resolve, file) + bound[end:]
    if not _same_but_terms(text, [where[name] for name in values], bound):
        raise QueryError("a value would have changed the query; it was not run", file=file)
    return bound


def places(text: str, path: Path) -> dict[str, Place]:
    """Where the term of each parameter stands: `VALUES ?name { term }` between its two comments.

    :raises QueryError: the comments do not pair, or what is between them is something else.
    """
    found: dict[str, Place] = {}
    inside: list[Token] = []
    opened: str | None = None
    for token in tokens(text):
        mark = _MARK.match(token.text) if token.kind == "comment" else None
        if mark is None:
            inside.append(token)
            continue
        closing, name = mark.group(1) == "/", mark.group(2)
        if closing != (opened is not None) or (closing and name != opened) or (not closing and name in found):
            raise QueryError("a parameter's comments do not pair", file=path, line=line_of(text, token.start),
                             value=token.text, remedy="# <param x> … # </param x>, once each")  # fmt: skip
        if closing:
            found[name] = _value_place(path, text, name, inside)
        opened, inside = (None if closing else name), []
    if opened is not None:
        raise QueryError("a parameter's block is not closed", file=path, value=opened)
    return found


def _value_place(path: Path, text: str, name: str, inside: list[Token]) -> Place:
    shape = [token.text for token in inside]
    fits = len(shape) >= 5 and shape[0].upper() == "VALUES" and shape[1] == f"?{name}"
    if not fits or shape[2] != "{" or shape[-1] != "}" or "{" in shape[3:] or "}" in shape[3:-1]:
        line = line_of(text, inside[0].start) if inside else None
        raise QueryError(
            "a parameter's block is not `VALUES ?name { term }`", file=path, line=line, value=name
        )
    return inside[3].start, inside[-2].end


def _same_but_terms(text: str, bound: Sequence[Place], result: str) -> bool:
    """Whether the result differs from the text in the terms at these places only."""
    starts = {start for start, _ in bound}
    ends = {end for _, end in bound}
    expected: list[str | None] = []
    inside = False
    for token in meaning(text):
        if token.start in starts:
            inside = True
            expected.append(None)
        if not inside:
            expected.append(token.text)
        if token.end in ends:
            inside = False
    found = _terms_as_one([token.text for token in meaning(result)])
    wanted = _terms_as_one(expected)
    return len(found) == len(wanted) and all(
        want is None or want == got for want, got in zip(wanted, found, strict=True)
    )


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
