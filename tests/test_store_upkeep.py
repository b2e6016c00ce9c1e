"""Versions on disk: damage is found, a full disk and a kill lose nothing, and one can go back."""

from __future__ import annotations

import json
import multiprocessing
import os
import random
import resource
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from multiprocessing.synchronize import Event
from pathlib import Path

import pytest

from dress_kg.errors import CallError, StoreError
from dress_kg.integrity import damage, read_manifest, seal
from dress_kg.store import ROLLED_BACK, open_build, publish, published, write_store
from dress_kg.upkeep import compact, list_versions, rollback, verify

SPAWN = multiprocessing.get_context("spawn")


def fill(text: str, lines: int = 40) -> Callable[[Path], None]:
    """Writes a version that says `text` in every part."""

    def write(folder: Path) -> None:
        quads = "".join(f'<urn:s:{n}> <urn:p> "{text}" <urn:g> .\n' for n in range(lines))
        (folder / "graph.nq").write_text(quads, "utf-8")
        (folder / "tables").mkdir()
        (folder / "tables" / "a.csv").write_text(f"a\n{text}\n")
        (folder / "report.json").write_text(json.dumps({"says": text}))
        write_store(folder / "graph.nq", folder / "store")
        seal(
            folder,
            {
                "format": 1,
                "says": text,
                "quads": lines,
                "sources": {"s": {}},
                "built": "2026-01-01T00:00:00Z",
            },
        )

    return write


def says(folder: Path) -> str:
    """What the current version says; every part of it says the same."""
    build = open_build(folder)
    told = {str(quad.object.value) for quad in build.store()}
    told |= {line.split('"')[1] for line in build.graph_file.read_text("utf-8").splitlines()}
    told |= {build.manifest["says"], json.loads((build.folder / "report.json").read_text("utf-8"))["says"]}
    [one] = told
    return one


# ------------------------------------------------------------------ damage


def test_a_sound_version(tmp_path: Path) -> None:
    publish(tmp_path, fill("one"))
    assert says(tmp_path) == "one"
    version, faults = verify(tmp_path)
    assert (version.number, faults) == (1, [])


def test_every_flipped_byte_is_found_by_verify(tmp_path: Path) -> None:
    publish(tmp_path, fill("one", 5))
    version = open_build(tmp_path).folder
    chance = random.Random(7)  # noqa: S311
    files = [path for path in sorted(version.rglob("*")) if path.is_file() and path.stat().st_size]
    assert len(files) > 10
    for path in files:
        whole = path.read_bytes()
        for position in {0, len(whole) - 1, *(chance.randrange(len(whole)) for _ in range(20))}:
            flipped = bytearray(whole)
            flipped[position] ^= 1 << chance.randrange(8)
            path.write_bytes(flipped)
            _, faults = verify(tmp_path)
            assert [each.file for each in faults] == [path.relative_to(version).as_posix()], position
        path.write_bytes(whole)
    assert verify(tmp_path)[1] == []


