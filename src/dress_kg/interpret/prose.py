"""Which cells of a row hold free text, in which order they are read, and their sentences."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from dress_kg.interpret.clause import Sentence, sentences, stretches
from dress_kg.interpret.cues import cue_book
from dress_kg.interpret.mentions import AgentFinder, Named, Use, groups, named_agents, printed_in
from dress_kg.interpret.statement import Statement, statements
from dress_kg.records import Agent, FindingKind, Strategy

#: Cells of names, references and ratings; each has its own reader.
NOT_PROSE = frozenset({"drug", "reference", "level", "grade"})


@dataclass(frozen=True, slots=True)
class Passage:
    """A sentence of a row's free text.

    :ivar named: the agents named in it. :ivar said: what it states of them.
    :ivar advice: it gives advice or an opinion.
    """

    sentence: Sentence
    named: tuple[Named, ...]
    said: tuple[Statement, ...]
    advice: bool


def prose(cells: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """The cells with free text as (field, text), COMMENTS first, empty ones left out.

    >>> prose({"drug": "IVIG", "dose": "1 g/kg", "comments": "It worked", "level": "3"})
    (('comments', 'It worked'), ('dose', '1 g/kg'))
    """
    order = sorted((field for field in cells if field not in NOT_PROSE), key=lambda f: f != "comments")
    return tuple((field, cells[field]) for field in order if cells[field])


def passages(
    cells: Mapping[str, str], lexicon: AgentFinder, strategy: Strategy | None
) -> tuple[Passage, ...]:
    """The sentences of a row's free text, in order; six readers of a row ask for them in turn."""
    own = () if strategy is None else tuple(component.agent for component in strategy.components)
    return tuple(
        passage
        for field, text in prose(cells)
        for passage in _of_cell(field, text, lexicon, printed_in(text, own))
    )


# Cells of study designs and intervals repeat over a table; the readers of a row share those of its comments.
@lru_cache(maxsize=512)
def _of_cell(field: str, text: str, lexicon: AgentFinder, own: tuple[Agent, ...]) -> tuple[Passage, ...]:
    return tuple(_passages(sentences(field, text), lexicon, own))


def _passages(told: Iterable[Sentence], lexicon: AgentFinder, own: tuple[Agent, ...]) -> Iterator[Passage]:
    """The sentences of a cell, read; the agents that one introduces are carried to those after it."""
    carried: tuple[Named, ...] = ()
    for sentence in told:
        named = named_agents(sentence.text, lexicon, own)
        said = statements(sentence, named, carried)
        advice = any(each.kind is not FindingKind.REPORTED_OUTCOME for each in said)
        yield Passage(sentence, named, said, advice)
        breaks = [part.start for part in stretches(sentence.text, advice=False)]
        given = groups(sentence.text, [n for n in named if n.use is Use.GIVEN], breaks)
        introduced = cue_book().first("modality.introduced", sentence.text) is not None
        if given:
            carried = given[-1] if introduced else ()
        elif introduced:
            carried = ()
