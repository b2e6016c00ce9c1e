"""The tokens of SPARQL 1.1, as far as binding and refusing need them.

Not a parser: the engine parses. This tells words from strings, IRIs and comments, so that a keyword in
a string is no keyword and a brace in an IRI is no brace.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_TOKEN = re.compile(
    r"""
      (?P<space>\s+)
    | (?P<comment>\#[^\n\r]*)
    | (?P<iri><[^<>"{}|^`\\\x00-\x20]*>)
    | (?P<string>\"\"\"(?:\"{0,2}(?:[^"\\]|\\.))*\"\"\"
        | '''(?:'{0,2}(?:[^'\\]|\\.))*'''
        | "(?:[^"\\\n\r]|\\.)*"
        | '(?:[^'\\\n\r]|\\.)*')
    | (?P<variable>[?$]\w+)
    | (?P<blank>_:\w[\w.\-]*)
    | (?P<pname>[^\W\d_][\w.\-]*?:(?:[\w:%\-.]|\\.)*|:(?:[\w:%\-.]|\\.)*)
    | (?P<language>@[A-Za-z]+(?:-[A-Za-z0-9]+)*)
    | (?P<word>[A-Za-z_]\w*)
    | (?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|\.\d+)
    | (?P<mark>.)
    """,
    re.VERBOSE | re.DOTALL,
)

_REFUSED = {
    "ADD": "an update", "CLEAR": "an update", "COPY": "an update", "CREATE": "an update",
    "DELETE": "an update", "DROP": "an update", "INSERT": "an update", "LOAD": "an update",
    "MOVE": "an update", "WITH": "an update",
    "SERVICE": "a call to another server", "FROM": "a choice of graphs to fetch",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Token:
    """A token: its kind (`word`, `string`, `iri`, …), its characters and where it starts."""

    kind: str
    text: str
    start: int

    @property
    def end(self) -> int:
        """The position after its last character."""
        return self.start + len(self.text)


def tokens(text: str) -> Iterator[Token]:
    """Every token of the text, white space left out, comments kept.

    >>> [token.kind for token in tokens('SELECT ?a { ?a dk:x "SERVICE" }')]
    ['word', 'variable', 'mark', 'variable', 'pname', 'string', 'mark']
    """
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup or "mark"
        if kind != "space":
            yield Token(kind, match.group(), match.start())


def meaning(text: str) -> list[Token]:
    """The tokens that an engine sees: without comments."""
    return [token for token in tokens(text) if token.kind != "comment"]


def line_of(text: str, position: int) -> int:
    """The 1-based line of a position.

    >>> line_of("a\\nb", 2)
    2
    """
    return text.count("\n", 0, position) + 1


def refused(text: str, *, allowed: frozenset[str] = frozenset()) -> tuple[Token, str] | None:
    r"""The first token that a stored query may not have, and why; None where the text is fine.

    :param allowed: keywords in capitals that are fine here, such as FROM over the store's own graphs.

    Refused are updates, SERVICE, FROM, and codepoint escapes (`\\u0053ERVICE` is SERVICE to an engine).

    >>> refused("SELECT * { SERVICE <http://example.org/> { ?a ?b ?c } }")[1]
    'a call to another server'
    >>> refused("SELECT * { ?a dk:service 'DELETE' }") is None
    True
    """
    for token in tokens(text):
        if token.kind == "comment":
            continue
        if token.kind == "word" and token.text.upper() in _REFUSED.keys() - allowed:
            return token, _REFUSED[token.text.upper()]
        if "\\u" in token.text or "\\U" in token.text or token.text == "\\":
            return token, "an escape that could hide a keyword"
    return None
