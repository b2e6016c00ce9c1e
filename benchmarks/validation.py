"""Row shapes by compiled selects against pySHACL on the whole graph, and each cross-row rule, in CPU seconds.

    PYTHONPATH=src python -m benchmarks.validation BUILD [--items N] [--rules]

BUILD is the folder of a build (`dress-kg build --out BUILD`). Its items are repeated under other IRIs until
there are N of them (10,000 unless told), loaded, and judged by both in this one process and thread, whose CPU
time is taken, for other programs may run beside it. The loading is not timed; pySHACL's time is that of its
call alone, ours is all of it, placing the results included. Fails when the results differ. `--rules` runs the
cross-row rules instead, over a store on disk. Publications are repeated too, so that a group of rows that
cite one stays as large as it is.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

import pyoxigraph as ox

from dress_kg import terms
from dress_kg.validate import Engine, RowValidator, load_vocabulary
from dress_kg.validate.batches import batches, shapes_to_rdflib
from dress_kg.validate.judge import judge
from dress_kg.validate.rules import load_rules, run_rule

DERIVED = ("/quality", "/inferred", "/dataset")


def repeated(build: Path, items: int) -> Iterator[bytes]:
    """The N-Quads lines of that many items at least, without what is derived from them."""
    manifest = json.loads((build / "manifest.json").read_text("utf-8"))
    sources = sorted(manifest["sources"])
    held = sum(each["items"] for each in manifest["sources"].values())
    reference = f"<{terms.reference_graph()}>"
    publication = terms.publication("")
    with (build / "graph.nq").open(encoding="utf-8") as lines:
        kept = [line for line in lines if not line.rstrip(" .\n").rstrip(">").endswith(DERIVED)]
    for copy in range(-(-items // held)):
        for line in kept:
            if copy and reference in line and publication not in line:
                continue  # the vocabulary is there once
            yield _copied(line, sources, publication, copy) if copy else line.encode()


def _copied(line: str, sources: list[str], publication: str, copy: int) -> bytes:
    for source in sources:
        own = line.replace(f"/{source}/", f"/{source}-{copy}/").replace(f"/{source}>", f"/{source}-{copy}>")
        if own != line:
            return own.replace(publication, f"{publication}{copy}-").encode()
    return line.replace(publication, f"{publication}{copy}-").encode()


def loaded(lines: Iterable[bytes], path: Path | None = None) -> ox.Store:
    """A store of the lines and the vocabulary, in memory or in a folder."""
    store = ox.Store() if path is None else ox.Store(str(path))
    store.bulk_load(input=b"".join(lines), format=ox.RdfFormat.N_QUADS)
    load_vocabulary(store)
    store.flush() if path is not None else None
    return store


@dataclass(frozen=True, slots=True)
class Judged:
    """What one judge found in a whole graph.

    :ivar wall: seconds. :ivar cpu: seconds of the processor. :ivar items: evidence items judged.
    :ivar results: rule and node of each result. :ivar note: what was judged.
    """

    wall: float
    cpu: float
    items: int
    results: frozenset[tuple[str, str | None]]
    note: str

    def digest(self) -> str:
        """The same for the same results."""
        lines = sorted(f"{rule} {node}" for rule, node in self.results)
        return blake2b("\n".join(lines).encode(), digest_size=8).hexdigest()


def by_selects(store: ox.Store) -> Judged:
    """Our judge: loading the shapes and placing the results are in its time."""
    wall, cpu = time.perf_counter(), time.thread_time()
    validator = RowValidator.load(engine=Engine.SPARQL)
    found = validator.judge(store)
    wall, cpu = time.perf_counter() - wall, time.thread_time() - cpu
    results = frozenset((placed.result.rule, placed.result.node) for placed in found.placed)
    note = f"{len(store):,} quads, {len(validator.compiled)} shapes, {len(found.placed):,} results placed"
    return Judged(wall, cpu, found.items, results, note)


def by_pyshacl(store: ox.Store, items: int) -> Judged:
    """What pySHACL finds, over all items at once: the time is that of its call."""
    shapes = RowValidator.load(engine=Engine.PYSHACL).shapes
    (whole,) = batches(store, items)
    as_rdflib = shapes_to_rdflib(shapes.graph)
    wall, cpu = time.perf_counter(), time.thread_time()
    found = list(judge(whole.graph, as_rdflib, shapes))
    wall, cpu = time.perf_counter() - wall, time.thread_time() - cpu
    results: frozenset[tuple[str, str | None]]
    results = frozenset((shapes.rules[shape].name, node.value) for shape, node in found)
    return Judged(wall, cpu, items, results, f"{len(whole.graph):,} triples")


def timed_rows(store: ox.Store) -> None:
    """Both judges over one store, and their ratio."""
    ours = by_selects(store)
    print(f"{ours.items:,} items")
    print(f"compiled selects   {ours.cpu:8.2f} s   {len(ours.results):,} results, {ours.note}")
    theirs = by_pyshacl(store, ours.items)
    print(f"pySHACL            {theirs.cpu:8.2f} s   {len(theirs.results):,} results, {theirs.note}")
    print(f"ratio              {theirs.cpu / ours.cpu:8.1f}")
    if ours.results != theirs.results:
        sys.exit("the results differ")


def timed_rules(store: ox.Store) -> None:
    """The seconds of each cross-row rule over one store."""
    total = 0.0
    for each in load_rules():
        start = time.thread_time()
        hits = sum(1 for _ in run_rule(store, each))
        seconds = time.thread_time() - start
        total += seconds
        print(f"{each.rule.name:<40}{seconds:8.2f} s   {hits:,} results")
    print(f"{'all cross-row rules':<40}{total:8.2f} s")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Validation, measured.")
    parser.add_argument("build", type=Path)
    parser.add_argument("--items", type=int, default=10_000)
    parser.add_argument("--rules", action="store_true", help="the cross-row rules instead of the row shapes")
    given = parser.parse_args()
    lines = repeated(given.build, given.items)
    if given.rules:
        with tempfile.TemporaryDirectory() as folder:
            timed_rules(loaded(lines, Path(folder) / "store"))
    else:
        timed_rows(loaded(lines))


if __name__ == "__main__":
    main()
