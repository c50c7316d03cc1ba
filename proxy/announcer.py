"""Tells the identity side which sessions this proxy carries: in batches, and as a whole after every reconnect.

Bounded: what piles up while nobody listens is dropped, because the next word is then the whole list anyway.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence

from kernel.authority import Authority
from kernel.problems import Unavailable
from kernel.records.sessions import LiveSession

LOG = logging.getLogger("gatepost.sessions")
BATCH = 1000
PAUSE = 0.02
RETRY = 0.5


class Announcer:
    """Collects openings and closings between two words to the Authority."""

    def __init__(self, authority: Authority, *, node: str) -> None:
        self._authority = authority
        self._node = node
        self._opened: dict[str, Callable[[], LiveSession]] = {}
        self._closed: dict[str, None] = {}
        self._whole = False
        self._wake = asyncio.Event()
        self.listing: Callable[[], Sequence[LiveSession]] = tuple

    def opened(self, session_id: str, session: Callable[[], LiveSession]) -> None:
        """A session began; ``session`` tells of it, should it live long enough to be announced."""
        self._opened[session_id] = session
        self._wake.set()

    def closed(self, session_id: str) -> None:
        """A session is over. One that was never announced needs no word."""
        if self._opened.pop(session_id, None) is None:
            self._closed[session_id] = None
        self._wake.set()

    def all(self) -> None:
        """Say everything afresh: whoever listens may have forgotten."""
        self._whole = True
        self._wake.set()

    async def run(self) -> None:
        """Announce until cancelled; what fails is said again, as a whole."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            try:
                await self.announce()
            except Exception as trouble:
                if not isinstance(trouble, Unavailable):
                    LOG.exception("the sessions could not be announced")
                self._whole = True
                self._wake.set()
                await asyncio.sleep(RETRY)
            await asyncio.sleep(PAUSE)

    async def announce(self) -> None:
        """Say what is new in one word, at most ``BATCH`` of each.

        Raises:
            Unavailable: nobody listens.
        """
        if self._whole:
            opened: Sequence[LiveSession] = self.listing()
            self._opened.clear()
            self._closed.clear()
            await self._authority.sessions(self._node, opened, (), True)
            self._whole = False
            return
        ids = list(self._opened)[:BATCH]
        news = [self._opened.pop(name)() for name in ids]
        ends = list(self._closed)[:BATCH]
        for name in ends:
            del self._closed[name]
        if self._opened or self._closed:
            self._wake.set()
        if news or ends:
            await self._authority.sessions(self._node, news, ends, False)
