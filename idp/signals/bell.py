"""Wakes those who wait for events of their stream: receivers that poll and are patient, and the courier."""

import asyncio
from contextlib import suppress


class Bell:
    """Rings for everybody who waits at that moment."""

    def __init__(self) -> None:
        self._rung = asyncio.Event()

    def ring(self) -> None:
        """Wake everybody."""
        rung, self._rung = self._rung, asyncio.Event()
        rung.set()

    async def wait(self, seconds: float) -> None:
        """Return when it rings, at the latest after ``seconds``."""
        rung = self._rung
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await rung.wait()
