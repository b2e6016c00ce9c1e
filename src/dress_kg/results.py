"""What a build makes: a published build with what it tells of its sources; and graphs held in memory."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dress_kg.difference import Difference
from dress_kg.findings import Verdict
from dress_kg.profile import Profile
from dress_kg.records import Curation, Evidence, Table
from dress_kg.tables import Tables
from dress_kg.tables.files import read_tables
from dress_kg.tally import Tally
from dress_kg.validate import QualityResult, Severity, ValidationReport

if TYPE_CHECKING:
    from pyoxigraph import Quad


@dataclass(frozen=True, slots=True)
class Source:
    """One source table in memory, read and interpreted.

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
    """A graph in memory.

    :ivar sources: the records it was made of; none where it was read back from a published build.
    :ivar tables: the tidy tables. :ivar quads: what the mapping makes of them, and what follows.
    """

    sources: tuple[Source, ...]
    tables: Tables
    quads: set[Quad]
    report: ValidationReport


@dataclass(frozen=True, slots=True)
class Built:
    """What a build tells of one of its sources.

    :ivar columns: (field, header as printed) in file order. :ivar cited: publications that it cites.
    :ivar stale: curations not applied because their cell's text has changed since.
    """

    profile: Profile
    file: Path
    sha256: str
    columns: tuple[tuple[str, str], ...]
    tally: Tally
    cited: int
    stale: tuple[Curation, ...] = ()


@dataclass(frozen=True, slots=True)
class Result:
    """A published build.

    :ivar folder: the version's own folder. :ivar sources: those built anew.
    :ivar verdict: what the gate says. :ivar quads, :ivar graphs: how many there are.
    :ivar seconds: wall time by stage.
    :ivar difference: to the version before, where the build was made out of it.
    """

    folder: Path
    sources: tuple[Built, ...]
    verdict: Verdict
    quads: int
    graphs: int
    seconds: dict[str, float]
    difference: Difference | None = None

    @property
    def place(self) -> Path:
        """The folder that was asked for: the build's, or that of the parts."""
        return self.folder.parent.parent if self.folder.parent.name == "versions" else self.folder

    @property
    def graph(self) -> Graph:
        """All that was published, read back into memory: for small tables."""
        return read_back(self.folder)


def read_back(folder: Path) -> Graph:
    """The published graph of a version's folder, in memory."""
    from pyoxigraph import RdfFormat, parse

    told = json.loads((folder / "report.json").read_text("utf-8"))
    results = tuple(
        QualityResult(**{**each, "severity": Severity(each["severity"]), "lines": tuple(each["lines"])})
        for each in told["results"]
    )
    names = ("not_applicable", "unmatched", "shapes_checked", "rules_run")
    lists: dict[str, Any] = {name: tuple(told[name]) for name in names}
    report = ValidationReport(results=results, items=told["items"], **lists)
    quads = set(parse(path=str(folder / "graph.nq"), format=RdfFormat.N_QUADS))
    return Graph((), read_tables(folder / "tables", lambda _: True), quads, report)
