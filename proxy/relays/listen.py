"""Accepts connections on one configured port, shakes hands where TLS is implicit, and hands the channel to its service.

Whoever takes the channel sets it another deadline (``Channel.expect``): the handshake's runs on until then.

Bounds how many connections there are, in all and per address, and how long a handshake may take. A certificate is
read anew by ``reload``; a broken one leaves the old one in force.
"""

import socket
import ssl
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from kernel.config.settings import Bounds, Listener, Tls
from proxy.relays.channel import Channel
from proxy.relays.reactor import READ, Reactor
from proxy.relays.sockets import acceptor
from proxy.relays.tls import alpn_fits, server_context

BACKLOG = 1024
DEFER_SECONDS = 5
PAUSE_SECONDS = 1.0

Arrival = Callable[[Channel, "Listening"], None]


class Listening:
    """One open port. ``arrived`` is called with each channel (not yet reading), after the handshake where TLS is
    implicit."""

    def __init__(
        self,
        reactor: Reactor,
        listener: Listener,
        bounds: Bounds,
        arrived: Arrival,
        *,
        device_ca: Path | None = None,
        peers: Sequence[Path] = (),
        alpn: Sequence[str] = (),
    ) -> None:
        """Bind and start to accept. ``peers``: the only certificates that clients may show, none of ``device_ca``.

        Raises:
            OSError: the port is taken, or a file cannot be read. ssl.SSLError: certificate and key do not fit.
        """
        self.listener = listener
        self.live = 0
        self._reactor = reactor
        self._bounds = bounds
        self._arrived = arrived
        self._device_ca = device_ca
        self._peers = peers
        self._alpn = alpn
        self._implicit = listener.tls is Tls.IMPLICIT
        self._by_address: dict[str, int] = {}
        self.context = self._read_context()
        self._sock = self._bind()
        self._accept = acceptor(self._sock)
        self._watched = 0
        self._watch(READ)

    @property
    def port(self) -> int:
        """The port, also where the configuration said 0."""
        number: int = self._sock.getsockname()[1]
        return number

    def adopt(self, bounds: Bounds, arrived: Arrival) -> None:
        """Serve connections from now on within other bounds, and by another hand. Those that are here stay."""
        self._bounds, self._arrived = bounds, arrived

    def reload(self) -> None:
        """Read the certificate anew, for connections from now on.

        Raises:
            OSError, ssl.SSLError: it cannot be used; the old one stays.
        """
        self.context = self._read_context()

    def close(self) -> None:
        """Stop accepting. Connections live on."""
        if self._sock.fileno() >= 0:
            self._watch(0)
            self._sock.close()

    def _read_context(self) -> ssl.SSLContext | None:
        listener = self.listener
        if listener.tls is Tls.NONE:
            return None
        if listener.certificate is None or listener.key is None:
            raise OSError(f"listener {listener.name} has no certificate")
        if not listener.client_certificate:
            return server_context(listener.certificate, listener.key, alpn=self._alpn)
        authority = None if self._peers else self._device_ca
        return server_context(
            listener.certificate, listener.key, device_ca=authority, peers=self._peers, alpn=self._alpn
        )

    def _bind(self) -> socket.socket:
        address = self.listener.address
        family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
        sock = socket.socket(family, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
        try:
            for level, option in ((socket.SOL_SOCKET, socket.SO_REUSEADDR), (socket.SOL_SOCKET, socket.SO_REUSEPORT)):
                sock.setsockopt(level, option, 1)
            # Accepted sockets inherit these two: no system call per connection.
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            if self.listener.tls is Tls.IMPLICIT:
                # The client speaks first: the kernel wakes us when it has.
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_DEFER_ACCEPT, DEFER_SECONDS)
            sock.bind((address.host, address.port))
            sock.listen(BACKLOG)
        except OSError:
            sock.close()
            raise
        return sock

    def ready(self, events: int) -> None:
        """Take one connection: the event comes again while others wait, and nothing is asked in vain when none does."""
        try:
            sock, address = self._accept()
        except (BlockingIOError, ConnectionError):
            return
        except OSError:
            self._rest()  # out of file descriptors: the level-triggered event would spin
            return
        self._take(sock, address[0], address[1])

    def _rest(self) -> None:
        self._watch(0)
        self._reactor.loop.call_later(PAUSE_SECONDS, self._watch, READ)

    def _watch(self, events: int) -> None:
        if self._sock.fileno() >= 0 and events != self._watched:
            self._watched = self._reactor.watch(self._sock.fileno(), self, self._watched, events)

    def _take(self, sock: socket.socket, address: str, port: int) -> None:
        here = self._by_address.get(address, 0)
        if here >= self._bounds.sessions_per_address or self.live >= self._bounds.sessions:
            sock.close()
            return
        self._by_address[address] = here + 1
        self.live += 1
        channel = Channel(self._reactor, sock, address)
        channel.peer_port = port
        channel.on_closed = self._closed
        if self._implicit and self.context is not None:
            channel.expect(self._bounds.handshake_seconds, channel.abort)
            channel.start_tls(self.context, partial(self._shaken, channel), server_side=True)
        else:
            self._arrived(channel, self)

    def _shaken(self, channel: Channel) -> None:
        """Hand a channel over whose handshake is done, unless the client meant another protocol (ALPN)."""
        if self._alpn and not alpn_fits(channel.alpn, self._alpn):
            channel.close()
            return
        self._arrived(channel, self)

    def shake_hands(self, channel: Channel, ready: Callable[[], None]) -> None:
        """Begin TLS in mid-stream (STARTTLS), with the certificate of now; the caller's deadline holds."""
        if self.context is None:
            channel.close()
            return
        channel.start_tls(self.context, ready, server_side=True)

    def _closed(self, channel: Channel) -> None:
        self.live -= 1
        left = self._by_address.get(channel.peer, 1) - 1
        if left > 0:
            self._by_address[channel.peer] = left
        else:
            self._by_address.pop(channel.peer, None)
