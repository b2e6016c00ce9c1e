"""Triple stores on other servers: any SPARQL 1.1 endpoint, described by a small profile.

`endpoint` reads profiles and addresses, `credentials` finds who we are, `sparql` asks (the border to
SPARQLWrapper), `graphs` sends and fetches graphs (the border to httpx), `ledger` remembers what was sent,
`loading` brings a server up to date.
"""

from dress_kg.remote.credentials import Credentials, find_credentials
from dress_kg.remote.endpoint import Endpoint, find_endpoint
from dress_kg.remote.loading import Loaded, load
from dress_kg.remote.names import remote_labels, remote_resolver
from dress_kg.remote.sparql import SparqlClient, connect

__all__ = [
    "Credentials",
    "Endpoint",
    "Loaded",
    "SparqlClient",
    "connect",
    "find_credentials",
    "find_endpoint",
    "load",
    "remote_labels",
    "remote_resolver",
]
