"""The published graph on disk: build folders, atomic publishing, and finding the graph to read.

A build folder `DIR` holds `graph.nq`, `tables/`, `report.json`, `store/` and `manifest.json`. They are links
into `DIR/current`, itself a link to the newest folder under `DIR/versions`. A new version is written and
synced beside the old one and published by replacing the one link `current`: a reader sees the old graph or
the new one, and a kill at any moment loses nothing. This is the only module that opens Oxigraph stores on
disk.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dress_kg.errors import CallError, StoreError

if TYPE_CHECKING:
    from pyoxigraph import Store

PARTS = ("graph.nq", "tables", "report.json", "store", "manifest.json")
KEPT_VERSIONS = 3
ENVIRONMENT = "DRESS_KG_GRAPH"


@dataclass(frozen=True, slots=True)
class Build:
    """One published version, resolved once so that everything read through it belongs together.

    :ivar folder: the version's own folder (not the link).
    :ivar manifest: hashes, versions, counts and times.
    """

    folder: Path
    manifest: dict[str, Any]

    @property
    def graph_file(self) -> Path:
        """The sorted N-Quads."""
        return self.folder / "graph.nq"

    def store(self) -> Store:
        """The Oxigraph store, opened read-only.

        :raises StoreError: it cannot be opened.
        """
        from pyoxigraph import Store

        try:
            return Store.read_only(str(self.folder / "store"))
        except (OSError, ValueError) as error:
            raise StoreError(
                f"the store cannot be opened ({error})",
                file=self.folder / "store",
                remedy="build the graph again: dress-kg build",
            ) from error


def open_build(folder: Path) -> Build:
    """The newest version in a build folder.

    :raises StoreError: there is no complete build there.
    """
    current = folder / "current"
    if not (folder / "manifest.json").exists() and not current.exists():
        raise StoreError(
            "no dress-kg graph here", file=folder, remedy="dress-kg build --out " + str(folder)
        )
    version = current.resolve() if current.exists() else folder.resolve()
    missing = [part for part in PARTS if not (version / part).exists()]
    if missing:
        raise StoreError(
            f"the build is incomplete: {', '.join(missing)} missing",
            file=version,
            remedy="build the graph again: dress-kg build",
        )
    try:
        manifest = json.loads((version / "manifest.json").read_text("utf-8"))
    except ValueError as error:
        raise StoreError(f"the manifest cannot be read ({error})", file=version / "manifest.json") from error
    return Build(version, manifest)


def user_folder() -> Path:
    """Where the default graph and the note of the last published build are kept."""
    from platformdirs import user_data_path

    return user_data_path("dress-kg", appauthor=False)


def default_out() -> Path:
    """Where `build` publishes when no folder is named."""
    return user_folder() / "graph"


def last_published() -> Path | None:
    """The folder of the last published build, or None; a folder that is gone does not count."""
    note = user_folder() / "last-build"
    if not note.is_file():
        return None
    folder = Path(note.read_text("utf-8").strip())
    return folder if (folder / "manifest.json").exists() else None


def remember(folder: Path) -> None:
    """Record the folder as the last published build; a read-only home is no reason to fail."""
    try:
        user_folder().mkdir(parents=True, exist_ok=True)
        (user_folder() / "last-build").write_text(str(folder.resolve()) + "\n", "utf-8")
    except OSError:
        return


def find_graph(option: str | None) -> Path | None:
    """The build folder to read: the option, else `$DRESS_KG_GRAPH`, else the last published build."""
    named = option or os.environ.get(ENVIRONMENT)
    return Path(named) if named else last_published()


def publish(folder: Path, fill: Callable[[Path], None], *, wait: float = 10.0) -> Build:
    """Fill a new version and make it the current one in one step.

    :param fill: writes every part into the folder it is given; what it raises leaves the old version.
    :param wait: seconds to wait for another writer.
    :raises CallError: the folder holds something else.
    :raises StoreError: it cannot be written, or another build is writing there.
    """
    _check_ours(folder)
    try:
        (folder / "versions").mkdir(parents=True, exist_ok=True)
        with _lock(folder, wait):
            return _publish_locked(folder, fill)
    except OSError as error:
        raise StoreError(
            f"the graph cannot be written ({error.strerror or error})",
            file=error.filename or folder,
            remedy="choose another folder with --out, or free some space; what was published before stands",
        ) from error


def _publish_locked(folder: Path, fill: Callable[[Path], None]) -> Build:
    versions = folder / "versions"
    for leftover in versions.glob(".building-*"):
        shutil.rmtree(leftover, ignore_errors=True)
    building = versions / f".building-{os.getpid()}"
    building.mkdir()
    try:
        fill(building)
        _sync_tree(building)
        number = max((int(v.name) for v in versions.iterdir() if v.name.isdigit()), default=0) + 1
        version = versions / f"{number:06d}"
        building.rename(version)
    finally:
        shutil.rmtree(building, ignore_errors=True)
    _sync(versions)
    _link(folder / "current", Path("versions") / version.name)
    for part in PARTS:
        if not (folder / part).is_symlink():
            _link(folder / part, Path("current") / part)
    _sync(folder)
    _prune(versions, version)
    return open_build(folder)


def write_store(quads: Path, store: Path) -> None:
    """Bulk-load an N-Quads file into a new store folder, flushed and closed."""
    from pyoxigraph import RdfFormat, Store

    opened = Store(str(store))
    opened.bulk_load(path=str(quads), format=RdfFormat.N_QUADS)
    opened.flush()
    del opened


def _check_ours(folder: Path) -> None:
    if folder.exists() and not folder.is_dir():
        raise CallError("not a folder", file=folder, remedy="name a folder with --out")
    if folder.is_dir():
        ours = {"versions", "current", ".lock", *PARTS}
        others = sorted(entry.name for entry in folder.iterdir() if entry.name not in ours)
        if others and not (folder / "versions").is_dir():
            raise CallError(
                "the folder is not empty and holds no dress-kg build",
                file=folder,
                value=", ".join(others[:5]),
                remedy="name a new or empty folder with --out",
            )


@contextmanager
def _lock(folder: Path, wait: float) -> Iterator[None]:
    """Hold the folder's writer lock; the kernel drops it when the process dies."""
    with (folder / ".lock").open("a") as handle:
        deadline = time.monotonic() + wait
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise StoreError(
                        "another build is writing to this folder",
                        file=folder,
                        remedy="wait for it to end, or name another folder with --out",
                    ) from None
                time.sleep(0.05)
        yield


def _link(link: Path, target: Path) -> None:
    """Make or replace a symbolic link in one step."""
    fresh = link.with_name(f".{link.name}-{os.getpid()}")
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(target)
    fresh.replace(link)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _sync_tree(folder: Path) -> None:
    for path in sorted(folder.rglob("*"), reverse=True):
        if not path.is_symlink():
            _sync(path)
    _sync(folder)


def _prune(versions: Path, newest: Path) -> None:
    """Keep the newest few versions; a reader that has an old one open keeps its files."""
    numbered = sorted(v for v in versions.iterdir() if v.name.isdigit())
    for old in numbered[:-KEPT_VERSIONS]:
        if old != newest:
            shutil.rmtree(old, ignore_errors=True)
