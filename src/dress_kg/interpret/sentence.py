"""One sentence prepared for reading: its cues, agents and stretches, and what denies, hedges or is meant
by a cue.

A cue's agents are the nearest list in its stretch, else those of the clause before; "despite A" makes A
what failed.
Where neither is clear the target is unknown and nothing is read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

from dress_kg.interpret.clause import Part, Sentence, Stretch, stretches
from dress_kg.interpret.cues import Cue, cue_book
from dress_kg.interpret.mentions import Named, Use, groups
from dress_kg.records import Direction

OUTCOME = ("outcome.positive", "outcome.negative", "outcome.negative_of")
ADVICE = ("advice.recommend", "advice.against", "advice.weak", "advice.standing")
NEUTRAL = "outcome.neutral"
REACH = 70
# Lists whose phrases may hold the denial: "should not be used".
_DENIED_WITHIN = frozenset({"advice.recommend", "advice.weak", "advice.standing"})
_OCCASION = re.compile(
    r"\b(?:after|for|following|upon)\s+(?:(?!with\b|and\b|which\b|led\b|leading\b|resulting\b|to\b)[^\W\d]+\s+){0,5}\Z",
    re.IGNORECASE,
)
_WORDS = "zero one two three four five six seven eight nine ten eleven twelve".split()
_COUNT = rf"(\d{{1,4}}|{'|'.join(_WORDS)})"
_FRACTION = re.compile(
    rf"(?<!from )(?<!to )(?<!/)\b{_COUNT}\s*(?:of|/|out\s+of)\s*(?:the\s+|all\s+)?{_COUNT}\b"
    r"(?!\s*(?:mg|g|h|d)\b)",
    re.IGNORECASE,
)
_ALWAYS_HYPOTHETICAL = ("if", "unless", "provided", "in case", "once", "as long", "in the case")
_GENERIC = re.compile(r"\b(?:is|are|works?|remains?)\b", re.IGNORECASE)
_PAST = re.compile(
    r"\b(?:was|were|had|did|showed|experienced|responded|improved|resolved|treated|died)\b", re.IGNORECASE
)
_HARM_WORD = re.compile(r"adverse|side[- ]effect|mortality|toxicit|complication|sequela", re.IGNORECASE)
_BUT_NOT = re.compile(r"\bbut\s+not\s+(?:with\s+|to\s+|for\s+)?\Z", re.IGNORECASE)
# "three responded, two did not"; "resolved only partially"; "effective in A but not in B"
_NOT_ALL = re.compile(
    r"[^.;]{0,60}?\b(?:but\s+not\s+(?:in|for|during|against)\b|,\s*(?:and\s+|but\s+)?(?:the\s+)?\w+\s+(?:\w+\s+)?did\s+not"
    r"\s*(?:$|[.,;]))|[^.;]{0,60}?,\s*(?:and\s+|but\s+)?(?:the\s+)?\w+\s+did\s+not\s*(?:$|[.,;])"
    r"|\s+(?:only\s+)?(?:partially|partly|incompletely|temporarily)\b"
    r"|[^.;,]{0,40}?\bin\s+(?:only\s+)?(?:(?:fewer|less)\s+than\s+(?:half|a\s+(?:third|quarter))|a\s+minority|a\s+few|some)\b",
    re.IGNORECASE,
)
# A phrase before the main clause: "After failure of A, B worked".
_AT_HEAD = re.compile(r"\W*(?:after|following|given|upon|on|with)\s+(?:[\w-]+\s+){0,3}", re.IGNORECASE)
_STOPPED = re.compile(r"\b(?:discontinued|stopped|withdrawn|abandoned|terminated)\b", re.IGNORECASE)
_HEDGE_REACH = 90
_ENABLING = ("allow", "permit", "enabl")


@dataclass(frozen=True, slots=True)
class Reading:
    """A sentence with what was found in it, shared by the rules."""

    sentence: Sentence
    named: tuple[Named, ...]
    cues: tuple[Cue, ...]
    hedges: tuple[Cue, ...]
    negations: tuple[Cue, ...]
    unknown: tuple[Cue, ...]
    parts: tuple[Stretch, ...]
    runs: tuple[tuple[Named, ...], ...]
    generic: bool
    advice: bool

    def conditions(self, cue: Cue) -> tuple[tuple[int, int], ...]:
        """The circumstances a cue's statement holds under: those on its side of a "but" or "however"."""
        sides = [s.start for s in self.parts if s.part is Part.MAIN and s.marker and s.marker != ","]
        side = sum(start <= cue.start for start in sides)
        return tuple(
            (s.start, s.end)
            for s in self.parts
            if self.hypothetical(s) and sum(start <= s.start for start in sides) == side
        )

    def hypothetical(self, stretch: Stretch) -> bool:
        """Whether a stretch tells a possible circumstance, not what happened."""
        if stretch.part is not Part.CONDITION:
            return False
        marker = (stretch.marker or "").casefold()
        return marker.startswith(_ALWAYS_HYPOTHETICAL) or self.advice or self.generic

    def stretch_of(self, position: int) -> Stretch:
        """The stretch a character is in."""
        return next(s for s in self.parts if s.start <= position < s.end)


