"""asyncio's own loop over a selector that serves channels itself, straight from the one epoll set of the process.

A readiness event of a channel then costs a dict look-up: no handle, no second wait, no hop through the loop. Everything
else (timers, transports, signals) goes through asyncio as ever.
"""

import asyncio
import math
import select
import selectors
from collections.abc import Callable, Mapping, Sized
from time import monotonic
from typing import Any, Protocol

BATCH = 128
"""The most events that are served before the loop may do something else."""

Key = selectors.SelectorKey


class Watched(Protocol):
    """What is told of its socket's readiness; being told in vain must do no harm."""

    def ready(self, events: int) -> None:
        """``events``: a set of the kernel's IN, OUT, ERR and HUP."""
        ...


class ChannelSelector(selectors.BaseSelector):
    """``watched`` are channels by descriptor, put into ``poll`` by the reactor; ``failed`` hears what they raise.

    ``called`` and ``timed`` are the loop's callbacks to run and its timers. While neither grows, turn follows turn
    without a walk through the loop, which would cost as much as serving a channel.
    """

    def __init__(self) -> None:
        self.poll = select.epoll()
        self.watched: dict[int, Watched] = {}
        self.failed: Callable[[Exception], None] = _raise
        self.called: Sized = (None,)
        self.timed: Sized = ()
        self._keys: dict[int, Key] = {}

    def register(self, fileobj: Any, events: int, data: Any = None) -> Key:
        number = _number(fileobj)
        if number in self._keys:
            raise KeyError(f"{fileobj!r} is registered already")
        self.poll.register(number, _mask(events))
        key = self._keys[number] = Key(fileobj, number, events, data)
        return key

    def unregister(self, fileobj: Any) -> Key:
        key = self._keys.pop(_number(fileobj))
        try:
            self.poll.unregister(key.fd)
        except OSError:
            return key  # it was closed before, which is all that the kernel needs to be told
        return key

    def modify(self, fileobj: Any, events: int, data: Any = None) -> Key:
        number = _number(fileobj)
        key = self._keys[number]
        if events != key.events:
            self.poll.modify(number, _mask(events))
        key = self._keys[number] = key._replace(events=events, data=data)
        return key

    def select(self, timeout: float | None = None) -> list[tuple[Key, int]]:
        """Wait, serve the channels that are ready, and return what else is; for ``timeout`` seconds at most."""
        until = math.inf if timeout is None else monotonic() + timeout
        timers = len(self.timed)
        while True:
            events = self.poll.poll(_patience(timeout), BATCH)
            others = self._serve(events)
            if others or not events or self.called or len(self.timed) != timers:
                return others
            if timeout is not None:
                timeout = until - monotonic()
                if timeout <= 0:
                    return others

    def _serve(self, events: list[tuple[int, int]]) -> list[tuple[Key, int]]:
        others: list[tuple[Key, int]] = []
        watched = self.watched
        for number, what in events:
            # An earlier one of this turn may have closed it, and its number may be another's by now.
            channel = watched.get(number)
            if channel is not None:
                try:
                    channel.ready(what)
                except Exception as fault:
                    self.failed(fault)
            elif (key := self._keys.get(number)) is not None:
                others.append((key, _asked(what) & key.events))
        return others

    def close(self) -> None:
        self._keys.clear()
        self.watched.clear()
        self.poll.close()

    def get_map(self) -> Mapping[Any, Key]:
        return self._keys


def channel_loop() -> asyncio.AbstractEventLoop:
    """Return a new event loop for a proxy worker."""
    selector = ChannelSelector()
    loop = asyncio.SelectorEventLoop(selector)
    # Private, and the same from Python 3.4 to 3.14; without them every turn goes through the loop.
    called, timed = getattr(loop, "_ready", None), getattr(loop, "_scheduled", None)
    if called is not None and timed is not None:
        selector.called, selector.timed = called, timed
    return loop


def selector_of(loop: asyncio.AbstractEventLoop) -> ChannelSelector | None:
    """Return the selector of a ``channel_loop``; None for any other loop."""
    found = getattr(loop, "_selector", None)
    return found if isinstance(found, ChannelSelector) else None


def _raise(fault: Exception) -> None:
    raise fault


def _number(fileobj: Any) -> int:
    return fileobj if isinstance(fileobj, int) else int(fileobj.fileno())


def _mask(events: int) -> int:
    reading = select.EPOLLIN if events & selectors.EVENT_READ else 0
    return reading | (select.EPOLLOUT if events & selectors.EVENT_WRITE else 0)


def _asked(events: int) -> int:
    """An error or a hang-up counts as both: it shows in the attempt."""
    reading = selectors.EVENT_READ if events & ~select.EPOLLOUT else 0
    return reading | (selectors.EVENT_WRITE if events & ~select.EPOLLIN else 0)


def _patience(timeout: float | None) -> float:
    """Return seconds for epoll_wait, which counts whole milliseconds: rounded up, so that no timer comes early."""
    if timeout is None:
        return -1
    return math.ceil(timeout * 1e3) * 1e-3 if timeout > 0 else 0
