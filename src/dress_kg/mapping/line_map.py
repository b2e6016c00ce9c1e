"""A triples map as tokens: a batch of rows in, lines of N-Quads out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import compress

from dress_kg.mapping.compile import OnFault, unmade
from dress_kg.mapping.model import ParentReference, TriplesMap
from dress_kg.mapping.source import Batch
from dress_kg.mapping.tables import Column
from dress_kg.mapping.tokens import TextsOf, Token, Tokens, raw_texts
from dress_kg.mapping.vocabulary import RDF_TYPE, RML

Index = Mapping[tuple[str | None, ...], Iterable[str]]
"""The subjects of a parent by the texts of the join; no key holds a null, so a null joins nothing."""

_DEFAULT_GRAPH = f"<{RML}defaultGraph>"
_END = " .\n"
_Fault = tuple[int, int, str, ValueError]
"""Row in the batch, place in the map, what could not be made, and why: in the order of `execute`."""


@dataclass(frozen=True, slots=True)
class _Pair:
    """A constant predicate with an object of at most one term, in the subject's graph.

    :ivar middle: the predicate, with the blanks around it.
    """

    middle: str
    token: Token


@dataclass(frozen=True, slots=True)
class _Joined:
    """Objects that are the subjects of another source's rows."""

    reference: ParentReference
    keys: tuple[TextsOf, ...]


@dataclass(frozen=True, slots=True)
class _Product:
    """What needs the long way: a made predicate, graphs of its own, or a parent's subjects."""

    predicate: Token
    objects: Token | _Joined
    graphs: tuple[Token, ...]


@dataclass(frozen=True, slots=True)
class LineMap:
    """A triples map as tokens.

    :ivar graphs: of the subject.
    """

    triples_map: TriplesMap
    subject: Token
    graphs: tuple[Token, ...]
    pairs: tuple[_Pair, ...]
    products: tuple[_Product, ...]

    def run(
        self, batch: Batch, lines: list[str], on_fault: OnFault, indexes: Mapping[ParentReference, Index]
    ) -> None:
        """Append the lines of these rows; tell of faults row by row, as `execute` does.

        :param indexes: of the parents that this map joins.
        """
        subjects = self.subject.whole(batch)
        faults: list[_Fault] = [(row, 0, "subject", why) for row, why in subjects.faults.items()]
        made = subjects.values
        if len(self.graphs) > 1:
            ends = _several_ends(self.graphs, 1, batch, faults)
            for place, pair in enumerate(self.pairs, 2):
                predicate = pair.middle.strip()
                objects = pair.token.whole(batch)
                faults += [(row, place, f"object of {predicate}", why) for row, why in objects.faults.items()]
                lines += _long_way(made, [predicate] * batch.size, _tuples(objects.values), ends)
        else:
            self._run_pairs(batch, made, lines, faults)
        for place, product in enumerate(self.products, len(self.pairs) + 2):
            ends = _several_ends((*self.graphs, *product.graphs), place, batch, faults)
            several = _objects(product, place, batch, indexes, faults)
            lines += _long_way(made, product.predicate.whole(batch).values, several, ends)
        if faults:
            for row, _, what, problem in sorted(faults, key=lambda fault: fault[:2]):
                if what == "subject" or made[row] is not None:
                    on_fault(unmade(self.triples_map, batch.before + row + 1, what, problem))

    def _run_pairs(self, batch: Batch, subjects: Column, lines: list[str], faults: list[_Fault]) -> None:
        alive = None if None not in subjects else [value is not None for value in subjects]
        ends = _ends(self.graphs, batch, faults) if self.graphs else None
        if ends is not None and None in ends:
            # Where the graph is null, objects are made all the same: their faults are told of.
            alive = [s is not None and e is not None for s, e in zip(subjects, ends, strict=True)]
        kept = subjects if alive is None else list(compress(subjects, alive))
        kept_ends = ends if alive is None or ends is None else list(compress(ends, alive))
        for place, pair in enumerate(self.pairs, 2):
            texts, before, after = pair.token.texts, pair.middle + pair.token.before, pair.token.after
            if texts is None:
                lines += _constant_lines(kept, before, kept_ends)
                continue
            made = texts(batch)
            if made.faults:
                predicate = pair.middle.strip()
                faults += [(row, place, f"object of {predicate}", why) for row, why in made.faults.items()]
            values = made.values if alive is None else list(compress(made.values, alive))
            lines += _lines(kept, before, values, after, kept_ends)


