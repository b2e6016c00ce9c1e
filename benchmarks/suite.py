"""The runs of the suite: builds of each size, and ours beside the peers'."""

from __future__ import annotations

import csv
import json
import shutil
import statistics
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks import rml_speed, varied
from benchmarks.figures import write
from benchmarks.findings import Built, Compared, Findings
from benchmarks.measuring import BenchmarkError, Measured, measure, python
from benchmarks.targets import INTERPRETED
from dress_kg.resources import folder

PLAYER = "benchmarks.players"
PATIENCE = 600.0
"""Seconds that a peer's export may take."""
MANY = 10
"""Tables of the build of many tables."""
PROSE = ("COMMENTS", "evidence_statement")
"""The column of prose, by kind of table."""


@dataclass(slots=True)
class Suite:
    """One run of the suite.

    :ivar work: a folder for tables and builds. :ivar jobs: worker processes of the builds.
    :ivar repeats: times that each comparison is run; the medians count.
    :ivar out: where results are written as they come, None for nowhere.
    """

    work: Path
    jobs: int = 2
    repeats: int = 1
    out: Path | None = None
    found: Findings = field(default_factory=Findings)

    def note(self, compared: Compared) -> None:
        """Keep a comparison; what is found so far is written down at once."""
        self.found.compared.append(compared)
        if self.out is not None:
            write(self.found, self.out)

    def build(self, kind: str, rows: int, tables: int = 1, seed: int = 1) -> Path:
        """Make tables of that many rows and build them, once; returns the build's folder."""
        name = f"{kind}-{rows}-{tables}"
        out, markers = self.work / f"{name}-built", self.work / f"{name}.stages"
        if out.exists():
            return out
        profiles = self.tables(kind, rows, tables, seed)
        say(f"build {name}")
        run = measure(python(PLAYER, "build", out, self.jobs, markers, *profiles))
        stages = json.loads(run.output.strip().rpartition("\n")[2])
        manifest = json.loads((out / "manifest.json").read_text("utf-8"))
        self.found.built.append(
            Built(
                kind=kind,
                rows=rows,
                tables=tables,
                jobs=self.jobs,
                quads=manifest["quads"],
                size=(out / "graph.nq").stat().st_size,
                run=run,
                stages={stage: round(seconds, 3) for stage, seconds in stages.items()},
                peaks=peaks(run, markers),
            )
        )
        return out

    def discard(self, kind: str, rows: int, tables: int = 1) -> None:
        """Remove a build from disk: a large one takes tens of gigabytes."""
        shutil.rmtree(self.work / f"{kind}-{rows}-{tables}-built", ignore_errors=True)

    def tables(self, kind: str, rows: int, tables: int = 1, seed: int = 1) -> list[Path]:
        """The profiles of varied tables of that many rows together, which are made once."""
        name = f"{kind}-{rows}-{tables}"
        if name not in self.found.variety:
            say(f"make {name}")
            _, variety = varied.make(self.work / name, rows, tables=tables, kind=kind, seed=seed)
            self.found.variety[name] = variety.distinct()
        return sorted((self.work / name).glob("*.toml"))

    def shipped(self) -> Path:
        """Build the shipped table of 35 rows."""
        say("build the shipped table")
        out, markers = self.work / "shipped-built", self.work / "shipped.stages"
        run = measure(python(PLAYER, "build", out, 1, markers, "dress"))
        stages = json.loads(run.output.strip().rpartition("\n")[2])
        quads = json.loads((out / "manifest.json").read_text("utf-8"))["quads"]
        size = (out / "graph.nq").stat().st_size
        self.found.built.append(Built("shipped", 35, 1, 1, quads, size, run, stages, peaks(run, markers)))
        return out

    def quick(self, graph: Path, times: int = 7) -> None:
        """What people feel: the whole process of `--help` and of a stored query."""
        calls = {
            "dress-kg --help": ["--help"],
            "dress-kg queries": ["queries"],
            "stored query": ["query", "dose-range-per-agent", "--param", "agent=IVIG", "--graph", str(graph)],
        }
        for name, arguments in calls.items():
            runs = [measure([beside("dress-kg"), *arguments]) for _ in range(times)]
            self.found.figures[f"{name}, seconds"] = round(statistics.median(run.wall for run in runs), 3)

    def interpretation(self, kind: str, rows: int) -> None:
        """Rows read a second on varied rows, the lexicons loaded before."""
        say(f"interpretation, {kind}, {rows} rows")
        (profile,) = self.tables(kind, rows)
        seconds = json.loads(measure(python(PLAYER, "interpret", profile, self.jobs)).output)["wall"]
        name = f"{INTERPRETED}, {kind}, {rows:,} varied rows, {self.jobs} processes"
        self.found.figures[name] = round(rows / seconds)

    def full(self, kind: str, rows: int) -> Built:
        """The build of one long table of that many rows."""
        wanted = (kind, rows, 1)
        return next(each for each in self.found.built if (each.kind, each.rows, each.tables) == wanted)

    def rebuild(self, kind: str, rows: int) -> None:
        """Build again after one row has changed: a sentence more in its column of prose."""
        say(f"rebuild {kind}, {rows} rows")
        (profile,) = self.tables(kind, rows)
        table = profile.with_suffix(".tsv")
        lines = table.read_text("utf-8").split("\n")
        column = next(at for at, name in enumerate(lines[0].split("\t")) if name in PROSE)
        at = next(n for n in range(len(lines) // 2, len(lines)) if lines[n].split("\t")[0])
        cells = lines[at].split("\t")
        cells[column] += " It was effective."
        lines[at] = "\t".join(cells)
        table.write_text("\n".join(lines), "utf-8")
        out, markers = self.work / f"{kind}-{rows}-1-built", self.work / "again.stages"
        again = measure(python(PLAYER, "build", out, self.jobs, markers, profile))
        what = f"{kind}: rebuild after one changed row"
        self.compare(what, rows, "the full build", again, self.full(kind, rows).run, asked="rebuild")

    def compare(
        self,
        what: str,
        rows: int,
        peer: str,
        ours: Measured,
        theirs: Measured,
        *,
        same: bool | None = None,
        asked: str | None = None,
    ) -> None:
        """Note two runs of whole processes."""
        self.note(Compared(what, rows, peer, ours.as_json(), theirs.as_json(), same, asked))

    def mapping(self, rows: int, peers: Sequence[str], morph: Path | None) -> None:
        """Tidy tables to quads: the table of `rml_speed`, 40 quads a row."""
        place = self.work / f"items-{rows}"
        place.mkdir(parents=True, exist_ok=True)
        mapping = place / "mapping.ttl"
        if not mapping.exists():
            with (place / "items.csv").open("w", encoding="utf-8", newline="") as target:
                writer = csv.DictWriter(target, list(next(rml_speed.rows(1))), lineterminator="\n")
                writer.writeheader()
                writer.writerows(rml_speed.rows(rows))
            mapping.write_text(rml_speed.mapping_text(), "utf-8")
        self._mapped("tables to quads, 40 a row", rows, mapping, place, morph)
        if "rdflib" in peers:
            theirs = place / "rdflib.nq"
            run = measure(python(PLAYER, "map_rdflib", place, theirs))
            ours = measure(python(PLAYER, "map_lines", mapping, place, place / "ours.nq"))
            same = self._same(place / "ours.nq", theirs)
            self.compare("tables to quads, 40 a row", rows, "rdflib, row by row", ours, run, same=same)

    def mapping_tidy(self, rows: int, graph: Path, morph: Path | None) -> None:
        """Tidy tables to quads: those of a build, with the shipped mapping."""
        work = self.work / f"tidy-{rows}"
        work.mkdir(parents=True, exist_ok=True)
        mapping = folder("mappings") / "evidence.rml.ttl"
        self._mapped(
            "tidy tables to quads, the shipped mapping", rows, mapping, graph / "tables", morph, work
        )

    def _mapped(
        self, what: str, rows: int, mapping: Path, tables: Path, morph: Path | None, work: Path | None = None
    ) -> None:
        if morph is None:
            return
        from tests.peers.morph_kgc import prepare

        say(f"{what}: {rows} rows, morph-kgc")
        place = work or tables
        config, output = prepare(mapping, tables, place / "morph")
        ours, theirs = [], []
        for _ in range(self.repeats):
            ours.append(measure(python(PLAYER, "map_lines", mapping, tables, place / "ours.nq")))
            theirs.append(measure([morph, "-m", "morph_kgc", config], folder=config.parent))
        same = self._same(place / "ours.nq", output)
        self.compare(what, rows, "morph-kgc", middle(ours), middle(theirs), same=same, asked="mapping")

    def _same(self, ours: Path, theirs: Path) -> bool:
        first, second = measure(python(PLAYER, "digest", ours, theirs)).output.split("\n")[:2]
        return first == second

    def loading(self, kind: str, rows: int) -> None:
        """`oxigraph load` of the quads of a build, beside the whole build."""
        say(f"oxigraph load, {kind}, {rows} rows")
        place, graph = self.work / f"loaded-{rows}", self.work / f"{kind}-{rows}-1-built" / "graph.nq"
        run = measure([beside("oxigraph"), "load", "--location", place, "--file", graph])
        shutil.rmtree(place, ignore_errors=True)
        self.compare(
            f"{kind}: whole build", rows, "oxigraph load", self.full(kind, rows).run, run, asked="build"
        )

    def exports(self, rows: int, graph: Path, what: str, peers: Sequence[str]) -> None:
        """Sorted Turtle and compacted JSON-LD of a graph, the graph loaded before."""
        for form in ("turtle", "jsonld"):
            for peer in peers:
                if (form, peer) == ("turtle", "pyld"):
                    continue
                say(f"{form} of {what}, {rows} rows, {peer}")
                try:
                    runs = list(self._exported(form, peer, graph))
                except BenchmarkError as problem:
                    say(f"without it: {problem}")
                    continue
                ours, theirs = (
                    {name: statistics.median(each[name] for each in side) for name in side[0]}
                    for side in zip(*runs, strict=True)
                )
                named = f"{'sorted Turtle' if form == 'turtle' else 'compacted JSON-LD'}, {what}"
                self.note(Compared(named, rows, peer, ours, theirs, None, form))

    def _exported(
        self, form: str, peer: str, graph: Path
    ) -> Iterator[tuple[dict[str, float], dict[str, float]]]:
        for _ in range(self.repeats):
            yield (
                inner(measure(python(PLAYER, "export_ours", form, graph, self.work / f"ours.{form}"))),
                inner(
                    measure(
                        python(PLAYER, f"export_{peer}", form, graph, self.work / f"theirs.{form}"),
                        limit=PATIENCE,
                    )
                ),
            )

    def judging(self, rows: int, graph: Path) -> None:
        """The row shapes over a whole graph: the items of a build, repeated until there are that many."""
        say(f"row shapes, {rows} items, pySHACL")
        ours = measure(python(PLAYER, "shacl_ours", graph, rows))
        theirs = measure(python(PLAYER, "shacl_pyshacl", graph, rows))
        one, other = last(ours), last(theirs)
        same = (one["digest"], one["results"]) == (other["digest"], other["results"])
        compared = Compared(
            "row shapes", one["items"], "pySHACL, whole graph", inner(ours), inner(theirs), same, "shapes"
        )
        self.note(compared)


def peaks(run: Measured, markers: Path) -> dict[str, float]:
    """MB by stage: the most that any one process held while it ran."""
    marks = [line.split("\t") for line in markers.read_text("utf-8").split("\n") if line]
    ends = [float(at) for at, _ in marks[1:]] + [float("inf")]
    found: dict[str, float] = {}
    for (at, name), end in zip(marks, ends, strict=True):
        found[name] = max(found.get(name, 0.0), round(run.peak_between(float(at), end)))
    return found


def last(run: Measured) -> dict[str, Any]:
    """The figures that a player printed."""
    found: dict[str, Any] = json.loads(run.output.strip().rpartition("\n")[2])
    return found


def inner(run: Measured) -> dict[str, float]:
    """What a player timed itself, with the peak memory of its whole process."""
    timed = last(run)
    return {"wall": timed["wall"], "cpu": timed["cpu"], "peak": run.peak}


def middle(runs: Sequence[Measured]) -> Measured:
    """The run of median CPU time."""
    return sorted(runs, key=lambda run: run.cpu)[len(runs) // 2]


def beside(program: str) -> Path:
    """A program of this interpreter's environment."""
    return Path(sys.executable).with_name(program)


def say(text: str) -> None:
    """Tell on stderr what is under way."""
    print(f"… {text}", file=sys.stderr, flush=True)
