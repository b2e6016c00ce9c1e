"""The same graph from Apache Spark in local mode, and what is said where it is not there."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
from benchmarks.varied import make

from dress_kg.delivery import Parts
from dress_kg.errors import CallError, MissingPartError, ProfileError, ValidationError, WorkerError
from dress_kg.pipeline import build
from dress_kg.profile import load_profile
from dress_kg.spark import JAVA, SparkWorkers, check_java
from tests.test_cli import TABLE, dress_kg, fails
from tests.test_rebuild import same


@pytest.fixture(autouse=True)
def _own_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path_factory.mktemp("home")))


def java_that_says(text: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put a program named `java` before all others."""
    program = folder / "java"
    program.write_text(f"#!/bin/sh\necho '{text}' >&2\n", "utf-8")
    program.chmod(0o755)
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")


def test_without_java(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    with pytest.raises(MissingPartError, match="needs Java, and there is none") as caught:
        SparkWorkers().__enter__()
    assert "openjdk-17" in str(caught.value)


@pytest.mark.parametrize("said", ['openjdk version "11.0.2" 2019-01-15', 'java version "1.8.0_392"', "?"])
def test_with_an_old_java(said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    java_that_says(said, tmp_path, monkeypatch)
    with pytest.raises(MissingPartError, match=f"needs Java {JAVA} or later"):
        check_java()


def test_without_pyspark(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    java_that_says('openjdk version "21.0.1" 2023-10-17', tmp_path, monkeypatch)
    monkeypatch.setitem(sys.modules, "pyspark", None)
    with pytest.raises(MissingPartError, match="PySpark is not installed") as caught:
        SparkWorkers().__enter__()
    assert caught.value.remedy == "pip install 'dress-kg[spark]'" and caught.value.exit_code == 3


@pytest.mark.parametrize(
    "master", ["", "local[0]", "local[x]", "head:7077", "spark://head", "mesos://head:1"]
)
def test_what_is_no_master(master: str) -> None:
    with pytest.raises(CallError, match="not a master of Spark") as caught:
        SparkWorkers(master)
    assert caught.value.value == master and "--master is local[N]" in str(caught.value)


@pytest.mark.parametrize(
    "master",
    [
        "local",
        "local[*]",
        "local[8, 3]",
        "local-cluster[2,1,1024]",
        "spark://a:7077,b:7077",
        "yarn",
        "k8s://x",
    ],
)
def test_what_is_a_master(master: str) -> None:
    assert SparkWorkers(master).jobs == 2, "so many batches at a time until Spark tells how many cores it has"


def test_the_command_says_what_is_wrong_before_it_starts_spark(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    spark = ("build", "--engine", "spark", "--out", tmp_path / "out")
    fails(3, "needs Java", str(tmp_path), "openjdk-17", "without --engine spark", done=dress_kg(*spark))
    done = dress_kg(*spark, "--source", tmp_path / "no.tsv")
    fails(2, "no.tsv", "no such file", "--source", done=done)
    fails(2, "not a master", "'nowhere'", done=dress_kg(*spark, "--master", "nowhere"))
    fails(2, "--jobs", "--master 'local[3]'", done=dress_kg(*spark, "--jobs", "3"))
    assert not (tmp_path / "out").exists()


@pytest.fixture(scope="module")
def _installed() -> None:
    if find_spec("pyspark") is None:
        pytest.skip("PySpark is not installed (pip install 'dress-kg[spark]')")
    try:
        check_java()
    except MissingPartError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def spark(_installed: None) -> Iterator[SparkWorkers]:
    """One session for the tests here: starting it takes most of their time."""
    with SparkWorkers("local[2]") as workers:
        yield workers


@pytest.mark.slow
@pytest.mark.usefixtures("_installed")
def test_a_cluster_that_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """YARN without its configuration: Spark says so itself, and ends."""
    monkeypatch.delenv("HADOOP_CONF_DIR", raising=False)
    monkeypatch.delenv("YARN_CONF_DIR", raising=False)
    done = dress_kg("build", "--engine", "spark", "--master", "yarn", "--out", tmp_path / "out")
    assert done.returncode == 3 and "HADOOP_CONF_DIR" in done.stderr
    assert "error: Spark does not start" in done.stderr and "'yarn'\n  remedy: " in done.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_results_in_order(spark: SparkWorkers) -> None:
    words = [f"word {number}" for number in range(70)]  # more than one job
    assert list(spark.map(str.upper, iter(words))) == [word.upper() for word in words]
    assert spark.jobs == 2


@pytest.mark.slow
def test_what_a_worker_raises(spark: SparkWorkers, tmp_path: Path) -> None:
    with pytest.raises(ProfileError) as caught:
        list(spark.map(load_profile, ["dress", "no-such-profile"]))
    assert caught.value.remedy and "no-such-profile" in str(caught.value)
    with pytest.raises(WorkerError, match="does not see a file") as unseen:
        list(spark.map(os.stat, [str(tmp_path / "nowhere")]))
    assert unseen.value.value == str(tmp_path / "nowhere")
    with pytest.raises(WorkerError, match="gave up"):
        list(spark.map(os._exit, [3]))
    assert list(spark.map(str.upper, ["on"])) == ["ON"]


@pytest.mark.slow
def test_many_tables_give_the_same_build(spark: SparkWorkers, tmp_path: Path) -> None:
    tables, _ = make(tmp_path / "tables", 60, tables=4)
    profiles = ["dress", *map(str, tables)]
    result = build(profiles, out=tmp_path / "spark", jobs=SparkWorkers("local[2]"))
    build(profiles, out=tmp_path / "plain")
    assert sum(source.tally.rows for source in result.sources) == 35 + 60
    for part in ("graph.nq", "report.json"):
        assert (tmp_path / "spark" / part).read_bytes() == (tmp_path / "plain" / part).read_bytes(), part
    for table in (tmp_path / "plain/tables").iterdir():
        assert table.read_bytes() == (tmp_path / "spark/tables" / table.name).read_bytes(), table.name
    assert list(spark.map(str.upper, ["on"])) == ["ON"], "a session that was there before goes on"


@pytest.mark.slow
def test_a_table_that_changed(spark: SparkWorkers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dress_kg.intake.ROWS", 7)  # some batches
    text, source = TABLE.read_text("utf-8"), tmp_path / "table.tsv"
    source.write_text(text, "utf-8")
    first = build(source=source, out=tmp_path / "out", jobs=SparkWorkers("local[2]"))
    same(first, build(source=source, out=tmp_path / "plain"))
    assert build(source=source, out=tmp_path / "out", jobs=SparkWorkers("local[2]")).folder == first.folder
    source.write_text(text.replace("5 mg/kg/day", "6 mg/kg/day", 1), "utf-8")
    renewed = build(source=source, out=tmp_path / "out", jobs=SparkWorkers("local[2]"))
    assert renewed.difference is not None and len(renewed.difference.changes) == 1
    plain = build(source=source, out=tmp_path / "plain")
    assert plain.difference is not None
    same(renewed, plain)
    same(renewed, build(source=source, out=tmp_path / "out", jobs=SparkWorkers("local[2]"), fresh=True))


@pytest.mark.slow
def test_a_violation_blocks_publication(spark: SparkWorkers, tmp_path: Path) -> None:
    source = tmp_path / "table.tsv"
    source.write_text(TABLE.read_text("utf-8").replace("4-5 mg /kg per day", "5-4 mg /kg per day"), "utf-8")
    first = build(out=tmp_path / "out")
    with pytest.raises(ValidationError, match=r"table.tsv:4") as caught:
        build(source=source, out=tmp_path / "out", jobs=SparkWorkers("local[2]"), fresh=True)
    assert caught.value.exit_code == 1
    assert (tmp_path / "out/current").resolve() == first.folder.resolve()


@pytest.mark.slow
def test_the_same_parts(spark: SparkWorkers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dress_kg.intake.ROWS", 7)
    monkeypatch.setattr("dress_kg.delivery.PART_BYTES", 200_000)
    build(out=Parts(tmp_path / "spark"), jobs=SparkWorkers("local[2]"))
    build(out=Parts(tmp_path / "plain"))
    parts = sorted((tmp_path / "plain/graph").iterdir())
    assert len(parts) > 4
    for part in parts:
        assert part.read_bytes() == (tmp_path / "spark/graph" / part.name).read_bytes(), part.name
    assert len(list((tmp_path / "spark/graph").iterdir())) == len(parts)
