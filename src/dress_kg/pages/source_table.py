"""The table as printed: every line of the file in order, with sections, noise, repairs and findings."""

from __future__ import annotations

ROWS = 40
"""Rows on a page."""


def page_of_row(position: int) -> int:
    """The page of the table that a row is on.

    :param position: of the row in the table, from 1.

    >>> page_of_row(1), page_of_row(40), page_of_row(41)
    (1, 1, 2)
    """
    return max(position - 1, 0) // ROWS + 1
