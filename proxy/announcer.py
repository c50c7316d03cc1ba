"""Tells the identity side which sessions this proxy carries: in batches, and as a whole after every reconnect.

Bounded: what piles up while nobody listens is dropped, because the next word is then the whole list anyway.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from itertools import islice
from typing import Protocol, TypeVar

from kernel.authority import Authority
from kernel.problems import Unavailable
from kernel.records.sessions import LiveSession

LOG = logging.getLogger("gatepost.sessions")
BATCH = 250
"""Sessions in one word: putting them into octets is a millisecond or two, in which nobody is served."""
GATHER = 0.1
"""Seconds that the first news waits for company: many a mail program's session is over by then, and needs no word."""
RETRY = 0.5

N = TypeVar("N")


class Live(Protocol):
    """A session that can tell of itself."""

    session: str

    def live(self, node: str) -> LiveSession:
        """Return what the identity side lists."""
        ...


class Announcer:
    """Collects openings and closings between two words to the Authority."""

    def __init__(self, authority: Authority, *, node: str) -> None:
        self._authority = authority
        self._node = node
        self._opened: dict[str, Live] = {}
        self._news: dict[str, Live] = {}
        self._closed: dict[str, str] = {}
        self._whole = False
        self._wake = asyncio.Event()
        self.listing: Callable[[], Sequence[LiveSession]] = tuple

    def opened(self, session: Live) -> None:
        """A session began; it is asked about itself should it live long enough to be announced."""
        if not self._opened:
            self._wake.set()
        self._opened[session.session] = session

    def changed(self, session: Live) -> None:
        """There is news of a session that lives."""
        if session.session not in self._opened:
            self._news[session.session] = session
            self._wake.set()

    def closed(self, name: str) -> None:
        """A session is over. One that was never announced needs no word."""
        if self._opened.pop(name, None) is None:
            self._news.pop(name, None)
            self._closed[name] = name
            self._wake.set()

    def all(self) -> None:
        """Say everything afresh: whoever listens may have forgotten."""
        self._whole = True
        self._wake.set()

    async def run(self) -> None:
        """Announce until cancelled; what fails is said again, as a whole."""
        while True:
            await self._wake.wait()
            if not self._whole:
                await asyncio.sleep(GATHER)
            self._wake.clear()
            try:
                await self.announce()
            except Exception as trouble:
                if not isinstance(trouble, Unavailable):
                    LOG.exception("the sessions could not be announced")
                self._whole = True
                self._wake.set()
                await asyncio.sleep(RETRY)

    async def announce(self) -> None:
        """Say what is new in one word, at most ``BATCH`` of each kind.

        Raises:
            Unavailable: nobody listens.
        """
        if self._whole:
            listed = self.listing()
            for waiting in (self._opened, self._news, self._closed):
                waiting.clear()
            await self._authority.sessions(self._node, listed, (), True)
            self._whole = False
            return
        opened = [each.live(self._node) for each in (*_taken(self._opened), *_taken(self._news))]
        closed = _taken(self._closed)
        if self._opened or self._news or self._closed:
            self._wake.set()
        if opened or closed:
            await self._authority.sessions(self._node, opened, closed, False)


def _taken(waiting: dict[str, N]) -> list[N]:
    """Take out the oldest, at most ``BATCH``."""
    return [waiting.pop(name) for name in list(islice(waiting, BATCH))]
