"""Take a source in: its lines in batches of rows on disk, and what all its batches share.

Lines that may come as a stream (see `repair.layout`) are never all held; other tables are, while they are
divided into rows.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dress_kg import terms
from dress_kg.errors import CallError
from dress_kg.fingerprint import of_rows, of_source
from dress_kg.interpret.curation import curations_of
from dress_kg.interpret.item import Interpreter
from dress_kg.interpret.publication import Publication, Register
from dress_kg.profile import Profile
from dress_kg.records import Curation, LineKind
from dress_kg.repair import Layout, Stretch, classed_lines, cut, divided, lead_of, streams, stretches
from dress_kg.rowstage import Batch, Judging, Plan
from dress_kg.spill import spill
from dress_kg.table import read_lines, stream_lines
from dress_kg.tables import Cells
from dress_kg.tables.from_evidence import Setting

ROWS = 250
"""Rows of a batch: a worker holds some 100,000 quads of a wide table at a time."""


@dataclass(frozen=True, slots=True)
class Intake:
    """A source as it is taken in.

    :ivar sha256: of the file. :ivar panel: the publication that the table is part of.
    :ivar columns: (field, header as printed) in file order.
    :ivar furniture: the physical lines that are in no row.
    """

    profile: Profile
    file: Path
    sha256: str
    setting: Setting
    panel: Publication | None
    curations: tuple[Curation, ...]
    columns: tuple[tuple[str, str], ...]
    batches: tuple[Batch, ...]
    furniture: tuple[int, ...] = ()


def source_file(profile: Profile, file: Path | None) -> Path:
    """The file to read by a profile: the one named, else the profile's own.

    :raises CallError: there is no such file.
    """
    path = file or profile.source_file
    if path.exists():
        return path
    if file is not None:
        raise CallError("there is no such file", file=path, remedy="correct the path after --source")
    remedy = "name it with --source FILE, or put it beside the profile"
    raise CallError(
        "the table of this profile is not shipped", file=profile.path, value=path.name, remedy=remedy
    )


def take_in(
    profile: Profile,
    file: Path,
    work: Path,
    judging: Judging,
    *,
    number: int = 0,
    rows: int | None = None,
    curation: Path | None = None,
    base: str = terms.DATA,
) -> Intake:
    """Read a source into batches of rows in the working folder; no cell is repaired yet.

    :param number: of the first batch.
    :param rows: of a batch, None for the usual number; the result does not depend on it.
    :param curation: a file or folder of further decisions than those shipped with the profile.
    :raises SourceError: the file cannot be read as the profile says.
    :raises CurationError: a curation file is at fault.
    """
    panel = published(profile)
    setting = setting_of(profile, panel, base)
    curations = curations_of(profile, curation)
    layout, parts = _laid_out(profile, file, rows or ROWS)
    plan = Plan(profile.path, file.name, layout, setting, curations, judging)
    common = of_source(profile, file.name, layout, setting, judging.fields)
    fills = any(column.fill_down for column in profile.columns)
    place = spill(plan, work, f"plan-{number:06d}")
    batches: list[Batch] = []
    furniture: list[int] = []
    for at, stretch in enumerate(parts, number):
        spilled = spill(stretch, work, f"rows-{at:06d}")
        digests = of_rows(stretch, common, fills)
        furniture += (
            line.number
            for line, told in zip(stretch.lines, stretch.classed, strict=True)
            if told.kind is not LineKind.ROW
        )
        batches.append(Batch(work, at, profile.id, place, spilled, len(stretch.rows), digests=digests))
    with file.open("rb") as handle:
        digest = hashlib.file_digest(handle, "sha256").hexdigest()
    columns = tuple((entry.column.field, entry.printed) for entry in layout.header.columns)
    return Intake(profile, file, digest, setting, panel, curations, columns, tuple(batches), tuple(furniture))


def _laid_out(profile: Profile, file: Path, rows: int) -> tuple[Layout, Iterator[Stretch]]:
    streamed = stream_lines(file, profile) if streams(profile) else None
    if streamed is not None:
        header, lines = streamed
        return Layout(header, lead_of(header, profile)), stretches(
            classed_lines(lines, header, profile), rows
        )
    held = read_lines(file, profile)
    layout, whole = divided(held, profile, file.name, Interpreter.of(profile).words())
    # A row whose empty cells are filled from the one above needs it: such tables stay in one piece.
    fills = any(column.fill_down for column in profile.columns)
    return layout, cut(whole, len(whole.rows) or 1 if fills else rows)


def setting_of(profile: Profile, panel: Publication | None, base: str = terms.DATA) -> Setting:
    """What all items of a source share."""
    known = Interpreter.of(profile).condition
    own = None
    if known:
        own = terms.vocabulary(known)
    elif profile.condition:
        own = terms.condition(profile.id, profile.condition, base)
    return Setting(
        base=base,
        condition=own,
        panel=terms.publication(panel.key, base) if panel else None,
        scale_stated=profile.rating_scale_stated,
    )


def published(profile: Profile) -> Publication | None:
    """The guideline or database that the table is part of: of the register, else as the profile says."""
    if profile.publication:
        return Register.load().by_ref(profile.id, profile.publication)
    if profile.published is None:
        return None
    known: dict[str, Any] = {"first_author": None, **profile.published}
    return Publication(key=profile.id, source=profile.id, number="source", **known)


def source_details(profile: Profile, file: Path, sha256: str, setting: Setting) -> Cells:
    """What the graph says of a source as a whole, as cells of its row in the table `source`."""
    return {
        "title": profile.title,
        "file": file.name,
        "publication": setting.panel,
        "condition": setting.condition,
        "sha256": sha256,
        "panel": profile.panel,
        "rights": profile.rights,
        "notice": profile.notice,
    }
