"""Telling the identity side which sessions live: kept short, and said afresh when a word was lost."""

import asyncio

import pytest

from kernel.problems import Unavailable
from tests.proxy.house import House, subject


async def test_a_session_that_came_and_went_between_two_words_is_not_mentioned(house: House) -> None:
    house.knows("secret", subject())
    lease, _ = house.hold("secret")
    house.leases.release(lease.session)
    await house.announcer.announce()
    assert house.authority.said == []


async def test_a_word_that_was_lost_is_said_again_as_a_whole(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("proxy.announcer.RETRY", 0.0)
    monkeypatch.setattr("proxy.announcer.GATHER", 0.0)
    house.knows("secret", subject())
    one, _ = house.hold("secret")
    heard: asyncio.Queue[tuple[list[str], bool]] = asyncio.Queue()
    troubles = [Unavailable("cut off"), ValueError("odd")]

    async def sessions(node: str, opened: list, closed: list, whole: bool) -> None:  # type: ignore[type-arg]
        if troubles:
            raise troubles.pop()
        heard.put_nowait(([session.id for session in opened], whole))

    monkeypatch.setattr(house.authority, "sessions", sessions)
    running = asyncio.get_running_loop().create_task(house.announcer.run())
    try:
        assert await asyncio.wait_for(heard.get(), 5) == ([one.session], True)
        two, _ = house.hold("secret")
        assert await asyncio.wait_for(heard.get(), 5) == ([two.session], False)
    finally:
        running.cancel()


async def test_the_end_of_a_session_is_told_though_there_was_news_of_it_just_before(house: House) -> None:
    house.knows("secret", subject())
    lease, _ = house.hold("secret")
    await house.announcer.announce()
    house.leases.active(lease)
    await house.announcer.announce()
    house.leases.active(lease)
    house.leases.release(lease.session)
    await house.announcer.announce()
    name = lease.session
    assert house.authority.said == [([name], [], False), ([name], [], False), ([], [name], False)]
