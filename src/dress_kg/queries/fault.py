"""What is wrong with a query that does not parse, and what to do: where, and which prefix it forgot."""

from __future__ import annotations

import re
from itertools import pairwise

from dress_kg import terms
from dress_kg.errors import QueryError
from dress_kg.queries.syntax import meaning

_PLACE = re.compile(r"error at (\d+):(\d+): *", re.DOTALL)
_LONGEST = 200


def parse_error(text: str, error: SyntaxError) -> QueryError:
    """The engine's complaint with line, column, the text there and a remedy.

    >>> text = "SELECT * { ?s dk:row ?o }"
    >>> print(parse_error(text, SyntaxError("error at 1:20: expected OPTIONAL")))
    line 1, column 20: the query does not parse: expected OPTIONAL: 'SELECT * { ?s dk:row'
      remedy: declare the prefix: PREFIX dk: <https://w3id.org/dress-kg/ontology#>
    """
    told = str(error)
    place = _PLACE.match(told)
    line, column = (int(place[1]), int(place[2])) if place else (error.lineno, None)
    said = " ".join((told[place.end() :] if place else told).split())
    said = said if len(said) <= _LONGEST else "something else there"
    return QueryError(
        f"the query does not parse: {said}",
        line=line,
        column=column,
        value=_before(text, line, column),
        remedy=_undeclared(text)
        or "the text shown is what was read before the fault; "
        "`dress-kg query conflicting-reports --explain` prints a query that runs",
    )


def _before(text: str, line: int | None, column: int | None) -> str | None:
    """The last words before the fault, None where there are none or the place is not known."""
    lines = text.split("\n")
    if line is None or column is None or not 1 <= line <= len(lines):
        return None
    read = "\n".join([*lines[: line - 1], lines[line - 1][:column]])
    return read.rstrip().rpartition("\n")[2].strip()[-80:] or None


def _undeclared(text: str) -> str | None:
    """How to declare the first prefix of ours that is used and not declared."""
    found = meaning(text)
    declared = {name.text for word, name in pairwise(found) if word.text.upper() == "PREFIX"}
    used = (token.text.partition(":")[0] for token in found if token.kind == "pname")
    missing = next((prefix for prefix in used if f"{prefix}:" not in declared), None)
    if missing is None:
        return None
    if missing in terms.PREFIXES:
        return f"declare the prefix: PREFIX {missing}: <{terms.PREFIXES[missing]}>"
    return f"declare the prefix {missing}: with PREFIX {missing}: <…>"
