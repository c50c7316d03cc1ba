"""The audit outbox of one proxy: in order, acknowledged in batches, and a reason to let nobody in when it is stuck.

Delivery is at least once: after a lost connection the unacknowledged batch is sent again.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from itertools import islice

from kernel.audit import Event, Fault
from kernel.authority import Authority
from kernel.clock import Clock
from kernel.problems import Unavailable
from proxy.slices import SLICE

CAPACITY = 20_000
BATCH = 250
PATIENCE = 5.0
"""Seconds that the oldest event may wait for its acknowledgement while new sessions are still let in."""
RETRY = 0.25
GATHER = 0.02
"""Seconds that the first event of a batch waits for company: a word to the identity side costs more than an event."""

Made = Callable[[], Event]
"""An event that is put together when it is sent: there, many in a row cost a fraction of one amid a session."""


class Recorder:
    """Takes events at once, hands them to the Authority behind the scenes."""

    def __init__(
        self, authority: Authority, clock: Clock, *, node: str, capacity: int = CAPACITY, patience: float = PATIENCE
    ) -> None:
        self.node = node
        self.lost = 0
        self._authority = authority
        self._clock = clock
        self._capacity = capacity
        self._patience = patience
        self._outbox: deque[tuple[float, Event | Made]] = deque()
        self._wake = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()

    @property
    def accepting(self) -> bool:
        """Whether new sessions may begin: the outbox has room and its oldest event is young."""
        outbox = self._outbox
        if not outbox:
            return True
        return len(outbox) < self._capacity and self._clock.monotonic() - outbox[0][0] <= self._patience

    @property
    def waiting(self) -> int:
        """How many events are not acknowledged yet."""
        return len(self._outbox)

    def record(self, event: Event | Made) -> None:
        """Take an event, or what makes it and needs nothing that may still change.

        Past twice the capacity it is counted as lost; nobody has been let in since ``capacity``.
        """
        outbox = self._outbox
        if not outbox:
            self._wake.set()
            self._idle.clear()
        elif len(outbox) >= 2 * self._capacity:
            self.lost += 1
            return
        outbox.append((self._clock.monotonic(), event))

    def spare(self, event: Event | Made) -> bool:
        """Take an event for whose sake nobody may be kept out: while half of the room is left. Say whether it was."""
        if 2 * len(self._outbox) >= self._capacity:
            return False
        self.record(event)
        return True

    async def run(self) -> None:
        """Hand over until cancelled; whatever fails is tried again."""
        while True:
            await self._wake.wait()
            while self._outbox:
                if len(self._outbox) < BATCH:
                    await asyncio.sleep(GATHER)
                try:
                    await self.hand_over()
                except Unavailable:
                    await asyncio.sleep(RETRY)
                except Exception as fault:
                    self._note_fault(fault)
                    await asyncio.sleep(RETRY)
            self._wake.clear()
            self._idle.set()

    async def hand_over(self) -> None:
        """Send one batch and forget it once it is acknowledged.

        Raises:
            Unavailable: nobody there; the batch stays.
        """
        batch = self.unacknowledged(BATCH)
        await self._authority.record(self.node, batch)
        for _ in batch:
            self._outbox.popleft()
        if self.lost and len(self._outbox) < self._capacity:
            lost, self.lost = self.lost, 0
            self.record(self._fault(f"{lost} events were lost while nobody took them"))

    def unacknowledged(self, most: int) -> Sequence[Event]:
        """Return the oldest events that wait: at most ``most``, and no more than a slice of the loop's time puts
        together."""
        monotonic = self._clock.monotonic
        until, made = monotonic() + SLICE, []
        for _, event in islice(self._outbox, most):
            made.append(self._made(event))
            if monotonic() >= until:
                break
        return made

    async def drain(self, seconds: float) -> bool:
        """Wait until all is acknowledged, at most ``seconds``; say whether it is."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._idle.wait()
        return self._idle.is_set()

    def _made(self, event: Event | Made) -> Event:
        if not callable(event):
            return event
        try:
            return event()
        except Exception as fault:  # what cannot be told stays on record as such, and holds up no other
            return self._fault(f"an event could not be put together: {type(fault).__name__}: {fault}"[:500])

    def _note_fault(self, fault: Exception) -> None:
        if not any(isinstance(event, Fault) and event.where == "recorder" for _, event in self._outbox):
            self.record(self._fault(f"{type(fault).__name__}: {fault}"[:500]))

    def _fault(self, what: str) -> Fault:
        return Fault(at=self._clock.now(), actor=f"proxy:{self.node}", where="recorder", what=what)
