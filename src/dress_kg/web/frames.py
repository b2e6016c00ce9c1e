"""What the service and a worker tell each other over two pipes: a job, and its answer.

A frame is a length and JSON; an answer has the bytes of its body behind it. Nothing that comes out of a
worker is ever unpickled or run: a worker reads queries of strangers.
"""

from __future__ import annotations

import json
import struct
from dataclasses import asdict, dataclass
from typing import IO, Any

LENGTH = struct.Struct(">I")
LONGEST_HEAD = 1 << 20


@dataclass(frozen=True, slots=True)
class Job:
    """What a worker is asked.

    :ivar version: the folder of the published version to ask.
    :ivar accept: the Accept header, or None. :ivar form: a media type that was asked for by name, or None.
    :ivar text: a query text of a user; None for a stored query.
    :ivar base: the IRI that relative IRIs of the text are relative to.
    :ivar default: the graphs that the request names as its default graph; None where it names no dataset.
    :ivar named: likewise its named graphs.
    :ivar query: the stored query. :ivar params: its parameters.
    :ivar page: the path of a page, whose parameters are `params`; None where no page is asked for.
    :ivar node: the IRI of a node of ours whose data are asked for, or None.
    :ivar root: where the site stands on the web, for a page's links to itself; None where nobody knows.
    """

    version: str
    accept: str | None = None
    form: str | None = None
    text: str | None = None
    base: str | None = None
    default: tuple[str, ...] | None = None
    named: tuple[str, ...] | None = None
    query: str | None = None
    params: dict[str, str] | None = None
    page: str | None = None
    node: str | None = None
    root: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What a worker says: a whole body, or why there is none.

    :ivar fault: None, else `query` (of the asker), `limit`, `form` (no such format), `gone` (the version is),
        `nowhere` (no such page or node), `memory` or `start`.
    :ivar media: of the body. :ivar rows: rows or triples of it.
    :ivar status: the HTTP status of a whole answer: 400 for a form whose values are at fault.
    :ivar packed: whether the body is compressed (gzip).
    """

    fault: str | None = None
    message: str = ""
    value: str | None = None
    remedy: str | None = None
    media: str = ""
    rows: int = 0
    status: int = 200
    packed: bool = False
    body: bytes = b""


def job_frame(job: Job) -> bytes:
    """A job as a frame."""
    head = json.dumps(asdict(job)).encode()
    return LENGTH.pack(len(head)) + head


def read_job(stream: IO[bytes]) -> Job | None:
    """The next job, None when the service has gone; the worker's side."""
    start = stream.read(LENGTH.size)
    if len(start) < LENGTH.size:
        return None
    fields: dict[str, Any] = json.loads(stream.read(LENGTH.unpack(start)[0]))
    for name in ("default", "named"):
        fields[name] = None if fields[name] is None else tuple(fields[name])
    return Job(**fields)


def answer_frame(answer: Answer) -> bytes:
    """An answer as a frame with its body behind it."""
    fields = asdict(answer)
    fields["body"] = len(answer.body)
    head = json.dumps(fields).encode()
    return LENGTH.pack(len(head)) + head + answer.body


def parse_answer(head: bytes) -> tuple[Answer, int]:
    """An answer without its body, and how many bytes its body has.

    :raises ValueError: it is none.
    """
    fields = json.loads(head)
    if not isinstance(fields, dict) or not isinstance(fields.get("body"), int):
        raise ValueError("no answer of a worker")
    size = fields.pop("body")
    try:
        return Answer(**fields), size
    except TypeError as error:
        raise ValueError("no answer of a worker") from error
