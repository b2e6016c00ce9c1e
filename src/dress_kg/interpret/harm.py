"""Adverse events and deaths that a row reports, with how many of how many patients and what they are laid to.

Only what is reported: "no adverse events", "if adverse effects arise" and events before the treatment
make no harm. A denied death of so many patients is told as a death of none of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from dress_kg.interpret.clause import Part, Sentence, stretches
from dress_kg.interpret.cues import Cue, cue_book
from dress_kg.interpret.mentions import AgentFinder, Named, Use, named_agents
from dress_kg.interpret.prose import passages, prose
from dress_kg.records import Agent, Basis, Harm, Operator, Role, Strategy, Study

_NUMBERS = {
    w: n for n, w in enumerate("no one two three four five six seven eight nine ten eleven twelve".split())
}
_COUNT = rf"(?:\d{{1,4}}|{'|'.join(_NUMBERS)})"
_SHARE = re.compile(
    rf"\b(?P<part>{_COUNT})\s*(?:of|/|out\s+of)\s*(?:the\s+|all\s+)?(?P<whole>{_COUNT})\b(?:\s+(?:\w+\s+)?(?:patients|cases|subjects|children|adults))?",
    re.IGNORECASE,
)
_SOME = re.compile(
    rf"\b(?P<part>{_COUNT})\s+(?:\w+\s+)?(?:patients?|cases?|subjects?|children|adults)\b", re.IGNORECASE
)
_N_EQUALS = re.compile(r"\s*\(\s*n\s*=\s*(\d+)\s*\)", re.IGNORECASE)
_PHRASE_END = re.compile(
    r"[,.;:()]|\s+(?:and\s+\d|which|that|who|but|with|in\s+\d|after|during|leading|requiring|was|were|is|are|had|has)\b|$",
    re.IGNORECASE,
)
_SINGLE = re.compile(r"\b(?:the|a|this)\s+patient\b|\b(?:he|she|his|her)\b", re.IGNORECASE)
_NEVER = re.compile(
    r"\b(?:no|none|nobody|without|never|not|nor|any|free\s+of|absence\s+of|if|avoid\w*|risk\s+of|prevent\w*)\b[^.;,]{0,40}$",
    re.IGNORECASE,
)


def _number(word: str) -> int:
    return int(word) if word.isdecimal() else _NUMBERS[word.casefold()]


def read_harms(
    cells: Mapping[str, str], strategy: Strategy | None, study: Study | None, lexicon: AgentFinder
) -> tuple[Harm, ...]:
    """The harms a row reports, in the order of its cells.

    :param study: a single patient stands for "the patient" where the text names no number.
    """
    given = _Given(cells, strategy, lexicon)
    harms: list[Harm] = []
    for passage in passages(cells, lexicon, strategy):
        sentence = passage.sentence
        for rule in (_counted, _of_agent, _induced, _dose_changed, _dead, _caused):
            for harm in rule(sentence, passage.named, strategy, given):
                _keep(harms, _of_all(_of_only_agent(harm, strategy), sentence, study))
        for harm in _nobody_died(sentence, study):
            _keep(harms, harm)
    return tuple(harms)


class _Given:
    """The ids of the agents that the row speaks of as given; looked for once one is asked for."""

    def __init__(self, cells: Mapping[str, str], strategy: Strategy | None, lexicon: AgentFinder) -> None:
        self._row = cells, strategy, lexicon
        self._ids: set[str] | None = None

    def __contains__(self, agent: object) -> bool:
        if self._ids is None:
            cells, strategy, lexicon = self._row
            own = tuple(c.agent for c in strategy.components) if strategy else ()
            self._ids = {
                n.agent.id
                for _, text in prose(cells)
                for n in named_agents(text, lexicon, own)
                if n.use in {Use.GIVEN, Use.PARTNER, Use.HARMFUL}
            }
            self._ids |= {agent.id for agent in own}
        return agent in self._ids


def _of_only_agent(harm: Harm, strategy: Strategy | None) -> Harm:
    """An adverse effect that is laid to nothing, where one agent alone was given: inferred to be its own."""
    effect = cue_book().first("harm.effect", harm.event) is not None
    if harm.agent is not None or not effect or strategy is None or strategy.operator is not Operator.SINGLE:
        return harm
    given = [c.agent for c in strategy.components if c.role not in {Role.PRIOR, Role.EXCLUDED}]
    return replace(harm, agent=given[0], basis=Basis.INFERRED) if len(given) == 1 else harm


def _of_all(harm: Harm, sentence: Sentence, study: Study | None) -> Harm:
    """With the denominator that the same sentence prints beside another count, if it is the whole study."""
    wholes = {_number(m["whole"]) for m in _SHARE.finditer(sentence.text)}
    whole = wholes.pop() if len(wholes) == 1 else None
    if whole is None or study is None or study.patients != whole:
        return harm
    fits = harm.of_patients is None and harm.patients is not None and harm.patients <= whole
    return replace(harm, of_patients=whole) if fits else harm


def _nobody_died(sentence: Sentence, study: Study | None) -> Iterable[Harm]:
    """As in "There was no mortality", of the patients of the study where their number is known."""
    cue = cue_book().first("harm.no_death", sentence.text)
    if cue is None or study is None or study.patients is None or sentence.label is not None:
        return
    unsure = ["modality.hedge", "modality.unknown", "advice.recommend", "advice.weak", "markers.condition"]
    if not cue_book().find(sentence.text, unsure):
        yield Harm("death", None, 0, study.patients, None, (sentence.select(cue.start, cue.end),))


def _keep(harms: list[Harm], harm: Harm) -> None:
    """Add a harm unless its words are already a harm's; the fuller account stays."""
    one = harm.selections[0]
    for position, other in enumerate(harms):
        two = other.selections[0]
        if one.field == two.field and one.start < two.end and two.start < one.end:
            agent, patients = (
                other.agent or harm.agent,
                other.patients if other.patients is not None else harm.patients,
            )
            harms[position] = replace(other, agent=agent, patients=patients)
            return
    harms.append(harm)


