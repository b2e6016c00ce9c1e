"""A triples map becomes functions, once; then a batch of rows becomes quads."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad

from dress_kg.errors import MappingError
from dress_kg.mapping.model import Constant, ParentReference, TermMap, TriplesMap
from dress_kg.mapping.source import missing_cell
from dress_kg.mapping.terms import (
    Graph,
    GraphOf,
    Made,
    Resource,
    Row,
    TermFunctions,
    TermOf,
    UnmakeableTermError,
)
from dress_kg.mapping.vocabulary import RDF_TYPE

ObjectsOf = Callable[[Row], Iterable[Made]]
OnFault = Callable[[MappingError], None]
"""Told of each term that a row could not make; that term is left out."""

_DEFAULT_ONLY: tuple[Graph, ...] = (DefaultGraph(),)


@dataclass(frozen=True, slots=True)
class _Product:
    """What needs the long way: a made predicate, graphs of its own, or several objects (a join)."""

    predicate: TermOf
    objects: ObjectsOf
    graphs: tuple[GraphOf, ...]


@dataclass(frozen=True, slots=True)
class CompiledMap:
    """A triples map as functions.

    :ivar pairs: constant predicates, each with an object of at most one term, in the subject's graphs.
    :ivar products: all else.
    """

    triples_map: TriplesMap
    subject: TermOf
    graphs: tuple[GraphOf, ...]
    pairs: tuple[tuple[NamedNode, TermOf], ...]
    products: tuple[_Product, ...]

    def run(self, rows: Sequence[Row], before: int, quads: list[Quad], on_fault: OnFault) -> None:
        """Append the quads of these rows.

        :param before: number of rows of this source that came before, for the errors.
        :raises MappingError: a row lacks a column that the map reads.
        """
        append, pairs = quads.append, self.pairs
        number = before
        try:
            for row in rows:
                number += 1
                try:
                    subject = self.subject(row)
                except ValueError as problem:
                    on_fault(self._fault(number, "subject", problem))
                    continue
                if subject is None or isinstance(subject, Literal):
                    continue
                graphs = self._graphs(row, number, on_fault)
                for predicate, make in pairs:
                    try:
                        made = make(row)
                    except ValueError as problem:
                        on_fault(self._fault(number, f"object of <{predicate.value}>", problem))
                        continue
                    if made is not None:
                        for graph in graphs:
                            append(Quad(subject, predicate, made, graph))
                if self.products:
                    self._run_products(row, number, subject, quads, on_fault)
        except KeyError as problem:
            name, source = self.triples_map.name, self.triples_map.source
            raise missing_cell(name, source, number, str(problem.args[0])) from problem

    def _run_products(
        self, row: Row, number: int, subject: Resource, quads: list[Quad], on_fault: OnFault
    ) -> None:
        for product in self.products:
            graphs = self._graphs(row, number, on_fault, product.graphs)
            try:
                predicate = product.predicate(row)
                made = tuple(product.objects(row))
            except ValueError as problem:
                on_fault(self._fault(number, "predicate or object", problem))
                continue
            if isinstance(predicate, NamedNode):
                quads += [Quad(subject, predicate, each, graph) for each in made for graph in graphs]

    def _graphs(
        self, row: Row, number: int, on_fault: OnFault, more: tuple[GraphOf, ...] = ()
    ) -> tuple[Graph, ...]:
        """The target graphs (R2RML 11.1): those of the subject and of the pair; none named: the default."""
        if not self.graphs and not more:
            return _DEFAULT_ONLY
        found: dict[Graph, None] = {}
        for make in (*self.graphs, *more):
            try:
                graph = make(row)
            except ValueError as problem:
                on_fault(self._fault(number, "graph", problem))
                continue
            if graph is not None:
                found[graph] = None
        return tuple(found)

    def _fault(self, number: int, what: str, problem: ValueError) -> MappingError:
        return unmade(self.triples_map, number, what, problem)


def unmade(triples_map: TriplesMap, number: int, what: str, problem: ValueError) -> MappingError:
    """The error that says which term of which map a row could not make."""
    return MappingError(
        f"triples map <{triples_map.name}>: row {number} makes no {what} ({problem})",
        file=triples_map.source,
        value=problem.text if isinstance(problem, UnmakeableTermError) else None,
        remedy="correct the cell, or make the term from a template, which encodes it",
    )


def compile_map(
    triples_map: TriplesMap, joined: Mapping[ParentReference, ObjectsOf], functions: TermFunctions
) -> CompiledMap:
    """The triples map as functions.

    :param joined: for each of its references to a parent, the function that finds the objects.
    """
    base = triples_map.base
    pairs: list[tuple[NamedNode, TermOf]] = [
        (NamedNode(RDF_TYPE), _constantly(each)) for each in triples_map.classes
    ]
    products: list[_Product] = []
    for pair in triples_map.predicate_objects:
        graphs = tuple(functions.graph(each, base) for each in pair.graphs)
        for made in pair.objects:
            if isinstance(made, TermMap):
                make = functions.term(made, base)
                objects, single = as_several(make), None if graphs else make
            else:
                objects, single = joined[made], None
            for predicate in pair.predicates:
                fixed = _fixed_predicate(predicate)
                if single is not None and fixed is not None:
                    pairs.append((fixed, single))
                else:
                    products.append(_Product(functions.term(predicate, base), objects, graphs))
    return CompiledMap(
        triples_map,
        functions.term(triples_map.subject, base),
        tuple(functions.graph(each, base) for each in triples_map.graphs),
        tuple(pairs),
        tuple(products),
    )


def _fixed_predicate(predicate: TermMap) -> NamedNode | None:
    expression = predicate.expression
    term = expression.term if isinstance(expression, Constant) else None
    return term if isinstance(term, NamedNode) else None


def _constantly(term: NamedNode) -> TermOf:
    return lambda _row: term


def as_several(make: TermOf) -> ObjectsOf:
    """The same function, its term in a tuple, its null an empty one."""

    def objects(row: Row) -> tuple[Made, ...]:
        made = make(row)
        return () if made is None else (made,)

    return objects
