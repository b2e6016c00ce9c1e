"""Cue phrases of clinical English, read from `mappings/cues/*.toml`, and where they stand in a text."""

from __future__ import annotations

import re
import tomllib
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import NamedTuple

from dress_kg.errors import OntologyError
from dress_kg.interpret.cue_starts import phrase_starts, word_starts
from dress_kg.resources import folder


class Cue(NamedTuple):
    """A cue phrase at `text[start:end]`; `group` is its list in the file (`outcome.positive`)."""

    start: int
    end: int
    group: str
    exact: str


@dataclass(frozen=True, slots=True)
class Phrase:
    """One phrase of a list. :ivar starts: its first letters (`cue_starts`), None where they are not fixed."""

    source: str
    cased: bool
    starts: frozenset[str] | None


@dataclass(frozen=True, slots=True)
class _Places:
    """Where in a text the lists of a book may begin to match.

    :ivar starts: by list, in order, each with those of its phrases that can match there; None where each
        list is to be tried everywhere.
    :ivar possible: the lists that may match at all.
    :ivar found: the cues of a list, once they have been looked for.
    """

    starts: Mapping[str, list[tuple[int, re.Pattern[str]]]] | None
    possible: Set[str]
    found: dict[str, tuple[Cue, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CueBook:
    """The compiled cue lists of one language, by `section.list`.

    :ivar phrases: of each list, in order. :ivar begin: the lists that have a phrase with these first letters.
    :ivar loose: of the lists that have them, the phrases whose first letters are not fixed.
    """

    patterns: Mapping[str, re.Pattern[str]]
    phrases: Mapping[str, tuple[Phrase, ...]] = field(default_factory=dict)
    begin: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    loose: Mapping[str, re.Pattern[str]] = field(default_factory=dict)
    _beginning: dict[str, tuple[tuple[str, re.Pattern[str]], ...]] = field(
        default_factory=dict, compare=False, repr=False
    )
    _sections: dict[str, tuple[str, ...]] = field(default_factory=dict, compare=False, repr=False)
    _read: OrderedDict[str, _Places] = field(default_factory=OrderedDict, compare=False, repr=False)

    def find(self, text: str, groups: Iterable[str]) -> tuple[Cue, ...]:
        """The cues of these groups in order of place; where two overlap, the longer one.

        >>> [(c.group, c.exact) for c in cue_book().find("It was not effective", ["outcome.positive"])]
        [('outcome.positive', 'effective')]
        """
        places = self._read.get(text) or self._places(text)
        possible = places.possible
        found = [cue for group in groups if group in possible for cue in self._found(places, group, text)]
        if len(found) < 2:
            return tuple(found)
        found.sort(key=lambda cue: (cue.start - cue.end, cue.start))
        kept: list[Cue] = []
        taken = bytearray(len(text))
        for cue in found:
            if not any(taken[cue.start : cue.end]):
                taken[cue.start : cue.end] = b"\1" * (cue.end - cue.start)
                kept.append(cue)
        return tuple(sorted(kept))

    def possible(self, text: str, section: str) -> tuple[str, ...]:
        """The lists of a section of the file that may have a cue in a text, in the order of the file."""
        groups = self._sections.get(section)
        if groups is None:
            within = (group for group in self.patterns if group.startswith(section + "."))
            groups = self._sections[section] = tuple(within)
        possible = self._places(text).possible
        return tuple(group for group in groups if group in possible)

    def first(self, group: str, text: str, start: int = 0, end: int | None = None) -> Cue | None:
        """The first cue of the group that lies within `text[start:end]`."""
        places = self._read.get(text)
        if places is None:  # a part of a sentence is asked once or twice: not worth looking up its words
            match = self.patterns[group].search(text, start, len(text) if end is None else end)
        elif group not in places.possible:
            return None
        else:
            match = next(self._matches(places, group, text, start, end), None)
        return None if match is None else Cue(match.start(), match.end(), group, match.group())

    def before(self, group: str, text: str, position: int) -> bool:
        """Whether a cue of the group ends right before `position`, articles and adjectives aside."""
        places = self._read.get(text) or self._places(text)
        return group in places.possible and any(
            _BETWEEN.fullmatch(text, match.end(), position) is not None
            for match in self._matches(places, group, text, max(0, position - 60), position)
        )

    def behind(self, group: str, text: str, position: int) -> Cue | None:
        """The cue of the group that starts right behind `position`, after a space or hyphen at most."""
        places = self._read.get(text) or self._places(text)
        if group not in places.possible:
            return None
        space = _GLUE.match(text, position)
        start = position if space is None else space.end()
        pattern: re.Pattern[str] | None = self.patterns[group]
        if places.starts is not None and group not in self.loose:
            pattern = dict(places.starts[group]).get(start)
        match = None if pattern is None else pattern.match(text, start)
        return None if match is None else Cue(match.start(), match.end(), group, match.group())

    def may_hold(self, group: str, text: str) -> bool:
        """Whether a text may have a cue of the group: False is certain."""
        return group in (self._read.get(text) or self._places(text)).possible

    def _found(self, places: _Places, group: str, text: str) -> tuple[Cue, ...]:
        found = places.found.get(group)
        if found is None:
            found = places.found[group] = tuple(
                Cue(match.start(), match.end(), group, match.group())
                for match in self._matches(places, group, text)
                if match.end() > match.start()
            )
        return found

    def _matches(
        self, places: _Places, group: str, text: str, start: int = 0, end: int | None = None
    ) -> Iterator[re.Match[str]]:
        """What `finditer` gives, tried only where a phrase of the list may begin."""
        end = len(text) if end is None else end
        if places.starts is None:
            yield from self.patterns[group].finditer(text, start, end)
            return
        loose, other = self.loose.get(group), None
        if loose is not None:
            other = loose.search(text, start, end)
        for place, pattern in (*places.starts.get(group, ()), (end, _NOTHING)):
            while other is not None and other.start() < place and loose is not None:
                if other.start() >= start:
                    yield other
                    start = other.end()
                other = loose.search(text, start, end)
            if place < start:
                continue
            if place >= end:
                return
            if (match := pattern.match(text, place, end)) is not None:
                yield match
                start = match.end()

    def _places(self, text: str) -> _Places:
        places = self._read.get(text)
        if places is None:
            starts = self._starts(text)
            possible = self.patterns.keys() if starts is None else starts.keys() | self.loose.keys()
            places = _Places(starts, possible)
            if len(text) <= _LONGEST_KEPT:
                self._read[text] = places
                if len(self._read) > _KEPT:
                    self._read.popitem(last=False)
        return places

    def _starts(self, text: str) -> Mapping[str, list[tuple[int, re.Pattern[str]]]] | None:
        words = word_starts(text) if len(text) <= _LONGEST_KEPT else None
        if words is None:
            return None
        starts: dict[str, list[tuple[int, re.Pattern[str]]]] = {}
        for place, letters in words:
            lists = self._beginning.get(letters)
            if lists is None:
                lists = self._lists(letters)
            for group, pattern in lists:
                starts.setdefault(group, []).append((place, pattern))
        return starts

    def _lists(self, letters: str) -> tuple[tuple[str, re.Pattern[str]], ...]:
        """The lists with a phrase for a word of these first letters, and which phrases can match there.

        A list is an alternation of up to a hundred phrases, and all but one or two of them fail at a word.
        """
        if len(self._beginning) > _LETTERS_KEPT:
            self._beginning.clear()
        shorter = {letters[:length] for length in range(1, len(letters) + 1)}
        found = {}
        for group in dict.fromkeys(group for each in shorter for group in self.begin.get(each, ())):
            of_them = (p for p in self.phrases[group] if p.starts is None or not shorter.isdisjoint(p.starts))
            found[group] = _compiled(group, tuple(phrase.source for phrase in of_them))
        self._beginning[letters] = lists = tuple(found.items())
        return lists


_BETWEEN = re.compile(
    r"[\s(]*(?:(?:the|a|an|of|use|using|oral|systemic|topical|intravenous|iv|high|low|medium|dose|doses|high-dose|"
    r"low-dose|pulse|pulsed|long-term|initial|regular|longer|courses?|treatment|therapy|with|drug)[\s-]+)*",
    re.IGNORECASE,
)
_CASED = "markers.sentence_start"
"""The one list that counts only in its own capitals."""
# Texts whose places are kept: the readers of a row ask for the same sentences one after the other.
_KEPT = 512
_LONGEST_KEPT = 4000
_LETTERS_KEPT = 20_000
_NOTHING = re.compile(r"(?!)")
_GLUE = re.compile(r"\s?-?\s?(?:(?:treatment|therapy|drugs?)\s)?")


@cache
def _compiled(name: str, phrases: tuple[str, ...]) -> re.Pattern[str]:
    try:
        return re.compile(_whole_words("|".join(phrases)), 0 if name == _CASED else re.IGNORECASE)
    except re.error as error:
        raise OntologyError(
            f"the cue list {name} has a pattern that is not a regular expression",
            value=str(error.pattern),
            remedy="correct it in mappings/cues",
        ) from error


def _whole_words(source: str) -> str:
    return rf"(?<!\w)(?:{source})(?!\w)"


@lru_cache(maxsize=4)
def cue_book(language: str = "english") -> CueBook:
    """The cue lists of `mappings/cues/<language>.toml`.

    :raises OntologyError: the file is missing or one of its patterns does not compile.
    """
    path = folder("mappings") / "cues" / f"{language}.toml"
    try:
        data = tomllib.loads(path.read_text("utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise OntologyError(
            f"the cue file cannot be read ({error})", file=path, remedy="restore it from the release"
        ) from error
    lists = {f"{section}.{name}": found for section, of in data.items() for name, found in of.items()}
    patterns = {name: _compiled(name, tuple(phrases)) for name, phrases in lists.items()}
    known = {
        name: tuple(Phrase(phrase, name == _CASED, phrase_starts(phrase)) for phrase in phrases)
        for name, phrases in lists.items()
    }
    loose = {
        name: _compiled(name, tuple(phrase.source for phrase in phrases if phrase.starts is None))
        for name, phrases in known.items()
        if any(phrase.starts is None for phrase in phrases)
    }
    begin: dict[str, dict[str, None]] = {}
    for name, phrases in known.items():
        for each in frozenset[str]().union(*(phrase.starts or () for phrase in phrases)):
            begin.setdefault(each, {})[name] = None
    return CueBook(patterns, known, {each: tuple(names) for each, names in begin.items()}, loose)
