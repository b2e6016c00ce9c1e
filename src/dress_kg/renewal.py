"""A build in a folder that has one: what of it stands is taken over, and the rest is made anew.

Nothing is taken over where another program made it, or other sources, or where more rows differ than it is
worth (`rereading.WORTH`); then the build is one of everything.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dress_kg import terms
from dress_kg.affected import grouped
from dress_kg.findings import Verdict
from dress_kg.intake import Intake, take_in
from dress_kg.interpret.curation import curations_of
from dress_kg.patching import still
from dress_kg.profile import Profile
from dress_kg.progress import Clock
from dress_kg.publishing import Times, manifest_of, publish_work
from dress_kg.rebuild import Given, Renewed, rebuild
from dress_kg.rereading import WORTH, Reread, compare, differing, identified, notes_before, read_again
from dress_kg.results import Built, Result
from dress_kg.reuse import Index, earlier_build, index_of, standing, write_index
from dress_kg.rownotes import FOLDER, RowNote, write_notes
from dress_kg.rowstage import Batch, Judging, Made, concepts_in_order
from dress_kg.settling import Settled, settle
from dress_kg.shards import Shard
from dress_kg.store import Build
from dress_kg.tables import Cells
from dress_kg.tables.from_reference import joined_conditions
from dress_kg.tally import Tally
from dress_kg.workers import Workers


@dataclass(slots=True)
class Taken:
    """A source whose rows have been compared and read again, and what is told of all of them."""

    intake: Intake
    settled: Settled
    reread: Reread
    tally: Tally = field(default_factory=Tally)
    conditions: dict[str, Cells] = field(default_factory=dict)

    def built(self) -> Built:
        """What a build tells of the source."""
        taken = self.intake
        stale = tuple(each for note in self.reread.now.values() for each in note.stale)
        return Built(
            taken.profile, taken.file, taken.sha256, taken.columns, self.tally, self.settled.cited, stale
        )


@dataclass(slots=True)
class Shared:
    """What the shared nodes are made of. :ivar concepts, :ivar agents: as in :class:`rowstage.Made`."""

    sources: list[Taken]
    concepts: set[str] = field(default_factory=set)
    agents: list[dict[str, dict[str, str]]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Renewal:
    """A build under way that may take over.

    :ivar make_shared: makes the shards of shared nodes. :ivar refuse: raises where a shape is violated.
    """

    target: Path
    work: Path
    workers: Workers
    clock: Clock
    validator: str
    base: str
    make_shared: Callable[[Shared], tuple[Shard, ...]]
    refuse: Callable[[Verdict], None]

    def run(self, tables: Sequence[tuple[Profile, Path]], curation: Path | None) -> Result | None:
        """The build of these tables out of the version before; None where all has to be made anew.

        :raises DressKgError: as for a build.
        """
        ids = frozenset(profile.id for profile, _ in tables)
        fields = frozenset(column.field for profile, _ in tables for column in profile.columns)
        found = earlier_build(self.target, ids, self.base)
        if found is None or found[1].fields != fields or not grouped():
            return None
        build, index = found
        decided = [(profile, file, curations_of(profile, curation)) for profile, file in tables]
        stands = standing(build, index, decided)
        if stands is not None:
            return stands
        with self.clock.stage("read"):
            paths = {source: build.folder / FOLDER / f"{source}.jsonl" for source in ids}
            before = notes_before(paths)
            intakes = self._taken_in(tables, curation, fields)
        if any(differing(each, before[each.profile.id]) > WORTH for each in intakes):
            return None
        sources, made = self._read_again(intakes, before)
        verdict = index.verdict
        self._judged(verdict, made)
        with self.clock.stage("shared"):
            shared = self.make_shared(_shared_of(sources, made))
        furniture = {source: kept.furniture for source, kept in index.sources.items()}
        reread = {each.reread.source: each.reread for each in sources}
        given = Given(build, furniture, self.work, self.base, fields, reread, made, shared, verdict)
        with self.clock.stage("rebuild"):
            renewed = rebuild(given)
        self.refuse(renewed.verdict)
        return self._published(build, index, sources, renewed)

    def _taken_in(
        self, tables: Sequence[tuple[Profile, Path]], curation: Path | None, fields: frozenset[str]
    ) -> list[Intake]:
        judging, number = Judging(fields, self.validator), 0
        intakes: list[Intake] = []
        for profile, file in tables:
            taken = take_in(
                profile, file, self.work, judging, number=number, curation=curation, base=self.base
            )
            intakes.append(taken)
            number += len(taken.batches)
        return intakes

    def _read_again(
        self, intakes: Sequence[Intake], before: Mapping[str, dict[str, RowNote]]
    ) -> tuple[list[Taken], list[Made]]:
        with self.clock.stage("identify"):
            identities = identified(intakes, before, self.workers)
            settled = [settle(each, (next(identities) for _ in each.batches)) for each in intakes]
        with self.clock.stage("rows"):
            sources: list[Taken] = []
            batches: list[Batch] = []
            number = sum(len(each.batches) for each in intakes)
            for intake, each in zip(intakes, settled, strict=True):
                reread, parts = compare(intake, each, before[intake.profile.id], number + len(batches))
                sources.append(Taken(intake, each, reread))
                batches += parts
            by_source = {each.reread.source: each.reread for each in sources}
            made = list(read_again(by_source, batches, self.workers))
        return sources, made

    def _judged(self, verdict: Verdict, made: Sequence[Made]) -> None:
        """Refuse what is violated in the rows read again, before anything is written."""
        again = Verdict()
        for each in made:
            again.add(each.judgement, each.found)
        self.refuse(again)
        verdict.not_applicable |= again.not_applicable
        verdict.applied |= again.applied
        verdict.shapes_checked |= again.shapes_checked

    def _published(self, build: Build, index: Index, sources: Sequence[Taken], renewed: Renewed) -> Result:
        built = tuple(each.built() for each in sources)
        anew = Index(
            index.environment, self.base, index.fields, renewed.quads, renewed.graphs, renewed.verdict
        )
        curations = {each.reread.source: each.intake.curations for each in sources}
        index_of(built, {each.reread.source: each.reread.furniture for each in sources}, curations, anew)
        notes = {}
        for each in sources:
            path = self.work / f"notes-{each.reread.source}.jsonl"
            rows = each.reread.now.values()
            notes[each.reread.source] = [write_notes(rows, path, concepts_in_order())]
        write_index(anew, self.work, notes)
        manifest: dict[str, Any] = manifest_of(
            built, {}, self.base, renewed.quads, renewed.rows, Times(self.clock.seconds, {})
        )
        with self.clock.stage("publish"):
            hashes = still(renewed.hashes, build, self.work)
            folder = publish_work(self.target, self.work, manifest, hashes)
        return Result(
            folder, built, renewed.verdict, renewed.quads, renewed.graphs, self.clock.seconds,
            renewed.difference,
        )  # fmt: skip


def _shared_of(sources: list[Taken], made: Sequence[Made]) -> Shared:
    """What all rows, read again or not, give to the shared nodes; the tallies are made on the way."""
    found = Shared(sources)
    for source in sources:
        for note in source.reread.now.values():
            source.tally.add_told(note.tally)
            found.concepts.update(note.concepts)
            joined_conditions(source.conditions, note.conditions)
            if note.agents:
                found.agents.append(note.agents)
        if source.reread.now:
            found.concepts.add(terms.concept("line-kind", "row"))
    by_id = {each.reread.source: each for each in sources}
    for each in made:
        if each.tally.rows == 0:  # the lines that are in no row
            by_id[each.source].tally.add(each.tally)
            found.concepts |= each.concepts
    return found
