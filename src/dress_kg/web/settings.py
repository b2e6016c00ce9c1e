"""What the service is told: which graph, where to listen, whom to trust, and the limits of a query."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

LONGEST_TEXT = 65_536
"""Bytes of a query text, and of a request's other parameters."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one query may take.

    :ivar seconds: wall time from when a worker has it; then the worker is killed.
    :ivar memory: bytes of address space of a worker (no effect on macOS).
    :ivar rows: rows or triples of an answer. :ivar size: bytes of an answer.
    """

    seconds: float = 10.0
    memory: int = 1 << 30
    rows: int = 100_000
    size: int = 16 << 20


@dataclass(frozen=True, slots=True)
class Settings:
    """How the service runs.

    :ivar graph: the build folder; a version published there later is served from then on.
    :ivar host: the address that is listened on. :ivar hosts: further names that a Host header may have.
    :ivar origins: web origins of other sites that may ask (CORS); `*` is all of them.
    :ivar folders: the folders of stored queries, the shipped one first.
    :ivar workers: worker processes for stored queries, and as many again for query text of users.
    :ivar waiting: requests that may wait for a worker, of each of the two kinds; more are told to come back.
    :ivar patience: seconds that a request may wait for a worker.
    :ivar cache: bytes of answers of stored queries that are kept for the next who asks; 0 keeps none.
    :ivar sandboxed: False runs the workers with no sandbox around them.
    :ivar root: where the service stands on the web (`https://…`, no slash at the end), for search engines;
        None: as each request says.
    """

    graph: Path
    folders: tuple[Path, ...]
    host: str = "127.0.0.1"
    port: int = 7878
    hosts: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()
    limits: Limits = field(default_factory=Limits)
    workers: int = 2
    waiting: int = 100
    patience: float = 5.0
    cache: int = 32 << 20
    sandboxed: bool = True
    root: str | None = None
