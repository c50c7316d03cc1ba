"""Roles are started again when they die: at once after they served, ever later when they cannot even start."""

import asyncio
import signal
import sys

from gatepost.household.supervise import Role, Supervisor

SERVES = "import os, time; os.write(int(os.environ['GATEPOST_READY']), b'ready'); time.sleep(60)"
FAILS = "raise SystemExit(3)"


def supervisor(program: str, said: "asyncio.Queue[str]") -> Supervisor:
    return Supervisor([Role("role", (sys.executable, "-S", "-c", program))], 5.0, said.put_nowait)


async def test_a_role_that_served_is_started_again_at_once_however_early_it_was_killed() -> None:
    said: asyncio.Queue[str] = asyncio.Queue()
    stop, house = asyncio.Event(), supervisor(SERVES, said)
    running = asyncio.ensure_future(house.run(stop))
    for _ in range(4):
        house.ready.clear()
        await asyncio.wait_for(house.ready.wait(), 20)
        house.processes["role"].send_signal(signal.SIGKILL)
        line = await asyncio.wait_for(said.get(), 20)
        assert line == "role ended (killed by SIGKILL); starting it again in 0.1 s"
    stop.set()
    await asyncio.wait_for(running, 20)
    assert house.processes["role"].returncode is not None


async def test_a_role_that_cannot_start_is_tried_less_and_less_often() -> None:
    said: asyncio.Queue[str] = asyncio.Queue()
    stop, house = asyncio.Event(), supervisor(FAILS, said)
    running = asyncio.ensure_future(house.run(stop))
    lines = [await asyncio.wait_for(said.get(), 20) for _ in range(3)]
    assert lines == [f"role ended (exit code 3); starting it again in {pause} s" for pause in (0.2, 0.4, 0.8)]
    assert not house.ready.is_set()
    stop.set()
    await asyncio.wait_for(running, 20)
