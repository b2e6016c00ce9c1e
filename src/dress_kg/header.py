"""Which column of the file is which column of the profile, told by its header.

Headers come misspelt (COMENTS), shortened (RECOM), in another order and under other words; the profile
lists the words, and what is near enough to one of them counts. A column that no word fits is kept under
a field made of its own header (`x_…`): its cells are in the graph, and the build's summary names it.
Where a described column is missing as well, it is an error: the two may be one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz

from dress_kg import terms
from dress_kg.errors import SourceError
from dress_kg.profile import Column, Profile
from dress_kg.records import Line

# One wrong letter in four ("DOSF") is near enough; real headers of one table are farther apart.
NEAR = 75.0
_MAX_HEIGHT = 3
_SEARCHED = 200
SEARCHED = _SEARCHED + 50
"""Lines that the header is found in: what comes after them makes no difference."""


@dataclass(frozen=True, slots=True)
class HeaderColumn:
    """A column of the file: its 1-based position, the profile's column, the header as printed."""

    position: int
    column: Column
    printed: str


@dataclass(frozen=True, slots=True)
class Header:
    """The header of a file.

    :ivar lines: the physical lines it stands on (more than one where it is wrapped).
    :ivar columns: in file order.
    :ivar width: the number of cells of the header line, those without text included.
    """

    lines: tuple[int, ...]
    columns: tuple[HeaderColumn, ...]
    width: int


def normal(text: str) -> str:
    """A header's text as it is compared: lower case, words only.

    >>> normal(" LEVEL_of  Evidence: ")
    'level of evidence'
    """
    return " ".join(re.findall(r"[^\W_]+", text.lower()))


def similarity(text: str, column: Column) -> float:
    """How well a printed header names the column, 0 to 100; a trailing "(…)" may be left out.

    >>> from dress_kg.profile import load_profile
    >>> similarity("COMENTS", load_profile("dress").column("comments")) > 90
    True
    """
    forms = {normal(text), normal(re.sub(r"\([^()]*\)\s*$", "", text))} - {""}
    names = [normal(name) for name in (column.header, *column.aliases)]
    return max((fuzz.ratio(form, name) for form in forms for name in names), default=0.0)


def match_cells(cells: Sequence[str], columns: Iterable[Column]) -> dict[int, Column]:
    """The best one-to-one match of header cells (by index) and columns; what is not near is left out."""
    pairs = [
        (similarity(cell, column), index, rank, column)
        for index, cell in enumerate(cells)
        if cell.strip()
        for rank, column in enumerate(columns)
    ]
    pairs.sort(key=lambda pair: (-pair[0], pair[1], pair[2]))
    found: dict[int, Column] = {}
    for score, index, _, column in pairs:
        if score >= NEAR and index not in found and column not in found.values():
            found[index] = column
    return found


def find_header(lines: Sequence[Line], profile: Profile, file: str) -> Header:
    """The file's header: the first line (or lines, where it is wrapped) that names the profile's columns.

    :raises SourceError: there is no recognisable header; a required column is missing, or another one
        beside a column that is unknown.
    """
    best: tuple[int, Line, list[str], dict[int, Column]] | None = None
    declared = profile.reading.header_rows
    heights = range(1, _MAX_HEIGHT + 1) if declared is None else (declared,)
    for index, line in enumerate(lines[:_SEARCHED]):
        for height in heights:
            if not all(candidate.text.strip() for candidate in lines[index : index + height]):
                break
            cells = _stacked(lines[index : index + height])
            found = match_cells(cells, profile.columns)
            # A wrapped header has nothing beside itself: a title over a header is not part of it.
            whole = height in (1, declared) or len(found) == sum(1 for cell in cells if cell)
            if whole and _enough(found, profile):
                return _header(lines[index : index + height], cells, found, profile, file)
            if best is None or len(found) > len(best[3]):
                best = (height, line, cells, found)
    raise _no_header(best, profile, file)


def _stacked(lines: Sequence[Line]) -> list[str]:
    width = max((len(line.cells) for line in lines), default=0)
    return [
        " ".join(line.cells[i].strip() for line in lines if i < len(line.cells) and line.cells[i].strip())
        for i in range(width)
    ]


def _enough(found: dict[int, Column], profile: Profile) -> bool:
    required = [column for column in profile.columns if column.required]
    return (
        len(found) >= min(2, len(profile.columns))
        and 2 * len(found) >= len(profile.columns)
        and all(column in found.values() for column in required)
    )


def _header(
    lines: Sequence[Line], cells: list[str], found: dict[int, Column], profile: Profile, file: str
) -> Header:
    taken = {column.field for column in profile.columns}
    missing = [column for column in profile.columns if column not in found.values()]
    columns = []
    for index, cell in enumerate(cells):
        if cell.strip():
            if missing and index not in found:
                # It may well be the missing one under another word: what it says must not go unread.
                raise SourceError(
                    f"the profile does not know this column, and does not find {missing[0].header!r}",
                    file=file,
                    line=lines[0].number,
                    column=index + 1,
                    value=cell,
                    remedy=f"if it is that column, add the header to its `aliases` ({missing[0].field}); "
                    "if not, take that column out of the profile",
                )
            column = found.get(index) or unclaimed(cell, index + 1, taken)
            taken.add(column.field)
            columns.append(HeaderColumn(index + 1, column, cell))
    return Header(tuple(line.number for line in lines), tuple(columns), len(cells))


def unclaimed(printed: str, position: int, taken: Iterable[str]) -> Column:
    """The column for a header that no field of the profile claims: its cells are carried along.

    >>> unclaimed("Incidence of VOD", 5, ()).field, unclaimed("p-value", 6, ["x_p_value"]).field
    ('x_incidence_of_vod', 'x_p_value_6')
    """
    name = terms.slug(printed).replace("-", "_") or f"column_{position}"
    field = f"x_{name}" if name[0].isalpha() else f"x_n{name}"
    return Column(field if field not in taken else f"{field}_{position}", printed.strip())


def _no_header(
    best: tuple[int, Line, list[str], dict[int, Column]] | None, profile: Profile, file: str
) -> SourceError:
    expected = ", ".join(column.header for column in profile.columns)
    if best is None or 2 * len(best[3]) < len(profile.columns):
        return SourceError(
            "no recognisable header",
            file=file,
            value=None if best is None else "; ".join(filter(None, best[2])),
            remedy=f"the profile {profile.id!r} expects the columns {expected}; is this its table?",
        )
    missing = [column for column in profile.columns if column.required and column not in best[3].values()]
    return SourceError(
        f"the header lacks the column {missing[0].header!r}",
        file=file,
        line=best[1].number,
        value="; ".join(cell for cell in best[2] if cell.strip()),
        remedy=f"add the printed header to the `aliases` of {missing[0].field!r} in the profile",
    )
