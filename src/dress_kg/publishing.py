"""What a published version holds: graph.nq, tables/, report.json, store/ and manifest.json."""

from __future__ import annotations

import json
import platform
import shutil
from collections.abc import Iterable
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dress_kg import __version__
from dress_kg.export import export_tables, write_nquads
from dress_kg.integrity import seal
from dress_kg.store import Build, publish, remember, write_store
from dress_kg.tables import Tables
from dress_kg.validate import ValidationReport

if TYPE_CHECKING:
    from pyoxigraph import Quad

FORMAT = 1
"""Version of the build folder's layout; raised when a reader of an older one would go wrong."""


def publish_build(
    target: Path,
    tables: Tables,
    quads: Iterable[Quad],
    report: ValidationReport,
    manifest: dict[str, Any],
) -> Path:
    """Write a version and make it the current one; returns its folder.

    :raises StoreError: the folder cannot be written; the version before stands.
    """

    def fill(folder: Path) -> None:
        graph = folder / "graph.nq"
        with graph.open("wb") as out:
            write_nquads(quads, out)
        export_tables(tables, folder / "tables")
        _write_json(folder / "report.json", report_json(report))
        write_store(graph, folder / "store")
        seal(folder, manifest)

    published = publish(target, fill)
    remember(target)
    return published.folder


def publish_again(target: Path, build: Build, quads: Iterable[Quad], said: dict[str, Any]) -> Path:
    """Publish a version with the tables and the report of an earlier build and with other quads.

    :param said: entries of the manifest that are new or replaced.
    :raises StoreError: the folder cannot be written; the version before stands.
    """
    earlier = {key: value for key, value in build.manifest.items() if key not in ("files", "seal")}

    def fill(folder: Path) -> None:
        graph = folder / "graph.nq"
        with graph.open("wb") as out:
            number = write_nquads(quads, out)
        shutil.copytree(build.folder / "tables", folder / "tables")
        shutil.copy(build.folder / "report.json", folder / "report.json")
        write_store(graph, folder / "store")
        seal(folder, {**earlier, "quads": number, **said})

    published = publish(target, fill)
    remember(target)
    return published.folder


def report_json(report: ValidationReport) -> dict[str, Any]:
    """The validation report as JSON-ready values; no clock time in it."""
    return {
        "format": FORMAT,
        "conforms": report.conforms,
        "counts": {
            "violation": len(report.violations),
            "warning": len(report.warnings),
            "info": len(report.infos),
        },
        **asdict(report),
    }


def versions() -> dict[str, str]:
    """The versions that a build rests on."""
    libraries = ("pyoxigraph", "rdflib", "pyshacl")
    return {
        "dress-kg": __version__,
        "python": platform.python_version(),
        **{name: version(name) for name in libraries},
    }


def _write_json(path: Path, value: object) -> None:
    text = json.dumps(value, ensure_ascii=False, indent=1, sort_keys=False, default=str)
    path.write_text(text + "\n", "utf-8")
