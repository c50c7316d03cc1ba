"""What has expired ends like anything else that ends, and what nobody can use goes."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from idp.signins import Sweeper
from kernel.records.changes import grant_handle, signin_handle
from kernel.records.credentials import Invitation
from kernel.records.devices import Proof
from kernel.records.sessions import Grant, RouteCookie, SignIn, Ticket
from tests.idp.authority.site import House, house


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[House]:
    async with house(tmp_path) as home:
        yield home


async def test_an_expired_sign_in_is_ended_told_and_removed(home: House) -> None:
    signin, _ = await home.sign_in()
    await home.put(RouteCookie("c", signin.id, "webmail", signin.expires_at))
    sweeper = Sweeper(home.store, home.clock)
    assert await sweeper.sweep() == 0
    home.clock.at = signin.expires_at + 1
    before = await home.store.read(lambda tx: tx.last_change())
    assert await sweeper.sweep() == 1
    changes = await home.store.read(lambda tx: tx.changes(before))
    assert [change.handle for change in changes] == [signin_handle(signin.id)]
    assert await home.get(SignIn, signin.id) is None and await home.get(RouteCookie, "c") is None
    assert (await home.events("signed-in"))[-1]["step"] == "ended:signin-ended"
    assert await sweeper.sweep() == 0


async def test_a_sign_in_is_remembered_as_long_as_a_grant_for_offline_use(home: House) -> None:
    signin, _ = await home.sign_in()
    now = home.clock.now()
    grant = Grant("g", home.anna.id, "c", signin.id, "", Proof.NONE, "mail offline_access", (), now, now + 9e5)
    await home.put(grant)
    await home.put(replace(grant, id="short", scope="mail", expires_at=now + 60))
    sweeper = Sweeper(home.store, home.clock)
    home.clock.at = now + 61
    before = await home.store.read(lambda tx: tx.last_change())
    await sweeper.sweep()
    changes = await home.store.read(lambda tx: tx.changes(before))
    assert [change.handle for change in changes] == [grant_handle("short")]
    home.clock.at = signin.expires_at + 1
    await sweeper.sweep()
    kept = await home.get(SignIn, signin.id)
    assert kept is not None and kept.ended_at and kept.expires_at == grant.expires_at
    home.clock.at = grant.expires_at + 1
    await sweeper.sweep()
    await sweeper.sweep()
    assert await home.get(SignIn, signin.id) is None and await home.get(Grant, "g") is None


async def test_many_at_once_all_go_in_a_few_rounds(home: House) -> None:
    now = home.clock.now()

    def fill() -> None:
        for number in range(1200):
            records.append(Ticket(f"t{number}", "s", "r", "x", now + 1 + number / 1e4))

    records: list[object] = [Invitation("i", home.anna.id, now + 5)]
    fill()
    await home.store.write(lambda tx: [tx.put(record) for record in records])
    home.clock.forward(10)
    sweeper = Sweeper(home.store, home.clock)
    assert [await sweeper.sweep() for _ in range(4)] == [501, 500, 200, 0]
