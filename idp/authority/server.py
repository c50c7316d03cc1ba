"""Answers questions over a unix socket that only our own user may open (mode 0600); ``kernel.wire`` says how."""

import asyncio
import os
import socket
import stat
from contextlib import suppress
from pathlib import Path

from idp.authority.connection import Connection
from idp.authority.live import LiveSessions
from kernel.authority import Authority
from kernel.problems import Conflict, Unavailable

BACKLOG = 128


class AuthorityServer:
    """Listens for proxies. ``live`` hears when a proxy's connection is gone, if it is given."""

    def __init__(self, answers: Authority, live: LiveSessions | None = None) -> None:
        self._answers = answers
        self._live = live if live is not None else getattr(answers, "live", None)
        self._connections: set[Connection] = set()
        self._announcers: dict[str, Connection] = {}
        self._server: asyncio.Server | None = None
        self._path: Path | None = None

    async def start(self, socket_path: Path) -> None:
        """Begin to listen; a socket that a dead process left behind is replaced.

        Raises:
            Conflict: another process answers there.
            Unavailable: the socket cannot be made.
        """
        loop = asyncio.get_running_loop()
        self._server = await loop.create_unix_server(self._accept, sock=_bound(socket_path), backlog=BACKLOG)
        self._path = socket_path

    async def serve(self, socket_path: Path) -> None:
        """Listen until cancelled, then close."""
        await self.start(socket_path)
        try:
            await asyncio.Event().wait()
        finally:
            await self.close()

    async def close(self) -> None:
        """Stop listening, drop every connection and take the socket away."""
        if self._server is None:
            return
        self._server.close()
        for connection in tuple(self._connections):
            connection.drop()
        await self._server.wait_closed()
        if self._path is not None:
            self._path.unlink(missing_ok=True)
        self._server = None

    def opened(self, connection: Connection) -> None:
        """A proxy has connected."""
        self._connections.add(connection)

    def announced(self, connection: Connection, node: str) -> None:
        """A proxy has said over this connection which sessions it carries."""
        self._announcers[node] = connection

    def closed(self, connection: Connection) -> None:
        """A connection is gone; sessions that nobody has announced over a newer one went with it."""
        self._connections.discard(connection)
        for node in [node for node, owner in self._announcers.items() if owner is connection]:
            del self._announcers[node]
            if self._live is not None:
                self._live.lost(node)

    def _accept(self) -> Connection:
        return Connection(self._answers, self)


def _bound(path: Path) -> socket.socket:
    """Return a bound socket that nobody else can open: nobody can connect before it listens, and by then it is 0600."""
    _clear(path)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        listener.setblocking(False)
        listener.bind(str(path))
        os.chmod(path, stat.S_IRUSR | stat.S_IWUSR)  # noqa: PTH101
    except OSError as error:
        listener.close()
        raise Unavailable(f"the socket {path} cannot be made: {error}") from error
    return listener


def _clear(path: Path) -> None:
    if not path.is_socket():
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe, suppress(OSError):
        probe.settimeout(1.0)
        probe.connect(str(path))
        raise Conflict(f"another process answers at {path} already")
    path.unlink(missing_ok=True)
