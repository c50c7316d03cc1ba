"""What becomes of a lease whose deadline has come: over a limit, idle, or judged anew, with facts that are asked for.

Whoever did something at another worker, and whoever only reported the same again, is not in the change log; so the
identity side is asked before time alone ends a session. Without an answer the facts at hand decide.
"""

from collections.abc import Callable

from kernel.authority import Subject
from kernel.clock import Clock
from kernel.reasons import Reason
from policies.lasting import last_seen, of_browser
from proxy.asking import Asker
from proxy.lease import Lease


class Due:
    """``judge`` a lease with the facts given (None: those at hand), ``end`` it, or ``schedule`` its next deadline."""

    def __init__(
        self,
        asker: Asker,
        clock: Clock,
        judge: Callable[[Lease, Subject | None], None],
        end: Callable[[Lease, Reason], None],
        schedule: Callable[[Lease], None],
    ) -> None:
        self._asker, self._clock = asker, clock
        self._judge, self._end, self._schedule = judge, end, schedule

    def come(self, lease: Lease) -> None:
        """Settle one lease."""
        limits, now = lease.decision.limits, self._clock.monotonic()
        if limits.session is not None and now >= lease.limited_since + limits.session:
            self._end(lease, Reason.SESSION_LIMIT)
        elif limits.idle is not None and now >= lease.active_at + limits.idle:
            self._idle(lease)
        elif self._clock.now() >= lease.decision.valid_until:
            self._turned(lease)
        else:
            self._schedule(lease)

    def _turned(self, lease: Lease) -> None:
        """Judge anew what time alone has turned; only what a device says can have become younger unnoticed."""
        if lease.subject.device is None or not lease.subject.device.signals:
            self._judge(lease, None)
            return

        def came(facts: Subject | Exception | None) -> None:
            self._judge(lease, facts if isinstance(facts, Subject) else None)

        self._asker.facts(lease.subject.key, came)

    def _idle(self, lease: Lease) -> None:
        """End a session that was idle too long; a browser's only when no other worker has seen it meanwhile."""
        if not of_browser(lease.subject):
            self._end(lease, Reason.IDLE)
            return

        def came(facts: Subject | Exception | None) -> None:
            limits, seen = lease.decision.limits, lease.active_at
            if isinstance(facts, Subject):
                ago = self._clock.now() - last_seen(facts, lease.service)
                seen = max(seen, self._clock.monotonic() - max(0.0, ago)) if ago > float("-inf") else seen
            if limits.idle is not None and self._clock.monotonic() >= seen + limits.idle:
                self._end(lease, Reason.IDLE)
            elif not lease.over and lease.ended_for is None:
                lease.active_at = max(seen, lease.active_at)
                self._schedule(lease)

        self._asker.facts(lease.subject.key, came)
