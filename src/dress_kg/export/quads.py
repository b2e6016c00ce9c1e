"""N-Quads and N-Triples as sorted lines: the same graph is the same bytes."""

from __future__ import annotations

import tempfile
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from itertools import islice
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from pyoxigraph import Quad

CHUNK = 500_000
"""Lines sorted in memory at a time; more are sorted through temporary files."""
_BLOCK, _LEAST, _HELD = 5_000, 100, 100_000
"""Lines of each such file held while they are merged, and of all together."""


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
    written = 0
    for line in sorted_lines(lines, chunk):
        out.write(line.encode("utf-8"))
        written += 1
    return written


def sorted_lines(lines: Iterable[str], chunk: int = CHUNK) -> Iterator[str]:
    """The lines sorted by code point, each once; memory holds one chunk, the rest is in temporary files.

    :param lines: each with its line end, and no other.
    """
    with ExitStack() as opened:
        parts: list[Iterable[str]] = []
        given = iter(lines)
        while len(held := list(islice(given, chunk))) == chunk:
            held.sort()
            parts.append(opened.enter_context(run_of(held)))
        held.sort()
        before = None
        for line in merged([*parts, held]) if parts else held:
            if line != before:
                yield line
                before = line


def run_of(lines: Iterable[str]) -> IO[str]:
    """The lines in a temporary file, to be read again."""
    run = _unnamed()
    run.writelines(lines)
    run.seek(0)
    return run


def merged(runs: Sequence[Iterable[str]]) -> Iterator[str]:
    """The lines of sorted runs in order: quicker than `heapq.merge`, for whole blocks are sorted at once."""
    size = max(_LEAST, min(_BLOCK, _HELD // len(runs)))
    rests = [iter(run) for run in runs]
    blocks: list[list[str]] = [[] for _ in rests]
    while True:
        blocks = [block or list(islice(rest, size)) for block, rest in zip(blocks, rests, strict=True)]
        lasts = [block[-1] for block in blocks if block]
        if not lasts:
            return
        # No run has anything left to come that is less than the least of these.
        sure = min(lasts)
        cuts = [bisect_right(block, sure) for block in blocks]
        yield from sorted(line for block, cut in zip(blocks, cuts, strict=True) for line in block[:cut])
        blocks = [block[cut:] for block, cut in zip(blocks, cuts, strict=True)]


def _unnamed() -> IO[str]:
    return tempfile.TemporaryFile("w+", prefix="dress-kg-sort-", encoding="utf-8", newline="\n")
