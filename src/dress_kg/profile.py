"""The profile: a source table described in TOML (`mappings/<source>.toml`).

A second table comes by a second profile, not by code. What can be said in one stands in
`profile_model`; this module finds the file and reads it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from types import MappingProxyType

from dress_kg import resources
from dress_kg.errors import ProfileError
from dress_kg.profile_model import (
    FIELDS,
    FORMATS,
    Coded,
    Column,
    ColumnKind,
    Directions,
    Profile,
    Reading,
)
from dress_kg.profile_toml import Table, TomlFile, nearest
from dress_kg.records import Direction, FindingKind, Operator

__all__ = [
    "FIELDS",
    "FORMATS",
    "Coded",
    "Column",
    "ColumnKind",
    "Directions",
    "Profile",
    "Reading",
    "list_profiles",
    "load_profile",
]


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
    return _Reader(TomlFile.read(_locate(name_or_path))).profile()


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
            remedy=f"{nearest(path.name, names)}the shipped ones are: {', '.join(names)}; "
            "another is given as the path of its .toml file",
        )
    return shipped


_SOURCE = tuple(
    "id title file format language publication doi condition condition_ids panel rating_scale"
    " rating_scale_stated key rows rights notice".split()
)
_SOURCE_MUST = ("id", "title", "file", "key")
_COLUMN_MUST = ("field", "header")
_COLUMN = tuple(entry.name for entry in fields(Column))
_PUBLICATION = tuple("title first_author journal year volume issue pages doi pmid pmcid".split())
_DIRECTION = ("columns", "kind", "voice", "holds_when", "values")
_CODED = ("column", "values", "default")
_FREE = ("operators", "constants", "abbreviations")
_TABLES = ("source", "file", "publication", "column", "sections", "furniture", "words", "direction",
           "study_design", "publication_id", *_FREE)  # fmt: skip
_CONSTANTS = ("drug", "study_design")
"""The fields that a constant may stand for; `condition` has a key of its own in [source]."""


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads one profile; what a value must be is asked of the file."""

    file: TomlFile

    def profile(self) -> Profile:
        """The profile of the parsed TOML."""
        file = self.file
        file.only_known("the profile", file.data, _TABLES)
        source = file.table("source", _SOURCE)
        for key in _SOURCE_MUST:
            if key not in source:
                raise file.fault(f"[source] lacks {key!r}", "source", remedy=f"add {key} = …")
        columns = self._columns()
        furniture = file.table("furniture", ("footers", "footnotes"))
        sections = file.table("sections", ("case",))
        return Profile(
            id=self._identifier(source),
            title=file.string(source, "title"),
            file=self._file(source),
            format=file.choice(source, "format", FORMATS, "tsv"),
            language=file.optional(source, "language") or "en",
            key=self._key(source, columns),
            columns=columns,
            path=file.path,
            condition=self._condition(source, columns),
            condition_ids=file.optional(source, "condition_ids"),
            publication=file.optional(source, "publication"),
            published=self._published(),
            doi=file.optional(source, "doi"),
            panel=file.optional(source, "panel"),
            rating_scale=file.optional(source, "rating_scale"),
            rating_scale_stated=file.flag(source, "rating_scale_stated"),
            rows=file.choice(source, "rows", ("wrapped", "lines"), "wrapped"),
            rights=file.optional(source, "rights"),
            notice=file.optional(source, "notice"),
            reading=self._reading(),
            section_case=file.choice(sections, "case", ("upper", "any"), "any") if sections else None,
            footers=tuple(file.regex(text, "footers") for text in file.strings(furniture, "footers")),
            footnotes=tuple(file.regex(text, "footnotes") for text in file.strings(furniture, "footnotes")),
            operators=self._operators(),
            directions=self._directions(columns),
            designs=self._coded("study_design", columns),
            identifiers=self._coded("publication_id", columns),
            constants=self._constants(columns),
            abbreviations=MappingProxyType(file.texts(file.table("abbreviations"))),
            words=frozenset(word.lower() for word in file.strings(file.table("words", ("known",)), "known")),
        )

    def _columns(self) -> tuple[Column, ...]:
        entries = self.file.data.get("column")
        listed = isinstance(entries, list) and bool(entries)
        if not listed or not all(isinstance(item, dict) for item in entries or ()):
            remedy = "describe each column in a [[column]]"
            raise self.file.fault("there is no [[column]]", "column", remedy=remedy)
        columns = tuple(self._column(entry) for entry in entries or ())
        for index, column in enumerate(columns):
            if any(other.field == column.field for other in columns[:index]):
                raise self.file.fault("the column is described twice", column.field, value=column.field)
        return columns

    def _column(self, entry: Table) -> Column:
        file = self.file
        file.only_known("[[column]]", entry, _COLUMN)
        for key in _COLUMN_MUST:
            if key not in entry:
                shown = ", ".join(f"{name} = {value!r}" for name, value in entry.items())
                remedy = f"add {key} = …"
                raise file.fault(f"a [[column]] lacks {key!r}", "column", value=shown, remedy=remedy)
        field = file.string(entry, "field")
        if field not in FIELDS and not re.fullmatch(r"x_[a-z][a-z0-9_]*", field):
            remedy = f"{nearest(field, FIELDS)}known: {', '.join(FIELDS)}; one to carry along is named x_…"
            raise file.fault("unknown column field", field, value=field, remedy=remedy)
        also = file.strings(entry, "also")
        for other in also:
            if other not in FIELDS:
                remedy = f"{nearest(other, FIELDS)}known: {', '.join(FIELDS)}"
                raise file.fault("unknown field in also", other, value=other, remedy=remedy)
        return Column(
            field=field,
            header=file.string(entry, "header"),
            aliases=file.strings(entry, "aliases"),
            kind=ColumnKind(file.choice(entry, "kind", tuple(ColumnKind), ColumnKind.ANY)),
            required=file.flag(entry, "required", near=field),
            pattern=self._pattern(entry, "pattern"),
            mark=self._pattern(entry, "mark"),
            separator=self._pattern(entry, "separator"),
            empty=file.strings(entry, "empty"),
            fill_down=file.flag(entry, "fill_down", near=field),
            also=also,
        )

    def _pattern(self, entry: Table, key: str) -> re.Pattern[str] | None:
        text = self.file.optional(entry, key)
        return None if text is None else self.file.regex(text, key)

    def _identifier(self, source: Table) -> str:
        name = self.file.string(source, "id")
        if not re.fullmatch(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*", name):
            remedy = "use a-z, 0-9 and single hyphens"
            raise self.file.fault("id goes into IRIs", "id", value=name, remedy=remedy)
        return name

    def _file(self, source: Table) -> str:
        name = self.file.string(source, "file")
        if Path(name).name != name:
            raise self.file.fault("file is a name in data/, not a path", "file", value=name)
        return name

    def _key(self, source: Table, columns: tuple[Column, ...]) -> tuple[str, ...]:
        key = self.file.strings(source, "key")
        if not key:
            remedy = "name the columns that tell one row from another"
            raise self.file.fault("key is empty", "key", remedy=remedy)
        self._described("key", key, columns)
        return key

    def _described(self, where: str, named: tuple[str, ...], columns: tuple[Column, ...]) -> None:
        """Refuse fields that no column has."""
        known = [column.field for column in columns]
        for field in named:
            if field not in known:
                remedy = f"{nearest(field, known)}the columns are: {', '.join(known)}"
                message = f"{where} names a column that is not described"
                raise self.file.fault(message, where, value=field, remedy=remedy)

    def _condition(self, source: Table, columns: tuple[Column, ...]) -> str | None:
        if "condition" in source:
            return self.file.string(source, "condition")
        if not any(column.field == "condition" for column in columns):
            remedy = (
                'add condition = "…", or describe the column that has it for each row (field = "condition")'
            )
            raise self.file.fault("[source] lacks 'condition'", "source", remedy=remedy)
        return None

    def _published(self) -> Mapping[str, str | int] | None:
        table = self.file.table("publication", _PUBLICATION)
        if not table:
            return None
        known: dict[str, str | int] = {key: self.file.string(table, key) for key in table if key != "year"}
        if (year := self.file.number(table, "year")) is not None:
            known["year"] = year
        if "title" not in known:
            raise self.file.fault("[publication] lacks 'title'", "publication", remedy="add title = …")
        return MappingProxyType(known)

    def _reading(self) -> Reading:
        file = self.file
        table = file.table("file", tuple(entry.name for entry in fields(Reading)))
        chosen = table.get("table")
        return Reading(
            sheet=file.optional(table, "sheet"),
            table=file.number(table, "table") if isinstance(chosen, int) else file.optional(table, "table"),
            encoding=file.optional(table, "encoding"),
            delimiter=table.get("delimiter") and str(table["delimiter"]),
            header_rows=file.number(table, "header_rows"),
        )

    def _operators(self) -> Mapping[str, str]:
        table = self.file.table("operators")
        allowed = tuple(each.value for each in Operator)
        return MappingProxyType(
            {printed.casefold(): self.file.choice(table, printed, allowed, "") for printed in table}
        )

    def _directions(self, columns: tuple[Column, ...]) -> Directions | None:
        file, table = self.file, self.file.table("direction", _DIRECTION)
        if not table:
            return None
        named, holds_when = file.strings(table, "columns"), file.strings(table, "holds_when")
        self._described("columns", named, columns)
        self._described("holds_when", holds_when, columns)
        values: dict[tuple[str, ...], str] = {}
        allowed = tuple(each.value for each in Direction)
        for entry in table.get("values", []):
            if not isinstance(entry, list) or len(entry) != len(named) + 1:
                remedy = "one printed value for each of `columns`, then the direction"
                raise file.fault(
                    "an entry of values has another length", "values", value=str(entry), remedy=remedy
                )
            *printed, direction = (str(part) for part in entry)
            file.choice({"direction": direction}, "direction", allowed, "")
            values[tuple(part.casefold() for part in printed)] = direction
        kind = file.choice(table, "kind", tuple(each.value for each in FindingKind), "reported outcome")
        return Directions(named, MappingProxyType(values), kind, file.optional(table, "voice"), holds_when)

    def _coded(self, name: str, columns: tuple[Column, ...]) -> Coded | None:
        file, table = self.file, self.file.table(name, _CODED)
        if not table:
            return None
        column = file.optional(table, "column")
        if column is not None:
            self._described("column", (column,), columns)
        values = table.get("values", {})
        if not isinstance(values, dict):
            raise file.fault("values is a table", "values", remedy='values = { "printed" = "meaning" }')
        meanings = {printed.casefold(): meaning for printed, meaning in file.texts(values).items()}
        return Coded(column, MappingProxyType(meanings), file.optional(table, "default"))

    def _constants(self, columns: tuple[Column, ...]) -> Mapping[str, str]:
        table = self.file.table("constants", _CONSTANTS)
        for field in table:
            if any(column.field == field for column in columns):
                raise self.file.fault("a constant for a field that a column has", field, value=field)
        return MappingProxyType(self.file.texts(table))
