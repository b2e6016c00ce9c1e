"""The graph for assistants: a Model Context Protocol server, `dress-kg mcp`.

`tools` makes each stored query a typed tool, `answer` its rows with the cells behind them, `resources` gives
the evidence items and agents to read; `facts` looks things up in the store, `server` speaks the protocol by
the official SDK. Query text runs in the workers of the service: shut in, and killed at a limit. All of it
only reads.
"""
