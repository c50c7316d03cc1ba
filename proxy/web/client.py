"""One browser's connection: reads requests, has each of them judged, and carries what was let through. ::

    LISTEN --head--> judged --forward--> UPLOAD (a body) / HOLD (none) --response complete--> LISTEN
       '--malformed--> answered, closed   '--our own answer--> LISTEN or closed

Requests of one connection are served one after the other; what is sent ahead waits, bounded. No task is made here.
"""

from typing import TYPE_CHECKING

from kernel.reasons import Reason
from proxy.admission import Admission
from proxy.lease import Lease
from proxy.relays.channel import Channel
from proxy.web import answers
from proxy.web.answers import Answer, Telling
from proxy.web.framing import Body, Chunked, Counted
from proxy.web.head import Bad, end_of_head, read_request_line
from proxy.web.hearing import Heard, hear
from proxy.web.house import WebHouse
from proxy.web.link import Link
from proxy.web.paths import normal_target
from proxy.web.sessions import WebSession
from proxy.web.tunnel import Tunnel
from proxy.web.upstream import Upstream

if TYPE_CHECKING:
    from proxy.web.entry import Entry

HEAD_SECONDS = 30.0
IDLE_SECONDS = 75.0
STALL_SECONDS = 60.0
AHEAD = 64 * 1024
"""What a client may send ahead of the response to its last request."""
REPEATABLE = frozenset((b"GET", b"HEAD", b"OPTIONS"))


