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


@dataclass(slots=True)
class _Node:
    """What may follow, by (separator, word), and what ends here: value by the printed form required."""

    after: dict[tuple[str, str], _Node] = field(default_factory=dict)
    ends: dict[str | None, str] = field(default_factory=dict)


def _words(folded: str) -> tuple[list[str], list[tuple[int, int]]]:
    """The runs of letters or of digits of a folded text, and where they stand."""
    return _WORD.findall(folded), [hit.span() for hit in _WORD.finditer(folded)]


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
        self._silent: set[str] = set()
        self._telling: set[str] = set()
        self._targets = sorted(word for word in self.words if len(word) >= _SHORTEST_RESPELT)

    def _add(self, name: str, value: str, *, exact: bool) -> None:
        folded = fold(name)
        words, spans = _words(folded)
        if not words:
            return
        self.words.update(word for word in words if word.isalpha())
        node, previous = self._root, 0
        for word, (start, end) in zip(words, spans, strict=True):
            between = _separator(folded[previous:start]) if node is not self._root else ""
            node = node.after.setdefault((between, word), _Node())
            previous = end
        node.ends.setdefault(name if exact else None, value)
        joined = "".join(words)
        if len(words) > 1 and joined.isalpha() and len(joined) >= _SHORTEST_RESPELT:
            self._root.after.setdefault(("", joined), _Node()).ends.setdefault(None, value)
        if len(words) == 1:
            self._single.setdefault(words[0], set()).add(value)

    def find(self, text: str) -> tuple[Match, ...]:
        """The names in a text, from left to right, never overlapping."""
        folded = fold(text)
        if _BROKEN.search(folded) is None:
            # Most texts name nothing, which their words alone tell: no object is made of each word.
            if self._silent.issuperset(_WORD.findall(folded)):
                return ()
            words, spans = _words(folded)
        else:
            words, spans = self._mended(folded)
        beginning = self._beginning(words)
        found: list[Match] = []
        past = 0
        for at, word in enumerate(words):
            if word in beginning and at >= past:
                match, used = self._longest(folded, text, words, spans, at)
                past = at + used
                if match is not None:
                    found.append(match)
        return tuple(found)

    def _beginning(self, words: Iterable[str]) -> set[str]:
        """Those of the words that a name may begin with, as they stand or spelt better."""
        heard = set(words) - self._silent
        if unsure := heard - self._telling:
            for known in (self._silent, self._telling, self._respelt):
                if len(known) > _WORDS_KEPT:
                    known.clear()
            telling = {word for word in unsure if self._begins(word)}
            self._telling |= telling
            self._silent |= unsure - telling
            return (heard - unsure) | telling
        return heard

    def _begins(self, word: str) -> bool:
        better = self._better(word) or word
        return any(("", form) in self._root.after for form in _singulars(better))

    def _mended(self, folded: str) -> tuple[list[str], list[tuple[int, int]]]:
        """The words, with those that a line end broke ("prednis- olone") put together again."""
        words, spans = _words(folded)
        done: list[str] = []
        places: list[tuple[int, int]] = []
        at = 0
        while at < len(words):
            word, (start, end), used = words[at], spans[at], 1
            if at + 1 < len(words):
                whole = word + words[at + 1]
                gap = folded[end : spans[at + 1][0]]
                if whole in self.words and len(whole) >= _SHORTEST_RESPELT and _BROKEN.fullmatch(gap):
                    word, end, used = whole, spans[at + 1][1], 2
            done.append(word)
            places.append((start, end))
            at += used
        return done, places

    def _better(self, word: str) -> str | None:
        """The word of the vocabulary that a misspelt word stands for, None where it is to stay."""
        if len(word) < _SHORTEST_RESPELT or any(form in self.words for form in _singulars(word)):
            return None
        if word not in self._respelt:
            self._respelt[word] = self._nearest(word)
        return self._respelt[word]

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

    def _longest(
        self, folded: str, text: str, words: list[str], spans: list[tuple[int, int]], at: int
    ) -> tuple[Match | None, int]:
        """The longest name that begins at word `at` (or None), and how many words to go on by."""
        node, best, used = self._root, None, 1
        begin = spans[at][0]
        misspelt = False
        for index in range(at, len(words)):
            better = self._better(words[index])
            word = better or words[index]
            misspelt = misspelt or better is not None
            start, end = spans[index]
            if index == at:
                between = ""
                if not word.startswith("anti") and _ANTI.search(folded[max(0, begin - 6) : begin]):
                    return None, 1
            else:
                between = _separator(folded[spans[index - 1][1] : start])
            ended = self._ended(node, between, word, text[begin:end], folded, end)
            if ended is not None:
                best, used = Match(ended, begin, end, misspelt), index - at + 1
            following = node.after.get((between, word))
            if following is None:
                break
            node = following
        return best, used

    @staticmethod
    def _ended(node: _Node, between: str, word: str, printed: str, folded: str, end: int) -> str | None:
        """What a name ending with this word stands for; its plural counts as well."""
        for form in _singulars(word):
            here = node.after.get((between, form))
            if here is None:
                continue
            plural = len(word) - len(form)
            shown = printed[: len(printed) - plural] if plural else printed
            if shown in here.ends:
                glued = end < len(folded) and folded[end].isalnum()
                if not glued:
                    return here.ends[shown]
            if None in here.ends:
                return here.ends[None]
        return None
