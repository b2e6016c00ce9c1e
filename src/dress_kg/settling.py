"""What can only be told over a whole table: which keys are equal, and which citations are one publication."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from dress_kg import terms
from dress_kg.intake import Intake
from dress_kg.interpret.curation import check_items
from dress_kg.interpret.publication import Publication, resolve_publications
from dress_kg.keys import distinct
from dress_kg.records import Citation
from dress_kg.repair import CodeCount, refuse_odd_codes
from dress_kg.rowstage import Batch, Identities, Keys
from dress_kg.spill import spill


@dataclass(frozen=True, slots=True)
class Settled:
    """A source whose keys and publications are known.

    :ivar batches: with their keys. :ivar cited: how many publications its citations refer to.
    """

    batches: tuple[Batch, ...]
    publications: tuple[Publication, ...]
    cited: int


def settle(intake: Intake, identities: Iterable[Identities]) -> Settled:
    """Tell equal keys apart and resolve what is cited; each batch finds its share beside its rows.

    :param identities: of each batch, in order. What is held of a row is its key and two references.
    :raises SourceError: most values of a column of codes are none.
    :raises CurationError: a curation names an item that the source does not have.
    """
    profile, base = intake.profile, intake.setting.base
    keys: list[str] = []
    citations: list[Citation | None] = []
    ids: list[str | None] = []
    lengths: list[int] = []
    codes: list[dict[str, CodeCount]] = []
    same: dict[tuple[object, ...], Citation] = {}
    for each in identities:
        keys += each.keys
        citations += (citation and _one_of(same, citation) for citation in each.citations)
        ids += each.publication_ids
        lengths.append(len(each.keys))
        codes.append(each.codes)
    refuse_odd_codes(codes, intake.file.name)
    own = distinct(keys)
    check_items(intake.curations, own)
    resolved = resolve_publications(citations, profile.id, identifiers=ids)
    iris = [None if found is None else terms.publication(found.key, base) for found in resolved.of]
    cited = {iri for iri, citation in zip(iris, citations, strict=True) if iri and citation}
    batches, start = [], 0
    for batch, length in zip(intake.batches, lengths, strict=True):
        span = slice(start, start + length)
        told = Identities(tuple(keys[span]), tuple(citations[span]), tuple(ids[span]), {})
        share = Keys(own[span], tuple(iris[span]), told)
        start += length
        batches.append(replace(batch, keys=spill(share, batch.work, f"keys-{batch.number:06d}")))
    return Settled(tuple(batches), resolved.publications, len(cited))


def _one_of(same: dict[tuple[object, ...], Citation], citation: Citation) -> Citation:
    """The first of equal citations: a publication that is cited in many rows is held once."""
    parts = (
        citation.author,
        citation.initials,
        citation.journal,
        citation.journal_full,
        citation.year,
        citation.number,
    )
    return same.setdefault(parts, citation)
