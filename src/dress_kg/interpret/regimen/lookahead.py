"""What comes next in a dosing text, for the statements that are being put together."""

from __future__ import annotations

from collections.abc import Sequence

from dress_kg.interpret.regimen.phrases import Amount, Phrase, Word
from dress_kg.records import Agent

_PASSED_OVER = ("filler", "basis", "equivalent", "diluent", "open", "as needed")
_STOPS = ("boundary", "group", "link")


def lookahead(phrases: Sequence[Phrase]) -> tuple[list[int | None], list[int | None]]:
    """For each phrase: the next one that matters, and the next agent or amount of its clause."""
    soon: list[int | None] = [None] * len(phrases)
    named: list[int | None] = [None] * len(phrases)
    next_soon: int | None = None
    next_named: int | None = None
    for i in range(len(phrases) - 1, -1, -1):
        soon[i], named[i] = next_soon, next_named
        phrase = phrases[i]
        if isinstance(phrase.value, Agent | Amount):
            next_named = i
        elif phrase.is_word(*_STOPS) and not is_and(phrase):
            next_named = None
        if phrase.is_word("boundary", "group"):
            next_soon = None
        elif not phrase.is_word(*_PASSED_OVER):
            next_soon = i
    return soon, named


def is_and(phrase: Phrase) -> bool:
    """True for "and", "plus", "with" between two doses."""
    return isinstance(phrase.value, Word) and phrase.value.kind == "link" and phrase.value.value == "and"
