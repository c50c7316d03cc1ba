"""Serves the identity pages to the proxies, over a unix socket that only our own user may open."""

import asyncio
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import uvicorn
from starlette.types import ASGIApp

from idp.api.local import bind, unbind

MOST_AT_ONCE = 500
KEEP_ALIVE = 75


class PagesServer:
    """Serves one application on one unix socket, with nothing of its own in the answers."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def serve(self, path: Path) -> None:
        """Listen on ``path`` (mode 0600, a stale file is replaced) until cancelled."""
        listener = bind(path)
        server = _Quiet(_config(self._app))
        serving = asyncio.ensure_future(server.serve(sockets=[listener]))
        try:
            await asyncio.shield(serving)
        finally:
            server.should_exit = True
            await serving
            listener.close()
            unbind(path)


class _Quiet(uvicorn.Server):
    """A server that leaves signals to the household."""

    def capture_signals(self) -> Any:
        return nullcontext()


def _config(app: ASGIApp) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http="httptools",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=False,
        proxy_headers=False,
        limit_concurrency=MOST_AT_ONCE,
        timeout_keep_alive=KEEP_ALIVE,
        timeout_graceful_shutdown=2,
    )
