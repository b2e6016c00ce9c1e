"""By which token each recogniser of the grammar can begin, so that a token is shown to those alone.

Most words of a dosing text begin nothing, and few begin more than three of the thirty phrases that the
grammar knows; asking all of them at every token is what reading a dose would mostly consist of.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

from dress_kg.interpret.numbers import WORDS
from dress_kg.interpret.regimen.lexer import Token, TokenKind
from dress_kg.interpret.regimen.vocabulary import ADVERBS, FREQUENCY_WORDS

NUMBERS = frozenset(WORDS) | {"half"}
"""Words that a number begins with."""
RANGES = NUMBERS | {"between", "from"}
"""Words that a range begins with."""
STRETCHES = RANGES | {"a", "an"}
"""Words that a stretch of time begins with."""
AMOUNTS = RANGES | {"up", "at", "i", "ii", "iii"}
"""Words that an amount begins with."""
FREQUENCIES = (
    RANGES.union("up once twice thrice x q every each cada per a".split(), ADVERBS)
    | {first for first, *_ in FREQUENCY_WORDS}
)  # fmt: skip
"""Words that a frequency begins with; the signs are those of `OFTEN`."""
OFTEN = "×/"


@dataclass(frozen=True, slots=True)
class Opening:
    """What a recogniser can begin with.

    :ivar words: whole words. :ivar stems: how words begin. :ivar numbers: a number in digits.
    :ivar signs: signs. :ivar letters: any single letter.
    """

    words: frozenset[str]
    stems: tuple[str, ...]
    numbers: bool
    signs: str
    letters: bool

    def may_be(self, token: Token) -> bool:
        """Whether a phrase may begin with a token."""
        if token.kind is TokenKind.NUMBER:
            return self.numbers
        if token.kind is TokenKind.SIGN:
            return token.text in self.signs
        word = token.text
        return word in self.words or word.startswith(self.stems) or (self.letters and len(word) == 1)


_Rule = TypeVar("_Rule", bound=Callable[..., object])
OPENINGS: dict[Callable[..., object], Opening] = {}
"""The opening of each recogniser."""


def opens(
    words: Iterable[str] = (),
    *,
    stems: tuple[str, ...] = (),
    numbers: bool = False,
    signs: str = "",
    letters: bool = False,
) -> Callable[[_Rule], _Rule]:
    """Say of a recogniser what it can begin with (as :class:`Opening`); at other tokens it is not asked."""
    opening = Opening(frozenset(words), stems, numbers, signs, letters)

    def told(rule: _Rule) -> _Rule:
        OPENINGS[rule] = opening
        return rule

    return told
