"""Real SPARQL servers on loopback, started for a test and stopped after it: Oxigraph and Virtuoso.

Each runs in a folder of its own on a free port, in a process group of its own; stopping ends just that group.
Virtuoso comes from Debian (`virtuoso-opensource`); a test that needs it is skipped where it is absent.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

VIRTUOSO_PASSWORD = "dba"  # noqa: S105 - the password that a new Virtuoso database starts with


@dataclass(frozen=True)
class Server:
    """A running server: the profile it goes by, and its address. :ivar sql: Virtuoso's port for isql."""

    profile: str
    address: str
    process: subprocess.Popen[bytes]
    sql: int | None = None


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def oxigraph_program() -> str:
    """The server's binary: beside this Python, else on the path."""
    beside = Path(sys.executable).with_name("oxigraph")
    found = str(beside) if beside.exists() else shutil.which("oxigraph")
    if not found:
        pytest.skip("the Oxigraph server is not installed: pip install oxigraph")
    return found


def virtuoso_program() -> str:
    """Virtuoso's server, from the Debian package."""
    found = shutil.which("virtuoso-t")
    if not found:
        pytest.skip("Virtuoso is not installed: apt-get install virtuoso-opensource")
    return found


@contextmanager
def oxigraph(folder: Path, *options: str, port: int | None = None) -> Iterator[Server]:
    """An Oxigraph server with a store in the folder; its default graph is the union of all graphs."""
    address = f"127.0.0.1:{port or free_port()}"
    folder.mkdir(parents=True, exist_ok=True)
    command = [oxigraph_program(), "serve", "--location", str(folder / "db"), "--bind", address]
    with _running([*command, "--union-default-graph", *options], folder) as process:
        _wait(f"http://{address}/query?query=ASK%7B%7D", process)
        yield Server("oxigraph", f"http://{address}", process)


@contextmanager
def virtuoso(folder: Path, *, rows: int = 10_000) -> Iterator[Server]:
    """A Virtuoso with a new database in the folder; user and password are both `dba`.

    :param rows: the row cap of its configuration (10,000 as shipped).
    """
    program = virtuoso_program()
    sql, http = free_port(), free_port()
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "virtuoso.ini").write_text(_VIRTUOSO.format(folder=folder, sql=sql, http=http, rows=rows))
    with _running([program, "-f", "-c", str(folder / "virtuoso.ini")], folder) as process:
        _wait(f"http://127.0.0.1:{http}/sparql?query=ASK%7B%7D", process)
        yield Server("virtuoso", f"http://127.0.0.1:{http}", process, sql)


@contextmanager
def _running(command: list[str], folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    with (folder / "server.log").open("wb") as log:
        process = subprocess.Popen(
            command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, cwd=folder, start_new_session=True
        )
        try:
            yield process
        finally:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _wait(url: str, process: subprocess.Popen[bytes], seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        assert process.poll() is None, f"the server ended with {process.returncode}"
        try:
            if httpx.get(url, timeout=2.0, trust_env=False).status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.05)
    raise AssertionError(f"the server did not answer within {seconds:.0f} s")


_VIRTUOSO = """[Database]
DatabaseFile = {folder}/virtuoso.db
ErrorLogFile = {folder}/virtuoso.log
LockFile = {folder}/virtuoso.lck
TransactionFile = {folder}/virtuoso.trx
xa_persistent_file = {folder}/virtuoso.pxa
ErrorLogLevel = 7
FileExtend = 200
Striping = 0
TempStorage = TempDatabase
[TempDatabase]
DatabaseFile = {folder}/virtuoso-temp.db
TransactionFile = {folder}/virtuoso-temp.trx
[Parameters]
ServerPort = 127.0.0.1:{sql}
DisableUnixSocket = 1
DirsAllowed = {folder}
NumberOfBuffers = 10000
MaxDirtyBuffers = 6000
CheckpointInterval = 0
ThreadsPerQuery = 2
[HTTPServer]
ServerPort = 127.0.0.1:{http}
ServerRoot = {folder}
ServerThreads = 10
MaxClientConnections = 10
Charset = UTF-8
[SPARQL]
ResultSetMaxRows = {rows}
MaxQueryExecutionTime = 30
"""
