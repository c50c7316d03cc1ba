"""Makes and closes sockets without what Python's own class lays around the kernel's calls (enums, reference counts,
two methods for each): that costs as much as the calls, twice a session. Everything made here is non-blocking.

What is returned stands on ``socket.SocketType``, the C class beneath ``socket.socket``; it is used as one.
"""

import socket
from collections.abc import Callable
from typing import Any

STREAM = socket.SOCK_STREAM | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC


class Bare(socket.SocketType):
    """The C class, and a place for the weak reference that TLS keeps of its socket."""

    __slots__ = ("__weakref__",)


Accept = Callable[[], tuple[socket.socket, Any]]


def acceptor(listener: socket.socket) -> Accept:
    """Return what takes the next connection of a non-blocking listener: its socket, and where it comes from. That
    raises BlockingIOError when there is none, OSError as accept(2) does."""
    bare: Any = getattr(listener, "_accept", None)
    family = int(listener.family)

    def publicly() -> tuple[socket.socket, Any]:  # for an interpreter without the private door
        sock, address = listener.accept()
        sock.setblocking(False)
        return sock, address

    def privately() -> tuple[Any, Any]:
        number, address = bare()
        made = Bare(family, socket.SOCK_STREAM, 0, number)
        made.setblocking(False)
        return made, address

    return publicly if bare is None else privately


def stream(family: int) -> socket.socket:
    """Return a new stream socket.

    Raises:
        OSError: see socket(2).
    """
    made: Any = Bare(family, STREAM, 0)
    return made  # type: ignore[no-any-return]


close: Callable[[socket.socket], None] = socket.SocketType.close
"""Closes a socket, of either class, at once."""
