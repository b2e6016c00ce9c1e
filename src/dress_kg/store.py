"""The published graph on disk: build folders, atomic publishing, and finding the graph to read.

A build folder `DIR` holds `graph.nq`, `tables/`, `report.json`, `store/` and `manifest.json`. They are links
into `DIR/current`, itself a link to the newest folder under `DIR/versions`. A new version is written and
synced beside the old one and published by replacing the one link `current`: a reader sees the old graph or
the new one, and a kill at any moment loses nothing. This is the only module that opens Oxigraph stores on
disk; `integrity` seals a version with its manifest and checks it, `upkeep` looks after the versions.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from dress_kg.errors import CallError, StoreError
from dress_kg.integrity import check_sizes, read_manifest

if TYPE_CHECKING:
    from pyoxigraph import Store

PARTS = ("graph.nq", "tables", "report.json", "store", "manifest.json")
KEPT_VERSIONS = 3
ROLLED_BACK = ".rolled-back"
"""Names the newest version while an older one is the current one."""
ENVIRONMENT = "DRESS_KG_GRAPH"
_WORK = ".work-"


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
    """The newest version in a build folder, its files checked against the manifest by size and footer.

    :raises CallError: there is no build there.
    :raises StoreError: it is not complete: a file of it is missing, cut short or grown.
    """
    current = folder / "current"
    if not (folder / "manifest.json").exists() and not current.exists():
        raise CallError("no dress-kg graph here", file=folder, remedy="dress-kg build --out " + str(folder))
    version = current.resolve() if current.exists() else folder.resolve()
    for _ in range(5):
        try:
            return _open_version(version)
        except StoreError:
            # A slow reader may find its version pruned; then there is a newer one.
            newer = current.resolve() if current.exists() else version
            if newer == version:
                raise
            version = newer
    return _open_version(version)


def _open_version(version: Path) -> Build:
    missing = [part for part in PARTS if not (version / part).exists()]
    if missing:
        raise StoreError(
            f"the build is incomplete: {', '.join(missing)} missing",
            file=version,
            remedy="build the graph again: dress-kg build; or go back: dress-kg store rollback",
        )
    manifest = read_manifest(version)
    check_sizes(version, manifest)
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
    with writing(folder, wait):
        return _publish_locked(folder, fill)


@contextmanager
def working_folder(folder: Path) -> Iterator[Path]:
    """A folder to make a version in, on the disk of the build folder; gone when the work is done.

    What a killed build leaves of it is removed by the next :func:`publish`.

    :raises CallError: the build folder holds something else. :raises StoreError: it cannot be written.
    """
    _check_ours(folder)
    versions = folder / "versions"
    fresh = [each for each in (versions, folder) if not each.exists()]
    try:
        versions.mkdir(parents=True, exist_ok=True)
        work = Path(tempfile.mkdtemp(prefix=_WORK, dir=versions))
        try:
            with (work / ".lock").open("a") as alive:
                fcntl.flock(alive, fcntl.LOCK_EX)
                yield work
        finally:
            shutil.rmtree(work, ignore_errors=True)
    except OSError as error:
        raise _unwritable(error, folder) from error
    finally:
        for each in fresh:
            with suppress(OSError):  # what was published there stays
                each.rmdir()


def _publish_locked(folder: Path, fill: Callable[[Path], None]) -> Build:
    versions = folder / "versions"
    sweep(folder)
    building = versions / f".building-{os.getpid()}"
    building.mkdir()
    try:
        fill(building)
        _sync_tree(building)
        number = max((int(each.name) for each in published(folder)), default=0) + 1
        version = versions / f"{number:06d}"
        building.rename(version)
    finally:
        shutil.rmtree(building, ignore_errors=True)
    _sync(versions)
    make_current(folder, version)
    (versions / ROLLED_BACK).unlink(missing_ok=True)
    _prune(folder, version)
    return open_build(folder)


def make_current(folder: Path, version: Path) -> None:
    """Point readers at a version, by one rename; the writer's lock must be held."""
    _link(folder / "current", Path("versions") / version.name)
    for part in PARTS:
        if not (folder / part).is_symlink():
            _link(folder / part, Path("current") / part)
    _sync(folder)


def published(folder: Path) -> list[Path]:
    """The versions kept in a build folder, oldest first."""
    versions = folder / "versions"
    if not versions.is_dir():
        return []
    return sorted(each for each in versions.iterdir() if each.name.isdigit())


def sweep(folder: Path) -> list[Path]:
    """Remove what killed writers left: half-built versions, finished ones never published, spare links.

    The writer's lock must be held.

    :returns: what was removed.
    """
    versions = folder / "versions"
    spare_links = (each for part in ("current", *PARTS) for each in folder.glob(f".{part}-[0-9]*"))
    works = (each for each in versions.glob(f"{_WORK}*") if _abandoned(each))
    leftovers = [*versions.glob(".building-*"), *works, *spare_links]
    current = folder / "current"
    if current.is_symlink():
        mark = versions / ROLLED_BACK
        newest = mark.read_text("utf-8").strip() if mark.is_file() else current.readlink().name
        leftovers += [each for each in published(folder) if each.name > newest]
    for each in leftovers:
        if each.is_symlink() or each.is_file():
            each.unlink()
        else:
            shutil.rmtree(each, ignore_errors=True)
    return leftovers


def write_store(quads: Path | IO[bytes], store: Path) -> None:
    """Bulk-load N-Quads, in a file or as a stream, into a new store folder, flushed and closed.

    :raises OSError: the disk is full, or the folder cannot be written.
    """
    from pyoxigraph import RdfFormat, Store

    opened = Store(str(store))
    if isinstance(quads, Path):
        opened.bulk_load(path=str(quads), format=RdfFormat.N_QUADS)
    else:
        opened.bulk_load(input=quads, format=RdfFormat.N_QUADS)
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
def writing(folder: Path, wait: float) -> Iterator[None]:
    """Be the one writer of a build folder; the kernel drops the lock when the process dies.

    :param wait: seconds to wait for another writer.
    :raises StoreError: it cannot be written (disk full, permissions), or another build is writing there.
    """
    try:
        (folder / "versions").mkdir(parents=True, exist_ok=True)
        with (folder / ".lock").open("a") as handle:
            _lock(handle, folder, time.monotonic() + wait)
            yield
    except OSError as error:
        raise _unwritable(error, folder) from error


def _unwritable(error: OSError, folder: Path) -> StoreError:
    return StoreError(
        f"the graph cannot be written ({error.strerror or error})",
        file=error.filename or folder,
        remedy="choose another folder with --out, or free some space; what was published before stands",
    )


def _abandoned(work: Path) -> bool:
    """Whether the build that worked there is dead: the kernel has dropped its lock."""
    try:
        with (work / ".lock").open() as handle:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, FileNotFoundError):
        return False
    return True


def _lock(handle: IO[str], folder: Path, deadline: float) -> None:
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise StoreError(
                    "another build is writing to this folder",
                    file=folder,
                    remedy="wait for it to end, or name another folder with --out",
                ) from None
            time.sleep(0.05)


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


def _prune(folder: Path, newest: Path) -> None:
    """Keep the newest few versions; a reader that has an old one open keeps its files."""
    for old in published(folder)[:-KEPT_VERSIONS]:
        if old != newest:
            shutil.rmtree(old, ignore_errors=True)
