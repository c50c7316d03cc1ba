"""Long work in short slices: jobs run in order, and the loop gets its turn every few milliseconds."""

from collections import deque
from collections.abc import Callable
from typing import Any

from kernel.clock import Clock
from proxy.asking import Timers

SLICE = 0.005
"""Seconds of work before the loop gets its turn."""


class Slices:
    """A queue of calls. A job must not raise; its arguments are bound when it is added."""

    def __init__(self, timers: Timers, clock: Clock) -> None:
        self._timers = timers
        self._clock = clock
        self._jobs: deque[tuple[Callable[..., None], tuple[Any, ...]]] = deque()
        self._working = False

    def __len__(self) -> int:
        return len(self._jobs)

    def add(self, job: Callable[..., None], *args: Any) -> None:
        """Put ``job(*args)`` at the end of the queue."""
        self._jobs.append((job, args))
        if not self._working:
            self._working = True
            self._timers.call_soon(self._work)

    def _work(self) -> None:
        jobs, monotonic = self._jobs, self._clock.monotonic
        until = monotonic() + SLICE
        while jobs:
            job, args = jobs.popleft()
            job(*args)
            if jobs and monotonic() >= until:
                self._timers.call_soon(self._work)
                return
        self._working = False
