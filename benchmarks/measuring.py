"""Wall time, CPU time and peak memory of a process and its children, from outside."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

_PAGE = os.sysconf("SC_PAGE_SIZE") / 1e6
_TICKS = os.sysconf("SC_CLK_TCK")
_EVERY = 0.1
"""Seconds between two looks at the memory; a process that lives shorter is seen at its end only. Each look
takes processor time that what is measured wants."""


class BenchmarkError(RuntimeError):
    """A program of the benchmark failed; the text is what it said last."""


@dataclass(frozen=True, slots=True)
class Measured:
    """One run of a program.

    :ivar wall: seconds. :ivar cpu: seconds of it and its children.
    :ivar peak: MB, the most that any one of its processes held.
    :ivar peak_all: MB, the most that all of them held at one moment (shared pages count in each).
    :ivar peak_apart: MB, the most that any one held before it opened a store on disk, if ever it did.
    """

    wall: float
    cpu: float
    peak: float
    peak_all: float
    peak_apart: float = 0.0
    output: str = ""
    looks: tuple[tuple[float, float], ...] = field(default=(), repr=False)

    def peak_between(self, start: float, end: float) -> float:
        """MB, the most that any one process held between two moments of `time.time()`."""
        return max((most for at, most in self.looks if start <= at <= end), default=0.0)

    def as_json(self) -> dict[str, Any]:
        """The figures alone, rounded."""
        kept = {name: value for name, value in asdict(self).items() if name not in ("output", "looks")}
        return {name: round(value, 3) for name, value in kept.items()}


def measure(command: Sequence[str | Path], *, folder: Path | None = None, limit: float = 7200) -> Measured:
    """Run a program to its end.

    :param folder: where it runs. :param limit: seconds after which it is ended.
    :raises BenchmarkError: it did not end with 0.
    """
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        before, start = os.times(), time.perf_counter()
        process = subprocess.Popen(
            [str(part) for part in command], stdout=out, stderr=err, cwd=folder, env=_environment()
        )
        seen = _Seen()
        watcher = threading.Thread(target=_watch, args=(process, seen))
        watcher.start()
        try:
            code = process.wait(limit)
        except subprocess.TimeoutExpired:
            process.kill()
            code = process.wait()
        wall, after = time.perf_counter() - start, os.times()
        watcher.join()
        out.seek(0)
        err.seek(0)
        said = err.read().decode("utf-8", "replace")
        if code != 0:
            raise BenchmarkError(f"{' '.join(map(str, command))} ended with {code}: {said[-2000:]}")
        # The system tells of children that were waited for, which those of a fork server are not.
        waited = after.children_user + after.children_system - before.children_user - before.children_system
        return Measured(
            wall,
            max(waited, sum(seen.spent.values())),
            max((most for _, most in seen.looks), default=0.0),
            seen.together,
            seen.apart,
            out.read().decode("utf-8", "replace"),
            tuple(seen.looks),
        )


def _environment() -> dict[str, str]:
    """Ours, with the checkout's packages in reach of the interpreter."""
    root = Path(__file__).resolve().parents[1]
    return {**os.environ, "PYTHONPATH": os.pathsep.join([str(root / "src"), str(root)])}


def python(module: str, *arguments: object) -> list[str]:
    """The call of a module by this interpreter."""
    return [sys.executable, "-m", module, *map(str, arguments)]


@dataclass(slots=True)
class _Seen:
    """What was seen of a process and its children.

    :ivar looks: moments, and MB of the largest process then. :ivar together: MB, most of all at one moment.
    :ivar apart: MB, the most of one that has had no store open. :ivar spent: seconds by process.
    :ivar storing: the processes that have had one open.
    """

    looks: list[tuple[float, float]] = field(default_factory=list)
    together: float = 0.0
    apart: float = 0.0
    spent: dict[int, float] = field(default_factory=dict)
    storing: set[int] = field(default_factory=set)


def _watch(process: subprocess.Popen[bytes], seen: _Seen) -> None:
    while process.poll() is None:
        sizes = {each: _resident(each) for each in _tree(process.pid)}
        seen.looks.append((time.time(), max(sizes.values(), default=0.0)))
        seen.together = max(seen.together, sum(sizes.values()))
        for each, size in sizes.items():
            seen.spent[each] = max(seen.spent.get(each, 0.0), _spent(each))
            if each not in seen.storing and _has_store(each):
                seen.storing.add(each)
            if each not in seen.storing:
                seen.apart = max(seen.apart, size)
        time.sleep(_EVERY)


def _has_store(process: int) -> bool:
    """Whether it holds the lock that an open store on disk has."""
    place = Path(f"/proc/{process}/fd")
    for name in _names(place):
        try:
            if (place / name).readlink().name == "LOCK":
                return True
        except OSError:
            continue
    return False


def _spent(process: int) -> float:
    """Seconds of the processor that a process has had; 0 when it has gone."""
    fields = _text(Path(f"/proc/{process}/stat")).rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS if len(fields) > 12 else 0.0


def _tree(first: int) -> list[int]:
    """The process and its descendants, as /proc has them now."""
    found, at = [first], 0
    while at < len(found):
        for thread in _names(Path(f"/proc/{found[at]}/task")):
            children = _text(Path(f"/proc/{found[at]}/task/{thread}/children"))
            found += [int(each) for each in children.split() if int(each) not in found]
        at += 1
    return found


def _names(folder: Path) -> list[str]:
    try:
        return [each.name for each in folder.iterdir()]
    except OSError:
        return []


def _text(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""


def _resident(process: int) -> float:
    """MB of a process now; 0 when it has gone."""
    fields = _text(Path(f"/proc/{process}/statm")).split()
    return int(fields[1]) * _PAGE if len(fields) > 1 else 0.0
