"""Read the facts of an evidence item out of a store."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

import pyoxigraph as ox

from dress_kg import terms
from dress_kg.pages.graph import Graph, Node, last
from dress_kg.pages.item_model import (
    Assessment,
    Citation,
    Component,
    Context,
    Culprit,
    Facts,
    Harm,
    Interval,
    Item,
    Line,
    Named,
    SameCase,
    Statement,
    Step,
    Strategy,
    Study,
    Words,
)
from dress_kg.pages.printed import judged

Made = TypeVar("Made")
_BASES = {"stated", "inferred", "curated"}


def read_item(store: ox.Store, base: str, iri: str) -> Item | None:
    """An item with all its facts, None where there is no such item."""
    graph = Graph(store)
    node = graph.node(iri)
    return _Reader(graph).item(node, base) if node.a("dk:EvidenceItem") else None


class _Reader:
    """Reads nodes and remembers what is shared: names and characters."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._named: dict[str, Named] = {}
        self._words: dict[str, Words | None] = {}

    def item(self, node: Node, base: str) -> Item:
        """The item of a node."""
        condition, source = node.one("dk:condition"), node.one("dcterms:source")
        panel = self._graph.node(source).one("dk:panelName") if source else None
        return Item(
            node.iri,
            node.one("dcterms:identifier") or last(node.iri) or node.iri,
            node.label,
            terms.source_of_node(node.iri, base) or "",
            self.named(condition) if condition else None,
            last(node.one("dk:summaryDirection")),
            _basis(node.one("dk:summaryBasis")),
            self._facts(node),
            tuple(self._assessment(each, panel) for each in self._behind("dk:assesses", node.iri)),
            self._each(node, "dk:curation", judged),
            tuple(
                self._same_case(each, node.iri)
                for each in self._behind("dk:item", node.iri)
                if each.a("dk:SameCase")
            ),
            self.words(node, "dk:unread"),
        )

    def _facts(self, node: Node) -> Facts:
        strategy = self._first(node, "dk:strategy")
        mine = self._first(node, "dk:citation")
        study = self._first(node, "dk:study")
        components: list[Component] = []
        if strategy:
            components += self._each(strategy, "dk:component", lambda each: self._component(each, True))
        components += self._each(node, "dk:otherComponent", lambda each: self._component(each, False))
        return Facts(
            self._citation(mine) if mine else None,
            self._study(study) if study else None,
            self._strategy(strategy) if strategy else None,
            tuple(sorted(components, key=lambda each: (not each.printed, each.position, each.iri))),
            tuple(sorted(self._each(node, "dk:step", self._step), key=lambda each: each.position)),
            self._each(node, "dk:interval", self._interval),
            tuple(sorted(self._each(node, "dk:finding", self._statement), key=lambda each: not each.primary)),
            self._each(node, "dk:harm", self._harm),
            self._each(node, "dk:context", self._context),
            self._each(node, "dk:therapyLine", self._line),
            self._each(node, "dk:culprit", self._culprit),
        )

    def named(self, iri: str) -> Named:
        """A node with its name."""
        if iri not in self._named:
            self._named[iri] = Named(iri, self._graph.label(iri))
        return self._named[iri]

    def words(self, node: Node, predicate: str = "dk:selection") -> tuple[Words, ...]:
        """The characters a node was read from, in the order of the cells' names and of the text."""
        found = [self._selection(iri) for iri in node.all(predicate)]
        return tuple(
            sorted((each for each in found if each), key=lambda each: (each.field, each.start, each.end))
        )

    def _selection(self, iri: str) -> Words | None:
        if iri not in self._words:
            node = self._graph.node(iri)
            cell, start, end = node.one("dk:cell"), node.whole("oa:start"), node.whole("oa:end")
            field = self._graph.node(cell).one("dk:field") if cell else None
            self._words[iri] = (
                None
                if field is None or start is None or end is None
                else Words(field, start, end, node.one("oa:exact") or "")
            )
        return self._words[iri]

    def _first(self, node: Node, predicate: str) -> Node | None:
        iri = node.one(predicate)
        return self._graph.node(iri) if iri else None

    def _behind(self, predicate: str, iri: str) -> Iterable[Node]:
        return map(self._graph.node, self._graph.subjects(predicate, iri))

    def _each(self, node: Node, predicate: str, made: Callable[[Node], Made]) -> tuple[Made, ...]:
        """What is made of the nodes behind a predicate, by the number at the end of their IRIs."""
        return tuple(made(self._graph.node(iri)) for iri in sorted(node.all(predicate), key=_numbered))

    def _many(self, node: Node, predicate: str) -> tuple[Named, ...]:
        return tuple(map(self.named, node.all(predicate)))

    def _label(self, iri: str | None) -> str | None:
        return self.named(iri).label if iri else None

    def _citation(self, node: Node) -> Citation:
        work = node.one("dk:refersTo")
        return Citation(
            node.iri, "stated", self.words(node), node.label, node.one("dk:author"), node.true("dk:etAl"),
            node.one("dk:year"), self.named(work) if work else None,
        )  # fmt: skip

    def _study(self, node: Node) -> Study:
        design = node.one("dk:design")
        kind = self._graph.node(design) if design else None
        return Study(
            node.iri, _basis(node.one("dk:designBasis")), self.words(node),
            self.named(design) if design else None,
            kind.true("dk:reportsOnPatients") if kind and kind.one("dk:reportsOnPatients") else None,
            node.whole("dk:patients"), _basis(node.one("dk:patientsBasis")), node.all("dk:population"),
        )  # fmt: skip

    def _component(self, node: Node, printed: bool) -> Component:
        return Component(
            node.iri, _basis(node.one("dk:basis")), self.words(node), self.named(node.one("dk:agent") or ""),
            last(node.one("dk:role")) or "mentioned", node.whole("dk:position") or 0, printed,
        )  # fmt: skip

    def _strategy(self, node: Node) -> Strategy:
        return Strategy(
            node.iri, None, self.words(node), node.label, last(node.one("dk:operator")),
            node.true("dk:monotherapyStated"), node.one("dk:variant"),
        )  # fmt: skip

    def _step(self, node: Node) -> Step:
        agent = node.one("dk:agent")
        return Step(
            iri=node.iri,
            words=self.words(node),
            agent=self.named(agent) if agent else None,
            position=node.whole("dk:position") or 0,
            phase=node.whole("dk:phase"),
            group=node.one("dk:group"),
            verbatim=node.one("dk:verbatim") or "",
            alternative=node.true("dk:alternative"),
            low=node.number("dk:low"), high=node.number("dk:high"), unit=node.one("dk:unit"),
            per=last(node.one("dk:per")), divided=node.true("dk:divided"),
            frequency=node.number("dk:frequency"), frequency_max=node.number("dk:frequencyMax"),
            period=node.number("dk:period"), period_max=node.number("dk:periodMax"),
            period_unit=node.one("dk:periodUnit"), count=node.whole("dk:count"),
            duration=node.number("dk:duration"), duration_max=node.number("dk:durationMax"),
            duration_unit=node.one("dk:durationUnit"), duration_basis=node.one("dk:durationBasis"),
            as_needed=node.true("dk:asNeeded"),
            route=self._label(node.one("dk:route")), route_basis=node.one("dk:routeBasis"),
            infusion=node.one("dk:infusion"), strength=node.one("dk:strength"),
            every_low=node.number("dk:everyLow"), every_high=node.number("dk:everyHigh"),
            every_unit=node.one("dk:everyUnit"), cycle_for=node.number("dk:cycleFor"),
            cycle_for_unit=node.one("dk:cycleForUnit"), cycle_count=node.whole("dk:cycleCount"),
            qualitative=node.one("dk:qualitative"),
        )  # fmt: skip

    def _interval(self, node: Node) -> Interval:
        kind = node.one("dk:kind")
        return Interval(
            node.iri, None, self.words(node), last(kind) or "", self._label(kind) or "time",
            node.one("dk:group"), node.number("dk:low"), node.number("dk:high"), node.one("dk:unit"),
            node.one("dk:verbatim") or "",
        )  # fmt: skip

    def _statement(self, node: Node) -> Statement:
        about = [self._graph.node(iri) for iri in node.all("dk:about")]
        whole = [each for each in about if each.a("dk:TreatmentStrategy")]
        return Statement(
            node.iri, _basis(node.one("dk:basis")), self.words(node),
            last(node.one("dk:kind")) or "", last(node.one("dk:direction")) or "not-stated",
            node.true("dk:primary"), tuple(self.named(each.iri) for each in about if each not in whole),
            bool(whole), node.one("dk:voice") or "", node.true("dk:hedged"), node.all("dk:holdsWhen"),
            node.one("dk:verbatim"),
        )  # fmt: skip

    def _harm(self, node: Node) -> Harm:
        return Harm(
            node.iri, _basis(node.one("dk:basis")), self.words(node), node.one("dk:event") or "",
            self._many(node, "dk:attributedTo"), node.whole("dk:patients"), node.whole("dk:ofPatients"),
            node.true("dk:serious") if node.one("dk:serious") else None,
        )  # fmt: skip

    def _context(self, node: Node) -> Context:
        kind = node.one("dk:kind")
        return Context(
            node.iri, _basis(node.one("dk:basis")), self.words(node), last(kind) or "other",
            self._label(kind) or "other", node.label, self._label(node.one("dk:organ")),
            node.true("dk:hypothetical"),
        )  # fmt: skip

    def _line(self, node: Node) -> Line:
        value = node.one("dk:line")
        return Line(
            node.iri, _basis(node.one("dk:basis")), self.words(node), last(value) or "",
            self._label(value) or "",
        )  # fmt: skip

    def _culprit(self, node: Node) -> Culprit:
        return Culprit(
            node.iri, _basis(node.one("dk:basis")), self.words(node), self.named(node.one("dk:agent") or ""),
            node.true("dk:suspected"),
        )  # fmt: skip

    def _assessment(self, node: Node, panel: str | None) -> Assessment:
        return Assessment(
            node.iri, _basis(node.one("dk:scaleBasis")), self.words(node), self._many(node, "dk:level"),
            self._many(node, "dk:grade"), node.one("dk:printedLevel"), node.one("dk:printedGrade"),
            self._label(node.one("dk:scale")), panel,
        )  # fmt: skip

    def _same_case(self, node: Node, own: str) -> SameCase:
        others = tuple(self.named(iri) for iri in node.all("dk:item") if iri != own)
        return SameCase(node.iri, others, node.one("dk:rule"))


def _basis(value: str | None) -> str | None:
    found = last(value)
    return found if found in _BASES else None


def _numbered(iri: str) -> tuple[str, int, str]:
    start, _, end = iri.rpartition("/")
    return (start, int(end), "") if end.isascii() and end.isdigit() else (start, 0, end)
