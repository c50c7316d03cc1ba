"""The half of a channel that sends, queues and ends; ``proxy.relays.channel`` adds TLS and reading.

Owns the socket's registration with the loop, and the order in which a connection ends: queue, close_notify, close.
"""

import socket
import ssl
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from proxy.relays.deadlines import Deadline
from proxy.relays.reactor import READ, WRITE, Reactor
from proxy.relays.sockets import close
from proxy.relays.tls import Stream

RECORD = 16384
"""The most that one TLS record carries, and so one ``SSL_read`` returns."""

QUEUE = 8 * 1024 * 1024
"""The most that a channel queues; an owner that feeds on after ``write`` returned False loses the connection."""

FLUSH_SECONDS = 10.0
LINGER_SECONDS = 2.0

BLOCKED = (BlockingIOError, InterruptedError, ssl.SSLWantReadError, ssl.SSLWantWriteError)


class QueueFull(OSError):
    """The owner kept writing to a peer that does not read."""


def _no_data(_: memoryview) -> None:
    return None


def _no_end(_: object) -> None:
    return None


def nothing() -> None:
    return None


class Sender:
    """A connected socket that can be written to and ended; see ``proxy.relays.channel`` for how to use it."""

    __slots__ = (
        "__weakref__",
        "_deadline",
        "_fd",
        "_lingering",
        "_loop",
        "_queue",
        "_reading",
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
        self._reading = False
        self._wanted = 0
        self._lingering = False
        self._deadline: Deadline | None = None
        self.closed = False
        self.on_data: Callable[[memoryview], None] = _no_data
        self.on_end: Callable[[Exception | None], None] = _no_end
        self.on_drain: Callable[[], None] = nothing
        self.on_closed: Callable[[Any], None] = _no_end
        self.peer = peer
        self.peer_port = 0
        self.server_name = ""

    @property
    def queued(self) -> int:
        """How many octets wait for the peer to read."""
        return len(self._queue) if self._queue else 0

    def resume(self) -> None:
        """Read from now on; does nothing when reading already."""
        if not self._reading and not self.closed:
            self._reading = True
            self._wanted = self.reactor.watch(self._fd, self, self._wanted, self._wanted | READ)

    def pause(self) -> None:
        """Stop reading until ``resume``."""
        if self._reading:
            self._reading = False
            self._wanted = self.reactor.watch(self._fd, self, self._wanted, self._wanted & ~READ)

    def ready(self, events: int) -> None:
        """Go on reading or writing, as the reactor says. An error counts as both, and shows in the attempt."""
        if self._reading and events != WRITE:
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
        if self.closed:
            return
        self.pause()
        if self._lingering:
            self._shut()
        else:
            self.on_end(None)

    def write(self, data: bytes | bytearray | memoryview) -> bool:
        """Send ``data``, or queue what the kernel does not take.

        True: all sent. False: some is queued, ``on_drain`` follows (or ``on_end``). What is written to a closed
        channel is dropped.
        """
        if self._queue:
            return self._enqueue(data)
        size = len(data)
        if not size or self.closed:
            return True
        sent = 0
        try:
            sent = self._send(data)
            if sent == size:
                return True
            sent = self._send_more(data, sent)
        except BLOCKED:
            pass
        except OSError as error:
            self._fail_soon(error)
            return False
        if sent == size:
            return True
        return self._enqueue(memoryview(data)[sent:])

    def _send_more(self, data: bytes | bytearray | memoryview, sent: int) -> int:
        """Go on after a short send. TLS takes a record at a time; a socket that took only part is full."""
        if self._tls is None:
            return sent
        view = memoryview(data)
        while sent < len(view):
            try:
                sent += self._send(view[sent:])
            except BLOCKED:
                break
        return sent

    def _enqueue(self, data: bytes | bytearray | memoryview) -> bool:
        if self.closed:
            return True
        if self._queue is None:
            self._queue = bytearray()
        if len(self._queue) + len(data) > QUEUE:
            self._fail_soon(QueueFull("the peer does not read"))
            return False
        self._queue += data
        if self._write_step is None:
            self._watch_writable(self._flush)
        return False

    def _flush(self) -> None:
        queue = self._queue
        try:
            while queue:
                # The same octets again after a refusal, and more behind them: what OpenSSL asks of a retried write.
                del queue[: self._send(queue)]
        except BLOCKED:
            return
        except OSError as error:
            self._fail(error)
            return
        self._queue = None
        self._watch_writable(None)
        if self._lingering or self._deadline is not None:
            self._say_goodbye()
        else:
            self.on_drain()

    def _watch_writable(self, step: Callable[[], None] | None) -> None:
        if (step is None) is not (self._write_step is None):
            self._wanted = self.reactor.watch(self._fd, self, self._wanted, self._wanted ^ WRITE)
        self._write_step = step

    def close(self) -> None:
        """Send what is queued (10 s at most), say close_notify, close. No handler is called any more."""
        self._part(lingering=False)

    def finish(self) -> None:
        """Do as ``close``, but half-close first and discard what the peer still sends, for 2 s at most.

        For last words: a socket closed over unread input is reset, and a reset may destroy the words on their way.
        """
        self._part(lingering=True)

    def abort(self) -> None:
        """Close now; what is queued is lost."""
        self._shut()

    def _part(self, *, lingering: bool) -> None:
        if self.closed or self._deadline is not None:
            return
        self._silence()
        self._lingering = lingering
        if self._queue:
            self.pause()
            self._deadline = self.reactor.deadlines.after(FLUSH_SECONDS, self._shut)
        else:
            self._say_goodbye()

    def _say_goodbye(self) -> None:
        if self._tls is not None:
            with suppress(OSError, ValueError):
                self._tls.shutdown()
        if not self._lingering:
            self._shut()
            return
        try:
            self._sock.shutdown(socket.SHUT_WR)
        except OSError:
            self._shut()
            return
        if self._deadline is not None:
            self._deadline.cancel()
        self._deadline = self.reactor.deadlines.after(LINGER_SECONDS, self._shut)
        # TLS is over in our direction; what comes is discarded as it is.
        self._step = self._read_clear
        self.resume()

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
        self._reading, self._write_step = False, None
        if self._wanted:
            self._wanted = 0
            self.reactor.forget(self._fd)
        self.closed = True
        self._silence()
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
