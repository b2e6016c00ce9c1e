"""From the raw cells of a row to one repaired cell, every character traced to where it stands in the file."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from dataclasses import field as dataclass_field

from dress_kg.header import HeaderColumn
from dress_kg.records import Cell, Fragment, RawCell, Repair, Row
from dress_kg.repair.words import Dictionary

_MARKUP = re.compile(
    r"</?(?:i|b|em|strong|sub|sup|u|span|small|p|br)(?:\s+[\w-]+\s*=\s*(?:\"[^\"<>]*\"|'[^'<>]*'))*\s*/?>",
    re.IGNORECASE,
)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z][a-z0-9]{1,30});", re.IGNORECASE)
_INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff\u00ad"
_RUN = re.compile(rf"(?P<space>\s+)|(?P<text>[^\s{_INVISIBLE}]+)|(?P<invisible>[{_INVISIBLE}]+)")
_ODD = re.compile(rf"\A\s|\s\Z|\s\s|[^\S ]|[{_INVISIBLE}]")
_WORKED_ON = re.compile(rf"{_ODD.pattern}|[<&]")
"""What a cell has that some repair may change, if no broken word is to be mended in it."""
_ROUNDS = 4


@dataclass(frozen=True, slots=True)
class _Piece:
    """A stretch of a cell and the place its first character was read from; None where a repair put it there.

    The place is (line, position, offset); the characters after it follow in the file.
    """

    text: str
    origin: tuple[int, int, int] | None = None

    def cut(self, start: int, end: int) -> _Piece:
        """The stretch's own stretch."""
        if self.origin is None:
            return _Piece(self.text[start:end])
        line, position, offset = self.origin
        return _Piece(self.text[start:end], (line, position, offset + start))


@dataclass(slots=True)
class Traced:
    """A cell's text in the making, with the repairs made so far."""

    field: str
    line: int
    pieces: list[_Piece] = dataclass_field(default_factory=list)
    repairs: list[Repair] = dataclass_field(default_factory=list)

    @property
    def text(self) -> str:
        """The text as it is now."""
        return "".join(piece.text for piece in self.pieces)

    def seams(self) -> frozenset[int]:
        """Where the spaces are that joined two lines."""
        found, at = set(), 0
        for piece in self.pieces:
            if piece.origin is None and piece.text == " ":
                found.add(at)
            at += len(piece.text)
        return frozenset(found)

    def line_at(self, start: int, end: int) -> int:
        """The physical line of the first character in the stretch that was read from one (or before it)."""
        line, at = self.line, 0
        for piece in self.pieces:
            if at >= end:
                break
            if piece.origin is not None:
                line = piece.origin[0]
                if at + len(piece.text) > start:
                    return line
            at += len(piece.text)
        return line

    def append(self, raw: RawCell) -> None:
        """Add a raw cell after a joining space, its own spaces made single."""
        kept = _single_spaced(raw)
        text = "".join(piece.text for piece in kept)
        if text != raw.text:
            self.repairs.append(Repair(self.field, raw.line, raw.text, text, "normalise-space"))
        if self.pieces and kept:
            self.pieces.append(_Piece(" "))
        self.pieces.extend(kept)

    def replace(self, start: int, end: int, after: str, rule: str, shown: tuple[int, int]) -> None:
        """Put `after` for a stretch, and say so in a repair that shows the text of `shown` around it."""
        text = self.text
        before = text[shown[0] : shown[1]]
        changed = text[shown[0] : start] + after + text[end : shown[1]]
        self.repairs.append(Repair(self.field, self.line_at(*shown), before, changed, rule))
        kept = [*self._between(0, start), _Piece(after), *self._between(end, len(text))]
        self.pieces = [piece for piece in kept if piece.text]

    def _between(self, start: int, end: int) -> Iterator[_Piece]:
        at = 0
        for piece in self.pieces:
            low, high = max(start - at, 0), min(end - at, len(piece.text))
            if low < high:
                yield piece.cut(low, high)
            at += len(piece.text)

    def fragments(self) -> tuple[Fragment, ...]:
        """The stretches of the text that were read from one place each."""
        found: list[Fragment] = []
        at = 0
        for piece in self.pieces:
            end = at + len(piece.text)
            if piece.origin is not None:
                line, position, offset = piece.origin
                found.append(Fragment(at, end, line, position, offset, offset + len(piece.text)))
            at = end
        return tuple(found)


