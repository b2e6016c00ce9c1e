"""Agents and conditions named in a text, by the vocabularies in `ontology/vocab/`.

An abbreviation that means something else elsewhere ("CS" is corticosteroids in one table and
cyclosporine in another) is in no vocabulary: a source's profile declares it and :meth:`AgentLexicon.load`
is given it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from dress_kg import resources, terms
from dress_kg.errors import OntologyError
from dress_kg.interpret.concepts import Concept, read_concepts
from dress_kg.interpret.names import NameFinder
from dress_kg.records import Agent, AgentKind, AgentMention

_KINDS = {
    terms.ONTOLOGY + "Drug": AgentKind.DRUG,
    terms.ONTOLOGY + "DrugClass": AgentKind.DRUG_CLASS,
    terms.ONTOLOGY + "Biologic": AgentKind.BIOLOGIC,
    terms.ONTOLOGY + "Procedure": AgentKind.PROCEDURE,
}
_COMPOUND = re.compile(
    r"[-\s]{1,2}(sparing|induced|resistant|resistance|refractory|dependent|dependence|free|na[iï]ve|related|"
    r"associated|unresponsive|responsive|intolerant|triggered|caused|allergy|allergic|hypersensitivity)\b",
    re.IGNORECASE,
)
_MEASURED = re.compile(r"\s+(?:levels?|concentrations?|titers?|titres?|deficiency)\b", re.IGNORECASE)


def compound(text: str, end: int) -> str | None:
    """The word that turns a name ending at `end` into a description, lower-case, or None.

    A "steroid-sparing agent" is no steroid, "minocycline-induced" is no treatment.

    >>> compound("a steroid-sparing agent", 9)
    'sparing'
    >>> compound("oral steroid, cyclophosphamide", 12) is None
    True
    """
    hit = _COMPOUND.match(text, end)
    return None if hit is None else hit.group(1).lower()


class AgentLexicon:
    """The agents of the vocabulary by their names, with a source's own abbreviations."""

    def __init__(
        self,
        agents: Mapping[str, Agent],
        names: Mapping[str, tuple[str, ...]],
        abbreviations: Mapping[str, str],
    ) -> None:
        """:param agents: by id. :param names: all names of each id. :param abbreviations: short form to name.
        :raises OntologyError: an abbreviation stands for a name that no agent has.
        """
        self._agents = dict(agents)
        pairs = [(name, id_) for id_, its in names.items() for name in its]
        plain = NameFinder(pairs)
        cased: dict[str, str] = {}
        for short, meant in abbreviations.items():
            whole = self._whole(plain, meant)
            if meant in self._agents:
                whole = meant
            if whole is None:
                raise OntologyError(
                    f"the abbreviation {short!r} stands for an agent that the vocabulary does not know",
                    value=meant,
                    remedy="use a label of ontology/vocab/agents.ttl, or add the agent there",
                )
            cased[short] = whole
            if short.isupper():
                cased.setdefault(short.capitalize(), whole)  # tables print "CS" and "Cs" for the same
        self._finder = NameFinder(pairs, cased=cased) if cased else plain
        self._cached = lru_cache(maxsize=4096)(self._find)

    @classmethod
    def load(
        cls, *, abbreviations: Mapping[str, str] | None = None, path: Path | None = None
    ) -> AgentLexicon:
        """The shipped vocabulary (or the Turtle file `path`) with the abbreviations of a source.

        :raises OntologyError: the vocabulary or an abbreviation is inconsistent.
        """
        concepts = read_concepts(path or resources.folder("ontology") / "vocab" / "agents.ttl")
        agents = {
            c.id: Agent(
                c.id,
                c.label,
                next((kind for iri, kind in _KINDS.items() if iri in c.types), AgentKind.UNKNOWN),
                c.facts.get("routeName"),
                c.broader,
            )
            for c in concepts
        }
        return cls(agents, {c.id: c.names for c in concepts}, abbreviations or {})

    def find(self, text: str) -> tuple[AgentMention, ...]:
        """The agents named in a text, from left to right, never overlapping.

        >>> [(m.agent.label, m.exact) for m in AgentLexicon.load().find("Cyclosporine100 mg or IVIG")]
        [('cyclosporine', 'Cyclosporine'), ('intravenous immunoglobulin', 'IVIG')]
        """
        return self._cached(text)

    def _find(self, text: str) -> tuple[AgentMention, ...]:
        return tuple(
            AgentMention(
                self._agents[hit.value],
                hit.start,
                hit.end,
                text[hit.start : hit.end],
                "misspelt" if hit.misspelt else "exact",
            )
            for hit in self._finder.find(text)
            if not (self._agents[hit.value].kind is AgentKind.DRUG_CLASS and _MEASURED.match(text, hit.end))
        )

    def by_id(self, agent_id: str) -> Agent:
        """:raises KeyError: no agent of the vocabulary has this id."""
        return self._agents[agent_id]

    def resolve(self, name: str) -> Agent | None:
        """The agent that a whole name stands for, or None.

        >>> AgentLexicon.load().resolve("OKT3").label
        'muromonab-CD3'
        """
        found = self._whole(self._finder, name)
        return None if found is None else self._agents[found]

    @staticmethod
    def _whole(finder: NameFinder, name: str) -> str | None:
        hits = finder.find(name)
        trimmed = name.strip()
        start = len(name) - len(name.lstrip())
        if len(hits) == 1 and (hits[0].start, hits[0].end) == (start, start + len(trimmed)):
            return hits[0].value
        return None

    def agents(self) -> tuple[Agent, ...]:
        """All agents, by id."""
        return tuple(self._agents[key] for key in sorted(self._agents))

    def broader(self, agent: Agent) -> frozenset[str]:
        """Ids of all classes an agent is under, at any height."""
        above: set[str] = set()
        todo = list(agent.broader)
        while todo:
            one = todo.pop()
            if one not in above:
                above.add(one)
                todo.extend(self._agents[one].broader if one in self._agents else ())
        return frozenset(above)

    def words(self) -> frozenset[str]:
        """The words (three letters and more, lower-case, without accents) of all names."""
        return frozenset(word for word in self._finder.words if len(word) > 2)


