"""Stray cells inside a row: what a scan leaves beside the text, told by shape and place.

A cell that holds one plausible word is never noise. The rest is judged by what the profile says of its
column and by where it stands: after a gap, after a complete citation, beside a fitting code.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from dress_kg.header import HeaderColumn
from dress_kg.profile import Column, ColumnKind
from dress_kg.repair.shape import Grid, Token, fits, is_garbage, is_letters, is_lexical, kinds

_LOOSE = frozenset({Token.LETTER, Token.NUMBER, Token.SIGN})
# Routes and frequencies that are printed with dots and spaces ("I. V.").
_ABBREVIATIONS = frozenset("iv im sc po pr id it ip bd bid tid qid qd od hs prn us uk eg ie".split())


def codes_in_use(grid: Grid, rows: Sequence[Sequence[int]]) -> dict[int, frozenset[str]]:
    """Lone letters that a column prints in many rows (at least 3, and one row in five): a code, no noise."""
    result: dict[int, frozenset[str]] = {}
    for entry in grid.header.columns:
        found: Counter[str] = Counter()
        for row in rows:
            texts = [grid.text(index, entry.position) for index in row]
            value = " ".join(filter(None, texts))
            if value and is_letters(value):
                found[value] += 1
        result[entry.position] = frozenset(
            value for value, count in found.items() if count >= max(3, len(rows) / 5)
        )
    return result


def noise_in(grid: Grid, row: Sequence[int], entry: HeaderColumn, codes: frozenset[str]) -> dict[int, str]:
    """The cells of a row's column that are noise: line index to the reason.

    :param row: the row's lines, by index; :param codes: lone letters that are values of this column.
    """
    cells = [(index, text) for index in row if (text := grid.text(index, entry.position))]
    column = entry.column
    if not cells or column.kind is ColumnKind.ANY:
        return {}
    if column.pattern is not None:
        return _beside_code(grid, cells, column)
    noise = {index: "dirt, no word in it" for index, text in cells if is_garbage(text)}
    for judge in (_after_mark, _detached, _lone_letters):
        rest = [(index, text) for index, text in cells if index not in noise]
        if rest:
            noise |= judge(row, rest, column, codes)
    return noise


def _beside_code(grid: Grid, cells: Sequence[tuple[int, str]], column: Column) -> dict[int, str]:
    """In a column of codes, what fits the pattern stays; beside it, what does not is noise."""
    texts = [text for _, text in cells]
    if fits(column, " ".join(texts)) or fits(column, "".join(texts)):
        return {}
    fitting = [index for index, text in cells if fits(column, text)]
    if not fitting:
        return {index: "dirt, no code in it" for index, text in cells if is_garbage(text)}
    kept = next((index for index in fitting if grid.is_anchor(index)), fitting[0])
    return {index: "beside the row's code" for index, _ in cells if index != kept}


def _after_mark(
    row: Sequence[int], cells: Sequence[tuple[int, str]], column: Column, codes: frozenset[str]
) -> dict[int, str]:
    """After a citation's end mark, letters and numbers are not part of it."""
    if column.mark is None:
        return {}
    text, noise = "", {}
    for index, cell in cells:
        if column.mark.search(text) and _is_loose(cell) and not column.mark.search(cell):
            noise[index] = "after the end of the citation"
        else:
            text = f"{text} {cell}"
    return noise


def _detached(
    row: Sequence[int], cells: Sequence[tuple[int, str]], column: Column, codes: frozenset[str]
) -> dict[int, str]:
    """Letters and numbers below a gap in the column, with nothing after them but the same."""
    tail = len(cells)
    while tail > 0 and _is_loose(cells[tail - 1][1]) and not _ends_citation(column, cells[tail - 1][1]):
        tail -= 1
    place = {index: at for at, index in enumerate(row)}
    for at in range(tail, len(cells)):
        above = place[cells[at - 1][0]] if at else -1
        if place[cells[at][0]] - above > 1:
            return {index: "letters or numbers below a gap in the column" for index, _ in cells[at:]}
    return {}


def _ends_citation(column: Column, text: str) -> bool:
    return column.mark is not None and column.mark.search(text) is not None


def _lone_letters(
    row: Sequence[int], cells: Sequence[tuple[int, str]], column: Column, codes: frozenset[str]
) -> dict[int, str]:
    """In prose, a cell of lone letters, or initials after a complete quantity or sentence."""
    if column.kind is not ColumnKind.TEXT:
        return {}
    whole = " ".join(text for _, text in cells)
    if is_letters(whole):
        known = whole in codes or _is_abbreviation(whole)
        return {} if known else {index: "lone letters in a column of prose" for index, _ in cells}
    index, last = cells[-1]
    if len(cells) == 1 or not is_letters(last) or _is_abbreviation(last):
        return {}
    before = cells[-2][1]
    complete = before.endswith((".", ";", ":", ")")) or any(char.isdigit() for char in before.split()[-1])
    initials = re.fullmatch(r"(?:[^\W\d_]\.\s*){2,}", last) is not None and last.isupper()
    return {index: "lone letters after a complete text"} if complete or initials else {}


def _is_loose(text: str) -> bool:
    if is_lexical(text):
        return False
    found = kinds(text)
    return found <= _LOOSE and bool(found & {Token.LETTER, Token.NUMBER})


def _is_abbreviation(text: str) -> bool:
    letters = "".join(char for char in text.lower() if char.isalpha())
    dotted = all(token.endswith(".") for token in text.split())
    return letters in _ABBREVIATIONS and (dotted or text.islower())
