"""`dress-kg remove`: take one source out of the published graph."""

from __future__ import annotations

import click

from dress_kg.cli.graph import existing_graph, graph_option


@click.command()
@click.argument("source")
@graph_option
def remove(source: str, graph: str | None) -> None:
    """Publish the graph without one of its sources; SOURCE is its id (see `dress-kg store info`).

    What only that source used goes with it. The version before is kept: `dress-kg store rollback`.
    """
    from dress_kg.pipeline import remove as run
    from dress_kg.progress import Progress

    folder = existing_graph(graph)
    with Progress() as progress:
        result = run(source, folder, progress=progress)
    click.echo(f"removed {source}; {result.quads:,} quads published in {folder}")