def _reported(sentence: Sentence, position: int) -> bool:
    """Whether what stands at `position` is told as a fact."""
    if _NEVER.search(sentence.text, 0, position):
        return False
    advice = cue_book().find(
        sentence.text, ["modality.hedge", "advice.recommend", "advice.weak", "advice.candidate"]
    )
    hedged = any(c.group != "advice.candidate" for c in advice)
    part = next((s for s in stretches(sentence.text, advice=hedged) if s.start <= position < s.end), None)
    if part is None or part.part is not Part.CONDITION:
        return not any(c.group == "modality.hedge" and 0 <= position - c.end < 40 for c in advice)
    return not hedged and not (part.marker or "").casefold().startswith(("if", "unless", "in case", "when"))


def _phrase(text: str, start: int) -> int:
    """Where the noun phrase that starts at `start` ends: eight words at most."""
    match = _PHRASE_END.search(text, start)
    end = len(text) if match is None else match.start()
    words = list(re.finditer(r"\S+", text[start:end]))
    return start + words[min(len(words), 8) - 1].end() if words else start


def _severe(text: str) -> bool | None:
    """Whether the words say severe (True) or mild (False); None where they say neither, or both."""
    severe, mild = (cue_book().first(group, text) is not None for group in ("harm.serious", "harm.mild"))
    return None if severe is mild else severe


def _counted(
    sentence: Sentence, named: tuple[Named, ...], strategy: Strategy | None, given: _Given
) -> Iterable[Harm]:
    """As in "5 of 6 patients experienced severe adverse events"."""
    text, book = sentence.text, cue_book()
    if not book.may_hold("harm.suffered", text):
        return
    shares = list(_SHARE.finditer(text))
    some = [
        m
        for m in _SOME.finditer(text)
        if not any(m.start() < s.end() and s.start() < m.end() for s in shares)
    ]
    for match in (*shares, *some):
        verb = book.patterns["harm.suffered"].match(text, _after_space(text, match.end()))
        if verb is None or not _reported(sentence, match.start()):
            continue
        start = _after_space(text, verb.end())
        end = _phrase(text, start)
        noun = book.first("harm.noun", text, start, end)
        if noun is None or book.first("harm.no_event", text, start, start + 3):
            continue
        whole = match.groupdict().get("whole")
        part = _number(match["part"])
        if part:
            yield Harm(
                text[start:end],
                _laid_to(text, named, given, end),
                part,
                None if whole is None else _number(whole),
                _severe(text[start:end]),
                (sentence.select(match.start(), end), sentence.select(start, end)),
            )


def _laid_to(text: str, named: tuple[Named, ...], given: _Given, position: int) -> Agent | None:
    """The treatment that words right behind `position` lay an event to ("… due to A")."""
    for one in named:
        close = 0 <= one.start - position <= 40
        if close and one.agent.id in given and cue_book().before("culprit.caused_by", text, one.start):
            return one.agent
    return None


def _after_space(text: str, position: int) -> int:
    return position + len(text[position:]) - len(text[position:].lstrip())


def _of_agent(
    sentence: Sentence, named: tuple[Named, ...], strategy: Strategy | None, given: _Given
) -> Iterable[Harm]:
    """As in "IVIG adverse effects (n=2)"."""
    for one in named:
        cue = cue_book().behind("use.harm_after", sentence.text, one.end)
        if one.use is not Use.HARMFUL or cue is None or not _reported(sentence, one.start):
            continue
        number = _N_EQUALS.match(sentence.text, cue.end)
        end = cue.end if number is None else number.end()
        yield Harm(
            cue.exact,
            one.agent,
            None if number is None else int(number.group(1)),
            None,
            _severe(sentence.text[max(0, one.start - 20) : one.start]),
            (sentence.select(one.start, end), sentence.select(cue.start, cue.end)),
        )