def read_sentence(sentence: Sentence, named: tuple[Named, ...]) -> Reading:
    """The sentence with its cues, hedges, denials, stretches and lists of agents.

    :param named: the agents named in it.
    """
    book, text = cue_book(), sentence.text
    firm = [c for c in book.find(text, (*OUTCOME, *ADVICE, NEUTRAL)) if c.group != NEUTRAL]
    options = book.find(text, ["advice.candidate"])
    apart = [o for o in options if all(o.end <= c.start or o.start >= c.end for c in firm)]
    cues = tuple(sorted([*firm, *apart]))
    hedges = book.find(text, ["modality.hedge"])
    advice = any(c.group in ADVICE and c.group != "advice.standing" for c in cues) or any(
        h.start < c.start and c.group in {"advice.candidate", "outcome.positive"}
        for h in hedges
        for c in cues
    )
    parts = stretches(text, advice=advice)
    generic = any(
        cue.group == "outcome.positive" and _GENERIC.search(text, max(0, cue.start - 14), cue.start)
        for cue in cues
    ) and not _PAST.search(text)
    usable = [n for n in named if n.use is Use.GIVEN]
    return Reading(
        sentence,
        named,
        cues,
        hedges,
        book.find(text, ["modality.negation"]),
        book.find(text, ["modality.unknown"]),
        parts,
        groups(text, usable, [part.start for part in parts]),
        generic,
        advice,
    )


def negation_of(reading: Reading, cue: Cue) -> Cue | None:
    """The word that denies a cue: "not effective", "improvement was not seen"; None where nothing does."""
    text, stretch = reading.sentence.text, reading.stretch_of(cue.start)
    for negation in reading.negations:
        if negation.start >= cue.start or negation.start < stretch.start or cue.start - negation.end > REACH:
            continue
        between = text[negation.end : cue.start]
        if refused(text, next((n for n in reading.named if n.start >= negation.end), None)):
            continue
        other = [c for c in reading.cues if negation.end <= c.start < cue.start and c.group in OUTCOME]
        linked = not other or re.fullmatch(
            r"\s*(?:,|or|nor|/)\s*(?:\w+\s+){0,2}", text[other[-1].end : cue.start]
        )
        if linked and not (_HARM_WORD.search(between) and re.search(r"\band\b|,", between)):
            return negation
    if re.search(r"\b(?:not|never)\b", cue.exact, re.IGNORECASE) and cue.group in _DENIED_WITHIN:
        return cue
    return cue_book().first("modality.negated_after", text, cue.end, min(stretch.end, cue.end + 60))


