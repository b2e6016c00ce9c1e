"""The read-only SPARQL service, `dress-kg serve`.

`app` is the ASGI application (Starlette) and its routes; `protocol` reads a request and `negotiation`
its Accept header; `pool` keeps the worker processes in which all query text runs; `worker` is such a process,
shut in by `sandbox`; `frames` is what they tell each other. `openapi` and `description` tell machines what is
here.
The service itself never parses a query and never opens the store.
"""
