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
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import IO

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
    source: Store | Path, among: Sequence[NamedNode | DefaultGraph] | None = None, *, chunk: int = CHUNK
) -> Iterator[Description]:
    """What graphs say together, in order; memory holds that many statements, files the rest.

    :param source: a store, or a file of N-Quads.
    :param among: those graphs of a store; None for all.
    """
    if isinstance(source, Path):
        blocks = (("", [line for line, _ in block]) for block in _quads(source))
    else:
        chosen = graphs(source) if among is None else among
        blocks = (("", block) for graph in chosen for block in _dumped(source, graph))
    several = among is None or len(among) > 1
    for _, subject, told in _ordered(blocks, chunk, several):
        yield subject, told


def described_by_graph(
    source: Store | Path, *, chunk: int = CHUNK
) -> Iterator[tuple[str, Iterator[Description]]]:
    """What each graph says, in order; the name of the default graph, which comes first, is "".

    :param source: a store, or a file of N-Quads. Each graph is to be read before the next.
    """
    if isinstance(source, Store):
        for graph in graphs(source):
            name = "" if isinstance(graph, DefaultGraph) else str(graph)
            yield name, described(source, [graph], chunk=chunk)
        return
    every = _ordered(_by_graph(source), chunk, False)
    for name, given in groupby(every, itemgetter(0)):
        yield name, ((subject, told) for _, subject, told in given)


def _ordered(
    blocks: Iterable[tuple[str, list[str]]], chunk: int, several: bool
) -> Iterator[tuple[str, str, list[str]]]:
    """Graph, subject, and what it says of it.

    :param blocks: the name of a graph and some of its statements. :param several: one may come again.
    """
    with ExitStack() as opened:
        runs: list[Iterable[str]] = []
        held: dict[str, dict[str, list[str]]] = {}
        number = 0
        for graph, block in blocks:
            _take(block, held.setdefault(graph, {}))
            number += len(block)
            if number >= chunk:
                runs.append(opened.enter_context(run_of(_records(held))))
                held, number = {}, 0
        given = _joined(merged([*runs, _records(held)])) if runs else _held(held)
        for graph, subject, told in given:
            told.sort()
            yield graph, subject, _types_first(list(dict.fromkeys(told)) if several else told)


def _held(held: dict[str, dict[str, list[str]]]) -> Iterator[tuple[str, str, list[str]]]:
    for graph in sorted(held):
        subjects = held.pop(graph)
        for _, subject in sorted(zip(map(place_of, subjects), subjects, strict=True)):
            yield graph, subject, subjects.pop(subject)


def _joined(records: Iterable[str]) -> Iterator[tuple[str, str, list[str]]]:
    about, told = ("", ""), [""]
    for record in records:
        graph, _, subject, *said = record[:-1].split("\t")
        if (graph, subject) == about:
            told += said
            continue
        if about[1]:
            yield *about, told
        about, told = (graph, subject), said
    yield *about, told


def _take(lines: Iterable[str], held: dict[str, list[str]]) -> None:
    """Put what the lines say with what is held, by subject."""
    about, told = "", [""]
    for line in lines:
        subject, said = line.split(" ", 1)
        if subject != about:
            # Where the source has them side by side, the subject is looked up once.
            about, told = subject, held.setdefault(subject, [])
        told.append(said)


def _records(held: dict[str, dict[str, list[str]]]) -> list[str]:
    """A line for each subject, sorted as subjects should be; tabs, which no term holds, come first of all."""
    return sorted(
        f"{graph}\t{place_of(subject)}\t{subject}\t" + "\t".join(told) + "\n"
        for graph, subjects in held.items()
        for subject, told in subjects.items()
    )


def quad_lines(source: Store | Path) -> Iterator[str]:
    """The N-Quads of a source, line by line, in no order."""
    if isinstance(source, Path):
        with source.open("rb") as file:
            for block in _blocks(file):
                yield from (f"{line} .\n" for line in block)
        return
    with SpooledTemporaryFile(max_size=_IN_MEMORY) as dump:
        source.dump(dump, RdfFormat.N_QUADS)
        dump.seek(0)
        for block in _blocks(dump):
            yield from (f"{line} .\n" for line in block)


def triple_lines(source: Store | Path) -> Iterator[str]:
    """The N-Triples of all graphs, line by line; what several graphs say comes several times."""
    if isinstance(source, Path):
        for quads in _quads(source):
            yield from (f"{line} .\n" for line, _ in quads)
        return
    for graph in graphs(source):
        for block in _dumped(source, graph):
            yield from (f"{line} .\n" for line in block)


def _dumped(store: Store, graph: NamedNode | DefaultGraph) -> Iterator[list[str]]:
    """The graph's N-Triples, some statements at a time, without their ends."""
    with SpooledTemporaryFile(max_size=_IN_MEMORY) as file:
        store.dump(file, RdfFormat.N_TRIPLES, from_graph=graph)
        file.seek(0)
        yield from _blocks(file)


def _by_graph(path: Path) -> Iterator[tuple[str, list[str]]]:
    """The statements of a file of N-Quads with the name of their graph, some at a time."""
    for block in _quads(path):
        found: dict[str, list[str]] = {}
        for line, graph in block:
            found.setdefault(graph, []).append(line)
        yield from found.items()


def _quads(path: Path) -> Iterator[list[tuple[str, str]]]:
    """Some lines of a file of N-Quads at a time: statement, and graph or "" ."""
    with path.open("rb") as file:
        for block in _blocks(file):
            yield [_apart(line) for line in block]


def _apart(line: str) -> tuple[str, str]:
    """Statement and graph of a line.

    >>> _apart('<s> <p> "a <b>" <g>'), _apart("<s> <p> <o>"), _apart('<s> <p> "a <b"^^<t>')
    (('<s> <p> "a <b>"', '<g>'), ('<s> <p> <o>', ''), ('<s> <p> "a <b"^^<t>', ''))
    """
    statement, _, last = line.rpartition(" ")
    # A last word without a quote is an IRI or a blank node; it is the object where but two words precede it.
    return (line, "") if '"' in last or statement.count(" ") < 2 else (statement, last)


def _blocks(file: IO[bytes]) -> Iterator[list[str]]:
    """The file's lines without their ends, some at a time."""
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