def object_of(reading: Reading, cue: Cue) -> tuple[Named, ...]:
    """The agents that follow "refractory to", up to the end of its clause."""
    end = reading.stretch_of(cue.start).end
    stop = re.search(
        r"[.;](?:\s|$)|,\s+(?:and\s+)?(?:she|he|it|they|who|which|was|the patient)\b"
        r"|\s(?:was|were|is|are|led|prompted|required|received)\b",
        reading.sentence.text[cue.end : end],
    )
    limit = end if stop is None else cue.end + stop.start()
    limit = min(limit, _head_end(reading, cue, limit))
    after = [n for n in reading.named if cue.end <= n.start < limit and n.use is not Use.VEHICLE]
    other = [c.start for c in reading.cues if c.start > cue.end and c.group in OUTCOME]
    return tuple(n for n in after if not any(cue.end < position < n.start for position in other))


def _head_end(reading: Reading, cue: Cue, limit: int) -> int:
    """Where "After failure of A, B and C, …" ends: at the comma with more than a list's agents behind it."""
    text = reading.sentence.text
    if _AT_HEAD.fullmatch(text, 0, cue.start) is None:
        return limit
    commas = [*(m.start() for m in re.finditer(",", text[:limit]) if m.start() >= cue.end), limit]
    for comma, following in pairwise(commas):
        rest = text[comma + 1 : following]
        for named in reading.named:
            if comma < named.start < following:
                rest = rest.replace(named.exact, " ")
        if re.sub(r"\b(?:and|or|also|both|even)\b", "", rest).strip(" ,"):
            return comma
    return limit


def hedge_of(reading: Reading, cue: Cue) -> Cue | None:
    """The word that hedges a cue ("may", "could"), in its stretch and before it; None where it is plain."""
    stretch = reading.stretch_of(cue.start)
    near = [
        h
        for h in reading.hedges
        if stretch.start <= h.start < cue.start and cue.start - h.end <= _HEDGE_REACH
    ]
    return near[-1] if near else None


def refused(text: str, one: Named | None) -> bool:
    """As in "A, but not B": B is the contrary."""
    return one is not None and _BUT_NOT.search(text, 0, one.start) is not None


def share_of(reading: Reading, cue: Cue, stretch: Stretch, direction: Direction) -> Direction:
    """Mixed where only some of the patients, or only in part, did so."""
    text, book = reading.sentence.text, cue_book()
    near = max(stretch.start, cue.start - 60)
    if direction is Direction.EFFECTIVE and _NOT_ALL.match(text, cue.end):
        return Direction.MIXED
    if book.first("outcome.partial", text, max(near, cue.start - 30), cue.end) or book.first(
        "outcome.some", text, near, cue.start
    ):
        return Direction.MIXED if direction is Direction.EFFECTIVE else direction
    for match in _FRACTION.finditer(text, near, min(stretch.end, cue.end + 40)):
        part, whole = (
            _WORDS.index(n) if n in _WORDS else int(n) for n in (g.casefold() for g in match.groups())
        )
        if 0 < part < whole:
            return Direction.MIXED
        if part == 0 < whole:
            return Direction.NOT_EFFECTIVE if direction is Direction.EFFECTIVE else Direction.EFFECTIVE
    return direction