def _objects(
    product: _Product,
    place: int,
    batch: Batch,
    indexes: Mapping[ParentReference, Index],
    faults: list[_Fault],
) -> Sequence[Sequence[str]]:
    """The objects of each row; faults of predicates are told of too."""
    refused = dict(product.predicate.whole(batch).faults)
    if isinstance(product.objects, Token):
        made = product.objects.whole(batch)
        objects = _tuples(made.values)
        # A row that makes no predicate is not asked for its object.
        refused = {**made.faults, **refused}
    else:
        index = indexes[product.objects.reference]
        objects = [tuple(index.get(key, ())) for key in keys_of(product.objects.keys, batch)]
    faults += [(row, place, "predicate or object", why) for row, why in refused.items()]
    return objects


def _lines(subjects: Column, before: str, values: Column, after: str, ends: Column | None) -> list[str]:
    if ends is None:
        after += _END
        return [
            f"{subject}{before}{value}{after}"
            for subject, value in zip(subjects, values, strict=True)
            if value is not None
        ]
    return [
        f"{subject}{before}{value}{after}{end}"
        for subject, value, end in zip(subjects, values, ends, strict=True)
        if value is not None
    ]


def _constant_lines(subjects: Column, before: str, ends: Column | None) -> list[str]:
    if ends is None:
        before += _END
        return [f"{subject}{before}" for subject in subjects]
    return [f"{subject}{before}{end}" for subject, end in zip(subjects, ends, strict=True)]


def _ends(graphs: Sequence[Token], batch: Batch, faults: list[_Fault]) -> Column:
    """What ends the lines of each row, for one graph: None where it is null."""
    (token,) = graphs
    graph = token.whole(batch)
    faults += [(row, 1, "graph", why) for row, why in graph.faults.items()]
    key = "end", token
    if key not in batch.made:
        known = {value: _end(value) for value in set(graph.values)}
        batch.made[key] = [known[value] for value in graph.values]
    made: Column = batch.made[key]
    return made


def _end(graph: str | None) -> str | None:
    if graph is None or graph[0] == '"':
        return None
    if graph == _DEFAULT_GRAPH:
        return _END
    return f" {graph}{_END}"


def _long_way(
    subjects: Column, predicates: Column, objects: Sequence[Sequence[str]], ends: Sequence[Sequence[str]]
) -> list[str]:
    return [
        f"{subject} {predicate} {each}{end}"
        for subject, predicate, several, graphs in zip(subjects, predicates, objects, ends, strict=True)
        if subject is not None and predicate is not None and predicate[0] == "<"
        for each in several
        for end in graphs
    ]


def _tuples(values: Column) -> Sequence[Sequence[str]]:
    return [() if value is None else (value,) for value in values]


def _several_ends(
    graphs: Sequence[Token], place: int, batch: Batch, faults: list[_Fault]
) -> Sequence[Sequence[str]]:
    """What ends the lines of each row: one for each graph (R2RML 11.1); none named is the default graph."""
    if not graphs:
        return [(_END,)] * batch.size
    found: list[dict[str, None]] = [{} for _ in range(batch.size)]
    for token in graphs:
        made = token.whole(batch)
        faults += [(row, place, "graph", why) for row, why in made.faults.items()]
        for row, graph in enumerate(made.values):
            end = _end(graph)
            if end is not None:
                found[row][end] = None
    return [tuple(each) for each in found]


def keys_of(keys: Sequence[TextsOf], batch: Batch) -> Iterable[tuple[str | None, ...]]:
    """The texts of each row that a join compares."""
    return zip(*(key(batch).values for key in keys), strict=True)


def line_map(triples_map: TriplesMap, parents: Mapping[str, TriplesMap], tokens: Tokens) -> LineMap:
    """The triples map as tokens.

    :param parents: all triples maps of the mapping, by name.
    """
    base = triples_map.base
    graphs = tuple(tokens.of(each, base) for each in triples_map.graphs)
    pairs = [_Pair(f" <{RDF_TYPE}> ", Token(str(each))) for each in triples_map.classes]
    products: list[_Product] = []
    for pair in triples_map.predicate_objects:
        own = tuple(tokens.of(each, base) for each in pair.graphs)
        predicates = [tokens.of(each, base) for each in pair.predicates]
        for made in pair.objects:
            if isinstance(made, ParentReference):
                products += [_Product(each, _parent(made, parents, tokens), own) for each in predicates]
                continue
            token = tokens.of(made, base)
            for predicate in predicates:
                if predicate.texts is None and predicate.before[0] == "<" and not own:
                    pairs.append(_Pair(f" {predicate.before} ", token))
                else:
                    products.append(_Product(predicate, token, own))
    subject = tokens.of(triples_map.subject, base)
    return LineMap(triples_map, subject, graphs, tuple(pairs), tuple(products))


def _parent(reference: ParentReference, parents: Mapping[str, TriplesMap], tokens: Tokens) -> Token | _Joined:
    if reference.joins:
        return _Joined(reference, tuple(raw_texts(join.child) for join in reference.joins))
    parent = parents[reference.parent]
    return tokens.of(parent.subject, parent.base)
