"""Runs a foreign program as a role: it starts with us, is ready when its port answers, and never outlives us.

``python -m gatepost.household.tether PORT PROGRAM ARGUMENT...``; PORT 0 means ready as soon as it runs.
"""

import asyncio
import contextlib
import ctypes
import os
import signal
import sys
from collections.abc import Callable, Sequence
from typing import Any

from gatepost.household.lifeline import LIFELINE, announce_ready, stop_event

LONGEST_START = 60.0
PR_SET_PDEATHSIG = 1
GRACE = 8.0


async def tether(port: int, argv: Sequence[str]) -> int:
    """Run ``argv`` until it ends or we are told to stop; return its exit code."""
    loop = asyncio.get_running_loop()
    stop = stop_event(loop, lambda: None)
    environment = {name: value for name, value in os.environ.items() if name != LIFELINE}
    process = await asyncio.create_subprocess_exec(*argv, env=environment, process_group=0, preexec_fn=_tie())
    ended = asyncio.ensure_future(process.wait())
    stopped = asyncio.ensure_future(stop.wait())
    if await _answers(port, ended, stopped):
        announce_ready()
    await asyncio.wait({ended, stopped}, return_when=asyncio.FIRST_COMPLETED)
    stopped.cancel()
    return await _finish(process, ended)


def _tie() -> Callable[[], None] | None:
    """Return what ties a new program to us, so that it hears SIGTERM even when we are killed; None where the system
    has no such thing."""
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None).prctl  # looked up before the fork: nothing but the call happens in the child
    return lambda: prctl(PR_SET_PDEATHSIG, int(signal.SIGTERM))


async def _finish(process: asyncio.subprocess.Process, ended: "asyncio.Future[int]") -> int:
    """End the program's whole process group: gently, then for good."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(GRACE):
                return await asyncio.shield(ended)
    return await ended


async def _answers(port: int, *ends: "asyncio.Future[Any]") -> bool:
    """Return True once something listens on ``port`` of 127.0.0.1; False when the program ended, or never listened."""
    loop = asyncio.get_running_loop()
    until = loop.time() + LONGEST_START
    while port and loop.time() < until and not any(end.done() for end in ends):
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.wait(ends, timeout=0.05)
            continue
        writer.close()
        return True
    return port == 0


def main() -> int:
    port, *argv = sys.argv[1:]
    return asyncio.run(tether(int(port), argv))


if __name__ == "__main__":
    sys.exit(main())
