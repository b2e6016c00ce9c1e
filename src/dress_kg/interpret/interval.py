"""The INTERVAL cell: how long, how often, how far apart, follow-up; and dose statements printed there."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache

from dress_kg.interpret.regimen.finish import BULLET, letter
from dress_kg.interpret.regimen.phrases import Count, Phrase, Span, Timing, Word
from dress_kg.interpret.regimen.reading import Lexicon, parse, unread
from dress_kg.interpret.regimen.vocabulary import DAYS_IN
from dress_kg.records import IntervalKind, IntervalStatement, RegimenStep, Selection

_DOSES = ("dose", "pulse", "times")


@dataclass(frozen=True, slots=True)
class IntervalReading:
    """What an INTERVAL cell states.

    :ivar statements: each statement of time, in order.
    :ivar steps: the dose statements that stand in this cell.
    :ivar courses: statements of time alone, in the shape of a step without an amount; they say how long
        or how often the doses of the DOSE cell run (with an agent or a group where the text names one).
    :ivar unread: the stretches that no rule read. :ivar unnamed: as in `DoseReading`.
    """

    statements: tuple[IntervalStatement, ...]
    steps: tuple[RegimenStep, ...]
    courses: tuple[RegimenStep, ...]
    unread: tuple[Selection, ...]
    unnamed: frozenset[int] = frozenset()


@lru_cache(maxsize=1024)
def read_interval(text: str, lexicon: Lexicon, *, field: str = "interval") -> IntervalReading:
    """The statements of time and the dose statements of an INTERVAL cell.

    A step needs an amount, or an agent with a frequency or with words for a dose ("slowly tapered");
    an agent with a duration alone is a course.
    """
    found = parse(text, lexicon, field)
    steps = tuple(step for step in found.steps if _is_dose(step))
    statements: list[IntervalStatement] = []
    used = set(found.used)
    bullets = sum(_heading(phrase) == BULLET for phrase in found.phrases)
    group, counted, i = None, 0, 0
    while i < len(found.phrases):
        heading = _heading(found.phrases[i])
        if heading == BULLET:
            counted += 1
            group = letter(counted) if bullets > 1 else None
        elif heading is not None:
            group = heading
        read = _statement(found.phrases, i, text, field, steps)
        if read is None:
            i += 1
            continue
        statements.append(replace(read[0], group=group))
        used.update(phrase.first for phrase in found.phrases[i : read[1]])
        i = read[1]
    return IntervalReading(
        tuple(statements),
        steps,
        tuple(step for step in found.steps if not _is_dose(step)),
        unread(text, found.phrases, frozenset(used), field),
        found.unnamed,
    )


def _heading(phrase: Phrase) -> str | None:
    """The group that a phrase heads: its printed name, or the sign of a bullet; None where it heads none."""
    if not phrase.is_word("group") or not isinstance(phrase.value, Word):
        return None
    return phrase.value.value if any(c.isalnum() for c in phrase.value.value) else BULLET


def _is_dose(step: RegimenStep) -> bool:
    if step.low is not None or step.high is not None:
        return True
    return step.agent is not None and (step.qualitative is not None or step.frequency is not None)


def _statement(
    phrases: tuple[Phrase, ...], i: int, text: str, field: str, steps: tuple[RegimenStep, ...]
) -> tuple[IntervalStatement, int] | None:
    """The statement that begins at a phrase, and the place after it."""
    value = phrases[i].value
    if isinstance(value, Span):
        recurs = _recurrence(phrases, i)
        last = i if recurs is None or value.role in ("follow-up", "between doses") else recurs
        selection = _select(phrases, i, last, text, field)
        return IntervalStatement(
            _kind(value, last > i), value.low, value.high, value.unit, selection
        ), last + 1
    selection = _select(phrases, i, i, text, field)
    if isinstance(value, Count) and value.what != "loading":
        kind = IntervalKind.NUMBER_OF_DOSES if value.what in _DOSES else IntervalKind.NUMBER_OF_CYCLES
        unit = "{dose}" if value.what in _DOSES else "{cycle}"
        return IntervalStatement(kind, value.low, value.high, unit, selection), i + 1
    if isinstance(value, Timing) and _is_gap(value, phrases[i], steps):
        high = value.period_max or value.period
        return IntervalStatement(IntervalKind.BETWEEN_DOSES, value.period, high, value.unit, selection), i + 1
    if isinstance(value, Word) and value.kind == "qualitative" and value.value == "taper":
        return IntervalStatement(IntervalKind.TAPER, None, None, None, selection), i + 1
    return None


def _kind(span: Span, recurs: bool) -> IntervalKind:
    if span.role == "follow-up":
        return IntervalKind.FOLLOW_UP
    if span.role == "between doses":
        return IntervalKind.BETWEEN_DOSES
    return IntervalKind.RECURRING_DURATION if recurs else IntervalKind.TREATMENT_DURATION


def _recurrence(phrases: tuple[Phrase, ...], i: int) -> int | None:
    """The place of the period after a duration ("2 days every month"), or None."""
    j = i + 1
    while j < len(phrases) and phrases[j].is_word("filler"):
        j += 1
    if j < len(phrases):
        value = phrases[j].value
        span = phrases[i].value
        if isinstance(value, Timing) and value.recurring and isinstance(span, Span) and span.high is not None:
            shorter = span.high * DAYS_IN[span.unit] < value.period * DAYS_IN[value.unit]
            return j if shorter else None
    return None


def _is_gap(timing: Timing, phrase: Phrase, steps: tuple[RegimenStep, ...]) -> bool:
    """As in "every 3 weeks", "monthly", said of the doses and not within a dose statement of this cell."""
    if timing.times != Decimal(1) or (timing.form == "adverb" and timing.unit == "d"):
        return False
    return not any(s.selections[0].start <= phrase.start < s.selections[0].end for s in steps)


def _select(phrases: tuple[Phrase, ...], first: int, last: int, text: str, field: str) -> Selection:
    start, end = phrases[first].start, phrases[last].end
    return Selection(field, start, end, text[start:end])
