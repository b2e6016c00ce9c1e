"""Endpoints: an address, and the profile of the kind of server that is there (`mappings/endpoints/*.toml`).

A user's own profile is a TOML file that names the shipped one it rests on (`server = "virtuoso"`) and holds
what differs, usually the address.
"""

from __future__ import annotations

import ipaddress
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from dress_kg.errors import CallError, EndpointError, ProfileError
from dress_kg.resources import folder

GENERIC = "sparql"
_TOP = {"title", "server", "address", "recognise", "authentication", "union", "plain_http", "differs"}
_SECTIONS: Mapping[str, Mapping[str, type | tuple[type, ...]]] = {
    "query": {"path": str, "parameters": dict, "triples": str, "max_rows": int},
    "update": {"path": str},
    "graphs": {"path": str, "parameter": str, "workers": int, "transient": list},
    "dataset": {"path": str, "above": int, "chunk_bytes": int},
}
_AUTHENTICATIONS = ("basic", "digest")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A server: where it is and how to speak to it.

    :ivar server: name of its profile.
    :ivar address: http or https, without user, query or fragment; None until one is given.
    :ivar recognise: how its `Server` header starts, or None.
    :ivar authentication: `basic` or `digest`; a token is always sent as `Bearer`.
    :ivar query_path: the query service, relative to the address ("" is the address itself).
    :ivar parameters: sent along with every query.
    :ivar triples: media type asked for with CONSTRUCT and DESCRIBE.
    :ivar max_rows: rows at which the server cuts an answer in silence, or None.
    :ivar update_path: the update service, or None.
    :ivar graphs_path: the Graph Store Protocol service, or None: nothing can be loaded there.
    :ivar workers: requests at a time. :ivar transient: words of error pages worth another try.
    :ivar dataset_path: where N-Quads of many graphs can be posted, or None.
    :ivar dataset_above: number of graphs from which on that is done.
    :ivar differs: stored queries that this server is known to answer otherwise, and why.
    :ivar union: how to make the default graph the union of all graphs where it may not be, or None.
    :ivar plain_http: credentials may go unencrypted to other machines.
    """

    server: str
    title: str
    address: str | None = None
    recognise: str | None = None
    authentication: str = "basic"
    union: str | None = None
    plain_http: bool = False
    query_path: str = ""
    parameters: tuple[tuple[str, str], ...] = ()
    triples: str = "application/n-triples"
    max_rows: int | None = None
    update_path: str | None = None
    graphs_path: str | None = None
    graph_parameter: str = "graph"
    workers: int = 1
    transient: tuple[str, ...] = ()
    dataset_path: str | None = None
    dataset_above: int = 2000
    chunk_bytes: int = 16_000_000
    differs: Mapping[str, str] = field(default_factory=dict)

    def url(self, path: str | None) -> str:
        """The address of one of its services.

        :raises CallError: the server has no such service, or no address is known.

        >>> Endpoint("oxigraph", "Oxigraph", "http://localhost:7878").url("query")
        'http://localhost:7878/query'
        """
        if self.address is None or path is None:
            raise CallError(
                "no address is known" if self.address is None else f"{self.title} has no such service",
                file=self.address or self.server,
                remedy="name a server that can be written to: --server oxigraph, virtuoso, fuseki or graphdb",
            )
        return f"{self.address}/{path}" if path else self.address

    @property
    def local(self) -> bool:
        """Whether it is on this machine."""
        return is_loopback(urlsplit(self.address or "").hostname or "")


def is_loopback(host: str) -> bool:
    """Whether a host name is this machine.

    >>> is_loopback("127.0.0.1"), is_loopback("localhost"), is_loopback("example.org")
    (True, True, False)
    """
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def check_address(text: str) -> str:
    """An address as it is used: without a slash at its end.

    :raises CallError: it is no http(s) address, or holds a password (which is not repeated).

    >>> check_address("http://localhost:7878/")
    'http://localhost:7878'
    """
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise CallError(f"the endpoint's address is malformed ({error})") from error
    if "@" in parts.netloc:
        raise CallError(
            "an endpoint's address must not hold a user or password",
            value=f"{parts.scheme}://…@{host}",
            remedy="set DRESS_KG_ENDPOINT_USER and DRESS_KG_ENDPOINT_PASSWORD, or the credentials file",
        )
    if (
        parts.scheme not in ("http", "https")
        or not host
        or parts.query
        or parts.fragment
        or not text.isascii()
    ):
        raise CallError("an endpoint's address is http(s)://host[:port][/path]", value=text.partition("?")[0])
    return text.rstrip("/")


def shipped_servers() -> list[str]:
    """The names of the shipped profiles.

    >>> shipped_servers()
    ['fuseki', 'graphdb', 'oxigraph', 'sparql', 'virtuoso']
    """
    return sorted(path.stem for path in (folder("mappings") / "endpoints").glob("*.toml"))


def find_endpoint(named: str, server: str | None = None) -> Endpoint:
    """The endpoint that a user names.

    :param named: an address, the name of a shipped profile (its usual local address), or a profile file.
    :param server: the profile to use for an address; None asks the server who it is (its Server header).
    :raises CallError: the address is malformed. :raises ProfileError: there is no such profile.
    """
    if "://" in named:
        address = check_address(named)
        profile = read_server(server) if server else _recognise(address)
        return replace(profile, address=_without_service(address, profile))
    endpoint = read_profile(Path(named)) if named.endswith(".toml") else read_server(named)
    if endpoint.address is None:
        raise CallError("the profile has no address", value=named, remedy="name the endpoint's address")
    return endpoint


def _without_service(address: str, profile: Endpoint) -> str:
    """The server's address where that of its query service was given."""
    ending = f"/{profile.query_path}"
    return address.removesuffix(ending) if profile.query_path else address


