"""Stored queries: read their headers, bind their parameters, run them.

`catalog` lists the files, `syntax` tells the tokens of SPARQL apart, `binding` puts typed terms in the
place of parameters, `resolving` turns a name into an IRI of the graph, `running` asks a store.
"""

from dress_kg.queries.catalog import Parameter, StoredQuery, list_queries, load_query
from dress_kg.queries.result import Result
from dress_kg.queries.running import labels, resolver, run

__all__ = [
    "Parameter",
    "Result",
    "StoredQuery",
    "labels",
    "list_queries",
    "load_query",
    "resolver",
    "run",
]
