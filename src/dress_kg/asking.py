"""One way to ask, wherever the graph is: the embedded store here or a server elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dress_kg.queries import Result, labels, resolver, run
from dress_kg.remote import SparqlClient, remote_labels, remote_resolver

if TYPE_CHECKING:
    from pyoxigraph import Store


@dataclass(frozen=True, slots=True)
class Embedded:
    """The store of a build."""

    store: Store

    def run(self, text: str) -> Result:
        """The answer of the union of all graphs; raises as `queries.run` does."""
        return run(self.store, text)

    def resolver(self) -> Callable[[str], str]:
        """From a name to the IRI."""
        return resolver(self.store)

    def labels(self, iris: Iterable[str]) -> dict[str, str]:
        """A label for each IRI that has one."""
        return labels(self.store, iris)

    def differs(self, query: str) -> str | None:
        """Why a stored query's answer is not to be relied on here: never."""
        return None


@dataclass(frozen=True, slots=True)
class Remote:
    """A server."""

    client: SparqlClient

    def run(self, text: str) -> Result:
        """The answer of the server's default graph, whole or an error."""
        return self.client.query(text)

    def resolver(self) -> Callable[[str], str]:
        """From a name to the IRI."""
        return remote_resolver(self.client)

    def labels(self, iris: Iterable[str]) -> dict[str, str]:
        """A label for each IRI that has one."""
        return remote_labels(self.client, iris)

    def differs(self, query: str) -> str | None:
        """Why a stored query's answer is not to be relied on there, or None."""
        return self.client.endpoint.differs.get(query)


Asked = Embedded | Remote
