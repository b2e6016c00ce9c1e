"""Sentences of a cell, and the stretches of a sentence: main clause, condition, reason, concession.

Cells of OCR'd tables lose full stops and bullets; a boundary is seen by its shape too ("… by patient Because
relapse …", "Case 1: died Case 2: recovery").
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from dress_kg.interpret.cues import cue_book
from dress_kg.records import Selection


class Part(StrEnum):
    """What a stretch of a sentence does in it."""

    MAIN = "main"
    CONDITION = "condition"
    REASON = "reason"
    DESPITE = "despite"


class Sentence(NamedTuple):
    """`text` is `cell[start:end]`; `label` the printed case it speaks of ("Case 1"), or None.

    :ivar label_start: where the label begins in the cell.
    """

    field: str
    start: int
    end: int
    text: str
    label: str | None = None
    label_start: int = 0

    def select(self, start: int, end: int) -> Selection:
        """The characters `start`–`end` of this sentence as a selection of its cell."""
        return Selection(self.field, self.start + start, self.start + end, self.text[start:end])


class Stretch(NamedTuple):
    """Characters `start`–`end` of a sentence and what they do in it; `marker` is the word that opens it."""

    start: int
    end: int
    part: Part
    marker: str | None = None


_STOP = re.compile(
    r"(?<=[.!?])[\"')\]]?\s+(?=[A-Z*<(\d-])|(?<=[.!?])(?=[A-Z][a-z])|;\s*|[\r\n\u2028]+\s*|\s*(?<!\d)\*\s*|\s+[-–•]\s+(?=[A-Z])"
)
_ABBREVIATION = re.compile(
    r"(?:\b(?:vs|eg|e\.g|i\.e|ie|cf|al|dr|no|approx|resp|fig|st|ca)|\b[A-Z])\.$", re.IGNORECASE
)
# No clinical sentence is that long; the cap keeps the reading of any cell linear in its length.
_TOO_LONG = re.compile(r"[^.;\r\n]{1000}\S{0,40}", re.DOTALL)
_GAP_BEFORE = re.compile(r"(?<=[^\W\dA-Z_)%>])\s+\Z|(?<=[)%>])\s+\Z")
_CASE = re.compile(r"(?<!\w)((?:Case|Patient)s?\s*(?:no\.?\s*)?\d+)\s*[:.)-]\s*", re.IGNORECASE)
_COORDINATOR = re.compile(
    r"\s*,?\s+and\s+(?=(?:he|she|they|it|we|his|her|their|its|this|the|no|all|both|ultimately|subsequently|finally|then|later|\d+|"
    r"was|were|did|had|showed|improved|died|recovered|resolved|worsened|relapsed|failed|responded|required|developed)\b)"
    r"|\s*,\s+(?:then|so|nor)\s+|\s+(?:and\s+)?then\s+",
    re.IGNORECASE,
)


_CONCESSION = re.compile(r"\s*(?:although|though|even\s+though|while|whereas)\b", re.IGNORECASE)


def sentences(field: str, text: str) -> tuple[Sentence, ...]:
    """The sentences of a cell, without the white space and bullets around them.

    >>> [s.text for s in sentences("comments", "* It failed. Only then Because of relapse it was stopped")]
    ['It failed.', 'Only then', 'Because of relapse it was stopped']
    >>> [(s.label, s.text) for s in sentences("comments", "Case 1: died Case 2: recovery")]
    [('Case 1', 'died'), ('Case 2', 'recovery')]
    """
    if not text.strip():
        return ()
    cuts: list[tuple[int, int, str | None]] = []
    for match in _STOP.finditer(text):
        before = text[max(0, match.start() - 8) : match.start()]
        if before.endswith(".") and _ABBREVIATION.search(before):
            continue
        cuts.append((match.start(), match.end(), None))
    for cue in cue_book().patterns["markers.sentence_start"].finditer(text):
        gap = _GAP_BEFORE.search(text, max(0, cue.start() - 20), cue.start())
        if gap is not None:
            cuts.append((gap.start(), cue.start(), None))
    cuts += [(m.start(), m.end(), m.group(1)) for m in _CASE.finditer(text)]
    cuts += [(m.end(), m.end(), None) for m in _TOO_LONG.finditer(text)]
    return tuple(_cut(field, text, sorted(cuts, key=lambda cut: (cut[0], cut[1], cut[2] or ""))))


def _cut(field: str, text: str, cuts: list[tuple[int, int, str | None]]) -> Iterable[Sentence]:
    position, label, label_start = 0, None, 0
    for start, end, next_label in [*cuts, (len(text), len(text), None)]:
        if start > position or end == len(text):
            stretch = text[position:start]
            lead = len(stretch) - len(stretch.lstrip(" -–•"))
            body = stretch.strip(" -–•")
            if body:
                yield Sentence(field, position + lead, position + lead + len(body), body, label, label_start)
                label = None
        position = max(position, end)
        if next_label is not None:
            label, label_start = next_label, start


@lru_cache(maxsize=512)
def stretches(text: str, *, advice: bool) -> tuple[Stretch, ...]:
    """A sentence's stretches in order; together they cover it.

    :param advice: the sentence gives advice or an opinion, so that "after …" names a condition, not an event.
    """
    book = cue_book()
    groups = {
        "markers.reason": Part.REASON,
        "markers.despite": Part.DESPITE,
        "markers.condition": Part.CONDITION,
        "markers.contrast": Part.MAIN,
    }
    if advice:
        groups["markers.advice_condition"] = Part.CONDITION
    opens = [(cue.start, groups[cue.group], cue.exact) for cue in book.find(text, groups)]
    opens += [(m.start(), Part.MAIN, "," if "," in m.group() else "") for m in _COORDINATOR.finditer(text)]
    opens += _after_concession(text)
    opens.sort(key=lambda item: item[0])
    return tuple(_spans(text, opens))


def _after_concession(text: str) -> Iterable[tuple[int, Part, str]]:
    """Where the main clause begins after "Although A had no effect, …": at the comma behind its outcome."""
    head = _CONCESSION.match(text)
    if head is None:
        return
    outcomes = ("outcome.positive", "outcome.negative", "outcome.negative_of")
    cue = next(iter(cue_book().find(text, outcomes)), None)
    comma = -1 if cue is None else text.find(",", cue.end)
    if comma > 0:
        yield comma, Part.MAIN, ","


def _spans(text: str, opens: list[tuple[int, Part, str]]) -> Iterable[Stretch]:
    """Turn opening markers into spans: a subordinate span at a clause's head ends at its comma."""
    start, part, marker, at_head = 0, Part.MAIN, "", True
    for position, next_part, next_marker in [*opens, (len(text), Part.MAIN, "")]:
        begun = text[start:position]
        if part is not Part.MAIN and at_head and "," in begun:
            comma = start + begun.index(",")
            yield Stretch(start, comma, part, marker or None)
            start, part, marker = comma, Part.MAIN, ""
        # A condition inside a reason (or the like) belongs to it; only a coordinator or contrast closes one.
        inner = part is not Part.MAIN and next_part is not Part.MAIN and position < len(text)
        if inner and not (part is Part.CONDITION and next_part in {Part.DESPITE, Part.REASON}):
            continue
        if part is not Part.MAIN and next_part is Part.MAIN and not next_marker and position < len(text):
            continue  # "when A and no response to B": without a comma, "and" goes on with the condition
        if position > start:
            yield Stretch(start, position, part, marker or None)
        at_head = (
            not text[start:position].strip(" ,")
            or part is not Part.MAIN
            or _opens_clause(marker, text, start, position)
        )
        start, part, marker = position, next_part, next_marker


def _opens_clause(marker: str, text: str, start: int, position: int) -> bool:
    """Whether nothing but the marker itself stands between a clause's opening and `position`."""
    return text[start:position].strip(" ,").casefold() in {marker.casefold(), "and", "but", "then", ""}


def unread(cells: Mapping[str, str], used: Iterable[Selection]) -> tuple[Selection, ...]:
    """The sentences of these cells that no selection in `used` touches.

    >>> unread({"comments": "It failed. Moon."}, [Selection("comments", 3, 9, "failed")])
    (Selection(field='comments', start=11, end=16, exact='Moon.'),)
    """
    taken = list(used)
    return tuple(
        sentence.select(0, len(sentence.text))
        for field, text in cells.items()
        for sentence in sentences(field, text)
        if not any(s.field == field and s.start < sentence.end and s.end > sentence.start for s in taken)
    )
