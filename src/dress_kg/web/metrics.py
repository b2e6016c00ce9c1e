"""What the service counts, in the text format of Prometheus."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from dress_kg.web.pool import Lane

MEDIA = CONTENT_TYPE_LATEST
_READINGS: dict[str, Callable[[Lane], int]] = {
    "workers": lambda lane: lane.alive,
    "busy": lambda lane: lane.busy,
    "waiting": lambda lane: lane.waiting,
}
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Metrics:
    """Counters of one service; several in one process do not mix."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "dress_kg_requests", "Requests by route and status.", ("route", "status"), registry=self.registry
        )
        self._seconds = Histogram(
            "dress_kg_request_seconds", "Wall time to the whole answer, by route.", ("route",),
            buckets=_SECONDS, registry=self.registry,
        )  # fmt: skip
        self._stopped = Counter(
            "dress_kg_workers_stopped", "Workers that were killed at the deadline, or ended by themselves.",
            ("lane", "reason"), registry=self.registry,
        )  # fmt: skip
        self._lanes = {
            name: Gauge(f"dress_kg_{name}", text, ("lane",), registry=self.registry)
            for name, text in (
                ("workers", "Workers that run."),
                ("busy", "Jobs that a worker has now."),
                ("waiting", "Jobs that wait for a worker."),
            )
        }

    def watch(self, lanes: Sequence[Lane]) -> None:
        """Report these lanes as they are when asked."""
        for lane in lanes:
            for name, gauge in self._lanes.items():
                gauge.labels(lane.name).set_function(partial(_reading, lane, name))

    def answered(self, route: str, status: int, seconds: float) -> None:
        """Count a request."""
        self._requests.labels(route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def stopped(self, lane: str, reason: str) -> None:
        """Count a worker that was stopped."""
        self._stopped.labels(lane, reason).inc()

    def page(self) -> bytes:
        """All of it, in text."""
        return generate_latest(self.registry)


def _reading(lane: Lane, name: str) -> float:
    return float(_READINGS[name](lane))
