"""The circumstances a row tells: organs, viruses, other diseases, severity, what had failed, whose case.

A circumstance of advice ("may be used if signs of severity") is marked hypothetical: it is no fact
about patients.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Protocol

from dress_kg.interpret.clause import Part, Sentence, Stretch, stretches
from dress_kg.interpret.cues import Cue, cue_book
from dress_kg.interpret.mentions import AgentFinder, Use
from dress_kg.interpret.prose import Passage, passages
from dress_kg.records import (
    Component,
    ContextKind,
    ContextStatement,
    Culprit,
    Direction,
    Finding,
    FindingKind,
    Harm,
    Role,
    Selection,
    Strategy,
)


class ConditionNamed(Protocol):
    """A condition named at `text[start:end]`."""

    @property
    def concept(self) -> str:
        """Its id in the condition vocabulary."""
        ...

    @property
    def label(self) -> str:
        """Its preferred label."""
        ...

    @property
    def organ(self) -> str | None:
        """The organ it is of."""
        ...

    @property
    def virus(self) -> str | None:
        """The virus it is of."""
        ...

    @property
    def start(self) -> int:
        """Where the name begins."""
        ...

    @property
    def end(self) -> int:
        """Where it ends."""
        ...


class ConditionFinder(Protocol):
    """What this module needs of a condition lexicon."""

    def find(self, text: str) -> tuple[ConditionNamed, ...]:
        """The conditions named in a text, in order, never overlapping."""
        ...


_ORGAN_REACH = 3
_DENIED = re.compile(
    r"\b(?:no|without|not|never|nor|absence\s+of|free\s+of|anti)\b[^.;,]{0,25}$|\banti-?$", re.IGNORECASE
)


def read_contexts(  # noqa: PLR0913 -- four of them are what the other readers of the row made of it
    cells: Mapping[str, str],
    strategy: Strategy | None,
    lexicon: AgentFinder,
    conditions: ConditionFinder,
    *,
    findings: tuple[Finding, ...] = (),
    harms: tuple[Harm, ...] = (),
    culprits: tuple[Culprit, ...] = (),
    others: tuple[Component, ...] = (),
    condition: str | None = "dress-syndrome",
) -> tuple[ContextStatement, ...]:
    """The circumstances a row tells, in the order of its cells.

    :param findings: the row's findings; what failed before its treatment is a circumstance of it.
    :param harms: the row's harms; what followed treatment is none.
    :param culprits: a condition "treated with" one of them is an underlying disease.
    :param others: the agents of other cells with their role.
    :param condition: id of the condition that the row is about.
    """
    taken = [h.selections[0] for h in harms]
    blamed = [s for c in culprits for s in c.selections]
    made: list[ContextStatement] = []
    for passage in passages(cells, lexicon, strategy):
        sentence, advice = passage.sentence, passage.advice
        parts = stretches(sentence.text, advice=advice)
        read = [*_conditions(sentence, conditions, condition), *_organs(sentence), *_functions(sentence)]
        read += _plain(sentence)
        read += _failed_conditions(passage, parts) if advice else []
        dosing = sentence.field in {"dose", "interval"}
        for one in read:
            _keep(made, _placed(_underlying(one, blamed), sentence, parts, advice=advice or dosing), taken)
    for finding in findings:
        _keep(made, _failed(finding, strategy, others), [])
    return tuple(made)


def _underlying(one: ContextStatement, blamed: list[Selection]) -> ContextStatement:
    """An organ's disease for which the culprit was taken ("polyarthritis treated with A") is a
    comorbidity.
    """
    place = one.selections[0]
    taken_for = any(b.field == place.field and 0 <= b.start - place.end <= 14 for b in blamed)
    infection = one.kind is ContextKind.ORGAN and one.label.endswith("infection")
    return replace(one, kind=ContextKind.COMORBIDITY) if taken_for or infection else one


def _placed(
    one: ContextStatement, sentence: Sentence, parts: tuple[Stretch, ...], *, advice: bool
) -> ContextStatement | None:
    """The statement, marked hypothetical where its stretch is a condition of advice; None where denied."""
    start = one.selections[0].start - sentence.start
    part = next(s for s in parts if s.start <= start < s.end)
    if _DENIED.search(sentence.text[:start]):
        return None
    possible = part.part is Part.CONDITION and (advice or (part.marker or "").casefold() in {"if", "unless"})
    return replace(one, hypothetical=possible or one.hypothetical)


def _keep(made: list[ContextStatement], one: ContextStatement | None, taken: Iterable[Selection]) -> None:
    """Add a statement, or its words to the same one made before; not what a fuller one covers already."""
    if one is None:
        return
    place = one.selections[0]
    if any(t.field == place.field and t.start <= place.start < t.end for t in taken):
        return
    for position, other in enumerate(made):
        if (other.kind, other.label, other.hypothetical) == (one.kind, one.label, one.hypothetical):
            selections = tuple(dict.fromkeys((*other.selections, *one.selections)))
            made[position] = replace(other, selections=selections)
            return
        covered = any(
            t.field == place.field and t.start <= place.start and place.end <= t.end for t in other.selections
        )
        if (
            covered
            and one.kind is not ContextKind.PRIOR_FAILURE
            and (other.kind is one.kind or other.concept)
        ):
            return
    made.append(one)


def _conditions(
    sentence: Sentence, conditions: ConditionFinder, condition: str | None
) -> Iterable[ContextStatement]:
    for named in conditions.find(sentence.text):
        if named.concept == condition:
            continue
        if named.virus is not None:
            kind = ContextKind.VIRUS
        else:
            kind = ContextKind.ORGAN if named.organ is not None else ContextKind.COMORBIDITY
        if "overlap" in sentence.text.casefold() or named.concept == "organ-involvement":
            kind = ContextKind.OTHER if named.organ is None and named.virus is None else kind
        kind = _unless_complication(kind, sentence.text, named.start)
        if "reactivation" in named.concept or "viral" in named.concept:
            kind = ContextKind.VIRUS
        yield ContextStatement(
            kind, named.label, (sentence.select(named.start, named.end),), named.concept, named.organ
        )


def _unless_complication(kind: ContextKind, text: str, start: int) -> ContextKind:
    """What is named as a complication of the disease is no other disease."""
    lead = text[max(0, start - 80) : start]
    named = cue_book().first("context.complication", lead) is not None
    return ContextKind.OTHER if kind is ContextKind.COMORBIDITY and named else kind


def _organs(sentence: Sentence) -> Iterable[ContextStatement]:
    """As in "ocular and severe kidney involvement": each organ word that a word of harm follows closely."""
    text, book = sentence.text, cue_book()
    for organ, cue in _organ_words(text):
        harm = book.first("context.involvement", text, cue.end)
        if (
            harm is None
            or len(text[cue.end : harm.start].split()) > _ORGAN_REACH
            or "," in text[cue.end : harm.start]
        ):
            continue
        selection = sentence.select(cue.start, harm.end)
        yield ContextStatement(ContextKind.ORGAN, f"{organ} {_plain_word(harm)}", (selection,), None, organ)


def _functions(sentence: Sentence) -> Iterable[ContextStatement]:
    """As in "impaired renal function"; one that recovered is told of, which is no involvement."""
    text, book = sentence.text, cue_book()
    for organ, cue in _organ_words(text):
        word = book.behind("context.function", text, cue.end)
        if word is None:
            continue
        impaired = book.before("context.impaired_before", text, cue.start)
        selection = (sentence.select(cue.start, word.end),)
        if impaired or book.behind("context.impaired_after", text, word.end) is not None:
            yield ContextStatement(ContextKind.ORGAN, f"{organ} function impaired", selection, None, organ)
        elif book.first("context.regained", text) is not None:
            yield ContextStatement(ContextKind.OTHER, f"{organ} function regained", selection, None, organ)


def _organ_words(text: str) -> Iterator[tuple[str, Cue]]:
    """Each organ that the text names, with the word."""
    book = cue_book()
    for group in book.possible(text, "organ"):
        organ = group.rsplit(".", 1)[1].replace("_", " ")
        for cue in book.find(text, [group]):
            yield organ, cue


def _plain_word(harm: Cue) -> str:
    word = harm.exact.casefold()
    return "dysfunction" if word.endswith("sfunction") else word


def _plain(sentence: Sentence) -> Iterable[ContextStatement]:
    kinds = {
        "context.severity": ContextKind.SEVERITY,
        "context.population": ContextKind.POPULATION,
        "context.viral": ContextKind.VIRUS,
        "context.comorbidity": ContextKind.COMORBIDITY,
        "context.relapse": ContextKind.OTHER,
    }
    for cue in cue_book().find(sentence.text, kinds):
        kind = _unless_complication(kinds[cue.group], sentence.text, cue.start)
        yield ContextStatement(kind, cue.exact, (sentence.select(cue.start, cue.end),))


def _failed_conditions(passage: Passage, parts: tuple[Stretch, ...]) -> Iterable[ContextStatement]:
    """A failure that advice names as its condition: "who do not respond to A", "after A failure"."""
    sentence, text, book = passage.sentence, passage.sentence.text, cue_book()
    named = [n for n in passage.named if n.use is Use.GIVEN]
    for part in parts:
        if part.part is not Part.CONDITION:
            continue
        inside = [n for n in named if part.start <= n.start < part.end]
        for one in inside:
            suffix = book.behind("outcome.negative_suffix", text, one.end)
            of = [
                c
                for c in book.find(text, ["outcome.negative_of", "line.unrelieved"])
                if part.start <= c.start < one.start
            ]
            if suffix is None and not of:
                continue
            start, end = (one.start, suffix.end) if suffix is not None else (of[-1].start, one.end)
            label = f"failure of {one.agent.label}"
            yield ContextStatement(
                ContextKind.PRIOR_FAILURE, label, (sentence.select(start, end),), hypothetical=True
            )


def _failed(
    finding: Finding, strategy: Strategy | None, others: tuple[Component, ...]
) -> ContextStatement | None:
    """A treatment that had failed before, told as an outcome."""
    if finding.direction is not Direction.NOT_EFFECTIVE or finding.kind is not FindingKind.REPORTED_OUTCOME:
        return None
    prior = {c.agent.id for c in others if c.role is Role.PRIOR}
    if strategy is not None:
        prior |= {c.agent.id for c in strategy.components if c.role is Role.PRIOR}
    failed = [t for t in finding.targets if t.id in prior]
    if not failed:
        return None
    label = "failure of " + " and ".join(t.label for t in failed)
    return ContextStatement(ContextKind.PRIOR_FAILURE, label, (finding.selections[0],))
