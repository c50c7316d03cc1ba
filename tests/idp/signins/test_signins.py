"""Sign-ins: they begin, grow stronger with a new cookie each time, hand over, and end through one doorway."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from idp.signins import SignIns
from kernel.problems import Missing, Refused
from kernel.reasons import Reason
from kernel.records.changes import grant_handle, signin_handle
from kernel.records.devices import Proof
from kernel.records.oidc import LogoutNotice, OidcClient
from kernel.records.sessions import Factor, Grant, RouteCookie, SignIn, Ticket
from tests.idp.authority.site import HOME, House, house


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[House]:
    async with house(tmp_path) as home:
        yield home


@pytest.fixture
def signins(home: House) -> SignIns:
    return home.signins


async def handles_since(home: House, number: int) -> list[str]:
    return [change.handle for change in await home.store.read(lambda tx: tx.changes(number))]


async def test_a_sign_in_is_found_by_its_cookie_while_it_lives(home: House, signins: SignIns) -> None:
    signin, cookie = await signins.begin(home.anna, [Factor.PASSWORD], HOME, "Firefox " * 100)
    assert await signins.by_cookie(cookie) == signin
    assert signin.factors == {Factor.PASSWORD: home.clock.now()} and len(signin.agent) == 300
    assert cookie not in repr(signin) and cookie not in signin.digest
    home.clock.forward(12 * 3600.0)
    assert await signins.by_cookie(cookie) is None


@pytest.mark.parametrize("cookie", ["", "x", "x" * 43, "é" * 43, "\x00" * 43, "x" * 100_000])
async def test_what_is_no_cookie_of_ours_finds_nothing(home: House, signins: SignIns, cookie: str) -> None:
    await home.sign_in()
    assert await signins.by_cookie(cookie) is None


async def test_nobody_who_is_disabled_or_showed_nothing_begins(home: House, signins: SignIns) -> None:
    with pytest.raises(Refused):
        await signins.begin(home.anna, [], HOME, "")
    await home.accounts.set_disabled("admin:root", home.anna.id, True)
    with pytest.raises(Refused):
        await signins.begin(home.anna, [Factor.PASSWORD], HOME, "")


async def test_stepping_up_changes_the_cookie_and_is_told(home: House, signins: SignIns) -> None:
    signin, old = await signins.begin(home.anna, [Factor.PASSWORD], HOME, "")
    before = await home.store.read(lambda tx: tx.last_change())
    home.clock.forward(60)
    stronger, new = await signins.add_factor(signin.id, Factor.TOTP)
    assert stronger.factors == {Factor.PASSWORD: home.clock.now() - 60, Factor.TOTP: home.clock.now()}
    assert await signins.by_cookie(old) is None
    assert await signins.by_cookie(new) == stronger
    assert await handles_since(home, before) == [signin_handle(signin.id)]
    assert [event["step"] for event in await home.events("signed-in")] == ["begun", "factor:totp"]


async def test_a_browser_becomes_its_owners_device_and_proves_it_again(home: House, signins: SignIns) -> None:
    signin, _ = await home.sign_in()
    bound = await signins.bind_device(signin.id, home.laptop.id, Proof.BROWSER_KEY)
    assert (bound.device_id, bound.proof, bound.proved_at, bound.new_device) == (
        home.laptop.id,
        Proof.BROWSER_KEY,
        home.clock.now(),
        False,
    )
    home.clock.forward(600)
    before = await home.store.read(lambda tx: tx.last_change())
    assert (await signins.proved(signin.id)).proved_at == home.clock.now()
    assert await handles_since(home, before) == [signin_handle(signin.id)]
    others, _ = await home.sign_in(home.ben)
    with pytest.raises(Refused, match="somebody else"):
        await signins.bind_device(others.id, home.laptop.id, Proof.BROWSER_KEY)
    with pytest.raises(Missing):
        await signins.bind_device(signin.id, "d_gone", Proof.BROWSER_KEY)


async def test_once_over_nothing_can_be_done_with_it(home: House, signins: SignIns) -> None:
    signin, cookie = await home.sign_in()
    assert await signins.end(signin.id, "user:anna", "signed-out") is True
    assert await signins.end(signin.id, "user:anna", "signed-out") is False
    assert await signins.by_cookie(cookie) is None
    for act in (
        signins.add_factor(signin.id, Factor.TOTP),
        signins.bind_device(signin.id, home.laptop.id, Proof.BROWSER_KEY),
        signins.proved(signin.id),
        signins.issue_ticket(signin.id, "webmail", "s"),
    ):
        with pytest.raises(Missing):
            await act  # type: ignore[misc]


async def test_a_ticket_is_kept_only_as_a_digest(home: House, signins: SignIns) -> None:
    signin, _ = await home.sign_in()
    ticket = await signins.issue_ticket(signin.id, "webmail", "state")
    (kept,) = await home.store.read(lambda tx: tx.find(Ticket))
    assert ticket != kept.digest and kept.state == "state" and kept.expires_at == home.clock.now() + 30
    for state in ("", "x" * 257):
        with pytest.raises(Refused):
            await signins.issue_ticket(signin.id, "webmail", state)


async def test_a_persons_living_sign_ins_newest_first(home: House, signins: SignIns) -> None:
    first, _ = await home.sign_in()
    home.clock.forward(1)
    second, _ = await home.sign_in()
    third, _ = await home.sign_in(home.ben)
    await signins.end(third.id, "admin:root", Reason.ENDED_BY_ADMIN)
    assert [signin.id for signin in await signins.for_user(home.anna.id)] == [second.id, first.id]
    assert await signins.for_user(home.ben.id) == []


async def test_the_end_takes_grants_and_cookies_along_and_tells_clients_once(home: House, signins: SignIns) -> None:
    signin, _ = await home.sign_in()
    other, _ = await home.sign_in()
    now = home.clock.now()
    for client_id, uri in (("told", "https://rp.example/logout"), ("quiet", "")):
        await home.put(OidcClient(client_id, client_id, (), backchannel_logout_uri=uri))
    base = Grant("g_0", home.anna.id, "told", signin.id, "", Proof.NONE, "openid", (), now, now + 9e5)
    for grant in (
        base,
        replace(base, id="g_1"),
        replace(base, id="g_2", client_id="quiet"),
        replace(base, id="g_3", scope="openid offline_access"),
        replace(base, id="g_4", signin_id=other.id),
        replace(base, id="g_5", client_id="removed"),
    ):
        await home.put(grant)
    for number in range(3):
        await home.put(RouteCookie(f"c{number}", signin.id, "webmail", now + 60))
    await home.put(RouteCookie("other", other.id, "webmail", now + 60))
    before = await home.store.read(lambda tx: tx.last_change())
    await asyncio.gather(*(signins.end(signin.id, "user:anna", "signed-out") for _ in range(4)))
    ended = {grant.id for grant in await home.store.read(lambda tx: tx.find(Grant)) if grant.ended_at}
    assert ended == {"g_0", "g_1", "g_2", "g_5"}
    assert await handles_since(home, before) == [
        signin_handle(signin.id),
        *map(grant_handle, ["g_0", "g_1", "g_2", "g_5"]),
    ]
    (notice,) = await home.store.read(lambda tx: tx.find(LogoutNotice))
    assert (notice.client_id, notice.signin_id, notice.due_at) == ("told", signin.id, now)
    assert [cookie.digest for cookie in await home.store.read(lambda tx: tx.find(RouteCookie))] == ["other"]
    assert [event["step"] for event in await home.events("signed-in")][2:] == ["ended:signed-out"]
    kept = await home.get(SignIn, signin.id)
    assert kept is not None and kept.ended_at == now
