"""The stages that look at the whole graph, in its store on disk: cross-row rules, derived facts, description.

They run where the store is open, for a long table in a process of their own: what the store needs to load
and to join does not weigh on the others. Each leaves its quads as shards beside those of the rows, and in the
store. While they run, the store also holds the vocabularies whole, which rules ask for: in a graph that is
taken out again.
"""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import IO, TYPE_CHECKING

import pyoxigraph as ox

from dress_kg import terms
from dress_kg.counting import Counts, Seen, count_distinct, count_lines, write_hashes
from dress_kg.dataset import about, describe_source
from dress_kg.derive import Derivation, conclude, load_derivations
from dress_kg.findings import Verdict, leave, merged, write_report
from dress_kg.reference import vocabulary_quads
from dress_kg.rowstage import mapped, sections
from dress_kg.shards import QUADS, Shard, read_section, write_shard
from dress_kg.store import write_store
from dress_kg.tables import Tables, merge
from dress_kg.validate import ValidationReport, quality_tables
from dress_kg.validate.result import QualityResult
from dress_kg.validate.rows import cross_row_results

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer as Buffer

_SCRATCH = ox.NamedNode("urn:dress-kg:whole-vocabularies")
_ITEM = terms.ONTOLOGY + "EvidenceItem"
_OF_THE_WHOLE = frozenset({"cross-row rules", "derive"})
AT_ONCE = 2_000
"""Results whose quads are made at a time."""


@dataclass(frozen=True, slots=True)
class Task:
    """What the store stages work on.

    :ivar work: the build's working folder. :ivar shards: of the rows and of what they share.
    :ivar judged: the files of the row shapes' results; :ivar verdict: what they say.
    :ivar counts: what VoID counts of the rows, by source; :ivar objects: the hashes of the objects.
    :ivar fields: the columns that the sources have. :ivar large: too much to be held in memory.
    :ivar rules: False where nothing is asked of the whole graph; then `shards` need hold only what the
        items share, and no store is left. :ivar threads: rules that may run at the same time.
    """

    work: Path
    shards: tuple[Shard, ...]
    judged: tuple[Path, ...]
    verdict: Verdict
    counts: dict[str, Counts]
    objects: dict[str, list[Path]]
    fields: frozenset[str]
    large: bool = True
    rules: bool = True
    base: str = terms.DATA
    threads: int = 1

    @property
    def store(self) -> Path:
        """Where the store is made."""
        return self.work / "store"

    @property
    def report(self) -> Path:
        """Where the report is written."""
        return self.work / "report.json"


@dataclass(slots=True)
class Done:
    """What the store stages made.

    :ivar shards: their own. :ivar graphs: how many named graphs there are. :ivar seconds: wall time by stage.
    """

    verdict: Verdict
    graphs: int = 0
    shards: list[Shard] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)


def finish(task: Task) -> Done:
    """Load the store, run what looks at the whole graph, and write the report.

    :raises ShapeError: a cross-row rule is at fault. :raises OntologyError: a rule of `ontology/derive` is.
    :raises OSError: the disk is full, or the folder cannot be written.
    """
    # What fits into memory is joined there: a store on disk takes a while to open and to look up.
    stage = _Stage(task, ox.Store(str(task.store)) if task.large else ox.Store(), Done(task.verdict))
    stages: list[tuple[str, Callable[[], None]]] = [
        ("load", stage.load),
        ("cross-row rules", stage.cross_row),
        ("quality", stage.quality),
        ("derive", stage.derive),
        ("describe", stage.describe),
    ]
    for name, run in stages:
        if not task.rules and name in _OF_THE_WHOLE:
            continue
        start = time.perf_counter()
        run()
        stage.done.seconds[name] = time.perf_counter() - start
    if not task.rules:
        pass  # what the rows say is all that is wanted
    elif task.large:
        stage.store.remove_graph(_SCRATCH)
        stage.store.flush()
    else:
        write_store(_lines((*task.shards, *stage.done.shards)), task.store)
    stage.done.graphs = stage.graphs()
    return stage.done


