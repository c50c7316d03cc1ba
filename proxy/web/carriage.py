"""One request on its way: out to an application with its body, and the response back at the client's pace. ::

    (judged) --begin--> [connecting] --> sent --body--> uploaded
                 '--nobody reached: 502        |--response complete--> over
                                               '--broken off--> repeated once, 502, or cut

One object per client connection, used for one request after the other.
"""

from typing import TYPE_CHECKING

from kernel.reasons import Reason
from proxy.admission import Admission
from proxy.lease import Lease
from proxy.web.framing import Body, Chunked, Counted
from proxy.web.head import Bad
from proxy.web.hearing import Heard
from proxy.web.house import WebHouse
from proxy.web.link import Link
from proxy.web.sessions import WebSession
from proxy.web.tunnel import Tunnel
from proxy.web.upstream import Upstream

if TYPE_CHECKING:
    from proxy.web.client import Client

STALL_SECONDS = 60.0
REPEATABLE = frozenset((b"GET", b"HEAD", b"OPTIONS"))


class Carriage:
    """See the module; implements ``proxy.web.link.Asking`` and ``proxy.web.sessions.Exchange``. ``begun``: some of the
    response is sent."""

    __slots__ = (
        "_body", "_client", "_head", "_link", "_patience", "_session", "_upgrade", "_upstream", "_web", "begun",
        "closing", "from_pages", "hsts", "method", "minor", "upgrading",
    )  # fmt: skip

    def __init__(self, web: WebHouse, client: "Client") -> None:
        self._web = web
        self._client = client
        self.hsts = web.hsts
        self._patience = web.bounds.idle_seconds
        self._head = self.method = b""
        self._upstream: Upstream | None = None
        self._link: Link | None = None
        self._body: Body | None = None
        self._session: WebSession | None = None
        self._upgrade: Admission | None = None
        self.minor = 1
        self.begun = self.closing = self.from_pages = self.upgrading = False

    def begin(self, upstream: Upstream, fields: bytes, session: WebSession | None, heard: Heard) -> None:
        """Send the client's request on: its line in normal form, ``fields``, and the body as it comes."""
        client = self._client
        self.method, self.minor, self.closing = client.method, client.minor, client.closing
        self.begun = False
        self._upstream = upstream
        head = self._head = b"%b %b%b HTTP/1.1\r\n%b\r\n" % (client.method, client.path, client.query, fields)
        if session is not None:
            self._session = session
            session.exchanges.add(self)
            session.octets_in += len(head)
        if heard.with_body:
            self._body = Chunked() if heard.block.chunked else Counted(heard.block.length or 0)
        link = upstream.take()
        if link is not None:
            self._send(link)
        else:
            self._connect()

    def begin_upgrade(self, upstream: Upstream, fields: bytes, admission: Admission, heard: Heard) -> None:
        """Send a WebSocket's request on; its admission becomes a lease when the application agrees."""
        self.upgrading = True
        self._upgrade = admission
        self.begin(upstream, fields, None, heard)

    @property
    def uploaded(self) -> bool:
        """Whether nothing is missing of the request, and nothing of the response is sent yet."""
        return not self.begun and (self._body is None or self._body.done)

    def abandon(self) -> None:
        """Nobody waits for the response any more; what is under way cannot be used for another."""
        link, self._link = self._link, None
        if link is not None:
            link.drop()
        self._forget()

    def cut(self, reason: Reason, words: str) -> None:
        """See ``proxy.web.sessions.Exchange``: the session fell while its request was in progress."""
        self._client.cut(reason, words)

    def _connect(self) -> None:
        client, upstream = self._client, self._upstream
        if upstream is None:
            return
        serial = client.serial

        def reached(link: Link | Exception) -> None:
            if not client.at(serial):
                if isinstance(link, Link):
                    link.drop()
            elif isinstance(link, Link):
                self._send(link)
            else:
                client.unreachable()

        upstream.open(reached)

    def _send(self, link: Link) -> None:
        self._link = link
        self._client.wait(STALL_SECONDS if self.from_pages else self._patience)
        link.send(self, self._head)
        if self._body is not None:
            link.channel.on_drain = self._client.read_on
            self._client.pour(self._upload)

    def _upload(self, view: memoryview) -> None:
        body, link, client = self._body, self._link, self._client
        if body is None or link is None:
            client.hold(view)
            return
        try:
            taken, piece = body.take(view)
        except Bad as bad:
            client.refuse(bad)
            return
        if not self.from_pages:  # a stranger's form has one deadline for all of it
            client.wait(STALL_SECONDS)
        if self._session is not None:
            self._session.octets_in += taken
        if body.done:
            client.wait(self._patience)
            client.pour(client.hold)
            if taken < len(view):
                client.hold(view[taken:])
        if piece and not link.channel.write(piece):
            client.channel.pause()

    def flow(self, octets: bytes | memoryview, link: Link) -> None:
        """See ``proxy.web.link.Asking``."""
        self.begun = True
        if self._session is not None:
            self._session.octets_out += len(octets)
        client = self._client
        if client.channel.write(octets):
            client.wait(self._patience)
        else:
            client.wait(STALL_SECONDS)
            link.channel.pause()

    def drained(self) -> None:
        """The client has read what it was sent: let more come."""
        if self._link is not None:
            self._client.wait(self._patience)
            self._link.channel.resume()

    def finished(self, link: Link, *, reusable: bool, close: bool) -> None:
        """See ``proxy.web.link.Asking``."""
        self._link = None
        unread = self._body is not None and not self._body.done
        if reusable and not unread and not link.channel.closed:
            link.channel.resume()
            link.upstream.give_back(link)
        else:
            link.drop()
        self._forget()
        self._client.done(close=close or unread)

    def failed(self, link: Link, *, begun: bool, heard: bool) -> None:
        """See ``proxy.web.link.Asking``. A connection that died in its sleep is not held against the application."""
        self._link = None
        if begun or self.begun:
            self._client.close()
        elif link.used and not heard and self._body is None and self.method in REPEATABLE and not self.upgrading:
            self._connect()
        else:
            link.upstream.failed(link.origin)
            self._client.unreachable()

    def switched(self, link: Link, head: bytes, rest: bytes) -> None:
        """See ``proxy.web.link.Asking``: from here on the tunnel owns both channels."""
        admission, web, client = self._upgrade, self._web, self._client
        if admission is None:
            client.close()
            return
        self._link = None
        ahead = client.hand_over()
        link.detach()
        tunnel = Tunnel(web.leases, client.channel, link.channel, self._patience, link.drop)
        tunnel.begin(Lease(admission, tunnel), head, rest, ahead)

    def _forget(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            session.exchanges.discard(self)
        self._body = self._upstream = self._upgrade = None
        self.begun = self.upgrading = self.from_pages = False
