"""`dress-kg validate`: the gate alone, with its report."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from dress_kg.cli.judging import validator_option
from dress_kg.errors import EXIT_DATA, CallError


@click.command()
@click.argument("profile", required=False)
@click.option("--rdf", type=click.Path(path_type=Path), help="Judge this RDF file instead of a table.")
@click.option("--source", type=click.Path(path_type=Path), help="Read this file by the profile.")
@click.option("--shapes", type=click.Path(path_type=Path), help="Your own shapes: a folder or one file.")
@validator_option
@click.option("--format", "form", type=click.Choice(("text", "json")), default="text", show_default=True)
def validate(
    profile: str | None,
    rdf: Path | None,
    source: Path | None,
    shapes: Path | None,
    validator: str,
    form: str,
) -> None:
    """Judge a table or an RDF file by the shapes and the cross-row rules; nothing is published.

    Each result names file, line, column, printed value, rule, and what to do. A violation would block
    publication (exit code 1); warnings and notes would not.

    \b
    Examples:
      dress-kg validate
      dress-kg validate dress --source corrected.tsv
      dress-kg validate --rdf graph.nq --validator pyshacl --format json
    """
    import json

    from dress_kg.pipeline import make_graph
    from dress_kg.publishing import report_json
    from dress_kg.report import results_text
    from dress_kg.validate import validate_rdf

    if rdf is not None:
        if profile or source:
            raise CallError("--rdf judges an RDF file, not a table", remedy="leave out the rest")
        if not rdf.exists():
            raise CallError("there is no such file", file=rdf, remedy="correct the path after --rdf")
        report = validate_rdf(rdf, shapes=shapes, engine=validator)
    else:
        graph = make_graph((profile or "dress",), source=source, shapes=shapes, validator=validator)
        report = graph.report
    if form == "json":
        click.echo(json.dumps(report_json(report), ensure_ascii=False, indent=1))
    else:
        click.echo(results_text(report))
    if not report.conforms:
        sys.exit(EXIT_DATA)
