"""Serves the identity pages to the proxies, over a unix socket that only our own user may open."""

import uvicorn
from starlette.types import ASGIApp

from idp.serving import SocketServer

MOST_AT_ONCE = 500
KEEP_ALIVE = 75


class PagesServer(SocketServer):
    """Serves one application, with nothing of the server's own in the answers."""

    def __init__(self, app: ASGIApp) -> None:
        super().__init__(_config(app))


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
