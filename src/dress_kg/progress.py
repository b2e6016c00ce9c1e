"""Progress on a terminal: a bar for each stage, nothing where stderr is piped."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
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
            from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
            from rich.progress import Progress as Bars

            self._bars = Bars(
                TextColumn("{task.description:<12}"),
                BarColumn(),
                MofNCompleteColumn(),
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

    def over(self, name: str, values: Iterable[T], total: int) -> Iterator[T]:
        """The values, counted on a bar."""
        if not self._bars:
            yield from values
            return
        task = self._bars.add_task(name, total=total)
        for value in values:
            yield value
            self._bars.advance(task)
