"""Cut a dosing text into tokens: numbers, words, signs and agents already found in it.

Glued text comes apart here: "Cyclosporine100mg/12h" is an agent, a number, a word, a sign, a number and
a word. One pass over the text, so the time is linear in its length.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from enum import Enum
from typing import NamedTuple

from dress_kg.interpret.numbers import parse_number
from dress_kg.records import AgentMention

_TOKEN = re.compile(
    r"(?P<number>[0-9]+(?:[.,·][0-9]+)*|[½¼¾])"
    r"|(?P<dotted>(?:[A-Za-z]\.){2,4})"
    r"|(?P<unit>(?<=[0-9/])(?:mg|mcg|ml|g|kg|day|d|tabs?|caps?|puffs?)"
    r"(?=(?i:iv|po|sc|im|oral|orally|bid|bd|tid|tds|qid|qds|od|daily|weekly|prn|im)(?![^\W\d_])|(?i:iv|po)[0-9]))"
    r"|(?P<word>[^\W\d_]+)"
    r"|(?P<newline>[\n\r\u2028\u2029])"
    r"|(?P<sign>[^\s])"
)
_DASHES = "-‐‑‒–—−"


class TokenKind(Enum):
    """What a token is."""

    NUMBER = "number"
    WORD = "word"
    SIGN = "sign"
    AGENT = "agent"
    END = "end"


class Token(NamedTuple):
    """A token at `text[start:end]`.

    :ivar text: lower-case; any dash is "-", any line end is a line feed, dots of "b.i.d." are dropped.
    :ivar value: of a number, None where the digits are not one number.
    :ivar printed: as in the text.
    :ivar glued: no space between this token and the one before it.
    """

    kind: TokenKind
    text: str
    start: int
    end: int
    value: Decimal | None = None
    mention: AgentMention | None = None
    glued: bool = False
    printed: str = ""


def tokenize(text: str, mentions: Sequence[AgentMention]) -> list[Token]:
    """The tokens of a text in order; a token that begins within an agent's name is part of that agent.

    >>> [t.text for t in tokenize("100mg/12h p.o. for 1,5 d", ())]
    ['100', 'mg', '/', '12', 'h', 'po', 'for', '1,5', 'd']
    """
    tokens: list[Token] = []
    position = last = 0
    for mention in (*sorted(mentions, key=lambda m: m.start), None):
        stop = len(text) if mention is None else mention.start
        for match in _TOKEN.finditer(text, position, max(position, stop)):
            tokens.append(_token(match, last))
            last = match.end()
        if mention is not None and mention.start >= position:
            glued = bool(tokens) and mention.start == last
            exact = mention.exact.lower()
            tokens.append(
                Token(TokenKind.AGENT, exact, mention.start, mention.end, None, mention, glued, mention.exact)
            )
            position = last = mention.end
    return tokens


def _token(match: re.Match[str], last: int) -> Token:
    start, end, printed = match.start(), match.end(), match.group()
    glued = start == last and start > 0
    if match.lastgroup == "number":
        return Token(TokenKind.NUMBER, printed, start, end, parse_number(printed), None, glued, printed)
    if match.lastgroup == "dotted":
        return Token(TokenKind.WORD, printed.replace(".", "").lower(), start, end, None, None, glued, printed)
    if match.lastgroup in ("word", "unit"):
        return Token(TokenKind.WORD, printed.lower(), start, end, None, None, glued, printed)
    sign = "\n" if match.lastgroup == "newline" else "-" if printed in _DASHES else printed
    return Token(TokenKind.SIGN, sign, start, end, None, None, glued, printed)
