"""`dress-kg store`: looking after the published versions of a graph."""

from __future__ import annotations

import click

from dress_kg.cli.graph import existing_graph, graph_option
from dress_kg.errors import StoreError


@click.group()
def store() -> None:
    """Look after the published graph: what is kept, is it sound, go back, give back space.

    \b
    Examples:
      dress-kg store info
      dress-kg store verify
      dress-kg store rollback
    """


@store.command()
@graph_option
def info(graph: str | None) -> None:
    """List the versions kept, oldest first; the one that readers get is marked *."""
    from dress_kg.upkeep import list_versions

    folder = existing_graph(graph)
    click.echo(f"{folder}")
    for each in list_versions(folder):
        mark = "*" if each.current else " "
        quads = "manifest not readable" if each.quads is None else f"{each.quads:>12,} quads"
        told = f"{quads}  {each.bytes / 1e6:>9.1f} MB  {each.built or '?'}  {', '.join(each.sources)}"
        click.echo(f"{mark} version {each.number:<5} {told}")


@store.command()
@graph_option
def verify(graph: str | None) -> None:
    """Compare every byte of the published version with its manifest (SHA-256); exit 3 where one differs."""
    from dress_kg.upkeep import verify as run

    folder = existing_graph(graph)
    version, faults = run(folder)
    for fault in faults:
        click.echo(f"{version.folder / fault.file}: {fault.fault}")
    if faults:
        raise StoreError(
            f"version {version.number} is not as published: {len(faults)} file(s) differ",
            file=folder,
            remedy="go back: dress-kg store rollback; or build the graph again in a new folder (--out)",
        )
    click.echo(f"version {version.number} is sound: every file is as published ({version.bytes:,} bytes)")


@store.command()
@click.option("--to", type=click.IntRange(1), metavar="N", help="The version; default: the one before.")
@graph_option
def rollback(to: int | None, graph: str | None) -> None:
    """Make an older version the published one, after checking it in full; nothing is deleted."""
    from dress_kg.upkeep import rollback as run

    version = run(existing_graph(graph), to)
    click.echo(f"version {version.number} of {version.built} is the published one now")


@store.command()
@graph_option
def compact(graph: str | None) -> None:
    """Remove the older versions and what killed builds left; rollback is not possible after it."""
    from dress_kg.upkeep import compact as run

    freed = run(existing_graph(graph))
    click.echo(f"{freed:,} bytes given back")
