"""A loopback proxy before a real server that does what networks do: resets, 503s, cut and slow answers."""

from __future__ import annotations

import random
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from tests.servers import free_port

Fault = str
"""`none`, `reset` (before the request goes on), `lost` (done, but the answer is lost), `busy` (503), `cut`
(half an answer, with its length announced), `drip` (a byte now and then, for ever)."""


@dataclass
class Proxy:
    """The proxy at work. :ivar done: how often each fault was done. :ivar heads: what requests said."""

    address: str
    choose: Callable[[str], Fault]
    done: dict[Fault, int] = field(default_factory=dict)
    heads: list[str] = field(default_factory=list)


def sometimes(seed: int, **odds: float) -> Callable[[str], Fault]:
    """A choice of faults by their odds, the same for the same seed."""
    chance = random.Random(seed)  # noqa: S311
    lock = threading.Lock()

    def choose(_: str) -> Fault:
        with lock:
            mark = chance.random()
        for fault, share in odds.items():
            if mark < share:
                return fault
            mark -= share
        return "none"

    return choose


@contextmanager
def faulty_proxy(target: str, choose: Callable[[str], Fault]) -> Iterator[Proxy]:
    """A proxy to a server's address; `choose` names the fault for each request, given its first line."""
    parts = urlsplit(target)
    port = free_port()
    proxy = Proxy(f"http://127.0.0.1:{port}", choose)
    listener = socket.create_server(("127.0.0.1", port), backlog=50)
    upstream = (parts.hostname or "", parts.port or 80)

    def accept() -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=_serve, args=(proxy, client, upstream), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield proxy
    finally:
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()


def _serve(proxy: Proxy, client: socket.socket, upstream: tuple[str, int]) -> None:
    """One request a connection; both sides are told so."""
    with client, suppress(OSError):
        head, body = _request(client)
        if not head:
            return
        proxy.heads.append(head)
        fault = proxy.choose(head.split("\r\n", 1)[0])
        proxy.done[fault] = proxy.done.get(fault, 0) + 1
        if fault == "reset":
            _reset(client)
            return
        if fault == "busy":
            client.sendall(b"HTTP/1.1 503 Busy\r\nContent-Length: 4\r\nConnection: close\r\n\r\nbusy")
            return
        answer = _forward(upstream, head, body)
        if fault == "lost":
            _reset(client)
        elif fault == "cut":
            client.sendall(answer[: max(1, len(answer) * 2 // 3)])
        elif fault == "drip":
            for byte in answer:
                client.sendall(bytes([byte]))
                time.sleep(0.2)
        else:
            client.sendall(answer)


def _reset(client: socket.socket) -> None:
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def _request(client: socket.socket) -> tuple[str, bytes]:
    data = b""
    while b"\r\n\r\n" not in data:
        part = client.recv(65536)
        if not part:
            return "", b""
        data += part
    head, _, body = data.partition(b"\r\n\r\n")
    text = head.decode("latin-1")
    length = next(
        (
            int(line.partition(":")[2])
            for line in text.split("\r\n")
            if line.lower().startswith("content-length:")
        ),
        0,
    )
    while len(body) < length:
        body += client.recv(65536)
    return text, body


def _forward(upstream: tuple[str, int], head: str, body: bytes) -> bytes:
    lines = [line for line in head.split("\r\n") if not line.lower().startswith("connection:")]
    with socket.create_connection(upstream, timeout=60) as server:
        server.sendall("\r\n".join([*lines, "Connection: close", "", ""]).encode("latin-1") + body)
        answer = b""
        while part := server.recv(65536):
            answer += part
    return answer
