"""The stages in order: read this file first.

    file -> lines -> rows (read, repair) -> evidence records (interpret) -> tidy tables
         -> quads (map) -> report (validate) -> published store

No stage imports another; this module hands each one's result to the next.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dress_kg import terms
from dress_kg.dataset import describe
from dress_kg.derive import derive
from dress_kg.errors import CallError, ValidationError
from dress_kg.interpret.item import Interpreter, interpret_rows
from dress_kg.interpret.publication import Publication, Register, resolve_publications
from dress_kg.mapping import Mapping, execute, load_mapping
from dress_kg.profile import Profile, load_profile
from dress_kg.progress import Progress
from dress_kg.publishing import publish_build, versions
from dress_kg.reference import known_concepts, reference_quads, term_mappings, used_iris
from dress_kg.repair import check_ledger, ledger_counts, repair
from dress_kg.report import one_line
from dress_kg.resources import folder
from dress_kg.results import Graph, Result, Source
from dress_kg.store import default_out, open_build
from dress_kg.table import read_lines
from dress_kg.tables import Tables, merge
from dress_kg.tables.files import provider, read_tables
from dress_kg.tables.from_evidence import Setting, evidence_tables
from dress_kg.tables.from_reference import condition_tables, publication_tables, unmapped_agents
from dress_kg.tables.from_source import source_tables
from dress_kg.validate import ValidationReport, load_vocabulary, quality_tables, validate_store

if TYPE_CHECKING:
    from pyoxigraph import Quad, Store

DEFAULT_PROFILES = ("dress",)
_SHARED = ("publication", "publication_note", "agent", "term_mapping")


@dataclass(slots=True)
class Clock:
    """Wall time by stage, shown as progress."""

    progress: Progress = field(default_factory=Progress)
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time what is done inside under this name."""
        self.progress.stage(name)
        start = time.perf_counter()
        yield
        self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - start


def build(
    profiles: Sequence[str] = DEFAULT_PROFILES,
    *,
    source: Path | None = None,
    curation: Path | None = None,
    out: Path | None = None,
    jobs: int = 1,
    progress: Progress | None = None,
    base: str = terms.DATA,
) -> Result:
    """Read the tables of these profiles, and publish the graph they make.

    What other sources have in the same folder stays; only the graphs of these are replaced.

    :param source: read this file instead of the one the (single) profile names.
    :param curation: a file of further decisions of curators, or a folder of `<source>.tsv`.
    :param out: the build's folder; None is the default one among the user's data.
    :param jobs: worker processes for the row stages; the result does not depend on it.
    :param base: base of the data IRIs.
    :raises DressKgError: a table, a profile, a violated shape or the folder is at fault; then nothing
        has been published.
    """
    clock = Clock(progress or Progress())
    target = out or default_out()
    graph = make_graph(
        profiles, source=source, curation=curation, beside=target, jobs=jobs, clock=clock, base=base
    )
    refuse(graph.report)
    with clock.stage("publish"):
        manifest = _manifest(graph, clock, base)
        published = publish_build(target, graph.tables, graph.quads, graph.report, manifest)
    return Result(published, graph, clock.seconds)


def remove(source: str, out: Path | None = None, *, progress: Progress | None = None) -> Result:
    """Publish the graph in a build's folder without one of its sources.

    :param source: the source's id.
    :param out: the build's folder; None is the default one among the user's data.
    :raises CallError: the graph does not hold that source, or no other.
    :raises DressKgError: as for `build`; then nothing has been published.
    """
    clock = Clock(progress or Progress())
    target = out or default_out()
    manifest = open_build(target).manifest
    held = list(manifest.get("sources", {}))
    if source not in held:
        raise CallError("the graph holds no such source", value=source, remedy=f"it holds: {', '.join(held)}")
    if held == [source]:
        raise CallError("it is the graph's only source", value=source, remedy=f"delete the folder {target}")
    base = manifest["base"]
    graph = _graph((), _other_sources(target, frozenset({source}), base), clock, None, base)
    refuse(graph.report)
    with clock.stage("publish"):
        new = _manifest(graph, clock, base)
        published = publish_build(target, graph.tables, graph.quads, graph.report, new)
    return Result(published, graph, clock.seconds)


