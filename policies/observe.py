"""What a decision sees of its facts, one function per key of the language. None means unknown.

A key is ``single`` when there is one value (a country), several when there are many (groups). Either way a condition
holds when anything seen is among what the rule wants.
"""

import math
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from operator import attrgetter

from kernel.records.devices import Trust
from policies.facts import Facts
from policies.model import Truth, Value
from policies.vocabulary import ANY_CLIENT, CLIENT

One = Callable[[Facts], Value | None]
Many = Callable[[Facts], Collection[Value] | None]


def names_of_service(service: str) -> tuple[str, ...]:
    """Return every spelling in a document that means this service."""
    return (service, ANY_CLIENT) if service.startswith(CLIENT) else (service,)


def _users(facts: Facts) -> tuple[str, ...] | None:
    return None if facts.user is None else (facts.user.name, facts.user.email)


def _groups(facts: Facts) -> frozenset[str] | None:
    return None if facts.user is None else facts.user.groups


def _trust(facts: Facts) -> str:
    return Trust.UNKNOWN if facts.device is None else facts.device.trust


def _platform(facts: Facts) -> str | None:
    return (facts.device.platform.lower() or None) if facts.device is not None else None


def _owner(facts: Facts) -> str | None:
    if facts.device is None:
        return None
    if not facts.device.owner:
        return "shared"
    if facts.user is None:
        return None
    return "self" if facts.device.owner == facts.user.id else "other"


def _country(facts: Facts) -> str | None:
    return facts.country or None


SINGLE: Mapping[str, One] = {
    "device.trust": _trust,
    "device.platform": _platform,
    "device.owner": _owner,
    "device.proof": attrgetter("proof"),
    "network.countries": _country,
    "network.asn": attrgetter("asn"),
    "network.anonymous": attrgetter("anonymous"),
    "signin.new_device": attrgetter("new_device"),
    "signin.new_country": attrgetter("new_country"),
    "signin.impossible_travel": attrgetter("impossible_travel"),
}

SEVERAL: Mapping[str, Many] = {
    "who.users": _users,
    "who.groups": _groups,
    "signin.factors": attrgetter("factors"),
}

NEEDED: Mapping[str, str] = {
    "who.users": "a sign-in or credential that names the user",
    "who.groups": "a sign-in or credential that names the user",
    "who.attributes": "set the attribute on the user",
    "device.posture": "a fresh report from the device, or signals set by an admin",
    "device.platform": "register the device with its platform",
    "device.owner": "a registered device",
    "network.in": "a valid client address",
    "network.countries": "a source of countries for addresses",
    "network.asn": "a source of network numbers for addresses",
    "network.anonymous": "a source that tells anonymising networks",
    "signin.age": "a sign-in behind this session",
    "signin.new_device": "a sign-in behind this session, and a device that it proved",
    "signin.new_country": "a source of countries for addresses",
    "signin.impossible_travel": "a source of coordinates for addresses (a city database)",
}
"""What would make an unknown fact known, for the trace."""

OF_PLACES: Mapping[str, str] = {
    "network.countries": "country",
    "network.asn": "asn",
    "network.anonymous": "anonymous",
    "signin.new_country": "country",
    "signin.impossible_travel": "spot",
}
"""Keys that stand on where an address is, and what a ``kernel.geography.Geography`` has to tell for each."""

ALWAYS_KNOWN = frozenset({"service", "device.trust", "device.proof", "signin.factors", "when.days", "when.between"})
"""Keys whose fact is never unknown."""


@dataclass(frozen=True, slots=True)
class Attributes:
    """``who.attributes``: every attribute named has one of its values; an attribute that the user lacks is unknown."""

    wanted: tuple[tuple[str, frozenset[str]], ...]

    def judge(self, facts: Facts) -> tuple[Truth, float]:
        if facts.user is None:
            return Truth.UNKNOWN, math.inf
        found = [(facts.user.attributes.get(name), values) for name, values in self.wanted]
        if any(value is not None and value not in values for value, values in found):
            return Truth.NOT_HELD, math.inf
        return (Truth.UNKNOWN if any(value is None for value, _ in found) else Truth.HELD), math.inf

    def seen(self, facts: Facts) -> str:
        if facts.user is None:
            return "nobody"
        return ", ".join(f"{name}: {facts.user.attributes.get(name, 'unknown')}" for name, _ in self.wanted)

    def wants(self) -> str:
        return ", ".join(f"{name}: {' or '.join(sorted(values))}" for name, values in self.wanted)
