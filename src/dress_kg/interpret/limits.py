"""What narrows advice from within its clause: "not recommended as monotherapy", "avoid A in renal failure".

Without it, advice against one use would read as advice against the agent.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from dress_kg.interpret.cues import Cue, cue_book
from dress_kg.interpret.mentions import Named
from dress_kg.interpret.sentence import Reading

_END = re.compile(r"[,;:()]|\.(?=\s|$)|\s(?:and|but|or)\s(?=(?:is|are|was|should|may|can|it|we)\b)")
_ALONE = re.compile(r"[\s,(]*((?:as\s+(?:a\s+)?)?monotherapy|alone)\b", re.IGNORECASE)
_NARROWED = re.compile(r"\b(?:only|solely|exclusively)\b", re.IGNORECASE)


def limits_of(
    reading: Reading, cues: Iterable[Cue], run: tuple[Named, ...], *, against: bool
) -> tuple[tuple[int, int], ...]:
    """(start, end) of the phrases behind advice and its agents that say for which use it is given.

    :param cues: the words of the advice. :param against: advice against narrows by any such phrase, other
        advice only by one after "only".
    """
    text, told = reading.sentence.text, list(cues)
    stretch = reading.stretch_of(told[0].start)
    named = [n.end for n in run if stretch.start <= n.start < stretch.end]
    start = max([c.end for c in told if c.start < stretch.end] + named)
    if not against and _NARROWED.search(text, told[0].start, min(len(text), start + 12)) is None:
        return ()
    book = cue_book()
    found = [m.span(1) for n in run if n.start >= 0 and (m := _ALONE.match(text, n.end)) is not None]
    head = book.first("markers.limit", text, start, stretch.end)
    while head is not None:
        stop = _END.search(text, head.end, stretch.end)
        end = stretch.end if stop is None else stop.start()
        if not _is_the_disease(text, head.end, end):
            found.append((head.start, end))
        head = book.first("markers.limit", text, end, stretch.end)
    return tuple((a, a + len(text[a:b].rstrip(" ,.;"))) for a, b in found)


def _is_the_disease(text: str, start: int, end: int) -> bool:
    """As in "not recommended in DRESS": what the whole table is about narrows nothing."""
    cue = cue_book().first("culprit.reaction", text, start, end)
    return cue is not None and not text[start : cue.start].strip(" the")
