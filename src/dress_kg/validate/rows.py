"""Row shapes, judged by selects over a store where they compile, else by pySHACL; and rules of one row.

A :class:`RowValidator` is made once a process and judges any number of stores, each a batch of items or all
of them; :func:`assemble` puts the judgements and the cross-row results into one report.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

import pyoxigraph as ox

from dress_kg import terms
from dress_kg.errors import ShapeError
from dress_kg.validate.compile import Compiled, compile_shape, focus_nodes, has_subclasses
from dress_kg.validate.locate import Locator, Place
from dress_kg.validate.owner import read_items
from dress_kg.validate.paths import UncompilableError
from dress_kg.validate.result import QualityResult, Rule, ValidationReport
from dress_kg.validate.rules import Hit, QueryRule, load_rules, run_rule
from dress_kg.validate.shape_graph import Node
from dress_kg.validate.shapes import Shapes, load_shapes

if TYPE_CHECKING:
    from rdflib import Graph

_TYPE = ox.NamedNode(terms.PREFIXES["rdf"] + "type")
_SUBCLASS_OF = ox.NamedNode(terms.PREFIXES["rdfs"] + "subClassOf")
PYSHACL_BATCH = 500
"""How many items pySHACL sees at a time."""


class Engine(StrEnum):
    """Who judges the row shapes.

    AUTO: selects for the shapes that compile, pySHACL for the others. SPARQL: selects only; a shape that
    does not compile is an error. PYSHACL: pySHACL for all.
    """

    AUTO = "auto"
    PYSHACL = "pyshacl"
    SPARQL = "sparql"


@dataclass(frozen=True, slots=True)
class Placed:
    """A result with the position of its row, which orders the report."""

    position: int
    result: QualityResult


@dataclass(frozen=True, slots=True)
class RowJudgement:
    """What the row shapes, and the rules of a row, say of one store; it can be pickled.

    :ivar placed: the results, in no order. :ivar items: how many evidence items the store holds.
    :ivar applied: the rules of the shapes that apply. :ivar matched: those that had a node to judge.
    :ivar not_applicable: the shapes and rules that need a column which the sources do not have.
    :ivar run: the rules run.
    """

    placed: tuple[Placed, ...]
    items: int
    applied: frozenset[str]
    matched: frozenset[str]
    not_applicable: frozenset[str]
    run: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class CrossJudgement:
    """What the cross-row rules say of a whole store. :ivar run: the rules run."""

    placed: tuple[Placed, ...]
    run: frozenset[str]
    not_applicable: frozenset[str]


@dataclass(frozen=True, slots=True)
class RowValidator:
    """The row shapes, and rules that look at one row, ready to judge.

    :ivar shapes: those that apply. :ivar compiled: the selects of those that are judged by selects.
    :ivar rest: those that are judged by pySHACL. :ivar refused: by rule, why a shape did not compile.
    :ivar not_applicable: as in :class:`RowJudgement`. :ivar rules: those that apply.
    """

    shapes: Shapes
    compiled: tuple[Compiled, ...]
    rest: Shapes
    refused: dict[str, str]
    not_applicable: frozenset[str]
    rules: tuple[QueryRule, ...] = ()

    @classmethod
    def load(
        cls,
        shapes: Path | None = None,
        fields: frozenset[str] | None = None,
        engine: Engine | str = Engine.AUTO,
        rules: Iterable[QueryRule] = (),
    ) -> RowValidator:
        """Read and compile the shapes: some 60 ms for the shipped ones.

        :param shapes: a folder of shapes (or one file) instead of the shipped ones.
        :param fields: the columns that the sources have; None means all.
        :param rules: rules that look at one row only (:func:`rules.row_rules` are the shipped ones).
        :raises ShapeError: a shape is at fault, or does not compile where `engine` is SPARQL.
        """
        every = load_shapes(shapes)
        applied = every.only(fields)
        compiled: dict[Node, Compiled] = {}
        refused: dict[str, str] = {}
        for shape, rule in applied.rules.items() if engine != Engine.PYSHACL else ():
            try:
                compiled[shape] = compile_shape(applied.graph, shape)
            except UncompilableError as fault:
                if engine == Engine.SPARQL:
                    remedy = "use the validator auto, which gives this shape to pySHACL"
                    raise ShapeError(
                        f"this shape does not compile to SPARQL: {fault.message} ({fault.value})",
                        file=rule.file,
                        value=rule.name,
                        remedy=remedy,
                    ) from fault
                refused[rule.name] = f"{fault.message}: {fault.value}"
        off = {rule.name for shape, rule in every.rules.items() if shape not in applied.rules}
        rest = applied.keep(applied.rules.keys() - compiled.keys())
        run, idle = _applying(rules, fields)
        return cls(applied, tuple(compiled.values()), rest, refused, idle.union(off), run)

    def judge(self, store: ox.Store, *, batch: int = PYSHACL_BATCH) -> RowJudgement:
        """Judge every item of a store; its graphs are read as one.

        The store has to hold, of each item: its graph, its assessments, its row and the cells, fragments
        and lines of it (else a result has no place), the source's `dk:file`, and of every node that they
        point to the types, `skos:inScheme`, `dk:field`, `dk:reportsOnPatients` and `dk:patientsAtMost`. Where
        there are rules, also the whole vocabularies, the repairs, and all cells if a rule reads every cell.

        :param batch: how many items pySHACL sees at a time.
        :raises ShapeError: a rule is at fault.
        """
        found = read_items(store)
        inherited = has_subclasses(store)
        hits: list[Hit] = []
        for compiled in self.compiled:
            rule = self.shapes.rules[compiled.shape]
            for node in focus_nodes(store, compiled, inherited=inherited):
                if not isinstance(node, ox.Literal):
                    hits.append(Hit(rule, found.owner(store, node), node.value, None, None, rule.message))
        for shape, focus in self._by_pyshacl(store, batch):
            rule = self.shapes.rules[shape]
            hits.append(Hit(rule, found.owner(store, focus), focus.value, None, None, rule.message))
        for query_rule in self.rules:
            hits += run_rule(store, query_rule)
        matched = {shape for shape in self.shapes.rules if self._has_target(store, shape, inherited)}
        return RowJudgement(
            placed=tuple(_placed(Locator(store), hits)),
            items=len(found.graphs),
            applied=frozenset(rule.name for rule in self.shapes.rules.values()),
            matched=frozenset(self.shapes.rules[shape].name for shape in matched),
            not_applicable=self.not_applicable,
            run=frozenset(each.rule.name for each in self.rules),
        )

    def _by_pyshacl(self, store: ox.Store, batch: int) -> Iterator[tuple[Node, Node]]:
        """(shape, focus node) of each fault that pySHACL finds."""
        if not self.rest.rules:
            return
        from dress_kg.validate.batches import batches, shapes_to_rdflib  # rdflib is heavy
        from dress_kg.validate.judge import judge  # pySHACL is heavy

        shapes: Graph = shapes_to_rdflib(self.rest.graph)
        seen: set[tuple[Node, Node]] = set()
        for chosen in batches(store, batch):
            for pair in judge(chosen.graph, shapes, self.rest):
                if pair not in seen:
                    seen.add(pair)
                    yield pair

    def _has_target(self, store: ox.Store, shape: Node, inherited: bool) -> bool:
        todo, seen = [self.shapes.targets[shape]], set()
        while todo:
            class_ = todo.pop()
            if next(store.quads_for_pattern(None, _TYPE, class_, None), None) is not None:
                return True
            seen.add(class_)
            if inherited:
                below = (q.subject for q in store.quads_for_pattern(None, _SUBCLASS_OF, class_, None))
                todo += [each for each in below if isinstance(each, ox.NamedNode) and each not in seen]
        return False


def cross_row_results(
    store: ox.Store, fields: frozenset[str] | None = None, *, threads: int = 1
) -> CrossJudgement:
    """Run over a whole store the rules that look across rows: all but those of a row.

    The rules read the whole vocabularies and scales, also what no item uses, so the store has to hold them
    (:func:`dress_kg.validate.load_vocabulary`).

    :param fields: the columns that the sources have; None means all.
    :param threads: rules that may run at the same time; the store leaves the interpreter to others.
    :raises ShapeError: a rule is at fault.
    """
    run, idle = _applying((each for each in load_rules() if not each.of_a_row), fields)
    locator = Locator(store)
    with ThreadPoolExecutor(threads) as pool:
        found = list(pool.map(lambda each: list(run_rule(store, each)), run))
    return CrossJudgement(
        placed=tuple(placed for hits in found for placed in _placed(locator, hits)),
        run=frozenset(each.rule.name for each in run),
        not_applicable=idle,
    )


def _applying(
    rules: Iterable[QueryRule], fields: frozenset[str] | None
) -> tuple[tuple[QueryRule, ...], frozenset[str]]:
    """The rules that apply, and the names of those that do not."""
    every = tuple(rules)
    run = tuple(each for each in every if each.applies(fields))
    return run, frozenset(each.rule.name for each in every if each not in run)


def assemble(judgements: Iterable[RowJudgement], cross: CrossJudgement) -> ValidationReport:
    """One report of all batches, in any order, and of the cross-row rules."""
    placed = [*cross.placed]
    applied: set[str] = set()
    matched: set[str] = set()
    run = set(cross.run)
    off = set(cross.not_applicable)
    items = 0
    for judgement in judgements:
        placed += judgement.placed
        applied |= judgement.applied
        matched |= judgement.matched
        off |= judgement.not_applicable
        run |= judgement.run
        items += judgement.items
    placed.sort(key=report_order)
    return ValidationReport(
        results=tuple(dict.fromkeys(each.result for each in placed)),
        not_applicable=tuple(sorted(off)),
        unmatched=tuple(sorted(applied - matched)),
        shapes_checked=tuple(sorted(matched)),
        rules_run=tuple(sorted(run)),
        items=items,
    )


def report_order(placed: Placed) -> tuple[int, str, str, str, str, str, str]:
    """Where a result stands in the report: by its row, then item, rule, node, message, column and value."""
    result = placed.result
    told = (result.item, result.rule, result.node, result.message, result.field, result.value)
    item, rule, node, message, field, value = (each or "" for each in told)
    return placed.position, item, rule, node, message, field, value


def judged_by(places: ox.Store, hits: Iterable[Hit]) -> Iterator[Placed]:
    """The results of a rule's solutions, located by the graph of another store than the rule ran over."""
    return _placed(Locator(places), hits)


def _placed(locator: Locator, hits: Iterable[Hit]) -> Iterator[Placed]:
    for hit in hits:
        field = hit.field or next(iter(hit.rule.fields), None)
        place = locator.place(hit.item, hit.node, field)
        yield Placed(place.position, _result(hit.rule, hit, place))


def _result(rule: Rule, hit: Hit, place: Place) -> QualityResult:
    return QualityResult(
        rule=rule.name,
        severity=rule.severity,
        message=hit.message,
        item=hit.item,
        node=hit.node or hit.item,
        cell=place.cell,
        field=place.field,
        file=place.file,
        line=place.lines[0] if place.lines else None,
        lines=place.lines,
        column=place.column,
        value=hit.value or place.value,
        suggestion=rule.suggestion,
    )
