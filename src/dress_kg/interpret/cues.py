"""Cue phrases of clinical English, read from `mappings/cues/*.toml`, and where they stand in a text."""

from __future__ import annotations

import re
import tomllib
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from dress_kg.errors import OntologyError
from dress_kg.interpret.cue_starts import phrase_starts, word_starts
from dress_kg.resources import folder


@dataclass(frozen=True, slots=True, order=True)
class Cue:
    """A cue phrase at `text[start:end]`; `group` is its list in the file (`outcome.positive`)."""

    start: int
    end: int
    group: str
    exact: str


@dataclass(frozen=True, slots=True)
class _Places:
    """Where in a text the lists of a book may begin to match.

    :ivar starts: by list, in order; None where each list is to be tried everywhere.
    :ivar found: the cues of a list, once they have been looked for.
    """

    starts: Mapping[str, list[int]] | None
    found: dict[str, tuple[Cue, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CueBook:
    """The compiled cue lists of one language, by `section.list`.

    :ivar begin: the lists that have a phrase with these first letters.
    :ivar loose: of the lists that have them, the phrases whose first letters are not fixed.
    """

    patterns: Mapping[str, re.Pattern[str]]
    begin: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    loose: Mapping[str, re.Pattern[str]] = field(default_factory=dict)
    _beginning: dict[str, tuple[str, ...]] = field(default_factory=dict, compare=False, repr=False)
    _sections: dict[str, tuple[str, ...]] = field(default_factory=dict, compare=False, repr=False)
    _read: OrderedDict[str, _Places] = field(default_factory=OrderedDict, compare=False, repr=False)

    def find(self, text: str, groups: Iterable[str]) -> tuple[Cue, ...]:
        """The cues of these groups in order of place; where two overlap, the longer one.

        >>> [(c.group, c.exact) for c in cue_book().find("It was not effective", ["outcome.positive"])]
        [('outcome.positive', 'effective')]
        """
        places = self._places(text)
        found = [cue for group in groups for cue in self._found(places, group, text)]
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
        starts = self._places(text).starts
        if starts is None:
            return groups
        return tuple(group for group in groups if group in starts or group in self.loose)

    def first(self, group: str, text: str, start: int = 0, end: int | None = None) -> Cue | None:
        """The first cue of the group that lies within `text[start:end]`."""
        places = self._read.get(text)
        if places is None:  # a part of a sentence is asked once or twice: not worth looking up its words
            match = self.patterns[group].search(text, start, len(text) if end is None else end)
        else:
            match = next(self._matches(places, group, text, start, end), None)
        return None if match is None else Cue(match.start(), match.end(), group, match.group())

    def before(self, group: str, text: str, position: int) -> bool:
        """Whether a cue of the group ends right before `position`, articles and adjectives aside."""
        return any(
            _BETWEEN.fullmatch(text, match.end(), position) is not None
            for match in self._matches(self._places(text), group, text, max(0, position - 60), position)
        )

    def behind(self, group: str, text: str, position: int) -> Cue | None:
        """The cue of the group that starts right behind `position`, after a space or hyphen at most."""
        starts = self._places(text).starts
        if starts is not None and group not in starts and group not in self.loose:
            return None
        space = _GLUE.match(text, position)
        start = position if space is None else space.end()
        match = self.patterns[group].match(text, start)
        return None if match is None else Cue(match.start(), match.end(), group, match.group())

    def _found(self, places: _Places, group: str, text: str) -> tuple[Cue, ...]:
        if places.starts is not None and group not in places.starts and group not in self.loose:
            return ()
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
        pattern, end = self.patterns[group], len(text) if end is None else end
        if places.starts is None:
            yield from pattern.finditer(text, start, end)
            return
        loose, other = self.loose.get(group), None
        if loose is not None:
            other = loose.search(text, start, end)
        for place in (*places.starts.get(group, ()), end):
            while other is not None and other.start() < place and loose is not None:
                if other.start() >= start:
                    yield other
                    start = other.end()
                other = loose.search(text, start, end)
            if start <= place < end and (match := pattern.match(text, place, end)) is not None:
                yield match
                start = match.end()

    def _places(self, text: str) -> _Places:
        places = self._read.get(text)
        if places is None:
            places = _Places(self._starts(text))
            if len(text) <= _LONGEST_KEPT:
                self._read[text] = places
                if len(self._read) > _KEPT:
                    self._read.popitem(last=False)
        return places

    def _starts(self, text: str) -> Mapping[str, list[int]] | None:
        words = word_starts(text) if len(text) <= _LONGEST_KEPT else None
        if words is None:
            return None
        starts: dict[str, list[int]] = {}
        for place, letters in words:
            groups = self._beginning.get(letters)
            if groups is None:
                shorter = (letters[:length] for length in range(1, len(letters) + 1))
                if len(self._beginning) > _LETTERS_KEPT:
                    self._beginning.clear()
                lists = (group for each in shorter for group in self.begin.get(each, ()))
                groups = self._beginning[letters] = tuple(dict.fromkeys(lists))
            for group in groups:
                starts.setdefault(group, []).append(place)
        return starts


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
_GLUE = re.compile(r"\s?-?\s?(?:(?:treatment|therapy|drugs?)\s)?")


def _compiled(name: str, phrases: list[str]) -> re.Pattern[str]:
    try:
        return re.compile(r"(?<![\w])(?:" + "|".join(phrases) + r")(?![\w])", re.IGNORECASE)
    except re.error as error:
        raise OntologyError(
            f"the cue list {name} has a pattern that is not a regular expression",
            value=str(error.pattern),
            remedy="correct it in mappings/cues",
        ) from error


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
    patterns = {name: _compiled(name, phrases) for name, phrases in lists.items()}
    patterns[_CASED] = re.compile(r"(?<!\w)(?:" + "|".join(lists[_CASED]) + r")(?!\w)")
    begin: dict[str, list[str]] = {}
    loose: dict[str, re.Pattern[str]] = {}
    for name, phrases in lists.items():
        letters = {phrase: phrase_starts(phrase) for phrase in phrases}
        for each in sorted(frozenset[str]().union(*filter(None, letters.values()))):
            begin.setdefault(each, []).append(name)
        anywhere = [phrase for phrase in phrases if letters[phrase] is None]
        if anywhere:
            loose[name] = patterns[name] if name == _CASED else _compiled(name, anywhere)
    return CueBook(patterns, {each: tuple(names) for each, names in begin.items()}, loose)
