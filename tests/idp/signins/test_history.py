"""New countries, new devices and journeys that nobody makes: what is compared, and when something becomes familiar."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from idp.signins import SignIns
from idp.signins.history import MOST_COUNTRIES, MOST_DEVICES, MOST_SPOTS, impossible_travel, learnt, new_country
from kernel.chance import SeededChance
from kernel.geography import NOWHERE, Location
from kernel.records.devices import Device, Proof, Trust
from kernel.records.sessions import Factor, PastSignIns, SignIn, Spot
from tests.idp.authority.site import House, house

TOKYO = Location("JP", latitude=35.69, longitude=139.69, radius=20.0)
OSAKA = Location("JP", latitude=34.69, longitude=135.50, radius=20.0)
BERLIN = Location("DE", latitude=52.52, longitude=13.40, radius=20.0)
FIJI, SAMOA = Location("FJ", latitude=-16.8, longitude=179.9), Location("WS", latitude=-13.8, longitude=-172.1)
POLE = Location("NO", latitude=90.0, longitude=0.0)
PLACES = {"203.0.113.1": TOKYO, "203.0.113.2": OSAKA, "203.0.113.3": BERLIN, "203.0.113.4": Location("JP")}
HOUR = 3600.0


class Places(dict[str, Location]):
    """A geography of some addresses."""

    tells = frozenset({"country", "spot"})

    def locate(self, address: str) -> Location:
        return self.get(address, NOWHERE)


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[House]:
    async with house(tmp_path) as home:
        yield home


@pytest.fixture
def signins(home: House) -> SignIns:
    return SignIns(home.store, home.vault, home.clock, SeededChance(), 12 * HOUR, Places(PLACES))


def spot(place: Location, hours: float = 0.0) -> Spot:
    assert place.latitude is not None and place.longitude is not None
    return Spot(hours * HOUR, place.latitude, place.longitude, place.radius)


@pytest.mark.parametrize(
    ("first", "then", "hours", "impossible"),
    [
        (TOKYO, BERLIN, 8.0, True),  # 8,900 km
        (TOKYO, BERLIN, 9.0, False),
        (BERLIN, TOKYO, 1.0, True),
        (TOKYO, OSAKA, 0.1, True),  # 400 km less what both may be off
        (TOKYO, OSAKA, 0.5, False),
        (TOKYO, TOKYO, 0.0, False),
        (FIJI, SAMOA, 0.8, True),  # 920 km across the date line, not 19,000 the other way round
        (FIJI, SAMOA, 0.9, False),
        (POLE, replace(POLE, longitude=180.0), 0.0, False),
        (TOKYO, BERLIN, -1.0, True),  # a clock put back is no time to travel in
    ],
)
def test_a_journey_is_impossible_beyond_the_speed_of_an_airliner(
    first: Location, then: Location, hours: float, impossible: bool
) -> None:
    assert impossible_travel(PastSignIns("u", spots=(spot(first),)), spot(then, hours), 1000.0) is impossible


def test_every_spot_on_record_counts_and_none_is_no_journey() -> None:
    past = PastSignIns("u", spots=(spot(TOKYO, 1.0), spot(BERLIN, 20.0)))
    assert impossible_travel(past, spot(BERLIN, 21.0)) is False
    assert impossible_travel(past, spot(TOKYO, 21.0)) is True
    assert impossible_travel(PastSignIns("u"), spot(TOKYO)) is False
    assert impossible_travel(past, None) is None


def test_a_country_is_new_when_others_are_on_record() -> None:
    seen = learnt(PastSignIns("u"), SignIn("s", "d", "u", 0.0, 1.0, country="JP"), 1.0)
    assert [new_country(seen, country) for country in ("JP", "DE", None)] == [False, True, None]
    assert new_country(PastSignIns("u"), "JP") is False


def test_what_is_kept_is_bounded_and_what_was_seen_longest_ago_goes_first() -> None:
    past = PastSignIns("u")
    for number in range(200):
        from_there = SignIn(
            f"s{number}", "d", "u", 0.0, 1.0, device_id=f"d{number}", country=f"{number:02}", spot=spot(TOKYO, number)
        )
        past = learnt(past, from_there, float(number))
        past = learnt(past, replace(from_there, id="s0", device_id="d0", country="00", spot=None), float(number))
    assert (len(past.devices), len(past.countries), len(past.spots)) == (MOST_DEVICES, MOST_COUNTRIES, MOST_SPOTS)
    assert {"d0", "d199", "d151"} <= past.devices.keys() and "d1" not in past.devices
    assert past.devices["d0"].signin_id == "s0" and past.spots[-1].at == 199 * HOUR


async def begin(signins: SignIns, home: House, address: str) -> SignIn:
    signin, _ = await signins.begin(home.anna, [Factor.PASSWORD, Factor.TOTP], address, "Firefox")
    return signin


async def test_only_where_the_policy_let_somebody_in_is_familiar(home: House, signins: SignIns) -> None:
    at_home = await begin(signins, home, "203.0.113.1")
    assert (at_home.country, at_home.new_country, at_home.impossible_travel) == ("JP", False, False)
    await signins.learn(at_home)

    home.clock.forward(HOUR)
    for _ in range(3):  # signing in again and again makes nothing familiar
        away = await begin(signins, home, "203.0.113.3")
        assert (away.country, away.new_country, away.impossible_travel) == ("DE", True, True)
        home.clock.forward(60.0)
    assert (await begin(signins, home, "203.0.113.1")).impossible_travel is False

    home.clock.forward(20 * HOUR)
    travelled = await begin(signins, home, "203.0.113.3")
    assert (travelled.new_country, travelled.impossible_travel) == (True, False)
    await signins.learn(travelled)
    assert (await begin(signins, home, "203.0.113.3")).new_country is False
    assert (await begin(signins, home, "203.0.113.1")).impossible_travel is True


async def test_what_cannot_be_looked_up_is_unknown(home: House, signins: SignIns) -> None:
    await signins.learn(await begin(signins, home, "203.0.113.1"))
    somewhere = await begin(signins, home, "10.1.2.3")
    assert (somewhere.country, somewhere.new_country, somewhere.impossible_travel) == ("", None, None)
    without_spot = await begin(signins, home, "203.0.113.4")
    assert (without_spot.new_country, without_spot.impossible_travel) == (False, None)


async def test_a_device_is_new_until_the_policy_let_it_in_in_an_earlier_sign_in(home: House, signins: SignIns) -> None:
    async def bound(device_id: str, signin: SignIn) -> SignIn:
        return await signins.bind_device(signin.id, device_id, Proof.BROWSER_KEY)

    first = await begin(signins, home, "203.0.113.1")
    assert first.new_device is None
    assert (await bound(home.laptop.id, first)).new_device is False  # there before anybody kept a record
    await home.put(Device("d_new", "New", home.anna.id, Trust.ENROLLED))
    assert (await bound("d_new", first)).new_device is True
    again = await begin(signins, home, "203.0.113.1")
    on_it = await bound("d_new", again)
    assert on_it.new_device is True
    await signins.learn(on_it)
    assert (await bound("d_new", again)).new_device is True  # for as long as this sign-in lasts
    assert (await bound("d_new", await begin(signins, home, "203.0.113.1"))).new_device is False


async def test_a_device_on_which_nobody_was_judged_is_not_learnt_along(home: House, signins: SignIns) -> None:
    signin = await begin(signins, home, "203.0.113.1")
    await home.put(Device("d_new", "New", home.anna.id, Trust.ENROLLED))
    bound = await signins.bind_device(signin.id, "d_new", Proof.BROWSER_KEY)
    await signins.learn(replace(bound, device_id=""))
    kept = await home.store.read(lambda tx: tx.get(PastSignIns, home.anna.id))
    assert kept is not None and "d_new" not in kept.devices and not kept.countries


async def test_the_audit_says_where_from_and_what_is_odd(home: House, signins: SignIns) -> None:
    await signins.learn(await begin(signins, home, "203.0.113.1"))
    await begin(signins, home, "203.0.113.3")
    told = [(event["country"], event["odd"]) for event in await home.events("signed-in")]
    assert told == [("JP", []), ("DE", ["new-country", "impossible-travel"])]
