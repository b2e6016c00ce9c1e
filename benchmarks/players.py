"""What is measured, each in a process of its own: `python -m benchmarks.players NAME ARGUMENT…`.

Ours and the peers': the same work on the same files. morph-kgc runs in an environment of its own
(`tests/peers/morph_kgc.py`); the others are what our own environment for development has.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from dress_kg import terms
from dress_kg.progress import Progress
from dress_kg.resources import folder

if TYPE_CHECKING:
    from benchmarks.validation import Judged

T = TypeVar("T")


class Markers(Progress):
    """Writes when each stage begins, for who watches the memory from outside."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._out = path.open("w", encoding="utf-8")

    def stage(self, name: str) -> None:
        """A stage begins."""
        self._out.write(f"{time.time()}\t{name}\n")
        self._out.flush()

    def over(
        self, name: str, values: Iterable[T], total: int | None, size: Callable[[T], int] = lambda _: 1
    ) -> Iterator[T]:
        """A counted stage begins when its first value is asked for."""
        self.stage(name)
        yield from values

    def close(self) -> None:
        """No more stages."""
        self._out.close()


def build(out: str, jobs: str, markers: str, *profiles: str) -> None:
    """A whole build, as `dress-kg build` does it."""
    from dress_kg.pipeline import build as run

    with closing(Markers(Path(markers))) as progress:
        result = run(profiles=profiles, out=Path(out), jobs=int(jobs), progress=progress)
    print(json.dumps(result.seconds))


def map_lines(mapping: str, tables: str, out: str) -> None:
    """Tidy tables to N-Quads by our executor."""
    from dress_kg.mapping import csv_tables, execute_lines, load_mapping

    with Path(out).open("w", encoding="utf-8", newline="\n") as target:
        for lines in execute_lines(load_mapping(Path(mapping)), csv_tables(Path(tables))):
            target.write("".join(lines))


def map_rdflib(tables: str, out: str) -> None:
    """The table of `rml_speed` to N-Quads the naive way: an rdflib graph built row by row."""
    import csv

    from rdflib import RDF, XSD, Dataset, Literal, URIRef

    place, data = "http://example.org/", Dataset()
    with (Path(tables) / "items.csv").open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            item = URIRef(f"{place}id/item/{row['id']}")
            graph = data.graph(item)
            graph.add((item, RDF.type, URIRef(place + "Item")))
            graph.add((item, RDF.type, URIRef(place + "Thing")))
            for name, text in row.items():
                if name[0] == "t":
                    graph.add((item, URIRef(place + name), Literal(text)))
                elif name[0] == "d":
                    graph.add(
                        (item, URIRef(place + name), Literal(text, datatype=XSD.decimal, normalize=False))
                    )
                elif name[0] == "l":
                    graph.add((item, URIRef(place + name), URIRef(f"{place}id/{name}/{text}")))
    data.serialize(out, format="nquads", encoding="utf-8")


def digest(*files: str) -> None:
    """For each file of quads, how many distinct ones it has and a figure that does not depend on order."""
    from hashlib import blake2b

    from pyoxigraph import RdfFormat, parse

    for file in files:
        seen: set[int] = set()
        for quad in parse(path=file, format=RdfFormat.N_QUADS):
            seen.add(int.from_bytes(blake2b(str(quad).encode(), digest_size=8).digest()))
        print(len(seen), sum(seen) % 2**64)


def export_ours(form: str, graph: str, out: str) -> None:
    """Load, then time the export alone."""
    from pyoxigraph import RdfFormat, Store

    from dress_kg.export import export

    store = Store()
    store.bulk_load(path=graph, format=RdfFormat.N_QUADS)
    with Path(out).open("wb") as target:
        _timed(lambda: export(store, form, target))


def export_rdflib(form: str, graph: str, out: str) -> None:
    """Load, then time rdflib's serialiser alone, with our prefixes and our context."""
    import rdflib

    data = rdflib.Dataset(default_union=True)
    data.parse(graph, format="nquads")
    if form == "jsonld":
        _timed(lambda: data.serialize(out, format="json-ld", context=_context(), auto_compact=True))
        return
    merged = rdflib.Graph()
    for subject, predicate, value, _ in data.quads():
        merged.add((subject, predicate, value))
    for prefix, space in terms.PREFIXES.items():
        merged.bind(prefix, space)
    _timed(lambda: merged.serialize(out, format="turtle"))


def export_pyld(form: str, graph: str, out: str) -> None:
    """Time PyLD: from quads, and compacted with our context."""
    from pyld import jsonld

    assert form == "jsonld"
    text = Path(graph).read_text("utf-8")

    def run() -> None:
        expanded = jsonld.from_rdf(text, {"format": "application/n-quads"})
        compacted = jsonld.compact(expanded, {"@context": _context()})
        Path(out).write_text(json.dumps(compacted, ensure_ascii=False, indent=1), "utf-8")

    _timed(run)


def shacl_ours(build: str, items: str) -> None:
    """That many items of a build judged by our row shapes, the cross-row rules left out."""
    from benchmarks import validation

    _judged(validation.by_selects(validation.loaded(validation.repeated(Path(build), int(items)))))


def shacl_pyshacl(build: str, items: str) -> None:
    """The same items judged at once by pySHACL with the same shapes."""
    from benchmarks import validation
    from dress_kg.validate.owner import read_items

    store = validation.loaded(validation.repeated(Path(build), int(items)))
    _judged(validation.by_pyshacl(store, len(read_items(store).graphs)))


def _judged(found: Judged) -> None:
    figures = {"wall": found.wall, "cpu": found.cpu, "items": found.items, "results": len(found.results)}
    print(json.dumps({**figures, "digest": found.digest()}))


def interpret(profile: str, jobs: str) -> None:
    """Time the reading of repaired rows alone, the lexicons loaded before."""
    from dress_kg.interpret.item import Interpreter, interpret_rows
    from dress_kg.profile import load_profile
    from dress_kg.repair import repair
    from dress_kg.table import read_lines

    described = load_profile(profile)
    known = Interpreter.of(described).words()
    table = repair(read_lines(described.source_file, described), described, described.file, known_words=known)
    _timed(lambda: interpret_rows(table, described, jobs=int(jobs)))


def _timed(work: Callable[[], object]) -> None:
    """Print the seconds, of the clock and of the processor, that this part took."""
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    print(json.dumps({"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu}))


def _context() -> object:
    return json.loads((folder("ontology") / "context.jsonld").read_text("utf-8"))["@context"]


PLAYERS: dict[str, Callable[..., None]] = {
    each.__name__: each
    for each in (
        build, map_lines, map_rdflib, digest, export_ours, export_rdflib, export_pyld, shacl_ours,
        shacl_pyshacl, interpret,
    )
}  # fmt: skip

if __name__ == "__main__":
    PLAYERS[sys.argv[1]](*sys.argv[2:])
