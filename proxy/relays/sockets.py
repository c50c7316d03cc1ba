"""Makes and closes sockets without what Python's own class lays around the kernel's calls (enums, reference counts,
two methods for each): that costs as much as the calls, twice a session. Everything made here is non-blocking.

What is returned stands on ``socket.SocketType``, the C class beneath ``socket.socket``; it is used as one.
"""

import socket
from typing import Any, cast

STREAM = socket.SOCK_STREAM | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC


class Bare(socket.SocketType):
    """The C class, and a place for the weak reference that TLS keeps of its socket."""

    __slots__ = ("__weakref__",)


def accept(listener: socket.socket) -> tuple[socket.socket, Any]:
    """Return the next connection of a non-blocking listener, and where it comes from.

    Raises:
        BlockingIOError: there is none. OSError: see accept(2).
    """
    bare = getattr(listener, "_accept", None)
    if bare is None:  # an interpreter without the private door
        sock, address = listener.accept()
        sock.setblocking(False)
        return sock, address
    number, address = bare()
    made = Bare(listener.family, socket.SOCK_STREAM, 0, number)
    made.setblocking(False)
    return cast(socket.socket, made), address


def stream(family: int) -> socket.socket:
    """Return a new stream socket.

    Raises:
        OSError: see socket(2).
    """
    return cast(socket.socket, Bare(family, STREAM, 0))


def close(sock: socket.socket) -> None:
    """Close a socket, of either class, at once."""
    socket.SocketType.close(sock)