def make_graph(
    profiles: Sequence[str],
    *,
    source: Path | None = None,
    curation: Path | None = None,
    beside: Path | None = None,
    shapes: Path | None = None,
    jobs: int = 1,
    clock: Clock | None = None,
    base: str = terms.DATA,
) -> Graph:
    """All stages but publishing: the graph and its report, violations and all.

    :param curation: a file of further decisions of curators, or a folder of `<source>.tsv`.
    :param beside: a build folder whose other sources are kept, None for none.
    :param shapes: shapes to judge by instead of the shipped ones.
    """
    clock = clock or Clock()
    if source is not None and len(profiles) != 1:
        raise CallError("--source goes with exactly one profile", remedy="name one profile")
    if curation is not None and not curation.is_dir() and len(profiles) != 1:
        raise CallError("a file for --curation goes with exactly one profile", remedy="name a folder")
    sources = tuple(
        read_source(load_profile(name), source, jobs, clock, curation=curation) for name in profiles
    )
    kept = _other_sources(beside, frozenset(each.profile.id for each in sources), base)
    return _graph(sources, kept, clock, shapes, base)


def _graph(sources: tuple[Source, ...], kept: Tables, clock: Clock, shapes: Path | None, base: str) -> Graph:
    with clock.stage("tidy"):
        tables = _tidy(sources, kept, base)
    with clock.stage("map"):
        quads = map_tables(tables, base)
    with clock.stage("validate"):
        store = _in_memory(quads, base)
        report = validate_store(store, shapes=shapes, fields=_fields(sources, kept))
        found = merge(quality_tables(report, each, base) for each in _source_ids(tables, base))
        judged = set(execute(_mapping(), provider(found)))
        store.extend(judged)
    with clock.stage("derive"):
        quads |= judged | derive(store, base)
        quads |= describe(quads, base)
    return Graph(sources, merge((tables, found)), quads, report)


def read_source(
    profile: Profile, file: Path | None, jobs: int, clock: Clock, *, curation: Path | None = None
) -> Source:
    """Read, repair and interpret one table; its ledger adds up or it raises.

    :param curation: a file or folder of further decisions than those shipped with the profile.
    :raises SourceError: the file cannot be read as the profile says.
    :raises LedgerError: a line was lost.
    """
    path = file or profile.source_file
    if file is None and not path.exists():
        remedy = "name it with --source FILE, or put it beside the profile"
        raise CallError(
            "the table of this profile is not shipped", file=profile.path, value=path.name, remedy=remedy
        )
    if not path.exists():
        raise CallError("there is no such file", file=path, remedy="correct the path after --source")
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
    quads = set(execute(_mapping(), provider(tables)))
    quads.update(reference_quads(used_iris(quads), base))
    return quads


def refuse(report: ValidationReport) -> None:
    """Block publication where a shape is violated.

    :raises ValidationError: names the first violations.
    """
    if report.violations:
        shown = "\n".join(f"  {one_line(result)}" for result in report.violations[:10])
        raise ValidationError(
            f"{len(report.violations)} violation(s) block publication:\n{shown}",
            remedy="correct the cells named above; what was published before still stands",
        )


@cache
def _mapping() -> Mapping:
    return load_mapping(folder("mappings") / "evidence.rml.ttl")


def _tidy(sources: Sequence[Source], kept: Tables, base: str) -> Tables:
    """The tidy tables of the sources and of those kept, with one row for each shared thing."""
    tables = merge((kept, *(_source_tables(source, base) for source in sources)))
    for name in ("publication", "publication_note"):
        keys = ("publication", "note")
        unique = {tuple(row.get(key) for key in keys): row for row in tables[name]}
        tables[name] = list(unique.values())
    tables["agent"] = unmapped_agents(tables, known_concepts(), base)
    concepts = {value for rows in tables.values() for row in rows for value in row.values() if value}
    tables["term_mapping"] = term_mappings(concepts, base)
    return tables