@dataclass(frozen=True, slots=True)
class ConditionMention:
    """A condition named at `text[start:end]`.

    :ivar concept: id in `ontology/vocab/conditions.ttl`.
    :ivar organ: `kidney`, `liver`, `heart`, …, where the condition is one of an organ.
    :ivar virus: `CMV`, `EBV`, `HHV-6`, `HHV-7`, `HIV`, where it is one of a virus.
    """

    concept: str
    label: str
    organ: str | None
    virus: str | None
    start: int
    end: int
    exact: str


class ConditionLexicon:
    """The conditions of the vocabulary by their names."""

    def __init__(self, concepts: tuple[Concept, ...]) -> None:
        self._by_id = {c.id: c for c in concepts}
        self._finder = NameFinder([(name, c.id) for c in concepts for name in c.names])
        self._cached = lru_cache(maxsize=4096)(self._find)

    @classmethod
    def load(cls, *, path: Path | None = None) -> ConditionLexicon:
        """The shipped vocabulary, or the Turtle file `path`.

        :raises OntologyError: a concept without a preferred label.
        """
        return cls(read_concepts(path or resources.folder("ontology") / "vocab" / "conditions.ttl"))

    def find(self, text: str) -> tuple[ConditionMention, ...]:
        """The conditions named in a text, from left to right, never overlapping.

        Whether a patient has one is not said here ("no hepatitis" names hepatitis).

        >>> [(m.concept, m.organ) for m in ConditionLexicon.load().find("DRESS with hepatitis")]
        [('dress-syndrome', None), ('hepatitis', 'liver')]
        """
        return self._cached(text)

    def _find(self, text: str) -> tuple[ConditionMention, ...]:
        mentions = []
        for hit in self._finder.find(text):
            c = self._by_id[hit.value]
            exact = text[hit.start : hit.end]
            organ, virus = c.facts.get("organName"), c.facts.get("virus")
            mentions.append(ConditionMention(c.id, c.label, organ, virus, hit.start, hit.end, exact))
        return tuple(mentions)

    def label(self, concept: str) -> str:
        """The preferred label of a concept. :raises KeyError: there is no such concept."""
        return self._by_id[concept].label

    def words(self) -> frozenset[str]:
        """The words (three letters and more, lower-case, without accents) of all names."""
        return frozenset(word for word in self._finder.words if len(word) > 2)
