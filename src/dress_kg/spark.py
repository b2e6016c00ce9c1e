"""Apache Spark in the place of worker processes: the row stages on more machines than one.

A stage is a function of one batch whose files lie in the build's working folder, so Spark has little to do:
it says which worker makes which batch. What it needs is a folder that the driver and all workers see under
the same path (`--out` on it, in full), and dress-kg installed on each of them. Nothing but paths and counts
travels through the driver. This is the only module that knows PySpark.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from types import TracebackType
from typing import Any, Generic, Self, TypeVar

from dress_kg.errors import CallError, DressKgError, MissingPartError, WorkerError
from dress_kg.workers import Workers

A = TypeVar("A")
B = TypeVar("B")

LOCAL = "local[2]"
"""The master where none is named: two workers on this machine."""
JAVA = 17
"""The oldest Java that Spark 4 runs on."""
# As spark-submit has it, by which PySpark starts: "yarn or start with spark, k8s, or local".
_MASTER = re.compile(
    r"local(\[(\*|0*[1-9]\d*)(\s*,\s*\d+)?\]|-cluster\[.+\])?|spark://\S+:\d+|k8s://\S+|yarn"
)
_AT_A_TIME = 16
"""Batches of a job for each core: enough that a slow one does not leave the others idle for long."""


class SparkWorkers(Workers):
    """The workers of a Spark cluster, as :class:`~dress_kg.workers.Workers` have processes.

    :param master: `local[N]`, `spark://HOST:PORT`, `yarn`, `k8s://…`; None is the one that spark-submit or
        the configuration names, else :data:`LOCAL`.
    :raises CallError: it is none of these.
    """

    def __init__(self, master: str | None = None) -> None:
        if master is not None and _MASTER.fullmatch(master) is None:
            raise CallError(
                "not a master of Spark",
                value=master,
                remedy="--master is local[N] or local[*] (quoted for the shell), spark://HOST:PORT, yarn or "
                "k8s://HOST:PORT",
            )
        super().__init__(jobs=2)
        self._master = master
        self._context: Any = None
        self._ours = True

    def __enter__(self) -> Self:
        """Start Spark, or take the session that this program already has.

        :raises MissingPartError: PySpark or Java is not there. :raises WorkerError: Spark does not start.
        """
        check_java()
        try:
            from pyspark import SparkConf, SparkContext
        except ImportError as error:
            raise MissingPartError(
                "PySpark is not installed", remedy="pip install 'dress-kg[spark]'"
            ) from error
        conf = SparkConf()
        self._master = master = self._master or conf.get("spark.master", LOCAL)
        if master.startswith("local"):
            # The interpreter that runs this has dress-kg; the `python3` that Spark would take may not.
            os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
            conf.setIfMissing("spark.ui.enabled", "false").setIfMissing(
                "spark.driver.bindAddress", "127.0.0.1"
            )
            conf.setIfMissing("spark.driver.host", "127.0.0.1")
        conf.setMaster(master).setIfMissing("spark.app.name", "dress-kg build")
        conf.setIfMissing("spark.ui.showConsoleProgress", "false").setIfMissing("spark.log.level", "ERROR")
        self._ours = SparkContext._active_spark_context is None
        try:
            self._context = SparkContext.getOrCreate(conf)
        except _failures() as error:
            raise WorkerError(
                f"Spark does not start ({_said(error)})",
                value=master,
                remedy="Spark has said more above; check --master and the configuration of Spark",
            ) from error
        self.jobs = max(1, int(self._context.defaultParallelism))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop Spark if this started it."""
        super().__exit__(kind, error, trace)
        if self._context is not None and self._ours:
            self._context.stop()
        self._context = None

    def map(self, function: Callable[[A], B], values: Iterable[A]) -> Iterator[B]:
        """The results in the order of the values; some of them, a few for each core, are a Spark job.

        :raises DressKgError: what the function raised on a worker.
        :raises WorkerError: Spark gave a batch up, or a worker does not see the build's folder.
        """
        run, left = _Run(function), iter(values)
        while some := list(islice(left, self.jobs * _AT_A_TIME)):
            try:
                results = self._context.parallelize(some, len(some)).map(run).collect()
            except _failures() as error:
                raise WorkerError(
                    f"Spark gave up ({_said(error)})",
                    value=self._master,
                    remedy="look for a master at this address, and into the log of Spark's workers; "
                    "nothing has been published",
                ) from error
            for result in results:
                if isinstance(result, _Failed):
                    raise result.error
                yield result


@dataclass(frozen=True, slots=True)
class _Failed:
    """What a worker's task raised on purpose: an error is raised on the driver, with its place and remedy."""

    error: DressKgError | OSError


@dataclass(frozen=True, slots=True)
class _Run(Generic[A, B]):
    function: Callable[[A], B]

    def __call__(self, value: A) -> B | _Failed:
        try:
            return self.function(value)
        except FileNotFoundError as error:
            return _Failed(_unseen(error))
        except (DressKgError, OSError) as error:
            return _Failed(error)


def _unseen(error: FileNotFoundError) -> WorkerError:
    return WorkerError(
        "a worker of Spark does not see a file of the build",
        value=str(error.filename),
        remedy="the folder after --out or --shards, the profile and dress-kg itself must be under the same "
        "path on the driver and on all workers",
    )


def check_java() -> None:
    """Refuse to start without the Java that Spark needs.

    :raises MissingPartError: there is none, or it is older than :data:`JAVA`.
    """
    home = os.environ.get("JAVA_HOME")
    java = shutil.which(str(Path(home) / "bin" / "java")) if home else shutil.which("java")
    remedy = (
        f"install Java {JAVA} or later (Debian: apt install openjdk-17-jre-headless; "
        "macOS: brew install openjdk@17) and have java on the PATH or name it in JAVA_HOME; "
        "or build without --engine spark"
    )
    if java is None:
        raise MissingPartError("Apache Spark needs Java, and there is none", value=home, remedy=remedy)
    try:
        told = subprocess.run([java, "-version"], capture_output=True, text=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise MissingPartError(f"Java does not run ({error})", value=java, remedy=remedy) from error
    found = re.search(r'version "(?:1\.)?(\d+)', told.stderr + told.stdout)
    if found is None or int(found[1]) < JAVA:
        shown = found[0] if found else told.stderr.strip()[:80]
        raise MissingPartError(
            f"Apache Spark needs Java {JAVA} or later, and this is {shown}", value=java, remedy=remedy
        )


def _failures() -> tuple[type[Exception], ...]:
    """What PySpark raises where Spark, its Java or the connection to it fails."""
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    return (Py4JError, PySparkException, ConnectionError)


def _said(error: Exception) -> str:
    """What Java raised, where Java did; else the first line of the message.

    >>> _said(ValueError("An error occurred while calling o1.x.\\n: java.lang.Error: no\\n\\tat a.b(c:1)"))
    'java.lang.Error: no'
    """
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    of_java = (line.removeprefix(": ") for line in lines if line.startswith(": "))
    return next(chain(of_java, lines), type(error).__name__)[:200]
