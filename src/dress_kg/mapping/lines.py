"""Run a mapping: rows in, lines of N-Quads out, batch by batch.

The same quads as :mod:`dress_kg.mapping.execute`, byte for byte as the library writes them, without an
object for each: a batch of rows is turned into columns, and a column with its predicate into lines by one
list comprehension. `line_map` does that, `tokens` says how the terms are written.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from dress_kg.mapping.compile import OnFault
from dress_kg.mapping.execute import raise_fault
from dress_kg.mapping.line_map import Index, LineMap, keys_of, line_map
from dress_kg.mapping.model import Mapping, ParentReference, TermKind
from dress_kg.mapping.source import batches_of
from dress_kg.mapping.tables import Tables
from dress_kg.mapping.tokens import Token, Tokens, raw_texts

ROWS = 300
"""Rows held at a time: enough for long columns, few enough to stay in the processor's cache."""


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
    plan = _plan(mapping)
    report = on_fault or raise_fault
    for source in mapping.sources():
        indexes: dict[ParentReference, Index] | None = None
        for rows in batches_of(mapping, source, plan.columns[source], tables, batch):
            if indexes is None:
                indexes = {each: plan.index(each, tables, batch) for each in plan.joins[source]}
            lines: list[str] = []
            for each in plan.maps[source]:
                each.run(rows, lines, report, indexes)
            yield lines


@dataclass(frozen=True, slots=True)
class _Plan:
    """What a mapping is made into once; all but `parents` by source.

    :ivar columns: those that the mapping reads.
    :ivar joins: the references whose parents have to be indexed.
    :ivar parents: for each such reference, the source and the subject of the parent.
    """

    mapping: Mapping
    columns: dict[str, tuple[str, ...]]
    maps: dict[str, tuple[LineMap, ...]]
    joins: dict[str, tuple[ParentReference, ...]]
    parents: dict[ParentReference, tuple[str, Token]]

    def index(self, reference: ParentReference, tables: Tables, size: int) -> Index:
        """The parent's subjects by the texts of the join, each subject once a key."""
        source, subject = self.parents[reference]
        keys = [raw_texts(join.parent) for join in reference.joins]
        index: dict[tuple[str | None, ...], dict[str, None]] = {}
        for batch in batches_of(self.mapping, source, self.columns[source], tables, size):
            # Faults of the parent's subjects are told of with its own rows.
            for key, made in zip(keys_of(keys, batch), subject.whole(batch).values, strict=True):
                if made is not None and None not in key:
                    index.setdefault(key, {})[made] = None
        return index


@lru_cache(maxsize=8)
def _plan(mapping: Mapping) -> _Plan:
    tokens = Tokens()
    by_name = {each.name: each for each in mapping.triples_maps}
    maps: dict[str, list[LineMap]] = {source: [] for source in mapping.sources()}
    joins: dict[str, list[ParentReference]] = {source: [] for source in maps}
    parents: dict[ParentReference, tuple[str, Token]] = {}
    for each in mapping.triples_maps:
        if each.subject.kind is TermKind.LITERAL:
            continue
        maps[each.source].append(line_map(each, by_name, tokens))
        for reference in each.parents():
            if reference.joins:
                parent = by_name[reference.parent]
                joins[each.source].append(reference)
                parents[reference] = parent.source, tokens.of(parent.subject, parent.base)
    return _Plan(
        mapping,
        {source: tuple(sorted(mapping.columns(source))) for source in maps},
        {source: tuple(made) for source, made in maps.items()},
        {source: tuple(made) for source, made in joins.items()},
        parents,
    )
