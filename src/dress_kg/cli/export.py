"""`dress-kg export`: the graph and its tables as files that other programs read."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import IO

import click

from dress_kg.cli.graph import graph_option, open_graph
from dress_kg.errors import CallError
from dress_kg.replacing import replacing
from dress_kg.store import Build

FORMATS = ("turtle", "trig", "nquads", "ntriples", "jsonld", "csvw", "items")


@click.command()
@click.option("--format", "form", type=click.Choice(FORMATS), required=True, help="The format.")
@click.option(
    "--out", type=click.Path(path_type=Path), help="A file (csvw, items: a folder). Default: standard output."
)
@graph_option
def export(form: str, out: Path | None, graph: str | None) -> None:
    """Write the published graph in another format; the same graph gives the same bytes.

    Turtle and N-Triples are triples: which row asserts a statement is in the named graphs, which only
    TriG, N-Quads and JSON-LD keep. csvw is a folder of tidy CSV tables with their metadata, items a folder
    with one JSON-LD document for each evidence item, as a tree.

    \b
    Examples:
      dress-kg export --format turtle > dress.ttl
      dress-kg export --format csvw --out tables
    """
    build = open_graph(graph)
    if form == "csvw":
        if out is None:
            raise CallError("csvw is a folder of tables", remedy="name one with --out DIR")
        _tables(build, out)
    elif form == "items":
        if out is None:
            raise CallError("items is a folder of documents", remedy="name one with --out DIR")
        _items(build, out)
    elif out is None:
        _write(build, form, sys.stdout.buffer)
        sys.stdout.buffer.flush()
    else:
        _file(build, form, out)
        click.echo(f"wrote {out}", err=True)


def _write(build: Build, form: str, out: IO[bytes]) -> None:
    from dress_kg.export import export as write

    write(build.graph_file, form, out)


def _file(build: Build, form: str, out: Path) -> None:
    with replacing(out) as handle:
        _write(build, form, handle)


def _tables(build: Build, out: Path) -> None:
    from dress_kg.export import export_tables
    from dress_kg.tables.files import read_tables

    export_tables(read_tables(build.folder / "tables", lambda _: True), out)
    click.echo(f"wrote the tables to {out}", err=True)


def _items(build: Build, out: Path) -> None:
    from dress_kg.export.framed import write_items

    number = write_items(build.store(), out, build.manifest["base"])
    click.echo(f"wrote {number} documents to {out}", err=True)
