"""Published files as what they are, sorted: a block is found by halving, not by reading all.

`graph.nq` is sorted by line and the tidy tables by key (see `shards`), so the lines of one evidence item
stand together. A version is made out of the one before by copying what lies between the blocks that change.
"""

from __future__ import annotations

import csv
import hashlib
import io
import mmap
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Protocol, Self

from dress_kg.tables.schema import TableSchema

_PIECE = 2**20
_AHEAD = 8
"""Pieces that wait to be hashed: few enough to hold."""


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


def patch(
    old: Sorted,
    blocks: Mapping[bytes, bytes],
    write: Callable[[bytes], object],
    stored: BinaryIO | None = None,
) -> tuple[str, str]:
    """Write a sorted file anew with other blocks; returns the SHA-256 of the old bytes and of the new ones.

    :param blocks: by head the block that takes the place of the old one, empty where it goes. No head is
        a prefix of another one.
    :param stored: the old file, to be read from without mapping it whole into this process's memory.
    """
    with _Copy(write) as copy:
        done = 0
        for head in sorted(blocks):
            start, end = old.block(head)
            for piece in _pieces(old.data, done, start, stored):
                copy.keep(piece)
            copy.replace(old.data[start:end], blocks[head])
            done = end
        for piece in _pieces(old.data, done, len(old.data), stored):
            copy.keep(piece)
        return copy.hashes()


def _pieces(data: mmap.mmap | bytes, start: int, end: int, stored: BinaryIO | None) -> Iterator[bytes]:
    """The bytes from one place to another, some at a time."""
    if stored is not None:
        stored.seek(start)
    while start < end:
        size = min(_PIECE, end - start)
        piece = data[start : start + size] if stored is None else stored.read(size)
        if len(piece) < size:
            raise OSError("the file has been cut short while it was read")
        yield piece
        start += size


class _Copy:
    """Writes bytes and hashes them, old and new, at the same time: hashing leaves the interpreter to others.

    Up to the first difference the old bytes are the new ones, and are hashed once.
    """

    def __init__(self, write: Callable[[bytes], object]) -> None:
        self._write = write
        self._before = hashlib.sha256()
        self._after = self._before
        self._hashing = [ThreadPoolExecutor(1), ThreadPoolExecutor(1)]
        self._waiting: deque[Future[None]] = deque()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for each in self._hashing:
            each.shutdown(cancel_futures=True)

    def keep(self, piece: bytes) -> None:
        """Bytes that stay."""
        self._hash(0, piece)
        if self._after is not self._before:
            self._hash(1, piece)
        self._write(piece)

    def replace(self, old: bytes, new: bytes) -> None:
        """Bytes that go, and those in their place."""
        if self._after is self._before:
            self._settle()
            self._after = self._before.copy()
        self._hash(0, old)
        self._hash(1, new)
        self._write(new)

    def hashes(self) -> tuple[str, str]:
        """The SHA-256 of the old bytes and of the new ones."""
        self._settle()
        return self._before.hexdigest(), self._after.hexdigest()

    def _hash(self, which: int, piece: bytes) -> None:
        digest = (self._before, self._after)[which]
        self._waiting.append(self._hashing[which].submit(digest.update, piece))
        while len(self._waiting) > _AHEAD:
            self._waiting.popleft().result()

    def _settle(self) -> None:
        while self._waiting:
            self._waiting.popleft().result()
