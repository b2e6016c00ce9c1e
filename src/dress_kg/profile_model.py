"""What a profile says of a source table: the values that `profile` reads from its TOML file.

Each table of the file has its dataclass here, and the docstrings say what its keys mean. Nothing in a
profile knows a line number.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType

from dress_kg import resources

FIELDS = (
    "row_id",
    "drug",
    "operator",
    "dose",
    "interval",
    "reference",
    "publication_id",
    "condition",
    "condition_id",
    "study_design",
    "patients",
    "comments",
    "level",
    "grade",
)
"""The columns that `interpret` knows. One named `x_…` is carried along without being interpreted."""

FORMATS = ("tsv", "csv", "xlsx", "html", "jats")
"""The formats of a table's file; `readers` has one function for each."""


class ColumnKind(StrEnum):
    """What the values of a column look like; it decides which stray cells count as noise."""

    NAME = "name"  #: a name (of a treatment): the column that starts a row
    TEXT = "text"  #: prose; a lone letter is no value
    CITATION = "citation"  #: a printed citation; initials are part of it
    CODE = "code"  #: a short code, described by `pattern`
    ANY = "any"  #: nothing is assumed


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the table (`[[column]]`).

    :ivar field: one of :data:`FIELDS`, or `x_…`.
    :ivar header: as printed where the table is well printed; :ivar aliases: other headers it comes under.
    :ivar required: every row has a value here, and the file must have the column.
    :ivar pattern: what a whole value looks like (fullmatch), or None.
    :ivar mark: what a complete value holds exactly once (search), or None.
    :ivar separator: what parts the values of a list in one cell, or None. Between two digits nothing is
        parted ("CP-724,714" is one name).
    :ivar empty: printed values that say that there is none ("-", "Placebo" among drugs), as compared
        without regard to case and a bracket at the end.
    :ivar fill_down: an empty cell means the value of the row above, in the same section.
    :ivar also: other fields that the same cells are read as ("dose" where a regimen names its drug).
    """

    field: str
    header: str
    aliases: tuple[str, ...] = ()
    kind: ColumnKind = ColumnKind.ANY
    required: bool = False
    pattern: re.Pattern[str] | None = None
    mark: re.Pattern[str] | None = None
    separator: re.Pattern[str] | None = None
    empty: tuple[str, ...] = ()
    fill_down: bool = False
    also: tuple[str, ...] = ()

    def is_empty(self, text: str) -> bool:
        """Whether a cell's text says that there is no value.

        >>> Column("drug", "Arm", empty=("control",)).is_empty("Control (retrospective)")
        True
        """
        bare = text.strip().casefold()
        forms = {bare, re.sub(r"\s*\([^()]*\)$", "", bare)}
        return not bare or any(value.casefold() in forms for value in self.empty)


@dataclass(frozen=True, slots=True)
class Reading:
    """How the file is opened (`[file]`).

    :ivar sheet: of a workbook; :ivar table: id, label or ordinal in an HTML or JATS file.
    :ivar encoding: where it is not UTF-8; :ivar delimiter: of a CSV, where it cannot be told.
    :ivar header_rows: how many lines the header has, None where it is to be found.
    """

    sheet: str | None = None
    table: str | int | None = None
    encoding: str | None = None
    delimiter: str | None = None
    header_rows: int | None = None


@dataclass(frozen=True, slots=True)
class Directions:
    """What the declared values of a row say of its treatment (`[direction]`).

    :ivar columns: the fields whose values are looked up together.
    :ivar values: the printed values, in the order of `columns` and in lower case, to kind of finding and
        direction; what is not there is "not stated".
    :ivar voice: whose statement it is.
    :ivar holds_when: fields whose cells say under which condition it holds (a gene, a variant).
    """

    columns: tuple[str, ...]
    values: Mapping[tuple[str, ...], str]
    kind: str = "reported outcome"
    voice: str | None = None
    holds_when: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Coded:
    """What the codes of one column stand for (`[study_design]`, `[publication_id]`).

    :ivar column: the field that holds the code, None where `default` holds for all rows.
    :ivar values: printed code, in lower case, to meaning.
    """

    column: str | None
    values: Mapping[str, str]
    default: str | None = None

    def meaning(self, code: str) -> str | None:
        """What a printed code stands for, or None.

        >>> Coded("source", {"pubmed": "pmid"}).meaning("PubMed")
        'pmid'
        """
        return self.values.get(code.strip().casefold(), self.default)


@dataclass(frozen=True, slots=True)
class Profile:
    """A source table, described.

    :ivar id: its name in IRIs and commands (`dress`).
    :ivar file: its name beside the profile, or in `data/`.
    :ivar language: BCP 47, of the table's text.
    :ivar publication: the guideline's `ref` among the publications; :ivar doi: its DOI.
    :ivar published: the guideline or database itself, where the register does not hold it: `title`,
        `first_author`, `journal`, `year`, `volume`, `issue`, `pages`, `doi`, `pmid`, `pmcid`.
    :ivar condition: what the whole table is about, None where a column says it for each row.
    :ivar condition_ids: what stands before a printed condition id to make it an IRI.
    :ivar rating_scale: the id of the scale of levels and grades, or None;
        :ivar rating_scale_stated: False where the table does not name its scale.
    :ivar key: the fields an item's key is made of.
    :ivar rows: `wrapped` where a row may take several lines (a table out of a PDF), `lines` where each
        line is a row (an export, a marked-up table).
    :ivar rights: whose the table is. :ivar notice: what a reader must know before using any of it.
    :ivar columns: in printed order; the first of kind `name` (else the first) leads a row.
    :ivar section_case: `upper` where bands are in capitals, `any` else, None where there are none.
    :ivar footers: what a whole line of page furniture looks like; :ivar footnotes: of a note's first line.
    :ivar operators: printed value of the operator column, in lower case, to operator.
    :ivar constants: field to a text that holds for every row and stands in no cell.
    :ivar abbreviations: printed form to what it stands for, in this table only.
    :ivar words: words that the general word list lacks.
    :ivar path: the profile's file.
    """

    id: str
    title: str
    file: str
    format: str
    language: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    path: Path
    condition: str | None = None
    condition_ids: str | None = None
    publication: str | None = None
    published: Mapping[str, str | int] | None = None
    doi: str | None = None
    panel: str | None = None
    rating_scale: str | None = None
    rating_scale_stated: bool = False
    rows: str = "wrapped"
    rights: str | None = None
    notice: str | None = None
    reading: Reading = Reading()
    section_case: str | None = None
    footers: tuple[re.Pattern[str], ...] = ()
    footnotes: tuple[re.Pattern[str], ...] = ()
    operators: Mapping[str, str] = dataclass_field(default_factory=lambda: MappingProxyType({}))
    directions: Directions | None = None
    designs: Coded | None = None
    identifiers: Coded | None = None
    constants: Mapping[str, str] = dataclass_field(default_factory=lambda: MappingProxyType({}))
    abbreviations: Mapping[str, str] = dataclass_field(default_factory=lambda: MappingProxyType({}))
    words: frozenset[str] = frozenset()

    @property
    def lead(self) -> Column:
        """The column whose value starts a row."""
        return next((column for column in self.columns if column.kind is ColumnKind.NAME), self.columns[0])

    def column(self, field: str) -> Column | None:
        """The column of that field, or None.

        >>> from dress_kg.profile import load_profile
        >>> load_profile("dress").column("level").header
        'LEVEL EVIDENCE'
        """
        return next((column for column in self.columns if column.field == field), None)

    @property
    def source_file(self) -> Path:
        """The table itself: beside the profile where it is there, else in the shipped `data` folder."""
        beside = self.path.parent / self.file
        return beside if beside.is_file() else resources.folder("data") / self.file
