"""What a build makes: sources read, the graph before it is published, and the published build."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from dress_kg.profile import Profile
from dress_kg.records import Curation, Evidence, Table
from dress_kg.tables import Tables
from dress_kg.validate import ValidationReport

if TYPE_CHECKING:
    from pyoxigraph import Quad


@dataclass(frozen=True, slots=True)
class Source:
    """One source table, read and interpreted.

    :ivar stale: curations not applied because their cell's text has changed since.
    """

    profile: Profile
    file: Path
    sha256: str
    table: Table
    evidence: tuple[Evidence, ...]
    stale: tuple[Curation, ...] = ()


@dataclass(frozen=True, slots=True)
class Graph:
    """All that is published, before it is.

    :ivar tables: the tidy tables, of kept sources too. :ivar quads: what the mapping makes of them.
    """

    sources: tuple[Source, ...]
    tables: Tables
    quads: set[Quad]
    report: ValidationReport


@dataclass(frozen=True, slots=True)
class Result:
    """A published build. :ivar seconds: wall time by stage."""

    folder: Path
    graph: Graph
    seconds: dict[str, float]
