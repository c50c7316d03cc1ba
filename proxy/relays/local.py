"""Reaches a service of our own on this machine, by its unix socket."""

import errno
import socket
from pathlib import Path

from proxy.relays.channel import Channel
from proxy.relays.reactor import Reactor


def connect_local(reactor: Reactor, path: Path) -> Channel:
    """Return a channel to whoever listens at ``path``; nothing is read yet.

    Raises:
        OSError: nobody listens there, or its queue is full.
    """
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
    code = sock.connect_ex(str(path))
    if code:
        sock.close()
        raise OSError(code, errno.errorcode.get(code, "cannot connect"))
    return Channel(reactor, sock)