class _Pieces(io.RawIOBase):
    """Pieces of bytes as a file that can be read."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = iter(pieces)
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, into: Buffer) -> int:
        while not self._rest:
            piece = next(self._pieces, None)
            if piece is None:
                return 0
            self._rest = memoryview(piece)
        room = memoryview(into)
        taken = min(len(room), len(self._rest))
        room[:taken] = self._rest[:taken]
        self._rest = self._rest[taken:]
        return taken


def _lines(shards: Iterable[Shard]) -> IO[bytes]:
    """The N-Quads lines of shards as one file."""
    return io.BufferedReader(_Pieces(read_section(shards, QUADS)), 2**20)


@dataclass(slots=True)
class _Stage:
    task: Task
    store: ox.Store
    done: Done
    cross: Path | None = None

    def load(self) -> None:
        self.store.bulk_load(input=_lines(self.task.shards), format=ox.RdfFormat.N_QUADS)
        known = vocabulary_quads(self.task.base)
        # A triple that stands in two graphs would count twice in their union.
        missing = (q for q in known if q not in self.store)
        scratch = [ox.Quad(q.subject, q.predicate, q.object, _SCRATCH) for q in missing]
        self.store.extend(scratch)

    def cross_row(self) -> None:
        found = cross_row_results(self.store, self.task.fields, threads=self.task.threads)
        self.cross = self.task.work / "judged-cross-row.pickle"
        self.done.verdict.add_cross(found, leave(found.placed, self.cross))

    def quality(self) -> None:
        """Write the report, and make the quads and tables of its results."""
        files = [*self.task.judged, *([self.cross] if self.cross else [])]
        with self.task.report.open("w", encoding="utf-8") as out:
            write_report(self.done.verdict, self._kept(merged(files)), out)

    def _kept(self, items: Iterable[tuple[str | None, list[QualityResult]]]) -> Iterator[QualityResult]:
        held: list[QualityResult] = []
        for _, results in items:
            yield from results
            held += results
            if len(held) >= AT_ONCE:
                self._keep_results(held)
                held = []
        self._keep_results(held)

    def _keep_results(self, results: list[QualityResult]) -> None:
        report = ValidationReport(tuple(results), (), (), (), (), 0)
        tables = merge(quality_tables(report, source, self.task.base) for source in self.task.counts)
        self._keep(mapped(tables), tables)

    def derive(self) -> None:
        # What a row says alone was concluded with it.
        rules = [rule for rule in load_derivations() if not rule.of_a_row]
        with ThreadPoolExecutor(self.task.threads) as threads:  # the store leaves the interpreter to others
            for _, step in groupby(rules, key=attrgetter("step")):
                for lines in list(threads.map(self._concluded, step)):
                    self._keep(lines)

    def _concluded(self, rule: Derivation) -> list[bytes]:
        return [f"{quad} .\n".encode() for quad in conclude(self.store, rule, self.task.base)]

    def describe(self) -> None:
        base = self.task.base
        for source, counts in self.task.counts.items():
            counts.objects = count_distinct(self.task.objects.get(source, ()))
            table = ox.NamedNode(terms.source(source, base))
            told = about(self.store.quads_for_pattern(table, None, None, None))
            described = describe_source(source, counts, told, base)
            self._keep(f"{quad} .\n".encode() for quad in described)

    def graphs(self) -> int:
        """The named graphs: one an item, some a source, and the one that all share."""
        kinds = (len(counts.by_kind.keys() - {"evidence"}) + 1 for counts in self.task.counts.values())
        items = (counts.members[_ITEM] for counts in self.task.counts.values())
        return sum(kinds) + sum(items) + 1

    def _keep(self, lines: Iterable[bytes], tables: Tables | None = None) -> None:
        """Count the lines, leave them as a shard, and put them into the store."""
        kept = sorted(set(lines))
        if not kept:
            return
        number = len(self.done.shards)
        for source, seen in count_lines(kept, self.task.base).items():
            self.task.counts[source].add(self._news(seen))
            path = self.task.work / f"objects-late-{number:06d}-{source}"
            self.task.objects.setdefault(source, []).append(write_hashes(seen.objects, path))
        made = sections(kept, tables or {}, self.task.base)
        self.done.shards.append(write_shard(self.task.work / f"late-{number:06d}", made))
        self.store.bulk_load(input=b"".join(kept), format=ox.RdfFormat.N_QUADS)

    def _news(self, seen: Seen) -> Counts:
        """The counts with those subjects only that the store does not hold yet."""
        counts = seen.counts
        counts.subjects = sum(self._is_new(subject) for subject in seen.subjects)
        for subject, value in seen.members:
            if not self._is_new(subject, value):
                counts.members[value[1:-1].decode()] -= 1
        return counts

    def _is_new(self, subject: bytes, value: bytes | None = None) -> bool:
        node = ox.NamedNode(subject[1:-1].decode())
        kind = None if value is None else ox.NamedNode(value[1:-1].decode())
        predicate = None if value is None else _TYPE
        return next(iter(self.store.quads_for_pattern(node, predicate, kind, None)), None) is None


_TYPE = ox.NamedNode(terms.PREFIXES["rdf"] + "type")
