"""What we have sent to a server: a file of graph hashes that survives a kill at any moment.

One JSON line an event, only ever appended to: `null` before a graph is sent (its state there is unknown until
told otherwise), its hash once it was checked there. A line torn by a kill is ignored. A lock keeps a second
loader away from the same server.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from dress_kg.errors import StoreError


@dataclass(slots=True)
class Ledger:
    """The graphs sent to one server.

    :ivar sent: hash by graph, None where a load was broken off while it was sent.
    """

    path: Path
    sent: dict[str, str | None]
    _handle: IO[str] = field(repr=False)

    def begin(self, graphs: Iterable[str]) -> None:
        """Note that the state of these graphs is unknown from now on; on the disk when this returns."""
        self._append(dict.fromkeys(graphs))
        os.fsync(self._handle.fileno())

    def done(self, hashes: Mapping[str, str]) -> None:
        """Note that these graphs were sent and checked."""
        self._append(hashes)

    def gone(self, graphs: Iterable[str]) -> None:
        """Note that these graphs were removed there."""
        for graph in graphs:
            self._write({"graph": graph, "gone": True})
            self.sent.pop(graph, None)
        self._handle.flush()

    def _append(self, hashes: Mapping[str, str | None]) -> None:
        for graph, value in hashes.items():
            self._write({"graph": graph, "sha256": value})
        self._handle.flush()
        self.sent.update(hashes)

    def _write(self, event: Mapping[str, object]) -> None:
        self._handle.write(json.dumps(event, ensure_ascii=True) + "\n")


def ledger_path(address: str, folder: Path) -> Path:
    """Where the ledger for a server lies."""
    return folder / "loads" / f"{hashlib.sha256(address.encode()).hexdigest()[:16]}.jsonl"


@contextmanager
def open_ledger(address: str, folder: Path) -> Iterator[Ledger]:
    """The ledger for a server's address, locked; rewritten without its history when closed in peace.

    :param folder: the user's data folder.
    :raises StoreError: it cannot be written, or another loader is at work on this server.
    """
    path = ledger_path(address, folder)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.with_suffix(".lock").open("a") as lock:
            _lock(lock, address)
            sent = _read(path, address)
            _rewrite(path, address, sent)
            with path.open("a", encoding="utf-8") as handle:
                ledger = Ledger(path, sent, handle)
                yield ledger
            _rewrite(path, address, ledger.sent)
    except OSError as error:
        raise StoreError(
            f"the ledger of what was sent cannot be written ({error.strerror})", file=path
        ) from error


def _lock(handle: IO[str], address: str) -> None:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise StoreError(
            "another load to this server is at work", file=address, remedy="wait for it to end"
        ) from None


def _read(path: Path, address: str) -> dict[str, str | None]:
    sent: dict[str, str | None] = {}
    if not path.exists():
        return sent
    lines = path.read_text("utf-8").split("\n")
    for line in lines[:-1]:  # what follows the last newline was torn by a kill
        try:
            event = json.loads(line)
        except ValueError:
            continue
        if event.get("endpoint", address) != address:
            return {}
        if "gone" in event:
            sent.pop(event["graph"], None)
        elif "graph" in event:
            sent[event["graph"]] = event["sha256"]
    return sent


def _rewrite(path: Path, address: str, sent: Mapping[str, str | None]) -> None:
    beside = path.with_suffix(".new")
    with beside.open("w", encoding="utf-8") as handle:
        handle.write(json.dumps({"endpoint": address}) + "\n")
        for graph, value in sorted(sent.items()):
            handle.write(json.dumps({"graph": graph, "sha256": value}) + "\n")
        handle.flush()
        os.fsync(handle.fileno())
    beside.replace(path)
