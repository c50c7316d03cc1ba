"""What a sign-in is like beside the earlier ones: a new country, a new device, a journey that nobody makes. Pure.

Something counts as familiar once the policy has let a sign-in from it in (``learnt``), and not by signing in alone:
otherwise whoever is refused for being new would only have to sign in twice. Where nothing is on record yet there is
nothing to differ from, so the first country and the first spot are taken as they are.
"""

from collections.abc import Iterable
from dataclasses import replace
from math import asin, cos, radians, sin, sqrt

from kernel.geography import Location
from kernel.records.devices import Device
from kernel.records.sessions import Familiar, PastSignIns, SignIn, Spot

MOST_DEVICES = 50
MOST_COUNTRIES = 50
MOST_SPOTS = 10
"""What is kept of each kind; what was not seen for longest goes first."""

FAST = 1000.0
"""Kilometres in an hour: about what an airliner does."""

EARTH = 6371.0
NEAR = 100.0
"""Kilometres: the radius of the globe, and within how many databases of places are not to be believed."""


def spot_of(location: Location, at: float) -> Spot | None:
    """Return the spot that a location is, where its coordinates are known."""
    if location.latitude is None or location.longitude is None:
        return None
    return Spot(at, location.latitude, location.longitude, location.radius)


def new_country(past: PastSignIns, country: str | None) -> bool | None:
    """Return whether a country is not among those on record; None when it is unknown."""
    if country is None:
        return None
    return bool(past.countries) and country not in past.countries


def new_device(past: PastSignIns, device_id: str, signin_id: str) -> bool:
    """Return whether a device is not on record, or was first seen in this very sign-in."""
    known = past.devices.get(device_id)
    return known is None or known.signin_id == signin_id


def impossible_travel(past: PastSignIns, spot: Spot | None, speed: float = FAST) -> bool | None:
    """Return whether somebody had to go faster than ``speed`` (km/h) from a spot on record; None: it is unknown where
    they are now."""
    if spot is None:
        return None
    return any(_gap(earlier, spot) > max(0.0, spot.at - earlier.at) / 3600.0 * speed for earlier in past.spots)


def odd(signin: SignIn) -> tuple[str, ...]:
    """Return in which ways a sign-in differs from the earlier ones, as the audit names them."""
    said = {
        "new-device": signin.new_device,
        "new-country": signin.new_country,
        "impossible-travel": signin.impossible_travel,
    }
    return tuple(name for name, so in said.items() if so)


def seeded(user_id: str, devices: Iterable[Device]) -> PastSignIns:
    """Return the record of somebody who has none yet: the devices that they have already are no news."""
    newest = sorted(devices, key=lambda each: each.created_at)[-MOST_DEVICES:]
    return PastSignIns(user_id, devices={each.id: Familiar("", each.created_at) for each in newest})


def learnt(past: PastSignIns, signin: SignIn, now: float) -> PastSignIns:
    """Return the record with what a sign-in came from."""
    return replace(
        past,
        devices=_seen(past.devices, signin.device_id, signin.id, now, MOST_DEVICES),
        countries=_seen(past.countries, signin.country, signin.id, now, MOST_COUNTRIES),
        spots=_visited(past.spots, signin.spot),
    )


def _seen(known: dict[str, Familiar], name: str, signin_id: str, now: float, most: int) -> dict[str, Familiar]:
    if not name:
        return known
    first = known[name].signin_id if name in known else signin_id
    others = {each: seen for each, seen in known.items() if each != name}
    while len(others) >= most:
        del others[min(others, key=lambda each: others[each].at)]
    return {**others, name: Familiar(first, now)}


def _visited(spots: tuple[Spot, ...], spot: Spot | None) -> tuple[Spot, ...]:
    return spots if spot is None or spot in spots else (*spots, spot)[-MOST_SPOTS:]


def _gap(one: Spot, other: Spot) -> float:
    """Return the kilometres that surely lie between two spots: great-circle distance less what both may be off."""
    south, north = radians(one.latitude), radians(other.latitude)
    across, along = (north - south) / 2, radians(other.longitude - one.longitude) / 2
    chord = sin(across) ** 2 + cos(south) * cos(north) * sin(along) ** 2
    distance = 2 * EARTH * asin(sqrt(min(1.0, chord)))
    return distance - one.radius - other.radius - NEAR
