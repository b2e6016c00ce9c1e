"""Publishing is one step: readers see the old graph or the new one, and a failure loses nothing."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from pyoxigraph import Literal

from dress_kg.errors import CallError, StoreError
from dress_kg.store import KEPT_VERSIONS, PARTS, find_graph, open_build, publish, write_store

LINE = '<https://example.org/s> <https://example.org/p> "{}" <https://example.org/g> .\n'


def fill(text: str) -> Callable[[Path], None]:
    def write(folder: Path) -> None:
        (folder / "graph.nq").write_text(LINE.format(text), "utf-8")
        (folder / "tables").mkdir()
        (folder / "report.json").write_text("{}")
        write_store(folder / "graph.nq", folder / "store")
        (folder / "manifest.json").write_text("{}")

    return write


def answer(folder: Path) -> str:
    [quad] = open_build(folder).store()
    assert isinstance(quad.object, Literal)
    return quad.object.value


def test_publish_and_read(tmp_path: Path) -> None:
    publish(tmp_path / "out", fill("one"))
    assert answer(tmp_path / "out") == "one"
    assert all((tmp_path / "out" / part).exists() for part in PARTS)


def test_a_failed_build_leaves_the_old_graph(tmp_path: Path) -> None:
    out = tmp_path / "out"
    publish(out, fill("one"))

    def broken(folder: Path) -> None:
        fill("two")(folder)
        raise StoreError("the disk is full")

    with pytest.raises(StoreError, match="disk is full"):
        publish(out, broken)
    assert answer(out) == "one"
    assert not list((out / "versions").glob(".building-*"))


def test_a_reader_keeps_its_version_while_another_is_published(tmp_path: Path) -> None:
    out = tmp_path / "out"
    publish(out, fill("one"))
    build = open_build(out)
    publish(out, fill("two"))
    assert "one" in build.graph_file.read_text("utf-8")
    assert answer(out) == "two"


def test_old_versions_are_pruned(tmp_path: Path) -> None:
    for number in range(KEPT_VERSIONS + 2):
        publish(tmp_path, fill(str(number)))
    assert len(list((tmp_path / "versions").iterdir())) == KEPT_VERSIONS
    assert answer(tmp_path) == str(KEPT_VERSIONS + 1)


def test_a_folder_with_other_things_is_refused(tmp_path: Path) -> None:
    (tmp_path / "thesis.doc").write_text("mine")
    with pytest.raises(CallError, match=r"thesis\.doc"):
        publish(tmp_path, fill("one"))
    assert [p.name for p in tmp_path.iterdir()] == ["thesis.doc"]


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="--out"):
        publish(tmp_path / "file" / "out", fill("one"))


def test_a_second_writer_is_told(tmp_path: Path) -> None:
    publish(tmp_path, fill("one"))

    def second(folder: Path) -> None:
        with pytest.raises(StoreError, match="another build"):
            publish(tmp_path, fill("three"), wait=0.1)
        fill("two")(folder)

    publish(tmp_path, second)
    assert answer(tmp_path) == "two"


def test_no_graph_there(tmp_path: Path) -> None:
    with pytest.raises(CallError, match="dress-kg build"):
        open_build(tmp_path)


def test_an_incomplete_build_is_named(tmp_path: Path) -> None:
    publish(tmp_path, fill("one"))
    (tmp_path / "current" / "graph.nq").unlink()
    with pytest.raises(StoreError, match=r"graph\.nq missing"):
        open_build(tmp_path)


def test_the_graph_is_found_by_option_then_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.delenv("DRESS_KG_GRAPH", raising=False)
    assert find_graph(None) is None
    monkeypatch.setenv("DRESS_KG_GRAPH", "env")
    assert find_graph(None) == Path("env")
    assert find_graph("option") == Path("option")


def _publish_for_ever(out: Path) -> None:
    for number in range(10_000):
        publish(out, fill(str(number)))


@pytest.mark.slow
def test_killed_at_random_moments_nothing_is_lost(tmp_path: Path) -> None:
    out = tmp_path / "out"
    publish(out, fill("0"))
    for kill in range(20):
        writer = multiprocessing.get_context("spawn").Process(target=_publish_for_ever, args=(out,))
        writer.start()
        time.sleep(0.4 + kill * 0.017)
        assert writer.pid is not None
        os.kill(writer.pid, signal.SIGKILL)
        writer.join()
        assert answer(out).isdigit()
    publish(out, fill("after"))
    assert answer(out) == "after"
    assert not list((out / "versions").glob(".building-*"))
