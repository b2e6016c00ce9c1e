"""What VoID counts of a graph, from its N-Quads lines, batch by batch.

Triples and properties add up. Distinct subjects, objects and members of classes do not: a batch of rows
shares no subject with another one, so their numbers add up too; what is derived later is looked up. Distinct
objects (texts, agents, cells) are counted over all batches by 64-bit hashes in files, a share of the hashes
at a time, so that memory does not grow with the rows.
"""

from __future__ import annotations

import hashlib
from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from dress_kg import terms

_TYPE = f"<{terms.PREFIXES['rdf']}type>".encode()
_SHARES = 64
"""Shares that the hashes are counted in; a file of hashes begins with where each share ends."""


@dataclass(slots=True)
class Counts:
    """What is counted of one source; the graph `dataset` itself is left out.

    :ivar by_kind: triples by the kind of graph (all items' graphs are `evidence`).
    :ivar members: how many subjects each class has. All IRIs are bare.
    """

    triples: int = 0
    by_kind: Counter[str] = field(default_factory=Counter)
    by_property: Counter[str] = field(default_factory=Counter)
    members: Counter[str] = field(default_factory=Counter)
    subjects: int = 0
    objects: int = 0

    def add(self, other: Counts) -> None:
        """Add what was counted of lines of the source that share no subject with these; not `objects`."""
        self.triples += other.triples
        self.by_kind += other.by_kind
        self.by_property += other.by_property
        self.members += other.members
        self.subjects += other.subjects


@dataclass(slots=True)
class Seen:
    """The counts of some lines, and what is distinct in them: terms as they stand in the lines."""

    counts: Counts = field(default_factory=Counts)
    subjects: set[bytes] = field(default_factory=set)
    members: set[tuple[bytes, bytes]] = field(default_factory=set)
    objects: set[bytes] = field(default_factory=set)


def kind_of(graph: str, base: str = terms.DATA) -> tuple[str | None, str]:
    """The source of a named graph, and which of its graphs it is; all items' graphs are `evidence`.

    >>> kind_of("https://w3id.org/dress-kg/id/graph/evidence/dress/a-b-2016")
    ('dress', 'evidence')
    >>> kind_of("https://w3id.org/dress-kg/id/graph/dress/quality")
    ('dress', 'quality')
    """
    parts = graph.removeprefix(f"{base}graph/").split("/")
    return terms.source_of_graph(graph, base), "evidence" if parts[0] == "evidence" else parts[-1]


def count_lines(lines: Iterable[bytes], base: str = terms.DATA) -> dict[str, Seen]:
    """What is to be counted of distinct N-Quads lines, by source; the reference graph belongs to none."""
    graphs: dict[bytes, tuple[str | None, str]] = {}
    parted: dict[bytes, list[tuple[bytes, bytes, bytes]]] = {}
    for line in lines:
        subject, predicate, rest = line.split(b" ", 2)
        value, graph, _ = rest.rsplit(b" ", 2)
        parted.setdefault(graph, []).append((subject, predicate, value))
    found: dict[str, Seen] = {}
    for graph, triples in parted.items():
        source, kind = graphs.setdefault(graph, kind_of(graph[1:-1].decode(), base))
        if source is None or kind == "dataset":
            continue
        seen = found.setdefault(source, Seen())
        seen.counts.triples += len(triples)
        seen.counts.by_kind[kind] += len(triples)
        for predicate, number in Counter(each[1] for each in triples).items():
            seen.counts.by_property[predicate[1:-1].decode()] += number
        seen.subjects.update([each[0] for each in triples])
        seen.objects.update([each[2] for each in triples])
        seen.members.update([(each[0], each[2]) for each in triples if each[1] == _TYPE])
    for seen in found.values():
        seen.counts.subjects = len(seen.subjects)
        seen.counts.members = Counter(value[1:-1].decode() for _, value in seen.members)
    return found


def write_hashes(values: Iterable[bytes], path: Path) -> Path:
    """Write the hashes of distinct values, sorted; returns the path.

    :raises OSError: the disk is full, or the folder cannot be written.
    """
    digest = hashlib.blake2b
    hashes = array("Q", sorted(int.from_bytes(digest(v, digest_size=8).digest(), "big") for v in values))
    step = 2**64 // _SHARES
    ends = array("Q", [bisect_left(hashes, step * share) for share in range(1, _SHARES)] + [len(hashes)])
    with path.open("wb") as out:
        ends.tofile(out)
        hashes.tofile(out)
    return path


def count_distinct(files: Iterable[Path]) -> int:
    """How many different hashes the files hold; one share of them is in memory at a time.

    Two of 10^7 values have the same hash once in 400,000 tables.
    """
    paths = list(files)
    return sum(len(set().union(*_share(paths, share))) for share in range(_SHARES))


def _share(paths: Iterable[Path], share: int) -> Iterator[array[int]]:
    for path in paths:
        with path.open("rb") as stored:
            ends = array("Q")
            ends.fromfile(stored, _SHARES)
            start, end = list(pairwise([0, *ends]))[share]
            stored.seek(8 * (_SHARES + start))
            hashes = array("Q")
            hashes.fromfile(stored, end - start)
            yield hashes
