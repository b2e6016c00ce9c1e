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
from benchmarks.figures import Built, Compared, Findings, write
from benchmarks.measuring import BenchmarkError, Measured, measure, python
from dress_kg.resources import folder

PLAYER = "benchmarks.players"
PATIENCE = 900.0
"""Seconds that a peer's export may take."""
MANY = 10
"""Tables of the build of many tables."""


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
        """Make tables of that many rows and build them; returns the build's folder."""
        name = f"{kind}-{rows}-{tables}"
        say(f"build {name}")
        profiles, variety = varied.make(self.work / name, rows, tables=tables, kind=kind, seed=seed)
        self.found.variety[name] = variety.distinct()
        out, markers = self.work / f"{name}-built", self.work / f"{name}.stages"
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

    def interpretation(self, rows: int) -> None:
        """Rows read a second on varied rows, the lexicons loaded before."""
        name = f"dress-{rows}-1"
        profiles, variety = varied.make(self.work / name, rows)
        self.found.variety[name] = variety.distinct()
        run = measure(python(PLAYER, "interpret", profiles[0], self.jobs))
        seconds = json.loads(run.output)["wall"]
        self.found.figures[f"rows interpreted a second, {rows:,} varied rows, {self.jobs} processes"] = round(
            rows / seconds
        )

    def rebuild(self, rows: int) -> None:
        """Build again after one row has changed."""
        name = f"dress-{rows}-1"
        profile = self.work / name / "varied-dress.toml"
        table, out = profile.with_suffix(".tsv"), self.work / f"{name}-built"
        lines = table.read_text("utf-8").split("\n")
        at = next(n for n in range(len(lines) // 2, len(lines)) if lines[n].split("\t")[0])
        cells = lines[at].split("\t")
        lines[at] = "\t".join([*cells[:5], cells[5] + " It was effective.", *cells[6:]])
        table.write_text("\n".join(lines), "utf-8")
        full = next(
            each for each in self.found.built if (each.kind, each.rows, each.tables) == ("dress", rows, 1)
        )
        again = measure(python(PLAYER, "build", out, self.jobs, self.work / "again.stages", profile))
        self.compare("rebuild after one changed row", rows, "the full build", again, full.run, target=20)

    def compare(
        self,
        what: str,
        rows: int,
        peer: str,
        ours: Measured,
        theirs: Measured,
        *,
        same: bool | None = None,
        target: float | None = None,
    ) -> None:
        """Note two runs of whole processes."""
        self.note(Compared(what, rows, peer, ours.as_json(), theirs.as_json(), same, target))

    def mapping(self, rows: int, peers: Sequence[str], morph: Path | None) -> None:
        """Tidy tables to quads: the table of `rml_speed`, 40 quads a row."""
        place = self.work / f"items-{rows}"
        place.mkdir(parents=True, exist_ok=True)
        with (place / "items.csv").open("w", encoding="utf-8", newline="") as target:
            writer = csv.DictWriter(target, list(next(rml_speed.rows(1))), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rml_speed.rows(rows))
        mapping = place / "mapping.ttl"
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
        self.compare(what, rows, "morph-kgc", middle(ours), middle(theirs), same=same, target=2.5)

    def _same(self, ours: Path, theirs: Path) -> bool:
        first, second = measure(python(PLAYER, "digest", ours, theirs)).output.split("\n")[:2]
        return first == second

    def loading(self, rows: int, graph: Path) -> None:
        """`oxigraph load` of the quads of a build, beside the whole build."""
        say(f"oxigraph load, {rows} rows")
        place = self.work / f"loaded-{rows}"
        shutil.rmtree(place, ignore_errors=True)
        run = measure([beside("oxigraph"), "load", "--location", place, "--file", graph / "graph.nq"])
        full = next(
            each for each in self.found.built if (each.kind, each.rows, each.tables) == ("dress", rows, 1)
        )
        self.compare("whole build", rows, "oxigraph load alone", full.run, run, target=0.25)
        shutil.rmtree(place, ignore_errors=True)

    def exports(self, rows: int, graph: Path, what: str, peers: Sequence[str]) -> None:
        """Sorted Turtle and compacted JSON-LD of a graph, the graph loaded before."""
        for form, target in (("turtle", 8.0), ("jsonld", 3.0)):
            for peer in peers:
                if (form, peer) == ("turtle", "pyld"):
                    continue
                say(f"{form} of {what}, {rows} rows, {peer}")
                try:
                    runs = list(self._exported(form, peer, graph))
                except BenchmarkError as problem:
                    say(f"without it: {problem}")
                    continue
                ours = {
                    name: statistics.median(run[0][name] for run in runs) for name in ("wall", "cpu", "peak")
                }
                theirs = {
                    name: statistics.median(run[1][name] for run in runs) for name in ("wall", "cpu", "peak")
                }
                named = f"{'sorted Turtle' if form == 'turtle' else 'compacted JSON-LD'}, {what}"
                self.note(Compared(named, rows, peer, ours, theirs, None, target))

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
        """The row shapes over a whole graph, the graph loaded before; the same results: `validation`."""
        say(f"row shapes, {rows} rows, pySHACL")
        file = graph / "graph.nq"
        ours, theirs = (
            measure(python(PLAYER, "shacl_ours", file)),
            measure(python(PLAYER, "shacl_pyshacl", file)),
        )
        self.note(Compared("row shapes", rows, "pySHACL, whole graph", inner(ours), inner(theirs), None, 4.0))


def peaks(run: Measured, markers: Path) -> dict[str, float]:
    """MB by stage: the most that any one process held while it ran."""
    marks = [line.split("\t") for line in markers.read_text("utf-8").split("\n") if line]
    ends = [float(at) for at, _ in marks[1:]] + [float("inf")]
    found: dict[str, float] = {}
    for (at, name), end in zip(marks, ends, strict=True):
        found[name] = max(found.get(name, 0.0), round(run.peak_between(float(at), end)))
    return found


def inner(run: Measured) -> dict[str, float]:
    """What a player timed itself, with the peak memory of its whole process."""
    timed: dict[str, Any] = json.loads(run.output.strip().rpartition("\n")[2])
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
