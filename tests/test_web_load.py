"""The service under load, as `benchmarks/service_load.py` makes it; what it keeps of answers."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest
from benchmarks.service_load import load

from dress_kg.pipeline import build
from dress_kg.web.cache import Cache
from dress_kg.web.frames import Answer, Job, answer_frame, parse_answer
from dress_kg.web.negotiation import GRAPHS, ROWS, choose

JOB = Job(version="1", query="a/b", params={"x": "1"}, form="csv")


def test_a_kept_answer_is_of_the_same_job_and_version() -> None:
    cache = Cache(1 << 20)
    answer = Answer(media="text/csv", rows=1, body=b"a\r\n1\r\n")
    cache.put(JOB, answer)
    assert cache.get(replace(JOB, params={"x": "1"})) is answer
    for other in (
        replace(JOB, version="2"),
        replace(JOB, params={"x": "2"}),
        replace(JOB, params={}),
        replace(JOB, form="tsv"),
        replace(JOB, accept="text/csv"),
        replace(JOB, query="a/c"),
    ):
        assert cache.get(other) is None


def test_faults_and_large_answers_are_not_kept_and_the_oldest_go() -> None:
    cache = Cache(100_000)
    cache.put(JOB, Answer(fault="query", message="no"))
    cache.put(JOB, Answer(body=b"x" * 50_000))
    assert cache.get(JOB) is None
    for number in range(200):
        cache.put(replace(JOB, version=str(number)), Answer(body=b"x" * 1_000))
        cache.get(replace(JOB, version="0"))
        assert cache.used <= 100_000
    assert cache.get(replace(JOB, version="0")) is not None, "used all the time"
    assert cache.get(replace(JOB, version="1")) is None
    assert cache.get(replace(JOB, version="199")) is not None
    Cache(0).put(JOB, Answer(body=b""))


@pytest.mark.parametrize("head", [b"", b"[]", b"{}", b'{"body": "x"}', b'{"body": 1, "os": "rm"}', b"\xff"])
def test_what_is_no_answer_of_a_worker(head: bytes) -> None:
    with pytest.raises(ValueError, match=r".*"):
        parse_answer(head)


def test_an_answer_goes_over_a_pipe_and_back() -> None:
    answer = Answer(media="text/csv", rows=2, body="é".encode(), message="m")
    frame = answer_frame(answer)
    size = int.from_bytes(frame[:4], "big")
    again, length = parse_answer(frame[4 : 4 + size])
    assert replace(again, body=frame[4 + size :][:length]) == answer


@pytest.mark.parametrize(
    ("accept", "name"),
    [
        (None, "json"),
        ("", "json"),
        ("text/*", "xml"),
        ("text/csv, text/tab-separated-values", "csv"),
        ("application/json;q=0.2, text/tab-separated-values;q=0.3", "tsv"),
        ("TEXT/CSV; charset=utf-8", "csv"),
        ("text/csv;q=nonsense, */*;q=0.1", "json"),
        ("text/csv;q=0", None),
        (";;;,,,", None),
    ],
)
def test_accept_headers(accept: str | None, name: str | None) -> None:
    chosen = choose(accept, ROWS)
    assert (chosen[0].name if chosen else None) == name
    assert choose("application/json", GRAPHS) is not None


@pytest.mark.slow
def test_fifty_clients_some_of_them_hostile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fifteen seconds of it; `DRESS_KG_LOAD_SECONDS=120` is the whole.

    The target of 250 ms is measured by `benchmarks/service_load.py`; here the limit is generous.
    """
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    build(out=tmp_path / "out")
    seconds = float(os.environ.get("DRESS_KG_LOAD_SECONDS", "15"))
    figures = load(
        tmp_path / "out", tmp_path, seconds=seconds, clients=50, hostile=0.05, options=("--seconds", "3")
    )
    assert figures.wrong == 0
    assert figures.unclear == 0, "each 503 says when to come back"
    assert figures.outbound == 0
    assert figures.full_stored == 0, "hostile queries never stand before stored ones"
    assert sum(figures.hostile.values()) >= 10
    assert figures.longest_hostile < (3 + 5 + 1) * 1000, "time in the queue, the limit, and a second"
    assert figures.memory_late < figures.memory_early * 1.25 + 10
    assert figures.stored >= 10 * seconds
    assert figures.p99 < 2_500, figures
