"""`dress-kg serve`: pages, stored queries and SPARQL, read-only."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from dress_kg.cli.graph import graph_option, open_graph
from dress_kg.cli.query import folders_option
from dress_kg.errors import CallError, MissingPartError
from dress_kg.queries import query_folders
from dress_kg.store import default_out, find_graph

F = TypeVar("F", bound=Callable[..., Any])
_PARTS = ("starlette", "uvicorn", "prometheus_client")


def _limits(command: F) -> F:
    """The options that bound what a query may take; their defaults are those of `web.settings`."""
    for name, kind, default, text in reversed(
        (
            ("--workers", click.IntRange(1, 64), 2, "Processes for stored queries, and as many for SPARQL."),
            ("--waiting", click.IntRange(0), 100, "Requests that may wait for a process."),
            ("--seconds", click.FloatRange(0.1, 3600), 10.0, "Wall time that a query may take."),
            ("--memory", click.IntRange(256), 1024, "MiB of memory that a query may take."),
            ("--rows", click.IntRange(1), 100_000, "Rows that an answer may have."),
            ("--size", click.IntRange(1, 1024), 16, "MiB that an answer may have."),
            ("--cache", click.IntRange(0, 65536), 32, "MiB of answers of stored queries to keep."),
        )
    ):
        command = click.option(name, type=kind, default=default, show_default=True, help=text)(command)
    return command


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Listen here; 0.0.0.0 is everywhere.")
@click.option("--port", default=7878, show_default=True, type=click.IntRange(1, 65535))
@click.option("--allow-host", "hosts", multiple=True, metavar="NAME", help="A name that it also goes by.")
@click.option("--cors", "origins", multiple=True, metavar="ORIGIN", help="A site that may ask; * is all.")
@click.option(
    "--url", "root", metavar="URL", help="Where it stands on the web, for its site map (https://…)."
)
@folders_option
@_limits
@click.option("--no-sandbox", is_flag=True, help="Let queries reach the network. Only for your own!")
@graph_option
def serve(graph: str | None, folders: tuple[Path, ...], no_sandbox: bool, **options: Any) -> None:
    """Serve the graph to this machine: pages to read, stored queries, SPARQL 1.1, linked data.

    A graph that is published while it runs is served from the next request on. Queries run in processes
    that are kept from the network and killed at a limit. It has no passwords and no encryption: beyond this
    machine, put a web server in front.

    \b
    Examples:
      dress-kg serve
      curl 'http://127.0.0.1:7878/queries/dose-range-per-agent?agent=IVIG&format=csv'
      curl http://127.0.0.1:7878/sparql --data-urlencode 'query=SELECT * { ?s ?p ?o } LIMIT 3'
    """
    _check_parts()
    from dress_kg.pages.links import site_root
    from dress_kg.web.server import run
    from dress_kg.web.settings import Limits, Settings

    _warn(options["host"], no_sandbox)
    options["root"] = site_root(options["root"])
    open_graph(graph)
    limits = Limits(
        seconds=options.pop("seconds"),
        memory=options.pop("memory") << 20,
        rows=options.pop("rows"),
        size=options.pop("size") << 20,
    )
    run(
        Settings(
            graph=find_graph(graph) or default_out(),
            folders=query_folders(folders),
            limits=limits,
            sandboxed=not no_sandbox,
            cache=options.pop("cache") << 20,
            **options,
        )
    )


def _check_parts() -> None:
    if not all(importlib.util.find_spec(part) for part in _PARTS):
        raise MissingPartError("the service is not installed", remedy="pip install 'dress-kg[web]'")


def _warn(host: str, no_sandbox: bool) -> None:
    from dress_kg.web.guard import is_loopback

    if not is_loopback(host):
        if no_sandbox:
            raise CallError(
                "others' queries are never run without a sandbox",
                value=host,
                remedy="leave out --no-sandbox, or listen on 127.0.0.1",
            )
        click.secho(
            f"warning: {host} can be reached from other machines; there are no passwords and no encryption. "
            "Put a web server in front of it.",
            fg="yellow",
            err=True,
        )
    if no_sandbox:
        click.secho(
            "warning: no sandbox: a query can reach the network (SERVICE). Only run your own.",
            fg="yellow",
            err=True,
        )
