"""What the commands that read a graph share: finding it, or building the shipped one first."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from dress_kg.errors import StoreError
from dress_kg.store import Build, default_out, find_graph, open_build

F = TypeVar("F", bound=Callable[..., Any])


def graph_option(command: F) -> F:
    """Add `--graph DIR` to a command."""
    return click.option(
        "--graph",
        metavar="DIR",
        help="A build's folder. Default: $DRESS_KG_GRAPH, else the last published build, "
        "else the shipped table is built first.",
    )(command)


def open_graph(option: str | None) -> Build:
    """The build to read; builds the shipped table where there is none yet, and says so."""
    folder = find_graph(option)
    if folder is None:
        from dress_kg.pipeline import build

        folder = default_out()
        click.echo(f"no graph has been built yet: building the shipped table in {folder}", err=True)
        build(out=folder)
    return open_build(folder)


def existing_graph(option: str | None) -> Path:
    """The build folder to look after; nothing is built.

    :raises StoreError: no graph has been built yet.
    """
    folder = find_graph(option)
    if folder is None:
        raise StoreError("no graph has been built yet", remedy="dress-kg build, or name one with --graph DIR")
    return folder
