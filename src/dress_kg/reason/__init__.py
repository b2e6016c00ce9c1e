"""Reasoning over a graph: is it consistent, and which items are in which defined class?

    quads -> facts for OWL (ontology) -> HermiT (hermit) or OWL RL (rl)
          -> classes of items with provenance, or an explanation (explain)

The inferences go to the graph `inferred` of each source; :func:`without` takes them out again.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal as Choice

from pyoxigraph import Literal, NamedNode, Quad, Store

from dress_kg import terms
from dress_kg.errors import CallError
from dress_kg.ontology import Triple, facts, vocabulary
from dress_kg.reason import hermit, rl
from dress_kg.reason.explain import Explanation, Judge, explain
from dress_kg.reason.hermit import Classified

REASONERS = ("auto", "hermit", "rl")
HERMIT_ITEMS = 100
"""Items up to which `auto` takes HermiT: 35 take about ten seconds, and its time grows faster than they."""
_TYPE = NamedNode(terms.PREFIXES["rdf"] + "type")
_LABEL = NamedNode(terms.PREFIXES["rdfs"] + "label")


@dataclass(frozen=True, slots=True)
class Reasoning:
    """What came out. :ivar reasoner: its name and version. :ivar ontology: the version IRI reasoned with.

    :ivar types: item and class, both as IRIs; empty where the graph is inconsistent.
    :ivar unsatisfiable: classes that can have no member.
    :ivar explanation: of an inconsistency, else None.
    """

    reasoner: str
    ontology: str
    seconds: float
    consistent: bool
    types: frozenset[tuple[str, str]]
    unsatisfiable: tuple[str, ...] = ()
    explanation: Explanation | None = None

    def counts(self) -> dict[str, int]:
        """Members by class, by the class's local name."""
        found = Counter(cls for _, cls in self.types)
        return {cls.removeprefix(terms.ONTOLOGY): found[cls] for cls in sorted(vocabulary().defined)}


def reason(
    quads: Iterable[Quad],
    *,
    reasoner: str = "auto",
    timeout: float = 120.0,
    base: str = terms.DATA,
) -> Reasoning:
    """Check a graph for consistency and classify its items.

    :param reasoner: `hermit` (OWL 2 DL), `rl` (OWL 2 RL), or `auto`: HermiT for up to 100 items.
    :param timeout: wall seconds that HermiT may take, and again the search for an explanation.
    :raises ReasonerError: time is up. :raises MissingPartError: the extra `reason` is not installed.
    """
    given = list(quads)
    chosen = _choose(reasoner, given)
    known = vocabulary()
    triples = [*known.logic, *(triple for triple, _ in facts(given))]
    start = time.perf_counter()
    if chosen == "hermit":
        found = hermit.classify(triples, known.defined, timeout)
    else:
        found = rl.classify(triples, known.defined)
    seconds = time.perf_counter() - start
    told = hermit.name() if chosen == "hermit" else rl.name()
    why = None if found.consistent else _explain(given, triples, timeout, base)
    return Reasoning(told, known.version, seconds, found.consistent, found.types, found.unsatisfiable, why)


def _choose(reasoner: str, quads: Sequence[Quad]) -> Choice["hermit", "rl"]:
    if reasoner not in REASONERS:
        raise CallError("unknown reasoner", value=reasoner, remedy=f"one of {', '.join(REASONERS)}")
    if reasoner != "auto":
        return "hermit" if reasoner == "hermit" else "rl"
    item = NamedNode(terms.ONTOLOGY + "EvidenceItem")
    items = sum(quad.predicate == _TYPE and quad.object == item for quad in quads)
    return "hermit" if items <= HERMIT_ITEMS else "rl"


def _explain(quads: Sequence[Quad], triples: list[Triple], timeout: float, base: str) -> Explanation:
    """By the rule engine where it sees the clash, else by HermiT."""
    store = Store()
    store.bulk_extend(quads)

    def by_rules(some: Iterable[Triple]) -> bool:
        return next(rl.clashes(some), None) is not None

    def by_hermit(some: Iterable[Triple]) -> bool:
        found: Classified = hermit.classify(some, (), timeout)
        return not found.consistent

    judge: Judge = by_rules if by_rules(triples) else by_hermit
    return explain(quads, store, judge, timeout, base)


def inferred_quads(reasoning: Reasoning, base: str = terms.DATA) -> set[Quad]:
    """The classes of the items in the graphs `inferred` of their sources, and who inferred them with what."""
    quads: set[Quad] = set()
    sources: set[str] = set()
    for item, cls in reasoning.types:
        source = terms.source_of_node(item, base)
        if source is not None:
            sources.add(source)
            graph = NamedNode(terms.source_graph(source, "inferred", base))
            quads.add(Quad(NamedNode(item), _TYPE, NamedNode(cls), graph))
    for source in sources:
        quads |= _provenance(source, reasoning, base)
    return quads


def _provenance(source: str, reasoning: Reasoning, base: str) -> set[Quad]:
    prov, xsd = terms.PREFIXES["prov"], terms.PREFIXES["xsd"]
    graph = NamedNode(terms.source_graph(source, "inferred", base))
    activity = NamedNode(terms.reasoning(source, base))
    agent = NamedNode(terms.part(activity.value, "reasoner"))
    text = NamedNode(xsd + "string")
    return {
        Quad(graph, NamedNode(prov + "wasGeneratedBy"), activity, graph),
        Quad(activity, _TYPE, NamedNode(prov + "Activity"), graph),
        Quad(activity, _LABEL, Literal("classification by OWL", datatype=text), graph),
        Quad(activity, NamedNode(prov + "used"), NamedNode(reasoning.ontology), graph),
        Quad(activity, NamedNode(prov + "wasAssociatedWith"), agent, graph),
        Quad(agent, _TYPE, NamedNode(prov + "SoftwareAgent"), graph),
        Quad(agent, _LABEL, Literal(reasoning.reasoner, datatype=text), graph),
    }


def without(quads: Iterable[Quad], base: str = terms.DATA) -> set[Quad]:
    """The graph without what a reasoner inferred; derived knowledge stays."""
    defined = vocabulary().defined
    mark = f"{base}reasoning/"

    def inferred(quad: Quad) -> bool:
        if not str(quad.graph_name)[1:-1].endswith("/inferred"):
            return False
        if quad.predicate == _TYPE and isinstance(quad.object, NamedNode) and quad.object.value in defined:
            return True
        subject = quad.subject.value if isinstance(quad.subject, NamedNode) else ""
        target = quad.object.value if isinstance(quad.object, NamedNode) else ""
        return subject.startswith(mark) or target.startswith(mark)

    return {quad for quad in quads if not inferred(quad)}
