"""Tells those who watch when a change was noted: at once for this process, by ``PRAGMA data_version`` for others.

Everything here runs on the event loop of the watcher, except ``announce``, which any thread may call.
"""

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

POLL = 0.05
"""Seconds between two looks for commits of other processes; a look costs a few microseconds."""


@dataclass(slots=True, eq=False)
class _Watch:
    wake: Callable[[int], None]
    loop: asyncio.AbstractEventLoop
    seen: int


class Watchers:
    """All watches of one store, and the one timer that looks for others' commits."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._watches: list[_Watch] = []
        self._timer: asyncio.TimerHandle | None = None
        self._version = self._look()

    def add(self, wake: Callable[[int], None]) -> Callable[[], None]:
        """Watch from the running loop; return what ends the watch."""
        watch = _Watch(wake, asyncio.get_running_loop(), self._last())
        self._watches = [*self._watches, watch]
        if self._timer is None:
            self._timer = watch.loop.call_later(POLL, self._poll, watch.loop)
        return lambda: self._remove(watch)

    def announce(self, number: int) -> None:
        """Wake everybody who has not heard of change ``number``; safe from any thread."""
        for watch in self._watches:
            with suppress(RuntimeError):  # the loop of that watcher is gone
                watch.loop.call_soon_threadsafe(self._wake, watch, number)

    def close(self) -> None:
        """End every watch."""
        self._watches = []
        self._stop()
        self._connection.close()

    def _wake(self, watch: _Watch, number: int) -> None:
        if number > watch.seen and watch in self._watches:
            watch.seen = number
            watch.wake(number)

    def _remove(self, watch: _Watch) -> None:
        self._watches = [other for other in self._watches if other is not watch]
        if not self._watches:
            self._stop()

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _poll(self, loop: asyncio.AbstractEventLoop) -> None:
        self._timer = loop.call_later(POLL, self._poll, loop)
        with suppress(sqlite3.Error):  # who follows changes also asks by itself now and then
            version = self._look()
            if version != self._version:
                self.announce(self._last())
                self._version = version

    def _look(self) -> int:
        (version,) = self._connection.execute("PRAGMA data_version").fetchone()
        return int(version)

    def _last(self) -> int:
        (number,) = self._connection.execute("SELECT coalesce(max(number), 0) FROM changes").fetchone()
        return int(number)
