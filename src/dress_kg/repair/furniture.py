"""What each physical line is: part of a row, or furniture (header, band, footer, footnote, noise, blank)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz

from dress_kg.header import NEAR, normal, similarity
from dress_kg.profile import Column, ColumnKind, Profile
from dress_kg.records import Line, LineKind
from dress_kg.repair.bands import Bands
from dress_kg.repair.shape import Grid, Token, fits, is_garbage, is_lexical, kinds, token_kind

_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad"))
_GENERAL_FOOTER = re.compile(
    r"(?:©|\(c\)|copyright\b).*|(?:page|pág(?:ina)?\.?|p\.)\s*\d+(?:\s*(?:of|de|/)\s*\d+)?|"
    r".*\bdoi:?\s*(?:https?://(?:dx\.)?doi\.org/)?10\.\d{4,9}/\S+\s*",
    re.IGNORECASE,
)
_GENERAL_FOOTNOTE = re.compile(
    r"(?:notes?|abbreviations?|footnotes?|legend)\s*:.*|(?:adapted|reproduced) from\b.*", re.IGNORECASE
)
_LETTER_WORD = re.compile(r"[a-zA-Z]\.|[A-Zaeiouy]")
_LOOSE = frozenset({Token.LETTER, Token.NUMBER, Token.SIGN})
# What a repeated header may have suffered beyond what `find_header` accepts for the first one.
_GHOST = 60.0


@dataclass(frozen=True, slots=True)
class Classed:
    """The class of one line, why, and the cleaned title where it is a band."""

    kind: LineKind
    reason: str
    title: str | None = None


@dataclass(slots=True)
class Classifier:
    """Classes the lines of one file, from the first to the last; a line's class may rest on the one above."""

    grid: Grid
    profile: Profile
    bands: Bands
    _last: tuple[Line, dict[int, str]] | None = None

    def classify(self) -> list[Classed]:
        """One class for each line, in order."""
        result: list[Classed] = []
        for index in range(len(self.grid.lines)):
            result.append(self.line(index, result))
        return result

    def line(self, index: int, above: Sequence[Classed]) -> Classed:
        """The class of one line. :param above: the classes of the lines above it, at least of the last."""
        line = self.grid.lines[index]
        if not line.text.translate(_INVISIBLE).strip():
            return Classed(LineKind.BLANK, "no text")
        judges = [self._header, self._footer, self._footnote, self._band]
        if self.profile.rows == "wrapped":
            judges.append(self._noise)
        for judge in judges:
            if (classed := judge(index, above)) is not None:
                return classed
        return Classed(LineKind.ROW, "text of a row")

    def _filled(self, index: int) -> dict[int, str]:
        """The cells with text of a line, which several judges ask for."""
        line = self.grid.lines[index]
        if self._last is None or self._last[0] is not line:
            self._last = line, self.grid.filled(index)
        return self._last[1]

    # ------------------------------------------------------------------ headers

    def _header(self, index: int, above: Sequence[Classed]) -> Classed | None:
        header, number = self.grid.header.lines, self.grid.lines[index].number
        if number in header:
            return Classed(LineKind.HEADER, "the header")
        if number < header[0]:
            return Classed(LineKind.FOOTNOTE, "text above the header")
        filled = self._filled(index)
        if self._is_header_again(filled):
            return Classed(LineKind.HEADER, "the header, printed again")
        if above and above[-1].kind is LineKind.HEADER and self._is_header_rest(filled):
            return Classed(LineKind.HEADER, "the header's next line")
        return None

    def _is_header_again(self, filled: dict[int, str]) -> bool:
        """Most cells repeat (or nearly, as OCR ghosts do) the header above them, and no cell is prose."""
        entries = {entry.position: entry for entry in self.grid.header.columns}
        if len(filled) < 2 or any(
            position not in entries or len(text) > 40 for position, text in filled.items()
        ):
            return False
        scores = [
            max(similarity(text, entries[position].column), _ratio(text, entries[position].printed))
            for position, text in filled.items()
        ]
        near = sum(score >= NEAR for score in scores)
        ghosts = sum(score >= _GHOST for score in scores)
        most = 3 * len(filled) >= 2 * len(entries)
        return near == len(scores) or (most and 2 * near >= len(scores) and 4 * ghosts >= 3 * len(scores))

    def _is_header_rest(self, filled: dict[int, str]) -> bool:
        """Every cell is a word of its column's header: the header is wrapped over lines."""
        entries = {entry.position: entry.column for entry in self.grid.header.columns}
        return all(
            position in entries and _is_word_of(text, entries[position]) for position, text in filled.items()
        )

    # ------------------------------------------------------------------ footers, footnotes

    def _footer(self, index: int, above: Sequence[Classed]) -> Classed | None:
        filled = self._filled(index)
        forms = (" ".join(filled.values()), "".join(filled.values()))
        if any(pattern.fullmatch(form) for pattern in self.profile.footers for form in forms):
            return Classed(LineKind.FOOTER, "a footer, by the profile")
        alone = len(filled) == 1 and 1 in filled and not self._runs_on(index, 1)
        if alone and _GENERAL_FOOTER.fullmatch(filled[1]):
            return Classed(LineKind.FOOTER, "a footer: alone on its line, a DOI, copyright or page number")
        return None

    def _footnote(self, index: int, above: Sequence[Classed]) -> Classed | None:
        filled = self._filled(index)
        if len(filled) != 1 or 1 not in filled:
            return None
        text = filled[1]
        if not self._runs_on(index, 1):
            if any(pattern.fullmatch(text) for pattern in self.profile.footnotes):
                return Classed(LineKind.FOOTNOTE, "a footnote, by the profile")
            if _GENERAL_FOOTNOTE.fullmatch(text):
                return Classed(LineKind.FOOTNOTE, "a footnote: alone on its line, introduced as a note")
        if above and above[-1].kind is LineKind.FOOTNOTE and index > 0:
            before = self.grid.text(index - 1, 1)
            if not before.endswith((".", "!", "?")):
                return Classed(LineKind.FOOTNOTE, "the footnote's next line")
        return None

    def _runs_on(self, index: int, position: int) -> bool:
        """Whether the cell continues one above it, in a column that is not the one that starts rows."""
        return position != self.grid.lead and index > 0 and bool(self.grid.text(index - 1, position))

    # ------------------------------------------------------------------ bands

    def _band(self, index: int, above: Sequence[Classed]) -> Classed | None:
        row_above = index - 1 if above and above[-1].kind is LineKind.ROW else None
        band = self.bands.band(index, row_above)
        if band is None or not self._row_may_start_after(index):
            return None
        return Classed(LineKind.SECTION, band.reason, band.title)

    def _row_may_start_after(self, index: int) -> bool:
        """Whether the next line with text (furniture skipped) can be the first of a row."""
        for later in range(index + 1, len(self.grid.lines)):
            filled = self.grid.filled(later)
            dirt = not any(map(is_lexical, filled.values()))
            if dirt or self._is_header_again(filled) or self._footer(later, ()) is not None:
                continue
            return starts_well(self.grid.text(later, self.grid.lead))
        return False

    # ------------------------------------------------------------------ noise

    def _noise(self, index: int, above: Sequence[Classed]) -> Classed | None:
        """Dirt on the scan: no cell holds a word, and none is needed where it stands."""
        filled = self.grid.filled(index)
        if any(map(is_lexical, filled.values())) or self.grid.is_anchor(index) or self.grid.has_mark(index):
            return None
        columns = {entry.position: entry.column for entry in self.grid.header.columns}
        loose = {position: text for position, text in filled.items() if not is_garbage(text)}
        reading_on = [self._continues(index, position, text, above) for position, text in loose.items()]
        if len(loose) < len(filled):
            keep = bool(reading_on) and all(reading_on)
            return None if keep else Classed(LineKind.NOISE, "no cell holds a word")
        kept = any(
            position in columns
            and (columns[position].kind is ColumnKind.ANY or fits(columns[position], text))
            for position, text in loose.items()
        )
        if kept or any(reading_on):
            return None
        return Classed(LineKind.NOISE, "lone letters and numbers that continue nothing")

    def _continues(self, index: int, position: int, text: str, above: Sequence[Classed]) -> bool:
        """Whether a cell of lone letters and numbers reads on from the row's line above."""
        last = next((i for i in range(index - 1, -1, -1) if above[i].kind is LineKind.ROW), None)
        if last is None or not kinds(text) <= _LOOSE or not self.grid.text(last, position):
            return False
        if position in dict(self.grid.coded()):
            return False
        after = self.grid.text(index + 1, position) if index + 1 < len(self.grid.lines) else ""
        if position in (1, self.grid.lead) and index - last > 1 and Token.NUMBER in kinds(text) and not after:
            return False  # a page number
        # Among lone letters, only these stand for themselves: articles, and capitals ("vitamin C").
        return all(
            token_kind(token) is not Token.LETTER or _LETTER_WORD.search(token) for token in text.split()
        )


def starts_well(text: str) -> bool:
    """Whether a text of the leading column can be the first of a row.

    >>> starts_well("IVIG (previous"), starts_well("+ CS"), starts_well("treatment with Cs)"), starts_well("")
    (True, False, False, False)
    """
    return bool(re.match(r"[\"'“‘(\[*†‡]*(?:[A-ZÀ-ÖØ-Þ0-9]|[^\W\d_]+-[A-Z])", text)) or (
        bool(text) and not text[0].isascii() and text[0].isalpha() and not text[0].islower()
    )


def _ratio(left: str, right: str) -> float:
    return fuzz.ratio(normal(left), normal(right))


def _is_word_of(text: str, column: Column) -> bool:
    words = {word for name in (column.header, *column.aliases) for word in normal(name).split()}
    found = normal(text).split()
    return bool(found) and all(any(fuzz.ratio(word, known) >= NEAR for known in words) for word in found)
