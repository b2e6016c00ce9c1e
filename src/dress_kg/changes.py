"""A difference between two versions as text: for a build's summary and for `dress-kg diff`."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

from dress_kg import terms
from dress_kg.difference import CHANGES, Difference, difference
from dress_kg.errors import CallError
from dress_kg.store import open_build

_SHOWN = 20


def compared(old: Path, new: Path) -> Difference:
    """What differs between the published versions in two folders.

    :param old: a build folder, or the folder of one of its versions; :param new: likewise.
    :raises CallError: there is no build, or their IRIs have different bases.
    :raises StoreError: a build is damaged.
    """
    one, other = open_build(old), open_build(new)
    bases = [build.manifest.get("base", terms.DATA) for build in (one, other)]
    if bases[0] != bases[1]:
        raise CallError(
            "the two graphs have different bases of IRIs, so no item is in both",
            value=", ".join(bases),
            remedy="build both with the same base",
        )
    return difference(one.graph_file, other.graph_file, bases[0])


def rendered(found: Difference, form: str = "table") -> str:
    """The whole difference as text, with a line end at its end.

    :param form: `table`, `json` or `markdown`.
    """
    if form == "json":
        items = [asdict(each) for each in found.changes]
        return json.dumps({"counts": found.counts, "items": items}, ensure_ascii=False, indent=1) + "\n"
    if form == "markdown":
        lines = ["| change | item | what |", "| --- | --- | --- |"]
        lines += [f"| {each.change} | {_short(each.item)} | {each.told} |" for each in found.changes]
        return "\n".join([counted(found), "", *(lines if found.changes else [])]).rstrip() + "\n"
    return "\n".join([*_lines(found), counted(found)]) + "\n"


def counted(found: Difference) -> str:
    """`2 items added, 1 changed, 0 removed, 0 moved`."""
    parts = [f"{number} {name}" for name, number in found.counts.items()]
    return "items: " + ", ".join(parts)


def summary(found: Difference) -> str:
    """The first items and the counts, for what a build prints."""
    told = _lines(found)
    more = [f"          and {len(told) - _SHOWN:,} more: dress-kg diff"] if len(told) > _SHOWN else []
    shown = [f"          {line}" for line in told[:_SHOWN]]
    return "\n".join([f"Changes   {counted(found)}", *shown, *more])


def _lines(found: Difference) -> list[str]:
    ordered = sorted(found.changes, key=lambda each: (CHANGES.index(each.change), each.item))
    return [
        f"{each.change:<8} {_short(each.item)}" + (f"  {each.told}" * bool(each.told)) for each in ordered
    ]


def _short(item: str) -> str:
    """The item by its source and key."""
    return item.rpartition("/evidence/")[2]
