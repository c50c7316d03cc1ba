"""When time alone ends or turns a session: one timer for all of them, set to the earliest deadline."""

import heapq
import math
from collections.abc import Callable

from kernel.clock import Clock
from proxy.asking import Timer, Timers
from proxy.lease import Lease

SAME = 0.01
"""Seconds within which two deadlines of one lease are the same, so that nothing piles up when nothing changed."""
SOONEST = 0.05
"""Seconds that pass at least before a decision is made again because of the time."""


class Expiry:
    """Calls ``due(lease)`` when its deadline has come. A lease is scheduled afresh after each judgement."""

    def __init__(self, timers: Timers, clock: Clock, due: Callable[[Lease], None]) -> None:
        self._timers = timers
        self._clock = clock
        self._due = due
        self._heap: list[tuple[float, int, Lease]] = []
        self._count = 0
        self._timer: Timer | None = None
        self._at = math.inf

    def schedule(self, lease: Lease) -> None:
        """Note the lease's present deadline in place of any before it."""
        deadline = self._deadline(lease)
        if abs(deadline - lease.deadline) < SAME:
            return
        lease.deadline = deadline
        if deadline == math.inf:
            return
        self._count += 1
        heapq.heappush(self._heap, (deadline, self._count, lease))
        if deadline < self._at:
            self._set(deadline)

    def _deadline(self, lease: Lease) -> float:
        """Return the moment on the monotonic clock."""
        limits, until = lease.decision.limits, lease.decision.valid_until
        deadline = math.inf
        if until != math.inf:
            deadline = self._clock.monotonic() + max(SOONEST, until - self._clock.now())
        if limits.session is not None:
            deadline = min(deadline, lease.limited_since + limits.session)
        if limits.idle is not None:
            deadline = min(deadline, lease.active_at + limits.idle)
        return deadline

    def _set(self, deadline: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._at = deadline
        self._timer = self._timers.call_later(max(0.0, deadline - self._clock.monotonic()), self._ring)

    def _ring(self) -> None:
        self._timer, self._at = None, math.inf
        now, heap = self._clock.monotonic(), self._heap
        while heap and heap[0][0] <= now:
            deadline, _, lease = heapq.heappop(heap)
            # An entry whose lease has another deadline by now is a leftover of an earlier judgement.
            if deadline == lease.deadline and not lease.over:
                lease.deadline = -math.inf
                self._due(lease)
        if heap and heap[0][0] < self._at:
            self._set(heap[0][0])
