"""The audit outbox: in order, nothing forgotten before it is acknowledged, and honest about being stuck."""

import asyncio

import pytest

from kernel.audit import Fault
from kernel.problems import Unavailable
from tests.proxy.house import House


def event(number: int) -> Fault:
    return Fault(at=0.0, where="test", what=str(number))


async def test_events_are_handed_over_in_order_and_forgotten_when_acknowledged(house: House) -> None:
    for number in range(3):
        house.recorder.record(event(number))
    assert house.recorder.waiting == 3
    await house.recorder.hand_over()
    assert [fault.what for fault in house.authority.events] == ["0", "1", "2"]  # type: ignore[attr-defined]
    assert house.recorder.waiting == 0


async def test_nothing_is_forgotten_while_nobody_acknowledges(house: House) -> None:
    house.recorder.record(event(1))
    house.authority.down = True
    with pytest.raises(Unavailable):
        await house.recorder.hand_over()
    assert house.recorder.waiting == 1
    house.authority.down = False
    await house.recorder.hand_over()
    assert len(house.authority.events) == 1


def test_it_stops_accepting_when_the_oldest_event_is_old(house: House) -> None:
    assert house.recorder.accepting
    house.recorder.record(event(1))
    house.clock.forward(4.9)
    assert house.recorder.accepting
    house.clock.forward(0.2)
    assert not house.recorder.accepting


def test_it_stops_accepting_when_it_is_full_and_counts_what_it_must_lose(house: House) -> None:
    for number in range(10):
        assert house.recorder.accepting
        house.recorder.record(event(number))
    assert not house.recorder.accepting
    for number in range(15):
        house.recorder.record(event(number))
    assert (house.recorder.waiting, house.recorder.lost) == (20, 5)


async def test_what_was_lost_is_itself_on_record(house: House) -> None:
    for number in range(25):
        house.recorder.record(event(number))
    await house.recorder.hand_over()
    await house.recorder.hand_over()
    assert "5 events were lost" in house.authority.events[-1].what  # type: ignore[attr-defined]
    assert house.recorder.lost == 0


async def test_it_runs_by_itself_and_drains(house: House) -> None:
    running = asyncio.get_running_loop().create_task(house.recorder.run())
    try:
        house.recorder.record(event(1))
        assert await house.recorder.drain(5.0)
        assert len(house.authority.events) == 1
    finally:
        running.cancel()


async def test_draining_gives_up_in_time(house: House) -> None:
    house.recorder.record(event(1))
    assert not await house.recorder.drain(0.01)


async def test_an_event_may_be_put_together_when_it_is_sent(house: House) -> None:
    def broken() -> Fault:
        raise RuntimeError("no words")

    house.recorder.record(lambda: event(1))
    house.recorder.record(broken)
    house.recorder.record(event(3))
    await house.recorder.hand_over()
    told = [fault.what for fault in house.authority.events]  # type: ignore[attr-defined]
    assert told == ["1", "an event could not be put together: RuntimeError: no words", "3"]
    assert house.recorder.waiting == 0
