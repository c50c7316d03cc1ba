"""Runs one gate over its sockets: tells it what happened, performs what it orders. One object per session, no task,
no future.

The driver is the lease's holder: the session ends in its protocol's words when the lease falls.
"""

from collections.abc import Callable
from typing import Any

from kernel.authority import Attempt
from kernel.config.settings import Upstream
from kernel.reasons import Reason
from policies.model import Limits
from proxy.admission import Admission
from proxy.lease import Lease
from proxy.relays.channel import Channel
from proxy.relays.gate import (
    Ask,
    Command,
    Commands,
    DropUp,
    End,
    Gate,
    Hold,
    Open,
    Passed,
    Pause,
    Reached,
    Resume,
    Send,
    SendUp,
    Splice,
    StartTls,
    StartTlsUp,
)
from proxy.relays.house import House, letter_passed
from proxy.relays.listen import Listening
from proxy.relays.opening import Opening
from proxy.relays.pump import BULK, GRACE, Pump

OPENING_SECONDS = 20.0
"""How long the upstream may take, from the first connection attempt to its welcome. As long as a handshake, so that the
wheel need not file a session's deadline anew."""


class Driver:
    """One session of a mail protocol. ``start`` it once; it ends by itself."""

    __slots__ = (
        "_admission",
        "_certificate",
        "_channel",
        "_deadline",
        "_gate",
        "_house",
        "_lease",
        "_listening",
        "_opening",
        "_over",
        "_place",
        "_pump",
        "_service",
        "_upstream",
        "octets_in",
        "octets_out",
    )

    def __init__(self, house: House, service: str, gate: Gate, channel: Channel, listening: Listening) -> None:
        self._house = house
        self._service = service
        self._gate = gate
        self._channel = channel
        self._listening = listening
        self._upstream: Channel | None = None
        self._place: Upstream | None = None
        self._opening: Opening | None = None
        self._admission: Admission | None = None
        self._lease: Lease | None = None
        self._pump: Pump | None = None
        self._certificate = b""
        self._over = False
        self.octets_in = 0
        self.octets_out = 0
        self._deadline = channel.expect(house.bounds.preauth_seconds, self._overdue)

    def start(self) -> None:
        """Greet, and listen to the client."""
        channel = self._channel
        channel.on_data, channel.on_end, channel.on_drain = self._received, self._client_gone, self._client_drained
        self._certificate = self._shown()
        self._perform(self._gate.greet(channel.secure, bool(self._certificate)))
        channel.resume()

    def end(self, reason: Reason, words: str) -> None:
        """Fall, in the protocol's words."""
        if self._over:
            return
        commands = self._gate.dismissed(reason, words)
        if self._pump is None:
            self._perform(commands)
            if not self._over:
                self._deadline.renew(GRACE, lambda: self._finish(b"", reason))
            return
        last = commands[-1] if commands else End()
        self._pump.end(last.data if isinstance(last, End) else b"")

    def limit(self, limits: Limits) -> None:
        """Nothing to do: what mail services enforce today, ``session`` and ``idle``, is kept by the leases."""

    def _received(self, data: memoryview) -> None:
        self.octets_in += len(data)
        if self._lease is not None:
            self._moved()
        self._perform(self._gate.received(data))

    def _answered(self, data: memoryview) -> None:
        if len(data) >= BULK:
            self._moved()
        self._perform(self._gate.answered(data))

    def _moved(self) -> None:
        """The client speaks, or is downloading: it is not idle."""
        if self._lease is not None:
            self._lease.active_at = now = self._house.reactor.deadlines.now
            self._deadline.due = now + self._house.bounds.idle_seconds

    def _upstream_secured(self) -> None:
        self._perform(self._gate.upstream_secured())

    def _client_gone(self, _: Exception | None) -> None:
        self._finish(b"", None)

    def _client_drained(self) -> None:
        if self._upstream is not None:
            self._upstream.resume()

    def _overdue(self) -> None:
        if self._admission is not None and self._lease is None:
            self._lose_upstream()
        else:
            self._perform(self._gate.overdue())

    def _shown(self) -> bytes:
        return self._channel.certificate if self._listening.listener.client_certificate else b""

    def _secured(self) -> None:
        self._certificate = self._shown()
        self._perform(self._gate.secured(bool(self._certificate)))

    def _judged(self, admission: Admission) -> None:
        if self._over:
            return
        if admission.admitted:
            self._admission = admission
        self._perform(self._gate.judged(admission))

    def _there(self, channel: Channel, upstream: Upstream, reached: Reached) -> None:
        channel.on_data, channel.on_end, channel.on_drain = self._answered, self._lose_upstream, self._channel.resume
        self._opening, self._upstream, self._place = None, channel, upstream
        self._perform(self._gate.reached(reached))
        channel.resume()

    def _lose_upstream(self, _: Exception | None = None) -> None:
        if self._over:
            return
        if self._opening is not None:
            self._opening.drop()
        self._drop_up(DropUp())
        self._perform(self._gate.unreachable())

    def _pumped_out(self, error: Exception | None) -> None:
        # It holds the lease, which holds us: nothing shall be left to the collector.
        pump, self._pump = self._pump, None
        self._over = True
        if pump is not None:
            self.octets_in += pump.octets_in
            self.octets_out += pump.octets_out
        self._release(Reason.IDLE if isinstance(error, TimeoutError) else None)

    # -- what the gate orders -----------------------------------------------------------------------------------

    def _perform(self, commands: Commands) -> None:
        for command in commands:
            if self._over:
                return
            ACTS[type(command)](self, command)

    def _send(self, command: Send) -> None:
        self.octets_out += len(command.data)
        if not self._channel.write(command.data) and self._upstream is not None:
            self._upstream.pause()

    def _send_up(self, command: SendUp) -> None:
        if self._upstream is not None and not self._upstream.write(command.data):
            self._channel.pause()

    def _start_tls(self, _: StartTls) -> None:
        self._listening.shake_hands(self._channel, self._secured)

    def _start_tls_up(self, _: StartTlsUp) -> None:
        if self._upstream is not None and self._place is not None:
            self._house.dialer.secure(self._upstream, self._place, self._upstream_secured)

    def _ask(self, ask: Ask) -> None:
        # A certificate goes along with any credential; alone it is EXTERNAL's.
        attempt = Attempt(
            self._service,
            self._channel.peer,
            ask.name,
            ask.password,
            ask.token,
            certificate=self._certificate,
            client=ask.client,
        )
        self._house.guard.admit(attempt, self._judged)

    def _open(self, _: Open) -> None:
        if self._admission is None:
            return
        self._deadline.extend(OPENING_SECONDS)
        self._opening = Opening(self._house, self._admission, self._channel.peer_port, self._there, self._lose_upstream)
        self._opening.begin()

    def _hold(self, _: Hold) -> None:
        if self._admission is None:
            return
        self._lease = lease = Lease(self._admission, self)
        self._deadline.extend(self._house.bounds.idle_seconds)
        self._house.leases.hold(lease)

    def _splice(self, command: Splice) -> None:
        if self._upstream is None or self._lease is None:
            return
        upstream, idle = self._upstream, self._house.bounds.idle_seconds
        self._pump = Pump(self._channel, upstream, command.boundary, idle, self._lease, self._pumped_out)
        if command.up and not upstream.write(command.up):
            self._channel.pause()

    def _pause(self, _: Pause) -> None:
        self._channel.pause()

    def _resume(self, _: Resume) -> None:
        self._channel.resume()

    def _drop_up(self, _: DropUp) -> None:
        if self._upstream is not None:
            self._upstream.abort()
            self._upstream = None

    def _passed(self, passed: Passed) -> None:
        if self._admission is not None:
            self._house.journal.record(letter_passed(self._house.clock.now(), self._admission, passed))

    def _end(self, command: End) -> None:
        self._finish(command.data, command.reason)

    def _finish(self, data: bytes, reason: Reason | None) -> None:
        if self._over:
            return
        self._over = True
        if data:
            self.octets_out += len(data)
            self._channel.write(data)
            self._channel.finish()
        else:
            self._channel.close()
        if self._opening is not None:
            self._opening.drop()
        if self._upstream is not None:
            self._upstream.close()
        self._release(reason)

    def _release(self, reason: Reason | None) -> None:
        if self._lease is not None:
            self._house.leases.release(self._lease.session, reason, self.octets_in, self.octets_out)
            self._lease = None


ACTS: dict[type[Command], Callable[[Driver, Any], None]] = {
    Send: Driver._send,
    SendUp: Driver._send_up,
    StartTls: Driver._start_tls,
    StartTlsUp: Driver._start_tls_up,
    Ask: Driver._ask,
    Open: Driver._open,
    Hold: Driver._hold,
    Splice: Driver._splice,
    Pause: Driver._pause,
    Resume: Driver._resume,
    DropUp: Driver._drop_up,
    Passed: Driver._passed,
    End: Driver._end,
}
