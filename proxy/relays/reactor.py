"""What all channels of one process share: the event loop, one receive buffer, the deadlines, and the set of sockets
that are waited for."""

import asyncio
import select
from typing import Protocol

from kernel.clock import Clock, SystemClock
from proxy.relays.deadlines import Deadlines

BUFFER = 256 * 1024
READ, WRITE = select.EPOLLIN, select.EPOLLOUT
BATCH = 128
"""The most events that are served before the loop may do something else."""


class Watched(Protocol):
    """What is told of its socket's readiness; being told in vain must do no harm."""

    def ready(self, events: int) -> None:
        """``events``: a set of ``READ``, ``WRITE`` and the kernel's ERR and HUP."""
        ...


class Reactor:
    """One per process (per event loop).

    ``view`` is the shared receive buffer: a channel reads into it and hands a slice to its owner, who must be done
    with the slice when it returns. That is safe because channels read only when the loop calls them, one at a time.

    Sockets are watched by an epoll set of our own, and the loop watches that set: a registration costs one system
    call and a dict entry instead of the loop's two handles and seven calls, and an event costs a dict look-up.
    """

    __slots__ = ("__weakref__", "_poll", "_watched", "buffer", "clock", "deadlines", "loop", "view")

    def __init__(self, loop: asyncio.AbstractEventLoop | None = None, clock: Clock | None = None) -> None:
        self.loop = loop or asyncio.get_running_loop()
        self.clock = clock or SystemClock()
        self.deadlines = Deadlines(self.clock, self.loop)
        self.buffer = bytearray(BUFFER)
        self.view = memoryview(self.buffer)
        self._poll = select.epoll()
        self._watched: dict[int, Watched] = {}
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
                    self.loop.call_exception_handler({"message": "a channel's handler failed", "exception": fault})
