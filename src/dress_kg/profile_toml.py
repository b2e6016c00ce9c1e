"""Typed values out of a TOML file, and faults that name the line and the nearest known word."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dress_kg.errors import ProfileError

Table = Mapping[str, Any]


def nearest(word: str, known: Iterable[str]) -> str:
    """A remedy's beginning: the known word that may have been meant, or "".

    >>> nearest("conditon", ["condition", "title"])
    "did you mean 'condition'? "
    """
    found = difflib.get_close_matches(word, [str(name) for name in known], n=1, cutoff=0.6)
    return f"did you mean {found[0]!r}? " if found else ""


@dataclass(frozen=True, slots=True)
class TomlFile:
    """A parsed TOML file. All its methods raise ProfileError where a value is of the wrong kind.

    :ivar text: the file as written, by which a fault finds its line.
    """

    path: Path
    text: str
    data: Table

    @classmethod
    def read(cls, path: Path) -> TomlFile:
        """The file, parsed.

        :raises ProfileError: it cannot be read, is not UTF-8 or no TOML.
        """
        try:
            text = path.read_text(encoding="utf-8-sig")
        except OSError as error:
            raise ProfileError(f"the profile cannot be read ({error.strerror})", file=path) from error
        except UnicodeDecodeError as error:
            raise ProfileError("the profile is not UTF-8", file=path, remedy="save it as UTF-8") from error
        try:
            return cls(path, text, tomllib.loads(text))
        except tomllib.TOMLDecodeError as error:
            raise ProfileError(f"not valid TOML: {error}", file=path, remedy="correct the syntax") from error

    def table(self, name: str, known: Iterable[str] | None = None) -> Table:
        """The table `[name]`, {} where there is none; None for `known` allows any key."""
        table = self.data.get(name, {})
        if not isinstance(table, dict):
            raise self.fault(f"[{name}] is a table", name)
        if known is not None:
            self.only_known(f"[{name}]", table, tuple(known))
        return table

    def only_known(self, where: str, found: Table, known: tuple[str, ...]) -> None:
        """Refuse keys that nobody reads."""
        for key in found:
            if key not in known:
                remedy = f"{nearest(key, known)}known: {', '.join(known)}"
                raise self.fault(f"unknown key in {where}", key, value=key, remedy=remedy)

    def string(self, table: Table, key: str) -> str:
        """A text that is not blank."""
        value = table[key]
        if not isinstance(value, str) or not value.strip():
            raise self.fault(f"{key} is a text", key, value=str(value))
        return value

    def optional(self, table: Table, key: str) -> str | None:
        """A text, or None where the key is absent."""
        return self.string(table, key) if key in table else None

    def strings(self, table: Table, key: str) -> tuple[str, ...]:
        """A list of texts, () where the key is absent."""
        value = table.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, str) and item.strip() for item in value):
            remedy = f'{key} = ["…", "…"]'
            raise self.fault(f"{key} is a list of texts", key, value=str(value), remedy=remedy)
        return tuple(value)

    def texts(self, table: Table) -> dict[str, str]:
        """All keys of a table, each with its text."""
        return {name: self.string(table, name) for name in table}

    def flag(self, table: Table, key: str, near: str | None = None) -> bool:
        """True or false; false where the key is absent. `near` is a word beside which a fault is shown."""
        value = table.get(key, False)
        if not isinstance(value, bool):
            raise self.fault(f"{key} is true or false", near or key, value=str(value))
        return value

    def number(self, table: Table, key: str) -> int | None:
        """A whole number above zero, or None where the key is absent."""
        value = table.get(key)
        if value is not None and (isinstance(value, bool) or not isinstance(value, int) or value < 1):
            raise self.fault(f"{key} is a whole number above zero", key, value=str(value))
        return value

    def choice(self, table: Table, key: str, allowed: Iterable[str], default: str) -> str:
        """One of the allowed texts."""
        value, known = table.get(key, default), tuple(allowed)
        if value not in known:
            remedy = f"{nearest(str(value), known)}allowed: {', '.join(known)}"
            raise self.fault(f"unknown {key}", key, value=str(value), remedy=remedy)
        return str(value)

    def regex(self, text: str, key: str) -> re.Pattern[str]:
        """A regular expression, compiled."""
        try:
            return re.compile(text)
        except re.error as error:
            raise self.fault(f"{key} is no regular expression ({error})", key, value=text) from error

    def fault(
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
