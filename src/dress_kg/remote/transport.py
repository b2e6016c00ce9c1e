"""Requests as SPARQLWrapper makes them, sent with an end in time and to the named server only."""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from dress_kg.errors import EndpointError
from dress_kg.remote.credentials import Credentials
from dress_kg.remote.failure import NotNowError

LARGEST = 1 << 29
"""Bytes that an answer may have."""


class Deadline:
    """The end of the time for a whole answer: a socket's own timeout is for its next byte only.

    Until the headers are there a timer shuts the socket; after that each read asks `check`.
    """

    def __init__(self, seconds: float, address: str) -> None:
        self.seconds = seconds
        self._address = address
        self._end = time.monotonic() + seconds
        self._connections: list[http.client.HTTPConnection] = []

    def connection(self, kind: type[http.client.HTTPConnection]) -> Callable[..., http.client.HTTPConnection]:
        """A maker of connections that the timer can shut."""

        def make(host: str, **options: Any) -> http.client.HTTPConnection:
            made = kind(host, **options)
            self._connections.append(made)
            return made

        return make

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Shut the connection when the time is over."""
        timer = threading.Timer(self.seconds, self._shut)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def _shut(self) -> None:
        for each in self._connections:
            if each.sock is not None:
                with suppress(OSError):
                    each.sock.shutdown(socket.SHUT_RDWR)

    @property
    def over(self) -> bool:
        """Whether the time is over."""
        return time.monotonic() >= self._end

    def error(self) -> EndpointError:
        """The error that says so."""
        return EndpointError(
            f"no whole answer within {self.seconds:g} s",
            file=self._address,
            remedy="ask for less, or allow more time with --timeout",
        )


class _Http(urllib.request.HTTPHandler):
    def __init__(self, deadline: Deadline) -> None:
        super().__init__()
        self._deadline = deadline

    def http_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(self._deadline.connection(http.client.HTTPConnection), req)


class _Https(urllib.request.HTTPSHandler):
    def __init__(self, deadline: Deadline) -> None:
        super().__init__(context=ssl.create_default_context())
        self._deadline = deadline

    def https_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        maker = self._deadline.connection(http.client.HTTPSConnection)
        return self.do_open(maker, req, context=self._context)  # type: ignore[attr-defined]


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Every redirect becomes an error: credentials and queries go to the named server only."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


def digest(address: str, who: Credentials) -> urllib.request.BaseHandler:
    """Digest authentication for one address; SPARQLWrapper's own would be for the whole process."""
    known = urllib.request.HTTPPasswordMgrWithDefaultRealm()
    known.add_password(None, address, who.user or "", who.password or "")
    return urllib.request.HTTPDigestAuthHandler(known)


def open_request(
    request: urllib.request.Request, deadline: Deadline, *more: urllib.request.BaseHandler
) -> Any:
    """The answer to a request, its headers read.

    No redirect is followed, no proxy of the environment used, and nothing but http and https spoken.
    """
    opener = urllib.request.OpenerDirector()
    for handler in (
        _Http(deadline),
        _Https(deadline),
        urllib.request.HTTPDefaultErrorHandler(),
        urllib.request.HTTPErrorProcessor(),
        _NoRedirect(),
        *more,
    ):
        opener.add_handler(handler)
    return opener.open(request, timeout=deadline.seconds)


def read(response: Any, deadline: Deadline, address: str) -> bytes:
    """The whole body, in time and in size."""
    parts: list[bytes] = []
    size = 0
    while part := response.read1(1 << 20):
        parts.append(part)
        size += len(part)
        if deadline.over:
            raise deadline.error()
        if size > LARGEST:
            raise EndpointError(f"the answer is larger than {LARGEST:,} bytes", file=address)
    if response.length:
        raise NotNowError(f"the answer ends {response.length:,} bytes early", file=address)
    return b"".join(parts)
