"""What all channels of one process share: the event loop, one receive buffer, the deadlines, and the set of sockets
that are waited for."""

import asyncio
import select

from kernel.clock import Clock, SystemClock
from proxy.relays.deadlines import Deadlines
from proxy.relays.loop import BATCH, Watched, selector_of

BUFFER = 256 * 1024
READ, WRITE = select.EPOLLIN, select.EPOLLOUT


class Reactor:
    """One per process (per event loop).

    ``view`` is the shared receive buffer: a channel reads into it and hands a slice to its owner, who must be done
    with the slice when it returns. That is safe because channels read only when the loop calls them, one at a time.

    On a ``channel_loop`` sockets stand in the loop's own epoll set and are served by its selector. On any other loop
    the reactor has a set of its own, which the loop watches; that costs a second wait for each turn.
    """

    __slots__ = ("__weakref__", "_poll", "_watched", "buffer", "clock", "deadlines", "loop", "view")

    def __init__(self, loop: asyncio.AbstractEventLoop | None = None, clock: Clock | None = None) -> None:
        self.loop = loop or asyncio.get_running_loop()
        self.clock = clock or SystemClock()
        self.deadlines = Deadlines(self.clock, self.loop)
        self.buffer = bytearray(BUFFER)
        self.view = memoryview(self.buffer)
        self._watched: dict[int, Watched] = {}
        selector = selector_of(self.loop)
        if selector is not None:
            self._poll, self._watched, selector.failed = selector.poll, selector.watched, self._failed
        else:
            self._poll = select.epoll()
            self.loop.add_reader(self._poll.fileno(), self._turn)

    def watch(self, number: int, watched: Watched, before: int, now: int) -> int:
        """Wait for the events ``now`` on descriptor ``number``, where ``before`` were waited for; 0 is none. Returns
        ``now``."""
        if not before:
            self._watched[number] = watched
            self._poll.register(number, now)
        elif now:
            self._poll.modify(number, now)
        else:
            del self._watched[number]
            self._poll.unregister(number)
        return now

    def forget(self, number: int) -> None:
        """The descriptor is about to be closed, which is all that the kernel needs to be told."""
        self._watched.pop(number, None)

    def _turn(self) -> None:
        watched = self._watched
        for number, events in self._poll.poll(0, BATCH):
            # An earlier one of this turn may have closed it, and its number may be another's by now.
            each = watched.get(number)
            if each is not None:
                try:
                    each.ready(events)
                except Exception as fault:
                    self._failed(fault)

    def _failed(self, fault: Exception) -> None:
        self.loop.call_exception_handler({"message": "a channel's handler failed", "exception": fault})
