"""Keeps the roles of one machine running: starts each as a process of its own, starts it again when it dies, and
ends all of
them together. It serves nobody itself and knows no secret.

    starting --ready--> serving --exit--> waiting 0.1 s --------> starting
        \\--exit--> waiting, longer each time, at most 2 s -----^   (stop: every role is told, waited for, killed)

A role that starts goes before everything else on the machine, where we may say so: until it serves, nobody gets in.
"""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from gatepost.household.lifeline import LIFELINE, READY

FIRST_PAUSE = 0.1
LONGEST_PAUSE = 2.0
RESTLESS, STABLE_AFTER = 5, 10.0
"""A role that has served, but not for so many seconds, so often in a row, is no longer started again at once."""
HURRY = -10
"""The niceness of a role that starts."""


@dataclass(frozen=True, slots=True)
class Role:
    """One process to keep: ``name`` for people, ``argv`` to start it."""

    name: str
    argv: tuple[str, ...]
    environment: dict[str, str] = field(default_factory=dict)


class Supervisor:
    """Runs roles until told to stop. ``grace``: seconds that a role has to end by itself. ``say`` prints one line."""

    def __init__(self, roles: Sequence[Role], grace: float, say: Callable[[str], None]) -> None:
        self.roles = tuple(roles)
        self.grace = grace
        self.say = say
        self.ready = asyncio.Event()
        self.processes: dict[str, asyncio.subprocess.Process] = {}
        self._serving: set[str] = set()
        self._usual = os.getpriority(os.PRIO_PROCESS, 0)

    async def run(self, stop: asyncio.Event) -> None:
        """Keep every role running until ``stop`` is set; returns when the last process is gone."""
        await asyncio.gather(*(self._keep(role, stop) for role in self.roles))

    def forward(self, number: signal.Signals) -> None:
        """Send a signal (SIGHUP: read the configuration again) to every role that runs."""
        for process in self.processes.values():
            if process.returncode is None:
                process.send_signal(number)

    async def _keep(self, role: Role, stop: asyncio.Event) -> None:
        falls = 0
        loop = asyncio.get_running_loop()
        while not stop.is_set():
            began = loop.time()
            code, served = await self._once(role, stop)
            if stop.is_set():
                return
            falls = 0 if served and loop.time() - began > STABLE_AFTER else falls + 1
            doublings = max(0, falls - RESTLESS) if served else falls
            pause = min(FIRST_PAUSE * 2**doublings, LONGEST_PAUSE)
            self.say(f"{role.name} ended ({_meaning(code)}); starting it again in {pause:.1f} s")
            with suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await stop.wait()

    async def _once(self, role: Role, stop: asyncio.Event) -> tuple[int, bool]:
        """Start the role, see it become ready, and stay until it ends or has been ended; return its exit code and
        whether it ever served."""
        life_read, life_write = os.pipe()
        ready_read, ready_write = os.pipe()
        environment = {**os.environ, **role.environment, LIFELINE: str(life_read), READY: str(ready_write)}
        process = await asyncio.create_subprocess_exec(
            *role.argv, env=environment, pass_fds=(life_read, ready_write), start_new_session=True
        )
        os.close(life_read)
        os.close(ready_write)
        self.processes[role.name] = process
        _set_priority(process.pid, HURRY)
        loop = asyncio.get_running_loop()
        loop.add_reader(ready_read, self._note_ready, role, ready_read)
        try:
            code = await self._until_end(process, life_write, stop)
            return code, role.name in self._serving
        finally:
            self._serving.discard(role.name)
            loop.remove_reader(ready_read)
            _close(ready_read)

    async def _until_end(self, process: asyncio.subprocess.Process, life_write: int, stop: asyncio.Event) -> int:
        ended = asyncio.ensure_future(process.wait())
        stopped = asyncio.ensure_future(stop.wait())
        await asyncio.wait({ended, stopped}, return_when=asyncio.FIRST_COMPLETED)
        os.close(life_write)
        stopped.cancel()
        try:
            async with asyncio.timeout(self.grace):
                return await ended
        except TimeoutError:
            process.kill()
            return await process.wait()

    def _note_ready(self, role: Role, descriptor: int) -> None:
        asyncio.get_running_loop().remove_reader(descriptor)
        if os.read(descriptor, 16):
            self._serving.add(role.name)
            _set_priority(self.processes[role.name].pid, self._usual)
            if self.ready.is_set():
                self.say(f"{role.name} serves again")
            if len(self._serving) == len(self.roles):
                self.ready.set()


def role_command(*words: str) -> tuple[str, ...]:
    """Return the argv that runs this same program with ``words``."""
    return (sys.executable, "-m", "gatepost", *words)


def tethered(port: int, *argv: str) -> tuple[str, ...]:
    """Return the argv that runs a foreign program as a role, ready when ``port`` answers."""
    return (sys.executable, "-m", "gatepost.household.tether", str(port), *argv)


def _meaning(code: int) -> str:
    return f"killed by {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"


def _set_priority(pid: int, nice: int) -> None:
    """Set the niceness of every thread of a process and of what it has started, as far as we may."""
    with contextlib.suppress(OSError):
        for thread in Path(f"/proc/{pid}/task").iterdir():
            os.setpriority(os.PRIO_PROCESS, int(thread.name), nice)
            for child in (thread / "children").read_text(encoding="ascii").split():
                _set_priority(int(child), nice)


def _close(descriptor: int) -> None:
    try:
        os.close(descriptor)
    except OSError:
        return
