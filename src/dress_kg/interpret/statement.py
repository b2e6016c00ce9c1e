"""What one sentence states about treatments: outcome, opinion or advice, about which agents, how firmly.

The reading is by cue phrases (`mappings/cues/`) and the sentence's stretches: a cue in a condition ("if …",
"for patients who do not respond to …") is a condition and no outcome, one in a reason speaks of what was before,
"despite A" makes A what failed. Where neither is clear nothing is read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from dress_kg.interpret.clause import Part, Sentence, Stretch, stretches
from dress_kg.interpret.cues import Cue, cue_book
from dress_kg.interpret.mentions import Named, Use, groups, joint
from dress_kg.records import Direction, FindingKind

_OUTCOME = ("outcome.positive", "outcome.negative", "outcome.negative_of")
_ADVICE = ("advice.recommend", "advice.against", "advice.weak", "advice.standing")
_ALL = (*_OUTCOME, *_ADVICE, "advice.candidate")
_FRACTION = re.compile(r"\b(\d{1,4})\s*(?:of|/|out of)\s*(?:the\s+|all\s+)?(\d{1,4})\b(?!\s*(?:mg|g|h|d)\b)")
_ALWAYS_HYPOTHETICAL = ("if", "unless", "provided", "in case", "once", "as long", "in the case")
_GENERIC = re.compile(r"\b(?:is|are|works?|remains?)\b", re.IGNORECASE)
_PAST = re.compile(
    r"\b(?:was|were|had|did|showed|experienced|responded|improved|resolved|treated|died)\b", re.IGNORECASE
)
_HARM_WORD = re.compile(r"adverse|side[- ]effect|mortality|toxicit|complication|sequela", re.IGNORECASE)
_NEGATION_REACH = 70
_HEDGE_REACH = 90


@dataclass(frozen=True, slots=True)
class Statement:
    """One thing a sentence states; offsets are the sentence's.

    :ivar run: the agents it is about, as listed (at -1 where another sentence names them); empty means the
        row's treatment, whatever it is.
    :ivar joint: the agents are spoken of as given together.
    :ivar conditions: (start, end) of the circumstances under which it holds.
    :ivar alone: (start, end) of "as monotherapy" where only the use alone is meant.
    :ivar bare: a negative outcome that names no agent (it may describe the state before treatment).
    :ivar parts: the stretches of the sentence.
    """

    sentence: Sentence
    kind: FindingKind
    direction: Direction
    run: tuple[Named, ...]
    joint: bool
    cues: tuple[Cue, ...]
    hedged: bool = False
    conditions: tuple[tuple[int, int], ...] = ()
    alone: tuple[int, int] | None = None
    bare: bool = False
    parts: tuple[Stretch, ...] = ()


@dataclass(frozen=True, slots=True)
class _Reading:
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


def statements(
    sentence: Sentence, named: tuple[Named, ...], carried: tuple[Named, ...] = ()
) -> tuple[Statement, ...]:
    """What a sentence states, in order.

    :param named: the agents named in it.
    :param carried: the agents that the sentence before introduced, for "It was started. She recovered".
    """
    reading = _read(sentence, named)
    made: list[Statement] = _suffixes(reading)
    for cue in reading.cues:
        made += _of_cue(reading, cue, carried)
    made += _alone(reading, made)
    return tuple(replace(one, parts=reading.parts) for one in _merged(made))


def _read(sentence: Sentence, named: tuple[Named, ...]) -> _Reading:
    book, text = cue_book(), sentence.text
    cues = book.find(text, _ALL)
    hedges = book.find(text, ["modality.hedge"])
    advice = any(c.group in _ADVICE and c.group != "advice.standing" for c in cues) or any(
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
    return _Reading(
        sentence,
        named,
        cues,
        hedges,
        book.find(text, ["modality.negation"]),
        book.find(text, ["modality.unknown"]),
        parts,
        groups(text, usable),
        generic,
        advice,
    )


def _suffixes(reading: _Reading) -> list[Statement]:
    """As in "A-resistant disease", "A failure": A did not work."""
    made = []
    for one in reading.named:
        cue = cue_book().behind("outcome.negative_suffix", reading.sentence.text, one.end)
        if cue is None or one.use is not Use.GIVEN or reading.hypothetical(reading.stretch_of(one.start)):
            continue
        if _negated(reading, cue) is None:
            made.append(_outcome(reading, cue, Direction.NOT_EFFECTIVE, (one,)))
    return made


def _outcome(
    reading: _Reading, cue: Cue, direction: Direction, run: tuple[Named, ...], **more: bool
) -> Statement:
    return Statement(
        reading.sentence,
        FindingKind.REPORTED_OUTCOME,
        direction,
        run,
        joint(reading.sentence.text, run) and direction is not Direction.NOT_EFFECTIVE,
        (cue,),
        bare=more.get("bare", False),
    )


def _of_cue(reading: _Reading, cue: Cue, carried: tuple[Named, ...]) -> list[Statement]:
    stretch = reading.stretch_of(cue.start)
    hidden = any(
        u.start <= cue.start < u.end or (stretch.start <= u.start < cue.start) for u in reading.unknown
    )
    text = reading.sentence.text
    elsewhere = cue_book().first("modality.attributed_elsewhere", text, cue.end, stretch.end)
    if reading.hypothetical(stretch) or hidden or elsewhere is not None:
        return []
    if cue.group == "outcome.negative_of":
        run = _object(reading, cue)
        return [_outcome(reading, cue, Direction.NOT_EFFECTIVE, run)] if run else []
    if cue.group in _OUTCOME:
        return _of_outcome(reading, cue, stretch, carried)
    return _of_advice(reading, cue, stretch)


def _object(reading: _Reading, cue: Cue) -> tuple[Named, ...]:
    """The agents that follow "refractory to", up to the end of its clause."""
    end = reading.stretch_of(cue.start).end
    stop = re.search(
        r"[.;](?:\s|$)|,\s+(?:and\s+)?(?:she|he|it|they|who|which|was|the patient)\b",
        reading.sentence.text[cue.end : end],
    )
    limit = end if stop is None else cue.end + stop.start()
    after = [n for n in reading.named if cue.end <= n.start < limit and n.use is not Use.VEHICLE]
    other = [c.start for c in reading.cues if c.start > cue.end and c.group in _OUTCOME]
    return tuple(n for n in after if not any(cue.end < position < n.start for position in other))


def _negated(reading: _Reading, cue: Cue) -> Cue | None:
    """The word that denies a cue: "not effective", "improvement was not seen"; None where nothing does."""
    text, stretch = reading.sentence.text, reading.stretch_of(cue.start)
    for negation in reading.negations:
        if (
            negation.start >= cue.start
            or negation.start < stretch.start
            or cue.start - negation.end > _NEGATION_REACH
        ):
            continue
        between = text[negation.end : cue.start]
        other = [c for c in reading.cues if negation.end <= c.start < cue.start and c.group in _OUTCOME]
        linked = not other or re.fullmatch(
            r"\s*(?:,|or|nor|/)\s*(?:\w+\s+){0,2}", text[other[-1].end : cue.start]
        )
        if linked and not (_HARM_WORD.search(between) and re.search(r"\band\b|,", between)):
            return negation
    if re.search(r"\b(?:not|never)\b", cue.exact, re.IGNORECASE) and cue.group != "outcome.negative_of":
        return cue
    return cue_book().first("modality.negated_after", text, cue.end, min(stretch.end, cue.end + 60))


def _hedge(reading: _Reading, cue: Cue) -> Cue | None:
    stretch = reading.stretch_of(cue.start)
    near = [
        h
        for h in reading.hedges
        if stretch.start <= h.start < cue.start and cue.start - h.end <= _HEDGE_REACH
    ]
    return near[-1] if near else None


def _of_outcome(reading: _Reading, cue: Cue, stretch: Stretch, carried: tuple[Named, ...]) -> list[Statement]:
    text = reading.sentence.text
    positive, negation = cue.group == "outcome.positive", _negated(reading, cue)
    if positive and negation and (until := re.search(r"\buntil\b", text[cue.end :])):
        return _until(reading, cue, cue.end + until.start())
    if not positive and negation:
        return []  # "no relapse", "without worsening": no harm came, which is not yet a success
    worked = positive and negation is None
    run, known = _target(reading, cue, stretch, carried, worked=worked)
    if not known:
        return []
    hedge = _hedge(reading, cue)
    if hedge is not None or (reading.generic and worked):
        return _opinion(reading, cue, run, hedge, negation)
    direction = Direction.EFFECTIVE if worked else Direction.NOT_EFFECTIVE
    opposed = [n for n in run if _refused(text, n)]
    made = []
    if opposed and len(opposed) < len(run):
        other = Direction.NOT_EFFECTIVE if worked else Direction.EFFECTIVE
        made.append(_outcome(reading, cue, other, tuple(opposed)))
        run = tuple(n for n in run if n not in opposed)
    direction = _share(reading, cue, stretch, direction)
    main = _outcome(reading, cue, direction, run, bare=not worked and not run)
    return [main if negation is None else replace(main, cues=tuple(sorted({cue, negation}))), *made]


def _refused(text: str, one: Named) -> bool:
    """As in "A, but not B": B is the contrary."""
    return (
        re.search(r"\bbut\s+not\s+(?:with\s+|to\s+|for\s+)?$", text[: one.start], re.IGNORECASE) is not None
    )


def _until(reading: _Reading, cue: Cue, until: int) -> list[Statement]:
    """As in "did not improve on A until B was added": B worked, A did not."""
    after = tuple(n for n in reading.named if n.start > until and n.use is not Use.VEHICLE)
    before = tuple(n for n in reading.named if n.end <= until and n.use is Use.GIVEN)
    made = [_outcome(reading, cue, Direction.EFFECTIVE, after)] if after else []
    return made + ([_outcome(reading, cue, Direction.NOT_EFFECTIVE, before)] if before else [])


def _share(reading: _Reading, cue: Cue, stretch: Stretch, direction: Direction) -> Direction:
    """Mixed where only some of the patients, or only in part, did so."""
    text, book = reading.sentence.text, cue_book()
    near = max(stretch.start, cue.start - 60)
    if book.first("outcome.partial", text, max(near, cue.start - 30), cue.end) or book.first(
        "outcome.some", text, near, cue.start
    ):
        return Direction.MIXED if direction is Direction.EFFECTIVE else direction
    for match in _FRACTION.finditer(text, near, min(stretch.end, cue.end + 40)):
        part, whole = int(match.group(1)), int(match.group(2))
        if 0 < part < whole:
            return Direction.MIXED
        if part == 0 < whole:
            return Direction.NOT_EFFECTIVE if direction is Direction.EFFECTIVE else Direction.EFFECTIVE
    return direction


def _opinion(
    reading: _Reading, cue: Cue, run: tuple[Named, ...], hedge: Cue | None, negation: Cue | None
) -> list[Statement]:
    text, conditions = reading.sentence.text, reading.conditions(cue)
    if cue.group == "outcome.negative" or negation is not None:
        direction = Direction.NOT_EFFECTIVE
    elif hedge is not None or conditions:
        direction = Direction.CONDITIONAL
    else:
        direction = Direction.EFFECTIVE
    cues = tuple(sorted({c for c in (cue, hedge, negation) if c is not None}))
    hedged = hedge is not None
    return [
        Statement(
            reading.sentence, FindingKind.OPINION, direction, run, joint(text, run), cues, hedged, conditions
        )
    ]


def _of_advice(reading: _Reading, cue: Cue, stretch: Stretch) -> list[Statement]:
    hedge, negation = _hedge(reading, cue), _negated(reading, cue)
    way = _way(cue, hedged=hedge is not None, negated=negation is not None)
    if way is None:
        return []
    kind, direction = way
    run, known = _target(reading, cue, stretch, (), worked=True)
    if not known:
        return []
    hedged = direction is Direction.CONDITIONAL
    cues = tuple(sorted({c for c in (cue, hedge, negation) if c is not None}))
    together = joint(reading.sentence.text, run)
    return [
        Statement(reading.sentence, kind, direction, run, together, cues, hedged, reading.conditions(cue))
    ]


def _way(cue: Cue, *, hedged: bool, negated: bool) -> tuple[FindingKind, Direction] | None:
    """The kind and direction of advice; None where the words give none ("is not contraindicated")."""
    advice, word = FindingKind.RECOMMENDATION, cue.exact.casefold()
    against = (advice, Direction.RECOMMENDED_AGAINST)
    if cue.group == "advice.candidate":
        if negated:
            return against if word in {"indicated", "warranted", "justified"} else None
        return (FindingKind.OPINION, Direction.CONDITIONAL) if hedged else None
    if cue.group == "advice.against":
        return None if negated else against
    if negated:
        return None if cue.group == "advice.standing" else against
    if cue.group == "advice.weak" or hedged or " only " in word:
        return FindingKind.OPINION if word.startswith("propos") else advice, Direction.CONDITIONAL
    return advice, Direction.RECOMMENDED


def _target(
    reading: _Reading, cue: Cue, stretch: Stretch, carried: tuple[Named, ...], *, worked: bool
) -> tuple[tuple[Named, ...], bool]:
    """The agents a cue is about, and whether that is known: () and True is the row's treatment itself."""
    inside = [run for run in reading.runs if stretch.start <= run[0].start < stretch.end]
    if not worked:
        despite = [r for r in reading.runs if reading.stretch_of(r[0].start).part is Part.DESPITE]
        if despite:
            return tuple(n for run in despite for n in run), True
    if inside:
        return min(inside, key=lambda run: (_gap(run, cue), run[0].start)), True
    withdrawn = any(stretch.start <= n.start < stretch.end and n.use is Use.WITHDRAWN for n in reading.named)
    removal = cue_book().first("use.withdrawn_before", reading.sentence.text, stretch.start, stretch.end)
    if withdrawn or (removal is not None and worked and cue.group in _OUTCOME):
        return (), False  # "resolved after withdrawal of X": not the treatment's doing
    if stretch.part in {Part.REASON, Part.DESPITE}:
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
    return tuple(replace(named, start=-1, end=-1) for named in carried), True