def test_truncated_grown_and_missing_files_are_found_at_open(tmp_path: Path) -> None:
    publish(tmp_path, fill("one", 5))
    version = open_build(tmp_path).folder
    files = [path for path in sorted(version.rglob("*")) if path.is_file()]
    for path in files:
        whole = path.read_bytes()
        cases: list[bytes | None] = [
            None,
            whole + b"x",
            *([whole[:-1], whole[: len(whole) // 2]] if whole else []),
        ]
        for case in cases:
            path.unlink()
            if case is not None:
                path.write_bytes(case)
            with pytest.raises(StoreError, match=r"damaged|missing|manifest"):
                open_build(tmp_path)
            path.write_bytes(whole)
    assert says(tmp_path) == "one"


def test_a_store_table_with_another_end_is_found_at_open(tmp_path: Path) -> None:
    publish(tmp_path, fill("one", 5))
    table = sorted((tmp_path / "store").glob("*.sst"))[0]
    table.write_bytes(table.read_bytes()[:-8] + bytes(8))
    with pytest.raises(StoreError, match="does not end as"):
        open_build(tmp_path)


def test_a_file_that_was_never_published_is_found_by_verify(tmp_path: Path) -> None:
    publish(tmp_path, fill("one", 5))
    (tmp_path / "store" / "extra.sst").write_text("x")
    assert [each.fault for each in verify(tmp_path)[1]] == ["not in the manifest"]


def test_reading_does_not_change_the_files(tmp_path: Path) -> None:
    publish(tmp_path, fill("one", 5))
    for _ in range(3):
        says(tmp_path)
    assert damage(open_build(tmp_path).folder) == []


# ------------------------------------------------------------------ rollback, compact, leftovers


def test_rollback_and_forward(tmp_path: Path) -> None:
    for text in ("one", "two", "three"):
        publish(tmp_path, fill(text))
    assert rollback(tmp_path).number == 2
    assert says(tmp_path) == "two"
    assert [(each.number, each.current) for each in list_versions(tmp_path)] == [
        (1, False),
        (2, True),
        (3, False),
    ]
    assert rollback(tmp_path).number == 1
    with pytest.raises(CallError, match="no older version"):
        rollback(tmp_path)
    assert rollback(tmp_path, 3).number == 3
    rollback(tmp_path, 1)
    publish(tmp_path, fill("four"))
    assert says(tmp_path) == "four"
    assert [each.number for each in list_versions(tmp_path)] == [2, 3, 4]
    with pytest.raises(CallError, match="no such version"):
        rollback(tmp_path, 9)


def test_rollback_to_a_damaged_version_changes_nothing(tmp_path: Path) -> None:
    publish(tmp_path, fill("one"))
    first = open_build(tmp_path).folder
    publish(tmp_path, fill("two"))
    graph = first / "graph.nq"
    graph.write_text(graph.read_text().replace("one", "eno", 1))
    with pytest.raises(StoreError, match="nothing was changed"):
        rollback(tmp_path)
    assert says(tmp_path) == "two"


def test_compact_keeps_the_current_version_and_open_readers(tmp_path: Path) -> None:
    publish(tmp_path, fill("one"))
    reader = open_build(tmp_path).store()
    publish(tmp_path, fill("two"))
    assert compact(tmp_path) > 1000
    assert [each.number for each in list_versions(tmp_path)] == [2]
    assert says(tmp_path) == "two"
    assert len(list(reader)) == 40


def test_leftovers_of_killed_builds_are_swept(tmp_path: Path) -> None:
    publish(tmp_path, fill("one"))
    versions = tmp_path / "versions"
    (versions / ".building-99").mkdir()
    (tmp_path / ".current-99").symlink_to("versions/000009")
    # Killed between the rename and the link: whole, but never published.
    shutil.copytree(versions / "000001", versions / "000002")
    publish(tmp_path, fill("two"))
    assert says(tmp_path) == "two"
    assert not list(versions.glob(".building-*"))
    assert not (tmp_path / ".current-99").is_symlink()
    assert rollback(tmp_path).number == 1
    assert (versions / ROLLED_BACK).is_file()


def test_no_graph_to_look_after(tmp_path: Path) -> None:
    for work in (list_versions, verify, rollback, compact):
        with pytest.raises(CallError, match="no dress-kg graph"):
            work(tmp_path / "nothing")
    assert not (tmp_path / "nothing").exists()


def test_a_manifest_without_a_seal_opens_but_does_not_verify(tmp_path: Path) -> None:
    publish(tmp_path, fill("one"))
    version = open_build(tmp_path).folder
    manifest = read_manifest(version)
    del manifest["seal"]
    (version / "manifest.json").write_text(json.dumps(manifest))
    assert says(tmp_path) == "one"
    assert [each.file for each in verify(tmp_path)[1]] == ["manifest.json"]


# ------------------------------------------------------------------ a full disk


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 3 MB; needs root."""
    disk = tmp_path / "disk"
    disk.mkdir()
    if (
        os.geteuid() != 0
        or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", disk], check=False).returncode
    ):
        pytest.skip("a small file system cannot be mounted here")
    try:
        yield disk
    finally:
        subprocess.run(["umount", "-l", disk], check=True)


def test_a_full_disk_leaves_the_old_graph(small_disk: Path) -> None:
    out = small_disk / "out"
    publish(out, fill("one", 5))
    causes = set()
    free = shutil.disk_usage(small_disk).free
    for left in range(0, 400_000, 20_000):  # so the disk is full at another phase each time
        ballast = small_disk / "ballast"
        ballast.write_bytes(b"x" * max(0, free - left))
        try:
            publish(out, fill("two", 300))
            outcome = "published"
        except StoreError as error:
            causes.add("No space left" in str(error))
            outcome = "refused"
        ballast.unlink()
        assert says(out) == ("two" if outcome == "published" else "one")
        assert verify(out)[1] == []
        assert not list((out / "versions").glob(".building-*"))
        if outcome == "published":
            break
    assert causes == {True}


def _limited(out: Path, limit: int) -> None:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    try:
        publish(out, fill("two", 6000))
    except StoreError:
        os._exit(3)
    os._exit(0)


@pytest.mark.parametrize("limit", [10_000, 100_000])
def test_a_file_that_may_not_grow_leaves_the_old_graph(tmp_path: Path, limit: int) -> None:
    publish(tmp_path, fill("one", 5))
    process = SPAWN.Process(target=_limited, args=(tmp_path, limit))
    process.start()
    process.join()
    assert process.exitcode == 3
    assert says(tmp_path) == "one"


# ------------------------------------------------------------------ kill -9, with readers on


def _publish_for_ever(out: Path, start: int) -> None:
    for number in range(start, start + 1_000_000):
        publish(out, fill(f"{number:09d}", 5))


def _read_for_ever(out: Path, stop: Event, results: multiprocessing.Queue[tuple[int, str]]) -> None:
    reads, before = 0, ""
    try:
        while not stop.is_set():
            found = says(out)
            assert found >= before, f"backward: {found} after {before}"
            reads, before = reads + 1, found
    except (AssertionError, ValueError, StoreError, OSError) as error:
        results.put((reads, repr(error)))
        return
    results.put((reads, ""))


def killed_publishes(out: Path, kills: int) -> int:
    """Kill a writer so many times with two readers on; the number of reads."""
    publish(out, fill(f"{0:09d}", 5))
    stop, results = SPAWN.Event(), SPAWN.Queue()
    readers = [SPAWN.Process(target=_read_for_ever, args=(out, stop, results)) for _ in range(2)]
    for reader in readers:
        reader.start()
    chance = random.Random(1)  # noqa: S311
    # A fresh process forks each writer: quick, and without the threads of the engine here.
    fork = multiprocessing.get_context("forkserver")
    fork.set_forkserver_preload(["tests.test_store_upkeep", "pyoxigraph"])
    before = ""
    for kill in range(kills):
        writer = fork.Process(target=_publish_for_ever, args=(out, (kill + 1) * 1000))
        writer.start()
        time.sleep(chance.uniform(0.02, 0.35))
        assert writer.pid is not None
        os.kill(writer.pid, signal.SIGKILL)
        writer.join()
        found = says(out)
        assert found >= before
        before = found
    stop.set()
    told = [results.get(timeout=60) for _ in readers]
    for reader in readers:
        reader.join()
    assert [error for _, error in told if error] == []
    publish(out, fill("after"))
    assert says(out) == "after"
    assert len(published(out)) <= 3
    assert not list((out / "versions").glob(".building-*"))
    assert int(before) >= 1000
    return sum(reads for reads, _ in told)


def test_kills_with_readers_on(tmp_path: Path) -> None:
    assert killed_publishes(tmp_path / "out", 8) > 0


@pytest.mark.slow
def test_two_hundred_kills_with_readers_on(tmp_path: Path) -> None:
    assert killed_publishes(tmp_path / "out", 200) > 500
