"""What a cell looks like, token by token: words, numbers, lone letters, marks or OCR garbage.

Noise is told by shape and place, never by value. The classes are cautious: whatever holds one
plausible word or quantity is text, and text is never noise.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from dress_kg.header import Header
from dress_kg.profile import Column
from dress_kg.records import Line


class Token(StrEnum):
    """The class of one token."""

    WORD = "word"  #: two letters in a row, or a quantity with its unit
    NUMBER = "number"  #: a number, range, ratio, percentage, year, "[53]", "(n=2)"
    LETTER = "letter"  #: a lone letter ("A", "S.", "ı")
    SIGN = "sign"  #: an operator, bullet or dash that may stand for something
    MARK = "mark"  #: quotation marks, middle dots, underscores: dirt on the scan
    GARBAGE = "garbage"  #: what no language prints ("3.150.15101104", "2)1")


_OUTER = "()[]{}<>.,;:!?'\"`´‘’“”«»*†‡·•_|~^…"
_SIGNS = re.compile(r"[-–—+*/&<>=≤≥±%?†‡§#…]+|\.{3}")
_NUMBER = re.compile(
    r"[<>≤≥=~±+-]*\d+(?:[.,]\d+)?%?(?:(?:[-–—/:x×]|\s)\d+(?:[.,]\d+)?%?)*|n\s?=\s?\d+|\d{1,2}\.\d{1,2}\.\d{2,4}",
    re.IGNORECASE,
)
_IDENTIFIER = re.compile(r"[^\W\d_]\d{4,}")
_GARBLED = re.compile(r"\d+(?:\.\d+){2,}|\w*\d[()\[\]]+\w+")

_SHAPES = ((_NUMBER, Token.NUMBER), (_IDENTIFIER, Token.NUMBER), (_GARBLED, Token.GARBAGE))


def token_kind(token: str) -> Token:
    """The class of a token (a run without spaces). What is not certainly something else is a word.

    >>> [token_kind(t).value for t in ("mg/kg", "1g", "b.i.d.", "[53]", "S.", "+", "·", "2)1", "B11205")]
    ['word', 'word', 'word', 'number', 'letter', 'sign', 'mark', 'garbage', 'number']
    """
    if _SIGNS.fullmatch(token):
        return Token.SIGN
    core = token.strip(_OUTER)
    if len(core) > 1 and core.isalpha():
        return Token.WORD
    if not core:
        return Token.MARK
    if len(core) == 1 and core.isalpha():
        return Token.LETTER
    for pattern, kind in _SHAPES:
        if pattern.fullmatch(core):
            return kind
    return Token.WORD if any(char.isalpha() for char in core) else Token.SIGN


def kinds(text: str) -> frozenset[Token]:
    """The classes of a text's tokens.

    >>> sorted(kinds("· · - (p. ·"))
    [<Token.LETTER: 'letter'>, <Token.MARK: 'mark'>, <Token.SIGN: 'sign'>]
    """
    return frozenset(token_kind(token) for token in text.split())


def is_lexical(text: str) -> bool:
    """Whether the text holds a word or a quantity."""
    return any(token_kind(token) is Token.WORD for token in text.split())


def is_garbage(text: str) -> bool:
    """Whether it holds dirt or garbage and no word; lone letters and numbers by themselves are neither.

    >>> is_garbage("3.150.15101104 B11205 (11 2)1"), is_garbage("' '"), is_garbage("A C"), is_garbage("-")
    (True, True, False, False)
    """
    return not is_lexical(text) and bool(kinds(text) & {Token.GARBAGE, Token.MARK})


def is_letters(text: str) -> bool:
    """Whether it is lone letters only ("A C", "S. G.").

    >>> is_letters("S. G."), is_letters("A 1"), is_letters("")
    (True, False, False)
    """
    return bool(text.strip()) and all(token_kind(token) is Token.LETTER for token in text.split())


def fits(column: Column, text: str) -> bool:
    """Whether the text is a whole value by the column's pattern; False where it has none."""
    return column.pattern is not None and column.pattern.fullmatch(text) is not None


@dataclass(frozen=True, slots=True)
class Grid:
    """The lines of a file as columns of the profile.

    :ivar lead: the position of the column that starts a row, 1-based.
    """

    lines: Sequence[Line]
    header: Header
    lead: int

    def text(self, index: int, position: int) -> str:
        """The stripped text of a cell; "" where the line is short. `index` counts lines from 0."""
        cells = self.lines[index].cells
        return cells[position - 1].strip() if position <= len(cells) else ""

    def filled(self, index: int) -> dict[int, str]:
        """The cells of a line that have text, by position; columns without a header included."""
        return {
            position: text
            for position, cell in enumerate(self.lines[index].cells, start=1)
            if (text := cell.strip())
        }

    def coded(self) -> tuple[tuple[int, Column], ...]:
        """The columns whose values have a pattern: position, column."""
        return tuple((entry.position, entry.column) for entry in self.header.columns if entry.column.pattern)

    def is_anchor(self, index: int) -> bool:
        """Whether every column with a pattern has a fitting value on this line; False without any."""
        coded = self.coded()
        return bool(coded) and all(fits(column, self.text(index, position)) for position, column in coded)

    def has_mark(self, index: int) -> bool:
        """Whether a column with a `mark` holds it on this line."""
        return any(
            entry.column.mark is not None and entry.column.mark.search(self.text(index, entry.position))
            for entry in self.header.columns
        )
