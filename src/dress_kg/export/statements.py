"""What a store says as texts, subject by subject, in the order of our exports; memory holds a chunk of it.

The library dumps a graph several times as fast as it gives its quads one by one, and texts sort as they are;
subjects are several times fewer than statements, so it is subjects that are sorted. A term is the text that
N-Triples has for it. Subjects come as in the source: the source itself, each item with its parts, its cells
and selections last, then publications, concepts and what was derived. Of a subject `rdf:type` comes first,
then predicates and objects by code point.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from tempfile import SpooledTemporaryFile

from pyoxigraph import DefaultGraph, NamedNode, RdfFormat, Store

from dress_kg import terms
from dress_kg.export.quads import merged, run_of

Description = tuple[str, list[str]]
"""A subject, and what is said of it: predicate and object with a space between, each once."""

TYPE = f"<{terms.PREFIXES['rdf']}type>"
_TYPED, _PAST_TYPED = f"{TYPE} ", f"{TYPE}!"
"""What begins with the first stands, where texts are sorted, before the second and nothing else between."""
_PLACES = ("/source/", "/evidence/", "/publication/", "/vocab/")
_IN_MEMORY = 16_000_000
"""Bytes of a dumped graph kept in memory; more go through a temporary file."""
_BLOCK = 4_000_000
CHUNK = 600_000
"""Statements sorted in memory at a time: some 100 MB of a build."""


def graphs(store: Store) -> list[NamedNode | DefaultGraph]:
    """The graphs that hold something, the default graph first, the others by IRI."""
    default = DefaultGraph()
    found: list[NamedNode | DefaultGraph] = []
    if next(store.quads_for_pattern(None, None, None, default), None) is not None:
        found.append(default)
    return [*found, *sorted(store.named_graphs(), key=str)]  # type: ignore[list-item]


def described(
    store: Store, among: Sequence[NamedNode | DefaultGraph], *, chunk: int = CHUNK
) -> Iterator[Description]:
    """What those graphs say together, in order; memory holds that many statements, files the rest."""
    with ExitStack() as opened:
        runs: list[Iterable[str]] = []
        held: dict[str, list[str]] = {}
        number = 0
        for block in _dumped(store, among):
            _take(block, held)
            number += len(block)
            if number >= chunk:
                runs.append(opened.enter_context(run_of(_records(held))))
                held, number = {}, 0
        given = _joined(merged([*runs, _records(held)])) if runs else _held(held)
        for subject, told in given:
            told.sort()
            yield subject, _types_first(told if len(among) == 1 else list(dict.fromkeys(told)))


def _held(held: dict[str, list[str]]) -> Iterator[Description]:
    for _, subject in sorted(zip(map(place_of, held), held, strict=True)):
        yield subject, held.pop(subject)


def _joined(records: Iterable[str]) -> Iterator[Description]:
    about, told = "", [""]
    for record in records:
        _, subject, *said = record[:-1].split("\t")
        if subject == about:
            told += said
            continue
        if about:
            yield about, told
        about, told = subject, said
    yield about, told


def _take(lines: Iterable[str], held: dict[str, list[str]]) -> None:
    """Put what the lines say with what is held, by subject."""
    about, told = "", [""]
    for line in lines:
        subject, said = line.split(" ", 1)
        if subject != about:
            # Where the store has them side by side, the subject is looked up once.
            about, told = subject, held.setdefault(subject, [])
        told.append(said)


def _records(held: dict[str, list[str]]) -> list[str]:
    """A line for each subject, sorted as subjects should be; tabs, which no term holds, come first of all."""
    return sorted(
        f"{place_of(subject)}\t{subject}\t" + "\t".join(told) + "\n" for subject, told in held.items()
    )


def quad_lines(store: Store) -> Iterator[str]:
    """The N-Quads of a store, line by line, in no order."""
    with SpooledTemporaryFile(max_size=_IN_MEMORY) as file:
        store.dump(file, RdfFormat.N_QUADS)
        for block in _blocks(file):
            yield from (f"{line} .\n" for line in block)


def triple_lines(store: Store) -> Iterator[str]:
    """The N-Triples of all graphs, line by line; what several graphs say comes several times."""
    for block in _dumped(store, graphs(store)):
        yield from (f"{line} .\n" for line in block)


def _dumped(store: Store, among: Iterable[NamedNode | DefaultGraph]) -> Iterator[list[str]]:
    """The graphs' N-Triples, some statements of one graph at a time, without their ends."""
    for graph in among:
        with SpooledTemporaryFile(max_size=_IN_MEMORY) as file:
            store.dump(file, RdfFormat.N_TRIPLES, from_graph=graph)
            yield from _blocks(file)


def _blocks(file: SpooledTemporaryFile[bytes]) -> Iterator[list[str]]:
    """The file's lines without their ends, some at a time."""
    file.seek(0)
    while block := file.read(_BLOCK) + file.readline():
        # Only this ends a line; what else Python takes for an end may stand in a literal.
        yield block.decode("utf-8").split(" .\n")[:-1]


def _types_first(told: list[str]) -> list[str]:
    """What was sorted, types first."""
    first = bisect_left(told, _TYPED)
    if first and first < len(told) and told[first].startswith(_TYPED):
        past = bisect_left(told, _PAST_TYPED, first)
        return told[first:past] + told[:first] + told[past:]
    return told


def place_of(subject: str) -> str:
    """What a subject is sorted by: `evidence/dress/a` before its parts, and those before its cells."""
    rank = 0
    for place in _PLACES:
        if place in subject:
            break
        rank += 1
    return f"{rank}{subject[1:].rstrip('>').replace('/cell/', '/~/')}"
