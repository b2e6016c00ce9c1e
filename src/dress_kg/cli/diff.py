"""`dress-kg diff`: what differs between two published versions, in terms of evidence items."""

from __future__ import annotations

from pathlib import Path

import click

from dress_kg.cli.graph import existing_graph, graph_option


@click.command()
@click.argument("old")
@click.argument("new")
@click.option(
    "--format",
    "form",
    type=click.Choice(("table", "json", "markdown")),
    default="table",
    show_default=True,
    help="How the difference is written.",
)
@graph_option
def diff(old: str, new: str, form: str, graph: str | None) -> None:
    """Say which evidence items were added, changed or removed from OLD to NEW, and what in them.

    OLD and NEW are build folders, folders of versions, or numbers of versions (see `dress-kg store info`)
    of the graph in --graph.

    \b
    Examples:
      dress-kg diff out-before out-after
      dress-kg diff 1 2 --format markdown
    """
    from dress_kg.changes import compared, rendered

    one, other = (_folder(each, graph) for each in (old, new))
    click.echo(rendered(compared(one, other), form), nl=False)


def _folder(named: str, graph: str | None) -> Path:
    if named.isdecimal() and not Path(named).exists():
        return existing_graph(graph) / "versions" / f"{int(named):06d}"
    return Path(named)
