"""What was asked for (issue 6, "What it must show"), and whether a run reached it.

Ratios and seconds are judged by the clock; processor time, which is steadier on a machine that does other
work, stands beside. What was asked for at a size is shown at every size that was run, with the size named.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from benchmarks.findings import Built, Compared, Findings

TIMES = {"mapping": 2.5, "shapes": 4.0, "build": 0.25, "rebuild": 20.0, "turtle": 8.0, "jsonld": 3.0}
"""Times as quick as the peer. Of the build: a quarter as quick, so four times as long, as `oxigraph load`."""
AT = {
    "mapping": 100_000,
    "shapes": 10_000,
    "build": 100_000,
    "rebuild": 100_000,
    "turtle": 10_000,
    "jsonld": 10_000,
}
"""Rows that it was asked for at."""
MAPPING_MB = 150.0
GROWTH = 1.1
"""Times as many seconds a row: 11 times the seconds for 10 times the rows."""
MATTERS = 0.05
"""Seconds from which on the growth of a stage is looked at."""
MEMORY = 25.0
"""Per cent more memory for 10 times the rows."""
SINGLE = {"dress-kg --help, seconds": 0.15, "stored query, seconds": 0.6}
INTERPRETED = "rows interpreted a second"
INTERPRETED_LEAST = 3000.0


@dataclass(frozen=True, slots=True)
class Verdict:
    """One figure against what was asked for.

    :ivar rows: of what was run. :ivar measured: by the clock, where it is of time.
    :ivar cpu: by processor time. :ivar most: at most so much was asked for, not at least.
    :ivar asked_at: the rows that it was asked at. :ivar same: False where the peer made something else.
    """

    what: str
    rows: str
    measured: float
    asked: float
    most: bool = False
    cpu: float | None = None
    asked_at: str = ""
    same: bool | None = None

    @property
    def text(self) -> str:
        """`reached`, or by how much it was missed."""
        if self.same is False:
            return "NOT THE SAME RESULT"
        missed = self._missed(self.measured)
        if missed <= 0:
            return "reached"
        by_cpu = self.cpu is not None and self._missed(self.cpu) <= 0
        return f"missed by {100 * missed:.0f} %" + (", reached by CPU" if by_cpu else "")

    def _missed(self, measured: float) -> float:
        """The share of what was asked for that is lacking, or is too much."""
        share = measured / self.asked
        return share - 1 if self.most else 1 - share


def verdicts(found: Findings) -> Iterator[Verdict]:
    """All that the run can tell."""
    for compared in found.compared:
        yield from _compared(compared)
    for small, large in found.grown():
        yield from _grown(small, large)
    for name, value in found.figures.items():
        if name in SINGLE:
            yield Verdict(name, "35", value, SINGLE[name], most=True)
        elif name.startswith(INTERPRETED):
            yield Verdict(name, "", value, INTERPRETED_LEAST)


def _compared(each: Compared) -> Iterator[Verdict]:
    if each.asked is None:
        return
    rows, at, target = f"{each.rows:,}", f"{AT[each.asked]:,}", TIMES[each.asked]
    clock, cpu = each.ratio("wall"), each.ratio("cpu")
    if each.asked == "build":
        name = f"{each.what}, times as long as {each.peer}"
        yield Verdict(name, rows, 1 / clock, 1 / target, True, 1 / cpu, at, each.same)
        return
    yield Verdict(
        f"{each.what}, times as quick as {each.peer}", rows, clock, target, False, cpu, at, each.same
    )
    if each.asked == "mapping":
        yield Verdict(f"{each.what}, peak MB", rows, each.ours["peak"], MAPPING_MB, True, None, at)


def _grown(small: Built, large: Built) -> Iterator[Verdict]:
    rows, at = f"{small.rows:,} to {large.rows:,}", "10,000 to 100,000"
    stages = [name for name in large.stages if small.stages.get(name, 0.0) >= MATTERS]
    if stages:
        worst = max(stages, key=lambda name: growth(small, large, name))
        name = f"{large.kind}: seconds a row, the stage that grew most ({worst})"
        yield Verdict(name, rows, growth(small, large, worst), GROWTH, True, None, at)
    if small.run.peak_apart:
        more = 100 * (large.run.peak_apart / small.run.peak_apart - 1)
        name = f"{large.kind}: memory of one process, the store's apart, % more"
        yield Verdict(name, rows, more, MEMORY, True, None, at)


def growth(small: Built, large: Built, stage: str) -> float:
    """Seconds a row of the larger build, by those of the smaller one."""
    return large.stages[stage] / small.stages[stage] / (large.rows / small.rows)
