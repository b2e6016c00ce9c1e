"""Drugs held to have caused the reaction that is treated, as the free text says.

"A-induced DRESS" and "DRESS due to A" state it; "treated with A who developed DRESS" is a sequence in time
from which it is inferred. "steroid-induced diabetes" speaks of a treatment's harm and is no culprit here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from dress_kg.interpret.clause import Sentence
from dress_kg.interpret.cues import Cue, cue_book
from dress_kg.interpret.drug_names import unmapped_agent
from dress_kg.interpret.mentions import AgentFinder, Named, Use
from dress_kg.interpret.prose import passages
from dress_kg.records import Basis, Culprit, Selection, Strategy

_REACH = 70
_INDUCED = re.compile(r"(?<![\w-])([A-Za-z]{5,})(?:-\s?|\s)induced\b", re.IGNORECASE)


def read_culprits(
    cells: Mapping[str, str], strategy: Strategy | None, lexicon: AgentFinder
) -> tuple[Culprit, ...]:
    """The culprit and suspected drugs of a row.

    :param cells: repaired cell texts by field name.
    :param strategy: what was given for the reaction; its agents are no culprits.
    """
    own = frozenset() if strategy is None else frozenset(c.agent.id for c in strategy.components)
    found: dict[str, Culprit] = {}
    for passage in passages(cells, lexicon, strategy):
        sentence, known = passage.sentence, passage.named
        for named in (*known, *_unknown(sentence.text, known)):
            held = None if named.agent.id in own else _held(sentence, named)
            if held is None:
                continue
            suspected, basis, start, end = held
            selections: tuple[Selection, ...] = (sentence.select(start, end),)
            before = found.get(named.agent.id)
            if before is not None:
                selections = (*before.selections, *selections)
                suspected, basis = before.suspected and suspected, min(before.basis, basis, key=_firmness)
            found[named.agent.id] = Culprit(named.agent, suspected, selections, basis)
    return tuple(found.values())


def _unknown(text: str, known: tuple[Named, ...]) -> Iterable[Named]:
    """A word before "-induced" that no vocabulary has, as an unmapped agent if it may name a drug."""
    for match in _INDUCED.finditer(text):
        start, end = match.span(1)
        if all(end <= n.start or start >= n.end for n in known) and not _is_no_drug(match.group(1)):
            label = match.group(1).lower()
            yield Named(unmapped_agent(label), start, end, match.group(1), Use.INDUCED)


def _is_no_drug(word: str) -> bool:
    return cue_book().patterns["culprit.no_drug"].fullmatch(word) is not None


def _firmness(basis: Basis) -> int:
    return (Basis.CURATED, Basis.STATED, Basis.INFERRED).index(basis)


def _held(sentence: Sentence, named: Named) -> tuple[bool, Basis, int, int] | None:
    """Whether suspected only, on what basis, and the characters that say so; None if not held a culprit."""
    text, book = sentence.text, cue_book()
    reactions = book.find(text, ["culprit.reaction"])
    doubt = book.find(text, ["culprit.suspected"])
    suspected = any(0 <= named.start - d.end <= 14 for d in doubt) or bool(
        re.match(r"\W{0,2}(?:\w+\W+){0,2}(?:was|were|is)\s+suspected", text[named.end :])
    )
    behind = book.behind("culprit.named_behind", text, named.end)
    if behind is not None or book.before("culprit.named_culprit", text, named.start):
        return suspected, Basis.STATED, named.start, named.end if behind is None else behind.end
    after = [r for r in reactions if r.start - named.end >= 0]
    if named.use is Use.INDUCED:
        if not after:
            return None
        return suspected, Basis.STATED, named.start, after[0].end
    before = [r for r in reactions if r.end <= named.start]
    return _by_sequence(text, named, before, after, suspected=suspected)


def _by_sequence(
    text: str, named: Named, before: list[Cue], after: list[Cue], *, suspected: bool
) -> tuple[bool, Basis, int, int] | None:
    book = cue_book()
    if before and named.start - before[-1].end <= _REACH:
        if book.before("culprit.caused_by", text, named.start) and named.use is not Use.WITHDRAWN:
            linked = text[before[-1].end : named.start]
            if not re.search(r"\b(?:treat|administ|given|improv|resol|recover)", linked, re.IGNORECASE):
                return suspected, Basis.STATED, before[-1].start, named.end
        developed = re.search(
            r"\b(?:developed|presented|experienced|occurred)\b", text[: named.start], re.IGNORECASE
        )
        if developed and book.before("culprit.temporal", text, named.start):
            return suspected, Basis.INFERRED, min(developed.start(), before[-1].start), named.end
    if after:
        between = text[named.end : after[0].start]
        developed_later = book.first("culprit.developed", text, named.end, after[0].start)
        if developed_later is not None and len(between) <= _REACH:
            return suspected, Basis.INFERRED, named.start, after[0].end
    return None
