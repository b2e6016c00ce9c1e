"""The parts of a version made out of those of the version before: patched where they differ, else linked."""

from __future__ import annotations

import csv
import io
import os
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from dress_kg.errors import StoreError
from dress_kg.export import write_metadata
from dress_kg.shards import Shard, csv_text, read_section
from dress_kg.sortedfile import SortedLines, SortedRecords, mapped_file, patch
from dress_kg.store import Build
from dress_kg.tables.schema import TABLES

SHARED_TABLES = ("source", "condition", "publication", "publication_note", "agent", "term_mapping")
"""Tables of what the items share; they are written whole."""


def link_store(build: Build, store: Path) -> dict[str, str]:
    """A store to write to with what a published one holds; its tables, which never change, are linked.

    :returns: SHA-256 by path in the version, of the linked files.
    :raises OSError: the disk is full, or the folder cannot be written.
    """
    known: dict[str, str] = {}
    store.mkdir()
    files = build.manifest.get("files", {})
    for path in sorted((build.folder / "store").iterdir()):
        target = store / path.name
        if path.suffix == ".sst" and _linked(path, target):
            name = f"store/{path.name}"
            if name in files:
                known[name] = files[name]["sha256"]
        elif path.name != "LOCK" and not path.name.startswith("LOG"):
            shutil.copyfile(path, target)
    return known


def still(known: Mapping[str, str], build: Build, folder: Path) -> dict[str, str]:
    """Those of the known hashes whose files are still what they were: the same files on disk."""
    return {
        name: found
        for name, found in known.items()
        if not name.startswith("store/")
        or ((folder / name).exists() and (folder / name).samefile(build.folder / name))
    }


def patched_graph(build: Build, work: Path, old: SortedLines, blocks: Mapping[bytes, bytes]) -> str:
    """Write `graph.nq` with other blocks; returns its SHA-256.

    :raises StoreError: that of the version before is not as it was published.
    """
    with build.graph_file.open("rb") as stored, (work / "graph.nq").open("wb") as out:
        was, now = patch(old, blocks, out.write, stored)
    _check(build, "graph.nq", was)
    return now


def patched_tables(
    build: Build,
    work: Path,
    tables: Mapping[str, Mapping[bytes, bytes]],
    shared: Sequence[Shard],
    hashes: dict[str, str],
) -> dict[str, int]:
    """Write `tables/` with other records; returns the number of rows of each table.

    :param tables: by table and head the new records. :param hashes: to add the SHA-256 of the files to.
    :raises StoreError: a table of the version before is not as it was published.
    """
    folder = work / "tables"
    folder.mkdir()
    write_metadata(folder)
    rows: dict[str, int] = {}
    for name, schema in TABLES.items():
        path = folder / f"{name}.csv"
        if name in SHARED_TABLES:
            whole = csv_text([schema.names]) + b"".join(read_section(shared, name))
            path.write_bytes(whole)
            rows[name] = sum(each.rows(name) for each in shared)
            continue
        file = f"tables/{name}.csv"
        with mapped_file(build.folder / file) as data:
            old = SortedRecords(data, schema)
            given = tables.get(name, {})
            blocks = {head: text for head, text in given.items() if old.records(head) != text}
            gone = sum(_count(old.records(head)) for head in blocks)
            rows[name] = int(build.manifest["rows"][name]) + sum(map(_count, blocks.values())) - gone
            if not blocks and _linked(build.folder / file, path):
                hashes[file] = build.manifest["files"][file]["sha256"]
                continue
            with (build.folder / file).open("rb") as stored, path.open("wb") as out:
                was, hashes[file] = patch(old, blocks, out.write, stored)
            _check(build, file, was)
    return rows


def _count(records: bytes) -> int:
    return sum(1 for _ in csv.reader(io.StringIO(records.decode("utf-8"), newline="")))


def _linked(path: Path, target: Path) -> bool:
    """Make a second name of a file; False where the disk has none."""
    try:
        os.link(path, target)
    except OSError:
        shutil.copyfile(path, target)
        return False
    return True


def _check(build: Build, file: str, found: str) -> None:
    if build.manifest["files"][file]["sha256"] != found:
        raise StoreError(
            "the version before is damaged: its SHA-256 is not that of the manifest",
            file=build.folder / file,
            remedy="build everything anew: dress-kg build --fresh",
        )
