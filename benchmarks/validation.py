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


def timed_rows(store: ox.Store) -> None:
    """Both judges over one store, and their ratio."""
    start = time.thread_time()
    sparql = RowValidator.load(engine=Engine.SPARQL)
    by_selects = sparql.judge(store)
    ours = time.thread_time() - start
    print(f"{by_selects.items:,} items, {len(store):,} quads, {len(sparql.compiled)} shapes")
    print(f"compiled selects   {ours:8.2f} s   {len(by_selects.placed):,} results")

    shapes = RowValidator.load(engine=Engine.PYSHACL).shapes
    (whole,) = batches(store, by_selects.items)
    as_rdflib = shapes_to_rdflib(shapes.graph)
    start = time.thread_time()
    found = {(shapes.rules[shape].name, node.value) for shape, node in judge(whole.graph, as_rdflib, shapes)}
    theirs = time.thread_time() - start
    print(f"pySHACL            {theirs:8.2f} s   {len(found):,} results, {len(whole.graph):,} triples")
    print(f"ratio              {theirs / ours:8.1f}")
    if found != {(placed.result.rule, placed.result.node) for placed in by_selects.placed}:
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
