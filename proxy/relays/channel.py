"""One connected stream socket (TCP or unix), in clear or under TLS, driven straight by the loop's readiness events.

How to use it::

    reactor = Reactor()                  # one per process
    channel = Channel(reactor, sock)     # connected, non-blocking; nothing is read yet
    channel.on_data = self.greedy        # (memoryview) -> None; a shared buffer: consume or copy before returning
    channel.on_end = self.gone           # (Exception | None) -> None; None: the peer sent its last octet
    channel.on_drain = self.go_on        # () -> None; what a ``write`` that returned False left queued is sent
    channel.start_tls(context, self.ready, server_side=True)     # optional, also in mid-stream; ready() when done
    channel.resume()                     # read from now on; ``pause`` stops, at any time, also within on_data

    channel.write(b"...")                # True: all is with the kernel. False: queued; feed no more until on_drain
    channel.close()                      # send the queue, close_notify, close
    channel.finish()                     # the same for last words: half-closes, discards for 2 s, closes
    channel.abort()                      # close at once

Handlers are plain attributes: switch them by state. No handler is called after ``close``, ``finish`` or ``abort``,
and none from within a call of ours, ``start_tls`` excepted (``ready`` may be called before it returns). After
``on_end(error)`` the channel is closed; after ``on_end(None)`` the owner still has to. Owners set deadlines on
``reactor.deadlines``; the channel has one only for its own end.

``on_closed`` (channel) belongs to whoever made the channel, and is called once, however it closes.

Picture::

    open --start_tls--> handshake --done--> open --close/finish--> flushing --sent--> [lingering] --> closed
     |                      |                                                                           ^
     +------- error --------+---------------------------------------------------------------------------+
"""

import ssl
from collections.abc import Callable

from proxy.relays.connection import nothing
from proxy.relays.sending import RECORD, QueueFull, Sender
from proxy.relays.tls import wrap

__all__ = ["Channel", "QueueFull"]

GATHER = 8 * RECORD
"""The most that one readiness event hands over under TLS."""


class Channel(Sender):
    """See the module. ``peer`` is the other side's address as the owner knows it, ``server_name`` what SNI asked
    for."""

    __slots__ = ()

    @property
    def secure(self) -> bool:
        """Tell whether TLS was begun."""
        return self._tls is not None

    @property
    def alpn(self) -> str | None:
        """The protocol selected in the handshake."""
        return self._tls.selected_alpn_protocol() if self._tls is not None else None

    @property
    def tls_version(self) -> str:
        """``TLSv1.3`` and the like; empty in clear."""
        return (self._tls.version() or "") if self._tls is not None else ""

    @property
    def certificate(self) -> bytes:
        """DER of the peer's certificate, whose chain the handshake has verified; empty when there is none."""
        der: bytes | None = self._tls.getpeercert(True) if self._tls is not None else None
        if not der or self._tls.context.verify_mode is ssl.CERT_NONE:  # type: ignore[union-attr]
            return b""
        return der

    @property
    def context(self) -> ssl.SSLContext | None:
        """The TLS context in use; an SNI callback may set another."""
        return self._tls.context if self._tls is not None else None

    @context.setter
    def context(self, context: ssl.SSLContext) -> None:
        if self._tls is not None:
            self._tls.context = context

    def start_tls(
        self,
        context: ssl.SSLContext,
        ready: Callable[[], None],
        *,
        server_side: bool,
        server_name: str | None = None,
    ) -> None:
        """Begin TLS on the open connection and call ``ready`` once the handshake is done; a failure goes to ``on_end``.

        Octets that arrived in clear and were handed to ``on_data`` before are the owner's to discard.
        ``server_name``: whom a client expects, by SNI and certificate.
        """
        self._ready = ready
        self._step = self._shake_hands
        try:
            self._tls, self._sock = wrap(
                context, self._sock, server_side=server_side, server_name=server_name, owner=self
            )
        except (OSError, ValueError) as error:
            self._fail_soon(error)
            return
        self._send = self._tls.write
        self.resume()
        self._shake_hands()

    def _shake_hands(self) -> None:
        tls = self._tls
        if tls is None:
            return
        try:
            tls.do_handshake()
        except ssl.SSLWantReadError:
            if self._write_step is not None:
                self._watch_writable(None)
            return
        except ssl.SSLWantWriteError:
            self._watch_writable(self._shake_hands)
            return
        except (OSError, ValueError) as error:
            self._fail_soon(error)
            return
        if self._write_step is not None:
            self._watch_writable(None)
        self._step = self._read_tls
        ready, self._ready = self._ready, nothing
        ready()

    def _read_tls(self) -> None:
        """Gather records while they come full: bulk then leaves in few writes, and a short record ends it without an
        exception."""
        view = self.reactor.view
        read = self._tls.read  # type: ignore[union-attr]
        filled = 0
        over = False
        try:
            size = filled = read(RECORD, view)
            while size == RECORD and filled < GATHER:
                size = read(RECORD, view[filled:])
                filled += size
            over = size == 0
        except ssl.SSLWantReadError:
            if not filled:
                return
        except ssl.SSLWantWriteError:
            # A key update of the peer must be answered first, and the send buffer is full.
            self._watch_writable(self._read_on)
            if not filled:
                return
        except OSError as error:
            if filled:
                self.on_data(view[:filled])
            self._fail(error)
            return
        if filled:
            self.on_data(view[:filled])
        if over:
            self._peer_done()

    def _read_on(self) -> None:
        self._watch_writable(self._flush if self._queue else None)
        if self.reading:
            self._step()
