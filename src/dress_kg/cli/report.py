"""`dress-kg report`: the quality findings on the table as printed, for its author."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from dress_kg.cli.graph import graph_option, open_graph
from dress_kg.cli.output import replacing
from dress_kg.errors import CallError

FORMATS = ("html", "xlsx", "tsv", "json")


@click.command()
@click.option(
    "--format", "form", type=click.Choice(FORMATS), help="Default: by the suffix of --out, else html."
)
@click.option("--out", type=click.Path(path_type=Path), help="A file. Default: standard output (not xlsx).")
@graph_option
def report(form: str | None, out: Path | None, graph: str | None) -> None:
    """Show the tables as printed with each quality finding on its cell, for the tables' authors.

    html is one page that needs no script and no other file; xlsx holds the table, the findings, a
    summary by rule, every line of the file and a legend; tsv and json hold the findings alone.

    \b
    Examples:
      dress-kg report --out report.html
      dress-kg report --format xlsx --out report.xlsx
      dress-kg report --format tsv | cut -f 1-6
    """
    from dress_kg.authors_report import read_report, write_report

    suffix = out.suffix.lower().removeprefix(".") if out else ""
    chosen = form or (suffix if suffix in FORMATS else "html")
    if out is None and chosen == "xlsx":
        raise CallError("a workbook is no text", remedy="name a file with --out report.xlsx")
    read = read_report(open_graph(graph).folder)
    if out is None:
        write_report(read, chosen, sys.stdout.buffer)
        sys.stdout.buffer.flush()
        return
    with replacing(out) as handle:
        write_report(read, chosen, handle)
    click.echo(f"wrote {out}", err=True)