class Client:
    """See the module. The request at hand is in ``method``, ``target``, ``path``, ``query`` and ``heard``."""

    __slots__ = (
        "_ahead", "_begun", "_body", "_busy", "_deadline", "_entry", "_head", "_link", "_over", "_running", "_upgrade",
        "_upstream", "_web", "channel", "closing", "from_pages", "heard", "method", "minor", "path", "query", "serial",
        "session", "upgrading",
    )  # fmt: skip

    def __init__(self, web: WebHouse, entry: "Entry", channel: Channel) -> None:
        self._web = web
        self._entry = entry
        self.channel = channel
        self.heard: Heard | None = None
        self.method = self.path = self.query = b""
        self.minor = 1
        self.closing = self.from_pages = self.upgrading = False
        self.session: WebSession | None = None
        self.serial = 0
        self._ahead = b""
        self._body: Body | None = None
        self._busy = self._begun = self._over = self._running = False
        self._head = b""
        self._link: Link | None = None
        self._upstream: Upstream | None = None
        self._upgrade: Admission | None = None
        self._deadline = web.reactor.deadlines.after(HEAD_SECONDS, self._overdue)
        channel.on_data = self._listen
        channel.on_end = self._gone
        channel.on_drain = self._drained
        channel.resume()

    def _listen(self, view: memoryview) -> None:
        if not self._ahead:
            self._deadline.extend(HEAD_SECONDS)
        self._ahead = self._ahead + view if self._ahead else bytes(view)
        self._run()

    def _run(self) -> None:
        """Serve what was sent, until it is used up or a request has to wait for its response."""
        if self._running:
            return
        self._running = True
        try:
            while self._ahead and not self._busy and not self._over and self._take():
                pass
        finally:
            self._running = False

    def _take(self) -> bool:
        """Take one request; False when its head is not whole yet."""
        data = self._ahead
        if data[:2] == b"\r\n":  # RFC 9112 2.2: one empty line before a request is let pass
            data = self._ahead = data[2:]
        bounds = self._web.bounds
        try:
            end = end_of_head(data, bounds)
            if not end:
                return False
            self._ahead = data[end:]
            self._read(data, data.find(b"\r\n"), end)
        except Bad as bad:
            self.refuse(bad)
        return True

    def _read(self, data: bytes, line_end: int, end: int) -> None:
        line = read_request_line(data[:line_end])
        raw = data[line_end + 2 : end - 2]
        heard = self.heard
        if heard is None or heard.raw != raw:
            web = self._web
            heard = self.heard = hear(raw, web.bounds, self.channel.peer, web.trusted)
        if line.minor == 0 and heard.block.chunked:
            raise Bad(400, "HTTP/1.0 has no chunks")
        self.method, self.minor = line.method, line.minor
        self.path, self.query = normal_target(line.target)
        self.closing = not heard.keeps_alive or line.minor == 0
        self._busy, self._begun = True, False
        self.serial += 1
        self.channel.on_data = self._hold
        self._entry.judge(self, heard)

    def at(self, serial: int) -> bool:
        """Say whether the request of this number still waits for its answer."""
        return serial == self.serial and self._busy and not self._over

    def _hold(self, view: memoryview) -> None:
        self._ahead += view
        if len(self._ahead) > AHEAD:
            self.channel.pause()

    def forward(self, upstream: Upstream, fields: bytes, session: WebSession | None) -> None:
        """Send the request on: its line in normal form, ``fields``, and the body as it comes."""
        self._upstream = upstream
        self._head = b"%b %b%b HTTP/1.1\r\n%b\r\n" % (self.method, self.path, self.query, fields)
        self.session = session
        if session is not None:
            session.exchanges.add(self)
            session.octets_in += len(self._head)
        heard = self.heard
        if heard is not None and heard.with_body:
            self._body = Chunked() if heard.block.chunked else Counted(heard.block.length or 0)
        link = upstream.take()
        if link is not None:
            self._send(link)
        else:
            self._connect()

    def upgrade(self, upstream: Upstream, fields: bytes, admission: Admission) -> None:
        """Send a WebSocket's request on; its admission becomes a lease when the application agrees."""
        self.upgrading = True
        self._upgrade = admission
        self.forward(upstream, fields, None)

    def _connect(self) -> None:
        serial, upstream = self.serial, self._upstream
        if upstream is None:
            return

        def reached(link: Link | Exception) -> None:
            if self._over or serial != self.serial or not self._busy:
                if isinstance(link, Link):
                    link.drop()
            elif isinstance(link, Link):
                self._send(link)
            else:
                self.answer(self._unreachable())

        upstream.open(reached)

    def _send(self, link: Link) -> None:
        self._link = link
        self._deadline.extend(self._web.bounds.idle_seconds)
        link.send(self, self._head)
        if self._body is None:
            return
        link.channel.on_drain = self.channel.resume
        self.channel.on_data = self._upload
        ahead, self._ahead = self._ahead, b""
        if ahead:
            self._upload(memoryview(ahead))
        self.channel.resume()

    def _upload(self, view: memoryview) -> None:
        body, link = self._body, self._link
        if body is None or link is None:
            self._hold(view)
            return
        try:
            taken, piece = body.take(view)
        except Bad as bad:
            self.refuse(bad)
            return
        self._deadline.extend(STALL_SECONDS)
        if self.session is not None:
            self.session.octets_in += taken
        if body.done:
            self.channel.on_data = self._hold
            self._deadline.extend(self._web.bounds.idle_seconds)
            if taken < len(view):
                self._hold(view[taken:])
        if piece and not link.channel.write(piece):
            self.channel.pause()

    def flow(self, octets: bytes | memoryview, link: Link) -> None:
        """See ``proxy.web.link.Asking``."""
        self._begun = True
        if self.session is not None:
            self.session.octets_out += len(octets)
        if self.channel.write(octets):
            self._deadline.extend(self._web.bounds.idle_seconds)
        else:
            self._deadline.extend(STALL_SECONDS)
            link.channel.pause()

    def _drained(self) -> None:
        self._deadline.extend(self._web.bounds.idle_seconds)
        if self._link is not None:
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
        self._done(close=close or unread)

    def failed(self, link: Link, *, begun: bool, heard: bool) -> None:
        """See ``proxy.web.link.Asking``. A connection that died in its sleep is not held against the application."""
        self._link = None
        if begun or self._begun:
            self.close()
        elif link.used and not heard and self._body is None and self.method in REPEATABLE and not self.upgrading:
            self._connect()
        else:
            link.upstream.failed(link.origin)
            self.answer(self._unreachable())

    def switched(self, link: Link, head: bytes, rest: bytes) -> None:
        """See ``proxy.web.link.Asking``: from here on the tunnel owns both channels."""
        admission = self._upgrade
        if admission is None:
            self.close()
            return
        self._over = True
        self._deadline.cancel()
        link.detach()
        web = self._web
        tunnel = Tunnel(web.leases, self.channel, link.channel, web.bounds.idle_seconds, link.drop)
        tunnel.begin(Lease.of(admission, tunnel), head, rest, self._ahead)

    def answer(self, answer: Answer) -> None:
        """Answer the request at hand ourselves."""
        if self._over:
            return
        close = self.closing or (self.heard is not None and self.heard.with_body)
        self.channel.write(answer.octets(close=close, head_only=self.method == b"HEAD"))
        self._done(close=close)

    def refuse(self, bad: Bad) -> None:
        """Answer a malformed request and close."""
        self.closing = True
        self._drop_link()
        if self._begun:
            self.close()
            return
        language = self.heard.language if self.heard is not None else ""
        self.answer(answers.page(bad.status, Telling("bad", language or self._web.site.language)))

    def cut(self, reason: Reason, words: str) -> None:
        """See ``proxy.web.sessions.Exchange``: the session fell while its request was in progress."""
        if self._begun or self._over:
            self.close()
            return
        self.closing = True
        self._drop_link()
        self._entry.refuse(self, reason, words)

    def close(self) -> None:
        """Let go of everything; a response under way is cut off, so that nobody takes it for whole."""
        self._leave()
        self.channel.abort()

    def _done(self, *, close: bool) -> None:
        self._leave_session()
        self._body, self._upstream, self._upgrade = None, None, None
        self.upgrading = self.from_pages = False
        if close:
            self._leave()
            self.channel.finish()
            return
        self._busy = False
        self.channel.on_data = self._listen
        self._deadline.extend(IDLE_SECONDS)
        self.channel.resume()
        if self._ahead:
            self._run()

    def _leave(self) -> None:
        self._over = True
        self._deadline.cancel()
        self._drop_link()
        self._leave_session()

    def _leave_session(self) -> None:
        session, self.session = self.session, None
        if session is not None:
            session.exchanges.discard(self)

    def _drop_link(self) -> None:
        link, self._link = self._link, None
        if link is not None:
            link.drop()

    def _gone(self, _: Exception | None) -> None:
        self.close()

    def _overdue(self) -> None:
        """Nothing moved for too long: a head that never ended is told so, all else is cut."""
        if self._ahead and not self._busy:
            self.refuse(Bad(408, "the request did not come to its end"))
        else:
            self.close()

    def _unreachable(self) -> Answer:
        language = self._entry.language(self)
        person = self.heard is not None and self.heard.navigates
        telling = Telling("unreachable", language)
        return answers.refusal(telling, 502, Reason.UPSTREAM, person=person)
