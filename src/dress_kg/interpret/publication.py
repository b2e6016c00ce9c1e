"""From printed citations to publications: the register of resolved ones, and what to merge.

Citations of one source that bear the same reference number are one publication, and so are citations
with the same identifier; nothing is ever merged on looks. What the register (`mappings/publications.tsv`)
does not hold becomes a publication of its source alone, with what is printed.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from rapidfuzz.distance import OSA

from dress_kg import resources, terms
from dress_kg.errors import SourceError
from dress_kg.records import Citation

_COLUMNS = (
    "key source ref first_author title journal year volume issue pages doi pmid pmcid confidence"
    " verified_in notes"
).split()
_LEVELS = ("high", "medium", "low")
# "Bomersmbach" is three edits from "Bommersbach"; a quarter of the letters may differ.
_SAME_NAME = 0.7


@dataclass(frozen=True, slots=True)
class Publication:
    """A resolved publication; None is "not verified", never filled from memory.

    :ivar key: readable and stable (`bommersbach-2016`), the last part of its IRI.
    :ivar source: the source whose reference list `number` counts in.
    :ivar number: in that list, `source` for the source's own publication.
    :ivar first_author: family name and initials.
    :ivar journal: its full title where verified, else as printed.
    :ivar year: of publication as far as verified, else as printed where one year is printed.
    :ivar year_verified: whether the register has the year.
    :ivar printed_years: the years that the source prints for it, ascending: a typing error shows here.
    :ivar confidence: `high`, `medium`, `low` (how well it was verified), None outside the register.
    """

    key: str
    source: str
    number: str | None
    first_author: str | None
    title: str | None = None
    journal: str | None = None
    year: int | None = None
    year_verified: bool = False
    printed_years: tuple[int, ...] = ()
    volume: str | None = None
    issue: str | None = None
    pages: str | None = None
    doi: str | None = None
    pmid: str | None = None
    pmcid: str | None = None
    confidence: str | None = None
    notes: str | None = None

    @property
    def label(self) -> str:
        """First author, journal, year, as far as known.

        >>> Publication("lee-2008", "dress", "53", "Lee JH", journal="J Korean Med Sci", year=2008).label
        'Lee JH. J Korean Med Sci 2008'
        """
        tail = " ".join(filter(None, (self.journal, str(self.year) if self.year else None)))
        return ". ".join(filter(None, (self.first_author, tail))) or self.key


@dataclass(frozen=True, slots=True)
class Variant:
    """A part (`author`, `journal`, `year`) that citations of one publication print in several ways."""

    publication: str
    part: str
    printed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Resolution:
    """What the citations of a source refer to.

    :ivar of: one entry per citation, in its order; None where a row has no citation.
    :ivar publications: each once, by key. :ivar variants: what is printed in several ways.
    """

    of: tuple[Publication | None, ...]
    publications: tuple[Publication, ...]
    variants: tuple[Variant, ...]


class Register:
    """The resolved publications, by source and reference number, and by identifier."""

    def __init__(self, publications: Sequence[Publication]) -> None:
        self._by_ref = {(p.source, p.number): p for p in publications}
        self._by_id = {
            f"{kind}:{value}".lower(): p
            for p in publications
            for kind, value in (("doi", p.doi), ("pmid", p.pmid), ("pmcid", p.pmcid))
            if value
        }

    @classmethod
    def load(cls, path: Path | None = None) -> Register:
        """The shipped register, or the one at `path`.

        :raises SourceError: a column is missing, a key is used twice, or a value is not allowed.
        """
        return _read(path or resources.folder("mappings") / "publications.tsv")

    def by_ref(self, source: str, ref: str) -> Publication | None:
        """The publication with this reference number (or `source`) in the reference list of a source."""
        return self._by_ref.get((source, ref))

    def by_identifier(self, identifier: str) -> Publication | None:
        """The publication with this identifier (`pmid:27438540`, `doi:10.1001/…`, `pmcid:PMC…`)."""
        return self._by_id.get(identifier.lower())


@lru_cache(maxsize=4)
def _read(path: Path) -> Register:
    publications: list[Publication] = []
    keys: set[str] = set()
    with path.open(encoding="utf-8", newline="") as opened:
        reader = csv.DictReader(opened, delimiter="\t", quoting=csv.QUOTE_NONE)
        if reader.fieldnames is None or list(reader.fieldnames) != _COLUMNS:
            raise SourceError(
                "the register of publications has other columns than expected",
                file=path,
                line=1,
                value=", ".join(reader.fieldnames or ()),
                remedy="its columns are " + ", ".join(_COLUMNS),
            )
        for line, row in enumerate(reader, 2):
            fault = _fault(row, keys)
            if fault is not None:
                column, remedy = fault
                raise SourceError(
                    "a publication has a value that is not allowed",
                    file=path,
                    line=line,
                    column=column,
                    value=row[column],
                    remedy=remedy,
                )
            keys.add(row["key"])
            publications.append(_publication(row))
    return Register(publications)


def _fault(row: dict[str, str], keys: set[str]) -> tuple[str, str] | None:
    """The column at fault and the remedy, or None."""
    if row["key"] != terms.slug(row["key"]) or not row["key"] or row["key"] in keys:
        return "key", "keys are lower-case words joined by hyphens, each used once"
    if row["confidence"] not in _LEVELS:
        return "confidence", "one of " + ", ".join(_LEVELS)
    if row["year"] and not (row["year"].isascii() and row["year"].isdecimal()):
        return "year", "a year in four digits, or empty where it was not verified"
    return None


def _publication(row: dict[str, str]) -> Publication:
    return Publication(
        key=row["key"],
        source=row["source"],
        number=row["ref"],
        first_author=row["first_author"] or None,
        title=row["title"] or None,
        journal=row["journal"] or None,
        year=int(row["year"]) if row["year"] else None,
        year_verified=bool(row["year"]),
        volume=row["volume"] or None,
        issue=row["issue"] or None,
        pages=row["pages"] or None,
        doi=row["doi"] or None,
        pmid=row["pmid"] or None,
        pmcid=row["pmcid"] or None,
        confidence=row["confidence"],
        notes=row["notes"] or None,
    )


def resolve_publications(
    citations: Sequence[Citation | None],
    source: str,
    *,
    register: Register | None = None,
    identifiers: Sequence[str | None] | None = None,
) -> Resolution:
    """What each citation of a source refers to.

    :param citations: one per row, None where a row prints none.
    :param source: id of the source in whose reference list the numbers count.
    :param identifiers: one per row where the source has them (`pmid:16081687`), else None.
    """
    known = register or Register.load()
    ids = identifiers or [None] * len(citations)
    groups: dict[tuple[str, str], list[int]] = {}
    for index, (citation, identifier) in enumerate(zip(citations, ids, strict=True)):
        if identifier is not None:
            groups.setdefault(("id", identifier.lower()), []).append(index)
        elif citation is not None and citation.number is not None:
            groups.setdefault(("number", citation.number), []).append(index)
        elif citation is not None:
            groups.setdefault(("row", str(index)), []).append(index)
    of: list[Publication | None] = [None] * len(citations)
    taken: set[str] = set()
    variants: list[Variant] = []
    for (kind, value), indexes in groups.items():
        printed = [each for index in indexes if (each := citations[index]) is not None]
        found = known.by_identifier(value) if kind == "id" else None
        if kind == "number":
            found = _registered(known.by_ref(source, value), printed)
        publication = found or _as_printed(source, kind, value, printed, taken)
        publication = _with_years(publication, printed)
        taken.add(publication.key)
        variants.extend(_variants(publication.key, printed))
        for index in indexes:
            of[index] = publication
    distinct = {p.key: p for p in of if p is not None}
    return Resolution(tuple(of), tuple(distinct[key] for key in sorted(distinct)), tuple(variants))


def _registered(found: Publication | None, printed: Sequence[Citation]) -> Publication | None:
    """The register's entry, where the name printed is its author's, give or take a misprint.

    Another table read under the same source id has other references under the same numbers.
    """
    if found is None or found.first_author is None:
        return found
    family = terms.slug(found.first_author.rsplit(" ", 1)[0])
    names = [terms.slug(c.author) for c in printed if c.author]
    same = any(OSA.normalized_similarity(name, family) >= _SAME_NAME for name in names)
    return found if same or not names else None


def _as_printed(
    source: str, kind: str, value: str, printed: Sequence[Citation], taken: set[str]
) -> Publication:
    """A publication of this source alone, with what is printed."""
    first = printed[0] if printed else None
    author = first.author if first else None
    year = first.year if first else None
    number = value if kind == "number" else None
    if kind == "id":
        name = terms.slug(value)
    else:
        words = [source, author, str(year) if year else None, f"ref {number}" if number else None]
        name = terms.slug(" ".join(filter(None, words)))
    key, ordinal = name, 1
    while key in taken:
        ordinal += 1
        key = f"{name}-{ordinal}"
    scheme, _, identifier = value.partition(":") if kind == "id" else ("", "", "")
    initials = first.initials if first else None
    return Publication(
        key=key,
        source=source,
        number=number,
        first_author=" ".join(filter(None, (author, initials))) or None,
        journal=(first.journal_full or first.journal) if first else None,
        doi=identifier if scheme == "doi" else None,
        pmid=identifier if scheme == "pmid" else None,
        pmcid=identifier if scheme == "pmcid" else None,
    )


def _with_years(publication: Publication, printed: Sequence[Citation]) -> Publication:
    """The publication with the years printed; its own year where none was verified and one is printed."""
    years = tuple(sorted({c.year for c in printed if c.year is not None}))
    year = publication.year
    if year is None and len(years) == 1:
        year = years[0]
    return replace(publication, printed_years=years, year=year)


def _variants(key: str, printed: Sequence[Citation]) -> list[Variant]:
    """What the citations of one publication print in several ways, misprints and all."""
    parts = {
        "author": {c.author for c in printed if c.author},
        "journal": {c.journal for c in printed if c.journal},
        "year": {str(c.year) for c in printed if c.year is not None},
    }
    return [Variant(key, part, tuple(sorted(values))) for part, values in parts.items() if len(values) > 1]
