"""`dress-kg load`: the published graph to a remote triple store; and the options of asking one."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from dress_kg.cli.graph import graph_option, open_graph

if TYPE_CHECKING:
    from dress_kg.remote import Credentials, Endpoint

F = TypeVar("F", bound=Callable[..., Any])


def endpoint_options(command: F) -> F:
    """Add `--endpoint`, `--server` and `--timeout` to a command."""
    for add in (
        click.option(
            "--timeout", type=click.FloatRange(0.1), default=60.0, show_default=True, metavar="SECONDS",
            help="Time for a whole answer of the endpoint.",
        ),
        click.option(
            "--server", metavar="NAME",
            help="The kind of server: oxigraph, virtuoso, fuseki, graphdb or sparql. Default: as it says.",
        ),
        click.option(
            "--endpoint", metavar="IRI|PROFILE",
            help="A remote triple store: its address, a shipped profile's name (its usual local address), "
            "or a profile .toml of your own.",
        ),
    ):  # fmt: skip
        command = add(command)
    return command


def find(named: str, server: str | None) -> tuple[Endpoint, Credentials | None]:
    """The endpoint that the options name, and our credentials for it."""
    from dress_kg.remote import find_credentials, find_endpoint

    endpoint = find_endpoint(named, server)
    return endpoint, find_credentials(endpoint)


@click.command()
@endpoint_options
@click.option("--all", "everything", is_flag=True, help="Send every graph, changed or not.")
@click.option("--check-all", is_flag=True, help="Compare every graph there by hash, not only those sent.")
@graph_option
def load(
    endpoint: str | None,
    server: str | None,
    timeout: float,
    everything: bool,
    check_all: bool,
    graph: str | None,
) -> None:
    """Bring a remote triple store up to date with the published graph.

    Only graphs that differ are sent, each is fetched back and compared; graphs of others are not touched.
    A load that was broken off goes on where it was. Credentials come from DRESS_KG_ENDPOINT_USER and
    DRESS_KG_ENDPOINT_PASSWORD (or _TOKEN), or from a file that only you can read; never from the address.

    \b
    Examples:
      dress-kg load --endpoint http://localhost:7878
      dress-kg load --endpoint http://localhost:3030/dress --server fuseki
    """
    from dress_kg.progress import Progress
    from dress_kg.remote import load as run
    from dress_kg.store import user_folder

    if endpoint is None:
        raise click.UsageError("Missing option '--endpoint'.")
    there, who = find(endpoint, server)
    store = open_graph(graph).store()
    with Progress() as progress:
        done = run(
            store,
            there,
            who,
            ledgers=user_folder(),
            everything=everything,
            check_all=check_all,
            timeout=timeout,
            progress=progress,
        )
    click.echo(
        f"{there.address} holds {done.graphs:,} graphs, {done.triples:,} triples: "
        f"{done.sent:,} sent, {done.deleted:,} removed, {done.checked:,} compared by hash"
    )
    if done.hint:
        click.echo(
            f"note: queries over the default graph do not see the named graphs there; {done.hint}", err=True
        )
