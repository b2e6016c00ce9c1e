"""Remote stores without a server: profiles, credentials, ledgers, fingerprints, and answers that deceive."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, Triple

from dress_kg.errors import CallError, DressKgError, EndpointError, ProfileError, QueryError, StoreError
from dress_kg.remote import Credentials, Endpoint, connect, find_credentials, find_endpoint
from dress_kg.remote.endpoint import read_profile, shipped_servers
from dress_kg.remote.fingerprint import fingerprint
from dress_kg.remote.ledger import ledger_path, open_ledger

XSD = "http://www.w3.org/2001/XMLSchema#"
ROWS = b'{"head":{"vars":["a"]},"results":{"bindings":[{"a":{"type":"literal","value":"1"}}]}}'
JSON = "application/sparql-results+json"


# ------------------------------------------------------------------ profiles and addresses


@pytest.mark.parametrize("name", shipped_servers())
def test_shipped_profiles_are_complete(name: str) -> None:
    endpoint = find_endpoint("http://localhost:1234/x", name)
    assert endpoint.url(endpoint.query_path).startswith("http://localhost:1234/x")
    assert endpoint.title
    if name == "sparql":
        with pytest.raises(CallError, match="no such service"):
            endpoint.url(endpoint.graphs_path)
    else:
        assert endpoint.update_path
        assert endpoint.graphs_path
        assert read_profile_address(name).startswith("http://localhost:")


def read_profile_address(name: str) -> str:
    return find_endpoint(name).address or ""


def test_the_query_service_may_be_named_for_the_server() -> None:
    assert find_endpoint("http://localhost:7878/query", "oxigraph").address == "http://localhost:7878"


@pytest.mark.parametrize(
    "address",
    [
        "ftp://example.org",
        "http://",
        "http://host/?query=x",
        "http://host/#a",
        "http://[::1",
        "http://h:99999x/",
    ],
)
def test_addresses_that_are_none(address: str) -> None:
    with pytest.raises(CallError):
        find_endpoint(address, "sparql")


def test_a_password_in_an_address_is_refused_and_not_repeated() -> None:
    with pytest.raises(CallError) as caught:
        find_endpoint("https://anna:s3cret@example.org/sparql", "sparql")
    assert "s3cret" not in str(caught.value)
    assert "DRESS_KG_ENDPOINT_PASSWORD" in str(caught.value)


def test_a_profile_of_ones_own(tmp_path: Path) -> None:
    mine = tmp_path / "mine.toml"
    mine.write_text('server = "virtuoso"\naddress = "https://example.org:8890/"\n[query]\nmax_rows = 500\n')
    endpoint = find_endpoint(str(mine))
    assert (endpoint.address, endpoint.max_rows, endpoint.authentication) == (
        "https://example.org:8890",
        500,
        "digest",
    )


@pytest.mark.parametrize(
    "text",
    [
        "adress = 'http://a'",
        "[query]\npaht = 'x'",
        "[query]\nmax_rows = 'many'",
        "authentication = 'magic'",
        "x =",
    ],
)
def test_profiles_at_fault_are_named(tmp_path: Path, text: str) -> None:
    path = tmp_path / "bad.toml"
    path.write_text(text)
    with pytest.raises(ProfileError, match=r"bad\.toml"):
        read_profile(path)


# ------------------------------------------------------------------ credentials


LOCAL = Endpoint("sparql", "S", "http://localhost:1")
FAR = Endpoint("sparql", "S", "http://example.org/sparql")


def credentials_file(folder: Path, text: str, mode: int = 0o600) -> dict[str, str]:
    path = folder / "credentials.toml"
    path.write_text(text)
    path.chmod(mode)
    return {"DRESS_KG_CREDENTIALS": str(path)}


def test_credentials_from_the_environment() -> None:
    env = {"DRESS_KG_ENDPOINT_USER": "anna", "DRESS_KG_ENDPOINT_PASSWORD": "pw"}
    assert find_credentials(LOCAL, env) == Credentials("anna", "pw")


def test_credentials_from_the_file_by_address(tmp_path: Path) -> None:
    env = credentials_file(tmp_path, '["http://localhost:1"]\nuser = "a"\npassword = "b"\n')
    assert find_credentials(LOCAL, env) == Credentials("a", "b")
    assert find_credentials(Endpoint("s", "S", "http://localhost:2"), env) is None


def test_a_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    env = credentials_file(tmp_path, '["http://localhost:1"]\ntoken = "hush"\n', 0o644)
    with pytest.raises(CallError, match="chmod 600"):
        find_credentials(LOCAL, env)


def test_credentials_never_go_unencrypted_over_the_network() -> None:
    env = {"DRESS_KG_ENDPOINT_TOKEN": "hush"}
    with pytest.raises(CallError, match="unencrypted"):
        find_credentials(FAR, env)
    assert find_credentials(Endpoint("s", "S", "https://example.org"), env) == Credentials(token="hush")  # noqa: S106


@pytest.mark.parametrize(
    "env",
    [
        {"DRESS_KG_ENDPOINT_USER": "anna"},
        {"DRESS_KG_ENDPOINT_TOKEN": "a\r\nX: y"},
        {"DRESS_KG_ENDPOINT_USER": "a", "DRESS_KG_ENDPOINT_PASSWORD": "b", "DRESS_KG_ENDPOINT_TOKEN": "c"},
    ],
)
def test_incomplete_credentials(env: dict[str, str]) -> None:
    with pytest.raises(CallError, match="incomplete"):
        find_credentials(LOCAL, env)


def test_a_broken_credentials_file_is_not_quoted(tmp_path: Path) -> None:
    env = credentials_file(tmp_path, "password = hush-hush\n")
    with pytest.raises(CallError) as caught:
        find_credentials(LOCAL, env)
    assert "hush" not in str(caught.value)
    assert "hush" not in repr(Credentials("anna", "hush"))


# ------------------------------------------------------------------ ledger and fingerprint


def test_the_ledger_remembers_and_forgets(tmp_path: Path) -> None:
    with open_ledger("http://a", tmp_path) as ledger:
        ledger.begin(["g", "h"])
        ledger.done({"g": "1"})
        ledger.gone(["h"])
    with open_ledger("http://a", tmp_path) as ledger:
        assert ledger.sent == {"g": "1"}
    with open_ledger("http://b", tmp_path) as ledger:
        assert ledger.sent == {}


def test_a_line_torn_by_a_kill_is_ignored(tmp_path: Path) -> None:
    with open_ledger("http://a", tmp_path) as ledger:
        ledger.done({"g": "1"})
    path = ledger_path("http://a", tmp_path)
    whole = path.read_text()
    for cut in range(len(whole)):
        path.write_text(whole + '{"graph": "x", "sha256": "2"}\n'[:cut])
        with open_ledger("http://a", tmp_path) as ledger:
            assert ledger.sent["g"] == "1"
            assert set(ledger.sent) <= {"g", "x"}
        if cut > 40:
            break


def test_a_second_load_to_the_same_server_is_refused(tmp_path: Path) -> None:
    with (
        open_ledger("http://a", tmp_path),
        pytest.raises(StoreError, match="at work"),
        open_ledger("http://a", tmp_path),
    ):
        pass


def triple(value: str, kind: str | None = None, language: str | None = None) -> Triple:
    literal = (
        Literal(value, language=language)
        if language
        else Literal(value, datatype=NamedNode(XSD + (kind or "string")))
    )
    return Triple(NamedNode("urn:s"), NamedNode("urn:p"), literal)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (triple("01", "integer"), triple("1", "integer")),
        (triple("1.50", "decimal"), triple("1.5", "decimal")),
        (triple("1", "boolean"), triple("true", "boolean")),
        (triple("x", language="en-GB"), triple("x", language="en-gb")),
    ],
)
def test_fingerprints_do_not_see_how_servers_spell_values(one: Triple, other: Triple) -> None:
    assert fingerprint([one]) == fingerprint([other])


def test_fingerprints_see_everything_else() -> None:
    different = [
        triple("1", "integer"), triple("1", "decimal"), triple("1"), triple("2", "integer"), triple("1 "),
        triple("x", language="en"), triple("x", language="de"), triple("x"),
        triple("'x'"), triple('"x"'), triple("x\ny"),
    ]  # fmt: skip
    assert len({fingerprint([each]).sha256 for each in different}) == len(different)
    assert fingerprint(different) == fingerprint([*reversed(different), different[0]])


# ------------------------------------------------------------------ answers that deceive


Reply = tuple[int, dict[str, str], bytes]


@contextmanager
def server_that_says(
    *replies: Reply, drip: float = 0.0
) -> Iterator[tuple[str, list[tuple[str, dict[str, str]]]]]:
    """A server with these replies, the last one for ever; and the paths and headers it was sent."""
    seen: list[tuple[str, dict[str, str]]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            seen.append((self.path, dict(self.headers)))
            status, headers, body = replies[min(len(seen), len(replies)) - 1]
            try:
                self.send_response(status)
                for name, value in {"Content-Length": str(len(body)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                for byte in body if drip else ():
                    self.wfile.write(bytes([byte]))
                    self.wfile.flush()
                    time.sleep(drip)
                if not drip:
                    self.wfile.write(body)
            except OSError:
                return

        do_GET = do_POST  # noqa: N815

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", seen
    finally:
        server.shutdown()
        server.server_close()


def ask(
    address: str, *, who: Credentials | None = None, timeout: float = 5.0, max_rows: int | None = None
) -> int:
    client = connect(Endpoint("s", "S", address, max_rows=max_rows), who, timeout=timeout)
    return len(client.query("SELECT ?a { ?a ?b ?c }").rows)


def test_a_good_answer() -> None:
    with server_that_says((200, {"Content-Type": JSON}, ROWS)) as (address, _):
        assert ask(address) == 1


@pytest.mark.parametrize(
    ("reply", "message"),
    [
        ((200, {"Content-Type": "text/html"}, b"<html>Welcome</html>"), "text/html"),
        ((200, {"Content-Type": JSON}, ROWS[:-2]), "cut or malformed"),
        ((200, {"Content-Type": JSON}, ROWS[:40]), "cut or malformed"),
        ((200, {"Content-Type": JSON}, b""), "cut or malformed"),
        ((200, {"Content-Type": JSON, "X-SPARQL-MaxRows": "10000"}, ROWS), "not whole"),
        ((200, {"Content-Type": JSON, "X-SQL-State": "S1TAT"}, ROWS), "not whole"),
        ((302, {"Location": "http://evil.example/"}, b""), "redirects"),
        ((307, {"Location": "/elsewhere"}, b""), "redirects"),
        ((401, {"WWW-Authenticate": 'Basic realm="x"'}, b""), "credentials"),
        ((403, {}, b""), "credentials"),
        ((400, {}, b"syntax error at line 1"), "syntax error"),
        ((404, {}, b"no"), "status 404"),
        ((500, {}, b"<h1>Internal</h1>"), "Internal"),
    ],
)
def test_an_answer_that_is_none_is_an_error(reply: Reply, message: str) -> None:
    with server_that_says(reply) as (address, seen):
        with pytest.raises(DressKgError, match=message):
            ask(address)
        assert len(seen) == 1


def test_as_many_rows_as_the_server_gives_at_most_is_an_error() -> None:
    with server_that_says((200, {"Content-Type": JSON}, ROWS)) as (address, _):
        with pytest.raises(EndpointError, match="at most 1 rows"):
            ask(address, max_rows=1)
        assert ask(address, max_rows=2) == 1


def test_not_now_is_asked_again() -> None:
    replies: list[Reply] = [
        (503, {"Retry-After": "0"}, b""),
        (429, {}, b""),
        (502, {}, b""),
        (200, {"Content-Type": JSON}, ROWS),
    ]
    with server_that_says(*replies) as (address, seen):
        assert ask(address) == 1
        assert len(seen) == 4


def test_an_answer_cut_in_its_body_is_asked_for_again() -> None:
    cut: Reply = (200, {"Content-Type": JSON, "Content-Length": "1000", "Connection": "close"}, ROWS)
    with server_that_says(cut, (200, {"Content-Type": JSON}, ROWS)) as (address, seen):
        assert ask(address) == 1
        assert len(seen) == 2


@pytest.mark.parametrize("where", ["headers", "body"])
def test_a_server_that_drips_does_not_hold_us(where: str) -> None:
    if where == "body":
        with server_that_says((200, {"Content-Type": JSON}, ROWS * 10), drip=0.1) as (address, _):
            start = time.monotonic()
            with pytest.raises(EndpointError, match="within 1 s"):
                ask(address, timeout=1.0)
    else:
        with dripping_headers() as address:
            start = time.monotonic()
            with pytest.raises(EndpointError, match="within 1 s"):
                ask(address, timeout=1.0)
    assert time.monotonic() - start < 3


@contextmanager
def dripping_headers() -> Iterator[str]:
    import socket

    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        try:
            client, _ = listener.accept()
            with client:
                client.sendall(b"HTTP/1.1 200 OK\r\n")
                for number in range(1000):
                    client.sendall(f"X-{number}: a\r\n".encode())
                    time.sleep(0.1)
        except OSError:
            return

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        listener.close()


def test_credentials_go_to_the_named_server_only_and_stay_out_of_errors() -> None:
    who = Credentials("anna", "s3cret")
    with server_that_says((200, {"Content-Type": JSON}, ROWS)) as (other, seen_there):
        redirect: Reply = (307, {"Location": other + "/?s3cret"}, b"you sent s3cret")
        with server_that_says(redirect) as (address, seen):
            with pytest.raises(EndpointError) as caught:
                ask(address, who=who)
            assert seen[0][1]["Authorization"].startswith("Basic ")
        assert not seen_there
    assert "s3cret" not in str(caught.value)
    with server_that_says((500, {}, b"wrong password s3cret")) as (address, _):
        with pytest.raises(EndpointError, match=r"\*\*\*") as caught:
            ask(address, who=who)
        assert "s3cret" not in str(caught.value)


def test_updates_and_service_are_refused_before_they_are_sent() -> None:
    client = connect(Endpoint("s", "S", "http://127.0.0.1:9"))
    for text in ("DROP ALL", "SELECT * { SERVICE <http://a/> { ?a ?b ?c } }"):
        with pytest.raises(QueryError):
            client.query(text)


def test_an_update_is_not_repeated_unless_that_does_no_harm() -> None:
    busy: Reply = (503, {"Retry-After": "0"}, b"")
    with server_that_says(busy, (200, {}, b"")) as (address, seen):
        client = connect(Endpoint("s", "S", address, update_path="u"))
        with pytest.raises(EndpointError, match="503"):
            client.update("INSERT DATA { <urn:a> <urn:b> 1 }")
        assert len(seen) == 1
        client.update("DROP SILENT GRAPH <urn:a>", repeatable=True)
        assert seen[-1][0] == "/u"


def test_proxies_and_netrc_of_the_environment_are_not_used(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login a password hush\n")
    (tmp_path / ".netrc").chmod(0o600)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    assert os.environ["HOME"] == str(tmp_path)
    with server_that_says((200, {"Content-Type": JSON}, ROWS)) as (address, seen):
        assert ask(address) == 1
        assert "Authorization" not in seen[0][1]
