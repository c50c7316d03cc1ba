"""One connection to an application: sends a request's octets, reads the response, and passes it on as it comes.

::

    idle --send--> HEAD --final head--> BODY --last octet--> idle (or closed)
                    |--1xx--> HEAD       '--cut off--> the client is cut off too
                    '--101--> tunnel (see ``proxy.web.tunnel``)
"""

from typing import TYPE_CHECKING, Protocol

from kernel.config.settings import Bounds
from proxy.relays.channel import Channel
from proxy.relays.connection import nothing
from proxy.relays.deadlines import Deadline
from proxy.web.framing import Body, NoBody, UntilClose
from proxy.web.head import Bad, Block, StatusLine, end_of_head, read_block, read_status_line
from proxy.web.response import body_of, for_client, interim, keeps_alive

if TYPE_CHECKING:
    from proxy.web.upstream import Origin, Upstream

BOUNDS = Bounds(line=8192, head=65536, header_fields=300)
"""What an application's head may measure. Applications set more cookies than browsers send."""
REMEMBERED_HEADS = 256


class Asking(Protocol):
    """Who waits for the response."""

    method: bytes
    minor: int
    closing: bool
    upgrading: bool
    from_pages: bool
    hsts: bytes

    def flow(self, octets: bytes | memoryview, link: "Link") -> None:
        """Send octets of the response on; pause the link while the client does not read."""
        ...

    def finished(self, link: "Link", *, reusable: bool, close: bool) -> None:
        """The response is complete."""
        ...

    def failed(self, link: "Link", *, begun: bool, heard: bool) -> None:
        """The application broke off. ``begun``: some of the response is sent; ``heard``: it said anything at all."""
        ...

    def switched(self, link: "Link", head: bytes, rest: bytes) -> None:
        """The application switched protocols (101)."""
        ...


class Read:
    """A head that was read, and its renderings for clients; applications repeat their heads."""

    __slots__ = ("block", "line", "rendered")

    def __init__(self, raw: bytes) -> None:
        end = raw.find(b"\r\n")
        self.line: StatusLine = read_status_line(raw[:end])
        self.block: Block = read_block(raw[end + 2 : -2], BOUNDS)
        self.rendered: dict[tuple[bool, int, bool, bytes], bytes] = {}

    def for_client(self, close: bool, minor: int, pages: bool, hsts: bytes) -> bytes:
        """Return the head for a client."""
        key = (close, minor, pages, hsts)
        octets = self.rendered.get(key)
        if octets is None:
            octets = for_client(self.line, self.block, close=close, minor=minor, pages=pages, hsts=hsts)
            self.rendered[key] = octets
        return octets


_heads: dict[bytes, Read] = {}


def read_head(raw: bytes) -> Read:
    """Read a response's head, or remember that it was read before.

    Raises:
        Bad: it is malformed.
    """
    known = _heads.get(raw)
    if known is None:
        known = Read(raw)
        if len(_heads) >= REMEMBERED_HEADS:
            _heads.clear()
        _heads[raw] = known
    return known


