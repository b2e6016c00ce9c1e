"""Bytes to text, strictly: a file that is not in the encoding it should be in is an error with its place.

Nothing is guessed. A byte order mark or the caller names the encoding, else it is UTF-8; a single-byte
encoding such as cp1252 fits any bytes at all, so only the caller can say that it is one.
"""

from __future__ import annotations

import codecs
import re
from pathlib import Path

from dress_kg.errors import CallError, SourceError

# UTF-32 first: its little-endian mark begins with that of UTF-16.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# Codecs of Python that are no encodings of files; they would turn backslashes or "+" in a cell into others.
_NOT_FOR_FILES = frozenset(
    {"idna", "punycode", "raw-unicode-escape", "unicode-escape", "undefined", "utf-7", "mbcs", "oem"}
)
_LINE_END = re.compile(r"\r\n|\r|\n")


def decode(data: bytes, path: Path, encoding: str | None = None) -> str:
    """The text of a file, without its byte order mark; line ends as they are.

    :param encoding: the declared encoding, any that Python knows for files; None is UTF-8 or what the
        byte order mark says.
    :raises CallError: there is no such encoding.
    :raises SourceError: a byte that the encoding does not know, a byte order mark of another encoding,
        bytes that are UTF-8 although a single-byte encoding is declared, or a NUL.
    """
    mark, marked = next(((m, name) for m, name in _MARKS if data.startswith(m)), (b"", None))
    declared = None if encoding is None else _codec_name(encoding, path)
    if declared and marked and not _agree(declared, marked):
        raise SourceError(
            f"the byte order mark says {marked}, {encoding} is declared",
            file=path,
            line=1,
            remedy=f"declare encoding {marked!r} or none",
        )
    name = marked or declared or "utf-8"
    if declared and not marked and not name.startswith("utf") and _is_longer_utf8(data):
        raise SourceError(
            f"{encoding} is declared, but the bytes are UTF-8", file=path, remedy="declare no encoding"
        )
    text = _strictly(data[len(mark) :], name, path, len(mark))
    if (nul := text.find("\0")) >= 0:
        raise SourceError(
            f"a binary file, or UTF-16 without a byte order mark (a NUL is character {nul + 1:,})",
            file=path,
            line=line_of(text, nul),
            remedy="save the table as text in UTF-8, or declare the encoding (utf-16-le, utf-16-be)",
        )
    return text


def line_of(text: str, offset: int) -> int:
    """The 1-based physical line of a character; LF, CR LF and CR end a line, nothing else does.

    >>> line_of("a\\u2028b\\r\\nc\\rd", 7)
    3
    """
    return len(_LINE_END.findall(text, 0, offset)) + 1


def _codec_name(encoding: str, path: Path) -> str:
    try:
        name = codecs.lookup(encoding).name
        b"abcd".decode(name, "ignore")  # raises LookupError for codecs of bytes to bytes (hex, zip)
    except LookupError as error:
        raise _unknown(encoding, path) from error
    if name.replace("_", "-") in _NOT_FOR_FILES:
        raise _unknown(encoding, path)
    return name


def _unknown(encoding: str, path: Path) -> CallError:
    remedy = "use a name such as utf-8, utf-16, cp1252 or iso8859-15"
    return CallError("no such encoding", file=path, value=encoding, remedy=remedy)


def _agree(declared: str, marked: str) -> bool:
    """True where "utf-16" is declared and the mark says which of the two it is.

    >>> _agree("utf-8-sig", "utf-8"), _agree("utf-16", "utf-16-le"), _agree("cp1252", "utf-8")
    (True, True, False)
    """
    return declared == marked or marked.startswith(declared) or declared == f"{marked}-sig"


def _is_longer_utf8(data: bytes) -> bool:
    """True where the bytes have characters outside ASCII and all of them are good UTF-8.

    Text in a single-byte encoding does that by chance only where each such letter is followed by the
    right signs ("Ã©"), which no language does.
    """
    if data.isascii():
        return False
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _strictly(data: bytes, name: str, path: Path, skipped: int) -> str:
    try:
        return data.decode(name)
    except UnicodeDecodeError as error:
        before = data[: error.start].decode(name, errors="ignore")
        near = data[max(0, error.start - 20) : error.start + 20].decode("latin-1")
        byte = f"byte {skipped + error.start + 1:,} of the file is 0x{data[error.start]:02x}"
        raise SourceError(
            f"not {name} ({byte}: {error.reason})",
            file=path,
            line=line_of(before, len(before)),
            value=near,
            remedy="save the table in UTF-8, or declare the encoding it has (cp1252 is usual on Windows)",
        ) from error
