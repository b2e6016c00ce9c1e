"""What one sentence states about treatments: outcome, opinion or advice, about which agents, how firmly.

The reading is by cue phrases (`mappings/cues/`) and the sentence's stretches: a cue in a condition ("if …",
"for patients who do not respond to …") is a condition and no outcome, one in a reason speaks of what was
before,
"despite A" makes A what failed. Where neither is clear nothing is read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from dress_kg.interpret.clause import Sentence, Stretch
from dress_kg.interpret.cues import Cue, cue_book
from dress_kg.interpret.limits import limits_of
from dress_kg.interpret.mentions import Named, Use, joint
from dress_kg.interpret.sentence import (
    OUTCOME,
    REACH,
    Reading,
    hedge_of,
    negation_of,
    object_of,
    read_sentence,
    refused,
    share_of,
    target_of,
)
from dress_kg.records import Direction, FindingKind

_FEW = re.compile(r"\b(?:only|just|few|fewer|rare|less)\s+(?:[\w-]+\s+){0,2}\Z", re.IGNORECASE)
_ONLY = re.compile(r"\bonly\s+\Z", re.IGNORECASE)
# "is effective in patients with A": whom it is said of, no condition
_WHO = re.compile(
    r"(?:in|for|among)\s+(?:the\s+)?(?:patients|cases|children|adults|individuals|subjects)\s+(?:with|suffering)\b",
    re.IGNORECASE,
)


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


def statements(
    sentence: Sentence, named: tuple[Named, ...], carried: tuple[Named, ...] = ()
) -> tuple[Statement, ...]:
    """What a sentence states, in order.

    :param named: the agents named in it.
    :param carried: the agents that the sentence before introduced, for "It was started. She recovered".
    """
    reading = read_sentence(sentence, named)
    if cue_book().first("modality.preclinical", sentence.text) is not None:
        return ()
    made: list[Statement] = _suffixes(reading)
    for cue in reading.cues:
        made += _of_cue(reading, cue, carried)
    made += _alone(reading, made)
    return tuple(_merged(made))


def _suffixes(reading: Reading) -> list[Statement]:
    """As in "A-resistant disease", "A failure": A did not work."""
    made = []
    for one in reading.named:
        cue = cue_book().behind("outcome.negative_suffix", reading.sentence.text, one.end)
        if cue is None or one.use is not Use.GIVEN or reading.hypothetical(reading.stretch_of(one.start)):
            continue
        if negation_of(reading, cue) is None:
            made.append(_outcome(reading, cue, Direction.NOT_EFFECTIVE, (one,)))
    return made


def _outcome(
    reading: Reading, cue: Cue, direction: Direction, run: tuple[Named, ...], **more: bool
) -> Statement:
    return Statement(
        reading.sentence,
        FindingKind.REPORTED_OUTCOME,
        direction,
        run,
        joint(reading.sentence.text, run) and direction is not Direction.NOT_EFFECTIVE,
        (cue,),
        bare=more.get("bare", False),
        parts=reading.parts,
    )


def _of_cue(reading: Reading, cue: Cue, carried: tuple[Named, ...]) -> list[Statement]:
    stretch = reading.stretch_of(cue.start)
    hidden = any(
        u.start <= cue.start < u.end or (stretch.start <= u.start < cue.start) for u in reading.unknown
    )
    text = reading.sentence.text
    elsewhere = cue_book().first("modality.attributed_elsewhere", text, cue.end, cue.end + REACH)
    itself = cue_book().first("modality.by_itself", text, stretch.start, stretch.end)
    if reading.hypothetical(stretch) or hidden or elsewhere is not None or itself is not None:
        return []
    if cue.group == "outcome.negative_of":
        run = object_of(reading, cue)
        return [_outcome(reading, cue, Direction.NOT_EFFECTIVE, run)] if run else []
    if cue.group in OUTCOME:
        return _of_outcome(reading, cue, stretch, carried)
    return _of_advice(reading, cue, stretch)


def _of_outcome(reading: Reading, cue: Cue, stretch: Stretch, carried: tuple[Named, ...]) -> list[Statement]:
    text = reading.sentence.text
    positive, negation = cue.group == "outcome.positive", negation_of(reading, cue)
    if positive and negation and (until := re.search(r"\buntil\b", text[cue.end :])):
        return _until(reading, cue, cue.end + until.start())
    if _on_withdrawal(reading, cue, stretch, positive=positive):
        return []
    if not positive and (negation or _FEW.search(text[max(0, cue.start - 60) : cue.start])):
        return []  # "no relapse", "only 3 relapses": little harm came, which is not yet a success
    worked = positive and negation is None
    run, known = target_of(reading, cue, stretch, carried, worked=worked)
    if not known:
        return []
    hedge = hedge_of(reading, cue)
    if hedge is not None or (reading.generic and worked):
        return _opinion(reading, cue, run, hedge, negation)
    direction = Direction.EFFECTIVE if worked else Direction.NOT_EFFECTIVE
    opposed = [n for n in run if refused(text, n)]
    made = []
    if opposed and len(opposed) < len(run):
        other = Direction.NOT_EFFECTIVE if worked else Direction.EFFECTIVE
        made.append(_outcome(reading, cue, other, tuple(opposed)))
        run = tuple(n for n in run if n not in opposed)
    direction = share_of(reading, cue, stretch, direction)
    main = _outcome(reading, cue, direction, run, bare=not worked and not run)
    return [main if negation is None else replace(main, cues=tuple(sorted({cue, negation}))), *made]


def _on_withdrawal(reading: Reading, cue: Cue, stretch: Stretch, *, positive: bool) -> bool:
    """As in "recurred when A was tapered", "on stopping A the rash relapsed", "resolved when A was stopped".

    With an agent given in the same clause, getting better is that agent's.
    """
    text, book = reading.sentence.text, cue_book()
    behind = book.first("modality.on_withdrawal", text, cue.end, min(len(text), cue.end + 80))
    between = [c for c in reading.cues if behind is not None and cue.end <= c.start < behind.start]
    if behind is not None and not between and not re.search(r"[;,]", text[cue.end : behind.start]):
        return not (positive and any(stretch.start <= run[0].start < stretch.end for run in reading.runs))
    ahead = book.first("modality.on_withdrawal", text, max(0, cue.start - 60), cue.start)
    return not positive and ahead is not None and ";" not in text[ahead.end : cue.start]


def _until(reading: Reading, cue: Cue, until: int) -> list[Statement]:
    """As in "did not improve on A until B was added": B worked, A did not."""
    after = tuple(n for n in reading.named if n.start > until and n.use is not Use.VEHICLE)
    before = tuple(n for n in reading.named if n.end <= until and n.use is Use.GIVEN)
    made = [_outcome(reading, cue, Direction.EFFECTIVE, after)] if after else []
    return made + ([_outcome(reading, cue, Direction.NOT_EFFECTIVE, before)] if before else [])


def _opinion(
    reading: Reading, cue: Cue, run: tuple[Named, ...], hedge: Cue | None, negation: Cue | None
) -> list[Statement]:
    text, conditions = reading.sentence.text, reading.conditions(cue)
    if cue.group == "outcome.negative" or negation is not None:
        direction = Direction.NOT_EFFECTIVE
    elif hedge is not None or any(not _WHO.match(text, start) for start, _ in conditions):
        direction = Direction.CONDITIONAL
    else:
        direction = Direction.EFFECTIVE
    cues = tuple(sorted({c for c in (cue, hedge, negation) if c is not None}))
    hedged = hedge is not None
    return [
        Statement(
            reading.sentence,
            FindingKind.OPINION,
            direction,
            run,
            joint(text, run),
            cues,
            hedged,
            conditions,
            parts=reading.parts,
        )
    ]


def _of_advice(reading: Reading, cue: Cue, stretch: Stretch) -> list[Statement]:
    hedge, negation = hedge_of(reading, cue), negation_of(reading, cue)
    narrowed = _ONLY.search(reading.sentence.text, 0, cue.start) is not None
    way = _way(cue, hedged=hedge is not None or narrowed, negated=negation is not None)
    if way is None:
        return []
    kind, direction = way
    run, known = target_of(reading, cue, stretch, (), worked=True)
    run = _forbidden(reading, cue) or run
    if not known:
        return []
    hedged = direction is Direction.CONDITIONAL
    cues = tuple(sorted({c for c in (cue, hedge, negation) if c is not None}))
    together = joint(reading.sentence.text, run)
    against = direction is Direction.RECOMMENDED_AGAINST
    conditions = tuple(sorted({*reading.conditions(cue), *limits_of(reading, cues, run, against=against)}))
    return [
        Statement(
            reading.sentence, kind, direction, run, together, cues, hedged, conditions, parts=reading.parts
        )
    ]


def _forbidden(reading: Reading, cue: Cue) -> tuple[Named, ...]:
    """The agent right before "is contraindicated"."""
    behind = [
        (n, cue_book().behind("use.comparator_after", reading.sentence.text, n.end)) for n in reading.named
    ]
    return tuple(n for n, c in behind if c is not None and c.start <= cue.start < c.end)


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


def _alone(reading: Reading, made: list[Statement]) -> list[Statement]:
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
            parts=reading.parts,
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
