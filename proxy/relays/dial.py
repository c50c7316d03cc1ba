"""Reaches upstreams: connect, verified TLS, no waiting. The caller owns the deadline, and hangs up by
``Channel.abort``.

Names are resolved off the loop and remembered for half a minute; of several addresses the next is tried at the next
dial.
"""

import asyncio
import errno
import ipaddress
import socket
import ssl
from collections.abc import Callable
from pathlib import Path

from kernel.config.settings import Endpoint, Tls, Upstream
from proxy.relays.channel import Channel
from proxy.relays.reactor import Reactor
from proxy.relays.sockets import stream
from proxy.relays.tls import client_context

REMEMBER = 30.0
DIAL_SECONDS = 15.0
"""How long a connection with its TLS handshake may take."""

Address = tuple[socket.AddressFamily, tuple[str, int]]
Then = Callable[[Channel | Exception], None]


class Dialer:
    """Dials for one process."""

    def __init__(self, reactor: Reactor) -> None:
        self._reactor = reactor
        self._contexts: dict[Path | None, ssl.SSLContext] = {}
        self._resolved: dict[Endpoint, tuple[float, list[Address]]] = {}
        self._resolving: set[asyncio.Task[None]] = set()

    def context(self, upstream: Upstream) -> ssl.SSLContext:
        """Return the TLS context that verifies ``upstream``.

        Raises:
            OSError, ssl.SSLError: its authority cannot be read.
        """
        context = self._contexts.get(upstream.ca)
        if context is None:
            context = self._contexts[upstream.ca] = client_context(upstream.ca)
        return context

    def forget(self) -> None:
        """Read authorities anew from now on (after a reload)."""
        self._contexts.clear()

    def dial(self, upstream: Upstream, then: Then) -> None:
        """Call ``then`` with a channel, or with what went wrong; within this call when nothing must be waited for.

        With implicit TLS the handshake is done. Otherwise the connection may still be under way: these protocols'
        servers speak first, so a failure shows as ``on_end`` before the first octet, and nobody needs to wait for the
        connection alone.
        """
        known = self._addresses(upstream.address)
        if known is None:
            task = self._reactor.loop.create_task(self._resolve(upstream, then))
            self._resolving.add(task)
            task.add_done_callback(self._resolving.discard)
            return
        self._connect(upstream, known, then)

    def _addresses(self, endpoint: Endpoint) -> list[Address] | None:
        remembered = self._resolved.get(endpoint)
        if remembered is not None and remembered[0] > self._reactor.clock.monotonic():
            return remembered[1]
        try:
            version = ipaddress.ip_address(endpoint.host).version
        except ValueError:
            return None
        family = socket.AF_INET6 if version == 6 else socket.AF_INET
        found = [(family, (endpoint.host, endpoint.port))]
        self._resolved[endpoint] = (float("inf"), found)
        return found

    async def _resolve(self, upstream: Upstream, then: Then) -> None:
        endpoint = upstream.address
        try:
            answers = await self._reactor.loop.getaddrinfo(endpoint.host, endpoint.port, type=socket.SOCK_STREAM)
        except OSError as trouble:
            then(trouble)
            return
        found = [(family, (address[0], endpoint.port)) for family, _, _, _, address in answers]
        self._resolved[endpoint] = (self._reactor.clock.monotonic() + REMEMBER, found)  # type: ignore[assignment]
        self._connect(upstream, self._resolved[endpoint][1], then)

    def _connect(self, upstream: Upstream, addresses: list[Address], then: Then) -> None:
        family, address = addresses[0]
        if len(addresses) > 1:
            addresses.append(addresses.pop(0))
        try:
            sock = stream(family)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            code = sock.connect_ex(address)
        except OSError as trouble:
            then(trouble)
            return
        if code not in (0, errno.EINPROGRESS):
            sock.close()
            then(OSError(code, "cannot connect"))
            return
        channel = Channel(self._reactor, sock, address[0])
        if upstream.tls is not Tls.IMPLICIT:
            then(channel)
            return
        call = Call(self._reactor, channel, then)
        if code == 0:
            self.secure(channel, upstream, call.done)
        else:
            call.when_connected(sock, lambda: self.secure(channel, upstream, call.done))

    def secure(self, channel: Channel, upstream: Upstream, ready: Callable[[], None]) -> None:
        """Begin TLS with ``upstream`` and call ``ready``; a failure goes to the channel's ``on_end``."""
        try:
            context = self.context(upstream)
        except (OSError, ssl.SSLError) as trouble:
            on_end = channel.on_end
            channel.abort()
            on_end(trouble)
            return
        name = upstream.server_name or upstream.address.host
        channel.start_tls(context, ready, server_side=False, server_name=name)


class Call:
    """One connection with implicit TLS on its way; it succeeds within ``DIAL_SECONDS``, or fails."""

    __slots__ = ("_deadline", "_number", "_reactor", "_then", "channel")

    def __init__(self, reactor: Reactor, channel: Channel, then: Then) -> None:
        self.channel = channel
        self._reactor = reactor
        self._then: Then | None = then
        self._number = -1
        self._deadline = reactor.deadlines.after(DIAL_SECONDS, lambda: self.fail(TimeoutError("no answer")))
        channel.on_end = lambda error: self.fail(error or ConnectionResetError("hung up in the handshake"))

    def when_connected(self, sock: socket.socket, go_on: Callable[[], None]) -> None:
        """Call ``go_on`` once the connection stands."""

        def connected() -> None:
            self._unwatch()
            code = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
            if code:
                self.fail(OSError(code, "cannot connect"))
            else:
                go_on()

        self._number = sock.fileno()
        self._reactor.loop.add_writer(self._number, connected)

    def done(self) -> None:
        """Hand the channel over."""
        self._deadline.cancel()
        self.channel.pause()
        then, self._then = self._then, None
        if then is not None:
            then(self.channel)

    def fail(self, trouble: Exception) -> None:
        """Give up, and say so."""
        self._deadline.cancel()
        self._unwatch()
        self.channel.abort()
        then, self._then = self._then, None
        if then is not None:
            then(trouble)

    def _unwatch(self) -> None:
        if self._number >= 0:
            self._reactor.loop.remove_writer(self._number)
            self._number = -1
