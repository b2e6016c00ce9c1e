"""The application under uvicorn."""

from __future__ import annotations

import asyncio
import sys

import uvicorn
from starlette.applications import Starlette

from dress_kg.errors import StoreError
from dress_kg.web.app import create_app
from dress_kg.web.settings import LONGEST_TEXT, Settings

_MOST_OPEN = 500
"""Connections; what comes on top is told 503 at once."""


def configuration(app: Starlette, settings: Settings) -> uvicorn.Config:
    """How the application is served; the addresses of askers are not logged."""
    return uvicorn.Config(
        app,
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
    asyncio.run(_serve(create_app(settings), settings))


async def _serve(app: Starlette, settings: Settings) -> None:
    try:
        # Before the server does, so that a missing sandbox is an error of ours and no traceback of its.
        await app.state.service.open()
        await _listen(uvicorn.Server(configuration(app, settings)), settings)
    finally:
        await app.state.service.close()


async def _listen(server: uvicorn.Server, settings: Settings) -> None:
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
    print(
        f"serving {settings.graph} at http://{host}:{settings.port}/ (SPARQL: /sparql)",
        file=sys.stderr,
        flush=True,
    )
