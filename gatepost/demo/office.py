"""An invented office for the demo's traffic: who works there, with which devices, from which networks.

Its people can be told apart from the demo's own (they have no password, so nobody signs in as them), and are made by
the same acts that an admin uses. Every address is from the ranges that are kept for documentation.
"""

from dataclasses import dataclass
from enum import StrEnum
from ipaddress import ip_address, ip_network

from gatepost.household.identity import Identity
from idp.admin.actor import Actor
from kernel.geography import NOWHERE, Location
from kernel.paging import every
from kernel.records.devices import Device, Trust
from kernel.records.people import User

ACTOR = Actor.on_this_machine("demo-traffic")
DOMAIN = "example.com"
ZONE = 9 * 3600.0
"""Seconds that the office's clock is ahead of UTC (Asia/Tokyo, which knows no summer time)."""

FIRST = (
    *("aiko", "akira", "anna", "chen", "daichi", "elif", "emma", "farid", "hana", "hiroshi", "ivan", "jun", "kaori"),
    *("kenta", "lars", "lena", "mai", "marco", "megumi", "mika", "naoki", "nina", "olga", "paul", "rika", "ryo"),
    *("sakura", "sam", "shin", "sofia", "takumi", "tom", "umi", "vera", "wei", "yoko", "yuki", "yusuke", "zoe"),
)
PLATFORMS = ("windows", "macos", "windows", "macos", "debian")
VERSIONS = {"windows": "10.0.22631", "macos": "14.5", "debian": "12", "ios": "17.5", "android": "14"}


class Place(StrEnum):
    """Where somebody is when they use a service."""

    OFFICE = "office"
    HOME = "home"
    MOBILE = "mobile"
    ABROAD = "abroad"


NETWORKS = {
    Place.OFFICE: (ip_network("192.0.2.0/24"), Location("JP", 64500, False)),
    Place.HOME: (ip_network("198.51.100.0/24"), Location("JP", 64501, False)),
    Place.MOBILE: (ip_network("203.0.113.0/25"), Location("JP", 64502, False)),
    Place.ABROAD: (ip_network("203.0.113.128/25"), Location("DE", 64510, False)),
}


class OfficeGeography:
    """Knows where the office's networks are."""

    tells = frozenset({"country", "asn", "anonymous"})

    def locate(self, address: str) -> Location:
        at = ip_address(address)
        return next((location for network, location in NETWORKS.values() if at in network), NOWHERE)


@dataclass(frozen=True, slots=True)
class Worker:
    """Somebody in the office. ``busy`` weighs how much mail they have; an ``admin`` looks after it too."""

    user: User
    laptop: Device
    phone: Device | None
    busy: float
    admin: bool = False
    contractor: bool = False


async def workers(identity: Identity, count: int) -> list[Worker]:
    """Return the office's people with their devices, made if they are not there yet: ``count`` of them, 39 at most."""
    users, devices = await identity.store.read(lambda tx: (list(every(tx, User)), list(every(tx, Device))))
    known = {user.name: user for user in users}
    owned = {(device.owner, device.name): device for device in devices}
    return [await _worker(identity, known, owned, nth, name) for nth, name in enumerate(FIRST[:count])]


async def _worker(
    identity: Identity, known: dict[str, User], owned: dict[tuple[str, str], Device], nth: int, name: str
) -> Worker:
    contractor, admin = nth % 6 == 5, nth == 0
    groups = ["contractors"] if contractor else ["staff", "mail-admins"] if admin else ["staff"]
    login = f"{name}.office"
    user = known.get(login) or await identity.acts.people.add(
        ACTOR, login, f"{login}@{DOMAIN}", name.capitalize(), "en" if nth % 3 else "ja", groups
    )

    async def device(kind: str, platform: str, trust: Trust) -> Device:
        there = owned.get((user.id, f"{name}-{kind}"))
        return there or await _made(identity, user, f"{name}-{kind}", platform, kind, trust)

    own = (nth % 4 == 3 and not contractor) or nth == 11
    trust = Trust.PENDING if nth == 12 else Trust.ENROLLED if own else Trust.MANAGED
    laptop = await device("laptop", PLATFORMS[nth % len(PLATFORMS)], trust)
    phone = await device("phone", "ios" if nth % 2 else "android", Trust.ENROLLED) if nth % 5 != 4 else None
    return Worker(user, laptop, phone, 0.4 + (nth * 7 % 10) / 6, admin, contractor)


async def _made(identity: Identity, user: User, name: str, platform: str, kind: str, trust: Trust) -> Device:
    made = await identity.devices.register_device(ACTOR.name, user.id, name, platform, kind)
    if made.trust is trust:
        return made
    return await identity.devices.set_trust(ACTOR.name, made.id, trust, "the office's")
