"""What a version keeps for the next build, and what of it still holds.

Beside its graph a version has a folder `rows`: an index (what the build rested on, counts, the verdict) and
the notes of each source's rows (`rownotes`). It holds where the program and all it ships are the same, and
the same sources are built; then only rows whose digests differ are read again (`rebuild`).
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from dress_kg.findings import Findings, Verdict
from dress_kg.fingerprint import environment
from dress_kg.profile import Profile
from dress_kg.records import Curation
from dress_kg.results import Built, Result
from dress_kg.rownotes import FOLDER
from dress_kg.store import Build, open_build
from dress_kg.tally import Tally
from dress_kg.validate import Severity

_FORMAT = 1
_INDEX = "index.json"


@dataclass(slots=True)
class SourceIndex:
    """What is kept of one source as a whole.

    :ivar told: the digest of its profile and its curations. :ivar furniture: the lines that are in no row.
    """

    file: str
    sha256: str
    told: str
    columns: tuple[tuple[str, str], ...]
    cited: int
    furniture: tuple[int, ...]
    tally: Tally
    stale: tuple[Curation, ...] = ()


@dataclass(slots=True)
class Index:
    """What a version rests on, and what was counted of it.

    :ivar environment: as `fingerprint.environment` says. :ivar graphs: how many named graphs there are.
    """

    environment: str
    base: str
    fields: frozenset[str]
    quads: int = 0
    graphs: int = 0
    verdict: Verdict = field(default_factory=Verdict)
    sources: dict[str, SourceIndex] = field(default_factory=dict)


def index_of(
    built: Sequence[Built],
    furniture: Mapping[str, tuple[int, ...]],
    curations: Mapping[str, tuple[Curation, ...]],
    index: Index,
) -> Index:
    """The index with its sources. :param furniture: and :param curations: by source."""
    for each in built:
        source = each.profile.id
        index.sources[source] = SourceIndex(
            file=each.file.name,
            sha256=each.sha256,
            told=told_of(each.profile, curations[source]),
            columns=each.columns,
            cited=each.cited,
            furniture=furniture[source],
            tally=each.tally,
            stale=each.stale,
        )
    return index


def told_of(profile: Profile, curations: Iterable[Curation]) -> str:
    """The digest of what is said of a source beside its table."""
    told = hashlib.sha256(profile.path.read_bytes())
    told.update(repr(list(curations)).encode("utf-8"))
    return told.hexdigest()


def write_index(index: Index, work: Path, notes: Mapping[str, Sequence[Path]]) -> None:
    """Write the index and the notes into `work/rows`.

    :param notes: by source the files of its rows' notes, in their order.
    :raises OSError: the disk is full, or the folder cannot be written.
    """
    place = work / FOLDER
    place.mkdir()
    for source, files in notes.items():
        with (place / f"{source}.jsonl").open("wb") as out:
            for path in files:
                with path.open("rb") as part:
                    shutil.copyfileobj(part, out, 2**20)
    (place / _INDEX).write_text(
        json.dumps(_as_json(index), ensure_ascii=False, default=str, sort_keys=True), "utf-8"
    )


def earlier_build(target: Path, ids: frozenset[str], base: str) -> tuple[Build, Index] | None:
    """The current version of a build folder and its index, where all of it may be taken over.

    :param ids: the sources to be built.
    :raises StoreError: the build there is damaged.
    """
    if not (target / "manifest.json").exists():
        return None
    build = open_build(target)
    path = build.folder / FOLDER / _INDEX
    if not path.exists() or frozenset(build.manifest.get("sources", {})) != ids:
        return None
    told = json.loads(path.read_text("utf-8"))
    if told.get("format") != _FORMAT or told["environment"] != environment() or told["base"] != base:
        return None
    index = _from_json(told)
    return (build, index) if frozenset(index.sources) == ids else None


def standing(
    build: Build, index: Index, tables: Iterable[tuple[Profile, Path, tuple[Curation, ...]]]
) -> Result | None:
    """The published version, where nothing that it rests on has changed; None where something has."""
    built = []
    for profile, file, curations in tables:
        kept = index.sources[profile.id]
        if kept.file != file.name or kept.told != told_of(profile, curations):
            return None
        with file.open("rb") as handle:
            if hashlib.file_digest(handle, "sha256").hexdigest() != kept.sha256:
                return None
        built.append(Built(profile, file, kept.sha256, kept.columns, kept.tally, kept.cited, kept.stale))
    return Result(build.folder, tuple(built), index.verdict, index.quads, index.graphs, {})


def _as_json(index: Index) -> dict[str, Any]:
    verdict = index.verdict
    return {
        "format": _FORMAT,
        "environment": index.environment,
        "base": index.base,
        "fields": sorted(index.fields),
        "quads": index.quads,
        "graphs": index.graphs,
        "verdict": {
            "severities": {str(name): number for name, number in verdict.found.severities.items()},
            "doubts": verdict.found.doubts,
            "items": verdict.items,
            **{name: sorted(getattr(verdict, name)) for name in _LISTS},
        },
        "sources": {
            source: {
                **{name: getattr(kept, name) for name in _PLAIN},
                "tally": kept.tally.told(),
                "stale": [asdict(each) for each in kept.stale],
            }
            for source, kept in index.sources.items()
        },
    }


_LISTS = ("not_applicable", "applied", "shapes_checked", "rules_run")
_PLAIN = ("file", "sha256", "told", "columns", "cited", "furniture")


def _from_json(told: dict[str, Any]) -> Index:
    said = told["verdict"]
    severities = Counter({Severity(name): number for name, number in said["severities"].items()})
    verdict = Verdict(
        found=Findings(severities, Counter(said["doubts"])),
        items=said["items"],
        **{name: frozenset(said[name]) for name in _LISTS},
    )
    sources = {
        source: SourceIndex(
            **{
                **{name: each[name] for name in _PLAIN},
                "columns": tuple((field_, printed) for field_, printed in each["columns"]),
                "furniture": tuple(each["furniture"]),
                "tally": _tally(each["tally"]),
                "stale": tuple(Curation(**one) for one in each["stale"]),
            }
        )
        for source, each in told["sources"].items()
    }
    return Index(
        environment=told["environment"],
        base=told["base"],
        fields=frozenset(told["fields"]),
        quads=told["quads"],
        graphs=told["graphs"],
        verdict=verdict,
        sources=sources,
    )


def _tally(told: dict[str, Any]) -> Tally:
    tally = Tally()
    tally.add_told(told)
    return tally