def _gap(run: tuple[Named, ...], cue: Cue) -> int:
    return max(run[0].start - cue.end, cue.start - run[-1].end, 0)


def _alone(reading: _Reading, made: list[Statement]) -> list[Statement]:
    """As in "… not as monotherapy" beside advice: the advice is against the use alone."""
    advised = [s for s in made if s.kind is FindingKind.RECOMMENDATION]
    cue = cue_book().first("modality.alone", reading.sentence.text)
    if cue is None or not advised:
        return []
    negation = [
        n
        for n in reading.negations
        if n.end <= cue.start and not reading.sentence.text[n.end : cue.start].strip()
    ]
    if not negation:
        return []
    run = advised[0].run
    return [
        Statement(
            reading.sentence,
            FindingKind.RECOMMENDATION,
            Direction.RECOMMENDED_AGAINST,
            run,
            True,
            (negation[-1],),
            conditions=((cue.start, cue.end),),
            alone=(cue.start, cue.end),
        )
    ]


def _merged(made: list[Statement]) -> list[Statement]:
    """One statement for cues that say the same of the same agents; contrary outcomes become mixed."""
    kept: list[Statement] = []
    for one in made:
        same = next(
            (k for k in kept if k.run == one.run and k.kind is one.kind and k.alone == one.alone), None
        )
        if same is None:
            kept.append(one)
            continue
        direction = same.direction
        if one.direction is not direction:
            if one.kind is not FindingKind.REPORTED_OUTCOME:
                kept.append(one)
                continue
            direction = Direction.MIXED
        cues = tuple(sorted({*same.cues, *one.cues}))
        kept[kept.index(same)] = replace(
            same,
            direction=direction,
            cues=cues,
            hedged=same.hedged or one.hedged,
            bare=same.bare and one.bare,
        )
    return kept
