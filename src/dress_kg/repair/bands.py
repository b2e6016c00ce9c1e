"""Section bands: a title across the table, cut by the column borders, with dirt in the cells beside it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from dress_kg.header import similarity
from dress_kg.profile import Profile
from dress_kg.repair.shape import Grid, Token, token_kind
from dress_kg.repair.words import Dictionary, seam, tokens

_TITLE = re.compile(r"[^\W\d_][\w\s()/&,'’.-]*")
_OPEN_END = re.compile(r"(?:[+,;:(/&-]|\b(?:and|or|with|without|plus))$", re.IGNORECASE)
_LONGEST = 80
# Nearer than this to the header of its own column, a stretch of capitals is the header's ghost.
_GHOST = 70.0


@dataclass(frozen=True, slots=True)
class Band:
    """A band's cleaned title, and what was done to get it."""

    title: str
    reason: str


@dataclass(frozen=True, slots=True)
class Bands:
    """Finds the bands of one file.

    :ivar acronyms: words that the rows print in capitals only; they stay so in a title.
    """

    grid: Grid
    profile: Profile
    dictionary: Dictionary
    acronyms: frozenset[str]

    @classmethod
    def of(cls, grid: Grid, profile: Profile, dictionary: Dictionary) -> Bands:
        """For the lines of the grid."""
        acronyms = frozenset() if profile.section_case is None else _acronyms(grid)
        return cls(grid, profile, dictionary, acronyms)

    def band(self, index: int, row_above: int | None) -> Band | None:
        """The band on that line, or None.

        A band is a title in capitals (or, where the profile says `any`, alone on its line) with nothing
        that a row has: no codes beside the required cells, no citation, no prose, no quantity.

        :param row_above: the line directly above where it belongs to a row; a title continues no row.
        """
        if self.profile.section_case is None:
            return None
        filled = self.grid.filled(index)
        required = [entry.position for entry in self.grid.header.columns if entry.column.required]
        row = self.grid.is_anchor(index) and all(position in filled for position in required)
        if row or self.grid.has_mark(index):
            return None
        if self.profile.section_case == "any":
            # Printed in any case, a band and the first line of a broken row look alike: ask for a gap.
            alone = len(filled) == 1 and 1 in filled and row_above is None
            sound = alone and _is_title(filled[1]) and not filled[1].endswith(".")
            return Band(filled[1], "a section band") if sound else None
        if any(_is_prose(text) for text in filled.values()):
            return None
        parts = {position: text for position, text in filled.items() if self._is_part(position, text)}
        starts = [start for start in (self.grid.lead, 1) if self._may_start(start, parts, row_above)]
        if not starts:
            return None
        assembled = [self._assembled(start, parts) for start in starts]
        # A ghost of the header at the edge is no words; of two real titles the longer one is whole.
        title, used = max(assembled, key=lambda found: (self._known(found[0]), len(found[1])))
        aside = [text for position, text in filled.items() if position not in used]
        reason = "a section band"
        if len(used) > 1:
            reason += ", its title cut over cells: " + " | ".join(filled[position] for position in used)
        if aside:
            reason += "; set aside beside it: " + " | ".join(aside)
        return Band(self._cased(title), reason)

    def _is_part(self, position: int, text: str) -> bool:
        """A stretch of capitals that is no ghost of the header of its column."""
        if not text.isupper() or re.search(r"[^\W\d_]{3}", text) is None or _TITLE.fullmatch(text) is None:
            return False
        columns = [entry.column for entry in self.grid.header.columns if entry.position == position]
        return all(similarity(text, column) < _GHOST for column in columns)

    def _may_start(self, position: int, parts: Mapping[int, str], row_above: int | None) -> bool:
        """A title starts at the left edge or in the leading column, and does not continue a row."""
        if position not in parts or not _is_title(parts[position]):
            return False
        if row_above is None:
            return True
        lead = self.grid.text(row_above, self.grid.lead)
        if _OPEN_END.search(lead) or lead.count("(") > lead.count(")"):
            return False
        if position == self.grid.lead or not self.grid.text(row_above, position):
            return True
        # Under a text of another column, capitals may be the text's last word ("… of | DRESS").
        title, used = self._assembled(position, parts)
        return len(used) > 1 or self._known(title) > 0

    def _known(self, title: str) -> int:
        """How many words of the title are known as words, not as acronyms."""
        return sum(
            word.upper() not in self.acronyms
            and (self.dictionary.is_word(word) or self.dictionary.is_printed(word))
            for word in tokens(title)
            if len(word) > 3
        )

    def _assembled(self, start: int, parts: Mapping[int, str]) -> tuple[str, tuple[int, ...]]:
        """The title of the parts that belong together, and their positions.

        The next cell belongs to it where a word runs over the border, or where both are known words.
        The border that cut it is the printed one: where a file has its columns in another order, the
        next part may stand to the left.
        """
        right = [position for position in parts if position > start]
        left = [position for position in parts if position < start]
        found: list[tuple[str, tuple[int, ...]]] = []
        used: tuple[int, ...]
        for candidates in (right, left):
            title, used = parts[start], (start,)  # the parts taken, in the title's order
            for position in candidates:
                if (joined := seam(title, parts[position], self.dictionary)) is not None:
                    title, used = joined, (*used, position)
            found.append((title, used))
        return max(found, key=lambda assembled: len(assembled[1]))

    def _cased(self, title: str) -> str:
        """Sentence case; what stands in brackets, and what the rows print in capitals only, stays."""
        if not title.isupper():
            return title
        pieces = re.split(r"(\([^()]*\)|[^\W\d_]+)", title)
        text = "".join(
            piece if piece.startswith("(") or piece in self.acronyms else piece.lower() for piece in pieces
        )
        return text[:1].upper() + text[1:]


def _is_title(text: str) -> bool:
    return (
        len(text) <= _LONGEST
        and _TITLE.fullmatch(text) is not None
        and _OPEN_END.search(text) is None
        and text.count("(") == text.count(")")
        and re.search(r"[^\W\d_]{4}", text) is not None
    )


def _is_prose(text: str) -> bool:
    """Lower case words or quantities: what a row has and a band in capitals has not."""
    for token in text.split():
        if token_kind(token) is Token.WORD and (any(char.isdigit() for char in token) or not token.isupper()):
            return True
    return False


def _acronyms(grid: Grid) -> frozenset[str]:
    """Words in capitals inside cells of mixed case, never printed otherwise there."""
    capitals: set[str] = set()
    others: set[str] = set()
    for line in grid.lines:
        for cell in line.cells:
            if not cell.isupper():
                for word in re.findall(r"[^\W\d_]{2,}", cell):
                    (capitals if word.isupper() else others).add(word.upper())
    return frozenset(capitals - others)
