"""The picture of the evidence map: drawn by a process of its own, once for each version, and kept.

The workers of the service cannot draw, for the drawing engine needs more address space than they may have;
and the service itself had better not hold that engine. So a process draws, by `dress-kg plot`, and ends. It
sees no text of any request but which of four pictures is asked for.
"""

from __future__ import annotations

import asyncio
import hashlib
import sys
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import Response

from dress_kg.pages.layout import POLICY
from dress_kg.pages.links import ServerLinks
from dress_kg.picture.drawing import linked
from dress_kg.picture.offer import NAMES, missing
from dress_kg.web.problem import ProblemError

if TYPE_CHECKING:
    from dress_kg.web.published import Published, Version

_SECONDS = 120
_MEDIA = {"svg": "image/svg+xml", "png": "image/png"}
_PROGRAM = "from dress_kg.cli import main; main()"


class Pictures:
    """The pictures of the version that is served."""

    def __init__(self, published: Published) -> None:
        self.published = published
        self._kept: dict[tuple[str, str, str], bytes] = {}
        self._one = asyncio.Lock()

    async def picture(self, request: Request) -> Response:
        """A picture, as `/evidence-map.svg` or `.png`; `?per=patients` for one sign a patient."""
        form = next(form for form, name in NAMES.items() if request.url.path == f"/{name}")
        per = "patients" if request.query_params.get("per") == "patients" else "reports"
        version = self.published.version()
        body = await self._drawn(version, form, per)
        headers = {
            "content-type": _MEDIA[form],
            "content-security-policy": POLICY,
            "cache-control": "no-cache",
            "dress-kg-graph": version.name,
            "etag": f'"{hashlib.sha256(body).hexdigest()[:24]}"',
        }
        if request.headers.get("if-none-match") == headers["etag"]:
            return Response(None, 304, headers)
        return Response(body, 200, headers)

    async def _drawn(self, version: Version, form: str, per: str) -> bytes:
        if missing():
            raise ProblemError(404, "pictures are not installed here", remedy="pip install 'dress-kg[plot]'")
        key = (version.digest, form, per)
        async with self._one:  # one process at a time; who waited finds it drawn
            if key not in self._kept:
                body = await _draw(version, form, per)
                if form == "svg":
                    body = linked(body.decode(), ServerLinks(version.base).item).encode()
                self._kept = {old: kept for old, kept in self._kept.items() if old[0] == version.digest}
                self._kept[key] = body
            return self._kept[key]


async def _draw(version: Version, form: str, per: str) -> bytes:
    """The output of a process that draws.

    :raises ProblemError: it cannot, or it takes too long.
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _PROGRAM,
        "plot", "--graph", str(version.folder), "--format", form, "--per", per,
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        body, _ = await asyncio.wait_for(process.communicate(), _SECONDS)
    except TimeoutError as error:
        raise ProblemError(503, "drawing the picture took too long", remedy="ask again later") from error
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode != 0:
        raise ProblemError(404, "the map of this graph is not to be had as one picture",
                           remedy="draw a part of it: dress-kg plot --filter …")  # fmt: skip
    return body
