"""How a role and its supervisor know of each other: two pipes, named in the environment.

``GATEPOST_LIFELINE`` is read by the role: its end means that the supervisor is gone or wants it to stop, so that
not even a
killed supervisor leaves a role behind. ``GATEPOST_READY`` is written once by the role, when it serves.
"""

import asyncio
import os
import signal
from collections.abc import Callable

LIFELINE = "GATEPOST_LIFELINE"
READY = "GATEPOST_READY"


def stop_event(loop: asyncio.AbstractEventLoop, reload: Callable[[], object]) -> asyncio.Event:
    """Return an event that is set when this process should stop: SIGTERM, SIGINT, or the end of the lifeline.

    SIGHUP calls ``reload``.
    """
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    loop.add_signal_handler(signal.SIGHUP, reload)
    if line := os.environ.get(LIFELINE):
        descriptor = int(line)

        def ended() -> None:
            loop.remove_reader(descriptor)
            stop.set()

        loop.add_reader(descriptor, ended)
    return stop


def announce_ready() -> None:
    """Tell the supervisor, if there is one, that this role now serves."""
    if line := os.environ.pop(READY, ""):
        os.write(int(line), b"ready\n")
        os.close(int(line))
