"""Why facts are inconsistent: the fewest axioms and facts that contradict each other, and their cells.

First the items are narrowed down to those at fault, then axioms and facts are divided until each that is
left is needed (QuickXplain: Junker, AAAI 2004). Where the rule engine sees the clash it is the judge, which
takes milliseconds; else HermiT is, as long as the time lasts.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from dress_kg import terms
from dress_kg.ontology import Triple, facts, vocabulary
from dress_kg.reason.axioms import Axiom, axioms, fact, sentence
from dress_kg.validate.locate import Locator, Place

if TYPE_CHECKING:
    from pyoxigraph import Quad, Store

Judge = Callable[[Iterable[Triple]], bool]
"""True where the triples, with the ontology's declarations, contradict each other."""


@dataclass(frozen=True, slots=True)
class Ground:
    """A fact that takes part in a contradiction. :ivar text: in words. :ivar place: where it was read."""

    text: str
    item: str | None
    place: Place


@dataclass(frozen=True, slots=True)
class Explanation:
    """A minimal contradiction.

    :ivar axioms: of the ontology, in words. :ivar grounds: the facts. :ivar minimal: False where time ran out
        before each that is left was known to be needed.
    """

    axioms: tuple[str, ...] = ()
    grounds: tuple[Ground, ...] = ()
    minimal: bool = True


@dataclass(slots=True)
class _Search:
    """One search with its judge and its deadline."""

    judge: Judge
    declared: tuple[Triple, ...]
    deadline: float
    minimal: bool = True
    asked: int = field(default=0)

    def clash(self, parts: Iterable[Sequence[Triple]]) -> bool:
        self.asked += 1
        return self.judge([*self.declared, *(triple for part in parts for triple in part)])

    def shrink(self, given: list[Sequence[Triple]], fixed: list[Sequence[Triple]]) -> list[Sequence[Triple]]:
        """The parts of `given` that, with what is fixed, are needed for the clash."""
        return self._divide(fixed, given, changed=False)

    def _divide(
        self, fixed: list[Sequence[Triple]], given: list[Sequence[Triple]], *, changed: bool
    ) -> list[Sequence[Triple]]:
        if time.monotonic() > self.deadline:
            self.minimal = False
            return given
        if changed and self.clash(fixed):
            return []
        if len(given) == 1:
            return given
        half = len(given) // 2
        first, second = given[:half], given[half:]
        needed = self._divide([*fixed, *first], second, changed=bool(first))
        return self._divide([*fixed, *needed], first, changed=bool(needed)) + needed


def explain(quads: Iterable[Quad], store: Store, judge: Judge, seconds: float, base: str) -> Explanation:
    """The fewest axioms and facts that contradict each other.

    :param quads: the graph. :param store: the same graph, where places are looked up.
    :param judge: True for a contradiction. :param seconds: how long to search.
    """
    at: dict[Triple, str] = {}
    groups: dict[str, list[Triple]] = {}
    for triple, graph in facts(quads):
        groups.setdefault(graph, []).append(triple)
        at.setdefault(triple, graph)
    known = vocabulary().graph
    parts = axioms(known)
    declared = tuple(set(vocabulary().logic) - _all(parts))
    search = _Search(judge, declared, time.monotonic() + seconds)
    fixed: list[Sequence[Triple]] = [axiom.triples for axiom in parts]
    shared = [terms.reference_graph(base)]
    common: list[Sequence[Triple]] = [groups.pop(name, []) for name in shared]
    chosen = search.shrink(list(groups.values()), [*fixed, *common])
    single: list[Sequence[Triple]] = [[triple] for part in [*chosen, *common] for triple in part]
    kept = search.shrink(single, fixed)
    needed = search.shrink(fixed, kept)
    texts = [sentence(axiom, known) for axiom in parts if axiom.triples in needed]
    grounds = tuple(_ground(triple, at[triple], store, base) for part in kept for triple in part)
    return Explanation(tuple(sorted(texts)), grounds, search.minimal)


def _all(parts: Iterable[Axiom]) -> set[Triple]:
    return {triple for axiom in parts for triple in axiom.triples}


def _ground(triple: Triple, graph: str, store: Store, base: str) -> Ground:
    prefix = f"{base}graph/evidence/"
    item = f"{base}evidence/{graph.removeprefix(prefix)}" if graph.startswith(prefix) else None
    node = str(triple[0])
    return Ground(fact(triple), item, Locator(store).place(item, node, _column(node, store)))


def _column(node: str, store: Store) -> str | None:
    """The column that the node was read from, the first where there are several."""
    from pyoxigraph import NamedNode

    selection, cell, column = (NamedNode(terms.ONTOLOGY + name) for name in ("selection", "cell", "field"))

    def after(subject: object, relation: NamedNode) -> list[object]:
        if not isinstance(subject, NamedNode):
            return []
        return [quad.object for quad in store.quads_for_pattern(subject, relation, None, None)]

    cells = {str(each): each for part in after(NamedNode(node), selection) for each in after(part, cell)}
    named = (field for _, each in sorted(cells.items()) for field in after(each, column))
    return next((str(getattr(field, "value", field)) for field in named), None)
