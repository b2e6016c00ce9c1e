"""The graph from Python: open it, ask a stored query or your own SPARQL, get rows, a DataFrame or a view.

from dress_kg import open_graph

graph = open_graph()
for row in graph.query("who-disagrees-on-an-agent", agent="IVIG"):
    print(row["item"], row["direction"])
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

from dress_kg.asking import Asked, Embedded, Remote
from dress_kg.errors import CallError, MissingPartError, StoreError
from dress_kg.queries import Result, list_queries, load_query
from dress_kg.store import find_graph, open_build

if TYPE_CHECKING:
    import pandas
    import rdflib
    from pyoxigraph import Store

Value = str | int | float | bool | Decimal | datetime.date | None
Row = dict[str, Value]
_XSD = "http://www.w3.org/2001/XMLSchema#"


def open_graph(
    folder: Path | str | None = None,
    *,
    endpoint: str | None = None,
    server: str | None = None,
    timeout: float = 60.0,
) -> Graph:
    """The published graph of a build's folder, or the one on a server.

    :param folder: the build's folder; None is `$DRESS_KG_GRAPH`, else the last published build.
    :param endpoint: instead: an endpoint's address, a shipped profile's name or a profile file. Credentials
        come from the environment or the credentials file.
    :param server: the kind of server at an address; None asks it.
    :param timeout: seconds for an answer of a server.
    :raises StoreError: there is no graph yet, or it is damaged.
    :raises CallError: both were named, or the endpoint's address is malformed.
    """
    if endpoint is None:
        found = find_graph(None if folder is None else str(folder))
        if found is None:
            raise StoreError("no graph has been built yet", remedy="dress-kg build, or name its folder")
        build = open_build(found)
        return Graph(Embedded(build.store()), build.folder, build.manifest)
    if folder is not None:
        raise CallError("a graph is either in a folder or at an endpoint", value=endpoint)
    from dress_kg.remote import connect, find_credentials, find_endpoint

    there = find_endpoint(endpoint, server)
    return Graph(Remote(connect(there, find_credentials(there), timeout=timeout, attempts=3)))


@dataclass(frozen=True, slots=True)
class Graph:
    """A graph to ask; opened once, it stays the same version whatever is published meanwhile.

    :ivar folder: the version's folder, None at an endpoint.
    :ivar manifest: its counts, versions and hashes; empty at an endpoint.
    """

    _asked: Asked = field(repr=False)
    folder: Path | None = None
    manifest: dict[str, Any] = field(default_factory=dict, repr=False)

    def queries(self) -> dict[str, str]:
        """The stored queries: name and question."""
        return {query.name: query.summary for query in list_queries()}

    def query(self, name: str, **parameters: object) -> Answer:
        """The answer to a stored query.

        :param name: `audience/question`, or the question alone.
        :param parameters: as `--param` of the command; agents and the like by name or IRI.
        :raises QueryError: there is no such query or parameter, or a value does not fit.
        """
        given = {key: str(value) for key, value in parameters.items()}
        return self.sparql(load_query(name).bind(given, self._asked.resolver()))

    def sparql(self, text: str) -> Answer:
        """The answer to a query of your own; it may only read.

        :raises QueryError: it does not parse, or holds an update or SERVICE.
        """
        return Answer(self._asked.run(text), self._asked)

    @property
    def store(self) -> Store:
        """The pyoxigraph store, read-only.

        :raises CallError: the graph is at an endpoint.
        """
        if isinstance(self._asked, Embedded):
            return self._asked.store
        raise CallError("a graph at an endpoint has no store here", remedy="ask it with sparql()")

    def rdflib(self) -> rdflib.Dataset:
        """The graph in rdflib, as a read-only view of the store; its default graph is the union."""
        import oxrdflib
        import rdflib

        return rdflib.Dataset(store=oxrdflib.OxigraphStore(store=self.store), default_union=True)


@dataclass(frozen=True, slots=True)
class Answer(Sequence[Row]):
    """The rows of an answer, as dictionaries of Python values by column.

    IRIs are strings, unbound is None, numbers, booleans and dates are what Python has for them.

    :ivar result: the answer as RDF terms; also that of ASK (`result.boolean`) and CONSTRUCT
        (`result.triples`), which have no rows.
    """

    result: Result
    _asked: Asked = field(repr=False)

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns, in order."""
        return self.result.columns

    @overload
    def __getitem__(self, index: int) -> Row: ...
    @overload
    def __getitem__(self, index: slice) -> list[Row]: ...
    def __getitem__(self, index: int | slice) -> Row | list[Row]:
        if isinstance(index, slice):
            return [self._row(row) for row in self.result.rows[index]]
        return self._row(self.result.rows[index])

    def __len__(self) -> int:
        return len(self.result.rows)

    def __iter__(self) -> Iterator[Row]:
        return (self._row(row) for row in self.result.rows)

    def _row(self, row: tuple[Any, ...]) -> Row:
        return {name: python_value(term) for name, term in zip(self.columns, row, strict=True)}

    def labelled(self) -> list[Row]:
        """The rows with labels in the place of IRIs that have one."""
        from pyoxigraph import NamedNode

        iris = {term.value for row in self.result.rows for term in row if isinstance(term, NamedNode)}
        names: dict[str, str] = self._asked.labels(iris)
        return [
            {key: names.get(value, value) if isinstance(value, str) else value for key, value in row.items()}
            for row in self
        ]

    def frame(self, *, labels: bool = True) -> pandas.DataFrame:
        """The rows as a pandas DataFrame.

        :param labels: labels in the place of IRIs.
        :raises MissingPartError: pandas is not installed.
        """
        try:
            import pandas as pd
        except ImportError as error:
            raise MissingPartError(
                "pandas is not installed", remedy="pip install 'dress-kg[pandas]'"
            ) from error
        return pd.DataFrame(self.labelled() if labels else list(self), columns=list(self.columns))


def python_value(term: Any) -> Value:
    """What Python has for a term; a lexical form that its datatype does not allow stays text."""
    if term is None:
        return None
    text = str(getattr(term, "value", term))
    kind = getattr(term, "datatype", None)
    try:
        return _of_kind(text, kind.value.removeprefix(_XSD) if kind is not None else "")
    except (ValueError, ArithmeticError):
        return text


def _of_kind(text: str, kind: str) -> Value:
    """A literal's value by its XSD datatype.

    >>> _of_kind("1.50", "decimal"), _of_kind("7", "integer"), _of_kind("true", "boolean")
    (Decimal('1.50'), 7, True)
    """
    if kind == "integer":
        return int(text)
    if kind == "decimal":
        return Decimal(text)
    if kind in ("double", "float"):
        return float(text)
    if kind == "boolean":
        return text in ("true", "1")
    if kind == "date":
        return datetime.date.fromisoformat(text)
    return text
