"""The zip around an XLSX workbook, looked at before any library parses it.

A workbook of a few kilobytes can unpack to gigabytes, and its XML can define entities that grow without
end. Sizes, ratios and document types are checked here, in streams; nothing is unpacked whole.
"""

from __future__ import annotations

import xml.parsers.expat
import zipfile
import zlib
from pathlib import Path
from typing import IO

from dress_kg.errors import SourceError
from dress_kg.readers.xmlstream import feed

MAX_ENTRIES = 5_000
MAX_UNPACKED = 512 * 2**20
"""All parts of a workbook together."""

MAX_PART = 16 * 2**20
"""One XML part that is parsed into a tree (styles, workbook); sheets and shared strings are streamed."""

MAX_RATIO = 200
"""Unpacked to packed, for parts over MAX_RATIO_FROM; repetitive real sheets stay below 100."""

MAX_RATIO_FROM = 4 * 2**20

_STREAMED = ("worksheet", "sst")
_COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


class _RootSeenError(Exception):
    """Stops expat at the root element; its name is the argument."""


def check_archive(stream: IO[bytes], path: Path) -> None:
    """Refuse a workbook that is none, or that is made to exhaust whoever opens it.

    :param stream: the open file; its position is not kept.
    :raises SourceError: not a zip, encrypted, damaged, too many parts, a part or the whole too large, a
        part packed more tightly than any real one, or a part with a document type declaration.
    """
    stream.seek(0)
    if stream.read(8) == _COMPOUND:
        raise SourceError(
            "an old .xls workbook or one with a password",
            file=path,
            remedy="save it as .xlsx without a password",
        )
    try:
        with zipfile.ZipFile(stream) as archive:
            entries = archive.infolist()
            _check_sizes(entries, path)
            for entry in entries:
                if not entry.is_dir():
                    _check_part(archive, entry, path)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError) as error:
        raise damaged(path, error) from error


def damaged(path: Path, error: BaseException) -> SourceError:
    """The error for a workbook that cannot be opened, with what the library says of it."""
    return SourceError(
        f"not a readable XLSX workbook ({type(error).__name__}: {error})",
        file=path,
        remedy="open it in a spreadsheet program and save it anew as .xlsx",
    )


def _check_sizes(entries: list[zipfile.ZipInfo], path: Path) -> None:
    remedy = "is this a zip bomb? save the table as CSV, or only its sheet as .xlsx"
    if len(entries) > MAX_ENTRIES:
        raise SourceError(f"a workbook of {len(entries):,} parts", file=path, remedy=remedy)
    names = [entry.filename for entry in entries]
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise SourceError("a workbook with the same part twice", file=path, value=twice, remedy=remedy)
    total = sum(entry.file_size for entry in entries)
    if total > MAX_UNPACKED:
        raise SourceError(
            f"the workbook unpacks to {total:,} bytes; at most {MAX_UNPACKED:,} are read",
            file=path,
            remedy=remedy,
        )
    for entry in entries:
        if entry.flag_bits & 1:
            raise SourceError(
                "the workbook is encrypted",
                file=path,
                value=entry.filename,
                remedy="save it without a password",
            )
        packed = max(entry.compress_size, 1)
        if entry.file_size > MAX_RATIO_FROM and entry.file_size > MAX_RATIO * packed:
            raise SourceError(
                f"a part of the workbook unpacks {entry.file_size // packed:,} times its size "
                f"to {entry.file_size:,} bytes",
                file=path,
                value=entry.filename,
                remedy=remedy,
            )


def _check_part(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, path: Path) -> None:
    """Read a part as far as its root element: no document type, and only what is streamed may be big."""
    root: str | None = None
    with archive.open(entry) as part:
        try:
            scan_prolog(part, path, what=entry.filename, external=False)
        except _RootSeenError as seen:
            root = str(seen)
        except xml.parsers.expat.ExpatError:
            pass  # a picture, or XML that is at fault: whoever needs the part will say so
    if root is not None and root not in _STREAMED and entry.file_size > MAX_PART:
        raise SourceError(
            f"a part of the workbook has {entry.file_size:,} bytes; at most {MAX_PART:,} are read",
            file=path,
            value=entry.filename,
            remedy="save only the sheet with the table as .xlsx or CSV",
        )


def prolog_is_safe(stream: IO[bytes], path: Path, encoding: str | None = None) -> None:
    """Refuse XML that declares entities; a document type that only names an outer DTD may stand.

    :param encoding: what the caller declares in place of the XML declaration.
    :raises SourceError: the document type declaration has an internal subset, or an encoding in which
        that cannot be told.
    """
    try:
        scan_prolog(stream, path, what=None, external=True, encoding=encoding)
    except (_RootSeenError, xml.parsers.expat.ExpatError):
        return  # faults of the XML are told by the parser proper, with their place


def scan_prolog(
    stream: IO[bytes], path: Path, *, what: str | None, external: bool, encoding: str | None = None
) -> None:
    """Read XML up to its root element.

    :param what: the part's name, for the message; :param external: a DOCTYPE without an internal
        subset is allowed.
    :raises SourceError: a document type declaration, or what :func:`feed` refuses.
    :raises xml.parsers.expat.ExpatError: the XML is at fault.
    """
    parser = xml.parsers.expat.ParserCreate(encoding, " ")

    def doctype(name: str, system: str | None, public: str | None, internal: int) -> None:
        if internal or not external:
            raise SourceError(
                "a document type declaration, which can define entities that grow without end",
                file=path,
                line=parser.CurrentLineNumber if what is None else None,
                value=what or name,
                remedy="remove the <!DOCTYPE …>",
            )

    def root(name: str, attributes: object) -> None:
        raise _RootSeenError(name.rpartition(" ")[2])

    parser.StartDoctypeDeclHandler = doctype
    parser.StartElementHandler = root
    feed(parser, stream, path, what)
