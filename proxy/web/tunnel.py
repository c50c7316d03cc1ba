"""A WebSocket once it is open (RFC 6455): octets both ways, and a clean end when its lease falls.

Only the frames that the application sends are followed, to know whether a close frame may be put in now. ::

    HEADER --2 to 10 octets--> PAYLOAD --n octets--> HEADER      between frames = at a HEADER with nothing of it read
"""

from collections.abc import Callable

from kernel.reasons import Reason
from policies.model import Limits
from proxy.lease import Lease
from proxy.leases import Leases
from proxy.relays.channel import Channel

POLICY_VIOLATION = 1008
TRY_AGAIN = 1013
REASON_OCTETS = 123


class Frames:
    """Follows unmasked frames, to know where one ends."""

    __slots__ = ("_header", "_left")

    def __init__(self) -> None:
        self._header = b""
        self._left = 0

    @property
    def between(self) -> bool:
        """Whether the next octet begins a frame."""
        return not self._left and not self._header

    def pass_by(self, view: memoryview | bytes) -> None:
        """Take notice of octets on their way to the client."""
        at, size = 0, len(view)
        while at < size:
            if self._left:
                step = min(self._left, size - at)
                self._left -= step
                at += step
                continue
            self._header += bytes(view[at : at + 1])
            at += 1
            length = _payload(self._header)
            if length is not None:
                self._header, self._left = b"", length


def _payload(header: bytes) -> int | None:
    """Return the payload's length (with a mask, which no server should send), None while the header is not whole."""
    if len(header) < 2:
        return None
    short = header[1] & 0x7F
    extended = {126: 2, 127: 8}.get(short, 0)
    if len(header) < 2 + extended:
        return None
    length = int.from_bytes(header[2 : 2 + extended], "big") if extended else short
    return length + (4 if header[1] & 0x80 else 0)


def close_frame(code: int, words: str) -> bytes:
    """Return an unmasked close frame; the words are cut at a character, to the 123 octets that it may hold."""
    reason = words.encode("utf-8")[:REASON_OCTETS].decode("utf-8", "ignore").encode("utf-8")
    return bytes((0x88, 2 + len(reason))) + code.to_bytes(2, "big") + reason


class Tunnel:
    """Two channels, tied together. The holder of the WebSocket's own lease."""

    def __init__(
        self, leases: Leases, client: Channel, server: Channel, idle: float, closed: Callable[[], None]
    ) -> None:
        self.lease: Lease
        self._leases = leases
        self._client = client
        self._server = server
        self._idle = idle
        self._closed = closed
        self._frames = Frames()
        self._over = False
        self._sent = 0
        self._received = 0
        self._deadline = client.reactor.deadlines.after(idle, self._overdue)
        self._deadlines = client.reactor.deadlines

    def begin(self, lease: Lease, head: bytes, from_server: bytes, from_client: bytes) -> None:
        """Tie the channels together and take the lease; ``head`` is the 101 response."""
        self.lease = lease
        client, server = self._client, self._server
        client.on_data, server.on_data = self._up, self._down
        client.on_drain, server.on_drain = server.resume, client.resume
        client.on_end, server.on_end = self._ended, self._ended
        self._leases.hold(lease)
        if self._over:
            return
        self._frames.pass_by(from_server)
        client.write(head + from_server)
        if from_client:
            server.write(from_client)
        client.resume()
        server.resume()

    def end(self, reason: Reason, words: str) -> None:
        """See ``proxy.lease.Holder``: say why in a close frame where one fits, then close."""
        if self._frames.between and not self._over:
            self._client.write(close_frame(POLICY_VIOLATION, words))
        self._end(reason)

    def limit(self, limits: Limits) -> None:
        """See ``proxy.lease.Holder``; the lease keeps the limits."""

    def _up(self, view: memoryview) -> None:
        self._received += len(view)
        self.lease.active_at = self._deadlines.now
        self._deadline.extend(self._idle)
        if not self._server.write(view):
            self._client.pause()

    def _down(self, view: memoryview) -> None:
        self._sent += len(view)
        self._frames.pass_by(view)
        self._deadline.extend(self._idle)
        if not self._client.write(view):
            self._server.pause()

    def _ended(self, _: Exception | None) -> None:
        self._end(None)

    def _overdue(self) -> None:
        self.end(Reason.IDLE, "")

    def _end(self, reason: Reason | None) -> None:
        if self._over:
            return
        self._over = True
        self._deadline.cancel()
        self._client.finish()
        self._server.close()
        self._leases.release(self.lease.session, reason, self._received, self._sent)
        self._closed()
