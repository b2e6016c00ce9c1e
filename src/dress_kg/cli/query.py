"""`dress-kg queries`, `query` and `sparql`: asking the published graph."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from dress_kg.cli.graph import graph_option, open_graph
from dress_kg.cli.load import endpoint_options, find
from dress_kg.errors import CallError

if TYPE_CHECKING:
    from dress_kg.asking import Asked
    from dress_kg.queries import Result, StoredQuery

F = TypeVar("F", bound=Callable[..., Any])
FORMATS = ("table", "csv", "tsv", "json", "markdown")


def format_option(command: F) -> F:
    """Add `--format` to a command."""
    return click.option(
        "--format",
        "form",
        type=click.Choice(FORMATS),
        default="table",
        show_default=True,
        help="table and markdown show labels; csv, tsv and json (SPARQL results) hold the IRIs.",
    )(command)


def folders_option(command: F) -> F:
    """Add `--queries DIR` to a command."""
    return click.option(
        "--queries",
        "folders",
        multiple=True,
        metavar="DIR",
        type=click.Path(exists=True, file_okay=False, path_type=Path),
        help="A folder of your own stored queries, audience/question.rq; also $DRESS_KG_QUERIES.",
    )(command)


@click.command()
@folders_option
def queries(folders: tuple[Path, ...]) -> None:
    """List the stored queries, one line each.

    Names are audience/question; the part after the slash is enough. `dress-kg query NAME --help-query`
    tells what a row means and which parameters there are.
    """
    from dress_kg.queries import list_queries, query_folders

    found = list_queries(query_folders(folders))
    width = max(len(query.name) for query in found)
    for query in found:
        params = "".join(f" [{p.name}]" for p in query.parameters)
        click.echo(f"{query.name:<{width}}  {query.summary}{params}")


@click.command()
@click.argument("name")
@click.option("--param", "params", multiple=True, metavar="K=V", help="A parameter; repeat for several.")
@format_option
@click.option("--explain", is_flag=True, help="Show the query as sent, with its parameters bound.")
@click.option("--help-query", "describe", is_flag=True, help="Tell what a row means, and the parameters.")
@folders_option
@endpoint_options
@graph_option
def query(
    name: str, params: tuple[str, ...], form: str, explain: bool, describe: bool, folders: tuple[Path, ...],
    **where: Any,
) -> None:  # fmt: skip
    """Ask a stored query of the graph.

    \b
    Examples:
      dress-kg query conflicting-reports
      dress-kg query who-disagrees-on-an-agent --param agent=IVIG
      dress-kg query flat-table --format csv > items.csv
    """
    from dress_kg.queries import load_query, query_folders

    stored = load_query(name, query_folders(folders))
    if describe:
        click.echo(description(stored))
        return
    given = dict(_split(each) for each in params)
    asked = whom(**where)
    text = stored.bind(given, asked.resolver())
    if explain:
        click.echo(text)
        return
    differs = asked.differs(stored.name)
    if differs:
        click.secho(f"warning: this server answers this query otherwise: {differs}", fg="yellow", err=True)
    show(asked, asked.run(text), form)


@click.command()
@click.argument("file", type=click.File("r", encoding="utf-8"))
@format_option
@endpoint_options
@graph_option
def sparql(file: Any, form: str, **where: Any) -> None:
    """Ask your own SPARQL of the graph; FILE is a path, or - for standard input.

    The query sees the union of all named graphs; it may read only, and reach no other service.
    """
    from dress_kg.doubts import doubts

    text = file.read()
    for doubt in doubts(text):
        click.secho(f"warning: {doubt}", fg="yellow", err=True)
    asked = whom(**where)
    show(asked, asked.run(text), form)


def whom(graph: str | None, endpoint: str | None, server: str | None, timeout: float) -> Asked:
    """Whom the options say to ask: a build's store, or a server."""
    from dress_kg.asking import Embedded, Remote

    if endpoint is None:
        return Embedded(open_graph(graph).store())
    if graph is not None:
        raise CallError("--graph and --endpoint do not go together", remedy="name one of them")
    from dress_kg.remote import connect

    there, who = find(endpoint, server)
    return Remote(connect(there, who, timeout=timeout, attempts=3))


def show(asked: Asked, result: Result, form: str) -> None:
    """Write an answer to stdout: drawn for a terminal, plain where it is piped."""
    from pyoxigraph import NamedNode

    from dress_kg.render import render

    names = None
    if form in ("table", "markdown"):
        named = {term.value for row in result.rows for term in row if isinstance(term, NamedNode)}
        names = asked.labels(named)
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() and form == "table" else None
    click.echo(render(result, form, labels=names, terminal_width=width), nl=False)
    if form == "table" and result.boolean is None and result.triples is None:
        click.echo(f"{len(result.rows)} row{'s' * (len(result.rows) != 1)}", err=True)


def description(stored: StoredQuery) -> str:
    """A stored query's question, meaning and parameters, as text."""
    parts = [stored.name, f"  {stored.summary}", "", stored.description.strip(), ""]
    for parameter in stored.parameters:
        default = parameter.default if parameter.default is not None else "all"
        choices = f", one of {', '.join(parameter.choices)}" if parameter.choices else ""
        meaning = f"{parameter.label} ({parameter.type}{choices}; default {default})"
        parts.append(f"  --param {parameter.name}=…  {meaning}")
    return "\n".join([*parts, f"Example: {stored.example}"])


def _split(param: str) -> tuple[str, str]:
    name, equals, value = param.partition("=")
    if not equals:
        raise CallError("a parameter is written name=value", value=param, remedy="e.g. --param agent=IVIG")
    return name.strip(), value
