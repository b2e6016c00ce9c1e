"""Writing a result to a file so that one that was there stays whole until the new one is."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from dress_kg.errors import StoreError


@contextmanager
def replaced(out: Path) -> Iterator[Path]:
    """A path beside `out`, with its suffix; it takes the place of `out` when all is written.

    :raises StoreError: it cannot be written; what was there stays.
    """
    beside = out.with_name(f".{out.stem}.{os.getpid()}{out.suffix}")
    try:
        yield beside
        beside.replace(out)
    except OSError as error:
        raise StoreError(
            f"the file cannot be written ({error.strerror or error})",
            file=out,
            remedy="name another with --out",
        ) from error
    finally:
        beside.unlink(missing_ok=True)


@contextmanager
def replacing(out: Path) -> Iterator[IO[bytes]]:
    """The same as a file to write bytes to.

    :raises StoreError: it cannot be written; what was there stays.
    """
    with replaced(out) as beside, beside.open("wb") as handle:
        yield handle
