"""Sending a whole answer to a reader who may be slow: in pieces, in time, within a budget of memory."""

from __future__ import annotations

import asyncio

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

_PIECE = 256 << 10
_SLOWEST = 60.0
"""Seconds that a reader has; then the connection is closed, short of the length that was announced."""


class Budget:
    """Bytes of answers on their way to readers. :ivar most: how many there may be at once."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.used = 0

    @property
    def spent(self) -> bool:
        """Whether there are too many for another answer."""
        return self.used >= self.most


class WholeResponse(Response):
    """A response that counts against a budget until its reader has all but its last piece."""

    def __init__(self, body: bytes, headers: dict[str, str], budget: Budget, status: int = 200) -> None:
        super().__init__(body, status, headers)
        self.budget = budget

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it, piece by piece as the reader takes them."""
        whole = bytes(self.body)
        self.budget.used += len(whole)
        try:
            async with asyncio.timeout(_SLOWEST):
                start = {
                    "type": "http.response.start",
                    "status": self.status_code,
                    "headers": self.raw_headers,
                }
                await send(start)
                for place in range(0, max(len(whole), 1), _PIECE):
                    piece = whole[place : place + _PIECE]
                    more = place + _PIECE < len(whole)
                    await send({"type": "http.response.body", "body": piece, "more_body": more})
        finally:
            self.budget.used -= len(whole)
