"""Who may ask: the Host and Origin of a request are checked, and every response says what a browser may do.

A page of another site can make a reader's browser send requests to the reader's own machine, and by
DNS rebinding under a name of its own; so only known names are answered, and only known origins.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dress_kg.web.problem import ProblemError

_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_ANY = ("0.0.0.0", "::")  # noqa: S104 - compared with, not listened on
_SAFE = {
    "x-content-type-options": "nosniff",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "referrer-policy": "no-referrer",
}


class Guard:
    """ASGI middleware that refuses requests with an unknown Host or Origin.

    :ivar host: the address that is listened on; where it is all of them, any address of numbers will do.
    """

    def __init__(self, app: ASGIApp, host: str, hosts: Sequence[str], origins: Sequence[str]) -> None:
        self.app = app
        self.host = host
        self.names = {name.lower() for name in (*_LOOPBACK, host, *hosts)}
        self.origins = {origin.lower() for origin in origins}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or refuse."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _SAFE.items():
                    headers.setdefault(name, value)
            await send(message)

        refusal = self._refusal(Headers(scope=scope), scope["scheme"])
        await (refusal.response() if refusal else self.app)(scope, receive, guarded)

    def _refusal(self, headers: Headers, scheme: str) -> ProblemError | None:
        host, origin = headers.get("host", ""), headers.get("origin")
        if len(headers.getlist("host")) != 1 or not self._known(bare_host(host)):
            return ProblemError(421, "this service does not go by that name", value=host,
                                remedy="start it with --allow-host NAME")  # fmt: skip
        if origin is None or origin.lower() == f"{scheme}://{host}".lower():
            return None
        if "*" in self.origins or origin.lower() in self.origins:
            return None
        return ProblemError(403, "pages of that site may not ask here", value=origin,
                            remedy="start it with --cors ORIGIN")  # fmt: skip

    def _known(self, name: str) -> bool:
        if name in self.names:
            return True
        if self.host not in _ANY:
            return False
        try:
            ipaddress.ip_address(name)
        except ValueError:
            return False
        return True


def bare_host(host: str) -> str:
    """A Host header's name or address, without its port.

    >>> bare_host("LOCALHOST:7878"), bare_host("[::1]:7878"), bare_host("kg.example.org")
    ('localhost', '::1', 'kg.example.org')
    """
    if host.startswith("["):
        return host[1:].partition("]")[0].lower()
    return host.partition(":")[0].lower()


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach what listens there.

    >>> is_loopback("127.0.0.1"), is_loopback("::1"), is_loopback("0.0.0.0")
    (True, True, False)
    """
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"