def _recognise(address: str) -> Endpoint:
    """The profile of the server that answers there; the generic one where none fits."""
    import httpx

    profiles = [read_server(name) for name in shipped_servers()]
    try:
        answer = httpx.get(address, timeout=10.0, trust_env=False, follow_redirects=False)
    except httpx.HTTPError as error:
        raise EndpointError(
            f"the server does not answer ({type(error).__name__})",
            file=address,
            remedy="check the address; name the kind of server with --server",
        ) from error
    said = answer.headers.get("server", "")
    fitting = [each for each in profiles if each.recognise and said.startswith(each.recognise)]
    return fitting[0] if fitting else read_server(GENERIC)


def read_server(name: str) -> Endpoint:
    """A shipped profile.

    :raises ProfileError: there is none of that name.
    """
    path = folder("mappings") / "endpoints" / f"{name}.toml"
    if name not in shipped_servers():
        raise ProfileError(
            "there is no such server profile",
            value=name,
            remedy=f"choose one of {', '.join(shipped_servers())}, or name a .toml file",
        )
    return read_profile(path)


def read_profile(path: Path) -> Endpoint:
    """A profile file.

    :raises ProfileError: it cannot be read, or holds a key or a value that does not belong there.
    """
    try:
        data = tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise ProfileError(f"the endpoint profile cannot be read ({error})", file=path) from error
    _check(path, data)
    base = read_server(data["server"]) if "server" in data else None
    query, graphs = data.get("query", {}), data.get("graphs", {})
    changes: dict[str, Any] = {
        key: data[key]
        for key in ("title", "recognise", "authentication", "union", "plain_http", "differs")
        if key in data
    }
    if "address" in data:
        changes["address"] = check_address(data["address"])
    if "parameters" in query:
        changes["parameters"] = tuple(query["parameters"].items())
    if "transient" in graphs:
        changes["transient"] = tuple(graphs["transient"])
    for section, key, name in _RENAMED:
        if key in data.get(section, {}):
            changes[name] = data[section][key]
    if base is None:
        return Endpoint(**{"server": path.stem, "title": path.stem, **changes})
    return replace(base, **changes)


_RENAMED = (
    ("query", "path", "query_path"),
    ("query", "triples", "triples"),
    ("query", "max_rows", "max_rows"),
    ("update", "path", "update_path"),
    ("graphs", "path", "graphs_path"),
    ("graphs", "parameter", "graph_parameter"),
    ("graphs", "workers", "workers"),
    ("dataset", "path", "dataset_path"),
    ("dataset", "above", "dataset_above"),
    ("dataset", "chunk_bytes", "chunk_bytes"),
)


def _check(path: Path, data: Mapping[str, Any]) -> None:
    unknown = set(data) - _TOP - set(_SECTIONS)
    for section, keys in _SECTIONS.items():
        held = data.get(section, {})
        unknown |= {f"{section}.{key}" for key in set(held) - set(keys)}
        for key, kind in keys.items():
            if key in held and (not isinstance(held[key], kind) or isinstance(held[key], bool)):
                raise ProfileError(f"{section}.{key} has a wrong value", file=path, value=str(held[key]))
    if unknown:
        raise ProfileError(
            "the endpoint profile has an unknown key",
            file=path,
            value=", ".join(sorted(unknown)),
            remedy="compare with the profiles in mappings/endpoints",
        )
    if data.get("authentication", "basic") not in _AUTHENTICATIONS:
        raise ProfileError(
            "unknown way of authentication",
            file=path,
            value=str(data["authentication"]),
            remedy=f"one of {', '.join(_AUTHENTICATIONS)}",
        )
