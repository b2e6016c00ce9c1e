"""Reviewing a profile: write its queue, and take a filled one back."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from dress_kg.errors import CallError, CurationError, ValidationError
from dress_kg.interpret.curation import curation_file
from dress_kg.interpret.item import Interpreter
from dress_kg.pipeline import Clock, make_graph, read_source
from dress_kg.profile import Profile, load_profile
from dress_kg.replacing import replaced
from dress_kg.report import one_line
from dress_kg.results import Graph
from dress_kg.review.decide import Decided, decide
from dress_kg.review.entry import Entry
from dress_kg.review.filled import Filled, read_queue
from dress_kg.review.keep import Kept, prepared
from dress_kg.review.queue import queue
from dress_kg.review.sheet import write_queue

SUFFIXES = (".xlsx", ".tsv")


@dataclass(frozen=True, slots=True)
class Taken:
    """What was taken. :ivar stale: lines whose cell has changed since; :ivar undecided: lines still open."""

    file: Path
    kept: Kept
    stale: tuple[Filled, ...]
    undecided: int


def write_review(
    profile: str,
    out: Path,
    *,
    source: Path | None = None,
    curation: Path | None = None,
    notes: bool = False,
) -> tuple[Entry, ...]:
    """Read a source, and write the queue of what a curator should look at; returns its entries.

    :param out: an .xlsx or .tsv file. :param notes: also what the gate notes without doubting the value.
    :raises CallError: another suffix. :raises StoreError: the file cannot be written.
    """
    if out.suffix.lower() not in SUFFIXES:
        raise CallError("a queue is an .xlsx or a .tsv file", file=out, remedy="name one with --out")
    graph = make_graph((profile,), source=source, curation=curation)
    read = graph.sources[0]
    entries = queue(read.evidence, graph.report.results, read.stale, notes=notes)
    with replaced(out) as beside:
        write_queue(entries, beside, read.profile.title)
    return entries


def take_review(
    profile: str,
    filled: Path,
    *,
    source: Path | None = None,
    curation: Path | None = None,
    curator: str | None = None,
    day: str | None = None,
) -> Taken:
    """Put the decisions of a filled queue into the curation file, all or none.

    Lines whose cell has changed since the queue was written are not taken, and named in the answer.

    :param curator: who decided, and :param day: when (ISO 8601), where a line does not say so.
    :raises CurationError: cells of the queue are at fault; each is named by row and column.
    :raises ValidationError: with these decisions a shape would be violated.
    :raises StoreError: the curation file cannot be written.
    """
    described = load_profile(profile)
    place = _place(described, curation)
    rows = read_queue(filled)
    existing = curation if curation is not None and curation.exists() else None
    read = read_source(described, source, 1, Clock(), curation=existing)
    found = decide(
        rows,
        {item.key: item for item in read.evidence},
        Interpreter.of(read.profile).agents.resolve,
        curator=curator,
        day=day,
    )
    refuse(found, filled)
    with prepared(place, found.curations, found.dropped) as (file, kept):
        if kept.dropped < len(found.dropped):
            raise CurationError(
                "a stale decision that is to go is not in this file",
                file=place,
                value=", ".join(curation.value for curation in found.dropped),
                remedy=f"take it out of {curation_file(described, None)}, and empty its line in the queue",
            )
        if found.curations:
            _gate(make_graph((profile,), source=source, curation=file), found, filled)
    return Taken(place, kept, found.stale, found.undecided)


def _place(profile: Profile, curation: Path | None) -> Path:
    """The curation file to write to; one inside an installed package would be lost with the next version."""
    place = curation_file(profile, curation)
    if curation is None and "_resources" in profile.path.parts:
        raise CallError(
            "the profile is part of the installed package, and its decisions would be lost with it",
            file=profile.path,
            remedy="name a file of your own with --curation FILE, and build with it as well",
        )
    return place


def refuse(found: Decided, file: Path) -> None:
    """Stop where a cell is at fault.

    :raises CurationError: names every such cell by row and column.
    """
    if found.faults:
        shown = "\n".join(f"  {fault}" for fault in found.faults[:50])
        more = f"\n  and {len(found.faults) - 50} more" if len(found.faults) > 50 else ""
        raise CurationError(
            f"{len(found.faults)} cell(s) of the queue are at fault; nothing was taken:\n{shown}{more}",
            file=file,
        )


def _gate(graph: Graph, found: Decided, file: Path) -> None:
    """Refuse decisions with which the graph could not be published."""
    rows: dict[str, list[str]] = {}
    for curation in found.curations:
        rows.setdefault(curation.item, []).append(str(curation.line))
    shown = [
        f"  row {', '.join(rows.get((result.item or '').rpartition('/')[2], ['–']))}: {one_line(result)}"
        for result in graph.report.violations[:10]
    ]
    if shown:
        raise ValidationError(
            "with these decisions the graph could not be published; nothing was taken:\n" + "\n".join(shown),
            file=file,
            remedy="correct the values in these rows of the queue",
        )
