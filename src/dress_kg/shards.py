"""Sorted parts of a build on disk, and their merge into one sorted whole, block by block.

A batch of rows leaves a *shard*: its N-Quads lines and the rows of its tidy tables, each sorted. Merging
line by line would cost more than making the lines; but nearly all lines of a shard belong to one evidence
item each, and no two shards share an item. So a sorted section is cut into *blocks* that have a *head*, a
prefix of all their lines, such that no head is a prefix of another one: then the order of the heads is the
order of the lines, and a merge copies whole blocks. Blocks with the same head are merged line by line.
The bytes of the whole depend neither on the number of shards nor on what went into which.
"""

from __future__ import annotations

import csv
import heapq
import io
import os
import re
import struct
from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby, pairwise
from operator import itemgetter
from pathlib import Path

from dress_kg import terms
from dress_kg.tables import Cells, Rows
from dress_kg.tables.schema import TableSchema

QUADS = "graph.nq"
"""The section of the N-Quads lines; every other section is a tidy table, by its name."""

Block = tuple[bytes, bytes]
"""Head and bytes."""

_ENTRY = struct.Struct("<IQ")  # lengths of the head and of the data
_CHUNK = 2**14
_OPEN_FILES = 200
_PIECE = 2**22


@dataclass(frozen=True, slots=True)
class Section:
    """Where a section lies in the files of its shard. :ivar rows: its lines, or rows of the table."""

    start: int
    size: int
    index_start: int
    index_size: int
    rows: int


@dataclass(frozen=True, slots=True)
class Shard:
    """A shard on disk. :ivar data: the blocks. :ivar index: heads and lengths of the blocks."""

    data: Path
    index: Path
    sections: dict[str, Section] = field(default_factory=dict)

    def rows(self, section: str) -> int:
        """The number of rows of a section, 0 where there is none."""
        found = self.sections.get(section)
        return found.rows if found else 0


def write_shard(place: Path, sections: Iterable[tuple[str, int, Iterable[Block]]]) -> Shard:
    """Write the sections as (name, number of rows, blocks in ascending order of their heads).

    :param place: path of the shard's files, without suffix.
    :raises OSError: the disk is full, or the folder cannot be written.
    """
    shard = Shard(place.with_suffix(".data"), place.with_suffix(".index"))
    with shard.data.open("wb") as data, shard.index.open("wb") as index:
        for name, rows, blocks in sections:
            start, index_start = data.tell(), index.tell()
            for head, body in blocks:
                data.write(body)
                index.write(_ENTRY.pack(len(head), len(body)) + head)
            size, index_size = data.tell() - start, index.tell() - index_start
            if size:
                shard.sections[name] = Section(start, size, index_start, index_size, rows)
    return shard


def quad_blocks(lines: Sequence[bytes], base: str = terms.DATA) -> Iterator[Block]:
    """The blocks of sorted N-Quads lines, one for each item's parts and one for each other subject."""
    item = re.compile(rb"<" + re.escape(base.encode()) + rb"evidence/[^/>]+/[^/> ]+[/>]")
    at = 0
    while at < len(lines):
        found = item.match(lines[at])
        whole = found is None or found[0].endswith(b">")
        head = lines[at][: lines[at].index(b" ") + 1] if whole or found is None else found[0]
        end = bisect_left(lines, head + b"\xff", at)  # no byte of UTF-8 is 0xff
        yield head, b"".join(lines[at:end])
        at = end


def table_blocks(rows: Rows, schema: TableSchema, base: str = terms.DATA) -> Iterator[Block]:
    """The blocks of a table's rows as CSV (RFC 4180), sorted by the table's key.

    :raises ValueError: a cell holds an empty string, which CSV cannot tell from null, or a key is not
        unique or not whole: a fault of the program that made the tables.
    """
    item = re.compile(re.escape(base) + r"evidence/[^/]+/[^/]+/")
    names, keys = schema.names, schema.key
    keyed = sorted(((_key(row, schema, keys), row) for row in rows), key=itemgetter(0))
    before: tuple[str, ...] | None = None
    head = ""
    held: list[list[str | None]] = []
    for key, row in keyed:
        if key == before:
            raise _not_unique(schema, key)
        before = key
        if "" in row.values():
            empty = next(name for name, value in row.items() if value == "")
            raise ValueError(f"table {schema.name}: an empty string in {empty}, which is no null")
        if not (head and (key[0].startswith(head) if head[-1] == "/" else key[0] == head[:-1])):
            if held:
                yield head.encode("utf-8"), csv_text(held)
            found = item.match(key[0])
            head, held = found[0] if found else key[0] + "\0", []
        held.append([row.get(name) for name in names])
    if held:
        yield head.encode("utf-8"), csv_text(held)


def csv_text(rows: Iterable[Iterable[str | None]]) -> bytes:
    """Rows as CSV in UTF-8; null is an empty unquoted field."""
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode("utf-8")


