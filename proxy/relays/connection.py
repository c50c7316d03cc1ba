"""The bottom of a channel: a connected socket that is watched, has one deadline, and ends in order.

Owns the socket's registration with the loop, and how a connection ends: queue, close_notify, close. Reads in clear;
``proxy.relays.sending`` writes, and ``proxy.relays.channel`` tells how to use it.
"""

import socket
import ssl
from collections.abc import Callable
from typing import Any

from proxy.relays.deadlines import Deadline
from proxy.relays.reactor import READ, WRITE, Reactor
from proxy.relays.sockets import close
from proxy.relays.tls import Stream

FLUSH_SECONDS = 10.0
LINGER_SECONDS = 2.0

BLOCKED = (BlockingIOError, InterruptedError, ssl.SSLWantReadError, ssl.SSLWantWriteError)


def _no_data(_: memoryview) -> None:
    return None


def _no_end(_: object) -> None:
    return None


def nothing() -> None:
    return None


class Connection:
    """A connected socket; ``Sender`` builds on it, and ``Channel`` on that."""

    __slots__ = (
        "__weakref__",
        "_deadline",
        "_fd",
        "_lingering",
        "_loop",
        "_parting",
        "_queue",
        "_ready",
        "_send",
        "_sock",
        "_step",
        "_tls",
        "_wanted",
        "_write_step",
        "closed",
        "on_closed",
        "on_data",
        "on_drain",
        "on_end",
        "peer",
        "peer_port",
        "reactor",
        "reading",
        "server_name",
    )

    def __init__(self, reactor: Reactor, sock: socket.socket, peer: str = "") -> None:
        self.reactor = reactor
        self._loop = reactor.loop
        self._sock = sock
        self._fd = sock.fileno()
        self._tls: Stream | None = None
        self._send: Callable[[bytes | bytearray | memoryview], int] = sock.send
        self._step: Callable[[], None] = self._read_clear
        self._write_step: Callable[[], None] | None = None
        self._ready: Callable[[], None] = nothing
        self._queue: bytearray | None = None
        self.reading = False
        self._wanted = 0
        self._lingering = self._parting = False
        self._deadline: Deadline | None = None
        self.closed = False
        self.on_data: Callable[[memoryview], None] = _no_data
        self.on_end: Callable[[Exception | None], None] = _no_end
        self.on_drain: Callable[[], None] = nothing
        self.on_closed: Callable[[Any], None] = _no_end
        self.peer = peer
        self.peer_port = 0
        self.server_name = ""

    def resume(self) -> None:
        """Read from now on; does nothing when reading already."""
        if not self.reading and not self.closed:
            self.reading = True
            self._wanted = self.reactor.watch(self._fd, self, self._wanted, self._wanted | READ)

    def pause(self) -> None:
        """Stop reading until ``resume``."""
        if self.reading:
            self.reading = False
            self._wanted = self.reactor.watch(self._fd, self, self._wanted, self._wanted & ~READ)

    def expect(self, seconds: float, otherwise: Callable[[], object]) -> Deadline:
        """Call ``otherwise`` in ``seconds``, instead of whatever was expected before, unless the channel is closed by
        then: a connection has one deadline at a time."""
        if self._deadline is None:
            self._deadline = self.reactor.deadlines.after(seconds, otherwise)
        else:
            self._deadline.renew(seconds, otherwise)
        return self._deadline

    def ready(self, events: int) -> None:
        """Go on reading or writing, as the reactor says. An error counts as both, and shows in the attempt."""
        if self.reading and events != WRITE:
            self._step()
        if self._write_step is not None and events != READ:
            self._write_step()

    def _read_clear(self) -> None:
        reactor = self.reactor
        try:
            size = self._sock.recv_into(reactor.buffer)
        except BLOCKED:
            return
        except OSError as error:
            self._fail(error)
            return
        if size:
            self.on_data(reactor.view[:size])
        else:
            self._peer_done()

    def _peer_done(self) -> None:
        if self._lingering:
            self._shut()
        elif not self.closed:
            self.on_end(None)
            if self.reading:  # an owner that closes, as most do, saves the kernel this word
                self.pause()

    def _discard(self) -> None:
        try:
            size = self._sock.recv_into(self.reactor.buffer)
        except BLOCKED:
            return
        except OSError:
            size = 0
        if not size:
            self._shut()

    def _watch_writable(self, step: Callable[[], None] | None) -> None:
        if (step is None) is not (self._write_step is None):
            self._wanted = self.reactor.watch(self._fd, self, self._wanted, self._wanted ^ WRITE)
        self._write_step = step

    def close(self) -> None:
        """Send what is queued (10 s at most), say close_notify, close. No handler is called any more."""
        if self._parting:
            return
        if self._queue:
            self._flush_first()
            return
        if self._tls is not None:
            self._say_over(self._tls)
        self._shut()

    def finish(self) -> None:
        """Do as ``close``, but half-close first and discard what the peer still sends, for 2 s at most.

        For last words: a socket closed over unread input is reset, and a reset may destroy the words on their way.
        """
        if self._parting:
            return
        self._lingering = True
        if self._queue:
            self._flush_first()
        else:
            self._say_goodbye()

    def abort(self) -> None:
        """Close now; what is queued is lost."""
        self._shut()

    def _flush_first(self) -> None:
        self._parting = True
        self._silence()
        self.pause()
        self.expect(FLUSH_SECONDS, self._shut)

    def _say_goodbye(self) -> None:
        self._parting = True
        if self._tls is not None:
            self._say_over(self._tls)
        if not self._lingering:
            self._shut()
            return
        try:
            self._sock.shutdown(socket.SHUT_WR)
        except OSError:
            self._shut()
            return
        self._silence()
        self.expect(LINGER_SECONDS, self._shut)
        # TLS is over in our direction; what comes is discarded as it is.
        self._step = self._discard
        self.resume()

    def _say_over(self, tls: Stream) -> None:
        try:
            tls.shutdown()
        except (OSError, ValueError):
            return  # it does not wait for an answer, or there is nobody left to say it to

    def _silence(self) -> None:
        self.on_data, self.on_end, self.on_drain, self._ready = _no_data, _no_end, nothing, nothing

    def _fail(self, error: Exception) -> None:
        """Close, then tell the owner."""
        on_end = self.on_end
        self._shut()
        on_end(error)

    def _fail_soon(self, error: Exception) -> None:
        """Fail, but not from within the owner's own call."""
        if not self.closed:
            self.pause()
            self._watch_writable(None)
            self._queue = None
            self._send = len  # a broken pipe takes everything and says nothing; the owner hears of it by on_end
            self._loop.call_soon(self._fail, error)

    def _shut(self) -> None:
        if self.closed:
            return
        self.closed = self._parting = True
        self.reading, self._write_step = False, None
        if self._wanted:
            self._wanted = 0
            self.reactor.forget(self._fd)
        self.on_data, self.on_end, self.on_drain, self._ready = _no_data, _no_end, nothing, nothing
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
        self._queue = None
        self._step = nothing  # no cycle is left for the collector
        self._send = len
        self._tls = None
        close(self._sock)
        on_closed, self.on_closed = self.on_closed, _no_end
        on_closed(self)
