"""Those who ask for decisions and are no enforcers: on record, each address once in a while, so that nobody fills the
log by asking."""

import math
from collections.abc import Callable

from kernel.audit import CredentialRefused, Event
from kernel.clock import Clock
from kernel.reasons import Reason

AGAIN = 60.0
MOST = 1000
"""Seconds between two records of one address, and how many addresses are told apart."""


class Strangers:
    """Remembers whom it has told of. ``record`` takes the event."""

    def __init__(self, record: Callable[[Event], None], clock: Clock, node: str) -> None:
        self._record, self._clock, self._node = record, clock, node
        self._told: dict[str, float] = {}

    def seen(self, address: str) -> None:
        """Somebody at ``address`` asked, and did not show what an enforcer shows."""
        now = self._clock.monotonic()
        if now - self._told.get(address, -math.inf) < AGAIN:
            return
        if len(self._told) >= MOST:
            self._told.clear()
        self._told[address] = now
        at, actor = self._clock.now(), f"proxy:{self._node}"
        event = CredentialRefused(
            at=at, actor=actor, address=address, service="decisions", reason=Reason.CREDENTIALS.value
        )
        self._record(event)
