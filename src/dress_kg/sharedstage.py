"""The stage between the rows and the store: what the items of all sources share, as shards.

Sources, conditions, unmapped agents and vocabularies are few and go into one shard. Publications grow with a
table, so they go into shards of some thousand, in the order of their IRIs: the tidy tables of the shards, one
after the other, are in order too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter
from pathlib import Path

from dress_kg import terms
from dress_kg.counting import Counts, count_lines, write_hashes
from dress_kg.intake import Intake, source_details
from dress_kg.interpret.publication import Publication
from dress_kg.reference import reference_quads, term_mappings
from dress_kg.rowstage import mapped, sections
from dress_kg.settling import Settled
from dress_kg.shards import Shard, write_shard
from dress_kg.tables import Cells, Rows, Tables
from dress_kg.tables.from_reference import agent_rows, named_concepts, publication_tables

AT_ONCE = 4_000
"""Publications of a shard; the result does not depend on it."""


@dataclass(frozen=True, slots=True)
class SharedSource:
    """What a source gives to the shared nodes. :ivar conditions: rows of its own conditions, by IRI."""

    intake: Intake
    settled: Settled
    conditions: dict[str, Cells]


@dataclass(frozen=True, slots=True)
class Named:
    """What the rows name. :ivar concepts, :ivar agents: as in :class:`rowstage.Made`."""

    concepts: frozenset[str]
    agents: Sequence[dict[str, dict[str, str]]]


@dataclass(slots=True)
class SharedMade:
    """The shards of shared nodes. :ivar counts, :ivar objects: as in :class:`rowstage.Made`."""

    shards: list[Shard] = field(default_factory=list)
    counts: dict[str, Counts] = field(default_factory=dict)
    objects: dict[str, list[Path]] = field(default_factory=dict)


def make_shared(
    kept: Tables, sources: Sequence[SharedSource], named: Named, work: Path, base: str = terms.DATA
) -> SharedMade:
    """Map what the items of these sources share, and leave it as shards.

    :param kept: rows that sources which are not built anew give.
    :raises OSError: the disk is full, or the folder cannot be written.
    """
    made, concepts = SharedMade(), set(named.concepts)
    for number, tables in enumerate(_published(kept, sources, base), 1):
        concepts |= named_concepts(tables)
        _leave(made, tables, (), work / f"shared-{number:06d}", base)
    tables = {name: list(rows) for name, rows in kept.items() if name not in _PUBLISHED}
    for each in sources:
        taken = each.intake
        details = source_details(taken.profile, taken.file, taken.sha256, taken.setting)
        iri = terms.source(taken.profile.id, base)
        graph = terms.source_graph(taken.profile.id, "source", base)
        tables.setdefault("source", []).append({"named_graph": graph, "source": iri, **details})
        tables.setdefault("condition", []).extend(each.conditions.values())
    tables["agent"] = agent_rows(named.agents, base)
    concepts |= named_concepts(tables)
    tables["term_mapping"] = term_mappings(concepts, base)
    known = (f"{quad} .\n".encode() for quad in reference_quads(concepts, base))
    _leave(made, tables, known, work / "shared-000000", base)
    return made


_PUBLISHED = ("publication", "publication_note")


def _published(kept: Tables, sources: Sequence[SharedSource], base: str) -> Iterator[Tables]:
    """Publications and their notes, some at a time, ascending; one row each, the last one told of it."""
    told: list[tuple[str, Publication | None]] = [
        (terms.publication(each.key, base), each)
        for source in sources
        for each in (*source.settled.publications, *([source.intake.panel] if source.intake.panel else ()))
    ]
    before: dict[str, list[tuple[str, Cells]]] = {}
    for name in _PUBLISHED:
        for row in kept.get(name, []):
            before.setdefault(row["publication"] or "", []).append((name, row))
    told += ((iri, None) for iri in before)
    told.sort(key=itemgetter(0))
    tables: Tables = {name: [] for name in _PUBLISHED}
    for iri, same in groupby(told, key=itemgetter(0)):
        found: Tables = {name: [] for name in _PUBLISHED}
        for name, row in before.get(iri, ()):
            found[name].append(row)
        for name, rows in publication_tables([each for _, each in same if each], base).items():
            found[name] += rows
        for name in _PUBLISHED:
            tables[name] += _unique(found[name])
        if len(tables["publication"]) >= AT_ONCE:
            yield tables
            tables = {name: [] for name in _PUBLISHED}
    if tables["publication"]:
        yield tables


def _unique(rows: Rows) -> Rows:
    """One row for each publication and note, the last one that tells of it."""
    return list({(row.get("publication"), row.get("note")): row for row in rows}.values())


def _leave(made: SharedMade, tables: Tables, more: Iterable[bytes], place: Path, base: str) -> None:
    lines = sorted({*mapped(tables), *more})
    for source, seen in count_lines(lines, base).items():
        made.counts.setdefault(source, Counts()).add(seen.counts)
        path = place.with_name(f"objects-{place.name}-{source}")
        made.objects.setdefault(source, []).append(write_hashes(seen.objects, path))
    made.shards.append(write_shard(place, sections(lines, tables, base)))
