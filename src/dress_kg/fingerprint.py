"""What a row's part of the graph depends on, as digests: of the program, of the source, of the row itself.

Two rows with the same digest, under the same program, make the same quads and tables, byte for byte. A digest
of a row takes in its lines with their numbers and what lies between them, its place, and all that its source
has in common (profile, header, words, publication); what is settled over the whole table (key, publication
cited) and decided by curators is added when it is known.
"""

from __future__ import annotations

import hashlib
import platform
import re
from collections.abc import Iterable
from dataclasses import fields, is_dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path

from dress_kg import __version__
from dress_kg.profile import Profile
from dress_kg.records import Curation
from dress_kg.repair import Layout, Stretch
from dress_kg.resources import folder
from dress_kg.tables.from_evidence import Setting

_LIBRARIES = ("pyoxigraph", "rdflib", "pyshacl", "rapidfuzz", "pyspellchecker")
_SIZE = 12


def environment() -> str:
    """The digest of everything that is not a source: program, libraries, ontology, mappings, dictionaries."""
    libraries = [f"{name} {version(name)}" for name in _LIBRARIES]
    return _digest([__version__, platform.python_version(), *libraries, *_shipped()])


@cache
def _shipped() -> tuple[str, ...]:
    package = Path(__file__).resolve().parent
    ontology, mappings = folder("ontology"), folder("mappings")
    found = [*package.rglob("*.py"), *(path for path in ontology.rglob("*") if path.is_file())]
    # Profiles and decisions of curators are told apart by row.
    found += (p for p in mappings.rglob("*") if p.is_file() and "curation" not in p.parts)
    return tuple(
        f"{path.name} {hashlib.sha256(path.read_bytes()).hexdigest()}"
        for path in sorted(found)
        if path.suffix != ".toml" or path.parent != mappings
    )


def of_source(profile: Profile, file: str, layout: Layout, setting: Setting, fields: frozenset[str]) -> str:
    """The digest of what all rows of a source share.

    :param file: the table's name. :param fields: the columns that the sources of the build have.
    """
    told = profile.path.read_text("utf-8")
    return _digest([told, file, _said(layout), _said(setting), *sorted(fields)])


def of_rows(stretch: Stretch, common: str, whole: bool) -> tuple[str, ...]:
    """The digests of the rows of a stretch by what is printed.

    :param common: the digest of their source. :param whole: whether a row rests on the ones above it.
    """
    start = _digest([common, repr(stretch.lines)]) if whole else common
    found = []
    for ordinal, (indexes, section) in enumerate(
        zip(stretch.rows, stretch.sections, strict=True), stretch.first
    ):
        span = slice(indexes[0], indexes[-1] + 1)
        parts = [start, str(ordinal), repr(section), repr(stretch.lines[span]), repr(stretch.classed[span])]
        found.append(_digest([*parts, repr([index - indexes[0] for index in indexes])]))
    return tuple(found)


def of_settled(printed: str, key: str, publication: str | None, decided: Iterable[Curation]) -> str:
    """The digest of a row, all told.

    :param printed: what :func:`of_rows` says of it. :param decided: the curations of its item.
    """
    return _digest([printed, key, repr(publication), *map(repr, decided)])


def _said(value: object) -> str:
    """A value as text that is the same in every process."""
    if is_dataclass(value) and not isinstance(value, type):
        inner = ",".join(f"{each.name}={_said(getattr(value, each.name))}" for each in fields(value))
        return f"{type(value).__name__}({inner})"
    if isinstance(value, dict):
        return "{" + ",".join(sorted(f"{_said(key)}:{_said(each)}" for key, each in value.items())) + "}"
    if isinstance(value, set | frozenset):
        return "{" + ",".join(sorted(map(_said, value))) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(map(_said, value)) + "]"
    if isinstance(value, re.Pattern):
        return f"/{value.pattern}/{value.flags}"
    return value.name if isinstance(value, Path) else repr(value)


def _digest(parts: Iterable[str]) -> str:
    told = hashlib.blake2b(digest_size=_SIZE)
    for part in parts:
        data = part.encode("utf-8", "surrogatepass")
        told.update(len(data).to_bytes(8, "big") + data)
    return told.hexdigest()
