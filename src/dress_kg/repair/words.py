"""Words broken by a line end, mended: by dictionaries, never by ear.

Four shapes: "mycophenolat e", "Methyl- prednisolone", "Epstein -Barr", and a word cut over two cells of a
section band. A break is mended only where the whole word is known (the caller's vocabulary, the table
itself, a general English list); where both readings are words, the text stays as printed. Over-mending
is worse than under-mending: units, initials, bullets and suspended hyphens ("pre- and post-") are left.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache

_LETTERS = r"[^\W\d_]+"
_TOKEN = re.compile(rf"{_LETTERS}(?:-(?:{_LETTERS}|\d+))*")
_AFTER_HYPHEN = re.compile(rf"(?P<left>(?:\w+-)*\w+)-(?P<gap> )(?P<right>{_LETTERS}(?:-\w+)*)")
_BEFORE_HYPHEN = re.compile(
    rf"(?P<left>(?:{_LETTERS}-)*{_LETTERS})(?P<gap> )-(?P<right>{_LETTERS}(?:-{_LETTERS})*)"
)
_SPACED = re.compile(
    rf"(?<![^\s(\[])(?P<left>{_LETTERS})(?P<gap> )(?P<right>{_LETTERS})(?=[,;:)\]]|[.,;:)\]]?(?:\s|$))"
)

_SUSPENDED = frozenset({"and", "or", "to", "nor", "but", "und", "oder", "y", "o", "et", "ou", "e"})
_PREFIXES = frozenset("pre post non anti co re sub semi multi".split())
# Units, routes, frequencies, Latin and name particles, and prefixes that are printed apart.
_NEVER_PARTS = _PREFIXES | frozenset(
    "mg kg g mcg ug ml l dl h d s min wk mo yr iu u x mm cm iv im sc po pr bd bid tid qid qd qod prn od "
    "al vs eg ie no de la le von van der den del da di du".split()
)
_SHORTEST_MENDED = 6
_AFTER_NUMBER = frozenset("year month week day hour minute fold dose line".split())


# The word list counts how often its corpus prints a word; 50 is its floor for words merely listed.
_ATTESTED = 50


@cache
def _english() -> Mapping[str, int]:
    """English words with their counts (pyspellchecker's); loaded when the first doubtful break is seen."""
    from spellchecker import SpellChecker

    counts: Mapping[str, int] = SpellChecker(language="en").word_frequency.dictionary
    return counts


def tokens(text: str) -> list[str]:
    """The words of a text, lower case, hyphenated ones whole.

    >>> tokens("Anti-IL-5 mAb, 100 mg")
    ['anti-il-5', 'mab', 'mg']
    """
    return [match.lower() for match in _TOKEN.findall(text)]


@dataclass(frozen=True, slots=True)
class Mend:
    """A change to make: `text[start:end]` goes (a space, or a hyphen and a space)."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Dictionary:
    """What counts as a known word.

    :ivar known: words of the field, lower case, hyphenated ones whole (agent names, the profile's words).
    :ivar table: the words that the table itself prints.
    """

    known: frozenset[str]
    table: frozenset[str]

    @classmethod
    def of(cls, known: Iterable[str], texts: Iterable[str]) -> Dictionary:
        """From the caller's words and the texts of the table."""
        words = frozenset(token for name in known for token in (name.lower(), *tokens(name)))
        return cls(words, frozenset(token for text in texts for token in tokens(text)))

    def is_word(self, text: str) -> bool:
        """Whether it is a word of the field or of English."""
        return text.lower() in self.known or text.lower() in _english()

    def is_printed(self, text: str) -> bool:
        """Whether it is a word of the field, or printed whole elsewhere in the table."""
        return text.lower() in self.known or text.lower() in self.table

    def breaks(self, text: str, seams: frozenset[int] = frozenset()) -> list[Mend]:
        """The breaks to mend in a text, from left to right, not overlapping.

        :param seams: where the spaces are that joined two lines; a hyphen before one is a line's end,
            elsewhere it may be a dash.
        """
        if " " not in text:
            return []
        mends = [
            *self._decided(_AFTER_HYPHEN, text, lambda match: self._after_hyphen(match, seams)),
            *self._decided(_BEFORE_HYPHEN, text, self._before_hyphen),
            *self._decided(_SPACED, text, self._spaced),
        ]
        mends.sort(key=lambda mend: mend.start)
        return [mend for i, mend in enumerate(mends) if i == 0 or mend.start >= mends[i - 1].end]

    @staticmethod
    def _decided(
        pattern: re.Pattern[str], text: str, decide: Callable[[re.Match[str]], Mend | None]
    ) -> Iterator[Mend]:
        at = 0
        while (match := pattern.search(text, at)) is not None:
            if (mend := decide(match)) is not None:
                yield mend
            at = match.end("gap")  # the right part may be the left part of the next break

    def _after_hyphen(self, match: re.Match[str], seams: frozenset[int]) -> Mend | None:
        """Mend "Methyl- prednisolone", "life- threatening": without the hyphen, or with it and no space."""
        left, right = match["left"], match["right"]
        if right.lower() in _SUSPENDED or left.lower() in _NEVER_PARTS - _PREFIXES:
            return None
        closed, hyphenated = left + right, f"{left}-{right}"
        without = Mend(match.start("gap") - 1, match.end("gap"))
        kept = Mend(match.start("gap"), match.end("gap"))
        if closed.lower() in self.known or self.is_printed(hyphenated) or self.is_printed(closed):
            return kept if self.is_printed(hyphenated) and closed.lower() not in self.known else without
        at_seam = match.start("gap") in seams
        two_words = self._is_part(left) and self._is_part(right)
        attested = at_seam and _english().get(closed.lower(), 0) > _ATTESTED
        if right.islower() and left.isalpha() and self.is_word(closed) and (not two_words or attested):
            return without
        if left.isdigit():
            return kept if right.split("-")[0] in _AFTER_NUMBER else None
        names = left[:1].isupper() and right[:1].isupper()
        return kept if at_seam and (names or two_words) else None

    def _is_part(self, text: str) -> bool:
        parts = text.split("-")
        return all(
            part.isdigit() or (len(part) == 1 and part.isupper()) or self.is_word(part) for part in parts
        )

    def _before_hyphen(self, match: re.Match[str]) -> Mend | None:
        """Mend "Epstein -Barr", only where the whole is known; a bullet looks the same."""
        if self.is_printed(f"{match['left']}-{match['right']}"):
            return Mend(match.start("gap"), match.end("gap"))
        return None

    def _spaced(self, match: re.Match[str]) -> Mend | None:
        """Mend "mycophenolat e": the whole is known, a part (both, for a merely English whole) is no word."""
        left, right = match["left"], match["right"]
        parts = (left.lower(), right.lower())
        capitals = left.isupper() and right.isupper()
        if len(left + right) < _SHORTEST_MENDED or any(part in _NEVER_PARTS for part in parts):
            return None
        if not (capitals or (right.islower() and not left[1:].isupper())):
            return None
        # Acronyms stand side by side ("EGFR VIII"); that a table also prints them joined proves nothing.
        whole = left + right
        printed = whole.lower() in self.known or (not capitals and whole.lower() in self.table)
        if not printed and not self.is_word(whole):
            return None
        sound = [part in ("a", "i") or (len(part) > 1 and self.is_word(part)) for part in parts]
        letter = len(left) == 1 or len(right) == 1
        broken = not any(sound) if letter or not printed else not all(sound)
        return Mend(match.start("gap"), match.end("gap")) if broken else None


def seam(left: str, right: str, dictionary: Dictionary) -> str | None:
    """Two cells of a band as one text, where a word cut by the cell border can be told; else None.

    The stroke of the border may have been read as a letter on either side ("TRANSPLANTATI | ION",
    "OF | PTIONS"): up to one letter goes from each.

    >>> seam("LIVER TRANSPLANTATI", "ION", Dictionary.of([], []))
    'LIVER TRANSPLANTATION'
    """
    head, _, last = left.rpartition(" ")
    first, _, tail = right.partition(" ")
    if not last.isalpha() or not first.isalpha():
        return None
    if dictionary.is_word(last) and dictionary.is_word(first):
        return f"{left} {right}"
    for cut, skip in ((0, 0), (0, 1), (1, 0), (1, 1)):
        whole = last[: len(last) - cut] + first[skip:]
        known = dictionary.is_word(whole) or dictionary.is_printed(whole)
        if known and len(whole) >= max(4, len(first), len(last)):
            return " ".join(filter(None, (head, whole, tail)))
    return None
