"""A build, its stages in order: read this file first.

    file ──read──> batches of rows ──identify──> keys and citations ──settle──> batches with their keys
         ──rows (repair, interpret, tidy tables, map, judge; any number of processes)──> shards
         ──store (load, cross-row rules, derive, describe)──> more shards
         ──merge──> graph.nq, tables/ ──publish──> the current version

Nothing is held but a batch of rows, and what is told of all of them (keys, publications, counts). No stage
imports another; this module hands each one's result to the next, as files in a working folder. What a stage
does is said in its module: `intake`, `rowstage`, `settling`, `kept`, `sharedstage`, `storestage`, `shards`,
`publishing`.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path
from typing import Any

from dress_kg import terms
from dress_kg.counting import Counts
from dress_kg.delivery import Parts, hand_over, parts_folder, write_parts
from dress_kg.errors import CallError, ValidationError
from dress_kg.findings import Verdict
from dress_kg.fingerprint import environment
from dress_kg.intake import Intake, source_file, take_in
from dress_kg.kept import Kept, keep, make_kept_shard
from dress_kg.profile import Profile, load_profile
from dress_kg.progress import Clock, Progress
from dress_kg.publishing import Times, manifest_of, merge_parts, merge_tables, publish_work
from dress_kg.records import Curation
from dress_kg.renewal import Renewal, Shared
from dress_kg.report import one_line
from dress_kg.results import Built, Result
from dress_kg.reuse import Index, index_of, write_index
from dress_kg.rowstage import Judging, Made, identify, read_rows
from dress_kg.settling import Settled, settle
from dress_kg.shards import Shard
from dress_kg.sharedstage import Named, SharedSource, make_shared
from dress_kg.store import default_out, open_build, working_folder
from dress_kg.storestage import Done, Task, finish
from dress_kg.tables import Cells
from dress_kg.tables.from_reference import joined_conditions
from dress_kg.tally import Tally
from dress_kg.whole import check_call, make_graph, map_tables, read_source
from dress_kg.workers import Workers

__all__ = ["DEFAULT_PROFILES", "Clock", "build", "make_graph", "map_tables", "read_source", "remove"]

DEFAULT_PROFILES = ("dress",)
LARGE = 500
"""Items from which on the rules run over the store on disk, in a process of their own."""


def build(  # noqa: PLR0913 -- one for each setting
    profiles: Sequence[str] = DEFAULT_PROFILES,
    *,
    source: Path | None = None,
    curation: Path | None = None,
    out: Path | Parts | None = None,
    jobs: int | Workers = 1,
    validator: str = "auto",
    progress: Progress | None = None,
    base: str = terms.DATA,
    fresh: bool = False,
) -> Result:
    """Read the tables of these profiles, and publish the graph they make.

    What other sources have in the same folder stays; only the graphs of these are replaced.

    :param source: read this file instead of the one the (single) profile names.
    :param curation: a file of further decisions of curators, or a folder of `<source>.tsv`.
    :param out: the build's folder; None is the default one among the user's data. Or the parts to leave
        for a bulk loader instead; then nothing is published.
    :param jobs: worker processes for the row stages; the result does not depend on it. With more than one,
        a script of your own needs the usual `if __name__ == "__main__":`. Or the workers themselves
        (:class:`dress_kg.spark.SparkWorkers`).
    :param validator: who judges: `auto`, `pyshacl` or `sparql` (:class:`dress_kg.validate.Engine`).
    :param base: base of the data IRIs.
    :param fresh: take nothing over from the version before (`renewal`); the result does not depend on it.
    :raises DressKgError: a table, a profile, a violated shape or the folder is at fault; then nothing
        has been published.
    """
    check_call(profiles, source, curation)
    tables = [(profile, source_file(profile, source)) for profile in map(load_profile, profiles)]
    ids = frozenset(profile.id for profile, _ in tables)
    clock, staff = Clock(progress or Progress()), Workers(jobs) if isinstance(jobs, int) else jobs
    if isinstance(out, Parts):
        with parts_folder(out.folder) as work, staff as workers:
            return _Build(work, workers, clock, validator, base).deliver(tables, curation, out)
    target = out or default_out()
    with working_folder(target) as work, staff as workers:
        return _Build(work, workers, clock, validator, base, fresh).run(target, tables, ids, curation)


def remove(source: str, out: Path | None = None, *, progress: Progress | None = None) -> Result:
    """Publish the graph in a build's folder without one of its sources.

    :param source: the source's id.
    :param out: the build's folder; None is the default one among the user's data.
    :raises CallError: the graph does not hold that source, or no other.
    :raises DressKgError: as for `build`; then nothing has been published.
    """
    target, clock = out or default_out(), Clock(progress or Progress())
    manifest = open_build(target).manifest
    held = list(manifest.get("sources", {}))
    if source not in held:
        raise CallError("the graph holds no such source", value=source, remedy=f"it holds: {', '.join(held)}")
    if held == [source]:
        raise CallError("it is the graph's only source", value=source, remedy=f"delete the folder {target}")
    with working_folder(target) as work, Workers(1) as workers:
        return _Build(work, workers, clock, "auto", manifest["base"]).run(target, [], frozenset({source}))


def refuse(verdict: Verdict) -> None:
    """Block publication where a shape is violated.

    :raises ValidationError: names the first violations.
    """
    if not verdict.conforms:
        shown = "\n".join(f"  {one_line(result)}" for result in verdict.found.violations)
        raise ValidationError(
            f"{verdict.violations} violation(s) block publication:\n{shown}",
            remedy="correct the cells named above; what was published before still stands",
        )


@dataclass(slots=True)
class _Source:
    """A source built anew, and what is told of it as its batches come back."""

    intake: Intake
    settled: Settled
    tally: Tally = field(default_factory=Tally)
    conditions: dict[str, Cells] = field(default_factory=dict)
    stale: tuple[Curation, ...] = ()

    def built(self) -> Built:
        taken = self.intake
        return Built(
            taken.profile, taken.file, taken.sha256, taken.columns, self.tally, self.settled.cited, self.stale
        )


@dataclass(slots=True)
class _Rows:
    """What the row stages left, of all batches."""

    shards: list[Shard] = field(default_factory=list)
    judged: list[Path] = field(default_factory=list)
    verdict: Verdict = field(default_factory=Verdict)
    counts: dict[str, Counts] = field(default_factory=dict)
    objects: dict[str, list[Path]] = field(default_factory=dict)
    concepts: set[str] = field(default_factory=set)
    agents: list[dict[str, dict[str, str]]] = field(default_factory=list)
    notes: dict[str, list[Path]] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)

    def add(self, made: Made) -> None:
        self.shards.append(made.shard)
        self.judged.append(made.judged)
        self.verdict.add(made.judgement, made.found)
        for source, counts in made.counts.items():
            self.counts.setdefault(source, Counts()).add(counts)
            self.objects.setdefault(source, []).append(made.objects[source])
        self.concepts |= made.concepts
        for step, seconds in made.seconds.items():
            self.seconds[step] = self.seconds.get(step, 0.0) + seconds
        if made.agents:
            self.agents.append(made.agents)
        if made.notes is not None:
            self.notes.setdefault(made.source, []).append(made.notes)


@dataclass(frozen=True, slots=True)
class _Whole:
    """A graph that may be published: its shards, and what is told of them."""

    kept: Kept
    rows: _Rows
    done: Done
    sources: tuple[_Source, ...]
    built: tuple[Built, ...]
    shards: tuple[Shard, ...]


@dataclass(frozen=True, slots=True)
class _Build:
    """One build under way."""

    work: Path
    workers: Workers
    clock: Clock
    validator: str
    base: str
    fresh: bool = False

    def run(
        self,
        target: Path,
        tables: Sequence[tuple[Profile, Path]],
        replaced: frozenset[str],
        curation: Path | None = None,
    ) -> Result:
        """All stages, for these tables and those that the build folder has beside them."""
        if not self.fresh:
            renewal = Renewal(
                target, self.work, self.workers, self.clock, self.validator, self.base, self._again, refuse
            )
            renewed = renewal.run(tables, curation)
            if renewed is not None:
                return renewed
        whole = self._whole(target, tables, replaced, curation)
        with self.clock.stage("merge"):
            quads, counted = merge_parts(whole.shards, self.work, self.workers)
        if tables and not whole.kept.manifest:
            self._leave_notes(whole, quads)
        with self.clock.stage("publish"):
            folder = publish_work(target, self.work, self._manifest(whole, quads, counted))
        return Result(folder, whole.built, whole.done.verdict, quads, whole.done.graphs, self.clock.seconds)

    def _leave_notes(self, whole: _Whole, quads: int) -> None:
        """Leave beside the graph what the next build can take over."""
        taken = {source.intake.profile.id: source.intake for source in whole.sources}
        fields = frozenset(column.field for each in whole.built for column in each.profile.columns)
        index = Index(environment(), self.base, fields, quads, whole.done.graphs, whole.done.verdict)
        furniture = {source: intake.furniture for source, intake in taken.items()}
        curations = {source: intake.curations for source, intake in taken.items()}
        write_index(index_of(whole.built, furniture, curations, index), self.work, whole.rows.notes)

    def _again(self, made_of: Shared) -> tuple[Shard, ...]:
        """The shared nodes, of rows that were read now and of others."""
        sources = [_Source(each.intake, each.settled, conditions=each.conditions) for each in made_of.sources]
        return self._shared(Kept(), sources, _Rows(concepts=made_of.concepts, agents=made_of.agents))

    def deliver(self, tables: Sequence[tuple[Profile, Path]], curation: Path | None, parts: Parts) -> Result:
        """All stages but publishing: the graph of these tables in parts."""
        whole = self._whole(None, tables, frozenset(), curation, rules=parts.rules)
        with self.clock.stage("parts"):
            quads = write_parts(whole.shards, self.work, self.workers, plain=parts.plain)
            counted = merge_tables(whole.shards, self.work, self.workers)
        hand_over(self.work, parts.folder, self._manifest(whole, quads, counted))
        return Result(
            parts.folder, whole.built, whole.done.verdict, quads, whole.done.graphs, self.clock.seconds
        )

    def _manifest(self, whole: _Whole, quads: int, counted: dict[str, int]) -> dict[str, Any]:
        times = Times(self.clock.seconds, whole.rows.seconds)
        return manifest_of(whole.built, whole.kept.manifest, self.base, quads, counted, times)

    def _whole(
        self,
        beside: Path | None,
        tables: Sequence[tuple[Profile, Path]],
        replaced: frozenset[str],
        curation: Path | None,
        *,
        rules: bool = True,
    ) -> _Whole:
        """The graph of these tables and of those that are kept, as shards; no violation is in it."""
        with self.clock.stage("keep"):
            kept = keep(beside, replaced, self.work, self.base)
        fields = frozenset(column.field for profile, _ in tables for column in profile.columns) | kept.fields
        judging = Judging(fields, self.validator)
        sources = self._settled(tables, judging, curation, len(kept.batches))
        rows = self._rows(kept, sources, judging)
        refuse(rows.verdict)
        with self.clock.stage("shared"):
            shared = self._shared(kept, sources, rows)
        done = self._store(rows, shared, fields, rules=rules)
        refuse(done.verdict)
        built = tuple(source.built() for source in sources)
        return _Whole(kept, rows, done, tuple(sources), built, (*rows.shards, *shared, *done.shards))

    def _settled(
        self,
        tables: Sequence[tuple[Profile, Path]],
        judging: Judging,
        curation: Path | None,
        number: int,
    ) -> list[_Source]:
        """The sources in batches of rows, whose keys and publications are known."""
        taken: list[Intake] = []
        with self.clock.stage("read"):
            for profile, file in tables:
                taken.append(
                    take_in(
                        profile, file, self.work, judging, number=number, curation=curation, base=self.base
                    )
                )
                number += len(taken[-1].batches)
        with self.clock.stage("identify"):
            identities = self.workers.map(identify, chain.from_iterable(each.batches for each in taken))
            return [_Source(each, settle(each, (next(identities) for _ in each.batches))) for each in taken]

    def _rows(self, kept: Kept, sources: Sequence[_Source], judging: Judging) -> _Rows:
        """Every batch read, mapped, judged and left as a shard."""
        rows = _Rows()
        again = (replace(batch, judging=judging) for batch in kept.batches)
        by_id = {source.intake.profile.id: source for source in sources}
        batches = [batch for source in sources for batch in source.settled.batches]
        total = sum(batch.rows for batch in batches)
        with self.clock.stage("rows", shown=False):
            for made in self.workers.map(make_kept_shard, again):
                rows.add(made)
            shown = self.clock.progress.over(
                "rows", self.workers.map(read_rows, batches), total, lambda made: made.tally.rows
            )
            for made in shown:
                rows.add(made)
                source = by_id[made.source]
                source.tally.add(made.tally)
                source.stale += made.stale
                joined_conditions(source.conditions, made.conditions)
        return rows

    def _shared(self, kept: Kept, sources: Sequence[_Source], rows: _Rows) -> tuple[Shard, ...]:
        """What the items of all sources share: sources, publications, agents, conditions, vocabularies."""
        given = [SharedSource(each.intake, each.settled, each.conditions) for each in sources]
        named = Named(frozenset(rows.concepts), rows.agents)
        made = make_shared({**kept.own, **kept.shared}, given, named, self.work, self.base)
        for source, counts in made.counts.items():
            rows.counts.setdefault(source, Counts()).add(counts)
            rows.objects.setdefault(source, []).extend(made.objects[source])
        return tuple(made.shards)

    def _store(self, rows: _Rows, shared: tuple[Shard, ...], fields: frozenset[str], *, rules: bool) -> Done:
        """The store, what the rules over all of it find and conclude, and the report."""
        task = Task(
            work=self.work,
            shards=(*rows.shards, *shared) if rules else shared,
            judged=tuple(rows.judged),
            verdict=rows.verdict,
            counts=rows.counts,
            objects=rows.objects,
            fields=fields,
            large=rules and rows.verdict.items >= LARGE,
            rules=rules,
            base=self.base,
            threads=self.workers.jobs,
        )
        start = time.perf_counter()
        self.clock.progress.stage("store")
        done = self.workers.apart(finish, task) if task.large else finish(task)
        for name, seconds in done.seconds.items():
            self.clock.add(name, seconds)
        self.clock.add("store", time.perf_counter() - start - sum(done.seconds.values()))
        return done
