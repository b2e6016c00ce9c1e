"""Answers of stored queries, and pages, kept while their version is served: a version never changes."""

from __future__ import annotations

from collections import OrderedDict

from dress_kg.web.frames import Answer, Job

_SHARE = 16
"""An answer may take that part of the whole, so that one does not push out all others."""

Key = tuple[str | tuple[tuple[str, str], ...] | None, ...]


class Cache:
    """The answers used last, up to so many bytes; with none it keeps nothing."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.used = 0
        self._answers: OrderedDict[Key, Answer] = OrderedDict()

    def get(self, job: Job) -> Answer | None:
        """The answer to the same job, or None."""
        key = _key(job)
        if key in self._answers:
            self._answers.move_to_end(key)
        return self._answers.get(key)

    def put(self, job: Job, answer: Answer) -> None:
        """Keep a whole answer; a fault is not kept."""
        key = _key(job)
        weight = _weight(key, answer)
        if (
            answer.fault is not None
            or answer.status != 200
            or weight > self.size // _SHARE
            or key in self._answers
        ):
            return
        self._answers[key] = answer
        self.used += weight
        while self.used > self.size:
            self.used -= _weight(*self._answers.popitem(last=False))


def _key(job: Job) -> Key:
    params = tuple(sorted((job.params or {}).items()))
    return job.version, job.query, job.page, job.node, job.root, params, job.form, job.accept


def _weight(key: Key, answer: Answer) -> int:
    """About what an entry takes: its body, its key, and a little for the rest."""
    return len(answer.body) + len(repr(key)) + 1_000
