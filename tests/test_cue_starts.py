"""Cues are found where their first letters stand; that must give what trying them everywhere gives."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dress_kg.interpret.cue_starts import phrase_starts
from dress_kg.interpret.cues import CueBook, cue_book
from dress_kg.profile import load_profile
from dress_kg.table import read_lines

BOOK = cue_book()
EVERYWHERE = CueBook(BOOK.patterns, loose=BOOK.patterns)
"""The same lists, each tried at every character."""
WORDS = sorted(
    {word for pattern in BOOK.patterns.values() for word in re.findall(r"[A-Za-z]{2,}", pattern.pattern)}
)


def same(text: str) -> None:
    """Every question to the book has the same answer with and without its places."""
    for group in BOOK.patterns:
        assert BOOK.find(text, [group]) == EVERYWHERE.find(text, [group]), group
        for start, end in ((0, None), (3, len(text)), (0, len(text) // 2), (len(text) // 3, len(text) - 2)):
            assert BOOK.first(group, text, start, end) == EVERYWHERE.first(group, text, start, end), group
        for place in range(0, len(text), 5):
            assert BOOK.before(group, text, place) == EVERYWHERE.before(group, text, place), group
            assert BOOK.behind(group, text, place) == EVERYWHERE.behind(group, text, place), group


def test_the_other_book_tries_everywhere() -> None:
    assert set(EVERYWHERE.loose) == set(BOOK.patterns) and not EVERYWHERE.begin
    assert len(BOOK.loose) < 12, "most lists are to be known by their first letters"


def test_on_the_printed_table() -> None:
    lines = read_lines(load_profile("dress").source_file, load_profile("dress"))
    texts = [cell for line in lines for cell in line.cells if len(cell) > 20]
    assert len(texts) > 50
    for text in texts[:80]:
        same(text)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.sampled_from(WORDS),
            st.sampled_from(WORDS).map(str.upper),
            st.sampled_from(("not", "no", "n't", "5", "of", ".", ",", "-", "(", "ſ", "K", "ı", "é", "_")),
        ),
        min_size=1,
        max_size=25,
    ),
    st.sampled_from((" ", "", "-", "  ")),
)
def test_on_texts_of_cue_words(words: list[str], between: str) -> None:
    text = between.join(words)
    for group in BOOK.patterns:
        assert BOOK.find(text, [group]) == EVERYWHERE.find(text, [group]), group
        assert BOOK.first(group, text, 4) == EVERYWHERE.first(group, text, 4), group


@pytest.mark.parametrize(
    ("pattern", "starts"),
    [
        ("effective", {"eff"}),
        (r"(?<=not )help", {"hel"}),
        (r"no\s+\w+", {"no"}),
        (r"[ab]d?o", {"ado", "ao", "bdo", "bo"}),
        (r"(?:re|un)?do(?:ne)?", {"red", "und", "do", "don"}),
        (r"a{2}b", {"a"}),
        (r"\d+ mg", None),
        (r"-free", None),
        (r"(?:\w+\s+)?scores?", None),
        ("élan", None),
    ],
)
def test_first_letters(pattern: str, starts: set[str] | None) -> None:
    assert phrase_starts(pattern) == starts
