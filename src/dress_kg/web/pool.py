"""Worker processes, and who may use them when: two lanes, stored queries and query text of users.

The lanes keep their workers apart, so that a stranger's heavy query never stands before a stored one. A
worker that goes beyond its time is killed (the engine has no other way to stop) and another started; so is
one that ends by itself. A job waits its turn for so long at most, and only so many wait.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable, Coroutine
from dataclasses import asdict, replace
from pathlib import Path

import dress_kg
from dress_kg.errors import DressKgError, StoreError
from dress_kg.web.frames import LENGTH, LONGEST_HEAD, Answer, Job, job_frame, parse_answer
from dress_kg.web.sandbox import SandboxError
from dress_kg.web.settings import Settings
from dress_kg.web.worker import Duties

_log = logging.getLogger("dress_kg.web")
_START = 30.0
"""Seconds that a worker has to start."""
_JOBS = 5_000
"""Jobs after which a worker is replaced, so that whatever an engine might hold on to goes with it."""
_GIVE_WAY = 10
"""The niceness of the workers for users' text: stored queries and the service itself come first."""


class BusyError(DressKgError):
    """All workers are busy, and enough requests wait for one."""


class DeadlineError(DressKgError):
    """The query took longer than it may."""


class EndedError(DressKgError):
    """The worker ended while it answered: the query needed too much memory, or broke the engine."""


class Worker:
    """One process. :ivar held: what keeps it from the network."""

    def __init__(self, process: Process) -> None:
        self.process = process
        self.held = ""
        self.jobs = 0

    @classmethod
    async def start(cls, duties: Duties) -> Worker:
        """Start a worker and wait until it is ready.

        :raises SandboxError: there is no sandbox for it.
        :raises StoreError: it does not start.
        """
        worker = cls(
            await asyncio.create_subprocess_exec(
                sys.executable, "-P", "-m", "dress_kg.web.worker", json.dumps(asdict(duties)),
                stdin=PIPE, stdout=PIPE, env=_environment(), cwd="/", start_new_session=True,
            )
        )  # fmt: skip
        try:
            async with asyncio.timeout(_START):
                ready = await worker._read(0)
            if ready.fault is not None:
                raise SandboxError(ready.message, remedy=ready.remedy)
            worker.held = ready.message
        except (TimeoutError, EOFError, ValueError) as error:
            raise StoreError("a worker does not start", remedy="see its messages above") from error
        finally:
            if not worker.held:
                worker.kill()
                await worker.ended()
        return worker

    async def ask(self, job: Job, largest: int) -> Answer:
        """The worker's whole answer.

        :raises EOFError: it ended.
        :raises ValueError: what it says is no answer.
        """
        self.jobs += 1
        assert self.process.stdin is not None  # noqa: S101 - it was started with pipes
        try:
            self.process.stdin.write(job_frame(job))
            await self.process.stdin.drain()
        except ConnectionError as error:
            raise EOFError from error
        return await self._read(largest)

    async def _read(self, largest: int) -> Answer:
        out = self.process.stdout
        assert out is not None  # noqa: S101 - it was started with pipes
        [size] = LENGTH.unpack(await out.readexactly(LENGTH.size))
        if size > LONGEST_HEAD:
            raise ValueError("no answer of a worker")
        answer, length = parse_answer(await out.readexactly(size))
        if not 0 <= length <= largest:
            raise ValueError("no answer of a worker")
        return replace(answer, body=await out.readexactly(length))

    def kill(self) -> None:
        """End it at once."""
        if self.process.returncode is None:
            self.process.kill()

    async def ended(self) -> int:
        """Wait for its end; the exit code, negative for a signal."""
        return await self.process.wait()


