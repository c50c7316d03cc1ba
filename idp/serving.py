"""Serving an application over a unix socket that its owner and root alone may open, and no longer than it is wanted.

Owns the socket's file and when the server stops. Signals are the household's.
"""

import asyncio
import os
import socket
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import uvicorn


class SocketServer:
    """Serves one application, as ``config`` says, on one unix socket."""

    def __init__(self, config: uvicorn.Config) -> None:
        self._config = config

    async def serve(self, path: Path, ready: Callable[[], None] = lambda: None) -> None:
        """Listen on ``path`` (mode 0600, a stale file is replaced) until cancelled; ``ready`` once it listens."""
        listener = bind(path)
        server = _Server(self._config, ready)
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
