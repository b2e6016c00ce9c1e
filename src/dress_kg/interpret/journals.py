"""Resolve the printed name of a journal, by the Entrez list of titles and abbreviations (CC0).

`mappings/journals.tsv.gz` holds that list; `mappings/journals-more.tsv` what it lacks, with other forms
that tables print ("BJD"). Both are read when a journal is first asked for.
"""

from __future__ import annotations

import csv
import gzip
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

from dress_kg import resources

_SIGNS = re.compile(r"[^\w]+")
_SMALL = frozenset(
    "a an and the of for in on de la le les du des et e y del der die das und fur van het".split()
)


@dataclass(frozen=True, slots=True)
class Journal:
    """A journal: its abbreviation in NLM style, and its title where the list has one only."""

    abbreviation: str
    title: str | None


def journal_key(printed: str) -> str:
    """What two spellings of one journal share: no case, accents, full stops or leading "The".

    >>> journal_key("The N. Engl. J. Med.")
    'n engl j med'
    """
    text = printed.replace("&", " and ")
    if not text.isascii():
        decomposed = unicodedata.normalize("NFKD", text)
        text = "".join(char for char in decomposed if not unicodedata.combining(char))
    return _SIGNS.sub(" ", text.lower()).strip().removeprefix("the ")


class Journals:
    """The journals, looked up by abbreviation, title, other printed form, or by words cut short."""

    def __init__(self, rows: Iterable[tuple[str, str, tuple[str, ...]]]) -> None:
        """:param rows: (abbreviation, title, other printed forms)."""
        self._rows = rows

    @classmethod
    def load(cls, folder: Path | None = None) -> Journals:
        """The shipped lists, not read before the first look-up."""
        return _shipped(folder or resources.folder("mappings"))

    @cached_property
    def _by_key(self) -> dict[str, Journal]:
        titles: dict[str, Journal] = {}
        by_key: dict[str, Journal] = {}
        for abbreviation, title, others in self._rows:
            journal = Journal(abbreviation, title)
            for form in (abbreviation, *others):
                key = journal_key(form)
                known = by_key.setdefault(key, journal)
                if known.title is not None and journal_key(known.title) != journal_key(title):
                    by_key[key] = Journal(known.abbreviation, None)  # one abbreviation, two journals
            titles.setdefault(journal_key(title), journal)
        for key, journal in titles.items():
            by_key.setdefault(key, journal)
        return by_key

    @cached_property
    def _by_first_letters(self) -> dict[str, list[tuple[tuple[str, ...], Journal]]]:
        found: dict[str, list[tuple[tuple[str, ...], Journal]]] = {}
        for journal in set(self._by_key.values()):
            if journal.title is not None:
                words = _content(journal.title)
                if len(words) > 1:
                    found.setdefault(words[0][:3], []).append((words, journal))
        return found

    def resolve(self, printed: str) -> Journal | None:
        """The journal that a printed name stands for, or None where none, or more than one, fits.

        >>> Journals.load().resolve("Acta Dermat Vener").abbreviation
        'Acta Derm Venereol'
        """
        key = journal_key(printed)
        if not key:
            return None
        return self._by_key.get(key) or self._cut_short(_content(printed))

    def _cut_short(self, words: tuple[str, ...]) -> Journal | None:
        """The one journal whose title words begin, each in its turn, with the printed words."""
        if len(words) < 2 or min(map(len, words[1:])) < 3:
            return None
        hits = {
            journal.abbreviation: journal
            for title, journal in self._by_first_letters.get(words[0][:3], ())
            if len(title) == len(words)
            and all(long.startswith(cut) for long, cut in zip(title, words, strict=True))
        }
        return next(iter(hits.values())) if len(hits) == 1 else None


def _content(name: str) -> tuple[str, ...]:
    return tuple(word for word in journal_key(name).split() if word not in _SMALL)


def _rows(folder: Path) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    with (folder / "journals-more.tsv").open(encoding="utf-8", newline="") as more:
        for row in csv.DictReader(more, delimiter="\t", quoting=csv.QUOTE_NONE):
            yield row["abbreviation"], row["title"], tuple(filter(None, row["also_printed"].split("|")))
    with gzip.open(folder / "journals.tsv.gz", "rt", encoding="utf-8", newline="\n") as listed:
        next(listed)
        for line in listed:
            abbreviation, title = line.rstrip("\n").split("\t")
            yield abbreviation, title, ()


@lru_cache(maxsize=2)
def _shipped(folder: Path) -> Journals:
    return Journals(_Lazy(folder))


@dataclass(frozen=True, slots=True)
class _Lazy:
    """The rows of the shipped lists, read each time they are gone through."""

    folder: Path

    def __iter__(self) -> Iterator[tuple[str, str, tuple[str, ...]]]:
        return _rows(self.folder)
