"""The agents a text names, and in what capacity: given, or only spoken of.

"steroid-sparing", "adjunct to steroids", "allopurinol-induced", "anti-HHV-6", "withdrawal of phenytoin",
"concerns about corticosteroids" and "in 200 mL 5% dextrose" all name something that was not given as a
treatment.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from enum import StrEnum
from itertools import pairwise
from typing import NamedTuple, Protocol

from dress_kg.interpret.cues import cue_book
from dress_kg.interpret.drug_names import recognised
from dress_kg.records import Agent, AgentMention


class AgentFinder(Protocol):
    """What this package needs of an agent lexicon."""

    def find(self, text: str) -> tuple[AgentMention, ...]:
        """The agents named in a text, in order, never overlapping."""
        ...

    def __hash__(self) -> int:
        """What is read once with a lexicon is kept by it."""
        ...


class Use(StrEnum):
    """The capacity in which an agent is named."""

    GIVEN = "given"
    PARTNER = "partner"
    INDUCED = "induced"
    SPARED = "spared"
    WITHDRAWN = "withdrawn"
    COMPARED = "compared"
    TARGETED = "targeted"
    VEHICLE = "vehicle"
    HARMFUL = "harmful"


class Named(NamedTuple):
    """An agent named at `text[start:end]`, and its use there."""

    agent: Agent
    start: int
    end: int
    exact: str
    use: Use


_BEFORE = {
    "use.vehicle_before": Use.VEHICLE,
    "use.anti_before": Use.TARGETED,
    "use.relation_before": Use.PARTNER,
    "use.withdrawn_before": Use.WITHDRAWN,
    "use.comparator_before": Use.COMPARED,
}
_BEHIND = {
    "use.culprit_after": Use.INDUCED,
    "use.sparing_after": Use.SPARED,
    "use.harm_after": Use.HARMFUL,
    "use.withdrawn_after": Use.WITHDRAWN,
    "use.comparator_after": Use.COMPARED,
}
_MODIFIER = (
    r"(?:the|a|an|of|oral|systemic|topical|intravenous|iv|pulse[sd]?|high|low|dose|high-dose|low-dose|initial|weekly|monthly|daily|"
    r"regular|drugs?|treatments?|therapy|therapies|infusions?|agents?|\([^)]{0,40}\)|\d+(?:[.,]\d+)?\s*(?:mg|g|mcg)(?:/\w+)*|once|twice)"
)
_LINK = (
    r"(?:\+|/|&|,|and/or|and|or|nor|neither|plus|with|as well as|together with|combined with|such as|"
    r"including|e\.?g\.?,?|like|followed by|but not)"
)
LIST_LINK = re.compile(
    rf"(?:\s[a-z](?=,))?[\s,]*(?:{_MODIFIER}[\s,]*)*(?:{_LINK}[\s,]*)+"
    rf"(?:(?:and|or|nor)[\s,]*)?(?:{_MODIFIER}[\s,]*)*",
    re.IGNORECASE,
)
_PLURAL = re.compile(r"(?:s|es)?(?!\w)")
_REPEATED = re.compile(r"\s*\(\s*")


def named_agents(text: str, lexicon: AgentFinder, own: tuple[Agent, ...] = ()) -> tuple[Named, ...]:
    """The agents named in a text, from left to right.

    :param own: the agents of the row's strategy; one counts though no vocabulary has it. So does a word with
        the ending of an international nonproprietary name, as an unmapped agent.
    """
    return _named_agents(text, lexicon, printed_in(text, own))


def agents_in(text: str, lexicon: AgentFinder, own: tuple[Agent, ...] = ()) -> list[Agent]:
    """The agents of :func:`named_agents`, in whatever capacity they are named, which takes more to tell."""
    return [agent for _, _, agent in _places(text, lexicon, printed_in(text, own))]


def _places(text: str, lexicon: AgentFinder, known: tuple[Agent, ...]) -> list[tuple[int, int, Agent]]:
    """(start, end, agent) of each agent that a text names, from left to right."""
    found = [(m.start, m.end, m.agent) for m in lexicon.find(text)]
    taken = bytearray(len(text))
    for start, end, _ in found:
        taken[start:end] = b"\1" * (end - start)
    for start, end, agent in _unmapped(text, known):
        if not any(taken[start:end]):
            taken[start:end] = b"\1" * (end - start)
            found.append((start, end, agent))
    found.sort(key=lambda place: place[0])
    return found


def _named_agents(text: str, lexicon: AgentFinder, known: tuple[Agent, ...]) -> tuple[Named, ...]:
    result: list[Named] = []
    for start, end, agent in _places(text, lexicon, known):
        named = Named(agent, start, end, text[start:end], Use.GIVEN)
        if (
            result
            and result[-1].agent == named.agent
            and _REPEATED.fullmatch(text, result[-1].end, named.start)
        ):
            continue  # "intravenous immunoglobulin (IVIG)": one mention
        use = _use(text, named)
        if use is Use.GIVEN and result and result[-1].use in {Use.PARTNER, Use.WITHDRAWN, Use.COMPARED}:
            link = LIST_LINK.fullmatch(text, result[-1].end, named.start)
            goes_on = link is not None and "with" not in link.group() and not _opens_main(text, result, link)
            before = result[-1].use if goes_on else Use.GIVEN
            use = before if cue_book().first("outcome.negative_of", text, named.start) is None else use
        result.append(named if use is Use.GIVEN else named._replace(use=use))
    return tuple(result)


def _opens_main(text: str, before: list[Named], link: re.Match[str]) -> bool:
    """As in "Unlike A, B was effective": the comma ends the comparison, B is the subject."""
    if before[-1].use is not Use.COMPARED or not re.fullmatch(r"\s*,\s*(?:the\s+|\w+\s+)?", link.group()):
        return False
    first = next(n for n in before if n.use is Use.COMPARED)
    opening = cue_book().first("use.comparator_before", text, 0, first.start)
    return opening is not None and not text[: opening.start].strip(" ,(")


def printed_in(text: str, own: tuple[Agent, ...]) -> tuple[Agent, ...]:
    """The agents of the strategy that the text may name by their label."""
    if not own or not text.isascii():
        return own
    lowered = text.lower()
    return tuple(agent for agent in own if not agent.label.isascii() or agent.label.lower() in lowered)


def _unmapped(text: str, known: tuple[Agent, ...]) -> Iterable[tuple[int, int, Agent]]:
    for agent in known:
        yield from ((start, end, agent) for start, end in _labelled(text, agent.label))
    yield from ((m.start, m.end, m.agent) for m in recognised(text))


def _labelled(text: str, label: str) -> Iterator[tuple[int, int]]:
    """Where a text prints a label as a word or words, in any case, or its plural."""
    if not label or not (text.isascii() and label.isascii()):
        pattern = rf"(?<!\w){re.escape(label)}(?:s|es)?(?!\w)"
        yield from (m.span() for m in re.finditer(pattern, text, re.IGNORECASE))
        return
    lowered, wanted = text.lower(), label.lower()
    start = lowered.find(wanted)
    while start >= 0:
        end = _PLURAL.match(lowered, start + len(wanted))
        if end is not None and not (start and (text[start - 1].isalnum() or text[start - 1] == "_")):
            yield start, end.end()
            start = lowered.find(wanted, end.end())
        else:
            start = lowered.find(wanted, start + 1)


def _use(text: str, named: Named) -> Use:
    book = cue_book()
    for group, use in _BEHIND.items():
        if book.behind(group, text, named.end) is not None:
            return use
    for group, use in _BEFORE.items():
        if book.before(group, text, named.start):
            return use
    return Use.GIVEN


def groups(text: str, named: Iterable[Named], breaks: Iterable[int] = ()) -> tuple[tuple[Named, ...], ...]:
    """The mentions in runs that the text lists together ("A, B and C", "A with B", "A + B").

    A mention joined by "in conjunction with" or after "-induced" is in nobody's list.
    :param breaks: places that no list reaches across, such as where a subordinate clause begins or ends.
    """
    borders = tuple(breaks)
    runs: list[list[Named]] = []
    for one in named:
        cut = bool(runs) and any(runs[-1][-1].end <= border <= one.start for border in borders)
        if runs and not cut and LIST_LINK.fullmatch(text, runs[-1][-1].end, one.start):
            runs[-1].append(one)
        else:
            runs.append([one])
    return tuple(tuple(run) for run in runs)


def joint(text: str, run: tuple[Named, ...]) -> bool:
    """Whether the agents of a run are spoken of as given together, not each by itself.

    "A and B", "A + B", "A with B" and "combination of A, B and C" are joint; "A or B" and "A, B and C"
    are not.
    """
    if len(run) < 2:
        return True
    before = text[max(0, run[0].start - 30) : run[0].start].casefold()
    if "combination of" in before or "combined" in before:
        return True
    links = [text[a.end : b.start].casefold() for a, b in pairwise(run)]
    return not any(re.search(r",|\bn?or\b|\bneither\b|such as|including|\blike\b", link) for link in links)
