"""Worker processes: the same function over many values, in order, with few of them under way at a time."""

from __future__ import annotations

import gc
import multiprocessing
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from types import TracebackType
from typing import Self, TypeVar

from dress_kg.errors import WorkerError

A = TypeVar("A")
B = TypeVar("B")

_AHEAD = 3
"""Values under way for each worker: enough to keep it busy, few enough to hold."""


class Workers:
    """Some processes, or this one where there is to be one only."""

    def __init__(self, jobs: int) -> None:
        self.jobs = jobs
        self._pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> Self:
        """No process is started before there is work for two."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the processes; what is still waiting is given up where an error ends it."""
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=kind is not None)

    def map(self, function: Callable[[A], B], values: Iterable[A]) -> Iterator[B]:
        """The results in the order of the values; the values are taken as workers get free.

        :raises WorkerError: a worker died.
        """
        if self.jobs == 1:
            yield from map(function, values)
            return
        pool, waiting = self._started(), deque[Future[B]]()
        try:
            for value in values:
                waiting.append(pool.submit(function, value))
                if len(waiting) > self.jobs * _AHEAD:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        except BrokenProcessPool as error:
            raise _died(self.jobs) from error

    def apart(self, function: Callable[[A], B], value: A) -> B:
        """The result of a function that is to leave no memory behind: in a process of its own.

        :raises WorkerError: the process died.
        """
        try:
            with ProcessPoolExecutor(1, mp_context=_context()) as pool:
                return pool.submit(function, value).result()
        except BrokenProcessPool as error:
            raise _died(1) from error

    def _started(self) -> ProcessPoolExecutor:
        if self._pool is None:
            self._pool = ProcessPoolExecutor(self.jobs, mp_context=_context(), initializer=_seldom)
        return self._pool


def _context() -> multiprocessing.context.BaseContext:
    """Fresh processes: a fork of one whose libraries run threads of their own may hang."""
    known = multiprocessing.get_all_start_methods()
    return multiprocessing.get_context("forkserver" if "forkserver" in known else "spawn")


def _seldom() -> None:
    """Look for cycles less often: rows make few, and a tenth of the time of reading them went there."""
    gc.set_threshold(50_000, 20, 20)


def _died(jobs: int) -> WorkerError:
    return WorkerError(
        "a worker process died, most likely for want of memory",
        value=f"{jobs} workers",
        remedy="free some memory, or use fewer workers (--jobs); nothing has been published",
    )
