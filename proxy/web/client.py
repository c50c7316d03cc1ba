"""One browser's connection: reads requests, has each of them judged, and answers or lets them be carried. ::

    LISTEN --head--> judged --carried (see ``proxy.web.carriage``)--> LISTEN or closed
       '--malformed--> answered, closed   '--our own answer--> LISTEN or closed

Requests of one connection are served one after the other; what is sent ahead waits, bounded. No task is made here.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from kernel.reasons import Reason
from proxy.admission import Admission
from proxy.relays.channel import Channel
from proxy.web import answers
from proxy.web.answers import Answer, Telling
from proxy.web.carriage import Carriage
from proxy.web.head import Bad, end_of_head, read_request_line
from proxy.web.hearing import Heard, hear
from proxy.web.house import WebHouse
from proxy.web.paths import normal_target
from proxy.web.sessions import WebSession
from proxy.web.upstream import Upstream

if TYPE_CHECKING:
    from proxy.web.entry import Entry

HEAD_SECONDS = 30.0
IDLE_SECONDS = 75.0
LAST_SECONDS = 30.0
REFUSED = frozenset((b"CONNECT", b"TRACE"))
"""Methods that no application behind a gate needs: a tunnel past it, and an echo of what was added."""
AHEAD = 64 * 1024
"""What a client may send ahead of the response to its last request."""
TURN = 8
"""How many requests of one client are taken before others have their turn."""


class Client:
    """See the module. The request at hand is in ``method``, ``path``, ``query``, ``heard``; ``serial`` counts them."""

    __slots__ = (
        "_ahead", "_busy", "_carriage", "_deadline", "_entry", "_over", "_running", "_web", "certificate",
        "channel", "closing", "heard", "method", "minor", "path", "query", "serial",
    )  # fmt: skip

    def __init__(self, web: WebHouse, entry: "Entry", channel: Channel) -> None:
        self._web = web
        self._entry = entry
        self.channel = channel
        self.certificate = channel.certificate
        self.heard: Heard | None = None
        self.method = self.path = self.query = b""
        self.minor = 1
        self.closing = False
        self.serial = 0
        self._ahead = b""
        self._busy = self._over = self._running = False
        self._carriage = Carriage(web, self)
        self._deadline = channel.expect(self._patience(), self._overdue)
        channel.on_data = self._listen
        channel.on_end = self._gone
        channel.on_drain = self._drained
        channel.resume()

    def _listen(self, view: memoryview) -> None:
        if not self._ahead:
            self._deadline.extend(self._patience())
        self._ahead = self._ahead + view if self._ahead else bytes(view)
        self._run()

    def _drained(self) -> None:
        """The client has read what it was sent: let more come, or take up the request that it sent ahead."""
        self._carriage.drained()
        if not self._busy:
            self._run()

    def _patience(self) -> float:
        """Return how many seconds a head may take to come: a stranger's bound, and never longer than ours."""
        return min(HEAD_SECONDS, self._web.bounds.preauth_seconds)

    def _run(self) -> None:
        """Serve what was sent, until it is used up or a request has to wait for its response. Who sends requests ahead
        and reads no responses is served no more of them: what waits for such a client is our memory. Who sends many is
        served a few at a time: others wait for their turn."""
        if self._running:
            return
        self._running = True
        left = TURN
        try:
            while left and self._ahead and not (self._busy or self._over or self.channel.queued) and self._take():
                left -= 1
            if not left:
                self._web.reactor.loop.call_soon(self._run)
        except Exception as fault:  # a fault of ours ends this connection, is on record, and lets nothing through
            self._web.guard.fault("web", f"{type(fault).__name__}: {fault}")
            self.close()
        finally:
            self._running = False
        self.read_on()

    def read_on(self) -> None:
        """Read from the client, or not while it is far ahead: one piece more for every request would add up."""
        if self._over:
            return
        if len(self._ahead) > AHEAD:
            self.channel.pause()
        else:
            self.channel.resume()

    def _take(self) -> bool:
        """Take one request; False when its head is not whole yet."""
        data = self._ahead
        if data[:2] == b"\r\n":  # RFC 9112 2.2: one empty line before a request is let pass
            data = self._ahead = data[2:]
        try:
            end = end_of_head(data, self._web.bounds)
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
        if line.method in REFUSED:
            raise Bad(405, "this method is not served here")
        if line.minor == 0 and heard.block.chunked:
            raise Bad(400, "HTTP/1.0 has no chunks")
        self.method, self.minor = line.method, line.minor
        self.path, self.query = normal_target(line.target)
        self.closing = not heard.keeps_alive or line.minor == 0
        self._busy = True
        self.serial += 1
        self.channel.on_data = self.hold
        self._entry.judge(self, heard)

    def at(self, serial: int) -> bool:
        """Say whether the request of this number still waits for its answer."""
        return serial == self.serial and self._busy and not self._over

    def hold(self, view: memoryview) -> None:
        """Keep octets that were sent ahead; stop reading when they are too many."""
        self._ahead += view
        self.read_on()

    def pour(self, sink: Callable[[memoryview], None]) -> None:
        """Let ``sink`` have what the client sends from now on, and what it sent ahead."""
        self.channel.on_data = sink
        ahead, self._ahead = self._ahead, b""
        if ahead:
            sink(memoryview(ahead))
        self.read_on()

    def wait(self, seconds: float) -> None:
        """Give what is going on ``seconds`` from now."""
        self._deadline.extend(seconds)

    def forward(self, upstream: Upstream, fields: bytes, session: WebSession | None, *, pages: bool = False) -> None:
        """Have the request at hand carried; ``pages``: by our own identity side."""
        if self.heard is not None:
            self._carriage.from_pages = pages
            self._carriage.begin(upstream, fields, session, self.heard)

    def upgrade(self, upstream: Upstream, fields: bytes, admission: Admission) -> None:
        """Have a WebSocket's request carried."""
        if self.heard is not None:
            self._carriage.begin_upgrade(upstream, fields, admission, self.heard)

    def hand_over(self) -> bytes:
        """Give the connection up to a tunnel; return what the client sent ahead."""
        self._over = True
        self._deadline.cancel()
        return self._ahead

    def answer(self, answer: Answer) -> None:
        """Answer the request at hand ourselves."""
        if self._over:
            return
        close = self.closing or (self.heard is not None and self.heard.with_body)
        self._carriage.abandon()
        self.channel.write(answer.octets(close=close, head_only=self.method == b"HEAD", hsts=self._web.hsts))
        self.done(close=close)

    def refuse(self, bad: Bad) -> None:
        """Answer a malformed request and close."""
        self.closing = True
        if self._busy and self._carriage.begun:
            self.close()
            return
        language = self.heard.language if self.heard is not None else ""
        self.answer(answers.page(bad.status, Telling("bad", language or self._web.site.language)))

    def cut(self, reason: Reason, words: str) -> None:
        """End the request in progress: its session fell."""
        if self._carriage.begun or self._over:
            self.close()
            return
        self.closing = True
        self._entry.refuse(self, reason, words)

    def unreachable(self) -> None:
        """Say that the application, or the identity side, does not answer."""
        if self._carriage.from_pages:
            self._entry.refuse(self, Reason.AUTHORITY, "")
            return
        telling = Telling("unreachable", self._entry.language(self), onward=self._entry.here(self))
        person = self.heard is not None and self.heard.navigates
        self.answer(answers.refusal(telling, 502, Reason.UPSTREAM, person=person))

    def close(self) -> None:
        """Let go of everything; a response under way is cut off, so that nobody takes it for whole."""
        self._leave()
        self.channel.abort()

    def done(self, *, close: bool) -> None:
        """The request at hand is answered: close, or turn to the next."""
        if close:
            self._leave()
            self.channel.finish()
            return
        self._busy = False
        self.channel.on_data = self._listen
        self._deadline.extend(IDLE_SECONDS)
        self._run()

    def _leave(self) -> None:
        self._over = True
        self._ahead = b""
        self._deadline.cancel()
        self._carriage.abandon()

    def _gone(self, error: Exception | None) -> None:
        """The client is gone; one that only said its last word may still want the answer."""
        if error is None and self._busy and self._carriage.uploaded:
            self.closing = True
            self._carriage.closing = True
            self._deadline.extend(LAST_SECONDS)
        else:
            self.close()

    def _overdue(self) -> None:
        """Nothing moved for too long: a head that never ended is told so, all else is cut."""
        if self._ahead and not self._busy:
            self.refuse(Bad(408, "the request did not come to its end"))
        else:
            self.close()
