"""The part of a channel that sends and queues; ``proxy.relays.channel`` adds TLS."""

from proxy.relays.connection import BLOCKED, Connection

RECORD = 16384
"""The most that one TLS record carries, and so one ``SSL_read`` returns."""

QUEUE = 8 * 1024 * 1024
"""The most that a channel queues; an owner that feeds on after ``write`` returned False loses the connection."""


class QueueFull(OSError):
    """The owner kept writing to a peer that does not read."""


class Sender(Connection):
    """A connection that can be written to; see ``proxy.relays.channel`` for how to use it."""

    __slots__ = ()

    @property
    def queued(self) -> int:
        """How many octets wait for the peer to read."""
        return len(self._queue) if self._queue else 0

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
        if self._parting:
            self._say_goodbye()
        else:
            self.on_drain()
