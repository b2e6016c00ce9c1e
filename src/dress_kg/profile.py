"""The profile: a source table described in TOML (`mappings/<source>.toml`).

A second table comes by a second profile, not by code. Nothing in a profile knows a line number: it
names the columns, says what their values look like, how bands, footers and footnotes are printed, and
which abbreviations hold in that table only.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from dataclasses import field as dataclass_field
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Any

from dress_kg import resources
from dress_kg.errors import ProfileError

FIELDS = (
    "row_id",
    "drug",
    "dose",
    "interval",
    "reference",
    "study_design",
    "patients",
    "comments",
    "level",
    "grade",
)
"""The columns that `interpret` knows. One named `x_…` is carried along without being interpreted."""

FORMATS = ("tsv",)


class ColumnKind(StrEnum):
    """What the values of a column look like; it decides which stray cells count as noise."""

    NAME = "name"  #: a name (of a treatment): the column that starts a row
    TEXT = "text"  #: prose; a lone letter is no value
    CITATION = "citation"  #: a printed citation; initials are part of it
    CODE = "code"  #: a short code, described by `pattern`
    ANY = "any"  #: nothing is assumed


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the table.

    :ivar field: one of :data:`FIELDS`, or `x_…`.
    :ivar header: as printed where the table is well printed; :ivar aliases: other headers it comes under.
    :ivar required: every row has a value here, and the file must have the column.
    :ivar pattern: what a whole value looks like (fullmatch), or None.
    :ivar mark: what a complete value holds exactly once (search), or None.
    """

    field: str
    header: str
    aliases: tuple[str, ...] = ()
    kind: ColumnKind = ColumnKind.ANY
    required: bool = False
    pattern: re.Pattern[str] | None = None
    mark: re.Pattern[str] | None = None


@dataclass(frozen=True, slots=True)
class Profile:
    """A source table, described.

    :ivar id: its name in IRIs and commands (`dress`).
    :ivar file: its name in `data/`.
    :ivar language: BCP 47, of the table's text.
    :ivar publication: the guideline's `ref` among the publications; :ivar doi: its DOI.
    :ivar rating_scale: the id of the scale of levels and grades, or None;
        :ivar rating_scale_stated: False where the table does not name its scale.
    :ivar key: the fields an item's key is made of.
    :ivar rights: whose the table is. :ivar notice: what a reader must know before using any of it.
    :ivar columns: in printed order; the first of kind `name` (else the first) leads a row.
    :ivar section_case: `upper` where bands are in capitals, `any` else, None where there are none.
    :ivar footers: what a whole line of page furniture looks like; :ivar footnotes: of a note's first line.
    :ivar abbreviations: printed form to what it stands for, in this table only.
    :ivar words: words that the general word list lacks.
    :ivar path: the profile's file.
    """

    id: str
    title: str
    file: str
    format: str
    language: str
    condition: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    path: Path
    publication: str | None = None
    doi: str | None = None
    panel: str | None = None
    rating_scale: str | None = None
    rating_scale_stated: bool = False
    rights: str | None = None
    notice: str | None = None
    section_case: str | None = None
    footers: tuple[re.Pattern[str], ...] = ()
    footnotes: tuple[re.Pattern[str], ...] = ()
    abbreviations: Mapping[str, str] = dataclass_field(default_factory=lambda: MappingProxyType({}))
    words: frozenset[str] = frozenset()

    @property
    def lead(self) -> Column:
        """The column whose value starts a row."""
        return next((column for column in self.columns if column.kind is ColumnKind.NAME), self.columns[0])

    def column(self, field: str) -> Column | None:
        """The column of that field, or None.

        >>> load_profile("dress").column("level").header
        'LEVEL EVIDENCE'
        """
        return next((column for column in self.columns if column.field == field), None)

    @property
    def source_file(self) -> Path:
        """The table itself, in the shipped `data` folder."""
        return resources.folder("data") / self.file


def list_profiles() -> tuple[str, ...]:
    """The shipped profiles, by name, sorted.

    >>> "dress" in list_profiles()
    True
    """
    return tuple(sorted(path.stem for path in resources.folder("mappings").glob("*.toml")))


def load_profile(name_or_path: str | Path) -> Profile:
    """The profile of that name (as :func:`list_profiles` has it), or in that file (`….toml`).

    :raises ProfileError: there is none; it is no TOML; a key is unknown, missing or of the wrong type;
        a column is unknown or described twice; a regular expression is wrong.

    >>> load_profile("dress").abbreviations["CS"]
    'corticosteroids'
    """
    path = _locate(name_or_path)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise ProfileError(f"the profile cannot be read ({error.strerror})", file=path) from error
    except UnicodeDecodeError as error:
        raise ProfileError("the profile is not UTF-8", file=path, remedy="save it as UTF-8") from error
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ProfileError(f"not valid TOML: {error}", file=path, remedy="correct the syntax") from error
    return _Reader(path, text).profile(data)