class Link:
    """See the module. ``used``: it has carried an exchange before, so that it may have died in its sleep."""

    __slots__ = (
        "_body",
        "_client",
        "_close",
        "_deadline",
        "_pending",
        "_reusable",
        "channel",
        "origin",
        "upstream",
        "used",
    )

    def __init__(self, upstream: "Upstream", origin: "Origin", channel: Channel) -> None:
        self.upstream = upstream
        self.origin = origin
        self.channel = channel
        self.used = False
        self._client: Asking | None = None
        self._pending = b""
        self._body: Body = NoBody()
        self._close = False
        self._reusable = False
        self._deadline: Deadline | None = None
        channel.on_end = self._gone
        channel.on_data = self._unasked
        channel.resume()

    def send(self, client: Asking, octets: bytes) -> None:
        """Begin an exchange for ``client`` with the request's head."""
        self._client = client
        channel = self.channel
        channel.on_data = self._head
        channel.on_drain = nothing
        channel.write(octets)

    def detach(self) -> None:
        """Be of no use to anybody any more: the client is gone, or took the channel over."""
        self._client = None

    def drop(self) -> None:
        """Close the connection."""
        self._client = None
        if self._deadline is not None:
            self._deadline.cancel()
        self.channel.close()

    def rest(self, seconds: float) -> None:
        """Lie idle for ``seconds`` at most."""
        self.channel.on_data = self._unasked
        if self._deadline is None or not self._deadline.pending:
            self._deadline = self.channel.reactor.deadlines.after(seconds, self._rested)
        else:
            self._deadline.extend(seconds)

    def _rested(self) -> None:
        if self._client is None:
            self._leave_pool()
            self.channel.close()

    def _unasked(self, _: memoryview) -> None:
        """Octets that nobody asked for could be taken for the next response: such a connection is not used again."""
        self._leave_pool()
        self.channel.close()

    def _leave_pool(self) -> None:
        if self in self.origin.idle:
            self.origin.idle.remove(self)

    def _head(self, view: memoryview) -> None:
        client = self._client
        if client is None:
            self.drop()
            return
        data = self._pending + view if self._pending else bytes(view)
        end = data.find(b"\r\n\r\n") + 4
        try:
            if (end == 3 or end > BOUNDS.head) and not end_of_head(data, BOUNDS):
                self._pending = data
                return
            self._pending = b""
            read = read_head(data[:end])
        except Bad:
            self._broken(begun=False)
            return
        if read.line.status < 200:
            self._informed(client, read, data[end:])
            return
        self._answer(client, read, memoryview(data)[end:])

    def _answer(self, client: Asking, read: Read, rest: memoryview) -> None:
        """Send the head and what came with it in one piece, so that it leaves in one record."""
        try:
            body = self._body = body_of(client.method, read.line, read.block, minor=client.minor)
            taken, piece = body.take(rest)
        except Bad:
            self._broken(begun=False)
            return
        until_close = isinstance(body, UntilClose)
        self._close = client.closing or until_close or (client.minor == 0)
        self._reusable = not until_close and keeps_alive(read.line, read.block) and taken == len(rest)
        head = read.for_client(self._close, client.minor, client.from_pages, client.hsts)
        self.channel.on_data = self._more
        client.flow(head + piece if piece else head, self)
        if body.done and self._client is client:
            self._finish(client)

    def _more(self, view: memoryview) -> None:
        client = self._client
        if client is None:
            self.drop()
            return
        try:
            taken, piece = self._body.take(view)
        except Bad:
            self._broken(begun=True)
            return
        if piece:
            client.flow(piece, self)
        if self._body.done and self._client is client:
            self._reusable = self._reusable and taken == len(view)
            self._finish(client)

    def _informed(self, client: Asking, read: Read, rest: bytes) -> None:
        if read.line.status == 101:
            if not client.upgrading:
                self._broken(begun=False)
                return
            client.switched(self, switching(read), rest)
            return
        if client.minor == 1 and read.line.status in (100, 103):
            client.flow(interim(read.line, read.block), self)
        if rest and self._client is client:
            self._head(memoryview(rest))

    def _finish(self, client: Asking) -> None:
        self._client = None
        client.finished(self, reusable=self._reusable, close=self._close)

    def _broken(self, *, begun: bool) -> None:
        client, self._client = self._client, None
        self.channel.abort()
        if client is not None:
            client.failed(self, begun=begun, heard=True)

    def _gone(self, error: Exception | None) -> None:
        client, self._client = self._client, None
        self._leave_pool()
        self.channel.close()
        if self._deadline is not None:
            self._deadline.cancel()
        if client is None:
            return
        begun = self.channel.on_data == self._more
        if begun and isinstance(self._body, UntilClose) and error is None:
            client.finished(self, reusable=False, close=True)
            return
        client.failed(self, begun=begun, heard=begun or bool(self._pending))


def switching(read: Read) -> bytes:
    """Return the head of a 101 response for the client, with the hop-by-hop fields that make the switch."""
    head = read.for_client(False, 1, False, b"")
    return head[:-2] + b"Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
