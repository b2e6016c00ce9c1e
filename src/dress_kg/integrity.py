"""Is a version on disk what was published? Its manifest lists every file, and is itself sealed.

`seal` writes `manifest.json`, `check_sizes` is the quick look at every opening (sizes, and the footers of the
store's tables), `damage` the full one (SHA-256 of every byte), since a store opens with flipped bits in it.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dress_kg.errors import StoreError

MANIFEST = "manifest.json"
_FOOTER = bytes.fromhex("f7cff485b741e288")
"""The last bytes of every RocksDB table file (its block-based format's magic number)."""
_SEAL = b' "seal": "'
_REMEDY = "go back: dress-kg store rollback; or build the graph again in a new folder (--out)"


@dataclass(frozen=True, slots=True)
class Damage:
    """A file that is not as published. :ivar file: its path in the version. :ivar fault: what is wrong."""

    file: str
    fault: str


def describe_files(version: Path, known: Mapping[str, str] | None = None) -> dict[str, dict[str, Any]]:
    """Size and SHA-256 of every file of a version, by its path there, sorted.

    :param known: hashes that are known, by path: of files that were hashed as they were written, or that are
        those of another version.
    """
    files, had = _files(version), known or {}
    with ThreadPoolExecutor(os.cpu_count() or 1) as threads:  # hashing leaves the interpreter to others
        hashes = threads.map(lambda file: had.get(file[0]) or sha256(file[1]), files)
        return {
            name: {"bytes": path.stat().st_size, "sha256": found}
            for (name, path), found in zip(files, hashes, strict=True)
        }


def sha256(path: Path) -> str:
    """The hash of a file's bytes, in hexadecimal."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def seal(version: Path, manifest: dict[str, Any], known: Mapping[str, str] | None = None) -> None:
    """Write the manifest with all files of the version, and with a seal over its own bytes.

    :param known: as for :func:`describe_files`.
    """
    whole = {**manifest, "files": describe_files(version, known)}
    body = json.dumps(whole, ensure_ascii=False, indent=1, default=str).removesuffix("\n}").encode() + b",\n"
    (version / MANIFEST).write_bytes(body + _SEAL + hashlib.sha256(body).hexdigest().encode() + b'"\n}\n')


def read_manifest(version: Path) -> dict[str, Any]:
    """The manifest of a version; one without any seal was written before there were seals, and opens.

    :raises StoreError: it cannot be read, or is not as it was sealed.
    """
    path = version / MANIFEST
    try:
        data = path.read_bytes()
        manifest = json.loads(data)
    except (OSError, ValueError) as error:
        raise StoreError(f"the manifest cannot be read ({error})", file=path, remedy=_REMEDY) from error
    if not isinstance(manifest, dict) or ("seal" in manifest and not sealed(data)):
        raise StoreError("the manifest is not as it was written", file=path, remedy=_REMEDY)
    return manifest


def sealed(data: bytes) -> bool:
    """Whether the bytes of a manifest are those that were sealed."""
    body, mark, rest = data.rpartition(_SEAL)
    return bool(mark) and rest == hashlib.sha256(body).hexdigest().encode() + b'"\n}\n'


def check_sizes(version: Path, manifest: dict[str, Any]) -> None:
    """The quick check: every file is there in its size, and every table of the store ends as one does.

    :raises StoreError: names the first file at fault.
    """
    for name, told in manifest.get("files", {}).items():
        path = version / name
        fault = _size_fault(path, told["bytes"])
        if fault:
            raise StoreError(f"the file {fault}", file=path, remedy=_REMEDY)


def _size_fault(path: Path, size: int) -> str | None:
    try:
        found = path.stat().st_size
    except OSError:
        return "is missing"
    if found != size:
        return f"is damaged: {found:,} bytes, {size:,} were published"
    if path.suffix == ".sst" and size >= len(_FOOTER):
        with path.open("rb") as handle:
            handle.seek(-len(_FOOTER), os.SEEK_END)
            if handle.read() != _FOOTER:
                return "is damaged: it does not end as a table of the store does"
    return None


def damage(version: Path) -> list[Damage]:
    """The full check: every file that is missing, changed or was never published; none is a sound version.

    :raises StoreError: the manifest cannot be read or is not as it was sealed.
    """
    listed: dict[str, Any] = read_manifest(version).get("files", {})
    found = dict(_files(version))
    faults = [] if sealed((version / MANIFEST).read_bytes()) else [Damage(MANIFEST, "is not sealed")]
    faults += [Damage(name, "not in the manifest") for name in found if name not in listed]
    for name, told in listed.items():
        fault = _size_fault(version / name, told["bytes"])
        if fault is None and sha256(version / name) != told["sha256"]:
            fault = "is damaged: its SHA-256 is not that of the manifest"
        if fault:
            faults.append(Damage(name, fault))
    return sorted(faults, key=lambda each: each.file)


def _files(version: Path) -> list[tuple[str, Path]]:
    paths = sorted(path for path in version.rglob("*") if path.is_file() and path != version / MANIFEST)
    return [(path.relative_to(version).as_posix(), path) for path in paths]
