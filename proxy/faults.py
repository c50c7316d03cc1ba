"""Failures of ours on record: each kind of them, at each place, once in ten seconds.

A stranger who knows how to bring one about must not fill the log with it, nor the outbox, for then nobody gets in.
"""

import math

from kernel.audit import Fault
from kernel.clock import Clock
from proxy.recorder import Recorder

AGAIN = 10.0
MOST_KINDS = 1000
"""Seconds between two records of one kind of failure, and how many kinds are told apart."""


class Faults:
    """Records failures. A kind is what stands before the first colon: the exception's name."""

    def __init__(self, recorder: Recorder, clock: Clock) -> None:
        self._recorder, self._clock = recorder, clock
        self._told: dict[tuple[str, str], float] = {}

    def tell(self, where: str, what: str) -> None:
        """Record one, unless its like was just recorded; the words hold no secret."""
        kind, now = (where, what.partition(":")[0]), self._clock.monotonic()
        if now - self._told.get(kind, -math.inf) < AGAIN:
            return
        if len(self._told) >= MOST_KINDS:
            self._told.clear()
        self._told[kind] = now
        actor = f"proxy:{self._recorder.node}"
        self._recorder.record(Fault(at=self._clock.now(), actor=actor, where=where[:100], what=what[:500]))
