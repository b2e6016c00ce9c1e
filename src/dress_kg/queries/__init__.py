"""Stored queries: read their headers, bind their parameters, run them.

`catalog` lists the files, `parameter` writes a value as a term, `binding` puts it in its place, `syntax`
tells the tokens of SPARQL apart, `running` asks a store and finds the IRI for a name.
"""

from dress_kg.queries.catalog import StoredQuery, list_queries, load_query, query_folders
from dress_kg.queries.parameter import Parameter
from dress_kg.queries.result import Result
from dress_kg.queries.running import labels, resolver, run

__all__ = [
    "Parameter",
    "Result",
    "StoredQuery",
    "labels",
    "list_queries",
    "load_query",
    "query_folders",
    "resolver",
    "run",
]
