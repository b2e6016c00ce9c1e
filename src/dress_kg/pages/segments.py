"""Cut a cell's text where anything begins or ends, so that every fact can light exactly its characters.

Facts, findings, lines and unread stretches overlap freely. A segment is a stretch within which nothing begins
or ends; the segments of a cell, one after the other, are its text.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise


@dataclass(frozen=True, slots=True)
class Mark:
    """A stretch of a text that something is about.

    :ivar start, end: code points, end exclusive.
    :ivar kind: `fact`, `finding`, `unread` or `line`. :ivar number: which one of its kind.
    """

    start: int
    end: int
    kind: str
    number: int


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of a text within which no mark begins or ends.

    :ivar facts: the numbers of the facts read from it. :ivar findings: of the quality findings about it.
    :ivar unread: no rule read it. :ivar line: the line of the file that begins here, None where none does.
    :ivar opens: the facts whose words begin here.
    """

    start: int
    text: str
    facts: tuple[int, ...] = ()
    findings: tuple[int, ...] = ()
    unread: bool = False
    line: int | None = None
    opens: tuple[int, ...] = ()


def segments(text: str, marks: Iterable[Mark]) -> tuple[Segment, ...]:
    """The segments of a text.

    Marks that reach beyond the text are cut, empty ones left out; of `line` marks the start counts.

    >>> [(each.text, each.facts) for each in segments("abcd", [Mark(0, 3, "fact", 1), Mark(2, 4, "fact", 2)])]
    [('ab', (1,)), ('c', (1, 2)), ('d', (2,))]
    """
    inside = [_cut(mark, len(text)) for mark in marks]
    kept = [mark for mark in inside if mark.start < mark.end]
    edges = sorted({0, len(text), *(mark.start for mark in kept), *(mark.end for mark in kept)})
    return tuple(_segment(text, start, end, kept) for start, end in pairwise(edges))


def _cut(mark: Mark, length: int) -> Mark:
    return Mark(max(0, min(mark.start, length)), max(0, min(mark.end, length)), mark.kind, mark.number)


def _segment(text: str, start: int, end: int, marks: Sequence[Mark]) -> Segment:
    over = [mark for mark in marks if mark.start <= start and end <= mark.end]
    lines = [mark.number for mark in over if mark.kind == "line" and mark.start == start]
    return Segment(
        start,
        text[start:end],
        _numbers(mark for mark in over if mark.kind == "fact"),
        _numbers(mark for mark in over if mark.kind == "finding"),
        any(mark.kind == "unread" for mark in over),
        lines[0] if lines else None,
        _numbers(mark for mark in over if mark.kind == "fact" and mark.start == start),
    )


def _numbers(marks: Iterable[Mark]) -> tuple[int, ...]:
    return tuple(sorted({mark.number for mark in marks}))
