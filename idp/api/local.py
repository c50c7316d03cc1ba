"""The local admin socket: a unix socket that its owner and root alone may open, and that knows which of them did."""

import pwd
import socket
import struct
from typing import Any

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from idp.api.gates import PEER
from idp.serving import SocketServer

_CREDENTIALS = struct.Struct("3i")


class PeerProtocol(H11Protocol):
    """HTTP over a unix socket that puts the peer's user name into every request's scope."""

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self.app = with_peer(self.app, peer_name(transport.get_extra_info("socket")))


class LocalServer(SocketServer):
    """Serves one application on the admin socket."""

    def __init__(self, app: ASGIApp) -> None:
        super().__init__(_config(app))


def _config(app: ASGIApp) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http=PeerProtocol,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        limit_concurrency=100,
        timeout_graceful_shutdown=2,
    )


def with_peer(app: ASGIApp, name: str) -> ASGIApp:
    """Return ``app`` with the peer's name in every scope."""

    async def named(scope: Scope, receive: Receive, send: Send) -> None:
        await app({**scope, PEER: name}, receive, send)

    return named


def peer_name(connection: Any) -> str:
    """Return the unix user at the other end, ``uid:N`` when nameless, ``unknown`` when the system cannot tell."""
    try:
        raw = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
        uid = _CREDENTIALS.unpack(raw)[1]
    except (AttributeError, OSError, struct.error):
        return "unknown"
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"uid:{uid}"
