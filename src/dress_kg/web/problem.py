"""Why a request is not answered, as `application/problem+json` (RFC 9457)."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.responses import JSONResponse

MEDIA = "application/problem+json"


class ProblemError(Exception):
    """A request that is not answered.

    :ivar status: the HTTP status. :ivar remedy: what the asker can do about it.
    :ivar headers: further headers of the response.
    """

    def __init__(
        self,
        status: int,
        title: str,
        *,
        value: str | None = None,
        remedy: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(title)
        self.status = status
        self.title = title
        self.value = value
        self.remedy = remedy
        self.headers = dict(headers or {})

    def response(self) -> JSONResponse:
        """The response that says so."""
        fields = {"status": self.status, "title": self.title, "value": self.value, "remedy": self.remedy}
        content = {name: field for name, field in fields.items() if field is not None}
        return JSONResponse(content, self.status, self.headers, media_type=MEDIA)
