"""The local admin socket: a unix socket that its owner and root alone may open, and that knows which of them did."""

import asyncio
import os
import pwd
import socket
import struct
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from idp.api.gates import PEER

_CREDENTIALS = struct.Struct("3i")


class PeerProtocol(H11Protocol):
    """HTTP over a unix socket that puts the peer's user name into every request's scope."""

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self.app = with_peer(self.app, peer_name(transport.get_extra_info("socket")))


class LocalServer:
    """Serves one application on one unix socket."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def serve(self, path: Path, ready: Callable[[], None] = lambda: None) -> None:
        """Listen on ``path`` (mode 0600, a stale file is replaced) until cancelled; ``ready`` once it listens."""
        listener = bind(path)
        server = _Server(_config(self._app), ready)
        serving = asyncio.ensure_future(server.serve(sockets=[listener]))
        try:
            await asyncio.shield(serving)
        finally:
            server.should_exit = True
            await serving
            listener.close()
            unbind(path)


class _Server(uvicorn.Server):
    """A server that leaves signals to the household, and says when it listens."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    def capture_signals(self) -> Any:
        return nullcontext()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready()


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


def bind(path: Path) -> socket.socket:
    """Return a listening unix socket at ``path`` that nobody but its owner may open, at no moment."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    before = os.umask(0o177)
    try:
        listener.bind(str(path))
    except OSError:
        listener.close()
        raise
    finally:
        os.umask(before)
    listener.listen(64)
    listener.setblocking(False)
    return listener


def unbind(path: Path) -> None:
    """Remove the socket's file."""
    path.unlink(missing_ok=True)


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
