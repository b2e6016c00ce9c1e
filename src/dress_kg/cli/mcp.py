"""`dress-kg mcp`: the graph for assistants, by the Model Context Protocol."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import click

from dress_kg.cli.graph import graph_option, open_graph
from dress_kg.cli.query import folders_option
from dress_kg.errors import MissingPartError
from dress_kg.queries import query_folders
from dress_kg.store import default_out, find_graph


@click.command()
@click.option("--seconds", type=click.FloatRange(0.1, 3600), default=10.0, show_default=True,
              help="Wall time that a question may take.")  # fmt: skip
@click.option("--rows", type=click.IntRange(1), default=10_000, show_default=True,
              help="Rows that an answer may have; a call is given at most 500 of them at once.")  # fmt: skip
@click.option("--memory", type=click.IntRange(256), default=1024, show_default=True,
              help="MiB of memory that a question may take.")  # fmt: skip
@click.option("--no-sandbox", is_flag=True, help="For systems without seccomp or namespaces.")
@folders_option
@graph_option
def mcp(
    graph: str | None, folders: tuple[Path, ...], seconds: float, rows: int, memory: int, no_sandbox: bool
) -> None:
    """Give an assistant the stored queries as tools and the evidence items to read; it can only read.

    It speaks the Model Context Protocol over standard input and output: a client starts it. Each answer
    holds the printed cells behind its rows.

    \b
    In a client's configuration:
      {"mcpServers": {"dress-kg": {"command": "dress-kg", "args": ["mcp"]}}}
    """
    if importlib.util.find_spec("mcp") is None:
        raise MissingPartError("the protocol's SDK is not installed", remedy="pip install 'dress-kg[mcp]'")
    from dress_kg.mcp.server import run
    from dress_kg.web.settings import Limits, Settings

    open_graph(graph)
    run(
        Settings(
            graph=find_graph(graph) or default_out(),
            folders=query_folders(folders),
            limits=Limits(seconds=seconds, memory=memory << 20, rows=rows),
            workers=1,
            sandboxed=not no_sandbox,
        )
    )
