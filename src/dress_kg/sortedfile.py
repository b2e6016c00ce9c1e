"""Published files as what they are, sorted: a block is found by halving, not by reading all.

`graph.nq` is sorted by line and the tidy tables by key (see `shards`), so the lines of one evidence item
stand together. A version is made out of the one before by copying what lies between the blocks that change.
"""

from __future__ import annotations

import csv
import hashlib
import io
import mmap
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from dress_kg.tables.schema import TableSchema

_PIECE = 2**20


class Sorted(Protocol):
    """A sorted file in memory's address space."""

    data: mmap.mmap | bytes

    def block(self, head: bytes) -> tuple[int, int]:
        """Where the block of a head starts and ends; both the same where there is none."""


class SortedLines:
    """A file of lines in ascending order of their bytes; a head is a prefix of all lines of its block."""

    def __init__(self, data: mmap.mmap | bytes) -> None:
        self.data = data

    def block(self, head: bytes) -> tuple[int, int]:
        """Where the lines that begin with a head start and end."""
        return self.at(head), self.at(head + b"\xff")  # no byte of UTF-8 is 0xff

    def at(self, head: bytes) -> int:
        """Where the first line stands that is not below a text."""
        data, low, high = self.data, 0, len(self.data)
        while low < high:
            middle = (low + high) // 2
            start = data.rfind(b"\n", low, middle) + 1 or low
            if data[start : start + len(head)] < head:
                low = data.find(b"\n", middle) + 1 or high
            else:
                high = start
        return low

    def lines(self, head: bytes) -> list[bytes]:
        """The lines that begin with a head."""
        start, end = self.block(head)
        return self.data[start:end].splitlines(keepends=True)


class SortedRecords:
    """A tidy table as CSV, sorted by its key. Texts may hold line ends, so quotes are counted once."""

    def __init__(self, data: mmap.mmap | bytes, schema: TableSchema) -> None:
        self.data = data
        self._key = schema.names.index(schema.key[0])
        quotes = [0]
        for start in range(0, len(data), _PIECE):
            quotes.append(quotes[-1] + data[start : start + _PIECE].count(b'"'))
        self._quotes = quotes
        self._first = self._end(0) if len(data) else 0

    def block(self, head: bytes) -> tuple[int, int]:
        """Where the records stand whose key begins with a head; one that ends in `\\0` is a whole key."""
        return self._at(head), self._at(head + b"\xff")

    def records(self, head: bytes) -> bytes:
        """The records of a head."""
        start, end = self.block(head)
        return self.data[start:end]

    def _at(self, head: bytes) -> int:
        low, high = self._first, len(self.data)
        while low < high:
            start = self._start((low + high) // 2, low)
            if self._head(start)[: len(head)] < head:
                low = self._end(start)
            else:
                high = start
        return low

    def _head(self, start: int) -> bytes:
        text = self.data[start : self._end(start)].decode("utf-8")
        record = next(csv.reader(io.StringIO(text, newline="")))
        return record[self._key].encode("utf-8") + b"\0"

    def _start(self, place: int, low: int) -> int:
        """The start of the record that a place lies in, not below `low`, which starts one."""
        while True:
            line_end = self.data.rfind(b"\n", low, place)
            if line_end < 0:
                return low
            if not self._inside(line_end):
                return line_end + 1
            place = line_end

    def _end(self, start: int) -> int:
        """The end of the record that starts at a place."""
        end, inside = start, 0
        while True:
            found = self.data.find(b"\n", end)
            if found < 0:
                return len(self.data)
            inside += self.data[end:found].count(b'"')
            end = found + 1
            if inside % 2 == 0:
                return end

    def _inside(self, place: int) -> bool:
        piece = place // _PIECE
        return bool((self._quotes[piece] + self.data[piece * _PIECE : place].count(b'"')) % 2)


@contextmanager
def mapped_file(path: Path) -> Iterator[mmap.mmap | bytes]:
    """The bytes of a file, read where they are looked at.

    :raises OSError: it cannot be read.
    """
    with path.open("rb") as stored:
        if not path.stat().st_size:
            yield b""
            return
        with mmap.mmap(stored.fileno(), 0, access=mmap.ACCESS_READ) as data:
            yield data


def patch(old: Sorted, blocks: Mapping[bytes, bytes], write: Callable[[bytes], object]) -> tuple[str, str]:
    """Write a sorted file anew with other blocks; returns the SHA-256 of the old bytes and of the new ones.

    :param blocks: by head the block that takes the place of the old one, empty where it goes. No head is
        a prefix of another one.
    """
    before, after = hashlib.sha256(), hashlib.sha256()

    def keep(start: int, end: int) -> None:
        for at in range(start, end, _PIECE):
            piece = old.data[at : min(at + _PIECE, end)]
            before.update(piece)
            after.update(piece)
            write(piece)

    done = 0
    for head in sorted(blocks):
        start, end = old.block(head)
        keep(done, start)
        before.update(old.data[start:end])
        after.update(blocks[head])
        write(blocks[head])
        done = end
    keep(done, len(old.data))
    return before.hexdigest(), after.hexdigest()
