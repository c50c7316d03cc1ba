"""Runs one gate over its sockets: tells it what happened, performs what it orders. One object per session, no task,
no future.

The driver is the lease's holder: the session ends in its protocol's words when the lease falls.
"""

from collections.abc import Callable
from typing import Any

from kernel.config.settings import Upstream
from kernel.reasons import Reason
from policies.model import Limits
from proxy.lease import Lease
from proxy.relays import gate as orders
from proxy.relays.channel import Channel
from proxy.relays.entering import Entering
from proxy.relays.gate import Command, Commands, Gate, Reached
from proxy.relays.house import House, letter_passed
from proxy.relays.limiting import Limiting
from proxy.relays.listen import Listening
from proxy.relays.opening import OPENING_SECONDS, Opening
from proxy.relays.pump import BULK, GRACE, Pump


class Driver(Entering):
    """One session of a mail protocol. ``start`` it once; it ends by itself."""

    __slots__ = ("_ended_for", "_lease", "_opening", "_place", "_pump")

    def __init__(self, house: House, service: str, gate: Gate, channel: Channel, listening: Listening) -> None:
        super().__init__(house, service, gate, channel, listening)
        self._place: Upstream | None = None
        self._opening: Opening | None = None
        self._lease: Lease | None = None
        self._pump: Pump | None = None
        self._ended_for: Reason | None = None

    def end(self, reason: Reason, words: str) -> None:
        """Fall, in the protocol's words."""
        if self._over:
            return
        commands = self._gate.dismissed(reason, words)
        if self._pump is not None:
            self._end_relay(commands[-1] if commands else orders.End())
            return
        self._perform(commands)
        if not self._over:
            self._deadline.renew(GRACE, lambda: self._finish(b"", reason))

    def limit(self, limits: Limits) -> None:
        """Hold the session to other limits than before, from the next command on."""
        admission = self._admission
        if self._over or admission is None:
            return
        if self._limiting is None:
            self._limiting = Limiting(self._house, admission)
        commands = self._gate.limited(self._limiting.terms(limits))
        if self._pump is not None and commands and isinstance(commands[-1], orders.End):
            self._ended_for = commands[-1].reason
            self._end_relay(commands[-1])
        else:
            self._perform(commands)

    def _end_relay(self, last: Command) -> None:
        if self._pump is not None:
            self._pump.end(last.data if isinstance(last, orders.End) else b"")

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
        if self._upstream is not None and (self._limiting is None or not self._limiting.paused):
            self._upstream.resume()

    def _overdue(self) -> None:
        opening = self._opening is not None or self._upstream is not None
        if opening and self._lease is None:
            self._lose_upstream(TimeoutError("no login in time"))
        else:
            self._perform(self._gate.overdue())

    def _there(self, channel: Channel, upstream: Upstream, reached: Reached) -> None:
        self._listen_up(channel)
        self._opening, self._upstream, self._place = None, channel, upstream
        self._perform(self._gate.reached(reached))
        channel.resume()

    def _listen_up(self, channel: Channel) -> None:
        channel.on_data, channel.on_end, channel.on_drain = self._answered, self._lose_upstream, self._channel.resume

    def _lose_upstream(self, error: Exception | None = None) -> None:
        if self._over:
            return
        if self._lease is None:
            self._blame(
                orders.Blame(f"{type(error).__name__}: {error}" if error else "hung up before the login was done")
            )
        self._let_go(Reason.UPSTREAM)

    def _not_opened(self, what: str, reason: Reason) -> None:
        self._blame(orders.Blame(what))
        self._let_go(reason)

    def _let_go(self, reason: Reason) -> None:
        if self._opening is not None:
            self._opening.drop()
        self._drop_up(orders.DropUp())
        self._perform(self._gate.unreachable(reason))

    def _pumped_out(self, error: Exception | None) -> None:
        pump, self._pump = (
            self._pump,
            None,
        )  # it holds the lease, which holds us: the collector shall have nothing to do
        self._over = True
        if pump is not None:
            self.octets_in += pump.octets_in
            self.octets_out += pump.octets_out
        self._release(Reason.IDLE if isinstance(error, TimeoutError) else self._ended_for)

    # -- what the gate orders -----------------------------------------------------------------------------------

    def _perform(self, commands: Commands) -> None:
        for command in commands:
            if self._over:
                return
            ACTS[type(command)](self, command)

    def _send(self, command: orders.Send) -> None:
        self.octets_out += len(command.data)
        if not self._channel.write(command.data) and self._upstream is not None:
            self._upstream.pause()
        if self._limiting is not None and self._upstream is not None:
            self._limiting.sent(len(command.data), self._channel, self._upstream)

    def _send_up(self, command: orders.SendUp) -> None:
        if self._upstream is not None and not self._upstream.write(command.data):
            self._channel.pause()

    def _start_tls_up(self, _: orders.StartTlsUp) -> None:
        if self._upstream is not None and self._place is not None:
            self._house.dialer.secure(self._upstream, self._place, self._upstream_secured)

    def _open(self, _: orders.Open) -> None:
        if self._admission is None:
            return
        self._deadline.extend(OPENING_SECONDS)
        self._opening = Opening(self._house, self._admission, self._channel.peer_port, self._there, self._not_opened)
        self._opening.begin()

    def _hold(self, _: orders.Hold) -> None:
        if self._admission is None:
            return
        self._lease = lease = Lease(self._admission, self)
        self._deadline.extend(self._house.bounds.idle_seconds)
        self._house.leases.hold(lease)
        if lease.decision is not self._admission.decision and not self._over:
            # Judged again while it began; what the gate has ordered already comes first.
            self._house.reactor.loop.call_soon(self.limit, lease.decision.limits)

    def _splice(self, command: orders.Splice) -> None:
        if self._upstream is None or self._lease is None:
            return
        upstream = self._upstream
        self._pump = Pump(
            self._channel,
            upstream,
            command.boundary,
            self._house.bounds.idle_seconds,
            self._lease,
            self._pumped_out,
        )
        if command.up and not upstream.write(command.up):
            self._channel.pause()

    def _become(self, command: orders.Become) -> None:
        """Another gate hears the session, and both of its channels again, should they be relayed."""
        self._gate = command.gate
        pump, upstream = self._pump, self._upstream
        if pump is None or upstream is None:
            return
        self._pump = None
        pump.release()
        self.octets_in += pump.octets_in
        self.octets_out += pump.octets_out
        self._deadline = self._channel.expect(self._house.bounds.idle_seconds, self._overdue)
        self._listen(self._channel)
        self._listen_up(upstream)

    def _withheld(self, command: orders.Withheld) -> None:
        if self._limiting is not None:
            self._limiting.withheld(command.reason)

    def _pause(self, _: orders.Pause) -> None:
        self._channel.pause()

    def _resume(self, _: orders.Resume) -> None:
        self._channel.resume()

    def _drop_up(self, _: orders.DropUp) -> None:
        if self._upstream is not None:
            self._upstream.abort()
            self._upstream = None

    def _blame(self, blame: orders.Blame) -> None:
        if self._admission is not None:
            self._house.blame(self._admission, blame)

    def _passed(self, passed: orders.Passed) -> None:
        if self._admission is not None:
            self._house.journal.record(letter_passed(self._house.clock.now(), self._admission, passed))

    def _end(self, command: orders.End) -> None:
        self._finish(command.data, command.reason)

    def _finish(self, data: bytes, reason: Reason | None) -> None:
        if self._over:
            return
        self._over = True
        if self._knock is not None:
            self._knock.cancel()
            self._knock = None
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
    orders.Send: Driver._send,
    orders.SendUp: Driver._send_up,
    orders.StartTls: Driver._start_tls,
    orders.StartTlsUp: Driver._start_tls_up,
    orders.Ask: Driver._ask,
    orders.Open: Driver._open,
    orders.Hold: Driver._hold,
    orders.Splice: Driver._splice,
    orders.Pause: Driver._pause,
    orders.Resume: Driver._resume,
    orders.DropUp: Driver._drop_up,
    orders.Blame: Driver._blame,
    orders.Become: Driver._become,
    orders.Withheld: Driver._withheld,
    orders.Passed: Driver._passed,
    orders.End: Driver._end,
}
