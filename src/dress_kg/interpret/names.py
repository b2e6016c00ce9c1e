"""Find the names of a vocabulary in running text.

A name is a run of words; a text may print it with other hyphens and spaces, in the plural, with a dose
glued to it, broken at a line end ("prednis- olone") or misspelt. What is found never overlaps: the
longest name wins, from left to right. One pass over the words of the text, through a trie of words.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from rapidfuzz import process
from rapidfuzz.distance import OSA

_WORD = re.compile(r"[^\W\d_]+|\d+")
_HYPHENS = re.compile("[\u00ad\u2010-\u2015\u2212\ufe63\uff0d]")
_RUN = re.compile(r"\S+(?:\s\S+)*")
_ANTI = re.compile(r"\banti[-\s]?$")
_BROKEN = re.compile(r"-\s+")

# A respelling is safe only where no other drug is that near: pentobarbital and phenobarbital
# (13 letters) are two edits apart, so two edits are allowed in longer words only.
_SHORTEST_RESPELT = 8
_TWO_EDITS_FROM = 14
# Up to this many characters an abbreviation must be printed in its own capitals ("CS", "TEN", "NAC").
_LONGEST_CASED = 3
_WORDS_KEPT = 50_000


def fold(text: str) -> str:
    """Lower case without accents, one character for each (offsets stay), any hyphen as "-".

    >>> fold("Ciclosporína–A")
    'ciclosporina-a'
    """
    if text.isascii():
        return text.lower()
    plain = "".join(unicodedata.normalize("NFKD", char)[0] for char in text)
    lowered = "".join(low if len(low := char.lower()) == 1 else char for char in plain)
    return _HYPHENS.sub("-", lowered)


def stretches(rest: str) -> tuple[tuple[int, int], ...]:
    """What is left of a text whose read parts were blanked out: (start, end) of each run of words.

    >>> stretches("  40 mg/d    (x 3).  ")
    ((2, 9), (14, 17))
    """
    found = []
    for hit in _RUN.finditer(rest):
        start, end = hit.span()
        while start < end and not rest[start].isalnum():
            start += 1
        while end > start and not rest[end - 1].isalnum():
            end -= 1
        if start < end:
            found.append((start, end))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Match:
    """A name found at `text[start:end]`; `misspelt` where it took a safe edit."""

    value: str
    start: int
    end: int
    misspelt: bool


class _Word(NamedTuple):
    """A run of letters or of digits, folded (and respelt), with its place and as printed."""

    folded: str
    printed: str
    start: int
    end: int
    respelt: bool = False


@dataclass(slots=True)
class _Node:
    """What may follow, by (separator, word), and what ends here: value by the printed form required."""

    after: dict[tuple[str, str], _Node] = field(default_factory=dict)
    ends: dict[str | None, str] = field(default_factory=dict)


def _words(folded: str, printed: str) -> list[_Word]:
    return [
        _Word(hit.group(), printed[hit.start() : hit.end()], hit.start(), hit.end())
        for hit in _WORD.finditer(folded)
    ]


def _separator(between: str) -> str:
    """What stands between two words, in short: "" for blanks and hyphens, else the sign itself."""
    return between.replace("-", " ").strip()


@lru_cache(maxsize=16384)
def _singulars(word: str) -> tuple[str, ...]:
    forms = [word]
    if len(word) > 3 and word.endswith("s") and not word.endswith("ss"):
        forms.append(word[:-1])
    if len(word) > 4 and word.endswith("ies"):
        forms.append(word[:-3] + "y")
    return tuple(forms)


class NameFinder:
    """Finds names and says what each stands for.

    :ivar words: every word of letters of the names, folded.
    """

    def __init__(self, names: Iterable[tuple[str, str]], *, cased: Mapping[str, str] | None = None) -> None:
        """:param names: (name, value) pairs; the first value given to a name keeps it.
        :param cased: abbreviations that count only in exactly these capitals, whatever their length.
        """
        self._root = _Node()
        self._single: dict[str, set[str]] = {}
        self.words: set[str] = set()
        for name, value in (cased or {}).items():
            self._add(name, value, exact=True)
        for name, value in names:
            short = len(re.sub(r"[^\w]", "", name)) <= _LONGEST_CASED
            self._add(name, value, exact=short and name != name.lower())
        self._respelt: dict[str, str | None] = {}
        self._first: dict[str, bool] = {}
        self._targets = sorted(word for word in self.words if len(word) >= _SHORTEST_RESPELT)

    def _add(self, name: str, value: str, *, exact: bool) -> None:
        folded = fold(name)
        words = _words(folded, name)
        if not words:
            return
        self.words.update(word.folded for word in words if word.folded.isalpha())
        node, previous = self._root, None
        for word in words:
            between = "" if previous is None else _separator(folded[previous.end : word.start])
            node = node.after.setdefault((between, word.folded), _Node())
            previous = word
        node.ends.setdefault(name if exact else None, value)
        joined = "".join(word.folded for word in words)
        if len(words) > 1 and joined.isalpha() and len(joined) >= _SHORTEST_RESPELT:
            self._root.after.setdefault(("", joined), _Node()).ends.setdefault(None, value)
        if len(words) == 1:
            self._single.setdefault(words[0].folded, set()).add(value)

    def find(self, text: str) -> tuple[Match, ...]:
        """The names in a text, from left to right, never overlapping."""
        folded = fold(text)
        broken = _BROKEN.search(folded) is not None
        words = self._mended(folded, text) if broken else _words(folded, text)
        if not any(self._begins(word.folded) for word in words):
            return ()
        words = [self._respell(word) for word in words]
        found: list[Match] = []
        at = 0
        while at < len(words):
            match, used = self._longest(folded, text, words, at)
            if match is not None:
                found.append(match)
            at += used
        return tuple(found)

    def _begins(self, word: str) -> bool:
        """Whether a name may begin with a word, as it stands or spelt better."""
        begins = self._first.get(word)
        if begins is None:
            better = self._respell(_Word(word, word, 0, len(word))).folded
            begins = any(("", form) in self._root.after for form in _singulars(better))
            if len(self._first) > _WORDS_KEPT:
                self._first.clear()
            self._first[word] = begins
        return begins

    def _mended(self, folded: str, text: str) -> list[_Word]:
        """The words, with those that a line end broke ("prednis- olone") put together again."""
        words, done = _words(folded, text), []
        at = 0
        while at < len(words):
            word = words[at]
            if at + 1 < len(words):
                after = words[at + 1]
                whole = word.folded + after.folded
                if (
                    whole in self.words
                    and len(whole) >= _SHORTEST_RESPELT
                    and _BROKEN.fullmatch(folded[word.end : after.start])
                ):
                    done.append(_Word(whole, text[word.start : after.end], word.start, after.end))
                    at += 2
                    continue
            done.append(word)
            at += 1
        return done

    def _respell(self, word: _Word) -> _Word:
        if len(word.folded) < _SHORTEST_RESPELT or any(
            form in self.words for form in _singulars(word.folded)
        ):
            return word
        if word.folded not in self._respelt:
            self._respelt[word.folded] = self._nearest(word.folded)
        better = self._respelt[word.folded]
        return word if better is None else _Word(better, word.printed, word.start, word.end, respelt=True)

    def _nearest(self, word: str) -> str | None:
        """The one word of the vocabulary within a safe distance, or None (two drugs as near: None)."""
        hits = process.extract(word, self._targets, scorer=OSA.distance, score_cutoff=2, limit=8)
        near = [
            (int(distance), target)
            for target, distance, _ in hits
            if target[0] == word[0]
            and distance <= (2 if min(len(word), len(target)) >= _TWO_EDITS_FROM else 1)
        ]
        if not near:
            return None
        least = min(near)[0]
        best = [target for distance, target in near if distance == least]
        meant = {frozenset(self._single.get(target, {target})) for target in best}
        return best[0] if len(meant) == 1 else None

    def _longest(self, folded: str, text: str, words: list[_Word], at: int) -> tuple[Match | None, int]:
        """The longest name that begins at word `at` (or None), and how many words to go on by."""
        node, best, used = self._root, None, 1
        first = words[at]
        if not any(("", form) in node.after for form in _singulars(first.folded)):
            return None, 1
        if _ANTI.search(folded[max(0, first.start - 6) : first.start]) and not first.folded.startswith(
            "anti"
        ):
            return None, 1
        for index in range(at, len(words)):
            word = words[index]
            between = "" if index == at else _separator(folded[words[index - 1].end : word.start])
            ended = self._ended(node, between, word, text[first.start : word.end], folded)
            if ended is not None:
                respelt = any(each.respelt for each in words[at : index + 1])
                best, used = Match(ended, first.start, word.end, respelt), index - at + 1
            following = node.after.get((between, word.folded))
            if following is None:
                break
            node = following
        return best, used

    @staticmethod
    def _ended(node: _Node, between: str, word: _Word, printed: str, folded: str) -> str | None:
        """What a name ending with this word stands for; its plural counts as well."""
        for form in _singulars(word.folded):
            here = node.after.get((between, form))
            if here is None:
                continue
            plural = len(word.folded) - len(form)
            shown = printed[: len(printed) - plural] if plural else printed
            if shown in here.ends:
                glued = word.end < len(folded) and folded[word.end].isalnum()
                if not glued:
                    return here.ends[shown]
            if None in here.ends:
                return here.ends[None]
        return None
