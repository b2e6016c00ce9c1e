"""SPARQL 1.1 query and update on a server: the one module that uses SPARQLWrapper.

SPARQLWrapper has no timeout by default, follows redirects with the credentials, installs digest credentials
for the whole process and believes every answer with status 200. So its requests go out through an opener of
ours, with a deadline, and an answer counts only when it is whole: right content type, no sign of rows cut,
and it parses to its end.
"""

from __future__ import annotations

import base64
import http.client
import itertools
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from dress_kg.errors import EndpointError, QueryError
from dress_kg.queries.result import Result
from dress_kg.queries.running import check_text
from dress_kg.queries.syntax import meaning
from dress_kg.remote.credentials import Credentials
from dress_kg.remote.endpoint import Endpoint
from dress_kg.remote.failure import ATTEMPTS, NotNowError, pause, redirect_error, status_error
from dress_kg.remote.transport import Deadline, digest, open_request, read

if TYPE_CHECKING:
    from pyoxigraph import Literal, NamedNode, QuerySolutions

T = TypeVar("T")
_ROWS = "application/sparql-results+json"
_ROW_TYPES = (_ROWS, "application/json")
_FORMS = ("SELECT", "ASK", "CONSTRUCT", "DESCRIBE")
_CUT = {
    "x-sparql-maxrows": "it holds only the first rows (the server's row limit)",
    "x-sql-state": "the server broke the query off",
}
"""Headers by which a server tells, with status 200, that the answer is not whole."""


def connect(
    endpoint: Endpoint,
    credentials: Credentials | None = None,
    *,
    timeout: float = 60.0,
    attempts: int = ATTEMPTS,
) -> SparqlClient:
    """A client for an endpoint; nothing is sent yet.

    :param timeout: seconds for a whole answer, not only for its next byte.
    :param attempts: how often a request is sent at most.
    """
    return SparqlClient(endpoint, credentials, timeout, attempts)


@dataclass(frozen=True, slots=True)
class SparqlClient:
    """Asks a server; every answer is whole or an error."""

    endpoint: Endpoint
    credentials: Credentials | None
    timeout: float = 60.0
    attempts: int = ATTEMPTS

    def query(self, text: str) -> Result:
        """The answer to a query that only reads, over the server's default graph.

        :raises QueryError: it holds an update or SERVICE, or the server finds a fault in it.
        :raises EndpointError: no answer in time, or none that is whole.
        """
        check_text(text)
        form = _form(text)
        rows = form in ("SELECT", "ASK")
        accept = _ROWS if rows else self.endpoint.triples
        body = self._retried(lambda: self._send(text, form, accept))
        result = _rows(body, self._address) if rows else _triples(body, accept, self._address)
        if self.endpoint.max_rows is not None and len(result.rows) >= self.endpoint.max_rows:
            raise EndpointError(
                f"the answer is not whole: {self.endpoint.title} gives at most {len(result.rows):,} rows",
                file=self._address,
                remedy="ask for less, or raise the limit there and `max_rows` in a profile of your own",
            )
        return result

    def update(self, text: str, *, repeatable: bool = False) -> None:
        """Change the data on the server.

        :param repeatable: doing it twice does no harm, so it may be tried again after a broken connection.
        :raises QueryError: the server finds a fault in it. :raises EndpointError: it was not done, or it is
            not known whether it was.
        """
        self.endpoint.url(self.endpoint.update_path)
        if repeatable:
            self._retried(lambda: self._send(text, "INSERT", "*/*"))
        else:
            self._send(text, "INSERT", "*/*")

    def pages(self, pattern: str, rows: int) -> Iterator[Result]:
        """The answer to `SELECT ?s ?p ?o` over a pattern in parts, for servers that cut long ones.

        The order is the server's; whoever takes the parts together must know what to expect of the whole.
        """
        for start in itertools.count(0, rows):
            page = self.query(f"SELECT ?s ?p ?o {{ {pattern} }} LIMIT {rows} OFFSET {start}")
            yield page
            if len(page.rows) < rows:
                return

    @property
    def _address(self) -> str:
        return self.endpoint.url(self.endpoint.query_path)

    def _retried(self, send: Callable[[], T]) -> T:
        attempt = 0
        while True:
            try:
                return send()
            except NotNowError as error:
                if attempt + 1 >= self.attempts:
                    raise
                time.sleep(pause(attempt, error.after))
                attempt += 1

    def _send(self, text: str, form: str, accept: str) -> bytes:
        path = self.endpoint.update_path if form == "INSERT" else self.endpoint.query_path
        address = self.endpoint.url(path)
        deadline = Deadline(self.timeout, address)
        try:
            with deadline.watching():
                response = _wrapper(self, text, form, accept, deadline).query().response
            with response:
                if deadline.over:  # a connection that was shut looks like the end of the headers
                    raise deadline.error()
                if form != "INSERT":
                    _check_headers(response, accept, address)
                return read(response, deadline, address)
        except urllib.error.HTTPError as error:
            raise self._refusal(error, address, form) from None
        except ValueError as error:
            raise EndpointError(f"the server's answer cannot be used ({error})", file=address) from None
        except (OSError, http.client.HTTPException) as error:
            if deadline.over:
                raise deadline.error() from None
            reason = getattr(error, "reason", None) or error
            if isinstance(reason, ssl.SSLCertVerificationError):
                raise EndpointError(f"its certificate is not valid ({reason})", file=address) from None
            said = self._hide(f"{type(error).__name__}: {reason}")
            raise NotNowError(f"the connection failed ({said})", file=address) from None

    def _refusal(self, error: urllib.error.HTTPError, address: str, form: str) -> EndpointError | QueryError:
        with error:
            if 300 <= error.code < 400:
                return redirect_error(address, error.code, error.headers.get("Location", ""))
            try:
                body = self._hide(error.read(20_000).decode("utf-8", "replace"))
            except (OSError, http.client.HTTPException):
                body = ""
        if error.code == 400:
            what = "update" if form == "INSERT" else "query"
            return QueryError(
                f"the server finds a fault in the {what}", file=address, value=" ".join(body.split())[:500]
            )
        return status_error(address, error.code, body, error.headers.get("Retry-After"))

    def _hide(self, text: str) -> str:
        return self.credentials.hide(text) if self.credentials else text


