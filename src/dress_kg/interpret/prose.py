"""Which cells of a row hold free text, and in which order they are read."""

from __future__ import annotations

from collections.abc import Mapping

#: Cells of names, references and ratings; each has its own reader.
NOT_PROSE = frozenset({"drug", "reference", "level", "grade"})


def prose(cells: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """The cells with free text as (field, text), COMMENTS first, empty ones left out.

    >>> prose({"drug": "IVIG", "dose": "1 g/kg", "comments": "It worked", "level": "3"})
    (('comments', 'It worked'), ('dose', '1 g/kg'))
    """
    order = sorted((field for field in cells if field not in NOT_PROSE), key=lambda f: f != "comments")
    return tuple((field, cells[field]) for field in order if cells[field])
