"""From lines to rows, before any cell is touched: what each line is, and which lines make a row.

A table out of a PDF (`rows = "wrapped"`) is divided as a whole, since each stretch of its lines is weighed
against the words and codes of all of it; such tables are printed, and small by nature. Where each line is a
row and there are no bands (an export), a line's class rests on itself and the line above, so the lines may
come as a stream and nothing but a batch of them is held.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from dress_kg.header import Header, find_header
from dress_kg.profile import Profile
from dress_kg.records import Line, LineKind
from dress_kg.repair.bands import Bands
from dress_kg.repair.furniture import Classed, Classifier
from dress_kg.repair.noise import codes_in_use
from dress_kg.repair.rows import divide
from dress_kg.repair.shape import Grid
from dress_kg.repair.words import Dictionary


@dataclass(frozen=True, slots=True)
class Layout:
    """What all rows of one file share.

    :ivar lead: the position of the column that starts a row.
    :ivar dictionary: by which broken words are mended; :ivar codes: lone letters that are values, by column.
        Both None where each line is one whole row, with nothing to mend.
    """

    header: Header
    lead: int
    dictionary: Dictionary | None = None
    codes: dict[int, frozenset[str]] | None = None


@dataclass(frozen=True, slots=True)
class Stretch:
    """Lines that follow each other, whole rows and the furniture between them.

    :ivar classed: what each line is. :ivar rows: each row's lines, as places in `lines`.
    :ivar sections: the band that each row stands under. :ivar first: the ordinal of the first row.
    """

    lines: tuple[Line, ...]
    classed: tuple[Classed, ...]
    rows: tuple[tuple[int, ...], ...]
    sections: tuple[str | None, ...]
    first: int = 1


def streams(profile: Profile) -> bool:
    """Whether the lines of a source may come as a stream: each a row, without bands, on its own."""
    fills = any(column.fill_down for column in profile.columns)
    return profile.rows == "lines" and profile.section_case is None and not fills


def lead_of(header: Header, profile: Profile) -> int:
    """The position of the column that starts a row."""
    named = (entry.position for entry in header.columns if entry.column == profile.lead)
    return next(named, header.columns[0].position)


def divided(
    lines: Sequence[Line], profile: Profile, file: str, known_words: Iterable[str] = frozenset()
) -> tuple[Layout, Stretch]:
    """All lines of a file, classed and divided into rows.

    :raises SourceError: no recognisable header, or an unknown column.
    """
    header = find_header(lines, profile, file)
    lead = lead_of(header, profile)
    grid = Grid(lines, header, lead)
    wrapped = profile.rows == "wrapped"
    known = [*known_words, *profile.words, *profile.abbreviations] if wrapped else []
    # Words in capitals do not count as printed: bands are in capitals, and cut in the midst of words.
    texts = (cell for line in lines for cell in line.cells if wrapped and not cell.isupper())
    dictionary = Dictionary.of(known, texts)
    classed = Classifier(grid, profile, Bands.of(grid, profile, dictionary)).classify()
    rows, sections = _divide(grid, classed, wrapped=wrapped)
    codes = codes_in_use(grid, rows) if wrapped else None
    layout = Layout(header, lead, dictionary if wrapped else None, codes)
    titles = tuple(sections[row[0]] for row in rows)
    return layout, Stretch(tuple(lines), tuple(classed), tuple(rows), titles)


def classed_lines(lines: Iterable[Line], header: Header, profile: Profile) -> Iterator[tuple[Line, Classed]]:
    """Each line of a stream (see :func:`streams`) with what it is."""
    window: list[Line] = []
    grid = Grid(window, header, lead_of(header, profile))
    classifier = Classifier(grid, profile, Bands(grid, profile, Dictionary.of([], []), frozenset()))
    above: list[Classed] = []
    for line in lines:
        window[:] = [*window[-1:], line]
        classed = classifier.line(len(window) - 1, above)
        above[:] = [classed]
        yield line, classed


def stretches(classed: Iterable[tuple[Line, Classed]], size: int) -> Iterator[Stretch]:
    """A stream of lines, each a row or furniture, in stretches of `size` rows."""
    held: list[tuple[Line, Classed]] = []
    rows, first = 0, 1
    for entry in classed:
        if rows == size and entry[1].kind is LineKind.ROW:
            yield _stretch(held, first)
            first, rows, held = first + rows, 0, []
        held.append(entry)
        rows += entry[1].kind is LineKind.ROW
    if held:
        yield _stretch(held, first)


def cut(stretch: Stretch, size: int) -> Iterator[Stretch]:
    """A whole table in stretches of `size` rows; the lines below a row's last one go with it."""
    for start in range(0, max(len(stretch.rows), 1), size):
        rows = stretch.rows[start : start + size]
        begin = stretch.rows[start][0] if start else 0
        after = start + size
        end = stretch.rows[after][0] if after < len(stretch.rows) else len(stretch.lines)
        yield Stretch(
            stretch.lines[begin:end],
            stretch.classed[begin:end],
            tuple(tuple(index - begin for index in row) for row in rows),
            stretch.sections[start : start + size],
            stretch.first + start,
        )


def _stretch(held: Sequence[tuple[Line, Classed]], first: int) -> Stretch:
    rows = tuple((at,) for at, (_, classed) in enumerate(held) if classed.kind is LineKind.ROW)
    lines, classed = zip(*held, strict=True)
    return Stretch(lines, classed, rows, (None,) * len(rows), first)


def _divide(
    grid: Grid, classed: Sequence[Classed], *, wrapped: bool
) -> tuple[list[tuple[int, ...]], dict[int, str | None]]:
    """The rows as line indexes, and the section that each line stands under."""
    rows: list[tuple[int, ...]] = []
    sections: dict[int, str | None] = {}
    title: str | None = None
    stretch: list[int] = []
    for index, entry in enumerate(classed):
        if entry.kind is LineKind.SECTION:
            rows.extend(divide(grid, stretch))
            stretch, title = [], entry.title
        elif entry.kind is LineKind.ROW:
            sections[index] = title
            if wrapped:
                stretch.append(index)
            else:
                rows.append((index,))
    rows.extend(divide(grid, stretch))
    return rows, sections
