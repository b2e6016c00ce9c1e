"""The chart of the evidence map as a Vega-Lite specification, made with Altair."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

from dress_kg.errors import CallError, MissingPartError
from dress_kg.pages.links import ServerLinks
from dress_kg.pages.map_cases import cases
from dress_kg.pages.map_count import words
from dress_kg.pages.map_filter import Wanted, fitting
from dress_kg.pages.map_model import COLUMNS, GROUPS, Facts
from dress_kg.pages.map_view import SHAPES, UNKNOWN, Layout, with_rows
from dress_kg.picture.offer import MOST_AGENTS, missing
from dress_kg.picture.placing import WIDTH, Placing, column_left, place

if TYPE_CHECKING:
    import altair

_REPORTS = frozenset(column.key for column in COLUMNS if column.group == "reports")
_SIGN = 15
"""Pixels of the place of one sign."""
_OUTLINES = {
    "case-report": "circle",
    "case-series": "M-1,0A0.5,0.5 0 1 0 0,0A0.5,0.5 0 1 0 -1,0ZM0,0A0.5,0.5 0 1 0 1,0A0.5,0.5 0 1 0 0,0Z",
    "trial": "diamond",
    "study": "square",
    "opinion": "M-0.9,-0.75L0.9,-0.75L0.9,0.4L0.1,0.4L-0.45,0.9L-0.45,0.4L-0.9,0.4Z",
    "synthesis": "triangle-up",
    "review": "triangle-down",
    "preclinical": "M0,-0.95L0.82,-0.47L0.82,0.47L0,0.95L-0.82,0.47L-0.82,-0.47Z",
    "unknown": "cross",
}
"""The sign of each design in the picture; the page draws reviews as empty triangles."""
_COLOURS = {
    "improved": "#17653a",
    "failed": "#9b2226",
    "mixed": "#7a5200",
    "not-printed": "#53606c",
    "opinion-for": "#5b3f8c",
    "opinion-against": "#9b2226",
    "recommended": "#1d4f91",
    "recommended-against": "#9b2226",
    "harm": "#86198f",
}
_ALWAYS = "Successes are likelier to be published. No rates, no comparisons, no dosing advice."
_KEY = (
    "Faint: said in passing, not counted.  +: given with others.  "
    "Letters and dashed lines: the same patients in several rows."
)
_INK, _QUIET, _RULE = "#1b2530", "#53606c", "#d8dde0"


class _Iris(ServerLinks):
    """Links to IRIs themselves: relative ones the drawing engine puts behind an address of its own."""

    def item(self, iri: str) -> str:
        """The IRI."""
        return iri


def chart(facts: Facts, want: Wanted) -> dict[str, Any]:
    """The specification of the picture of a map.

    :param want: what the map is asked for; the first source where it names none.
    :raises MissingPartError: the extra `plot` is not installed.
    :raises CallError: no mark answers, or there are more agents than a picture can hold.
    """
    if missing():
        raise MissingPartError("pictures are not installed", remedy="pip install 'dress-kg[plot]'")
    source = facts.sources.get(want.source or "") or next(iter(facts.sources.values()), None)
    own = [mark for mark in facts.marks if source and mark.item.source == source.id]
    marks = fitting(own, want.chosen, facts)
    agents = len({mark.agent for mark in marks})
    if source is None or not marks:
        raise CallError("no row of the table answers to all of that", remedy="leave out a --filter")
    if agents > MOST_AGENTS:
        raise CallError(
            f"one picture holds {MOST_AGENTS} agents, and {agents} answer",
            remedy="narrow it down, such as with --filter class=… or --filter condition=…",
        )
    rows = Layout(facts, _Iris(), cases(own), want.per).rows(marks, (), with_rows(own))
    placing = place(rows, [words(row.count) if row.own else "in passing only" for row in rows])
    conditions = sorted({facts.names.get(mark.item.condition or "", "") for mark in own} - {""})
    about = f" for {conditions[0]}" if len(conditions) == 1 else ""
    notice = [source.notice, _ALWAYS, " ".join(source.gaps), _KEY]
    each = "one sign a patient" if want.per == "patients" else "one sign a report"
    return _drawn(
        placing, f"What has been tried{about}, and what was reported ({each})", [n for n in notice if n]
    )


def _drawn(placing: Placing, title: str, notice: list[str]) -> dict[str, Any]:
    import altair as alt

    right = column_left(len(COLUMNS) - 1) + WIDTH
    scale_x = alt.Scale(domain=[0, right], nice=False, zero=False)
    scale_y = alt.Scale(domain=[placing.height, 0], nice=False, zero=False)
    x, y = alt.X("x:Q", scale=scale_x, axis=None), alt.Y("y:Q", scale=scale_y, axis=None)
    layers = [
        _bands(alt, placing, right, x, y),
        _joined(alt, placing, x, y),
        _signs(alt, placing, x, y),
        *_letters(alt, placing, x, y),
        *_words(alt, placing, x, y),
    ]
    made = (
        alt.layer(*layers)
        .properties(
            width=right * _SIGN,
            height=placing.height * _SIGN,
            title=alt.TitleParams(
                title, subtitle=notice, anchor="start", frame="bounds", offset=40, fontSize=18, color=_INK,
                subtitleFontSize=12, subtitleColor=_INK, subtitlePadding=6,
            ),
            padding={"left": 18, "right": 18, "top": 18, "bottom": 18},
        )
        .configure_view(stroke=_RULE)
        .configure(font="sans-serif", background="white")
    )  # fmt: skip
    specification: dict[str, Any] = made.to_dict()
    return specification


def _values(alt: Any, values: list[dict[str, Any]]) -> altair.Data:
    data: altair.Data = alt.Data(values=values)
    return data


def _bands(alt: Any, placing: Placing, right: float, x: Any, y: Any) -> Any:
    """Lines between agents and between columns, and a ground for opinions."""
    rules = [{"x": 0.0, "x2": right, "y": line.bottom, "y2": line.bottom} for line in placing.lines]
    rules += [
        {"x": column_left(at), "x2": column_left(at), "y": 0.0, "y2": placing.height}
        for at in range(len(COLUMNS))
    ]
    return (
        alt.Chart(_values(alt, rules))
        .mark_rule(color=_RULE, aria=False)
        .encode(x=x, y=y, x2="x2:Q", y2="y2:Q")
    )


def _joined(alt: Any, placing: Placing, x: Any, y: Any) -> Any:
    """Rows of one case joined: one sign of each row with one of the next, in the order of the case."""
    found: dict[str, dict[str, tuple[float, float]]] = {}
    for placed in placing.signs:
        mark = placed.shown.mark
        if placed.shown.case and not mark.remark and mark.column in _REPORTS:
            found.setdefault(placed.shown.case, {}).setdefault(mark.item.iri, (placed.x, placed.y))
    segments = [
        {"x": a[0], "y": a[1], "x2": b[0], "y2": b[1]}
        for places in found.values()
        for a, b in pairwise(places.values())
    ]
    base = alt.Chart(_values(alt, segments))
    return base.mark_rule(color="#6a4a12", strokeDash=[3, 3], aria=False).encode(
        x=x, y=y, x2="x2:Q", y2="y2:Q"
    )


def _signs(alt: Any, placing: Placing, x: Any, y: Any) -> Any:
    """The marks, each with its link and its words."""
    values = [
        {
            "x": placed.x,
            "y": placed.y,
            "sign": placed.shown.shape,
            "column": placed.shown.mark.column,
            "remark": placed.shown.mark.remark,
            "href": placed.shown.href,
            "label": placed.shown.label,
        }
        for placed in placing.signs
    ]
    named = {shape: said for shape, _, said in (*SHAPES, (UNKNOWN[0], "", UNKNOWN[1])) if said}
    used = [shape for shape in _OUTLINES if any(value["sign"] == shape for value in values)]
    said = " : ".join(f"datum.label === '{shape}' ? '{named[shape]}'" for shape in used)
    return (
        alt.Chart(_values(alt, values))
        .mark_point(size=95, filled=True)
        .encode(
            x=x,
            y=y,
            shape=alt.Shape(
                "sign:N",
                scale=alt.Scale(domain=used, range=[_OUTLINES[shape] for shape in used]),
                legend=alt.Legend(
                    title=None, orient="bottom", labelExpr=f"{said} : ''", labelLimit=400,
                    symbolStrokeWidth=0, symbolFillColor=_INK, direction="horizontal", columns=4,
                ),
            ),
            color=alt.Color("column:N", legend=None,
                            scale=alt.Scale(domain=list(_COLOURS), range=list(_COLOURS.values()))),
            opacity=alt.condition("datum.remark", alt.value(0.45), alt.value(1)),
            href="href:N",
            description="label:N",
            tooltip="label:N",
        )
    )  # fmt: skip


def _letters(alt: Any, placing: Placing, x: Any, y: Any) -> list[Any]:
    """On the signs: the letter of the case, and a plus where a corticosteroid was given with it."""
    cased = [{"x": p.x + 0.32, "y": p.y + 0.42, "t": p.shown.case} for p in placing.signs if p.shown.case]
    together = [
        {"x": p.x + 0.36, "y": p.y - 0.42, "t": "+"}
        for p in placing.signs
        if any(tag.startswith("+ ") for tag in p.shown.tags)
    ]
    return [
        alt.Chart(_values(alt, values))
        .mark_text(fontSize=9, fontWeight="bold", color=colour, aria=False)
        .encode(x=x, y=y, text="t:N")
        for values, colour in ((cased, "#6a4a12"), (together, _INK))
    ]


def _words(alt: Any, placing: Placing, x: Any, y: Any) -> list[Any]:
    """The names of agents with their counts, of columns, and of groups of columns."""

    def texts(values: list[dict[str, Any]], **look: Any) -> Any:
        return alt.Chart(_values(alt, values)).mark_text(**look).encode(x=x, y=y, text="t:N")

    names = [{"x": 0.0, "y": line.top + 0.85, "t": line.name} for line in placing.lines]
    said = [{"x": 0.0, "y": line.top + 1.75, "t": line.said} for line in placing.lines]
    heads = [
        {"x": column_left(at) + 0.4, "y": 0.0, "t": column.name.replace("Recommendation", "Recommend.")}
        for at, column in enumerate(COLUMNS)
    ]
    first = {group: min(at for at, column in enumerate(COLUMNS) if column.group == group) for group in GROUPS}
    groups = [{"x": column_left(at) + 0.4, "y": 0.0, "t": GROUPS[group]} for group, at in first.items()]
    return [
        texts(names, align="right", dx=-10, fontSize=12, fontWeight="bold", color=_INK),
        texts(said, align="right", dx=-10, fontSize=9.5, color=_QUIET),
        texts(heads, align="left", baseline="bottom", dy=-6, fontSize=10.5, color=_INK),
        texts(groups, align="left", baseline="bottom", dy=-24, fontSize=12, fontWeight="bold", color=_INK),
    ]
