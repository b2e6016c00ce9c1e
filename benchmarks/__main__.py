"""The benchmark suite: `python -m benchmarks [--rows 35,1000,10000,100000] [--peers]`.

Builds the shipped table and varied tables of each size, one long table and many, and with `--peers` runs
other programs on the same files. Results go to OUT as `results.md`, `results.json` and `growth.svg`, the
Markdown to stdout too. Ratios are what counts: seconds are those of this machine today.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from benchmarks.figures import markdown, write
from benchmarks.suite import MANY, Suite, say

SHIPPED = 35
"""Rows of the shipped table, which is built whatever the sizes."""
PEER_ROWS = 1000
"""Rows of a build given to peers that hold a graph in memory: some 400 quads a row."""


def main() -> None:
    """Run what was asked for."""
    parser = argparse.ArgumentParser(description="Builds of each size, and ours beside the peers'.")
    parser.add_argument("--rows", default="35,1000,10000", help="sizes of the builds, with commas between")
    parser.add_argument("--kind", default="dress", choices=("dress", "civic"))
    parser.add_argument("--peers", action="store_true", help="run other programs on the same files")
    parser.add_argument("--peer-rows", type=int, default=PEER_ROWS, help="rows of the graph given to peers")
    parser.add_argument(
        "--items", type=int, default=100_000, help="rows of the table mapped beside morph-kgc"
    )
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--repeats", type=int, default=1, help="times that a comparison is run")
    parser.add_argument("--out", type=Path, default=Path("out-benchmarks"))
    given = parser.parse_args()
    sizes = [int(each) for each in given.rows.split(",") if int(each) != SHIPPED]
    with tempfile.TemporaryDirectory(prefix="dress-kg-benchmarks-") as place:
        suite = Suite(Path(place), given.jobs, given.repeats, given.out)
        run(suite, sizes, given.kind)
        write(suite.found, given.out)
        if given.peers:
            peers(suite, given.peer_rows, given.items)
        write(suite.found, given.out)
    print(markdown(suite.found))


def run(suite: Suite, sizes: list[int], kind: str) -> None:
    """Builds, growth, and what people feel."""
    suite.quick(suite.shipped())
    for size in sizes:
        suite.build(kind, size)
    if not sizes:
        return
    largest = max(sizes)
    if largest >= 10 * MANY:
        suite.build(kind, largest, tables=MANY)
    if kind == "dress":
        suite.interpretation(largest)
        suite.rebuild(largest)


def peers(suite: Suite, rows: int, items: int) -> None:
    """Ours beside the peers'; each comparison is written down when it is done."""
    from tests.peers.morph_kgc import EnvironmentMissingError, make_environment

    try:
        morph = make_environment(Path(__file__).resolve().parents[1] / ".cache/peers/morph-kgc-2.10")
    except EnvironmentMissingError as problem:
        say(f"without morph-kgc: {problem}")
        morph = None
    suite.mapping(items, (), morph)
    suite.mapping(min(items, 10_000), ("rdflib",), None)
    graph = suite.work / f"dress-{rows}-1-built"
    if not graph.exists():
        graph = suite.build("dress", rows)
    suite.mapping_tidy(rows, graph, morph)
    suite.loading(rows, graph)
    forty = suite.work / f"items-{min(items, 10_000)}" / "ours.nq"
    suite.exports(min(items, 10_000), forty, "40 quads a row", ("rdflib", "pyld"))
    suite.exports(rows, graph / "graph.nq", "a build", ("rdflib", "pyld"))
    suite.judging(rows, graph)


if __name__ == "__main__":
    main()
