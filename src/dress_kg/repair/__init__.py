"""Repair: from physical lines to the rows of the table, every change on record.

In order: each line is classed (`furniture`, `bands`) and the lines are divided into rows (`layout`, `rows`);
then, for any stretch of rows on its own, stray cells are set aside (`noise`), cells are joined and mended
with every character traced (`cells`, `words`), and the ledger is checked (`ledger`). The rules look at shape,
place and dictionaries; what a table's columns are like is said by its profile; where that says that each
line is a row, nothing is joined, mended or set aside.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

from dress_kg.profile import Profile
from dress_kg.records import Cell, LedgerEntry, Line, LineKind, RawCell, Repair, Row, Table
from dress_kg.repair.cells import build_cell, filled_down
from dress_kg.repair.codes import CodeCount, check_codes, count_codes, refuse_odd_codes
from dress_kg.repair.furniture import Classed
from dress_kg.repair.layout import Layout, Stretch, classed_lines, cut, divided, lead_of, streams, stretches
from dress_kg.repair.ledger import check_ledger, ledger_counts
from dress_kg.repair.noise import noise_in
from dress_kg.repair.shape import Grid

__all__ = [
    "Classed",
    "CodeCount",
    "Layout",
    "Stretch",
    "check_ledger",
    "classed_lines",
    "count_codes",
    "cut",
    "divided",
    "lead_of",
    "ledger_counts",
    "refuse_odd_codes",
    "repair",
    "repaired",
    "streams",
    "stretches",
]


def repair(
    lines: Sequence[Line], profile: Profile, file: str, known_words: Iterable[str] = frozenset()
) -> Table:
    """The table of a file's lines, repaired.

    :param lines: all physical lines, ascending, as `table.read_lines` gives them.
    :param file: the name that errors and the graph give as the source.
    :param known_words: words of the field (agent names), hyphenated ones whole; a word broken by a line
        end is mended where the whole is one of them, of the profile's words, of the table's, or English.
    :raises SourceError: no recognisable header, an unknown column, or a column of codes without codes.
    :raises LedgerError: a line was lost or counted twice.
    """
    layout, stretch = divided(lines, profile, file, known_words)
    table = repaired(stretch, layout, profile, file)
    check_codes(table, profile)
    return table


def repaired(
    stretch: Stretch, layout: Layout, profile: Profile, file: str, fields: frozenset[str] | None = None
) -> Table:
    """A stretch of rows, repaired; it may be all of a table.

    :param fields: the only columns to repair, None for all.
    :raises LedgerError: a line was lost or counted twice.
    """
    grid = Grid(stretch.lines, layout.header, layout.lead)
    made = [
        _row(grid, ordinal, indexes, section, layout, fields)
        for ordinal, (indexes, section) in enumerate(
            zip(stretch.rows, stretch.sections, strict=True), start=stretch.first
        )
    ]
    rows = tuple(filled_down(made, [c.field for c in profile.columns if c.fill_down]))
    table = Table(
        source=profile.id,
        file=file,
        columns=tuple((entry.column.field, entry.printed) for entry in layout.header.columns),
        rows=rows,
        ledger=_ledger(stretch.lines, stretch.classed, rows),
        lines=stretch.lines,
    )
    check_ledger(table)
    return table


def _row(
    grid: Grid,
    ordinal: int,
    indexes: Sequence[int],
    section: str | None,
    layout: Layout,
    fields: frozenset[str] | None,
) -> Row:
    """The row of these lines; a layout without codes says that it is one whole line, with nothing to mend."""
    codes = layout.codes
    broken = any(later - index > 1 for index, later in pairwise(indexes))
    rule = "join-over-page-break" if broken else "join-continuation"
    cells: dict[str, Cell] = {}
    repairs: list[Repair] = []
    noise: list[RawCell] = []
    for entry in grid.header.columns:
        if fields is not None and entry.column.field not in fields:
            continue
        aside = noise_in(grid, indexes, entry, codes[entry.position]) if codes is not None else frozenset()
        raw = [_raw(grid, index, entry.position) for index in indexes]
        noise.extend(cell for cell, index in zip(raw, indexes, strict=True) if index in aside)
        repairs.extend(
            Repair(entry.column.field, cell.line, cell.text, "", "set-aside-noise")
            for cell, index in zip(raw, indexes, strict=True)
            if index in aside
        )
        kept = [
            cell for cell, index in zip(raw, indexes, strict=True) if cell.text.strip() and index not in aside
        ]
        cells[entry.column.field], made = build_cell(entry, kept, raw[0], layout.dictionary, rule)
        repairs.extend(made)
    for cell_aside in _unlabelled(grid, indexes):
        noise.append(cell_aside)
        repairs.append(Repair(None, cell_aside.line, cell_aside.text, "", "set-aside-unlabelled"))
    return Row(
        ordinal=ordinal,
        lines=tuple(grid.lines[index].number for index in indexes),
        section=section,
        cells=cells,
        repairs=tuple(repairs),
        noise=tuple(noise),
    )


def _raw(grid: Grid, index: int, position: int) -> RawCell:
    line = grid.lines[index]
    return RawCell(line.number, position, line.cells[position - 1] if position <= len(line.cells) else "")


def _unlabelled(grid: Grid, indexes: Sequence[int]) -> list[RawCell]:
    """Text in columns without a header; `table.check_shape` has refused words there."""
    labelled = {entry.position for entry in grid.header.columns}
    return [
        _raw(grid, index, position)
        for index in indexes
        for position in grid.filled(index)
        if position not in labelled
    ]


def _ledger(
    lines: Sequence[Line], classed: Sequence[Classed], rows: Sequence[Row]
) -> tuple[LedgerEntry, ...]:
    place = {number: (row, at) for row in rows for at, number in enumerate(row.lines)}
    entries = []
    for line, entry in zip(lines, classed, strict=True):
        if line.number not in place:
            entries.append(LedgerEntry(line.number, entry.kind, entry.reason))
            continue
        row, at = place[line.number]
        reason = f"line {at + 1} of {len(row.lines)} of its row"
        if at and line.number - row.lines[at - 1] > 1:
            reason += ", after a page break"
        entries.append(LedgerEntry(line.number, LineKind.ROW, reason, row.ordinal))
    return tuple(entries)
