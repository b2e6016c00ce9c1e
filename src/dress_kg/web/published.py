"""Which version of the graph is served: the one that is published now, looked up anew for each request."""

from __future__ import annotations

import hashlib
import logging
from dataclasses import dataclass
from pathlib import Path

from dress_kg.errors import StoreError
from dress_kg.integrity import MANIFEST
from dress_kg.store import open_build
from dress_kg.terms import DATA

_log = logging.getLogger("dress_kg.web")


@dataclass(frozen=True, slots=True)
class Version:
    """A published version.

    :ivar name: its number. :ivar digest: of its manifest, so of all its files. :ivar base: of its data IRIs.
    """

    folder: Path
    name: str
    digest: str
    base: str


class Published:
    """The versions of a build folder; a damaged new one is not served, the old one stays.

    :ivar fault: why the newest version is not served, or None.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.fault: str | None = None
        self._seen = self._link()
        self._version = self._open()

    def version(self) -> Version:
        """The version that is served now."""
        link = self._link()
        if link != self._seen:
            try:
                self._version = self._open()
                self.fault = None
                _log.info("serving version %s", self._version.name)
            except StoreError as error:
                self.fault = error.message
                _log.error("the new version is not served: %s", error)
            self._seen = link
        return self._version

    def _open(self) -> Version:
        build = open_build(self.folder)
        manifest = (build.folder / MANIFEST).read_bytes()
        base = str(build.manifest.get("base", DATA))
        return Version(build.folder, build.folder.name, hashlib.sha256(manifest).hexdigest()[:16], base)

    def _link(self) -> Path | None:
        try:
            return (self.folder / "current").readlink()
        except OSError:
            return None
