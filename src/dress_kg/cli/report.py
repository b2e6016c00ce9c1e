"""`dress-kg report`: the quality findings on the table as printed, for its author."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from dress_kg.cli.graph import graph_option, open_graph
from dress_kg.errors import CallError
from dress_kg.replacing import replacing

FORMATS = ("html", "xlsx", "tsv", "json")


@click.command()
@click.option(
    "--format", "form", type=click.Choice(FORMATS), help="Default: by the suffix of --out, else html."
)
@click.option("--out", type=click.Path(path_type=Path), help="A file. Default: standard output (not xlsx).")
@click.option(
    "--all", "whole", is_flag=True, help="html: also the rows without findings, where a table has many."
)
@graph_option
def report(form: str | None, out: Path | None, whole: bool, graph: str | None) -> None:
    """Show the tables as printed with each quality finding on its cell, for the tables' authors.

    html needs no script and no style from elsewhere. It is one page; of a table of many rows it shows
    those with findings. With --all, or where these are too many for a page, others are written beside
    it (report-2.html, …), none over a megabyte. xlsx holds the table, the findings, a
    summary by rule, every line of the file and a legend; tsv and json hold the findings alone.

    \b
    Examples:
      dress-kg report --out report.html
      dress-kg report --format xlsx --out report.xlsx
      dress-kg report --format tsv | cut -f 1-6
    """
    from dress_kg.authors_report import html_pages, read_report, write_report

    suffix = out.suffix.lower().removeprefix(".") if out else ""
    chosen = form or (suffix if suffix in FORMATS else "html")
    if out is None and chosen == "xlsx":
        raise CallError("a workbook is no text", remedy="name a file with --out report.xlsx")
    if whole and chosen != "html":
        raise CallError("--all goes with html", remedy="the other formats leave no finding and no row out")
    if whole and out is None:
        raise CallError("all rows may take several pages", remedy="name a file with --out report.html")
    read = read_report(open_graph(graph).folder)
    if out is None:
        write_report(read, chosen, sys.stdout.buffer)
        sys.stdout.buffer.flush()
        return
    if chosen == "html":
        for name, text in html_pages(read, out.name, whole=whole):
            with replacing(out.with_name(name)) as handle:
                handle.write(text.encode("utf-8", "replace"))
            click.echo(f"wrote {out.with_name(name)}", err=True)
        return
    with replacing(out) as handle:
        write_report(read, chosen, handle)
    click.echo(f"wrote {out}", err=True)
