"""A worker: a process that asks the store what others have written, and may be killed at any moment.

Started by `pool` as `python -m dress_kg.web.worker SETTINGS`, with two pipes and nothing else of the
service. It leaves the network first, then opens the store (read-only), and answers one job after another. It
opens another version of the graph when a job names one, so a job never sees two.
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from dress_kg.errors import DressKgError, LimitError, QueryError, StoreError
from dress_kg.queries import Result, StoredQuery, load_query, resolver, run
from dress_kg.store import Build
from dress_kg.web import sandbox
from dress_kg.web.bodies import body
from dress_kg.web.dataset import ask, form_of
from dress_kg.web.frames import Answer, Job, answer_frame, read_job
from dress_kg.web.negotiation import GRAPHS, JSON, ROWS, Format, choose, named
from dress_kg.web.reading import NowhereError, Reader

if TYPE_CHECKING:
    from pyoxigraph import Store

    from dress_kg.queries.parameter import Resolve


@dataclass(frozen=True, slots=True)
class Duties:
    """What a worker is told at its start: its limits, how much it gives way, and where stored queries are."""

    memory: int
    rows: int
    size: int
    seconds: float
    give_way: int
    sandboxed: bool
    folders: tuple[str, ...]


class NoSuchFormatError(QueryError):
    """None of the formats that there are is one that the asker takes."""


class Worker:
    """The store that is open, the stored queries read so far, and the limits."""

    def __init__(self, duties: Duties) -> None:
        self.duties = duties
        self.version: str | None = None
        self.store: Store | None = None
        self.resolve: Resolve | None = None
        self.queries: dict[str, StoredQuery] = {}
        self.reader: Reader | None = None

    def answer(self, job: Job) -> Answer:
        """A whole answer to the job, or why there is none."""
        try:
            sandbox.bound_processor(self.duties.seconds)
            return self._whole(job)
        except DressKgError as error:
            return _fault(error)
        except MemoryError:
            return Answer(fault="memory", message="the query needs more memory than it may have")
        except (ValueError, RuntimeError, OSError) as error:  # the engine's own, while it evaluates
            return Answer(fault="query", message=f"the query cannot be answered: {error}")

    def _whole(self, job: Job) -> Answer:
        store = self._open(job.version)
        if job.page is not None:
            return self._reader(store).page(job)
        if job.node is not None:
            form, media = _format(job, GRAPHS)
            result = self._reader(store).data(job.node)
            return Answer(
                media=media, rows=len(result.triples or ()), body=body(result, form, self.duties.size)
            )
        kind = "SELECT" if job.text is None else form_of(job.text)
        form, media = _format(job, GRAPHS if kind in ("CONSTRUCT", "DESCRIBE") else ROWS)
        result = self._stored(store, job) if job.text is None else ask(store, job, self.duties.rows)
        written = body(result, form, self.duties.size)
        return Answer(media=media, rows=len(result.triples or result.rows), body=written)

    def _stored(self, store: Store, job: Job) -> Result:
        name = job.query or ""
        if name not in self.queries:
            self.queries[name] = load_query(name, [Path(folder) for folder in self.duties.folders])
        if self.resolve is None:
            self.resolve = resolver(store)
        text = self.queries[name].bind(job.params or {}, self.resolve)
        return run(store, text, most=self.duties.rows)

    def _reader(self, store: Store) -> Reader:
        if self.reader is None:
            folders = [Path(folder) for folder in self.duties.folders]
            self.reader = Reader(store, Path(self.version or ""), folders, self.duties.rows, self.duties.size)
        return self.reader

    def _open(self, version: str) -> Store:
        if self.store is None or self.version != version:
            self.resolve = self.reader = None
            self.store = Build(Path(version), {}).store()
            self.version = version
        return self.store


def _format(job: Job, formats: tuple[Format, ...]) -> tuple[Format, str]:
    form = named(job.form, formats)
    if form is not None:
        return form, form.media
    chosen = choose(job.accept, formats) if job.form is None else None
    if chosen is None:
        raise NoSuchFormatError(
            "this answer is not to be had in that format", value=job.form or job.accept,
            remedy="there are: " + ", ".join(form.media for form in formats),
        )  # fmt: skip
    return chosen


_FAULTS: tuple[tuple[type[DressKgError], str], ...] = (
    (LimitError, "limit"),
    (NoSuchFormatError, "form"),
    (NowhereError, "nowhere"),
    (sandbox.SandboxError, "start"),
    (StoreError, "gone"),
    (DressKgError, "query"),
)


def _fault(error: DressKgError) -> Answer:
    """What the asker is told; not where files are on this machine."""
    kind = next(name for classes, name in _FAULTS if isinstance(error, classes))
    line = f" (line {error.line})" if error.line is not None else ""
    value = None if error.value is None else error.value[:200]
    return Answer(fault=kind, message=error.message + line, value=value, remedy=error.remedy)


def main(settings: str) -> None:
    """Enter the sandbox, say so, and answer until the service goes."""
    given: dict[str, Any] = json.loads(settings)
    duties = Duties(**{**given, "folders": tuple(given["folders"])})
    with os.fdopen(os.dup(0), "rb") as jobs, os.fdopen(os.dup(1), "wb") as answers:
        sandbox.end_with_parent()
        try:
            held = sandbox.enter() if duties.sandboxed else "none"
        except sandbox.SandboxError as error:
            _send(answers, _fault(error))
            return
        os.nice(duties.give_way)
        sandbox.bound(duties.memory)
        # Whatever a library prints must not get between the frames, nor fill a log with others' queries.
        quiet = os.open(os.devnull, os.O_RDWR)
        for descriptor in (0, 1, 2):
            os.dup2(quiet, descriptor)
        _warm()
        _send(answers, Answer(message=held, media=JSON.media))
        worker = Worker(duties)
        while (job := read_job(jobs)) is not None:
            _send(answers, worker.answer(job))


def _warm() -> None:
    """Load what the first answer would else wait for."""
    import dress_kg.export.triples
    import dress_kg.pages.showing  # noqa: F401


def _send(answers: IO[bytes], answer: Answer) -> None:
    answers.write(answer_frame(answer))
    answers.flush()


if __name__ == "__main__":
    main(sys.argv[1])
