"""From the raw cells of a row to one repaired cell, every character traced to where it stands in the file."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from dataclasses import field as dataclass_field

from dress_kg.header import HeaderColumn
from dress_kg.records import Cell, Fragment, RawCell, Repair
from dress_kg.repair.words import Dictionary

_MARKUP = re.compile(
    r"</?(?:i|b|em|strong|sub|sup|u|span|small|p|br)(?:\s+[\w-]+\s*=\s*(?:\"[^\"<>]*\"|'[^'<>]*'))*\s*/?>",
    re.IGNORECASE,
)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z][a-z0-9]{1,30});", re.IGNORECASE)
_INVISIBLE = frozenset("\u200b\u200c\u200d\u2060\ufeff\u00ad")
_ROUNDS = 4


@dataclass(frozen=True, slots=True)
class _Char:
    """A character of a cell and the place it was read from; None where a repair put it there."""

    char: str
    origin: tuple[int, int, int] | None = None


@dataclass(slots=True)
class Traced:
    """A cell's text in the making, with the repairs made so far."""

    field: str
    line: int
    chars: list[_Char] = dataclass_field(default_factory=list)
    repairs: list[Repair] = dataclass_field(default_factory=list)

    @property
    def text(self) -> str:
        """The text as it is now."""
        return "".join(entry.char for entry in self.chars)

    def line_at(self, start: int, end: int) -> int:
        """The physical line of the first traced character in the stretch (or before it)."""
        for entry in (*self.chars[start:end], *reversed(self.chars[:start])):
            if entry.origin is not None:
                return entry.origin[0]
        return self.line

    def append(self, raw: RawCell) -> None:
        """Add a raw cell after a joining space, its own spaces made single."""
        kept = list(_single_spaced(raw))
        text = "".join(entry.char for entry in kept)
        if text != raw.text:
            self.repairs.append(Repair(self.field, raw.line, raw.text, text, "normalise-space"))
        if self.chars and kept:
            self.chars.append(_Char(" "))
        self.chars.extend(kept)

    def replace(self, start: int, end: int, after: str, rule: str, shown: tuple[int, int]) -> None:
        """Put `after` for a stretch, and say so in a repair that shows the text of `shown` around it."""
        before = self.text[shown[0] : shown[1]]
        changed = self.text[shown[0] : start] + after + self.text[end : shown[1]]
        self.repairs.append(Repair(self.field, self.line_at(*shown), before, changed, rule))
        self.chars[start:end] = [_Char(char) for char in after]

    def fragments(self) -> tuple[Fragment, ...]:
        """The stretches of the text that were read from one place each."""
        found: list[Fragment] = []
        for at, entry in enumerate(self.chars):
            if entry.origin is None:
                continue
            line, position, offset = entry.origin
            last = found[-1] if found else None
            if last is not None and (last.end, last.line, last.position, last.raw_end) == (
                at,
                line,
                position,
                offset,
            ):
                found[-1] = Fragment(last.start, at + 1, line, position, last.raw_start, offset + 1)
            else:
                found.append(Fragment(at, at + 1, line, position, offset, offset + 1))
        return tuple(found)


def build_cell(
    entry: HeaderColumn,
    raw: Sequence[RawCell],
    first: RawCell,
    dictionary: Dictionary,
    join_rule: str,
) -> tuple[Cell, tuple[Repair, ...]]:
    """The repaired cell of a row's column, and the repairs made.

    :param raw: the raw cells with text, noise left out, in order; :param first: the cell on the row's
        first line, which stands for the place where there is no text at all.
    :param join_rule: the name of the repair that joins several.
    """
    traced = Traced(entry.column.field, first.line)
    for piece in raw:
        traced.append(piece)
    joined = traced.text
    if len(raw) > 1:
        before = "\n".join(piece.text for piece in raw)
        traced.repairs.append(Repair(entry.column.field, raw[0].line, before, joined, join_rule))
    _strip_markup(traced)
    _mend_words(traced, dictionary)
    cell = Cell(
        field=entry.column.field,
        column=entry.printed,
        text=traced.text,
        joined=joined,
        fragments=traced.fragments(),
        raw=tuple(raw) or (first,),
    )
    return cell, tuple(traced.repairs)


def _single_spaced(raw: RawCell) -> Iterable[_Char]:
    """The cell's characters without invisible ones and outer spaces, inner runs of space as one space."""
    space: _Char | None = None
    started = False
    for offset, char in enumerate(raw.text):
        if char in _INVISIBLE:
            continue
        origin = (raw.line, raw.position, offset)
        if char.isspace():
            if space is None or (space.origin is None and char == " "):
                space = _Char(" ", origin if char == " " else None)
            continue
        if space is not None and started:
            yield space
        space = None
        started = True
        yield _Char(char, origin)


def _strip_markup(traced: Traced) -> None:
    """Take out formatting tags and decode character references that OCR or export left in the text."""
    for pattern, rule in ((_MARKUP, "strip-markup"), (_ENTITY, "decode-entity")):
        at = 0
        while (match := pattern.search(traced.text, at)) is not None:
            after = "" if rule == "strip-markup" else html.unescape(match.group())
            if match.group()[:3].lower() in ("<br", "<p>", "</p"):
                after = " " if _between_words(traced.text, match) else ""
            if after == match.group():
                at = match.end()
                continue
            traced.replace(match.start(), match.end(), after, rule, match.span())
            at = match.start() + len(after)


def _between_words(text: str, match: re.Match[str]) -> bool:
    left, right = text[: match.start()], text[match.end() :]
    return bool(left and right) and not left[-1].isspace() and not right[0].isspace()


def _mend_words(traced: Traced, dictionary: Dictionary) -> None:
    """Mend broken words until none is left; mending one may show the next ("im mun oglobulin")."""
    for _ in range(_ROUNDS):
        text = traced.text
        seams = frozenset(
            at for at, entry in enumerate(traced.chars) if entry.origin is None and entry.char == " "
        )
        mends = dictionary.breaks(text, seams)
        if not mends:
            return
        for mend in reversed(mends):
            start = text.rfind(" ", 0, mend.start) + 1
            end = text.find(" ", mend.end)
            shown = (start, len(text) if end < 0 else end)
            traced.replace(mend.start, mend.end, "", "mend-word", shown)
            text = traced.text