def target_of(
    reading: Reading, cue: Cue, stretch: Stretch, carried: tuple[Named, ...], *, worked: bool
) -> tuple[tuple[Named, ...], bool]:
    """The agents a cue is about, and whether that is known: () and True is the row's treatment itself."""
    inside = [run for run in reading.runs if stretch.start <= run[0].start < stretch.end]
    if not worked:
        despite = [r for r in reading.runs if reading.stretch_of(r[0].start).part is Part.DESPITE]
        if despite:
            return tuple(n for run in despite for n in run), True
    failed = {
        n.start for c in reading.cues if c.group == "outcome.negative_of" for n in object_of(reading, c)
    }
    told_apart = (tuple(n for n in run if n.start not in failed) for run in inside)
    inside = [run for run in told_apart if run]
    if inside:
        text = reading.sentence.text
        nearest = min(inside, key=lambda run: (_gap(run, cue), run[0].start))
        earlier_state = _told_of_before(text, cue, nearest)
        return nearest, not earlier_state and (worked or not _begun_after(text, cue, nearest))
    if not worked and _gives_reason_to_stop(reading, stretch):
        stopped = tuple(n for n in reading.named if n.use is Use.WITHDRAWN and n.start < stretch.start)
        return stopped, bool(stopped) or not reading.named
    return _target_outside(reading, cue, stretch, carried, worked=worked)


def _gives_reason_to_stop(reading: Reading, stretch: Stretch) -> bool:
    """As in "stopped because of lack of efficacy"."""
    before = reading.sentence.text[: stretch.start]
    return stretch.part is Part.REASON and _STOPPED.search(before) is not None


def _target_outside(
    reading: Reading, cue: Cue, stretch: Stretch, carried: tuple[Named, ...], *, worked: bool
) -> tuple[tuple[Named, ...], bool]:
    """The agents of an earlier clause or sentence that a cue is about, and whether that is known."""
    away = [n for n in reading.named if n.use is Use.WITHDRAWN and n.start < stretch.end]
    withdrawn = any(n.start >= stretch.start or not reading.runs for n in away)
    removal = cue_book().first("use.withdrawn_before", reading.sentence.text, stretch.start, stretch.end)
    if cue.exact.casefold().startswith(_ENABLING):
        withdrawn, removal = False, None  # "allowed withdrawal of A" speaks of what was given instead
    if withdrawn or (removal is not None and worked and cue.group in OUTCOME):
        return (), False  # "resolved after withdrawal of X": not the treatment's doing
    if stretch.part in {Part.REASON, Part.DESPITE} or _went_without(reading, cue, stretch):
        return (), False
    earlier = [
        run
        for run in reading.runs
        if run[0].start < stretch.start
        and reading.stretch_of(run[0].start).part in {Part.MAIN, Part.CONDITION}
        and not reading.hypothetical(reading.stretch_of(run[0].start))
    ]
    if earlier and (worked or stretch.part is Part.MAIN):
        return earlier[-1], True
    return tuple(named._replace(start=-1, end=-1) for named in carried), True


def _went_without(reading: Reading, cue: Cue, stretch: Stretch) -> bool:
    """As in "resolved without A", "unlike A, improved": what was not given is not what worked."""
    text = reading.sentence.text
    left_out = [n for n in reading.named if n.use is Use.COMPARED and cue.end <= n.start < stretch.end]
    return any(re.search(r"\bwithout\b", text[cue.end : n.start], re.IGNORECASE) for n in left_out)


def _told_of_before(text: str, cue: Cue, run: tuple[Named, ...]) -> bool:
    """As in "A was started after relapse", "improvement came before A": the state before A, not its doing."""
    if run[0].start >= cue.end:
        return re.search(r"\bbefore\b", text[cue.end : run[0].start], re.IGNORECASE) is not None
    between = text[run[-1].end : cue.start]
    begun = cue_book().first("modality.introduced", between)
    return begun is not None and _OCCASION.search(between, begun.end) is not None


def _begun_after(text: str, cue: Cue, run: tuple[Named, ...]) -> bool:
    """As in "she deteriorated, and A was started": A is the answer to it, not its cause."""
    if run[0].start < cue.end or not re.search(r",|\band\b", text[cue.end : run[0].start]):
        return False
    return cue_book().first("modality.introduced", text, run[-1].end, run[-1].end + 25) is not None


def _gap(run: tuple[Named, ...], cue: Cue) -> int:
    return max(run[0].start - cue.end, cue.start - run[-1].end, 0)
