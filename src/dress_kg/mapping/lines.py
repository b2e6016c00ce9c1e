"""Run a mapping: rows in, lines of N-Quads out, batch by batch.

The same quads as :mod:`dress_kg.mapping.execute`, byte for byte as the library writes them, without an
object for each: a batch of rows is turned into columns, and a column with its predicate into lines by one
list comprehension. `tokens` says how the terms are written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import compress

from dress_kg.mapping.compile import OnFault, unmade
from dress_kg.mapping.execute import raise_fault
from dress_kg.mapping.model import Mapping, ParentReference, TermKind, TermMap, TriplesMap
from dress_kg.mapping.source import Batch, batches_of
from dress_kg.mapping.tables import Column, Tables
from dress_kg.mapping.tokens import TextsOf, Token, Tokens, raw_texts
from dress_kg.mapping.vocabulary import RDF_TYPE, RML

ROWS = 200
"""Rows held at a time: enough for long columns, few enough to stay in the processor's cache."""

_DEFAULT_GRAPH = f"<{RML}defaultGraph>"
_END = " .\n"
_Several = Callable[[Batch], Sequence[Sequence[str]]]
"""The objects of each row."""

_Index = dict[tuple[str, ...], dict[str, None]]
_Fault = tuple[int, int, str, ValueError]
"""Row in the batch, place in the map, what could not be made, and why: in the order of `execute`."""


def execute_lines(
    mapping: Mapping, tables: Tables, *, batch: int = ROWS, on_fault: OnFault | None = None
) -> Iterator[list[str]]:
    """The quads of the mapping over these tables as lines of N-Quads, each with its line end.

    Equal to `f"{quad} .\\n"` of the quads of :func:`dress_kg.mapping.execute`, in another order; a line may
    come more than once. One list for each batch of rows of a source.

    :param tables: as for `execute`; a table with a method `batches` (see `tables.InColumns`) is quicker.
    :param batch: rows held at a time.
    :param on_fault: told of each term that cannot be made from its row; that term is left out. Without it
        the first such term raises.
    :raises MappingError: a column that a source does not have, or a term that cannot be made.
    :raises SourceError: a table is missing or broken.
    """
    run = _Run(mapping, tables, Tokens(), batch)
    report = on_fault or raise_fault
    for source in mapping.sources():
        compiled: list[_LineMap] | None = None
        for rows in batches_of(mapping, source, tables, batch):
            if compiled is None:
                compiled = run.compiled(source)
            lines: list[str] = []
            for each in compiled:
                each.run(rows, lines, report)
            yield lines


@dataclass(frozen=True, slots=True)
class _Pair:
    """A constant predicate with an object of at most one term, in the subject's graph.

    :ivar middle: the predicate, with the blanks around it.
    """

    middle: str
    token: Token


@dataclass(frozen=True, slots=True)
class _Product:
    """What needs the long way: a made predicate, graphs of its own, or several objects (a join)."""

    predicate: Token
    objects: Token | _Several
    graphs: tuple[Token, ...]


@dataclass(frozen=True, slots=True)
class _LineMap:
    """A triples map as tokens.

    :ivar graphs: of the subject.
    """

    triples_map: TriplesMap
    subject: Token
    graphs: tuple[Token, ...]
    pairs: tuple[_Pair, ...]
    products: tuple[_Product, ...]

    def run(self, batch: Batch, lines: list[str], on_fault: OnFault) -> None:
        """Append the lines of these rows; tell of faults row by row, as `execute` does."""
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
            lines += self._run_product(product, place, batch, made, faults)
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

    def _run_product(
        self, product: _Product, place: int, batch: Batch, subjects: Column, faults: list[_Fault]
    ) -> list[str]:
        ends = _several_ends((*self.graphs, *product.graphs), place, batch, faults)
        predicates = product.predicate.whole(batch)
        refused = dict(predicates.faults)
        if isinstance(product.objects, Token):
            made = product.objects.whole(batch)
            objects = _tuples(made.values)
            # A row that makes no predicate is not asked for its object.
            refused = {**made.faults, **refused}
        else:
            objects = product.objects(batch)
        faults += [(row, place, "predicate or object", why) for row, why in refused.items()]
        return _long_way(subjects, predicates.values, objects, ends)


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


@dataclass(frozen=True, slots=True)
class _Run:
    """What the maps of one execution share."""

    mapping: Mapping
    tables: Tables
    tokens: Tokens
    size: int

    def compiled(self, source: str) -> list[_LineMap]:
        """The triples maps of that source."""
        return [
            self._compiled(each)
            for each in self.mapping.triples_maps
            if each.source == source and each.subject.kind is not TermKind.LITERAL
        ]

    def _compiled(self, triples_map: TriplesMap) -> _LineMap:
        base = triples_map.base
        graphs = tuple(self.tokens.of(each, base) for each in triples_map.graphs)
        middle = f" <{RDF_TYPE}> "
        pairs = [_Pair(middle, Token(str(each))) for each in triples_map.classes]
        products: list[_Product] = []
        for pair in triples_map.predicate_objects:
            own = tuple(self.tokens.of(each, base) for each in pair.graphs)
            for made in pair.objects:
                if isinstance(made, TermMap):
                    objects: Token | _Several = self.tokens.of(made, base)
                else:
                    objects = self._objects(made)
                for predicate in pair.predicates:
                    token = self.tokens.of(predicate, base)
                    fixed = token.texts is None and token.before[0] == "<"
                    if fixed and isinstance(made, TermMap) and isinstance(objects, Token) and not own:
                        pairs.append(_Pair(f" {token.before} ", objects))
                    else:
                        products.append(_Product(token, objects, own))
        return _LineMap(
            triples_map, self.tokens.of(triples_map.subject, base), graphs, tuple(pairs), tuple(products)
        )

    def _objects(self, reference: ParentReference) -> Token | _Several:
        """The subjects of the parent which join a row."""
        parent = next(each for each in self.mapping.triples_maps if each.name == reference.parent)
        subject = self.tokens.of(parent.subject, parent.base)
        if not reference.joins:
            return subject
        keys = [raw_texts(join.child) for join in reference.joins]
        index = self._index(reference, parent, subject)

        def joined(batch: Batch) -> Sequence[Sequence[str]]:
            # No key of the index holds a null, so a null joins nothing.
            return [tuple(index.get(key, ())) for key in _keys(keys, batch)]  # type: ignore[arg-type]

        return joined

    def _index(self, reference: ParentReference, parent: TriplesMap, subject: Token) -> _Index:
        """The parent's subjects by the texts of the join, each subject once a key."""
        keys = [raw_texts(join.parent) for join in reference.joins]
        index: _Index = {}
        for batch in batches_of(self.mapping, parent.source, self.tables, self.size):
            # Faults of the parent's subjects are told of with its own rows.
            for key, made in zip(_keys(keys, batch), subject.whole(batch).values, strict=True):
                if made is not None and None not in key:
                    index.setdefault(key, {})[made] = None  # type: ignore[arg-type]
        return index


def _keys(keys: Sequence[TextsOf], batch: Batch) -> Iterable[tuple[str | None, ...]]:
    return zip(*(key(batch).values for key in keys), strict=True)
