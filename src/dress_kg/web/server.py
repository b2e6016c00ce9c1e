"""The application under uvicorn."""

from __future__ import annotations

import asyncio
import sys

import uvicorn

from dress_kg.errors import StoreError
from dress_kg.web.app import create_app
from dress_kg.web.settings import LONGEST_TEXT, Settings

_MOST_OPEN = 1_000
"""Connections; what comes on top is told 503 at once."""


def configuration(settings: Settings) -> uvicorn.Config:
    """How the application is served; the addresses of askers are not logged."""
    return uvicorn.Config(
        create_app(settings),
        host=settings.host,
        port=settings.port,
        http="h11",
        ws="none",
        lifespan="on",
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        limit_concurrency=_MOST_OPEN,
        timeout_keep_alive=15,
        timeout_graceful_shutdown=int(settings.limits.seconds) + 2,
        h11_max_incomplete_event_size=4 * LONGEST_TEXT,
    )


def run(settings: Settings) -> None:
    """Serve until told to stop.

    :raises StoreError: the workers do not start, or the address is taken.
    """
    server = uvicorn.Server(configuration(settings))
    asyncio.run(_serve(server, settings))


async def _serve(server: uvicorn.Server, settings: Settings) -> None:
    telling = asyncio.create_task(_tell(server, settings))
    try:
        await server.serve()
    except SystemExit as stop:  # uvicorn's way to say that the address is taken
        raise StoreError(
            "the address cannot be listened on",
            value=f"{settings.host}:{settings.port}",
            remedy="choose another with --port, or see the message above",
        ) from stop
    finally:
        telling.cancel()
    if not server.started:
        raise StoreError("the service does not start", remedy="see the message above")


async def _tell(server: uvicorn.Server, settings: Settings) -> None:
    while not server.started:
        await asyncio.sleep(0.02)
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    print(f"serving {settings.graph} at http://{host}:{settings.port}/sparql", file=sys.stderr, flush=True)
