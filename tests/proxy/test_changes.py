"""Following the change log: current, stale, and never current on what could not be applied."""

import asyncio
from collections.abc import Sequence

import pytest

from bench.organisation import mixed
from kernel.authority import Policy
from kernel.problems import Invalid, Place, Problem
from kernel.reasons import Reason
from kernel.records.changes import Change
from proxy.changes import SHORT
from tests.proxy.house import House, allow, policy, subject


@pytest.fixture
def following(house: House, monkeypatch: pytest.MonkeyPatch) -> House:
    """A follower at its beginning, with a compiler of policies that knows the text ``good`` alone."""

    def load(text: str, revision: int = 0) -> object:
        if text != "good":
            raise Invalid([Problem(Place(3, 7), "no such key", text)])
        return policy(revision)

    monkeypatch.setattr("proxy.changes.load", load)
    house.follower.policy = None
    house.follower.confirmed_until = float("-inf")
    house.authority.text = Policy(1, "good")
    return house


async def test_it_begins_stale_and_is_current_after_the_first_sign_of_life(following: House) -> None:
    follower = following.follower
    assert follower.stale
    await follower.take([])
    assert not follower.stale
    assert follower.policy is not None
    following.clock.forward(30.0)
    assert not follower.stale
    following.clock.forward(0.1)
    assert follower.stale


async def test_falling_stale_is_told_once(following: House) -> None:
    told: list[str] = []
    following.follower.on_stale(lambda: told.append("stale"))
    following.follower.check()
    await following.follower.take([])
    following.clock.forward(31.0)
    following.follower.check()
    following.follower.check()
    assert told == ["stale"]


async def test_a_policy_that_cannot_be_fetched_leaves_it_stale(following: House) -> None:
    following.authority.down = True
    with pytest.raises(Exception, match="cut off"):
        await following.follower.take([Change(1, 0.0, "policy")])
    assert following.follower.stale
    following.authority.down = False
    await following.follower.take([])
    assert not following.follower.stale


async def test_a_broken_policy_leaves_the_last_good_one_in_force_and_is_loud(following: House) -> None:
    await following.follower.take([])
    following.authority.text = Policy(2, "borken")
    await following.follower.take([Change(1, 0.0, "policy")])
    assert following.follower.policy is not None
    assert following.follower.policy.revision == 1
    [fault] = following.events("fault")
    assert "revision 2" in fault.what
    assert "no such key" in fault.what


async def test_no_policy_at_all_is_no_policy(following: House) -> None:
    following.authority.text = Policy(0, "")
    await following.follower.take([])
    assert following.follower.policy is None


async def test_the_new_policy_is_in_force_before_anybody_is_told(following: House) -> None:
    seen: list[int] = []
    following.follower.on_changes(lambda _: seen.append(following.follower.policy.revision))  # type: ignore[union-attr]
    await following.follower.take([])
    following.authority.text = Policy(5, "good")
    await following.follower.take([Change(1, 0.0, "policy")])
    assert seen == [5]


async def test_one_who_cannot_take_the_news_makes_the_gate_stale(following: House) -> None:
    await following.follower.take([])

    def broken(handles: Sequence[str]) -> None:
        raise RuntimeError("on fire")

    following.follower.on_changes(broken)
    with pytest.raises(RuntimeError):
        await following.follower.take([Change(1, 0.0, "user:u_alice")])
    assert following.follower.stale


def test_touched_says_yes_when_in_doubt(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("proxy.changes.REMEMBERED_HANDLES", 2)
    house.change("user:a", "user:b", "user:c")
    touched = house.follower.touched
    assert touched(["user:b"], 1)
    assert touched(["user:c"], 2)
    assert not touched(["user:b"], 2)
    assert not touched(["user:x"], 3)
    assert touched(["user:x"], 0)


async def test_it_follows_reconnects_and_misses_nothing(following: House) -> None:
    follower, changed = following.follower, following.authority.changed
    heard: asyncio.Queue[Sequence[str]] = asyncio.Queue()
    connected: list[int] = []
    follower.on_changes(heard.put_nowait)
    follower.on_connected(lambda: connected.append(follower.number))
    running = asyncio.get_running_loop().create_task(follower.run())
    try:
        changed.put_nowait([Change(1, 0.0, "user:a"), Change(2, 0.0, "user:a"), Change(3, 0.0, "device:d")])
        assert await asyncio.wait_for(heard.get(), 5) == ["user:a", "device:d"]
        changed.put_nowait(None)
        changed.put_nowait([Change(4, 0.0, "user:b")])
        assert await asyncio.wait_for(heard.get(), 5) == ["user:b"]
        assert following.authority.asked.count("changes") == 2
        assert (follower.number, connected[0]) == (4, 3)
    finally:
        running.cancel()


async def test_a_log_that_went_back_ends_every_session_and_every_memory(following: House) -> None:
    await following.follower.take([Change(9, 0.0, "user:u_alice")])
    following.follower.policy = policy(imap=allow())
    following.knows("secret", subject(number=9))
    _, carrier = following.hold("secret")
    following.authority.text = Policy(1, "good")
    await following.follower.take([Change(3, 0.0, "user:u_bob")])
    following.timers.turn()
    assert carrier.told[0][0] is Reason.STALE
    assert len(following.guard._memory) == 0
    assert following.follower.number == 3
    assert not following.follower.touched(["user:u_alice"], 1)


async def test_the_loop_serves_on_while_a_long_document_is_compiled(house: House) -> None:
    house.authority.text = Policy(7, mixed(150))
    assert len(house.authority.text.text) > SHORT
    taken = asyncio.ensure_future(house.follower.take([Change(1, 0.0, "policy")]))
    turns = 0
    while not taken.done():
        turns += 1
        await asyncio.sleep(0)
    await taken
    assert turns > 10
    assert house.follower.policy is not None
    assert house.follower.policy.revision == 7