def build_cell(
    entry: HeaderColumn,
    raw: Sequence[RawCell],
    first: RawCell,
    dictionary: Dictionary | None,
    join_rule: str,
) -> tuple[Cell, tuple[Repair, ...]]:
    """The repaired cell of a row's column, and the repairs made.

    :param raw: the raw cells with text, noise left out, in order; :param first: the cell on the row's
        first line, which stands for the place where there is no text at all.
    :param dictionary: by which broken words are mended, None where no word can be broken.
    :param join_rule: the name of the repair that joins several.
    """
    if dictionary is None and len(raw) < 2 and not _WORKED_ON.search(raw[0].text if raw else ""):
        return _as_it_is(entry, raw[0] if raw else first), ()
    traced = Traced(entry.column.field, first.line)
    for piece in raw:
        traced.append(piece)
    joined = traced.text
    if len(raw) > 1:
        before = "\n".join(piece.text for piece in raw)
        traced.repairs.append(Repair(entry.column.field, raw[0].line, before, joined, join_rule))
    _strip_markup(traced)
    if dictionary is not None:
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


def _as_it_is(entry: HeaderColumn, raw: RawCell) -> Cell:
    """The cell of one raw cell that no repair changes."""
    text = raw.text if raw.text.strip() else ""
    fragments = (Fragment(0, len(text), raw.line, raw.position, 0, len(text)),) if text else ()
    return Cell(entry.column.field, entry.printed, text, text, fragments, (raw,))


def filled_down(rows: Iterable[Row], fields: Sequence[str]) -> Iterator[Row]:
    """The rows with empty cells of these fields taken from the row above, in the same section.

    The cell's fragments say where its text stands; the repair `fill-down` says that it was empty.
    """
    above: Row | None = None
    for row in rows:
        if above is not None and above.section == row.section:
            taken = {
                field: above.cells[field]
                for field in fields
                if field in row.cells and not row.cells[field].text and above.cells[field].text
            }
            if taken:
                made = (Repair(f, row.lines[0], "", cell.text, "fill-down") for f, cell in taken.items())
                row = replace(row, cells={**row.cells, **taken}, repairs=(*row.repairs, *made))  # noqa: PLW2901
        above = row
        yield row


def _single_spaced(raw: RawCell) -> list[_Piece]:
    """The cell without invisible characters and outer spaces, inner runs of space as one space."""
    if _ODD.search(raw.text) is None:
        return [_Piece(raw.text, (raw.line, raw.position, 0))] if raw.text else []
    pieces: list[_Piece] = []
    for match in _RUN.finditer(raw.text):
        origin = (raw.line, raw.position, match.start())
        text = match.group()
        if match.lastgroup == "space":
            # A plain space of the run stands for it, and is traced; any other is put in its stead.
            plain = text.find(" ")
            where = (raw.line, raw.position, match.start() + plain) if plain >= 0 else None
            pieces.append(_Piece(" ", where))
        elif match.lastgroup == "text":
            pieces.append(_Piece(text, origin))
    while pieces and pieces[-1].text == " ":
        pieces.pop()
    while pieces and pieces[0].text == " ":
        pieces.pop(0)
    return _merged(pieces)


def _merged(pieces: Iterable[_Piece]) -> list[_Piece]:
    """Neighbours in the file as one piece; two spaces with nothing visible between them as one."""
    merged: list[_Piece] = []
    for piece in pieces:
        last = merged[-1] if merged else None
        if last is not None and last.text.endswith(" ") and piece.text == " ":
            continue
        if last is not None and last.origin is not None and piece.origin is not None:
            line, position, offset = last.origin
            if piece.origin == (line, position, offset + len(last.text)):
                merged[-1] = _Piece(last.text + piece.text, last.origin)
                continue
        merged.append(piece)
    return merged


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
        mends = dictionary.breaks(text, traced.seams())
        if not mends:
            return
        for mend in reversed(mends):
            start = text.rfind(" ", 0, mend.start) + 1
            end = text.find(" ", mend.end)
            shown = (start, len(text) if end < 0 else end)
            traced.replace(mend.start, mend.end, "", "mend-word", shown)
            text = traced.text
