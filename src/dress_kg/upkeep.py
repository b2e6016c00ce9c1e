"""Looking after a build folder's versions: what is there, is it sound, go back, give back the space."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dress_kg.errors import CallError, StoreError
from dress_kg.integrity import Damage, damage, read_manifest
from dress_kg.store import ROLLED_BACK, make_current, open_build, published, sweep, writing


@dataclass(frozen=True, slots=True)
class Version:
    """A version kept in a build folder.

    :ivar number: 1 for the first one published there. :ivar current: readers get this one.
    :ivar built: when, in UTC, as ISO 8601; None where the manifest cannot be read.
    :ivar bytes: its size on disk.
    """

    number: int
    folder: Path
    current: bool
    built: str | None
    quads: int | None
    sources: tuple[str, ...]
    bytes: int


def list_versions(folder: Path) -> list[Version]:
    """The versions kept, oldest first.

    :raises StoreError: there is no build in the folder.
    """
    kept = published(folder)
    if not kept:
        raise CallError("no dress-kg graph here", file=folder, remedy=f"dress-kg build --out {folder}")
    current = (folder / "current").resolve()
    return [_version(each, each.resolve() == current) for each in kept]


def _version(folder: Path, current: bool) -> Version:
    try:
        manifest: dict[str, Any] = read_manifest(folder)
    except StoreError:
        manifest = {}
    return Version(
        number=int(folder.name),
        folder=folder,
        current=current,
        built=manifest.get("built"),
        quads=manifest.get("quads"),
        sources=tuple(manifest.get("sources", ())),
        bytes=_size(folder),
    )


def verify(folder: Path) -> tuple[Version, list[Damage]]:
    """Every byte of the current version against its manifest; an empty list says that it is sound.

    :raises StoreError: there is no build in the folder.
    """
    version = next((each for each in list_versions(folder) if each.current), None)
    if version is None:
        raise StoreError(
            "no version is the current one", file=folder, remedy="dress-kg store rollback --to N"
        )
    try:
        return version, damage(version.folder)
    except StoreError as error:
        return version, [Damage("manifest.json", error.message)]


def rollback(folder: Path, to: int | None = None, *, wait: float = 10.0) -> Version:
    """Make an older version the current one, by one rename; readers see the one or the other.

    :param to: its number; None is the newest one before the current one.
    :raises CallError: there is no such version.
    :raises StoreError: the version is damaged (the current one stays), or another writer is at work.
    """
    list_versions(folder)
    with writing(folder, wait):
        versions = list_versions(folder)
        now = next((each.number for each in versions if each.current), None)
        older = [each for each in versions if now is None or each.number < now]
        wanted = older[-1:] if to is None else [each for each in versions if each.number == to]
        if not wanted:
            kept = ", ".join(str(each.number) for each in versions)
            raise CallError(
                "there is no older version to go back to" if to is None else "there is no such version",
                file=folder,
                value=None if to is None else str(to),
                remedy=f"versions kept: {kept}",
            )
        faults = damage(wanted[0].folder)
        if faults:
            raise StoreError(
                f"version {wanted[0].number} {faults[0].fault}; nothing was changed",
                file=wanted[0].folder / faults[0].file,
                remedy="choose another version with --to, or build the graph again",
            )
        # Written first: were it missing, the next build would take newer versions for leftovers.
        mark = folder / "versions" / ROLLED_BACK
        if not mark.is_file():
            mark.write_text(f"{versions[-1].folder.name}\n", "utf-8")
        make_current(folder, wanted[0].folder)
    open_build(folder)
    return _version(wanted[0].folder, current=True)


def compact(folder: Path, *, wait: float = 10.0) -> int:
    """Remove all versions but the current one, and what killed writers left.

    A reader that has an older version open keeps its files until it closes them.

    :returns: the bytes given back.
    :raises StoreError: there is no sound build in the folder, or another writer is at work.
    """
    list_versions(folder)
    with writing(folder, wait):
        keep = open_build(folder).folder
        before = _size(folder)
        sweep(folder)
        for each in published(folder):
            if each.resolve() != keep:
                shutil.rmtree(each, ignore_errors=True)
        (folder / "versions" / ROLLED_BACK).unlink(missing_ok=True)
        return before - _size(folder)


def _size(folder: Path) -> int:
    """The bytes of a folder; a file that several versions share counts once."""
    found = (each.lstat() for each in folder.rglob("*") if each.is_file() and not each.is_symlink())
    return sum({(told.st_dev, told.st_ino): told.st_size for told in found}.values())
