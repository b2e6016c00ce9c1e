"""`dress-kg review`: the queue for a curator, and its way back."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import click

from dress_kg.cli.curation import curation_option
from dress_kg.errors import CallError


@click.command()
@click.argument("profile", default="dress")
@click.option("--out", type=click.Path(path_type=Path), help="Write the queue to this .xlsx or .tsv file.")
@click.option("--take", type=click.Path(path_type=Path), help="Take this filled-in queue back.")
@click.option("--notes", is_flag=True, help="With --out: also what is noted without doubting the value.")
@click.option("--source", type=click.Path(path_type=Path), help="Read this file by the profile.")
@curation_option
@click.option("--curator", help="With --take: who decided, where a line does not say so.")
@click.option("--date", "day", help="With --take: the day, as 2026-01-31, where a line does not say so.")
def review(
    profile: str,
    out: Path | None,
    take: Path | None,
    notes: bool,
    source: Path | None,
    curation: Path | None,
    curator: str | None,
    day: str | None,
) -> None:
    """Write what a person should look at as a spreadsheet, or take it back filled in.

    The queue holds what was inferred, unread, unmapped or flagged, and decisions that have gone stale.
    Taken decisions are kept beside the profile (curation/<profile>.tsv), or where --curation says; the
    next build applies them. Nothing is taken while a cell of the queue is at fault.

    \b
    Examples:
      dress-kg review --out queue.xlsx
      dress-kg review --take queue.xlsx --curator "A. Curator" --date 2026-01-31
      dress-kg review dress --take queue.xlsx --curation decisions.tsv
    """
    if (out is None) == (take is None):
        raise CallError("one of --out and --take is needed", remedy="dress-kg review --out queue.xlsx")
    if out is not None:
        from dress_kg.review.desk import write_review

        entries = write_review(profile, out, source=source, curation=curation, notes=notes)
        reasons = Counter(entry.why.value for entry in entries)
        told = ", ".join(f"{n} {why}" for why, n in reasons.most_common())
        click.echo(
            f"wrote {len(entries)} readings to judge to {out}" + (f": {told}" if told else ""), err=True
        )
    elif take is not None:
        _take(profile, take, source, curation, curator, day)


def _take(
    profile: str,
    filled: Path,
    source: Path | None,
    curation: Path | None,
    curator: str | None,
    day: str | None,
) -> None:
    from dress_kg.review.desk import take_review

    taken = take_review(profile, filled, source=source, curation=curation, curator=curator, day=day)
    for row in taken.stale:
        click.echo(
            f"stale: row {row.number}, {row['Item']}: its cell reads otherwise now; not taken. Write the "
            "queue again to judge the new words.",
            err=True,
        )
    kept = taken.kept
    click.echo(
        f"{taken.file}: {kept.added} decisions added, {kept.replaced} in place of older ones, "
        f"{kept.dropped} taken out, {kept.unchanged} there already; {taken.undecided} lines are still open"
    )
