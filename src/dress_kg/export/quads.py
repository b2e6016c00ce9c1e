"""N-Quads and N-Triples as sorted lines: the same graph is the same bytes."""

from __future__ import annotations

import heapq
import tempfile
from collections.abc import Iterable, Iterator
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from pyoxigraph import Quad

CHUNK = 500_000
"""Lines sorted in memory at a time; more are sorted through temporary files."""


def write_nquads(quads: Iterable[Quad], out: IO[bytes], *, chunk: int = CHUNK) -> int:
    """Write the quads as N-Quads, sorted by code point, each once.

    :param chunk: lines held in memory at a time.
    :returns: the number of lines.
    """
    return write_sorted((f"{quad} .\n" for quad in quads), out, chunk=chunk)


def write_ntriples(quads: Iterable[Quad], out: IO[bytes], *, chunk: int = CHUNK) -> int:
    """Write the triples of all graphs as N-Triples, sorted by code point, each once.

    :returns: the number of lines.
    """
    return write_sorted((f"{quad.triple} .\n" for quad in quads), out, chunk=chunk)


def write_sorted(lines: Iterable[str], out: IO[bytes], *, chunk: int = CHUNK) -> int:
    """Write the lines sorted by code point, each once; memory holds one chunk.

    :returns: the number of lines written.
    """
    with tempfile.TemporaryDirectory(prefix="dress-kg-sort-") as folder:
        parts: list[IO[bytes]] = []
        try:
            rest = _spill(lines, folder, parts, chunk)
            runs: list[Iterable[bytes]] = [*parts, rest]
            written = 0
            for line in _distinct(heapq.merge(*runs)):
                out.write(line)
                written += 1
            return written
        finally:
            for part in parts:
                part.close()


def _spill(lines: Iterable[str], folder: str, parts: list[IO[bytes]], chunk: int) -> list[bytes]:
    """Put each full chunk in a file of its own, sorted; what is left over stays in memory."""
    held: set[bytes] = set()
    for line in lines:
        held.add(line.encode("utf-8"))
        if len(held) >= chunk:
            part = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 – closed by the caller
            part.writelines(sorted(held))
            part.seek(0)
            parts.append(part)
            held = set()
    return sorted(held)


def _distinct(lines: Iterable[bytes]) -> Iterator[bytes]:
    before: bytes | None = None
    for line in lines:
        if line != before:
            yield line
            before = line