def merge_quads(shards: Sequence[Shard], write: Callable[[bytes], object]) -> int:
    """Write the N-Quads lines of all shards, sorted by code point, each once; returns their number."""
    repeated = 0

    def combine(blocks: list[bytes]) -> bytes:
        nonlocal repeated
        lines = [line for block in blocks for line in block.splitlines(keepends=True)]
        kept = sorted(set(lines))
        repeated += len(lines) - len(kept)
        return b"".join(kept)

    _merge(shards, QUADS, write, combine)
    return sum(shard.rows(QUADS) for shard in shards) - repeated


def merge_table(shards: Sequence[Shard], schema: TableSchema, write: Callable[[bytes], object]) -> int:
    """Write a tidy table of all shards as CSV with its header, sorted by key; returns the number of rows.

    :raises ValueError: two rows have the same key: a fault of the program that made the tables.
    """
    places = [schema.names.index(name) for name in schema.key]

    def combine(blocks: list[bytes]) -> bytes:
        rows = [row for block in blocks for row in csv.reader(io.StringIO(block.decode("utf-8"), newline=""))]
        rows.sort(key=lambda row: [row[place] for place in places])
        for row, after in pairwise(rows):
            if all(row[place] == after[place] for place in places):
                raise _not_unique(schema, tuple(row[place] for place in places))
        return csv_text(rows)

    write(csv_text([schema.names]))
    _merge(shards, schema.name, write, combine)
    return sum(shard.rows(schema.name) for shard in shards)


def read_section(shards: Iterable[Shard], section: str) -> Iterator[bytes]:
    """The bytes of a section of all shards, one after the other, in pieces."""
    for shard in shards:
        found = shard.sections.get(section)
        if found is None:
            continue
        with shard.data.open("rb") as data:
            data.seek(found.start)
            left = found.size
            while left > 0 and (piece := data.read(min(left, _PIECE))):
                left -= len(piece)
                yield piece


def read_blocks(shard: Shard, section: str) -> Iterator[Block]:
    """The blocks of one section of a shard, in ascending order of their heads."""
    if section in shard.sections:
        with _Files([shard]) as files:
            for head, number, start, length in _entries(shard, 0, section):
                yield head, files.read(number, start, length)


def _merge(
    shards: Sequence[Shard],
    section: str,
    write: Callable[[bytes], object],
    combine: Callable[[list[bytes]], bytes],
) -> None:
    """Write the blocks of a section in ascending order of their heads; `combine` joins those of one head."""
    held = [shard for shard in shards if section in shard.sections]
    entries = heapq.merge(*(_entries(shard, number, section) for number, shard in enumerate(held)))
    with _Files(held) as files:
        for _, same in groupby(entries, key=itemgetter(0)):
            blocks = [files.read(number, start, length) for _, number, start, length in same]
            write(blocks[0] if len(blocks) == 1 else combine(blocks))


def _entries(shard: Shard, number: int, section: str) -> Iterator[tuple[bytes, int, int, int]]:
    """(head, the shard's number, start, length) of each block; no file is held open meanwhile."""
    where = shard.sections[section]
    at, end, start = where.index_start, where.index_start + where.index_size, where.start
    chunk, place = b"", 0
    while at < end:
        if (
            len(chunk) - place < _ENTRY.size
            or len(chunk) - place < _ENTRY.size + _ENTRY.unpack_from(chunk, place)[0]
        ):
            with shard.index.open("rb") as index:
                index.seek(at)
                wanted = _CHUNK if place else max(_CHUNK, 2 * len(chunk))
                chunk, place = index.read(min(wanted, end - at)), 0
            continue
        head_length, length = _ENTRY.unpack_from(chunk, place)
        head = chunk[place + _ENTRY.size : place + _ENTRY.size + head_length]
        yield head, number, start, length
        start += length
        place += _ENTRY.size + head_length
        at += _ENTRY.size + head_length


class _Files:
    """The data files of shards, some of them open at a time."""

    def __init__(self, shards: Sequence[Shard]) -> None:
        self._shards = shards
        self._open: OrderedDict[int, int] = OrderedDict()

    def __enter__(self) -> _Files:
        return self

    def __exit__(self, *_: object) -> None:
        for descriptor in self._open.values():
            os.close(descriptor)

    def read(self, number: int, start: int, length: int) -> bytes:
        descriptor = self._open.pop(number, None)
        if descriptor is None:
            if len(self._open) >= _OPEN_FILES:
                os.close(self._open.popitem(last=False)[1])
            descriptor = os.open(self._shards[number].data, os.O_RDONLY)
        self._open[number] = descriptor
        return os.pread(descriptor, length, start)


def _key(row: Cells, schema: TableSchema, names: tuple[str, ...]) -> tuple[str, ...]:
    key = tuple([row.get(name) or "" for name in names])
    if "" in key:
        raise _not_unique(schema, key)
    return key


def _not_unique(schema: TableSchema, key: tuple[str, ...]) -> ValueError:
    return ValueError(f"table {schema.name}: the key {key} is not whole or not unique")
