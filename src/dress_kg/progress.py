"""Progress on a terminal and the wall time of the stages: a bar for each, nothing where stderr is piped."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import TracebackType
from typing import TYPE_CHECKING, Self, TypeVar

if TYPE_CHECKING:
    import rich.progress

T = TypeVar("T")


class Progress:
    """Shows the stage at work, its rate and the time left; silent unless stderr is a terminal."""

    def __init__(self) -> None:
        self._bars: rich.progress.Progress | None = None

    def __enter__(self) -> Self:
        """Start showing, if there is a terminal to show on."""
        if sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import (
                BarColumn,
                MofNCompleteColumn,
                ProgressColumn,
                Task,
                TextColumn,
                TimeRemainingColumn,
            )
            from rich.progress import Progress as Bars
            from rich.text import Text

            class Rate(ProgressColumn):
                def render(self, task: Task) -> Text:
                    return Text(f"{task.speed:,.0f}/s" if task.speed else "")

            self._bars = Bars(
                TextColumn("{task.description:<12}"),
                BarColumn(),
                MofNCompleteColumn(),
                Rate(),
                TimeRemainingColumn(),
                console=Console(stderr=True),
                transient=True,
            )
            self._bars.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Clear the bars."""
        if self._bars:
            self._bars.stop()

    def stage(self, name: str) -> None:
        """Say that a stage without countable steps has begun."""
        if self._bars:
            self._bars.add_task(name, total=None)

    def over(
        self, name: str, values: Iterable[T], total: int | None, size: Callable[[T], int] = lambda _: 1
    ) -> Iterator[T]:
        """The values, counted on a bar.

        :param total: how much there is, None where it is not known. :param size: how much a value counts.
        """
        if not self._bars:
            yield from values
            return
        task = self._bars.add_task(name, total=total)
        for value in values:
            yield value
            self._bars.advance(task, size(value))


@dataclass(slots=True)
class Clock:
    """Wall time by stage, shown as progress."""

    progress: Progress = field(default_factory=Progress)
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str, *, shown: bool = True) -> Iterator[None]:
        """Time what is done inside under this name.

        :param shown: False where a bar of its own shows it.
        """
        if shown:
            self.progress.stage(name)
        start = time.perf_counter()
        yield
        self.add(name, time.perf_counter() - start)

    def add(self, name: str, seconds: float) -> None:
        """Add time spent under this name."""
        self.seconds[name] = self.seconds.get(name, 0.0) + seconds


class Steps:
    """The time that the steps of a worker's task take, one after the other."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._since = time.perf_counter()

    def done(self, name: str) -> None:
        """The step of this name has ended, and the next one begins."""
        now = time.perf_counter()
        self.seconds[name] = self.seconds.get(name, 0.0) + now - self._since
        self._since = now
