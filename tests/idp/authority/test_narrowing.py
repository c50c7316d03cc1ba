"""App passwords that narrow themselves: bound at first use, closed to whoever stole one, widened by their owner."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from idp.accounts.pinning import MOST_STRAYS, code_of
from kernel.authority import Attempt, Pins, Verified
from kernel.geography import Location
from kernel.problems import Missing
from kernel.reasons import Reason
from kernel.records.credentials import AppPassword
from kernel.records.devices import Proof
from tests.idp.authority.site import House, house

HOME, NEXT_DOOR, ABROAD, CAFE = "192.0.2.7", "192.0.2.99", "203.0.113.9", "198.51.100.4"


@dataclass
class Atlas:
    """Two countries: home and the café in one, on two networks."""

    tells = frozenset({"country", "asn"})

    def locate(self, address: str) -> Location:
        return {
            HOME: Location("JP", 2497),
            CAFE: Location("JP", 4713),
            ABROAD: Location("NL", 1103),
        }.get(address, Location())


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[House]:
    async with house(tmp_path, pin=["protocol", "client", "tls", "network"]) as home:
        yield home


async def tried(home: House, secret: str, address: str = HOME, service: str = "imap", **more: Any) -> Reason | None:
    """Try a secret; return why it is denied, or None."""
    told = {"client": "Thunderbird", "shape": "TLSv1.3 - a"} | more
    answer = await home.answers.verify(Attempt(service, address, name="anna", password=secret, **told))
    assert isinstance(answer, Verified)
    if answer.denied is not None:
        assert answer.good_until == 0.0 or answer.denied is not Reason.ELSEWHERE
    return answer.denied


async def held(home: House, name: str) -> AppPassword:
    found = await home.get(AppPassword, name)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("elsewhere", "differs"),
    [
        ({"client": "evil"}, ("client",)),
        ({"client": ""}, ("client",)),
        ({"shape": "TLSv1.2 - b"}, ("tls",)),
        ({"address": ABROAD}, ("network",)),
        ({"address": ABROAD, "client": "evil", "shape": ""}, ("client", "tls", "network")),
    ],
)
async def test_a_stolen_one_is_refused_its_owner_told_and_the_true_client_goes_on(
    home: House, elsewhere: dict[str, str], differs: tuple[str, ...]
) -> None:
    name, secret = await home.app_password("imap")
    assert await tried(home, secret) is None
    assert await tried(home, secret, **elsewhere) is Reason.ELSEWHERE
    assert await tried(home, secret) is None
    [stray] = (await held(home, name)).strays
    assert stray.differs == differs and stray.address == elsewhere.get("address", HOME)
    [alarm] = [event for event in await home.events("factor-changed") if event["act"] == "tried-elsewhere"]
    assert (alarm["user_id"], alarm["address"], alarm["factor"]) == (home.anna.id, stray.address, "app-password")
    assert name in alarm["detail"] and secret not in str(alarm)
    assert await home.events("credential-refused") == []


async def test_one_network_and_another_spelling_are_the_same_place(home: House) -> None:
    name, secret = await home.app_password("imap")
    assert await tried(home, secret) is None
    assert await tried(home, secret, NEXT_DOOR, client="  THUNDERBIRD ") is None
    assert await tried(home, secret, "::ffff:192.0.2.8") is None
    assert len((await held(home, name)).pins) == 1


async def test_each_service_learns_its_own_client_on_the_first_day_and_none_later(home: House) -> None:
    name, secret = await home.app_password("imap", "submission", "sieve")
    assert await tried(home, secret) is None
    home.clock.forward(3600)
    assert await tried(home, secret, service="submission", client="[]") is None
    assert await tried(home, secret, service="submission", client="Thunderbird") is Reason.ELSEWHERE
    home.clock.forward(2 * 86400)
    assert await tried(home, secret, service="sieve") is Reason.ELSEWHERE
    assert (await held(home, name)).strays[-1].differs == ("protocol",)
    assert await tried(home, secret) is None


async def test_another_network_cannot_bind_a_service_that_was_not_used_yet(home: House) -> None:
    _, secret = await home.app_password("imap", "submission")
    assert await tried(home, secret) is None
    assert await tried(home, secret, ABROAD, "submission") is Reason.ELSEWHERE


async def test_that_was_me_lets_it_in_there_too_and_keeps_the_old_place(home: House) -> None:
    name, secret = await home.app_password("imap")
    await tried(home, secret)
    await tried(home, secret, ABROAD, client="Phone", shape="TLSv1.3 - c")
    [stray] = (await held(home, name)).strays
    with pytest.raises(Missing):
        await home.accounts.widen_app_password("user:anna", name, "0" * 16)
    await home.accounts.widen_app_password("user:anna", name, code_of(stray.place))
    assert await tried(home, secret, ABROAD, client="Phone", shape="TLSv1.3 - c") is None
    assert await tried(home, secret) is None
    assert await tried(home, secret, CAFE) is Reason.ELSEWHERE
    assert [event["act"] for event in await home.events("factor-changed")][-2:] == ["widened", "tried-elsewhere"]


async def test_of_many_first_uses_at_once_one_binds_it(home: House) -> None:
    name, secret = await home.app_password("imap")
    places = [f"198.51.{n}.1" for n in range(8)]
    answers = await asyncio.gather(*(tried(home, secret, place) for place in places))
    assert answers.count(None) == 1 and answers.count(Reason.ELSEWHERE) == 7
    assert len((await held(home, name)).pins) == 1


async def test_whoever_tries_on_and_on_is_written_down_once_a_minute_and_bounded(home: House) -> None:
    name, secret = await home.app_password("imap")
    await tried(home, secret)
    for n in range(40):
        assert await tried(home, secret, ABROAD, client=f"evil-{n % 20}") is Reason.ELSEWHERE
        home.clock.forward(1)
    alarms = [event for event in await home.events("factor-changed") if event["act"] == "tried-elsewhere"]
    assert len(alarms) <= MOST_STRAYS + 1
    assert len((await held(home, name)).strays) == MOST_STRAYS
    home.clock.forward(61)
    await tried(home, secret, ABROAD, client="evil-again")
    assert (await held(home, name)).strays[-1].place.client == "evil-again"


async def test_a_thief_does_not_show_as_the_last_use(home: House) -> None:
    name, secret = await home.app_password("imap")
    await tried(home, secret)
    await tried(home, secret, ABROAD, client="evil")
    await home.answers._usage.flush()
    used = await held(home, name)
    assert (used.last_address, used.last_client) == (HOME, "Thunderbird")
    assert used.first_used_at == used.last_used_at == home.clock.now()


async def test_what_may_be_remembered_says_for_whom(home: House, tmp_path: Path) -> None:
    _, secret = await home.app_password("imap")
    answer = await home.answers.verify(Attempt("imap", HOME, name="anna", password=secret, client="T", shape="s"))
    assert isinstance(answer, Verified) and answer.pins == Pins((("T", "s"),), ("192.0.2.0/24",))
    assert answer.subject.key.proof is Proof.APP_PASSWORD


async def test_another_service_is_refused_before_anything_is_bound(home: House) -> None:
    name, secret = await home.app_password("imap")
    assert await tried(home, secret, service="pop3") is Reason.WRONG_SERVICE
    assert (await held(home, name)).pins == ()


async def test_unless_configured_nothing_is_bound_and_nothing_is_written(tmp_path: Path) -> None:
    async with house(tmp_path) as home:
        name, secret = await home.app_password("imap")
        assert await tried(home, secret) is None and await tried(home, secret, ABROAD, client="other") is None
        assert (await held(home, name)).pins == ()


async def test_country_and_network_by_what_geography_knows(tmp_path: Path) -> None:
    async with house(tmp_path, pin=["country"], geography=Atlas()) as home:
        _, secret = await home.app_password("imap")
        assert await tried(home, secret) is None and await tried(home, secret, CAFE) is None
        assert await tried(home, secret, ABROAD) is Reason.ELSEWHERE
        assert await tried(home, secret, "10.0.0.1") is Reason.ELSEWHERE  # unknown is not the same
