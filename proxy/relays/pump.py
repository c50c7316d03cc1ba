"""Relays octets both ways between two channels: whoever does not read holds up the other, and nothing is held but
what the kernel did not take. Counts octets, notes the client's activity, and puts last words in where the stream has
a gap."""

from collections.abc import Callable
from typing import Protocol

from proxy.relays.channel import Channel
from proxy.relays.deadlines import Deadline, Deadlines
from proxy.relays.gate import Boundary

BULK = 4096
"""Chunks of this size count as the client's activity also when the server sends them: somebody is downloading."""

GRACE = 1.0
"""How long a falling session may take to reach a gap between two responses, in seconds."""


class Active(Protocol):
    """What is told of the client's activity (a ``proxy.lease.Lease``)."""

    active_at: float


class Pump:
    """One spliced session. ``over`` is called once, when it is over."""

    __slots__ = (
        "_boundary",
        "_client",
        "_deadlines",
        "_idle",
        "_idle_seconds",
        "_last_words",
        "_lease",
        "_over",
        "_server",
        "octets_in",
        "octets_out",
    )

    def __init__(
        self,
        client: Channel,
        server: Channel,
        boundary: Boundary,
        idle_seconds: float,
        lease: Active,
        over: Callable[[Exception | None], None],
    ) -> None:
        self._client = client
        self._server = server
        self._boundary = boundary
        self._deadlines: Deadlines = client.reactor.deadlines
        self._idle_seconds = idle_seconds
        self._idle: Deadline = client.expect(idle_seconds, self._too_idle)
        self._last_words: bytes | None = None
        self._over = over
        self._lease = lease
        self.octets_in = 0
        self.octets_out = 0
        client.on_data, client.on_end, client.on_drain = self._up, self._gone, server.resume
        server.on_data, server.on_end, server.on_drain = self._down, self._gone, client.resume
        for channel in (client, server):
            if not channel.reading:
                channel.resume()

    def end(self, words: bytes) -> None:
        """Say ``words`` in the next gap between two responses and close, or close without them after a second."""
        self._server.on_drain = _nothing
        self._last_words = words
        if self._boundary.here:
            self._say()
            return
        self._client.pause()
        self._client.expect(GRACE, self._say_nothing)

    def stop(self) -> None:
        """Close both sides after what is queued; ``over`` is not called."""
        self._idle.cancel()
        self._client.close()
        self._server.close()
        self._over = _nobody

    def _up(self, data: memoryview) -> None:
        self.octets_in += len(data)
        now = self._deadlines.now
        self._idle.due = now + self._idle_seconds
        self._lease.active_at = now
        self._boundary.client(data)
        if not self._server.write(data):
            self._client.pause()

    def _down(self, data: memoryview) -> None:
        size = len(data)
        self.octets_out += size
        if size >= BULK and self._last_words is None:
            now = self._deadlines.now
            self._idle.due = max(self._idle.due, now + self._idle_seconds)
            self._lease.active_at = now
        self._boundary.server(data)
        if not self._client.write(data):
            self._server.pause()
        if self._last_words is not None and self._boundary.here:
            self._say()

    def _say(self) -> None:
        words = self._last_words or b""
        self.octets_out += len(words)
        self._client.write(words)
        self._client.finish()
        self._server.close()
        self._tell(None)

    def _say_nothing(self) -> None:
        self._client.abort()
        self._server.close()
        self._tell(None)

    def _too_idle(self) -> None:
        self._client.close()
        self._server.close()
        self._tell(TimeoutError("idle"))

    def _gone(self, error: Exception | None) -> None:
        self._client.close()
        self._server.close()
        self._tell(error)

    def _tell(self, error: Exception | None) -> None:
        over, self._over = self._over, _nobody
        over(error)


def _nothing() -> None:
    return None


def _nobody(_: Exception | None) -> None:
    return None
