"""What the row stages hand on from one pass, or one process, to the next: files of pickled records.

Each batch of rows and what is settled of it lies in a file of its own in the build's working folder, so that
a worker needs nothing but a path, and nobody holds more than a batch.
"""

from __future__ import annotations

import pickle
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

_SUFFIX = ".pickle"


def spill(value: object, folder: Path, name: str) -> Path:
    """Write a record to `folder/name.pickle`; returns the path.

    :raises OSError: the disk is full, or the folder cannot be written.
    """
    path = folder / (name + _SUFFIX)
    with path.open("wb") as out:
        pickle.dump(value, out, protocol=pickle.HIGHEST_PROTOCOL)
    return path


def unspill(path: Path) -> Any:
    """The record of a file that :func:`spill` of this very build wrote."""
    with path.open("rb") as stored:
        return pickle.load(stored)  # noqa: S301 (our own working folder, made and removed by this build)


def spill_all(values: Iterable[object], path: Path, group: int = 500) -> int:
    """Write records one after the other, to be read as a stream; returns their number."""
    held: list[object] = []
    written = 0
    with path.open("wb") as out:
        for value in values:
            held.append(value)
            written += 1
            if len(held) >= group:
                pickle.dump(held, out, protocol=pickle.HIGHEST_PROTOCOL)
                held = []
        if held:
            pickle.dump(held, out, protocol=pickle.HIGHEST_PROTOCOL)
    return written


def append(values: list[Any], path: Path) -> None:
    """Add records to a file that is to be read as a stream."""
    with path.open("ab") as out:
        pickle.dump(values, out, protocol=pickle.HIGHEST_PROTOCOL)


def stream(path: Path) -> Iterator[Any]:
    """The records of a file that :func:`spill_all` wrote, a few hundred of them held at a time."""
    with path.open("rb") as stored:
        while True:
            try:
                held = pickle.load(stored)  # noqa: S301 (as above)
            except EOFError:
                return
            yield from held
