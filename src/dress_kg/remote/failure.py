"""What goes wrong between us and a server, and when it is worth another try."""

from __future__ import annotations

import email.utils
import random
import time

from dress_kg.errors import EndpointError

RETRIED = frozenset({408, 429, 502, 503, 504})
"""HTTP status codes that say "not now"."""
ATTEMPTS = 7
_LONGEST_WAIT = 30.0


class NotNowError(EndpointError):
    """A failure that may be gone at the next try. :ivar after: seconds the server asks to wait, or None."""

    after: float | None = None


def status_error(address: str, status: int, body: str, after: str | None = None) -> EndpointError:
    """The error for an HTTP status that is not the awaited one.

    :param body: what the server says, shown in short.
    :param after: its `Retry-After` header.
    """
    said = " ".join(_without_markup(body).split())[:300] or None
    if status in RETRIED:
        error = NotNowError(f"the server cannot answer now (status {status})", file=address, value=said)
        error.after = _seconds(after)
        return error
    if status in (401, 403):
        return EndpointError(
            f"the server refuses the credentials, or asks for some (status {status})",
            file=address,
            remedy="set DRESS_KG_ENDPOINT_USER and DRESS_KG_ENDPOINT_PASSWORD, or the credentials file",
        )
    return EndpointError(f"the server answered with status {status}", file=address, value=said)


def redirect_error(address: str, status: int, target: str) -> EndpointError:
    """The error for a redirect: none is followed, since credentials and queries would go along."""
    return EndpointError(
        f"the server redirects elsewhere (status {status}); redirects are not followed",
        file=address,
        value=target.partition("?")[0],
        remedy="if you trust that address, name it as the endpoint",
    )


def pause(attempt: int, after: float | None = None) -> float:
    """Seconds to wait before the next try: what the server asks, else doubling from 0.2 s with jitter.

    :param attempt: 0 after the first failure.

    >>> pause(0, after=3.0)
    3.0
    >>> 0.4 <= pause(2) <= 0.8
    True
    """
    if after is not None:
        return min(after, _LONGEST_WAIT)
    most = float(min(0.2 * 2**attempt, _LONGEST_WAIT))
    return random.uniform(most / 2, most)  # noqa: S311 – not a secret


def _seconds(after: str | None) -> float | None:
    if not after:
        return None
    if after.strip().isdigit():
        return float(after)
    try:
        moment = email.utils.parsedate_to_datetime(after)
    except ValueError:
        return None
    return max(0.0, moment.timestamp() - time.time())


def _without_markup(body: str) -> str:
    """The words of a body; servers answer errors as HTML pages.

    >>> _without_markup("<h1>Error</h1>")
    ' Error '
    """
    words: list[str] = []
    for piece in body.split("<"):
        _, closed, rest = piece.partition(">")
        words.append(rest if closed else piece)
    return " ".join(words)
