"""One line of the review queue: what a curator is asked about one reading, and what the answers mean."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum

from dress_kg.interpret.curation_field import NOT_STATED, REJECT, UNMAPPED, Shape
from dress_kg.interpret.curation_fields import CONFIRMED, NO_FAULT, field_of
from dress_kg.spreadsheet import neutral, plain


class Why(StrEnum):
    """Why a reading is in the queue."""

    INFERRED = "inferred"
    UNREAD = "unread"
    UNMAPPED = "unmapped"
    FLAGGED = "flagged"
    STALE = "stale"


class Decision(StrEnum):
    """What a curator says of a reading."""

    ACCEPT = "accept"
    CORRECT = "correct"
    REJECT = "reject"


@dataclass(frozen=True, slots=True)
class Entry:
    """A reading to be judged.

    :ivar lines: the physical lines of the row. :ivar cell: field name of the cell; :ivar column: its header.
    :ivar text: the cell after repair. :ivar words: the characters of it that the reading rests on, or None.
    :ivar question: what is asked. :ivar field: the curation field.
    :ivar about: what the reading is about where the field has several (an agent, a rule), else None.
    :ivar read: what was read, as a curation writes it; None where nothing was.
    :ivar row: the whole row as printed, one cell a line.
    """

    item: str
    lines: tuple[int, ...]
    why: Why
    cell: str
    column: str
    text: str
    words: str | None
    question: str
    field: str
    about: str | None
    read: str | None
    row: str

    @property
    def choices(self) -> tuple[str, ...]:
        """The values there are, where they can be listed."""
        field = field_of(self.field)
        return field.choices if field else ()

    @property
    def check(self) -> str:
        """A mark by which a line is known again; it changes with anything in the protected cells."""
        return mark((
            self.item, self.why, self.cell, self.text, self.words, self.field, self.about, self.read
        ))  # fmt: skip


def mark(cells: tuple[str | None, ...]) -> str:
    """The mark of these cells as a sheet shows them; white space does not count.

    >>> mark(("a", "b  c")) == mark(("a", "b c")) != mark(("a b", "c"))
    True
    """
    shown = "\x1f".join(" ".join(plain(neutral(cell)).split()) for cell in cells)
    return hashlib.sha256(shown.encode("utf-8", "replace")).hexdigest()[:12]


def accepted(field: str, about: str | None, read: str | None) -> str | None:
    """The value that a curation gets when the reading is right; None where there is nothing to accept."""
    if field == "flag":
        return f"{about}: {CONFIRMED}"
    if field == "agent":
        return f"{about}: {UNMAPPED}"
    if field == "role":
        return f"{about}: {read}"
    return read


def rejected(field: str, about: str | None, read: str | None) -> str | None:
    """The value that a curation gets when the reading is wrong and nothing takes its place.

    None where the field needs to be told what is right.
    """
    known = field_of(field)
    if field == "flag":
        return f"{about}: {NO_FAULT}"
    if known is None or known.shape is Shape.SUBJECT or field == "unread" or read is None:
        return None
    if known.shape is Shape.LIST:
        return None if read.startswith(REJECT) else REJECT + read
    return NOT_STATED if known.takes.fullmatch(NOT_STATED) else None


def corrected(field: str, about: str | None, value: str) -> str:
    """The value that a curation gets from what the curator wrote; what it is about need not be repeated.

    >>> corrected("role", "prednisone", "prior")
    'prednisone: prior'
    """
    known = field_of(field)
    subject = known is not None and known.shape is Shape.SUBJECT
    return f"{about}: {value}" if subject and about and not value.startswith(f"{about}: ") else value
