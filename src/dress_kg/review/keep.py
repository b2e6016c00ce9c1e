"""Put decisions into a curation file: whole or not at all, with what stood there before."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from dress_kg.errors import StoreError
from dress_kg.interpret.curation import COLUMNS, load_curation, slot_of
from dress_kg.records import Curation


@dataclass(frozen=True, slots=True)
class Kept:
    """What changed in the file: decisions added, taken in place of an older one, dropped, there already."""

    added: int
    replaced: int
    dropped: int
    unchanged: int


@contextmanager
def prepared(
    file: Path, curations: Sequence[Curation], dropped: Sequence[Curation] = ()
) -> Iterator[tuple[Path, Kept]]:
    """The file as it will be, under another name beside it; it takes its place when the block ends well.

    Comments and the other lines stay as they are. A decision on a thing already decided takes the place of
    the older one.

    :raises CurationError: what stands in the file is at fault.
    :raises StoreError: the file cannot be written.
    """
    text, kept = _merged(file, curations, dropped)
    beside = file.with_name(f".{file.stem}.{os.getpid()}.tsv")
    try:
        with _unwritable(file):
            file.parent.mkdir(parents=True, exist_ok=True)
            with beside.open("w", encoding="utf-8", newline="\n") as handle:
                handle.write(text)
                handle.flush()
                os.fsync(handle.fileno())
        yield beside, kept
        with _unwritable(file):
            beside.replace(file)
    finally:
        with suppress(OSError):
            beside.unlink(missing_ok=True)


@contextmanager
def _unwritable(file: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StoreError(
            f"the curation file cannot be written ({error.strerror or error})",
            file=file,
            remedy="name another with --curation FILE; nothing was taken",
        ) from error


def _merged(file: Path, curations: Sequence[Curation], dropped: Sequence[Curation]) -> tuple[str, Kept]:
    old = {curation.line: curation for curation in load_curation(file)} if file.exists() else {}
    lines = file.read_text("utf-8").split("\n") if file.exists() else ["\t".join(COLUMNS)]
    while lines and not lines[-1].strip():
        lines.pop()
    new = {slot_of(curation): _line(curation) for curation in curations}
    gone = {slot_of(curation) for curation in dropped}
    kept: list[str] = []
    there: set[tuple[str, ...]] = set()
    counts = {"added": 0, "replaced": 0, "dropped": 0, "unchanged": 0}
    for number, line in enumerate(lines, 1):
        curation = old.get(number)
        slot = slot_of(curation) if curation else None
        if slot is None or slot not in {*new, *gone}:
            kept.append(line)
        elif slot in gone and slot not in new:
            counts["dropped"] += 1
        elif line.rstrip("\r") == new[slot]:
            kept.append(line)
            there.add(slot)
            counts["unchanged"] += 1
        else:
            counts["replaced"] += 1
    counts["added"] = len(new) - len(there) - counts["replaced"]
    kept += [line for slot, line in new.items() if slot not in there]
    return "\n".join(kept) + "\n", Kept(**counts)


def _line(curation: Curation) -> str:
    return "\t".join(getattr(curation, name) or "" for name in COLUMNS)
