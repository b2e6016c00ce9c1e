"""XML fed to expat piece by piece, in time and memory that the file cannot drive up."""

from __future__ import annotations

import xml.parsers.expat
from pathlib import Path
from typing import IO

from dress_kg.errors import SourceError

MAX_TOKEN = 2**20
"""One tag, comment or processing instruction in bytes; text is no token."""

_CHUNK = 2**16


def feed(parser: xml.parsers.expat.XMLParserType, stream: IO[bytes], path: Path, part: str | None) -> None:
    """Parse a stream to its end.

    Expat looks through an unfinished tag or comment anew with every piece it gets (CVE-2023-52425), which
    takes hours where one is made large enough; so the length of what is pending is limited.

    :param part: the part of an archive, for the message.
    :raises SourceError: a tag or comment of more than MAX_TOKEN bytes, or an encoding unknown to expat.
    :raises xml.parsers.expat.ExpatError: the XML is at fault.
    """
    fed = 0
    try:
        while chunk := stream.read(_CHUNK):
            parser.Parse(chunk, False)
            fed += len(chunk)
            if fed - parser.CurrentByteIndex > MAX_TOKEN:
                raise SourceError(
                    f"a tag or comment of more than {MAX_TOKEN:,} bytes in the XML",
                    file=path,
                    line=parser.CurrentLineNumber if part is None else None,
                    value=part,
                    remedy="remove it",
                )
        parser.Parse(b"", True)
    except (LookupError, ValueError) as error:
        raise SourceError(
            f"XML in an encoding that cannot be checked ({error})",
            file=path,
            value=part,
            remedy="save it in UTF-8",
        ) from error