def _locate(name_or_path: str | Path) -> Path:
    path = Path(name_or_path)
    if path.suffix == ".toml" or len(path.parts) != 1:
        if not path.is_file():
            raise ProfileError(
                "there is no such profile file", file=path, remedy="give the path of a .toml file"
            )
        return path
    shipped = resources.folder("mappings") / f"{path.name}.toml"
    if not shipped.is_file():
        names = list_profiles()
        raise ProfileError(
            "there is no such profile",
            value=str(name_or_path),
            remedy=f"{_nearest(path.name, names)}the shipped ones are: {', '.join(names)}; "
            "another is given as the path of its .toml file",
        )
    return shipped


def _nearest(word: str, known: Iterable[str]) -> str:
    found = difflib.get_close_matches(word, [str(name) for name in known], n=1, cutoff=0.6)
    return f"did you mean {found[0]!r}? " if found else ""


_TABLES: Mapping[str, tuple[str, ...]] = {
    "source": (
        "id",
        "title",
        "file",
        "format",
        "language",
        "publication",
        "doi",
        "condition",
        "panel",
        "rating_scale",
        "rating_scale_stated",
        "key",
        "rights",
        "notice",
    ),
    "column": tuple(entry.name for entry in fields(Column)),
    "sections": ("case",),
    "furniture": ("footers", "footnotes"),
    "words": ("known",),
}
_SOURCE_MUST = ("id", "title", "file", "condition", "key")
_COLUMN_MUST = ("field", "header")


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads one profile and says where in its file a fault is, as well as TOML lets us know."""

    path: Path
    text: str

    def profile(self, data: Mapping[str, Any]) -> Profile:
        """The profile of the parsed TOML."""
        self._only_known("the profile", data, (*_TABLES, "abbreviations"))
        source = self._table(data, "source")
        for key in _SOURCE_MUST:
            if key not in source:
                raise self._fault(f"[source] lacks {key!r}", "source", remedy=f"add {key} = …")
        columns = self._columns(data)
        furniture = self._table(data, "furniture")
        sections = self._table(data, "sections")
        stated = source.get("rating_scale_stated", False)
        if not isinstance(stated, bool):
            raise self._fault("rating_scale_stated is true or false", "rating_scale_stated")
        return Profile(
            id=self._identifier(source),
            title=self._string(source, "title"),
            file=self._file(source),
            format=self._choice(source, "format", FORMATS, "tsv"),
            language=self._optional(source, "language") or "en",
            condition=self._string(source, "condition"),
            key=self._key(source, columns),
            columns=columns,
            path=self.path,
            publication=self._optional(source, "publication"),
            doi=self._optional(source, "doi"),
            panel=self._optional(source, "panel"),
            rating_scale=self._optional(source, "rating_scale"),
            rating_scale_stated=stated,
            rights=self._optional(source, "rights"),
            notice=self._optional(source, "notice"),
            section_case=self._choice(sections, "case", ("upper", "any"), "any") if sections else None,
            footers=tuple(self._regex(text, "footers") for text in self._strings(furniture, "footers")),
            footnotes=tuple(self._regex(text, "footnotes") for text in self._strings(furniture, "footnotes")),
            abbreviations=MappingProxyType(self._abbreviations(data)),
            words=frozenset(word.lower() for word in self._strings(self._table(data, "words"), "known")),
        )

    def _columns(self, data: Mapping[str, Any]) -> tuple[Column, ...]:
        entries = data.get("column")
        if (
            not isinstance(entries, list)
            or not entries
            or not all(isinstance(item, dict) for item in entries)
        ):
            raise self._fault(
                "there is no [[column]]", "column", remedy="describe each column in a [[column]]"
            )
        columns = tuple(self._column(entry) for entry in entries)
        for index, column in enumerate(columns):
            if any(other.field == column.field for other in columns[:index]):
                raise self._fault("the column is described twice", column.field, value=column.field)
        return columns

    def _column(self, entry: Mapping[str, Any]) -> Column:
        self._only_known("[[column]]", entry, _TABLES["column"])
        for key in _COLUMN_MUST:
            if key not in entry:
                shown = ", ".join(f"{name} = {value!r}" for name, value in entry.items())
                raise self._fault(
                    f"a [[column]] lacks {key!r}", "column", value=shown, remedy=f"add {key} = …"
                )
        field = self._string(entry, "field")
        if field not in FIELDS and not re.fullmatch(r"x_[a-z][a-z0-9_]*", field):
            remedy = f"{_nearest(field, FIELDS)}known: {', '.join(FIELDS)}; one to carry along is named x_…"
            raise self._fault("unknown column field", field, value=field, remedy=remedy)
        required = entry.get("required", False)
        if not isinstance(required, bool):
            raise self._fault("required is true or false", field, value=str(required))
        pattern, mark = self._optional(entry, "pattern"), self._optional(entry, "mark")
        return Column(
            field=field,
            header=self._string(entry, "header"),
            aliases=self._strings(entry, "aliases"),
            kind=ColumnKind(self._choice(entry, "kind", tuple(ColumnKind), ColumnKind.ANY)),
            required=required,
            pattern=None if pattern is None else self._regex(pattern, "pattern"),
            mark=None if mark is None else self._regex(mark, "mark"),
        )

    def _identifier(self, source: Mapping[str, Any]) -> str:
        name = self._string(source, "id")
        if not re.fullmatch(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*", name):
            raise self._fault("id goes into IRIs", "id", value=name, remedy="use a-z, 0-9 and single hyphens")
        return name

    def _file(self, source: Mapping[str, Any]) -> str:
        name = self._string(source, "file")
        if Path(name).name != name:
            raise self._fault("file is a name in data/, not a path", "file", value=name)
        return name

    def _key(self, source: Mapping[str, Any], columns: tuple[Column, ...]) -> tuple[str, ...]:
        key = self._strings(source, "key")
        known = [column.field for column in columns]
        for field in key:
            if field not in known:
                remedy = f"{_nearest(field, known)}the columns are: {', '.join(known)}"
                raise self._fault(
                    "key names a column that is not described", "key", value=field, remedy=remedy
                )
        if not key:
            raise self._fault("key is empty", "key", remedy="name the columns that tell one row from another")
        return key

    def _abbreviations(self, data: Mapping[str, Any]) -> dict[str, str]:
        table = self._table(data, "abbreviations")
        return {name: self._string(table, name) for name in table}

    def _table(self, data: Mapping[str, Any], name: str) -> Mapping[str, Any]:
        table = data.get(name, {})
        if not isinstance(table, dict):
            raise self._fault(f"[{name}] is a table", name)
        if name in _TABLES:
            self._only_known(f"[{name}]", table, _TABLES[name])
        return table

    def _only_known(self, where: str, found: Mapping[str, Any], known: tuple[str, ...]) -> None:
        for key in found:
            if key not in known:
                remedy = f"{_nearest(key, known)}known: {', '.join(known)}"
                raise self._fault(f"unknown key in {where}", key, value=key, remedy=remedy)

    def _string(self, table: Mapping[str, Any], key: str) -> str:
        value = table[key]
        if not isinstance(value, str) or not value.strip():
            raise self._fault(f"{key} is a text", key, value=str(value))
        return value

    def _optional(self, table: Mapping[str, Any], key: str) -> str | None:
        return self._string(table, key) if key in table else None

    def _strings(self, table: Mapping[str, Any], key: str) -> tuple[str, ...]:
        value = table.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, str) and item.strip() for item in value):
            raise self._fault(
                f"{key} is a list of texts", key, value=str(value), remedy=f'{key} = ["…", "…"]'
            )
        return tuple(value)

    def _choice(self, table: Mapping[str, Any], key: str, allowed: tuple[str, ...], default: str) -> str:
        value = table.get(key, default)
        if value not in allowed:
            remedy = f"{_nearest(str(value), allowed)}allowed: {', '.join(allowed)}"
            raise self._fault(f"unknown {key}", key, value=str(value), remedy=remedy)
        return str(value)

    def _regex(self, text: str, key: str) -> re.Pattern[str]:
        try:
            return re.compile(text)
        except re.error as error:
            raise self._fault(f"{key} is no regular expression ({error})", key, value=text) from error

    def _fault(
        self, message: str, word: str, *, value: str | None = None, remedy: str | None = None
    ) -> ProfileError:
        """A ProfileError at the first line where the word stands as a key, a table or a value."""
        shown = re.escape(value if value is not None and "\n" not in value else word)
        name = re.escape(word)
        for form in (rf'"{shown}"|\'{shown}\'', rf"^\s*(?:\[+\s*)?[\"']?{name}[\"']?\s*(?:=|\])"):
            for number, line in enumerate(self.text.split("\n"), start=1):
                if re.search(form, line):
                    return ProfileError(message, file=self.path, line=number, value=value, remedy=remedy)
        return ProfileError(message, file=self.path, value=value, remedy=remedy)
