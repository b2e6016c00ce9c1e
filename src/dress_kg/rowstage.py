"""The row stages as functions of one batch of rows: what goes in and out lies in files.

Pass 1, :func:`identify`, reads of each row only its key and its citation; then equal keys are told apart
and publications resolved over the whole table (`settling`). Pass 2, :func:`read_rows`, repairs and
interprets the rows and makes their tidy tables; :func:`make_shard` maps tidy tables, has their items judged
by the row shapes and the rules of a row, adds what is concluded from a row alone, and leaves a shard. Each
can run in any process, in any order, on any machine that sees the working folder: they hold no state but
dictionaries, shapes and rules, which a process loads once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache
from pathlib import Path

import pyoxigraph as ox

from dress_kg import terms
from dress_kg.counting import Counts, count_lines, write_hashes
from dress_kg.derive import derive, row_derivations
from dress_kg.findings import Findings, leave
from dress_kg.fingerprint import of_settled
from dress_kg.interpret.curation import stale_curations
from dress_kg.interpret.item import Interpreter, settled
from dress_kg.mapping import Mapping, execute_lines, load_mapping
from dress_kg.profile import load_profile
from dress_kg.progress import Steps
from dress_kg.records import Citation, Curation, Evidence, LineKind, Table
from dress_kg.reference import known_concepts, vocabulary_quads
from dress_kg.repair import CodeCount, Layout, Stretch, count_codes, repaired
from dress_kg.resources import folder
from dress_kg.rownotes import Known, RowNote, write_notes
from dress_kg.shards import QUADS, Block, Shard, quad_blocks, table_blocks, write_shard
from dress_kg.spill import unspill
from dress_kg.tables import Cells, Tables, merge
from dress_kg.tables.files import provider
from dress_kg.tables.from_evidence import Setting, evidence_tables
from dress_kg.tables.from_reference import agent_labels, condition_tables, named_concepts
from dress_kg.tables.from_source import source_tables
from dress_kg.tables.schema import TABLES
from dress_kg.tally import Tally, tally
from dress_kg.validate.rows import RowJudgement, RowValidator
from dress_kg.validate.rules import row_rules


@dataclass(frozen=True, slots=True)
class Judging:
    """By what the items are judged.

    :ivar fields: the columns that the sources have. :ivar engine: as for `RowValidator.load`.
    """

    fields: frozenset[str]
    engine: str = "auto"
    shapes: Path | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """What all batches of one source share.

    :ivar profile: the profile's file. :ivar file: the table's name, as errors and the graph give it.
    :ivar curations: the decisions on the source's items.
    """

    profile: Path
    file: str
    layout: Layout
    setting: Setting
    curations: tuple[Curation, ...]
    judging: Judging


@dataclass(frozen=True, slots=True)
class Batch:
    """Some rows of one source, by the files they lie in.

    :ivar work: the build's working folder. :ivar number: over all sources, from 0; it orders the batches.
    :ivar plan: a pickled :class:`Plan`. :ivar stretch: a pickled :class:`~dress_kg.repair.Stretch`.
    :ivar keys: a pickled :class:`Keys`, once the source is settled.
    :ivar digests: of the rows, by what is printed (`fingerprint`).
    """

    work: Path
    number: int
    source: str
    plan: Path
    stretch: Path
    rows: int
    keys: Path | None = None
    digests: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Keys:
    """What is settled of a batch's rows: their own keys, and the publications cited (IRIs).

    :ivar identities: what pass 1 told of them.
    """

    keys: tuple[str, ...]
    publications: tuple[str | None, ...]
    identities: Identities


@dataclass(frozen=True, slots=True)
class Identities:
    """What pass 1 tells of a batch: one entry a row. :ivar codes: what the columns of codes hold."""

    keys: tuple[str, ...]
    citations: tuple[Citation | None, ...]
    publication_ids: tuple[str | None, ...]
    codes: dict[str, CodeCount]


@dataclass(slots=True)
class Made:
    """What a batch became.

    :ivar judged: the file of its results. :ivar found: their counts.
    :ivar judgement: what else the row shapes say. :ivar counts: what VoID counts, by source.
    :ivar objects: the files with the hashes of the objects, by source.
    :ivar concepts: IRIs of our vocabulary that the tables name.
    :ivar agents: labels of agents that the vocabulary lacks, by table and IRI.
    :ivar conditions: rows of the conditions that the vocabulary lacks, by IRI.
    :ivar seconds: of the worker's time, by step.
    :ivar notes: the file of what the next build needs to know of the rows.
    """

    number: int
    source: str
    shard: Shard
    judged: Path
    found: Findings
    judgement: RowJudgement
    counts: dict[str, Counts]
    objects: dict[str, Path]
    concepts: frozenset[str]
    agents: dict[str, dict[str, str]]
    conditions: dict[str, Cells] = field(default_factory=dict)
    tally: Tally = field(default_factory=Tally)
    stale: tuple[Curation, ...] = ()
    seconds: dict[str, float] = field(default_factory=dict)
    notes: Path | None = None


def identify(batch: Batch) -> Identities:
    """Pass 1: the keys and citations of a batch's rows.

    :raises LedgerError: a line was lost.
    """
    plan: Plan = unspill(batch.plan)
    profile = load_profile(plan.profile)
    interpreter = Interpreter.of(profile)
    stretch: Stretch = unspill(batch.stretch)
    coded = {column.field for column in profile.columns if column.pattern is not None}
    table = repaired(stretch, plan.layout, profile, plan.file, interpreter.identifying | coded)
    found = [interpreter.identified(row) for row in table.rows]
    return Identities(
        keys=tuple(each.key for each in found),
        citations=tuple(each.citation and _bare(each.citation) for each in found),
        publication_ids=tuple(each.publication_id for each in found),
        codes=count_codes(table.rows, profile),
    )


def read_rows(batch: Batch) -> Made:
    """Pass 2: a batch's rows, read, mapped, judged and left as a shard.

    :raises CurationError: a curation names an agent that neither the row nor the vocabulary knows.
    :raises DressKgError: the mapping, a shape or the disk is at fault.
    """
    plan: Plan = unspill(batch.plan)
    keys: Keys = unspill(batch.keys) if batch.keys else Keys((), (), Identities((), (), (), {}))
    profile = load_profile(plan.profile)
    interpreter = Interpreter.of(profile)
    steps = Steps()
    table = repaired(unspill(batch.stretch), plan.layout, profile, plan.file)
    steps.done("repair")
    read = [interpreter.read(row) for row in table.rows]
    evidence, stale = settled(read, keys.keys, plan.curations, interpreter)
    steps.done("interpret")
    base = plan.setting.base
    items = {each.row.ordinal: terms.evidence(profile.id, each.key, base) for each in evidence}
    parts = [
        evidence_tables(each, plan.setting, publication)
        for each, publication in zip(evidence, keys.publications, strict=True)
    ]
    chosen = frozenset(row["cell"] or "" for part in parts for row in part.get("selection", ()))
    tables = merge((*parts, source_tables(table, items, {"file": plan.file}, base, chosen)))
    own = [each.condition for each in evidence if each.condition]
    conditions = condition_tables(own, profile.id, base)["condition"]
    context: Tables = {"source": tables.pop("source"), "condition": conditions}
    steps.done("tidy")
    made = make_shard(batch.work, batch.number, profile.id, tables, context, plan.judging, base)
    made.conditions = {row["condition"] or "": row for row in conditions}
    made.tally, made.stale = tally(table, evidence), stale
    noting = Steps()
    place = batch.work / f"notes-{batch.number:06d}.jsonl"
    notes = _notes(batch, plan, keys, table, evidence, parts)
    made.notes = write_notes(notes, place, concepts_in_order())
    noting.done("note")
    made.seconds.update({**steps.seconds, **noting.seconds})
    return made


def _notes(
    batch: Batch,
    plan: Plan,
    keys: Keys,
    table: Table,
    evidence: Sequence[Evidence],
    parts: Sequence[Tables],
) -> Iterator[RowNote]:
    """What the next build needs to know of each row."""
    profile = load_profile(plan.profile)
    decided: dict[str, list[Curation]] = {}
    for curation in plan.curations:
        decided.setdefault(curation.item, []).append(curation)
    told = keys.identities
    for at, (row, item, part) in enumerate(zip(table.rows, evidence, parts, strict=True)):
        counts = tally(replace(table, rows=(row,), ledger=()), [item])
        counts.lines[LineKind.ROW] = len(row.lines)
        own = decided.get(item.key, ())
        found = condition_tables([item.condition] if item.condition else [], profile.id, plan.setting.base)
        yield RowNote(
            printed=batch.digests[at],
            settled=of_settled(batch.digests[at], item.key, keys.publications[at], own),
            key=item.key,
            publication=keys.publications[at],
            ordinal=row.ordinal,
            lines=row.lines,
            known=Known(
                told.keys[at], told.citations[at], told.publication_ids[at], count_codes([row], profile)
            ),
            concepts=tuple(sorted(named_concepts(part))),
            agents=agent_labels(part, _known()),
            conditions={each["condition"] or "": each for each in found["condition"]},
            tally=counts.told(),
            stale=stale_curations(item, own),
        )


def make_shard(
    work: Path,
    number: int,
    source: str,
    tables: Tables,
    context: Tables,
    judging: Judging,
    base: str = terms.DATA,
) -> Made:
    """Map the tidy tables of some items, judge the items, conclude from each, and leave a shard.

    :param context: rows that the items point to and that are not theirs (source, conditions); they are
        judged with them, and not in the shard.
    """
    steps = Steps()
    agents = agent_labels(tables, _known())
    judged, carried = _parted(tables, every_cell=any(rule.every_cell for rule in _validator(judging).rules))
    some, others = mapped(judged), mapped(carried)
    steps.done("map")
    around = {**context, **_pointed_to(tables, agents, base)}
    judgement, concluded = _looked_at(some, around, judging, base, steps)
    judged_file = work / f"judged-{number:06d}.pickle"
    found = leave(judgement.placed, judged_file)
    lines = sorted({*some, *others, *concluded})
    steps.done("derive")
    seen = count_lines(lines, base)
    hashes = {
        each: write_hashes(has.objects, work / f"objects-{number:06d}-{each}") for each, has in seen.items()
    }
    steps.done("count")
    shard = write_shard(work / f"shard-{number:06d}", sections(lines, tables, base))
    steps.done("write")
    return Made(
        number=number,
        source=source,
        shard=shard,
        judged=judged_file,
        found=found,
        judgement=replace(judgement, placed=()),
        counts={each: has.counts for each, has in seen.items()},
        objects=hashes,
        concepts=named_concepts(tables),
        agents=agents,
        seconds=steps.seconds,
    )


def mapped(tables: Tables) -> list[bytes]:
    """The N-Quads lines of tidy tables by the shipped RML mapping; one may come more than once."""
    text = "".join(line for lines in execute_lines(evidence_mapping(), provider(tables)) for line in lines)
    return text.encode("utf-8").splitlines(keepends=True)


def sections(
    lines: Sequence[bytes], tables: Tables, base: str = terms.DATA
) -> Iterator[tuple[str, int, Iterable[Block]]]:
    """The sections of a shard with these sorted lines and tables."""
    yield QUADS, len(lines), quad_blocks(lines, base)
    for name, schema in TABLES.items():
        rows = tables.get(name)
        if rows:
            yield name, len(rows), table_blocks(rows, schema, base)


def _parted(tables: Tables, *, every_cell: bool) -> tuple[Tables, Tables]:
    """The rows that a judge needs, and the cells that are only carried along: most rows of a wide export.

    :param every_cell: whether the judge reads these too; then none is put aside.
    """
    chosen = {row["cell"] for name in ("selection", "repair") for row in tables.get(name, ())}
    aside = {
        row["cell"]
        for row in tables.get("cell", ())
        if not every_cell and (row["field"] or "").startswith("x_") and row["cell"] not in chosen
    }
    judged, carried = dict(tables), {}
    for name in ("cell", "fragment"):
        rows = tables.get(name, [])
        judged[name] = [row for row in rows if row["cell"] not in aside]
        carried[name] = [row for row in rows if row["cell"] in aside]
    return judged, carried


def _pointed_to(tables: Tables, agents: dict[str, dict[str, str]], base: str) -> Tables:
    """Of what the items point to in the reference graph, as much as a judge needs: that it is there."""
    graph = terms.reference_graph(base)
    pointing = (("evidence", "publication"), ("citation", "publication"), ("assessment", "panel"))
    cited = {row.get(column) for name, column in pointing for row in tables.get(name, ())} - {None}
    unknown = {agent for labels in agents.values() for agent in labels}
    return {
        "publication": [{"named_graph": graph, "publication": iri} for iri in sorted(filter(None, cited))],
        "agent": [{"named_graph": graph, "agent": iri} for iri in sorted(unknown)],
    }


def _looked_at(
    lines: Iterable[bytes], context: Tables, judging: Judging, base: str, steps: Steps
) -> tuple[RowJudgement, list[bytes]]:
    """What shapes and rules say of the rows, and the lines of what is concluded from each row alone."""
    store = ox.Store()
    store.bulk_load(input=b"".join((*lines, *mapped(context))), format=ox.RdfFormat.N_QUADS)
    store.bulk_extend(_vocabulary(base))
    judgement = _validator(judging).judge(store)
    steps.done("validate")
    concluded = derive(store, base, rules=row_derivations())
    return judgement, [f"{quad} .\n".encode() for quad in concluded]


@cache
def evidence_mapping() -> Mapping:
    """The shipped RML mapping of the tidy tables."""
    return load_mapping(folder("mappings") / "evidence.rml.ttl")


@cache
def concepts_in_order() -> tuple[str, ...]:
    """All concepts of the shipped vocabularies, by which notes number them."""
    return tuple(sorted(known_concepts()))


@cache
def _known() -> frozenset[str]:
    return frozenset(concepts_in_order())


@lru_cache(maxsize=4)
def _validator(judging: Judging) -> RowValidator:
    return RowValidator.load(judging.shapes, judging.fields, judging.engine, row_rules())


@lru_cache(maxsize=4)
def _vocabulary(base: str) -> tuple[ox.Quad, ...]:
    return tuple(vocabulary_quads(base))


def _bare(citation: Citation) -> Citation:
    """What tells publications apart, without where it was read."""
    return replace(citation, selections={}, unread=())
