"""Wakes the pages that show what waits for a person, the moment that it changes. Bounded; costs nothing unheard."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress

from kernel.ports import Reader, Store
from kernel.records.changes import Change, approvals_handle

MOST = 5000
MOST_OF_ONE = 16
"""Pages that listen, of all people and of one; whoever comes on top is told to come again later."""

PREFIX = approvals_handle("")
BEFORE = 200
"""How many changes before the first that woke us are looked at: one commit can hold several."""


class Bell:
    """Follows the change log while anybody listens."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._listening: dict[str, set[asyncio.Event]] = {}
        self._count = 0
        self._last = 0
        self._unwatch: Callable[[], None] | None = None
        self._round: asyncio.Task[None] | None = None
        self._again = False

    @contextmanager
    def listen(self, user_id: str) -> Iterator[asyncio.Event | None]:
        """Lend an event that is set when something changes for this person; None: too many listen."""
        near = self._listening.setdefault(user_id, set())
        if self._count >= MOST or len(near) >= MOST_OF_ONE:
            if not near:
                del self._listening[user_id]
            yield None
            return
        heard = asyncio.Event()
        near.add(heard)
        self._count += 1
        if self._unwatch is None:
            self._last = 0
            self._unwatch = self._store.watch(self._woken)
        try:
            yield heard
        finally:
            near.discard(heard)
            self._count -= 1
            if not near:
                self._listening.pop(user_id, None)
            if not self._count and self._unwatch is not None:
                self._unwatch()
                self._unwatch = None

    def _woken(self, number: int) -> None:
        """Look at once at what changed; while that is looked at, what comes on top is looked at next."""
        self._again = True
        if not self._last:
            self._last = max(0, number - BEFORE)
        if self._round is None or self._round.done():
            self._round = asyncio.get_running_loop().create_task(self._look())

    async def _look(self) -> None:
        with suppress(Exception):  # a page that is not woken looks by itself soon
            while self._count and self._again:
                self._again = False
                changes = await self._store.read(self._news)
                if changes:
                    self._last, self._again = changes[-1].number, True
                for change in changes:
                    if change.handle.startswith(PREFIX):
                        for heard in self._listening.get(change.handle[len(PREFIX) :], ()):
                            heard.set()

    def _news(self, tx: Reader) -> Sequence[Change]:
        return tx.changes(self._last)
