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
from benchmarks.varied import KINDS

SHIPPED = 35
"""Rows of the shipped table, which is built whatever the sizes."""
PEER_ROWS = 1000
"""Rows of a build given to peers that hold a graph in memory: some 400 quads a row."""


def main() -> None:
    """Run what was asked for."""
    parser = argparse.ArgumentParser(description="Builds of each size, and ours beside the peers'.")
    parser.add_argument("--rows", default="35,1000,10000", help="sizes of the builds, with commas between")
    parser.add_argument("--kind", default="dress,civic", help="kinds of tables: dress, civic or both")
    parser.add_argument("--peers", action="store_true", help="run other programs on the same files")
    parser.add_argument("--peer-rows", type=int, default=PEER_ROWS, help="rows of the graph given to peers")
    parser.add_argument("--shape-rows", type=int, default=PEER_ROWS, help="items that pySHACL judges")
    parser.add_argument(
        "--items", type=int, default=100_000, help="rows of the table mapped beside morph-kgc"
    )
    parser.add_argument(
        "--tables", type=int, default=MANY, help="tables of the build of many tables, 0 for no such build"
    )
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--repeats", type=int, default=1, help="times that a comparison is run")
    parser.add_argument("--out", type=Path, default=Path("out-benchmarks"))
    given = parser.parse_args()
    sizes = [int(each) for each in given.rows.split(",") if int(each) != SHIPPED]
    kinds = given.kind.split(",")
    if unknown := set(kinds) - set(KINDS):
        parser.error(f"no such kind: {', '.join(sorted(unknown))}")
    with tempfile.TemporaryDirectory(prefix="dress-kg-benchmarks-") as place:
        suite = Suite(Path(place), given.jobs, given.repeats, given.out)
        run(suite, sizes, kinds, given.tables, given.peer_rows if given.peers else None)
        write(suite.found, given.out)
        if given.peers:
            peers(suite, given.peer_rows, given.items, given.shape_rows)
        write(suite.found, given.out)
    print(markdown(suite.found))


def run(suite: Suite, sizes: list[int], kinds: list[str], tables: int, kept: int | None) -> None:
    """Builds, each beside the loading of its quads and a rebuild; growth, and what people feel.

    :param kept: rows of the build that the peers will be given; of the others nothing stays on disk.
    """
    suite.quick(suite.shipped())
    for kind in kinds:
        for size in sizes:
            suite.build(kind, size)
            suite.loading(kind, size)
            suite.rebuild(kind, size)
            if (kind, size) != ("dress", kept):
                suite.discard(kind, size)
        if tables and sizes and max(sizes) >= 10 * tables:
            suite.build(kind, max(sizes), tables=tables)
            suite.discard(kind, max(sizes), tables=tables)
        if sizes:
            suite.interpretation(kind, max(sizes))


def peers(suite: Suite, rows: int, items: int, judged: int) -> None:
    """Ours beside the peers'; each comparison is written down when it is done."""
    from tests.peers.morph_kgc import EnvironmentMissingError, make_environment

    try:
        morph = make_environment(Path(__file__).resolve().parents[1] / ".cache/peers/morph-kgc-2.10")
    except EnvironmentMissingError as problem:
        say(f"without morph-kgc: {problem}")
        morph = None
    suite.mapping(items, (), morph)
    small = min(items, 10_000)
    suite.mapping(small, ("rdflib",), None)
    graph = suite.build("dress", rows)
    suite.mapping_tidy(rows, graph, morph)
    suite.judging(judged, graph)
    # PyLD had not ended with the graph of a build after 200 s of processor time.
    suite.exports(small, suite.work / f"items-{small}" / "ours.nq", "40 quads a row", ("rdflib", "pyld"))
    suite.exports(rows, graph / "graph.nq", "a build", ("rdflib",))


if __name__ == "__main__":
    main()
