"""One timer wheel for a whole process: thousands of deadlines cost one timer.

Owns when something is overdue; refuses to keep precise time - a deadline fires up to ``RESOLUTION`` seconds late,
never early.
"""

from collections.abc import Callable
from math import ceil, floor
from typing import Protocol

from kernel.clock import Clock

RESOLUTION = 0.25


class _Handle(Protocol):
    def cancel(self) -> None: ...


class _Loop(Protocol):
    def call_later(self, delay: float, callback: Callable[[], object]) -> _Handle: ...


class Deadline:
    """One thing that becomes overdue at ``due`` (monotonic seconds). Made by ``Deadlines.after``."""

    __slots__ = ("_action", "_slot", "_wheel", "due")

    def __init__(self, wheel: "Deadlines", due: float, action: Callable[[], object]) -> None:
        self._wheel = wheel
        self._action: Callable[[], object] | None = action
        self._slot = 0
        self.due = due

    @property
    def pending(self) -> bool:
        """Tell whether it can still fire."""
        return self._action is not None

    def extend(self, seconds: float) -> None:
        """Make it due ``seconds`` from now instead. Who only ever moves it away may assign ``due``, which is free."""
        self.due = self._wheel.now + seconds
        if self._action is not None and self.due <= (self._slot - 1) * RESOLUTION:
            self._wheel.refile(self)

    def renew(self, seconds: float, action: Callable[[], object]) -> None:
        """Call ``action`` instead, ``seconds`` from now; whether it was pending, has fired, or was cancelled."""
        wheel, pending = self._wheel, self._action is not None
        self._action = action
        self.due = (wheel.now if pending else wheel.awake()) + seconds
        if not pending or self.due <= (self._slot - 1) * RESOLUTION:
            wheel.refile(self)

    def cancel(self) -> None:
        """Never fire. Harmless when it has fired already."""
        if self._action is not None:
            self._action = None
            self._wheel.discard(self)


class Deadlines:
    """The wheel. ``now`` is a coarse monotonic clock, renewed at every turn, that costs an attribute to read."""

    __slots__ = ("_clock", "_handle", "_loop", "_slots", "_turned", "now")

    def __init__(self, clock: Clock, loop: _Loop | None = None) -> None:
        """Count on ``clock``; turn by ``loop`` while anything is pending, or by hand (``turn``) without one."""
        self._clock = clock
        self._loop = loop
        self._handle: _Handle | None = None
        self._slots: dict[int, dict[Deadline, None]] = {}
        self.now = clock.monotonic()
        self._turned = floor(self.now / RESOLUTION)

    def __len__(self) -> int:
        return sum(len(slot) for slot in self._slots.values())

    def after(self, seconds: float, action: Callable[[], object]) -> Deadline:
        """Call ``action`` once, ``seconds`` from now, unless it is extended or cancelled."""
        if self._handle is None:
            self.awake()
        deadline = Deadline(self, self.now + seconds, action)
        self._file(deadline)
        return deadline

    def awake(self) -> float:
        """Turn, now that something is about to be pending; return the time, which is stale while nothing is."""
        if self._handle is None:
            self.now = self._clock.monotonic()
            self._arm()
        return self.now

    def discard(self, deadline: Deadline) -> None:
        """Forget a deadline; used by ``Deadline.cancel``."""
        slot = self._slots.get(deadline._slot)
        if slot is not None:
            slot.pop(deadline, None)
            if not slot:
                del self._slots[deadline._slot]

    def refile(self, deadline: Deadline) -> None:
        """Put a deadline where it now belongs; used by ``Deadline.extend`` and ``Deadline.renew``."""
        self.discard(deadline)
        self._file(deadline)

    def turn(self) -> None:
        """Fire what is overdue. An action that raises does not keep the others from firing: its error comes last."""
        self.now = self._clock.monotonic()
        reached = floor(self.now / RESOLUTION)
        failure: Exception | None = None
        for number in self._reached(reached):
            for deadline in self._slots.pop(number, ()):
                try:
                    self._fire(deadline)
                except Exception as error:
                    failure = error
        self._turned = reached
        if failure is not None:
            raise failure

    def stop(self) -> None:
        """Cancel everything; nothing fires any more."""
        self._slots.clear()
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None

    def _reached(self, reached: int) -> list[int]:
        return sorted(number for number in self._slots if number <= reached)

    def _fire(self, deadline: Deadline) -> None:
        action = deadline._action
        if action is None:
            return
        if deadline.due > self.now:
            self._file(deadline)
            return
        deadline._action = None
        action()

    def _file(self, deadline: Deadline) -> None:
        # Rounded up, so that the wheel has passed `due` when it reaches the slot.
        number = deadline._slot = ceil(deadline.due / RESOLUTION)
        slot = self._slots.get(number)
        if slot is None:
            slot = self._slots[number] = {}
        slot[deadline] = None

    def _arm(self) -> None:
        if self._loop is not None:
            self._handle = self._loop.call_later(RESOLUTION, self._tick)

    def _tick(self) -> None:
        self._handle = None
        try:
            self.turn()
        finally:
            if self._slots and self._handle is None:
                self._arm()
