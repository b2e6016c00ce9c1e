"""`dress-kg build`: read, repair, interpret, map, validate, publish."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from dress_kg.cli.curation import curation_option
from dress_kg.cli.judging import validator_option
from dress_kg.errors import CallError

if TYPE_CHECKING:
    from dress_kg.workers import Workers


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
    help="Worker processes for the row stages (default: 1); the result is the same for any number.",
)
@click.option(
    "--engine",
    type=click.Choice(("processes", "spark")),
    default="processes",
    show_default=True,
    help="Who runs the row stages: processes of this machine, or Apache Spark; the result is the same.",
)
@click.option(
    "--master",
    metavar="URL",
    help="Spark's master, with --engine spark: local[2] (the default), spark://HOST:PORT, yarn, …",
)
@click.option(
    "--shards",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Leave N-Quads in parts for a bulk loader in this new folder, and publish nothing.",
)
@click.option(
    "--rows-only",
    is_flag=True,
    help="With --shards: without what needs the whole graph in one store (what looks at several rows).",
)
@click.option("--plain", is_flag=True, help="With --shards: parts that are not compressed.")
@click.option("--fresh", is_flag=True, help="Make all anew; without it, what rows that differ rest on.")
@validator_option
def build(  # noqa: PLR0913 -- one for each option
    *,
    profiles: tuple[str, ...],
    source: Path | None,
    curation: Path | None,
    out: Path | None,
    jobs: int | None,
    engine: str,
    master: str | None,
    shards: Path | None,
    rows_only: bool,
    plain: bool,
    fresh: bool,
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
      dress-kg build tables/*.toml --engine spark --master 'local[8]' --shards parts
    """
    if engine != "spark" and master is not None:
        raise CallError("--master is for --engine spark", value=master, remedy="add --engine spark")
    if engine == "spark" and jobs is not None:
        raise CallError(
            "--jobs is for processes", value=str(jobs), remedy=f"with Spark say --master 'local[{jobs}]'"
        )
    if shards is None and (rows_only or plain):
        raise CallError("--rows-only and --plain are for --shards", remedy="add --shards DIR")
    if shards is not None and out is not None:
        raise CallError("--shards publishes nothing", value=str(out), remedy="leave --out away")
    if engine == "spark":  # workers elsewhere do not stand in this folder
        profiles = tuple(str(Path(each).absolute()) if each.endswith(".toml") else each for each in profiles)
        out, shards = out and out.absolute(), shards and shards.absolute()
    from dress_kg.delivery import Parts
    from dress_kg.pipeline import build as run
    from dress_kg.progress import Progress
    from dress_kg.report import build_summary

    with Progress() as progress:
        result = run(
            profiles=profiles or ("dress",),
            source=source,
            curation=curation,
            out=out if shards is None else Parts(shards, rules=not rows_only, plain=plain),
            jobs=_spark(master) if engine == "spark" else jobs or 1,
            validator=validator,
            progress=progress,
            fresh=fresh,
        )
    click.echo(build_summary(result))


def _spark(master: str | None) -> Workers:
    from dress_kg.spark import SparkWorkers

    return SparkWorkers(master)
