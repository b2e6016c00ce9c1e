"""Who we are to a server: from the environment or from a file that only its owner can read.

Never from an address, and never shown: a `Credentials` prints without its secrets.

The environment: `DRESS_KG_ENDPOINT_USER` and `DRESS_KG_ENDPOINT_PASSWORD`, or `DRESS_KG_ENDPOINT_TOKEN`.
The file: `$DRESS_KG_CREDENTIALS`, else `credentials.toml` in the user's configuration folder, with mode 0600:

    ["https://graph.example.org"]
    user = "loader"
    password = "…"
"""

from __future__ import annotations

import os
import stat
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from dress_kg.errors import CallError
from dress_kg.remote.endpoint import Endpoint

_REMEDY = 'a table per server, ["https://host"], with user and password, or token'


@dataclass(frozen=True, slots=True)
class Credentials:
    """A user with a password, or a token.

    >>> Credentials("anna", "secret")
    Credentials(user='anna')
    """

    user: str | None = None
    password: str | None = field(default=None, repr=False)
    token: str | None = field(default=None, repr=False)

    def hide(self, text: str) -> str:
        """The text without the secrets, should a server have repeated them.

        >>> Credentials("anna", "secret").hide("wrong password: secret")
        'wrong password: ***'
        """
        for secret in (self.password, self.token):
            if secret:
                text = text.replace(secret, "***")
        return text


def find_credentials(endpoint: Endpoint, environment: Mapping[str, str] | None = None) -> Credentials | None:
    """The credentials for an endpoint: those of the environment, else of the file, else None.

    :raises CallError: they are incomplete, others can read the file, or they would go unencrypted over the
        network.
    """
    env = os.environ if environment is None else environment
    found = _from_environment(env) or _from_file(endpoint, env)
    if found and not (endpoint.local or endpoint.plain_http or (endpoint.address or "").startswith("https:")):
        raise CallError(
            "the credentials would go unencrypted over the network",
            file=endpoint.address,
            remedy="use https, or set `plain_http = true` in an endpoint profile of your own",
        )
    return found


def _from_environment(env: Mapping[str, str]) -> Credentials | None:
    user, password, token = (
        env.get(f"DRESS_KG_ENDPOINT_{name}") or None for name in ("USER", "PASSWORD", "TOKEN")
    )
    return _credentials(user, password, token, "the environment")


def _from_file(endpoint: Endpoint, env: Mapping[str, str]) -> Credentials | None:
    path = Path(env["DRESS_KG_CREDENTIALS"]) if env.get("DRESS_KG_CREDENTIALS") else _default_file()
    if not path.is_file():
        if env.get("DRESS_KG_CREDENTIALS"):
            raise CallError("there is no such credentials file", file=path)
        return None
    with path.open("rb") as handle:
        status = os.fstat(handle.fileno())
        if stat.S_IMODE(status.st_mode) & 0o077 or status.st_uid not in (os.getuid(), 0):
            raise CallError("others can read the credentials file", file=path, remedy=f"chmod 600 {path}")
        try:
            tables = tomllib.load(handle)
        except ValueError:
            # The library's message may quote the file.
            raise CallError("the credentials file is not TOML", file=path, remedy=_REMEDY) from None
    return _of_table(_fitting(tables, endpoint), path)


def _fitting(tables: Mapping[str, Any], endpoint: Endpoint) -> Any:
    """The table of the endpoint's address or, failing that, of its server (scheme, host and port)."""
    address = endpoint.address or ""
    parts = urlsplit(address)
    return tables.get(address, tables.get(f"{parts.scheme}://{parts.netloc}"))


def _of_table(table: Any, path: Path) -> Credentials | None:
    if table is None:
        return None
    if not isinstance(table, dict) or set(table) - {"user", "password", "token"}:
        raise CallError("the credentials file has an unknown key", file=path, remedy=_REMEDY)
    return _credentials(table.get("user"), table.get("password"), table.get("token"), str(path))


def _credentials(user: Any, password: Any, token: Any, where: str) -> Credentials | None:
    if user is None and password is None and token is None:
        return None
    values = [each for each in (user, password, token) if each is not None]
    fits = (user is None) == (password is None) and (token is None) != (user is None)
    if not fits or not all(isinstance(each, str) and each.isprintable() for each in values):
        raise CallError("the credentials are incomplete", file=where, remedy=_REMEDY)
    return Credentials(user, password, token)


def _default_file() -> Path:
    from platformdirs import user_config_path

    return user_config_path("dress-kg", appauthor=False) / "credentials.toml"