def _source_tables(source: Source, base: str) -> Tables:
    profile = source.profile
    interpreter = Interpreter.of(profile)
    panel = _published(profile)
    condition = interpreter.condition
    own = None
    if condition or profile.condition:
        own = (
            terms.vocabulary(condition)
            if condition
            else terms.condition(profile.id, profile.condition or "", base)
        )
    setting = Setting(
        base=base,
        condition=own,
        panel=terms.publication(panel.key, base) if panel else None,
        scale_stated=profile.rating_scale_stated,
    )
    resolved = resolve_publications(
        [each.citation for each in source.evidence],
        profile.id,
        identifiers=[each.publication_id for each in source.evidence],
    )
    conditions = [each.condition for each in source.evidence if each.condition]
    details = {
        "title": profile.title,
        "file": source.file.name,
        "publication": setting.panel,
        "condition": setting.condition,
        "sha256": source.sha256,
        "panel": profile.panel,
        "rights": profile.rights,
        "notice": profile.notice,
    }
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


def _published(profile: Profile) -> Publication | None:
    """The guideline or database that the table is part of: of the register, else as the profile says."""
    if profile.publication:
        return Register.load().by_ref(profile.id, profile.publication)
    if profile.published is None:
        return None
    known: dict[str, Any] = {"first_author": None, **profile.published}
    return Publication(key=profile.id, source=profile.id, number="source", **known)


def _other_sources(beside: Path | None, replaced: frozenset[str], base: str) -> Tables:
    """The tidy tables of the sources in that folder that are not built anew, without derived rows."""
    if beside is None or not (beside / "manifest.json").exists():
        return {}
    build = open_build(beside)
    others = frozenset(build.manifest.get("sources", {})) - replaced
    if not others:
        return {}
    kept = read_tables(build.folder / "tables", lambda graph: terms.source_of_graph(graph, base) in others)
    shared = read_tables(build.folder / "tables", lambda graph: graph == terms.reference_graph(base))
    used = {row.get("publication") for name in ("citation", "source") for row in kept[name]}
    for name in ("publication", "publication_note"):
        kept[name] = [row for row in shared[name] if row["publication"] in used]
    return {**kept, "quality_finding": []}


def _fields(sources: Sequence[Source], kept: Tables) -> frozenset[str]:
    """The fields that the sources have: as profiles declare them or, of kept sources, as their cells show."""
    declared = {column.field for source in sources for column in source.profile.columns}
    return frozenset(declared.union(row["field"] for row in kept.get("cell", ()) if row["field"]))


def _in_memory(quads: set[Quad], base: str) -> Store:
    """A store of the quads and the whole vocabularies, to judge and to derive from."""
    from pyoxigraph import Store

    store = Store()
    store.bulk_extend(quads)
    load_vocabulary(store, base)
    return store


def _source_ids(tables: Tables, base: str) -> list[str]:
    return sorted((row["source"] or "").removeprefix(terms.source("", base)) for row in tables["source"])


def _manifest(graph: Graph, clock: Clock, base: str) -> dict[str, Any]:
    built = {source.profile.id: source for source in graph.sources}
    return {
        "format": 1,
        "versions": versions(),
        "built": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "seconds": {name: round(value, 3) for name, value in clock.seconds.items()},
        "base": base,
        "quads": len(graph.quads),
        "rows": {name: len(rows) for name, rows in sorted(graph.tables.items())},
        "sources": {
            each: _source_manifest(each, built.get(each), graph, base)
            for each in _source_ids(graph.tables, base)
        },
    }


def _source_manifest(name: str, source: Source | None, graph: Graph, base: str) -> dict[str, Any]:
    row = next(row for row in graph.tables["source"] if row["source"] == terms.source(name, base))
    items = sum(each["source"] == row["source"] for each in graph.tables["evidence"])
    facts: dict[str, Any] = {"file": row["file"], "sha256": row["sha256"], "items": items}
    if source:
        facts["ledger"] = {kind.value: n for kind, n in ledger_counts(source.table).items()}
    return facts
