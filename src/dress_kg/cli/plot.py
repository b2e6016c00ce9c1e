"""`dress-kg plot`: the evidence map as one picture."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dress_kg.cli.graph import graph_option, open_graph
from dress_kg.errors import CallError
from dress_kg.replacing import replacing

if TYPE_CHECKING:
    from dress_kg.pages.map_filter import Wanted
    from dress_kg.pages.map_model import Facts

FORMATS = ("svg", "png")


@click.command()
@click.option(
    "--format", "form", type=click.Choice(FORMATS), help="Default: by the suffix of --out, else svg."
)
@click.option("--out", type=click.Path(path_type=Path), help="A file. Default: standard output.")
@click.option("--per", type=click.Choice(("reports", "patients")), default="reports", show_default=True,
              help="One sign for each report, or for each patient of a report.")  # fmt: skip
@click.option("--source", metavar="ID", help="The table. Default: the first.")
@click.option("--filter", "filters", multiple=True, metavar="NAME=VALUE",
              help="Only what answers, such as class, role, design, level, organ.")  # fmt: skip
@graph_option
def plot(
    form: str | None,
    out: Path | None,
    per: str,
    source: str | None,
    filters: tuple[str, ...],
    graph: str | None,
) -> None:
    """Draw the evidence map: agents by what is reported of them, one sign a report, shaped by its design.

    A sign in the SVG leads to its evidence item. The picture carries the notice of the table.

    \b
    Examples:
      dress-kg plot --out map.svg
      dress-kg plot --per patients --filter class=immunosuppressants --out map.png
      dress-kg plot --filter organ=liver > liver.svg
    """
    from dress_kg.pages.map_read import read_map
    from dress_kg.picture.chart import chart
    from dress_kg.picture.drawing import png, svg

    suffix = out.suffix.lower().removeprefix(".") if out else ""
    chosen = form or (suffix if suffix in FORMATS else "svg")
    facts = read_map(open_graph(graph).store())
    drawn = chart(facts, _wanted(facts, source, per, filters))
    body = png(drawn) if chosen == "png" else svg(drawn).encode()
    if out is None:
        sys.stdout.buffer.write(body)
        sys.stdout.buffer.flush()
        return
    with replacing(out) as handle:
        handle.write(body)
    click.echo(f"wrote {out}", err=True)


def _wanted(facts: Facts, source: str | None, per: str, filters: tuple[str, ...]) -> Wanted:
    """What is asked for, each name and value known.

    :raises CallError: one of them is not.
    """
    from dress_kg.pages.map_filter import FILTERS, choices, wanted

    if source is not None and source not in facts.sources:
        raise CallError(
            "no such table in the graph", value=source, remedy=f"one of: {', '.join(facts.sources)}"
        )
    named = source or next(iter(facts.sources), None)
    marks = [mark for mark in facts.marks if mark.item.source == named]
    offered = {each.name: [value for value, _ in each.options] for each in choices(marks, facts, wanted({}))}
    asked = {}
    for text in filters:
        name, equals, value = text.partition("=")
        if not equals or name not in FILTERS:
            raise CallError(
                "a filter is NAME=VALUE", value=text, remedy=f"NAME is one of: {', '.join(FILTERS)}"
            )
        if value not in offered.get(name, ()):
            known = ", ".join(offered.get(name, ())[:40]) or "none in this table"
            raise CallError(f"no row answers to this {name}", value=value, remedy=f"one of: {known}")
        asked[name] = value
    return wanted({**asked, "per": per, "source": named or ""})
