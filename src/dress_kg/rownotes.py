"""What a version keeps of its rows for the next build: one line of JSON a row, beside the graph.

A note says by which digests the row was made (`fingerprint`), what pass 1 found of it, and what its source
and the shared nodes take from it. The row's quads and its tidy rows are not in it: they stand in `graph.nq`
and `tables/`, where they are found by the item's IRI and by its lines.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from dress_kg.records import Citation, Curation
from dress_kg.repair import CodeCount
from dress_kg.tables import Cells

FOLDER = "rows"
"""The folder of a version that holds the notes, with `index.json`."""
_CITED = ("author", "initials", "et_al", "journal", "journal_full", "year", "number")


@dataclass(frozen=True, slots=True)
class Known:
    """What pass 1 tells of one row, as :class:`~dress_kg.rowstage.Identities` does of a batch."""

    key: str
    citation: Citation | None
    publication_id: str | None
    codes: dict[str, CodeCount]


@dataclass(frozen=True, slots=True)
class RowNote:
    """One row of a source as it was built.

    :ivar printed: the digest of what is printed; :ivar settled: the one of all it rests on.
    :ivar key: of its item, equal ones told apart. :ivar publication: the IRI of what it cites.
    :ivar lines: its physical lines. :ivar concepts: IRIs of our vocabulary that its tables name.
    :ivar agents, :ivar conditions: as in :class:`~dress_kg.rowstage.Made`.
    :ivar tally: of the row, as :meth:`~dress_kg.tally.Tally.told` says.
    :ivar text: the note as it was read, with its line end.
    """

    printed: str
    settled: str
    key: str
    publication: str | None
    ordinal: int
    lines: tuple[int, ...]
    known: Known
    concepts: tuple[str, ...]
    agents: dict[str, dict[str, str]] = field(default_factory=dict)
    conditions: dict[str, Cells] = field(default_factory=dict)
    tally: dict[str, Any] = field(default_factory=dict)
    stale: tuple[Curation, ...] = ()
    text: str | None = None


def write_notes(notes: Iterable[RowNote], path: Path, concepts: Sequence[str]) -> Path:
    """Write the notes of some rows, in their order; returns the path.

    :param concepts: all concepts of the vocabularies, in a fixed order; a note names them by number.
    :raises OSError: the disk is full, or the folder cannot be written.
    """
    numbers = {iri: number for number, iri in enumerate(concepts)}
    with path.open("w", encoding="utf-8") as out:
        for note in notes:
            out.write(note.text or _text(note, numbers))
    return path


def read_notes(path: Path, concepts: Sequence[str]) -> Iterator[RowNote]:
    """The notes of a source, in the order of its rows."""
    # Many rows cite one publication, and what they share is held once.
    citations: dict[str, Citation] = {}
    with path.open(encoding="utf-8") as stored:
        for line in stored:
            yield _note(line, concepts, citations)


def _told(note: RowNote, numbers: dict[str, int]) -> list[Any]:
    known, cited = note.known, note.known.citation
    return [
        note.printed,
        note.settled,
        note.key,
        note.publication,
        note.ordinal,
        note.lines,
        [known.key, cited and [getattr(cited, name) for name in _CITED], known.publication_id],
        {name: asdict(count) for name, count in known.codes.items()},
        [numbers.get(iri, iri) for iri in note.concepts],
        note.agents,
        note.conditions,
        note.tally,
        [asdict(each) for each in note.stale],
    ]


def _text(note: RowNote, numbers: dict[str, int]) -> str:
    return json.dumps(_told(note, numbers), ensure_ascii=False, separators=(",", ":")) + "\n"


def _note(text: str, concepts: Sequence[str], citations: dict[str, Citation]) -> RowNote:
    told: list[Any] = json.loads(text)
    key, cited, publication_id = told[6]
    codes = {
        name: CodeCount(each["filled"], each["odd"], tuple(each["first"]) if each["first"] else None)
        for name, each in told[7].items()
    }
    citation = None
    if cited is not None:
        made = Citation(
            **dict(zip(_CITED, cited, strict=True)), printed_author=None, printed_journal=None,
            year_suffix=None,
        )  # fmt: skip
        citation = citations.setdefault(repr(cited), made)
    return RowNote(
        printed=told[0],
        settled=told[1],
        key=told[2],
        publication=told[3],
        ordinal=told[4],
        lines=tuple(told[5]),
        known=Known(key, citation, publication_id, codes),
        concepts=tuple(concepts[each] if isinstance(each, int) else each for each in told[8]),
        agents=told[9],
        conditions=told[10],
        tally=told[11],
        stale=tuple(Curation(**each) for each in told[12]),
        text=text,
    )
