"""Where each mark of the picture stands: agents as lines, columns as blocks, marks in order within a cell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dress_kg.pages.map_model import COLUMNS
from dress_kg.pages.map_view import Row, Shown

ACROSS = 6
"""Signs in one line of a cell; more begin another line."""
WIDTH = ACROSS + 1.2
"""Of a column, in signs."""
MARGIN = 0.5
"""Lines between two agents."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A sign on the picture, in units of one sign."""

    shown: Shown
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Line:
    """An agent on the picture. :ivar top, bottom: of its line; :ivar own: some row is about it."""

    name: str
    said: str
    top: float
    bottom: float
    own: bool


@dataclass(frozen=True, slots=True)
class Placing:
    """The whole picture, in units of one sign."""

    signs: tuple[Placed, ...]
    lines: tuple[Line, ...]
    height: float


def column_left(number: int) -> float:
    """Where a column begins, by its number from 0; the groups of columns stand a little apart."""
    groups = [column.group for column in COLUMNS]
    gaps = sum(groups[at] != groups[at - 1] for at in range(1, min(number, len(groups) - 1) + 1))
    return number * WIDTH + gaps * 0.6


def place(rows: Sequence[Row], words: Sequence[str]) -> Placing:
    """Place all signs of the rows of a map.

    :param words: what stands under the name of each row's agent.
    """
    signs: list[Placed] = []
    lines: list[Line] = []
    top = 0.0
    for row, said in zip(rows, words, strict=True):
        depth = 1.6
        for number, cell in enumerate(row.cells):
            at = 0
            for shown in (*cell.own, *cell.apart):
                for _ in range(shown.glyphs):
                    x = column_left(number) + 0.9 + at % ACROSS
                    signs.append(Placed(shown, x, top + MARGIN + 0.5 + at // ACROSS))
                    at += 1
            depth = max(depth, -(-at // ACROSS))
        bottom = top + depth + 2 * MARGIN
        lines.append(Line(row.agent.name, said, top, bottom, row.own))
        top = bottom
    return Placing(tuple(signs), tuple(lines), top)
