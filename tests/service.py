"""The service as users start it, `dress-kg serve`, on a free port of loopback, and graphs for it to serve."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from dress_kg.integrity import seal
from dress_kg.store import publish, write_store
from tests.conftest import ROOT

_COMMAND = "from dress_kg.cli import main; main()"


@dataclass(frozen=True)
class Service:
    """A running service. :ivar client: asks it, and no other."""

    address: str
    client: httpx.Client
    process: subprocess.Popen[bytes]
    log: Path

    def ask(self, query: str, accept: str = "application/sparql-results+json") -> httpx.Response:
        """Post a query text."""
        return self.client.post("/sparql", data={"query": query}, headers={"accept": accept})

    def stored(self, name: str, **params: str) -> httpx.Response:
        """Ask a stored query."""
        return self.client.get(f"/queries/{name}", params=params)


def publish_quads(out: Path, nquads: str, *, base: str | None = None) -> None:
    """Publish a build with these quads and nothing else. :param base: of its IRIs; None is the default."""

    def fill(folder: Path) -> None:
        (folder / "graph.nq").write_text(nquads, "utf-8")
        (folder / "tables").mkdir()
        (folder / "report.json").write_text("{}")
        write_store(folder / "graph.nq", folder / "store")
        seal(folder, {"base": base} if base else {})

    publish(out, fill)


@contextmanager
def serving(graph: Path, home: Path, *options: str) -> Iterator[Service]:
    """The service of that graph, until the end of the block.

    :param home: a folder for its log and its user's data.
    """
    port = _free_port()
    log = home / f"serve-{port}.log"
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "XDG_DATA_HOME": str(home)}
    command = [sys.executable, "-c", _COMMAND, "serve", "--graph", str(graph), "--port", str(port), *options]
    with log.open("wb") as out:
        process = subprocess.Popen(command, stdout=out, stderr=out, stdin=subprocess.DEVNULL, env=environment)
    address = f"http://127.0.0.1:{port}"
    try:
        with httpx.Client(base_url=address, timeout=60.0, trust_env=False) as client:
            _wait(client, process, log)
            yield Service(address, client, process, log)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


class SilentListener:
    """A listener on loopback that nobody should talk to. :ivar heard: connections and packets that came."""

    def __init__(self) -> None:
        self.heard = 0
        self._tcp = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._tcp.getsockname()[1])
        self._udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._udp.bind(("127.0.0.1", self.port))
        for target in (self._accept, self._receive):
            threading.Thread(target=target, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._tcp.accept()
            except OSError:
                return
            self.heard += 1
            connection.close()

    def _receive(self) -> None:
        while True:
            try:
                if self._udp.recv(2048):
                    self.heard += 1
            except OSError:
                return

    def close(self) -> None:
        """Stop listening."""
        self._tcp.close()
        self._udp.close()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(client: httpx.Client, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 40
    while time.monotonic() < deadline:
        assert process.poll() is None, log.read_text("utf-8")
        try:
            if client.get("/health").status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.05)
    raise AssertionError(f"the service did not start: {log.read_text('utf-8')}")