def _form(text: str) -> str:
    """SELECT, ASK, CONSTRUCT or DESCRIBE.

    >>> _form("# ASK\\nPREFIX ask: <urn:ask:> SELECT * { ?a ?b 'CONSTRUCT' }")
    'SELECT'
    """
    for token in meaning(text):
        if token.kind == "word" and token.text.upper() in _FORMS:
            return token.text.upper()
    raise QueryError("this is no SPARQL query", remedy=f"it has one of {', '.join(_FORMS)}")


def _wrapper(client: SparqlClient, text: str, form: str, accept: str, deadline: Deadline) -> Any:
    """A SPARQLWrapper for one request, sent through our opener."""
    from SPARQLWrapper import JSON, N3, POST, URLENCODED, SPARQLWrapper

    class Wrapper(SPARQLWrapper):  # type: ignore[misc, unused-ignore]
        def _query(self) -> tuple[Any, str]:
            request = self._createRequest()
            who, endpoint = client.credentials, client.endpoint
            digested = who is not None and who.token is None and endpoint.authentication == "digest"
            more = [digest(request.full_url, who)] if who and digested else []
            return open_request(request, deadline, *more), self.returnFormat

    endpoint = client.endpoint
    update = endpoint.url(endpoint.update_path) if form == "INSERT" else None
    wrapper = Wrapper(
        endpoint.url(endpoint.query_path),
        update,
        returnFormat=N3 if form in _FORMS[2:] else JSON,
        agent="dress-kg",
    )
    wrapper.setMethod(POST)
    wrapper.setRequestMethod(URLENCODED)
    wrapper.setOnlyConneg(True)
    wrapper.queryString, wrapper.queryType = text, form
    wrapper.addCustomHttpHeader("Accept", accept)
    if form != "INSERT":
        for name, value in endpoint.parameters:
            wrapper.addParameter(name, value)
    who = client.credentials
    if who and who.token is not None:
        wrapper.addCustomHttpHeader("Authorization", f"Bearer {who.token}")
    elif who and endpoint.authentication == "basic":
        pair = base64.b64encode(f"{who.user}:{who.password}".encode()).decode("ascii")
        wrapper.addCustomHttpHeader("Authorization", f"Basic {pair}")
    return wrapper


def _check_headers(response: Any, accept: str, address: str) -> None:
    """An answer in another format, or one that says that it is cut, is an error."""
    for name, meaning_of in _CUT.items():
        if response.headers.get(name):
            said = response.headers.get("x-sql-message") or f"{name}: {response.headers.get(name)}"
            raise EndpointError(
                f"the answer is not whole: {meaning_of}",
                file=address,
                value=said,
                remedy="ask for less, or raise the server's limit",
            )
    found = response.headers.get_content_type()
    allowed = _ROW_TYPES if accept == _ROWS else (accept,)
    if found not in allowed:
        raise EndpointError(
            f"the server answers with {found} where {accept} was asked for",
            file=address,
            remedy="is this the address of a SPARQL endpoint? Name the kind of server with --server",
        )


def _rows(body: bytes, address: str) -> Result:
    """Rows from SPARQL JSON results; this format has an end, so an answer that was cut does not parse."""
    from pyoxigraph import QueryBoolean, QueryResultsFormat, parse_query_results

    try:
        answer = parse_query_results(body, QueryResultsFormat.JSON)
        if isinstance(answer, QueryBoolean):
            return Result(boolean=bool(answer))
        return _truth(_table(answer))
    except (SyntaxError, ValueError) as error:
        raise EndpointError(f"the answer is cut or malformed ({error})", file=address) from error


def _table(answer: QuerySolutions) -> Result:
    columns = tuple(variable.value for variable in answer.variables)
    rows = tuple(tuple(plain(solution[name]) for name in columns) for solution in answer)
    return Result(columns, rows)


def _truth(table: Result) -> Result:
    """Virtuoso answers some ASK by a table of one row; this is the boolean that it means."""
    if table.columns != ("__ASK_RETVAL",):
        return table
    return Result(boolean=any(getattr(row[0], "value", "0") in ("1", "true") for row in table.rows))


def plain(term: Any) -> Any:
    """A term as every engine should write it: Virtuoso writes booleans as 1 and 0."""
    from pyoxigraph import Literal

    if isinstance(term, Literal) and term.datatype.value.endswith("XMLSchema#boolean"):
        return _literal({"1": "true", "0": "false"}.get(term.value, term.value), term.datatype)
    return term


def _literal(value: str, datatype: NamedNode) -> Literal:
    from pyoxigraph import Literal

    return Literal(value, datatype=datatype)


def _triples(body: bytes, accept: str, address: str) -> Result:
    from pyoxigraph import RdfFormat, parse

    form = RdfFormat.from_media_type(accept)
    try:
        found = dict.fromkeys(quad.triple for quad in parse(body, format=form))
    except (SyntaxError, ValueError) as error:
        raise EndpointError(f"the answer is cut or malformed ({error})", file=address) from error
    return Result(triples=tuple(found))
