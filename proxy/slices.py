"""Long work in short slices: jobs run in order, and the loop gets its turn every few milliseconds."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from kernel.clock import Clock
from proxy.asking import Timers

SLICE = 0.003
"""Seconds of work before the loop gets its turn. Others have theirs in the same turn: records are put together, the
collector looks through what is new. Together they stay below 20 ms."""


class Slices:
    """A queue of calls. A job must not raise; its arguments are bound when it is added."""

    def __init__(self, timers: Timers, clock: Clock) -> None:
        self._timers = timers
        self._clock = clock
        self._jobs: deque[tuple[Callable[..., None], Iterator[Any], tuple[Any, ...]]] = deque()
        self._working = False

    def __len__(self) -> int:
        return len(self._jobs)

    def add(self, job: Callable[..., None], item: object, *args: object) -> None:
        """Put ``job(item, *args)`` at the end of the queue."""
        self.each(job, (item,), *args)

    def each(self, job: Callable[..., None], items: Iterable[object], *args: object) -> None:
        """Put ``job(item, *args)`` there for each of ``items``: ten thousand of them are one entry."""
        self._jobs.append((job, iter(items), args))
        if not self._working:
            self._working = True
            self._timers.call_soon(self._work)

    def _work(self) -> None:
        jobs, monotonic = self._jobs, self._clock.monotonic
        until = monotonic() + SLICE
        while jobs:
            job, items, args = jobs[0]
            for item in items:
                job(item, *args)
                if monotonic() >= until:
                    self._timers.call_soon(self._work)
                    return
            jobs.popleft()
        self._working = False
