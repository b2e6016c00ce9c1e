"""Human judgements on a source table, in `mappings/curation/<source>.tsv`, with their reason.

A line says what one item's field should be, why, who decided it when, and on which words. A fact that a
curator decided has the basis *curated* and carries the reason. A line whose cell reads otherwise by now is
stale: it is reported and not applied, because nobody has judged the new words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from pathlib import Path

from dress_kg.errors import CallError, CurationError
from dress_kg.interpret.curation_field import Resolve
from dress_kg.interpret.curation_fields import field_names, field_of
from dress_kg.profile import Profile
from dress_kg.records import Curation, Evidence

COLUMNS = ("item", "field", "value", "reason", "curator", "date", "cell", "cell_text")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def curation_file(profile: Profile, setting: Path | None) -> Path:
    """Where the decisions on a source are kept.

    :param setting: a file, or a folder that holds `<source>.tsv`; None is the folder `curation` beside the
        profile.
    """
    if setting is None:
        return profile.path.parent / "curation" / f"{profile.id}.tsv"
    return setting / f"{profile.id}.tsv" if setting.is_dir() else setting


def curations_of(profile: Profile, setting: Path | None = None) -> tuple[Curation, ...]:
    """The decisions on a source: those shipped with its profile, then those of the setting.

    Of two decisions on the same thing the later one holds.

    :raises CurationError: a file is at fault. :raises CallError: the setting names nothing that exists.
    """
    if setting is not None and not setting.exists():
        raise CallError(
            "there is no such curation file or folder",
            file=setting,
            remedy="give the file that `dress-kg review --take` wrote, or leave out --curation",
        )
    places = dict.fromkeys((curation_file(profile, None), curation_file(profile, setting)))
    found = [curation for place in places if place.exists() for curation in load_curation(place)]
    return latest(found)


def latest(curations: Iterable[Curation]) -> tuple[Curation, ...]:
    """The curations with the last one only of those that decide the same thing."""
    kept: dict[tuple[str, ...], Curation] = {}
    for curation in curations:
        slot = slot_of(curation)
        kept.pop(slot, None)
        kept[slot] = curation
    return tuple(kept.values())


def slot_of(curation: Curation) -> tuple[str, ...]:
    """What decisions on the same thing have in common; a later one takes an earlier one's place."""
    field = field_of(curation.field)
    return (curation.item, curation.field) if field is None else field.slot(curation)


def is_date(text: str) -> bool:
    """Whether a text is a date of the calendar as ISO 8601 has it.

    >>> is_date("2026-02-28"), is_date("2026-02-30")
    (True, False)
    """
    if not _DATE.fullmatch(text):
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def load_curation(path: Path) -> tuple[Curation, ...]:
    """The curations of a file, in its order.

    The file is an unquoted TSV in UTF-8 with the columns of :data:`COLUMNS`; blank lines and lines that begin
    with `#` are left out.

    :raises CurationError: the file cannot be read, or a line has too few cells, an unknown field, a value
        that the field does not take, no reason, or no date; file, line and column are named.
    """
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CurationError(
            f"the curation file cannot be read ({error})", file=path, remedy="give an UTF-8 file that exists"
        ) from error
    rows = [(n, line) for n, line in enumerate(text.split("\n"), 1) if line.strip() and line[:1] != "#"]
    if not rows or tuple(rows[0][1].rstrip("\r").split("\t")) != COLUMNS:
        raise CurationError(
            "the header of a curation file is not the one expected",
            file=path,
            line=rows[0][0] if rows else 1,
            value=rows[0][1] if rows else None,
            remedy="use these columns, joined by tabs: " + ", ".join(COLUMNS),
        )
    return tuple(_line(path, number, line.rstrip("\r")) for number, line in rows[1:])


def _line(path: Path, number: int, line: str) -> Curation:
    cells = line.split("\t")
    if len(cells) != len(COLUMNS):
        raise CurationError(
            f"{len(cells)} cells where {len(COLUMNS)} belong",
            file=path,
            line=number,
            value=line,
            remedy="mend the tabs",
        )
    by_name = dict(zip(COLUMNS, cells, strict=True))
    empty = next((name for name in COLUMNS if not by_name[name].strip()), None)
    if empty is not None:
        raise CurationError(
            "an empty cell", file=path, line=number, column=empty, remedy="a curation needs all its cells"
        )
    wrong = misfit(by_name["field"], by_name["value"], by_name["date"])
    if wrong is not None:
        column, message, remedy = wrong
        raise CurationError(
            message, file=path, line=number, column=column, value=by_name[column], remedy=remedy
        )
    return Curation(**by_name, line=number)


def misfit(field: str, value: str, day: str) -> tuple[str, str, str] | None:
    """What is wrong with a decision: column, message and remedy; None where nothing is."""
    known = field_of(field)
    if known is None:
        return "field", "a field that no curation can set", "one of " + ", ".join(field_names())
    if not is_date(day):
        return "date", "not a date", "write it as 2026-01-31"
    if not known.takes.fullmatch(value):
        return "value", f"a value that {field} does not take", known.form
    return None


def check_items(curations: Iterable[Curation], keys: Iterable[str], *, file: Path | None = None) -> None:
    """Make sure that every curation is on an item of the source.

    :param keys: the item keys of the source.
    :raises CurationError: a curation names an item that the source does not have.
    """
    known = frozenset(keys)
    for curation in curations:
        if curation.item not in known:
            raise CurationError(
                "a curation of an item that the source does not have",
                file=file,
                line=curation.line,
                column="item",
                value=curation.item,
                remedy="correct the key, or take the line out if the row is gone",
            )


def is_stale(evidence: Evidence, curation: Curation) -> bool:
    """Whether the cell that a curation of this item was decided on reads otherwise now.

    White space apart; the text before broken words are mended counts as well as the text after.
    """
    cell = None if curation.cell is None else evidence.row.cells.get(curation.cell)
    if cell is None or curation.cell_text is None:
        return True
    judged = curation.cell_text.split()
    return judged not in (cell.text.split(), cell.joined.split())


def stale_curations(evidence: Evidence, curations: Iterable[Curation]) -> tuple[Curation, ...]:
    """The curations of this item that are not applied because their cell has changed since."""
    return tuple(c for c in curations if c.item == evidence.key and is_stale(evidence, c))


def apply_curation(
    evidence: Evidence,
    curations: Iterable[Curation],
    resolve: Resolve | None = None,
) -> Evidence:
    """The evidence item with the curations of it that are not stale.

    :param resolve: finds an agent by name (`AgentLexicon.resolve`); without it only agents that the row
        names are known.
    :raises CurationError: a curation names an agent that neither the row nor the vocabulary knows.
    """
    for curation in curations:
        if curation.item == evidence.key and not is_stale(evidence, curation):
            field = field_of(curation.field)
            applied = field.set(evidence, curation, resolve) if field else evidence
            evidence = replace(applied, curations=(*applied.curations, curation))
    return evidence
