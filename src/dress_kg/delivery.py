"""A graph in parts, for the bulk loader of another store: what `dress-kg build --shards DIR` leaves.

    DIR/graph/part-00000.nq.gz …   N-Quads; each part sorted, by code point, and without a line twice
    DIR/tables/                    the tidy tables with their CSVW metadata, as of a published build
    DIR/report.json                what the gate says
    DIR/manifest.json              counts and ledger of each source; written last: where it is, all is

No store and no single file is made of them. A part is some batches' shards merged; parts are written side by
side, by whatever workers the build has. Bytes depend neither on the workers nor on their number.
"""

from __future__ import annotations

import gzip
import json
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dress_kg.errors import CallError, StoreError
from dress_kg.shards import QUADS, Shard, merge_quads
from dress_kg.workers import Workers

PART_BYTES = 2**26
"""Plain bytes of a part, about: some 400,000 quads."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What to leave in a folder in the place of a published build.

    :ivar folder: new or empty. :ivar rules: False leaves out what needs the whole graph in one store:
        findings of cross-row rules, and what is derived from several rows. :ivar plain: without compression.
    """

    folder: Path
    rules: bool = True
    plain: bool = False


@dataclass(frozen=True, slots=True)
class _Part:
    shards: tuple[Shard, ...]
    out: Path


@contextmanager
def parts_folder(folder: Path) -> Iterator[Path]:
    """A folder inside `folder` to make the parts in, gone when the work is done.

    :raises CallError: there is something in `folder` already. :raises StoreError: it cannot be written.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise CallError(
            "the folder for the shards is not empty", file=folder, remedy="name a new folder with --shards"
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        work = Path(tempfile.mkdtemp(prefix=".work-", dir=folder))
    except OSError as error:
        raise StoreError(
            f"the folder cannot be written ({error})", file=folder, remedy="check the disk and the rights"
        ) from error
    try:
        yield work
    finally:
        shutil.rmtree(work, ignore_errors=True)


def write_parts(shards: Sequence[Shard], work: Path, workers: Workers, *, plain: bool = False) -> int:
    """Write the shards' lines to `work/graph/`; returns their number, one in two parts counted twice.

    :param plain: without compression.
    """
    folder = work / "graph"
    folder.mkdir()
    suffix = ".nq" if plain else ".nq.gz"
    groups = list(_grouped(shards))
    parts = (_Part(group, folder / f"part-{number:05d}{suffix}") for number, group in enumerate(groups))
    return sum(workers.map(_write_part, parts))


def hand_over(work: Path, folder: Path, manifest: Mapping[str, Any]) -> None:
    """Move what was made to its place, the manifest last."""
    for part in ("graph", "tables", "report.json"):
        (work / part).rename(folder / part)
    place = work / "manifest.json"
    place.write_text(json.dumps(dict(manifest), ensure_ascii=False, indent=1) + "\n", "utf-8")
    place.rename(folder / "manifest.json")


def _grouped(shards: Sequence[Shard]) -> Iterator[tuple[Shard, ...]]:
    """The shards in order, as many together as make a part."""
    held: list[Shard] = []
    size = 0
    for shard in shards:
        section = shard.sections.get(QUADS)
        if section is None:
            continue
        held.append(shard)
        size += section.size
        if size >= PART_BYTES:
            yield tuple(held)
            held, size = [], 0
    if held:
        yield tuple(held)


def _write_part(part: _Part) -> int:
    with part.out.open("wb", buffering=2**20) as out:
        if part.out.suffix != ".gz":
            return merge_quads(part.shards, out.write)
        # No name and no time in it, so that the same lines are the same bytes.
        with gzip.GzipFile(filename="", mode="wb", compresslevel=4, fileobj=out, mtime=0) as packed:
            return merge_quads(part.shards, packed.write)
