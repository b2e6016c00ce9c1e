"""The graph of small tables in memory, with the records it was made of: for reviews, checks and tests.

The same stages as a build's, over all rows at once; nothing is published. A build gives the same graph batch
by batch, and needs no more memory for a long table than for a short one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from dress_kg import terms
from dress_kg.dataset import describe
from dress_kg.derive import derive
from dress_kg.errors import CallError
from dress_kg.intake import published, setting_of, source_details, source_file
from dress_kg.interpret.item import Interpreter, interpret_rows
from dress_kg.interpret.publication import resolve_publications
from dress_kg.mapping import execute
from dress_kg.profile import Profile, load_profile
from dress_kg.progress import Clock
from dress_kg.reference import known_concepts, reference_quads, term_mappings, used_iris
from dress_kg.repair import check_ledger, repair
from dress_kg.results import Graph, Source
from dress_kg.rowstage import evidence_mapping
from dress_kg.table import read_lines
from dress_kg.tables import Tables, merge
from dress_kg.tables.files import provider
from dress_kg.tables.from_evidence import evidence_tables
from dress_kg.tables.from_reference import (
    condition_tables,
    named_concepts,
    publication_tables,
    unmapped_agents,
)
from dress_kg.tables.from_source import source_tables
from dress_kg.validate import load_vocabulary, quality_tables, validate_store

if TYPE_CHECKING:
    from pyoxigraph import Quad, Store


def make_graph(
    profiles: Sequence[str],
    *,
    source: Path | None = None,
    curation: Path | None = None,
    shapes: Path | None = None,
    validator: str = "auto",
    jobs: int = 1,
    clock: Clock | None = None,
    base: str = terms.DATA,
) -> Graph:
    """All stages but publishing, in memory: the graph and its report, violations and all.

    :param source: read this file instead of the one the (single) profile names.
    :param curation: a file of further decisions of curators, or a folder of `<source>.tsv`.
    :param shapes: shapes to judge by instead of the shipped ones.
    :param validator: who judges: `auto`, `pyshacl` or `sparql` (:class:`dress_kg.validate.Engine`).
    """
    clock = clock or Clock()
    check_call(profiles, source, curation)
    sources = tuple(
        read_source(load_profile(name), source, jobs, clock, curation=curation) for name in profiles
    )
    with clock.stage("tidy"):
        tables = _tidy(sources, base)
    with clock.stage("map"):
        quads = map_tables(tables, base)
    with clock.stage("validate"):
        store = _in_memory(quads, base)
        fields = frozenset(column.field for each in sources for column in each.profile.columns)
        report = validate_store(store, shapes=shapes, fields=fields, engine=validator)
        found = merge(quality_tables(report, each.profile.id, base) for each in sources)
        judged = set(execute(evidence_mapping(), provider(found)))
        store.extend(judged)
    with clock.stage("derive"):
        quads |= judged | derive(store, base)
        quads |= describe(quads, base)
    return Graph(sources, merge((tables, found)), quads, report)


def check_call(profiles: Sequence[str], source: Path | None, curation: Path | None) -> None:
    """Make sure that what names one file goes with one profile.

    :raises CallError: it does not.
    """
    if source is not None and len(profiles) != 1:
        raise CallError("--source goes with exactly one profile", remedy="name one profile")
    if curation is not None and not curation.is_dir() and len(profiles) != 1:
        raise CallError("a file for --curation goes with exactly one profile", remedy="name a folder")


def read_source(
    profile: Profile, file: Path | None, jobs: int, clock: Clock, *, curation: Path | None = None
) -> Source:
    """Read, repair and interpret one table; its ledger adds up or it raises.

    :param curation: a file or folder of further decisions than those shipped with the profile.
    :raises SourceError: the file cannot be read as the profile says.
    :raises LedgerError: a line was lost.
    """
    path = source_file(profile, file)
    with clock.stage("read"):
        lines = read_lines(path, profile)
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
    with clock.stage("repair"):
        table = repair(lines, profile, path.name, known_words=Interpreter.of(profile).words())
        check_ledger(table)
    with clock.stage("interpret"):
        evidence, stale = interpret_rows(table, profile, jobs=jobs, curation=curation)
    return Source(profile, path, digest, table, evidence, stale)


def map_tables(tables: Tables, base: str = terms.DATA) -> set[Quad]:
    """The quads of the tidy tables by the shipped RML mapping, and what they refer to."""
    quads = set(execute(evidence_mapping(), provider(tables)))
    quads.update(reference_quads(used_iris(quads), base))
    return quads


def _tidy(sources: Sequence[Source], base: str) -> Tables:
    """The tidy tables of the sources, with one row for each shared thing."""
    tables = merge(_source_tables(source, base) for source in sources)
    for name in ("publication", "publication_note"):
        keys = ("publication", "note")
        unique = {tuple(row.get(key) for key in keys): row for row in tables[name]}
        tables[name] = list(unique.values())
    tables["agent"] = unmapped_agents(tables, known_concepts(), base)
    tables["term_mapping"] = term_mappings(named_concepts(tables), base)
    return tables


def _source_tables(source: Source, base: str) -> Tables:
    profile = source.profile
    panel = published(profile)
    setting = setting_of(profile, panel, base)
    resolved = resolve_publications(
        [each.citation for each in source.evidence],
        profile.id,
        identifiers=[each.publication_id for each in source.evidence],
    )
    conditions = [each.condition for each in source.evidence if each.condition]
    details = source_details(profile, source.file, source.sha256, setting)
    items = {each.row.ordinal: terms.evidence(profile.id, each.key, base) for each in source.evidence}
    read = [
        evidence_tables(each, setting, terms.publication(found.key, base) if found else None)
        for each, found in zip(source.evidence, resolved.of, strict=True)
    ]
    selected = frozenset(row["cell"] or "" for tables in read for row in tables.get("selection", ()))
    return merge((
        *read,
        source_tables(source.table, items, details, base, selected),
        condition_tables(conditions, profile.id, base),
        publication_tables((*resolved.publications, *([panel] if panel else [])), base),
    ))  # fmt: skip


def _in_memory(quads: set[Quad], base: str) -> Store:
    """A store of the quads and the whole vocabularies, to judge and to derive from."""
    from pyoxigraph import Store

    store = Store()
    store.bulk_extend(quads)
    load_vocabulary(store, base)
    return store
