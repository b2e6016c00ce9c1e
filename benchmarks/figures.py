"""How what was found is shown: Markdown, JSON and a plot."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

from benchmarks.findings import Built, Compared, Findings
from benchmarks.targets import GROWTH, MATTERS, TIMES, Verdict, growth, verdicts


def write(found: Findings, folder: Path) -> None:
    """Write `results.json`, `results.md` and `growth.svg`."""
    folder.mkdir(parents=True, exist_ok=True)
    told = [{**asdict(each), "verdict": each.text} for each in verdicts(found)]
    text = json.dumps({"asked for": told, **found.as_json()}, indent=1)
    (folder / "results.json").write_text(text + "\n", "utf-8")
    (folder / "results.md").write_text(markdown(found), "utf-8")
    if len({each.rows for each in found.built}) > 1:
        (folder / "growth.svg").write_text(plot(found.built), "utf-8")


def markdown(found: Findings) -> str:
    """The tables: what was asked for first, then ratios, then seconds."""
    parts: list[str] = []
    for title, header, rows in (
        ("## What was asked for", _VERDICT, map(_verdict_row, verdicts(found))),
        ("## Beside the peers", _COMPARED, map(_compared_row, found.compared)),
        ("## Whole builds", _BUILT, map(_built_row, found.built)),
        ("### Seconds and peak memory by stage", *_stages(found.built)),
        ("### Growth of each stage", _GROWTH, _growth(found)),
        ("### Most memory of one process, the store's apart", _APART, _apart(found)),
        ("## Single figures", ("what", "value"), ((n, f"{v:,.3f}") for n, v in found.figures.items())),
    ):
        lines = list(rows)
        if lines:
            parts += [title, "", *_table(header, lines), ""]
    return "\n".join(parts)


_VERDICT = ("what", "rows", "measured", "by CPU", "asked for", "at rows", "verdict")
_COMPARED = (
    "what",
    "rows",
    "peer",
    "times as quick (CPU)",
    "(wall)",
    "asked for",
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
    "the store's apart",
    "all MB",
)
_GROWTH = ("table", "from", "to", "stage", "s", "s", "rows ×", "seconds ×", "peak ×", "too much")
_APART = ("table", "from", "to", "MB", "MB", "difference")


def _verdict_row(each: Verdict) -> tuple[str, ...]:
    return (
        each.what, each.rows, _figure(each.measured), "" if each.cpu is None else _figure(each.cpu),
        f"{'≤' if each.most else '≥'} {each.asked:g}", each.asked_at, each.text,
    )  # fmt: skip


def _figure(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.2f}"


def _compared_row(each: Compared) -> tuple[str, ...]:
    return (
        each.what, f"{each.rows:,}", each.peer, f"{each.ratio('cpu'):.1f}", f"{each.ratio('wall'):.1f}",
        f"{TIMES[each.asked]:g}" if each.asked else "",
        "" if each.same is None else "yes" if each.same else "NO",
        f"{each.ours['wall']:.2f}", f"{each.theirs['wall']:.2f}",
        f"{each.ours['peak']:.0f}" if "peak" in each.ours else "",
        f"{each.theirs['peak']:.0f}" if "peak" in each.theirs else "",
    )  # fmt: skip


def _built_row(each: Built) -> tuple[str, ...]:
    run = each.run
    return (
        each.kind, f"{each.rows:,}", str(each.tables), str(each.jobs), f"{each.quads:,}", f"{run.wall:.1f}",
        f"{run.cpu:.1f}", f"{each.rows / run.wall:,.0f}", f"{run.peak:.0f}", f"{run.peak_apart:.0f}",
        f"{run.peak_all:.0f}",
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


def _growth(found: Findings) -> Iterator[tuple[str, ...]]:
    """Each stage of one long table against the next smaller one of the same kind."""
    for small, large in found.grown():
        for name, seconds in large.stages.items():
            before, peak, earlier = small.stages.get(name, 0), large.peaks.get(name), small.peaks.get(name)
            if before < MATTERS:
                continue
            yield (
                large.kind, f"{small.rows:,}", f"{large.rows:,}", name, f"{before:.2f}", f"{seconds:.2f}",
                f"{large.rows / small.rows:.1f}", f"{seconds / before:.1f}",
                f"{peak / earlier:.2f}" if peak and earlier else "",
                "yes" if growth(small, large, name) > GROWTH else "",
            )  # fmt: skip


def _apart(found: Findings) -> Iterator[tuple[str, ...]]:
    for small, large in found.grown():
        before, after = small.run.peak_apart, large.run.peak_apart
        yield (
            large.kind, f"{small.rows:,}", f"{large.rows:,}", f"{before:.0f}", f"{after:.0f}",
            f"{100 * (after / before - 1):+.0f} %" if before else "",
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
