"""How fast the RML executor is: a mapping of 40 quads a row, in one named graph a row.

    python benchmarks/rml_speed.py [ROWS] [--csv]

Prints seconds and peak memory for writing N-Quads as lines (`execute_lines`), for making quads (`execute`),
and for making and writing those. With `--csv` the rows come from a file, not from memory. It fails when the
count is wrong. Beside morph-kgc: `python -m benchmarks --peers`.
"""

from __future__ import annotations

import csv
import resource
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from pyoxigraph import RdfFormat, serialize

from dress_kg.mapping import csv_tables, execute, execute_lines, load_mapping
from dress_kg.mapping.tables import Tables
from dress_kg.mapping.terms import Row

TEXTS, TYPED, LINKS = 20, 10, 8
QUADS_A_ROW = 2 + TEXTS + TYPED + LINKS

HEAD = """@prefix rml: <http://w3id.org/rml/> . @prefix ex: <http://example.org/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
ex:Items rml:logicalSource [ rml:source "items.csv" ; rml:referenceFormulation rml:CSV ] ;
  rml:subjectMap [ rml:template "http://example.org/id/item/{id}" ; rml:class ex:Item, ex:Thing ;
    rml:graphMap [ rml:template "http://example.org/id/item/{id}" ] ] ;
"""


def mapping_text() -> str:
    """The mapping: texts, typed literals and links (half of them shared by many rows)."""
    pairs = [f'ex:t{n} ; rml:objectMap [ rml:reference "t{n}" ]' for n in range(TEXTS)]
    pairs += [
        f'ex:d{n} ; rml:objectMap [ rml:reference "d{n}" ; rml:datatype xsd:decimal ]' for n in range(TYPED)
    ]
    pairs += [
        f'ex:l{n} ; rml:objectMap [ rml:template "http://example.org/id/l{n}/{{l{n}}}" ]'
        for n in range(LINKS)
    ]
    return HEAD + " ;\n".join(f"  rml:predicateObjectMap [ rml:predicate {each} ]" for each in pairs) + " ."


def rows(count: int) -> Iterator[dict[str, str | None]]:
    """That many rows, every column filled."""
    for number in range(count):
        row: dict[str, str | None] = {"id": f"item-{number}"}
        row |= {f"t{n}": f"the printed text of cell {n} in row {number}, as read" for n in range(TEXTS)}
        row |= {f"d{n}": f"{number}.{n}" for n in range(TYPED)}
        row |= {f"l{n}": f"{number if n % 2 else number % 50}-{n}" for n in range(LINKS)}
        yield row


def measure(what: str, tables: Tables, count: int, *, write: bool) -> None:
    """Run once and print the line of figures."""
    mapping = load_mapping(mapping_text())
    start = time.perf_counter()
    quads = execute(mapping, tables)
    if write:
        with tempfile.NamedTemporaryFile() as target:
            serialize(quads, target, format=RdfFormat.N_QUADS)
            target.seek(0)
            made = sum(1 for _line in target)
    else:
        made = sum(1 for _quad in quads)
    report(what, count, made, time.perf_counter() - start)


def measure_lines(tables: Tables, count: int) -> None:
    """Run once by lines and print the line of figures."""
    mapping = load_mapping(mapping_text())
    start, made = time.perf_counter(), 0
    with tempfile.TemporaryFile() as target:
        for lines in execute_lines(mapping, tables):
            target.write("".join(lines).encode())
            made += len(lines)
    report("lines written", count, made, time.perf_counter() - start)


def report(what: str, count: int, made: int, seconds: float) -> None:
    """Print the line of figures.

    :raises AssertionError: the count of quads is wrong.
    """
    each = seconds / made * 1e6
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{what:24}{count:>9,} rows{made:>11,} quads{seconds:8.2f} s{each:7.2f} µs/quad{peak:6.0f} MB")
    assert made == count * QUADS_A_ROW


def main() -> None:
    """Measure from memory or from a file."""
    arguments = [each for each in sys.argv[1:] if each != "--csv"]
    count = int(arguments[0]) if arguments else 20_000
    with tempfile.TemporaryDirectory() as folder:
        if "--csv" in sys.argv:
            with (Path(folder) / "items.csv").open("w", newline="") as stream:
                writer = csv.DictWriter(stream, list(next(rows(1))))
                writer.writeheader()
                writer.writerows(rows(count))
            tables = csv_tables(Path(folder))
        else:

            def tables(_name: str) -> Iterable[Row]:
                return rows(count)

        measure_lines(tables, count)
        measure("quads made", tables, count, write=False)
        measure("quads made and written", tables, count, write=True)


if __name__ == "__main__":
    main()