def _induced(
    sentence: Sentence, named: tuple[Named, ...], strategy: Strategy | None, given: _Given
) -> Iterable[Harm]:
    """As in "steroid-induced diabetes mellitus", where the steroid is a treatment of the row."""
    text = sentence.text
    for one in named:
        cue = cue_book().behind("use.culprit_after", text, one.end)
        if (
            one.use is not Use.INDUCED
            or cue is None
            or one.agent.id not in given
            or not _reported(sentence, one.start)
        ):
            continue
        start = _after_space(text, cue.end)
        end = _phrase(text, start)
        if end > start and cue_book().first("culprit.reaction", text, start, end) is None:
            event = text[start:end]
            selections = (sentence.select(one.start, end), sentence.select(start, end))
            yield Harm(event, one.agent, _one(sentence, one.start), None, _severe(event), selections)


def _dose_changed(
    sentence: Sentence, named: tuple[Named, ...], strategy: Strategy | None, given: _Given
) -> Iterable[Harm]:
    """As in "reduced to 450 mg for general malaise", "stopped because of nausea"."""
    text, book = sentence.text, cue_book()
    for change in book.find(text, ["harm.changed"]):
        because = book.first("harm.because", text, change.end, min(len(text), change.end + 60))
        if because is None or re.search(r"[.;]\s", text[change.end : because.start]):
            continue
        start = _after_space(text, because.end)
        end = _phrase(text, start)
        event = text[start:end]
        plain = event and not event[0].isdigit() and book.patterns["harm.no_event"].match(text, start) is None
        known = book.first("harm.noun", text, start, end)
        if not plain or (known is None and because.exact.casefold() != "for" and len(event.split()) > 4):
            continue
        if known is None and any(start <= n.start < end for n in named):
            continue
        if known is None and because.exact.casefold() == "for" and sentence.field == "comments":
            continue  # "was stopped for a check-up": in prose, "for" alone is no sign of harm
        if _reported(sentence, change.start):
            agent, basis = _nearest(named, change, strategy)
            selections = (sentence.select(change.start, end), sentence.select(start, end))
            yield Harm(event, agent, None, None, _severe(event), selections, basis)


def _nearest(named: tuple[Named, ...], cue: Cue, strategy: Strategy | None) -> tuple[Agent | None, Basis]:
    """The agent named last before a cue; else, by inference, the strategy's only index agent."""
    before = [n for n in named if n.end <= cue.start and n.use is not Use.VEHICLE]
    if before:
        return before[-1].agent, Basis.STATED
    if strategy is None or strategy.operator is Operator.ALTERNATIVES:
        return None, Basis.STATED
    index = [c.agent for c in strategy.components if c.role is Role.INDEX]
    return (index[0], Basis.INFERRED) if len(index) == 1 else (None, Basis.STATED)


def _one(sentence: Sentence, position: int) -> int | None:
    """1 where the sentence speaks of one labelled case or one patient."""
    return 1 if sentence.label is not None or _SINGLE.search(sentence.text) else None


def _dead(
    sentence: Sentence, named: tuple[Named, ...], strategy: Strategy | None, given: _Given
) -> Iterable[Harm]:
    """As in "Case 1: died", "2 of 10 patients died"; it is laid to no agent by being told."""
    text, book = sentence.text, cue_book()
    for cue in book.find(text, ["harm.death"]):
        if not _reported(sentence, cue.start):
            continue
        share = next((m for m in _SHARE.finditer(text) if 0 <= cue.start - m.end() <= 20), None)
        some = next((m for m in _SOME.finditer(text) if 0 <= cue.start - m.end() <= 20), None)
        part = share or some
        whole = None if share is None else _number(share["whole"])
        patients = _one(sentence, cue.start) if part is None else _number(part["part"])
        start = cue.start if part is None else part.start()
        if patients != 0:
            yield Harm("death", None, patients, whole, True, (sentence.select(start, cue.end),))


def _caused(
    sentence: Sentence, named: tuple[Named, ...], strategy: Strategy | None, given: _Given
) -> Iterable[Harm]:
    """As in "A caused neutropenia", "neutropenia due to A", where A is a treatment of the row."""
    text, book = sentence.text, cue_book()
    for one in named:
        if one.use in {Use.INDUCED, Use.VEHICLE, Use.TARGETED}:
            continue
        caused = book.behind("harm.caused", text, one.end)
        because = book.before("culprit.caused_by", text, one.start)
        if (caused is None and not because) or one.agent.id not in given:
            continue  # asked last: who is given takes reading the whole row
        if caused is not None and (
            noun := book.first("harm.noun", text, caused.end, min(len(text), caused.end + 40))
        ):
            if _reported(sentence, noun.start):
                yield _told(sentence, one, noun, one.start, noun.end)
        elif because:
            nouns = [n for n in book.find(text, ["harm.noun"]) if 0 <= one.start - n.end <= 25]
            if nouns and _reported(sentence, nouns[-1].start):
                yield _told(sentence, one, nouns[-1], nouns[-1].start, one.end)


def _told(sentence: Sentence, one: Named, noun: Cue, start: int, end: int) -> Harm:
    serious = _severe(sentence.text[max(0, noun.start - 20) : noun.end])
    return Harm(
        noun.exact,
        one.agent,
        _one(sentence, start),
        None,
        serious,
        (sentence.select(start, end), sentence.select(noun.start, noun.end)),
    )
