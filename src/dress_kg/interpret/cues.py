"""Cue phrases of clinical English, read from `mappings/cues/*.toml`, and where they stand in a text."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from dress_kg.errors import OntologyError
from dress_kg.resources import folder


@dataclass(frozen=True, slots=True, order=True)
class Cue:
    """A cue phrase at `text[start:end]`; `group` is its list in the file (`outcome.positive`)."""

    start: int
    end: int
    group: str
    exact: str


@dataclass(frozen=True, slots=True)
class CueBook:
    """The compiled cue lists of one language, by `section.list`."""

    patterns: Mapping[str, re.Pattern[str]]

    def find(self, text: str, groups: Iterable[str]) -> tuple[Cue, ...]:
        """The cues of these groups in order of place; where two overlap, the longer one.

        >>> [(c.group, c.exact) for c in cue_book().find("It was not effective", ["outcome.positive"])]
        [('outcome.positive', 'effective')]
        """
        found = [
            Cue(match.start(), match.end(), group, match.group())
            for group in groups
            for match in self.patterns[group].finditer(text)
            if match.end() > match.start()
        ]
        found.sort(key=lambda cue: (cue.start - cue.end, cue.start))
        kept: list[Cue] = []
        taken = bytearray(len(text))
        for cue in found:
            if not any(taken[cue.start : cue.end]):
                taken[cue.start : cue.end] = b"\1" * (cue.end - cue.start)
                kept.append(cue)
        return tuple(sorted(kept))

    def first(self, group: str, text: str, start: int = 0, end: int | None = None) -> Cue | None:
        """The first cue of the group that lies within `text[start:end]`."""
        match = self.patterns[group].search(text, start, len(text) if end is None else end)
        return None if match is None else Cue(match.start(), match.end(), group, match.group())

    def before(self, group: str, text: str, position: int) -> bool:
        """Whether a cue of the group ends right before `position`, articles and adjectives aside."""
        return any(
            _BETWEEN.fullmatch(text, match.end(), position) is not None
            for match in self.patterns[group].finditer(text, max(0, position - 60), position)
        )

    def behind(self, group: str, text: str, position: int) -> Cue | None:
        """The cue of the group that starts right behind `position`, after a space or hyphen at most."""
        space = _GLUE.match(text, position)
        start = position if space is None else space.end()
        match = self.patterns[group].match(text, start)
        return None if match is None else Cue(match.start(), match.end(), group, match.group())


_BETWEEN = re.compile(
    r"[\s(]*(?:(?:the|a|an|of|use|using|oral|systemic|topical|intravenous|iv|high|low|medium|dose|doses|high-dose|"
    r"low-dose|pulse|pulsed|long-term|initial|regular|longer|courses?|treatment|therapy|with|drug)[\s-]+)*",
    re.IGNORECASE,
)
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
    patterns = {
        f"{section}.{name}": _compiled(f"{section}.{name}", phrases)
        for section, lists in data.items()
        for name, phrases in lists.items()
    }
    starts = data["markers"]["sentence_start"]
    patterns["markers.sentence_start"] = re.compile(r"(?<!\w)(?:" + "|".join(starts) + r")(?!\w)")
    return CueBook(patterns)
