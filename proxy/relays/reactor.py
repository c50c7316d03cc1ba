"""What all channels of one process share: the event loop, one receive buffer, the deadlines."""

import asyncio

from kernel.clock import Clock, SystemClock
from proxy.relays.deadlines import Deadlines

BUFFER = 256 * 1024


class Reactor:
    """One per process (per event loop).

    ``view`` is the shared receive buffer: a channel reads into it and hands a slice to its owner, who must be done
    with the slice when it returns. That is safe because channels read only when the loop calls them, one at a time.
    """

    __slots__ = ("buffer", "clock", "deadlines", "loop", "view")

    def __init__(self, loop: asyncio.AbstractEventLoop | None = None, clock: Clock | None = None) -> None:
        self.loop = loop or asyncio.get_running_loop()
        self.clock = clock or SystemClock()
        self.deadlines = Deadlines(self.clock, self.loop)
        self.buffer = bytearray(BUFFER)
        self.view = memoryview(self.buffer)