def _environment() -> dict[str, str]:
    """What a worker needs to know of ours; no credentials. Few arenas keep its address space small."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL", "TMPDIR") if name in os.environ}
    return {**kept, "PYTHONPATH": str(Path(dress_kg.__file__).parents[1]), "MALLOC_ARENA_MAX": "2"}


class Lane:
    """Some workers and the jobs that wait for them.

    :ivar busy: jobs that a worker has now. :ivar waiting: jobs that wait for one.
    """

    def __init__(self, name: str, settings: Settings, count: Callable[[str, str], None]) -> None:
        limits = settings.limits
        self.name = name
        self.settings = settings
        self.duties = Duties(
            memory=limits.memory,
            rows=limits.rows,
            size=limits.size,
            seconds=limits.seconds,
            give_way=0 if name == "stored" else _GIVE_WAY,
            sandboxed=settings.sandboxed,
            folders=tuple(str(folder.absolute()) for folder in settings.folders),
        )
        self.busy = self.waiting = 0
        self.held = ""
        self._count = count
        self._closing = False
        self._workers: set[Worker] = set()
        self._running: set[Worker] = set()  # also those that were killed and have not ended yet
        self._idle: asyncio.Queue[Worker] = asyncio.Queue()
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def alive(self) -> int:
        """Workers that run now."""
        return len(self._workers)

    async def open(self) -> None:
        """Start the workers.

        :raises StoreError: they do not start, or there is no sandbox for them.
        """
        await asyncio.gather(*(self._add() for _ in range(self.settings.workers)))

    async def close(self) -> None:
        """End the workers, and see them end; none is started any more."""
        self._closing = True
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for worker in self._running:
            worker.kill()
        await asyncio.gather(*(worker.ended() for worker in self._running))
        self._workers.clear()
        self._running.clear()

    async def run(self, job: Job, seconds: float | None = None) -> Answer:
        """A worker's whole answer to the job.

        :param seconds: the wall time it may take; None is that of the limits.
        :raises BusyError: no worker is free in time.
        :raises DeadlineError: the answer takes too long.
        :raises EndedError: the worker ended.
        """
        seconds = self.settings.limits.seconds if seconds is None else seconds
        worker = await self._free()
        self.busy += 1
        kept = False
        try:
            async with asyncio.timeout(seconds):
                answer = await worker.ask(job, self.settings.limits.size)
            kept = worker.jobs < _JOBS and answer.fault != "memory"
        except TimeoutError as error:
            self._count(self.name, "deadline")
            raise DeadlineError(
                f"the query takes longer than {seconds:g} s", remedy="ask for less"
            ) from error
        except (EOFError, ValueError) as error:
            self._count(self.name, "ended")
            raise EndedError(
                "the query needs more memory than it may have, or is too much for the engine",
                remedy="ask for less",
            ) from error
        finally:
            self.busy -= 1
            if kept:
                self._idle.put_nowait(worker)
            else:
                self._replace(worker)
        return answer

    async def _free(self) -> Worker:
        if self._idle.empty() and self.waiting >= self.settings.waiting:
            raise BusyError("all workers are busy and many requests wait for one", remedy="come back later")
        self.waiting += 1
        try:
            async with asyncio.timeout(self.settings.patience):
                while (worker := await self._idle.get()) not in self._workers:
                    pass  # it ended while it was idle
                return worker
        except TimeoutError as error:
            raise BusyError("all workers are busy", remedy="come back later") from error
        finally:
            self.waiting -= 1

    async def _add(self) -> None:
        worker = await Worker.start(self.duties)
        self._workers.add(worker)
        self._running.add(worker)
        self.held = worker.held
        self._idle.put_nowait(worker)
        self._later(self._watch(worker))

    async def _watch(self, worker: Worker) -> None:
        """See to it that a worker that ends is replaced, also an idle one."""
        code = await worker.ended()
        self._running.discard(worker)
        if code != -signal.SIGKILL:
            _log.warning("a worker of the lane %s ended by itself (%d)", self.name, code)
        self._replace(worker)

    def _replace(self, worker: Worker) -> None:
        if worker in self._workers:
            self._workers.remove(worker)
            worker.kill()
            if not self._closing:
                self._later(self._renew())

    def _later(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _renew(self) -> None:
        """Start another, and again where that fails, ever more slowly."""
        wait = 0.1
        while True:
            try:
                await self._add()
                return
            except (StoreError, OSError) as error:
                _log.error("a worker does not start: %s", error)
                await asyncio.sleep(wait)
                wait = min(wait * 2, 30.0)
