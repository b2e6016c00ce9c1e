"""Know that a word names a drug which the vocabulary does not hold.

By the endings of the WHO's international nonproprietary names (`names.stems` of the cue file) and by the
list `mappings/drug-names.txt`. Recognising is all: such an agent has no identifier and no class. English
words are in neither, so that prose without drugs yields none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from dress_kg import terms
from dress_kg.interpret.agents import compound
from dress_kg.interpret.cues import cue_book
from dress_kg.records import Agent, AgentKind, AgentMention
from dress_kg.resources import folder

_WORD = re.compile(r"(?<!\w)(?:\d-)?[^\W\d_]+")
_JOINED = re.compile(r"[-/]([^\W\d_]{6,})(?!\w)")
# Named like drugs by their ending, but measured in the body or found in nature.
_WORDS_KEPT = 50_000
_NO_DRUGS = frozenset("cystatin myostatin follistatin angiostatin endostatin provolone toltecan".split())


@lru_cache(maxsize=4096)
def unmapped_agent(name: str) -> Agent:
    """An agent that the vocabulary does not hold, under a name; its id is apart from all concepts' ids.

    >>> unmapped_agent("MEK Inhibitor PD0325901").id
    'agent/mek-inhibitor-pd0325901'
    """
    return Agent("agent/" + (terms.slug(name) or "unnamed"), name, AgentKind.UNKNOWN)


@dataclass(frozen=True, slots=True)
class DrugNames:
    """The listed names, lower-case with blanks as hyphens, each with the form it is labelled by.

    :ivar anywhere: in any text. :ivar dosed: also in a dosing text.
    :ivar first: what stands before a hyphen of one of them: by these words two are looked up together.
    :ivar no_names: words as printed that begin no name, once they have been looked up; `may_name` the others.
    """

    anywhere: dict[str, str]
    dosed: dict[str, str]
    first: frozenset[str]
    no_names: set[str] = field(default_factory=set)
    may_name: set[str] = field(default_factory=set)


@lru_cache(maxsize=1)
def drug_names() -> DrugNames:
    """The names of `mappings/drug-names.txt`."""
    anywhere: dict[str, str] = {}
    dosed: dict[str, str] = {}
    into = anywhere
    for line in (folder("mappings") / "drug-names.txt").read_text("utf-8").splitlines():
        if line.strip() == "# doses":
            into = dosed
        elif not line.startswith("#"):
            into.update({name.lower(): name for name in line.split()})
    every = anywhere | dosed
    first = {name[:place] for name in every for place, sign in enumerate(name) if sign == "-"}
    return DrugNames(anywhere, every, frozenset(first))


def recognised(text: str, *, dosed: bool = False) -> Iterator[AgentMention]:
    """The drugs that a text names by an ending or a listed name, from left to right, as unmapped agents.

    :param dosed: the text is of doses, where "insulin" is a drug and not a substance of the body.

    >>> [m.agent.label for m in recognised("Gemcitabine and 5-FU, then statins; no effect on cystatin C")]
    ['gemcitabine', '5-FU']
    """
    listed = drug_names()
    # Most texts name no such drug, which their words alone tell.
    if listed.no_names.issuperset(printed := _WORD.findall(text)) or not (named := _named(printed, listed)):
        return
    names = listed.dosed if dosed else listed.anywhere
    hits = list(_WORD.finditer(text))
    past = 0
    for n, hit in enumerate(hits):
        if printed[n] not in named or hit.start() < past:
            continue
        end, word, label = hit.end(), hit.group().lower(), None
        if word in listed.first and n + 1 < len(hits):
            label = _pair(text, hit, hits[n + 1], names)
        if label is not None:
            end = hits[n + 1].end()
        else:
            label = names.get(word, word if _has_stem(word) else None)
            joined = None if label is None else _JOINED.match(text, end)
            if label and joined and compound(text, end) is None and not _is_name(joined[1], names):
                label, end = label + joined.group().lower(), joined.end()  # "piperacillin-tazobactam"
        if label is not None:
            past = end
            yield AgentMention(unmapped_agent(label), hit.start(), end, text[hit.start() : end], "unmapped")


def _named(words: Iterable[str], listed: DrugNames) -> set[str]:
    """Those of the words that may begin a name."""
    named = set(words) - listed.no_names
    for word in named - listed.may_name:
        low = word.lower()
        if low in listed.dosed or low in listed.first or _has_stem(low):
            known = listed.may_name
        else:
            known = listed.no_names
            named.discard(word)
        if len(known) > _WORDS_KEPT:
            known.clear()
        known.add(word)
    return named


def _is_name(word: str, names: Mapping[str, str]) -> bool:
    return word.lower() in names or _has_stem(word.lower())


def _pair(text: str, one: re.Match[str], other: re.Match[str], names: Mapping[str, str]) -> str | None:
    """The label of a listed name of two words ("folic acid", "G-CSF"), or None."""
    between = text[one.end() : other.start()]
    if between not in (" ", "-"):
        return None
    label = names.get(f"{one.group()}-{other.group()}".lower())
    return None if label is None else label.replace("-", between)


@lru_cache(maxsize=16384)
def _has_stem(word: str) -> bool:
    return word not in _NO_DRUGS and cue_book().patterns["names.stems"].fullmatch(word) is not None
