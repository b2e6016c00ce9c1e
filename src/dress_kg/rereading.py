"""Which rows of a table are to be read again, and their reading: the first half of a rebuild.

Rows whose digests are those of the version before are not touched. Pass 1 is run over batches that have a row
that was never seen, pass 2 over the rows whose key, citation, decisions or printed lines differ.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from dress_kg.fingerprint import of_settled
from dress_kg.intake import Intake
from dress_kg.records import Curation, Line, LineKind
from dress_kg.repair import Classed, CodeCount, Stretch
from dress_kg.rownotes import RowNote, read_notes
from dress_kg.rowstage import Batch, Identities, Keys, Made, concepts_in_order, identify, read_rows
from dress_kg.settling import Settled
from dress_kg.spill import spill, unspill
from dress_kg.workers import Workers

WORTH = 0.25
"""The share of rows that may differ; where more do, all is built anew."""
_MOST = 0.3
"""The share of a batch's rows from which on the whole batch is read again."""


@dataclass(slots=True)
class Reread:
    """The rows of one source, now and before.

    :ivar before: the notes of the version before, by key. :ivar now: the notes of all rows, by key, in order.
    :ivar changed: keys of the rows read again. :ivar gone: keys that are no more.
    :ivar furniture: the lines that are in no row.
    """

    source: str
    before: dict[str, RowNote]
    now: dict[str, RowNote] = field(default_factory=dict)
    changed: set[str] = field(default_factory=set)
    gone: set[str] = field(default_factory=set)
    furniture: tuple[int, ...] = ()


def notes_before(paths: Mapping[str, Path]) -> dict[str, dict[str, RowNote]]:
    """The notes of each source by the key of their item."""
    return {
        source: {note.key: note for note in read_notes(path, concepts_in_order())}
        for source, path in paths.items()
    }


def differing(intake: Intake, before: Mapping[str, RowNote]) -> float:
    """The share of a source's rows whose printed lines were not among those of the version before."""
    known = {note.printed for note in before.values()}
    rows = [digest for batch in intake.batches for digest in batch.digests]
    return sum(digest not in known for digest in rows) / len(rows) if rows else 1.0


def identified(
    intakes: Sequence[Intake], before: Mapping[str, dict[str, RowNote]], workers: Workers
) -> Iterator[Identities]:
    """What pass 1 tells of all batches, in order; a batch whose rows were all seen is not read."""
    known = {source: {note.printed: note for note in notes.values()} for source, notes in before.items()}
    batches = [batch for intake in intakes for batch in intake.batches]
    news = [b for b in batches if any(digest not in known[b.source] for digest in b.digests)]
    read = workers.map(identify, news)
    waiting = {batch.number for batch in news}
    for batch in batches:
        if batch.number in waiting:
            yield next(read)
        else:
            yield _as_before([known[batch.source][digest] for digest in batch.digests])


def _as_before(notes: Sequence[RowNote]) -> Identities:
    codes: dict[str, CodeCount] = {}
    for note in notes:
        for name, count in note.known.codes.items():
            had = codes.get(name, CodeCount())
            codes[name] = CodeCount(had.filled + count.filled, had.odd + count.odd, had.first or count.first)
    return Identities(
        keys=tuple(note.known.key for note in notes),
        citations=tuple(note.known.citation for note in notes),
        publication_ids=tuple(note.known.publication_id for note in notes),
        codes=codes,
    )


def compare(
    intake: Intake, settled: Settled, before: dict[str, RowNote], number: int
) -> tuple[Reread, list[Batch]]:
    """Which rows of a source differ, and the batches to read them by; the last one has its furniture.

    :param number: of the first of these batches.
    """
    found = Reread(intake.profile.id, before)
    decided: dict[str, list[Curation]] = {}
    for curation in intake.curations:
        decided.setdefault(curation.item, []).append(curation)
    lines: list[Line] = []
    classed: list[Classed] = []
    batches: list[Batch] = []
    for batch in settled.batches:
        stretch: Stretch = unspill(batch.stretch)
        keys: Keys = unspill(_given(batch.keys))
        again: list[int] = []
        for at, (digest, key, cited) in enumerate(
            zip(batch.digests, keys.keys, keys.publications, strict=True)
        ):
            had = before.get(key)
            if had is None or had.settled != of_settled(digest, key, cited, decided.get(key, ())):
                again.append(at)
            else:
                found.now[key] = had
        for part in _runs(again, len(keys.keys)):
            batches.append(_part(batch, stretch, keys, part, number + len(batches)))
            found.changed.update(keys.keys[at] for at in part)
        for line, kind in zip(stretch.lines, stretch.classed, strict=True):
            if kind.kind is not LineKind.ROW:
                lines.append(line)
                classed.append(kind)
    found.furniture = tuple(line.number for line in lines)
    if settled.batches:
        rest = Stretch(tuple(lines), tuple(classed), (), ())
        nothing = Keys((), (), Identities((), (), (), {}))
        batches.append(_made(settled.batches[0], rest, nothing, (), number + len(batches)))
    return found, batches


def read_again(found: Mapping[str, Reread], batches: Iterable[Batch], workers: Workers) -> Iterator[Made]:
    """Pass 2 over the rows that differ; their notes take their place among the others."""
    concepts = concepts_in_order()
    for made in workers.map(read_rows, batches):
        reread = found[made.source]
        if made.notes is not None:
            reread.now.update((note.key, note) for note in read_notes(made.notes, concepts))
        yield made
    for reread in found.values():
        reread.now = dict(sorted(reread.now.items(), key=lambda entry: entry[1].ordinal))
        reread.gone = set(reread.before.keys() - reread.now.keys())


def _runs(again: Sequence[int], size: int) -> list[list[int]]:
    """Places in a batch as runs that follow each other; all places where many are to be read again."""
    if len(again) > max(1, _MOST * size):
        return [list(range(size))]
    runs: list[list[int]] = []
    for at in again:
        if runs and runs[-1][-1] == at - 1:
            runs[-1].append(at)
        else:
            runs.append([at])
    return runs


def _part(batch: Batch, stretch: Stretch, keys: Keys, part: Sequence[int], number: int) -> Batch:
    rows = [stretch.rows[at] for at in part]
    begin, end = rows[0][0], rows[-1][-1] + 1
    inner = Stretch(
        stretch.lines[begin:end],
        stretch.classed[begin:end],
        tuple(tuple(index - begin for index in row) for row in rows),
        tuple(stretch.sections[at] for at in part),
        stretch.first + part[0],
    )
    span = slice(part[0], part[-1] + 1)
    told = keys.identities
    own = Identities(told.keys[span], told.citations[span], told.publication_ids[span], {})
    share = Keys(keys.keys[span], keys.publications[span], own)
    return _made(batch, inner, share, batch.digests[span], number)


def _made(batch: Batch, stretch: Stretch, keys: Keys, digests: tuple[str, ...], number: int) -> Batch:
    return replace(
        batch,
        number=number,
        stretch=spill(stretch, batch.work, f"again-{number:06d}"),
        rows=len(stretch.rows),
        keys=spill(keys, batch.work, f"again-keys-{number:06d}"),
        digests=digests,
    )


def _given(path: Path | None) -> Path:
    assert path is not None  # noqa: S101 (settled batches have their keys)
    return path
