"""The sources of a build folder that a new build keeps: their tidy tables, in batches of items.

The published tables are sorted by key, each on its own, so the rows of one item lie apart. They are read once
and dealt out to files by item; one such file is a batch, and no more than one is held.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dress_kg import terms
from dress_kg.mapping import csv_tables
from dress_kg.rowstage import Judging, Made, make_shard
from dress_kg.spill import append, stream
from dress_kg.store import open_build
from dress_kg.tables import Cells, Tables
from dress_kg.tables.schema import TABLES

PER_FILE = 250
_HELD = 5_000
_OF_A_SOURCE = frozenset({"source", "condition"})
_SHARED = ("publication", "publication_note")
_MADE_ANEW = frozenset({*_SHARED, "agent", "term_mapping", "quality_finding"})


@dataclass(frozen=True, slots=True)
class KeptBatch:
    """Some items of one kept source. :ivar rows: a file of (table, row)."""

    work: Path
    number: int
    source: str
    rows: Path
    context: Tables
    judging: Judging
    base: str


@dataclass(slots=True)
class Kept:
    """The sources kept.

    :ivar manifest: what the manifest says of each. :ivar shared: rows of what they share with others.
    :ivar own: rows that are of a source and not of an item.
    :ivar fields: the columns that they have, as their cells show.
    """

    manifest: dict[str, dict[str, Any]] = field(default_factory=dict)
    batches: list[KeptBatch] = field(default_factory=list)
    shared: Tables = field(default_factory=dict)
    own: Tables = field(default_factory=dict)
    fields: set[str] = field(default_factory=set)


def keep(
    beside: Path | None, replaced: frozenset[str], work: Path, base: str = terms.DATA, *, number: int = 0
) -> Kept:
    """The sources of a build folder but those that are built anew; nothing where there is no build.

    :param number: of the first batch.
    :raises StoreError: the build there is damaged.
    """
    kept = Kept()
    if beside is None or not (beside / "manifest.json").exists():
        return kept
    build = open_build(beside)
    told = build.manifest.get("sources", {})
    kept.manifest = {name: facts for name, facts in told.items() if name not in replaced}
    if kept.manifest:
        files = _deal(build.folder / "tables", kept, work, base)
        for at, (source, path) in enumerate(sorted(files.items()), number):
            context: Tables = {name: kept.own.get(name, []) for name in _OF_A_SOURCE}
            kept.batches.append(KeptBatch(work, at, source[0], path, context, _NO_JUDGE, base))
    return kept


_NO_JUDGE = Judging(frozenset())


def make_kept_shard(batch: KeptBatch) -> Made:
    """Map and judge the items of a kept batch anew, and leave them as a shard."""
    tables: Tables = {}
    for name, row in stream(batch.rows):
        tables.setdefault(name, []).append(row)
    return make_shard(
        batch.work, batch.number, batch.source, tables, batch.context, batch.judging, batch.base
    )


def _deal(folder: Path, kept: Kept, work: Path, base: str) -> dict[tuple[str, int], Path]:
    """Deal the rows of the kept sources out to files by item; those of no item are kept at hand."""
    item = re.compile(re.escape(base) + r"evidence/([^/]+)/([^/]+)")
    shares = {name: max(1, int(facts.get("items", 0)) // PER_FILE) for name, facts in kept.manifest.items()}
    files: dict[tuple[str, int], Path] = {}
    held: dict[tuple[str, int], list[tuple[str, Cells]]] = {}
    count = 0
    cited: set[str | None] = set()
    for name, row in _rows(folder):
        source = terms.source_of_graph(row["named_graph"] or "", base)
        if source not in kept.manifest:
            continue
        if name in ("citation", "source"):
            cited.add(row.get("publication"))
        if name == "cell" and row["field"]:
            kept.fields.add(row["field"])
        if name in _OF_A_SOURCE:
            kept.own.setdefault(name, []).append(row)
            continue
        found = item.match(_whose(name, row))
        key = found[2] if found else ""
        place = (source, zlib.crc32(key.encode()) % shares[source])
        held.setdefault(place, []).append((name, row))
        count += 1
        if count >= _HELD:
            _put(held, files, work)
            count = 0
    _put(held, files, work)
    kept.shared = _shared_rows(folder, cited)
    return files


def _whose(name: str, row: Cells) -> str:
    """The IRI that says to which item a row belongs: its key, or the row that a line is part of."""
    return (row.get("row") or "") if name == "line" else (row[TABLES[name].key[0]] or "")


def _put(
    held: dict[tuple[str, int], list[tuple[str, Cells]]], files: dict[tuple[str, int], Path], work: Path
) -> None:
    for place, rows in held.items():
        source, share = place
        path = files.setdefault(place, work / f"kept-{source}-{share:06d}.pickle")
        append(rows, path)
    held.clear()


def _rows(folder: Path) -> Iterator[tuple[str, Cells]]:
    read = csv_tables(folder)
    for name in TABLES:
        if name not in _MADE_ANEW:
            for row in read(f"{name}.csv"):
                yield name, dict(row)


def _shared_rows(folder: Path, cited: set[str | None]) -> Tables:
    read = csv_tables(folder)
    return {
        name: [dict(row) for row in read(f"{name}.csv") if row["publication"] in cited] for name in _SHARED
    }
