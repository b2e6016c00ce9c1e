"""What a run of the suite found, and how it is shown: Markdown, JSON and a plot."""

from __future__ import annotations

import json
import platform
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

from benchmarks.measuring import Measured


@dataclass(frozen=True, slots=True)
class Built:
    """One whole build.

    :ivar tables: 1 is one long table. :ivar stages: seconds by stage, as the manifest has them.
    :ivar peaks: MB by stage, the most that any one process held. :ivar size: bytes of `graph.nq`.
    """

    kind: str
    rows: int
    tables: int
    jobs: int
    quads: int
    size: int
    run: Measured
    stages: dict[str, float]
    peaks: dict[str, float]


@dataclass(frozen=True, slots=True)
class Compared:
    """Ours beside a peer's, on the same files in the same run.

    :ivar measure: what the ratio is of: `wall` or `cpu`. On a machine with other work, `cpu` is steadier.
    :ivar same: whether both made the same; None where that was not looked at.
    :ivar target: ratio, peer's time by ours, that was asked for.
    """

    what: str
    rows: int
    peer: str
    ours: dict[str, float]
    theirs: dict[str, float]
    same: bool | None = None
    target: float | None = None

    def ratio(self, measure: str) -> float:
        """The peer's time by ours: above 1 we are quicker."""
        return self.theirs[measure] / max(self.ours[measure], 1e-9)


@dataclass(slots=True)
class Findings:
    """All that a run of the suite found.

    :ivar variety: distinct texts a column, by kind and rows. :ivar figures: single numbers by name.
    """

    built: list[Built] = field(default_factory=list)
    compared: list[Compared] = field(default_factory=list)
    figures: dict[str, float] = field(default_factory=dict)
    variety: dict[str, dict[str, int]] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """JSON-ready values, with what machine it was."""
        return {
            "machine": {
                "processors": _processors(),
                "system": platform.system(),
                "python": platform.python_version(),
            },
            "built": [{**asdict(each), "run": each.run.as_json()} for each in self.built],
            "compared": [
                {**asdict(each), "ratio": {m: round(each.ratio(m), 2) for m in ("wall", "cpu")}}
                for each in self.compared
            ],
            "figures": self.figures,
            "variety": self.variety,
        }


def _processors() -> int:
    import os

    return os.cpu_count() or 1


def write(found: Findings, folder: Path) -> None:
    """Write `results.json`, `results.md` and `growth.svg`."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "results.json").write_text(json.dumps(found.as_json(), indent=1) + "\n", "utf-8")
    (folder / "results.md").write_text(markdown(found), "utf-8")
    if len({each.rows for each in found.built}) > 1:
        (folder / "growth.svg").write_text(plot(found.built), "utf-8")


def markdown(found: Findings) -> str:
    """The tables, ratios first."""
    parts: list[str] = []
    if found.compared:
        parts += ["## Beside the peers", "", *_table(_COMPARED, map(_compared_row, found.compared)), ""]
    parts += ["## Whole builds", "", *_table(_BUILT, map(_built_row, found.built)), ""]
    parts += ["### Seconds and peak memory by stage", "", *_table(*_stages(found.built)), ""]
    growth = list(_growth(found.built))
    if growth:
        parts += ["### Growth", "", *_table(_GROWTH, growth), ""]
    if found.figures:
        rows = [(name, f"{value:,.3f}") for name, value in found.figures.items()]
        parts += ["## Single figures", "", *_table(("what", "value"), rows), ""]
    return "\n".join(parts)


_COMPARED = (
    "what",
    "rows",
    "peer",
    "times as quick (CPU)",
    "(wall)",
    "target",
    "same",
    "ours s",
    "peer s",
    "ours MB",
    "peer MB",
)
_BUILT = (
    "table",
    "rows",
    "tables",
    "jobs",
    "quads",
    "seconds",
    "CPU s",
    "rows/s",
    "one process MB",
    "all MB",
)
_GROWTH = ("table", "from", "to", "stage", "rows ×", "seconds ×", "peak ×")


def _compared_row(each: Compared) -> tuple[str, ...]:
    return (
        each.what, f"{each.rows:,}", each.peer, f"{each.ratio('cpu'):.1f}", f"{each.ratio('wall'):.1f}",
        f"{each.target:g}" if each.target else "", "" if each.same is None else "yes" if each.same else "NO",
        f"{each.ours['wall']:.2f}", f"{each.theirs['wall']:.2f}",
        f"{each.ours['peak']:.0f}" if "peak" in each.ours else "",
        f"{each.theirs['peak']:.0f}" if "peak" in each.theirs else "",
    )  # fmt: skip


def _built_row(each: Built) -> tuple[str, ...]:
    run = each.run
    return (
        each.kind, f"{each.rows:,}", str(each.tables), str(each.jobs), f"{each.quads:,}", f"{run.wall:.1f}",
        f"{run.cpu:.1f}", f"{each.rows / run.wall:,.0f}", f"{run.peak:.0f}", f"{run.peak_all:.0f}",
    )  # fmt: skip


def _stages(built: Sequence[Built]) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    names = dict.fromkeys(name for each in built for name in each.stages)
    header = ("stage", *(f"{each.kind} {each.rows:,}/{each.tables}" for each in built))
    rows = []
    for name in names:
        cells = []
        for each in built:
            peak = each.peaks.get(name)
            shown = f"{each.stages[name]:.2f} s" if name in each.stages else ""
            cells.append(shown + (f", {peak:.0f} MB" if peak else ""))
        rows.append((name, *cells))
    return header, rows


def _growth(built: Sequence[Built]) -> Iterator[tuple[str, ...]]:
    """Each stage of one long table against the next smaller one of the same kind."""
    for kind in dict.fromkeys(each.kind for each in built):
        long = sorted((e for e in built if e.kind == kind and e.tables == 1), key=lambda each: each.rows)
        for small, large in pairwise(long):
            for name, seconds in large.stages.items():
                before, peak, earlier = (
                    small.stages.get(name, 0),
                    large.peaks.get(name),
                    small.peaks.get(name),
                )
                if before < 0.05:
                    continue
                yield (
                    kind, f"{small.rows:,}", f"{large.rows:,}", name, f"{large.rows / small.rows:.1f}",
                    f"{seconds / before:.1f}", f"{peak / earlier:.2f}" if peak and earlier else "",
                )  # fmt: skip


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    lines = [header, ["---"] * len(header), *rows]
    return ["| " + " | ".join(line) + " |" for line in lines]


def plot(built: Sequence[Built]) -> str:
    """Seconds by rows, one line a stage, both axes logarithmic, as SVG."""
    import vl_convert

    values = [
        {"table": each.kind, "rows": each.rows, "stage": name, "seconds": seconds}
        for each in built
        if each.tables == 1
        for name, seconds in {**each.stages, "whole": each.run.wall}.items()
        if seconds > 0
    ]
    log = {"type": "log"}
    chart = {
        "title": "Whole builds: seconds by rows",
        "data": {"values": values},
        "mark": {"type": "line", "point": True},
        "width": 360,
        "height": 300,
        "encoding": {
            "x": {"field": "rows", "type": "quantitative", "scale": log},
            "y": {"field": "seconds", "type": "quantitative", "scale": log},
            "color": {"field": "stage", "type": "nominal"},
            "column": {"field": "table", "type": "nominal"},
        },
    }
    return str(vl_convert.vegalite_to_svg(chart))
