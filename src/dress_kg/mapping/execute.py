"""Run a mapping: rows in, quads out, batch by batch.

Each triples map is compiled once; a source that several maps share is read once. Memory holds one
batch, and for each join the subjects of the parent table by their key. A quad may come more than
once: a dataset is a set, and who stores or sorts it removes repeats.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import NoReturn

from pyoxigraph import Quad

from dress_kg.errors import MappingError
from dress_kg.mapping.compile import CompiledMap, ObjectsOf, OnFault, as_several, compile_map
from dress_kg.mapping.model import Mapping, ParentReference, TriplesMap
from dress_kg.mapping.source import rows_of
from dress_kg.mapping.tables import Tables
from dress_kg.mapping.terms import Made, Row, TermFunctions, TermOf, text_function

_Index = dict[tuple[str | None, ...], dict[Made, None]]

BATCH = 25
"""Rows held at a time: about 1,000 quads of a wide table, which stay in the processor's cache."""


def execute(
    mapping: Mapping, tables: Tables, *, batch: int = BATCH, on_fault: OnFault | None = None
) -> Iterator[Quad]:
    """The quads of the mapping over these tables.

    :param tables: gives the rows of a source by its name, anew at each call; a value is a text or
        None, which makes no triple. :func:`~dress_kg.mapping.tables.csv_tables` reads a folder;
        the `__getitem__` of a dict of lists will do.
    :param batch: rows held at a time.
    :param on_fault: told of each term that cannot be made from its row (an IRI with a space); that
        term is left out, as R2RML section 11 allows. Without it the first such term raises.
    :raises MappingError: a column that a source does not have, or a term that cannot be made.
    :raises SourceError: a table is missing or broken.
    """
    for quads in execute_batches(mapping, tables, batch=batch, on_fault=on_fault):
        yield from quads


def execute_batches(
    mapping: Mapping, tables: Tables, *, batch: int = BATCH, on_fault: OnFault | None = None
) -> Iterator[list[Quad]]:
    """As :func:`execute`, one list for each batch of rows of a source."""
    report, run = on_fault or raise_fault, _Run(mapping, tables, TermFunctions())
    for source in mapping.sources():
        rows = rows_of(mapping, source, tables)
        compiled: list[CompiledMap] | None = None
        done = 0
        while chunk := list(islice(rows, batch)):
            if compiled is None:
                compiled = run.compiled(source)
            quads: list[Quad] = []
            for each in compiled:
                each.run(chunk, done, quads, report)
            done += len(chunk)
            yield quads


def raise_fault(fault: MappingError) -> NoReturn:
    """What is done with a fault when nobody listens."""
    raise fault


@dataclass(frozen=True, slots=True)
class _Run:
    """What the compiled maps of one execution share."""

    mapping: Mapping
    tables: Tables
    functions: TermFunctions

    def compiled(self, source: str) -> list[CompiledMap]:
        """The triples maps of that source as functions."""
        return [
            compile_map(each, {parent: self._objects(parent) for parent in each.parents()}, self.functions)
            for each in self.mapping.triples_maps
            if each.source == source
        ]

    def _objects(self, reference: ParentReference) -> ObjectsOf:
        """The function that finds the subjects of the parent which join a row."""
        parent = next(each for each in self.mapping.triples_maps if each.name == reference.parent)
        subject = self.functions.term(parent.subject, parent.base)
        if not reference.joins:
            return as_several(subject)
        keys = tuple(text_function(join.child) for join in reference.joins)
        index = self._index(reference, parent, subject)

        def joined(row: Row) -> Iterable[Made]:
            # No key of the index holds a null, so a null joins nothing.
            return index.get(tuple(key(row) for key in keys), ())

        return joined

    def _index(self, reference: ParentReference, parent: TriplesMap, subject: TermOf) -> _Index:
        """The parent's subjects by the texts of the join, each subject once a key."""
        keys = tuple(text_function(join.parent) for join in reference.joins)
        index: _Index = {}
        for row in rows_of(self.mapping, parent.source, self.tables):
            key = tuple(each(row) for each in keys)
            if None in key:
                continue
            try:
                made = subject(row)
            except ValueError:
                continue  # The parent's own rows report it.
            if made is not None:
                index.setdefault(key, {})[made] = None
        return index
