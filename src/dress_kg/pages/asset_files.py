"""The files that pages need besides themselves: style, scripts, fonts; named by their content."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

_FOLDER = Path(__file__).parent / "assets"
MEDIA = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".woff2": "font/woff2",
    ".txt": "text/plain; charset=utf-8",
    ".md": "text/plain; charset=utf-8",
}


@cache
def hashed(name: str) -> str:
    """The name of an asset with eight digits of its SHA-256, so that it may be kept for ever.

    :raises FileNotFoundError: there is no such asset.
    """
    path = _FOLDER / name
    digest = hashlib.sha256(path.read_bytes()).hexdigest()[:8]
    return str(Path(name).with_name(f"{path.stem}-{digest}{path.suffix}"))


def assets() -> Iterator[str]:
    """The names of all assets, sorted; in folders, with slashes."""
    yield from sorted(path.relative_to(_FOLDER).as_posix() for path in _FOLDER.rglob("*") if path.is_file())


@cache
def _names() -> dict[str, str]:
    return {given: name for name in assets() for given in (name, hashed(name))}


def asset(name: str) -> tuple[bytes, str] | None:
    """An asset's bytes and media type, by its name or its hashed name; None where there is none."""
    found = _names().get(name)
    if found is None:
        return None
    return (_FOLDER / found).read_bytes(), MEDIA.get(Path(found).suffix, "application/octet-stream")
