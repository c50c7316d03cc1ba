"""Time as a dependency: whoever needs the time is handed a Clock, so that tests own it."""

import time
from dataclasses import dataclass
from typing import Protocol


class Clock(Protocol):
    """Where time comes from."""

    def now(self) -> float:
        """Return seconds since 1970-01-01 UTC."""
        ...

    def monotonic(self) -> float:
        """Return seconds on a clock that never goes back; only differences mean anything."""
        ...


class SystemClock:
    """The machine's own clock."""

    # The functions themselves: a session asks a dozen times, and a method around each would cost as much as the answer.
    now = staticmethod(time.time)
    monotonic = staticmethod(time.monotonic)


@dataclass
class SetClock:
    """A clock that stands still until it is told to move; tests and replays use it."""

    at: float = 1_800_000_000.0

    def now(self) -> float:
        return self.at

    def monotonic(self) -> float:
        return self.at

    def forward(self, seconds: float) -> None:
        """Move the time by ``seconds``."""
        self.at += seconds
