"""`dress-kg build`: read, repair, interpret, map, validate, publish."""

from __future__ import annotations

from pathlib import Path

import click

from dress_kg.cli.curation import curation_option
from dress_kg.cli.judging import validator_option


@click.command()
@click.argument("profiles", nargs=-1, metavar="[PROFILE]…")
@click.option(
    "--source",
    type=click.Path(path_type=Path),
    help="Read this file by the profile instead of the one it names.",
)
@curation_option
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Where to publish. Default: the dress-kg folder among your user data.",
)
@click.option(
    "--jobs",
    type=click.IntRange(1),
    default=1,
    show_default=True,
    help="Worker processes for the row stages; the result is the same for any number.",
)
@validator_option
def build(
    profiles: tuple[str, ...],
    source: Path | None,
    curation: Path | None,
    out: Path | None,
    jobs: int,
    validator: str,
) -> None:
    """Turn evidence tables into a validated, published graph.

    PROFILE is a shipped profile's name (dress) or a path to a .toml file; without one the shipped
    DRESS table is built. DIR then holds graph.nq, tables/ (tidy CSV), report.json, store/ and
    manifest.json. A violation of a shape blocks publication: the graph published before stands.

    \b
    Examples:
      dress-kg build
      dress-kg build --out out
      dress-kg build dress --source corrected.tsv --out out
    """
    from dress_kg.pipeline import build as run
    from dress_kg.progress import Progress
    from dress_kg.report import build_summary

    with Progress() as progress:
        result = run(
            profiles=profiles or ("dress",),
            source=source,
            curation=curation,
            out=out,
            jobs=jobs,
            validator=validator,
            progress=progress,
        )
    click.echo(build_summary(result))
