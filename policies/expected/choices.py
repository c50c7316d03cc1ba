"""Reads the lists of a row, each of whose words stands for a scene of its own: people, services, devices, proofs,
networks and countries."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from ipaddress import ip_address

from kernel.records.devices import Trust
from kernel.records.people import User
from policies.addresses import RangeIndex
from policies.conditions import LEAVES, Scope, read_conditions
from policies.document import Entries
from policies.expected.cast import Found, Machine, person, read_machine
from policies.model import Value
from policies.values import scalars
from policies.vocabulary import ANY_CLIENT, TRUSTS

ELSEWHERE, UNKNOWN = "elsewhere", "unknown"
"""What a row may name beside the networks of the policy: an address in none of them, or none that anybody knows."""

SOMEONE = "someone"
FAR = ("198.51.100.7", "203.0.113.7", "192.0.2.7", "198.18.0.7", "100.64.0.7", "9.9.9.9", "2001:db8:ffff::7")


@dataclass(frozen=True, slots=True)
class Cast:
    """Whom and what rows may name."""

    people: Mapping[str, User]
    devices: Mapping[str, Machine]
    index: RangeIndex


@dataclass(frozen=True, slots=True)
class Spot:
    """An address, and the word that a row has for it."""

    word: str
    address: str


def read_users(row: Found, cast: Cast, scope: Scope) -> list[User]:
    """Return who asks. Groups and attributes of the row take the place of those of the person."""
    named = {key: row[key] for key in ("groups", "attributes") if key in row}
    beside = person(SOMEONE, named, scope)
    found = []
    for word in scalars(row["user"][1], "`user`", scope.problems) if "user" in row else []:
        if cast.people and word.text not in cast.people:
            scope.problems.unknown(word, "`user`: nobody is called", list(cast.people))
            continue
        known = cast.people.get(word.text) or person(word.text, {}, scope)
        found.append(replace(known, **{key: getattr(beside, key) for key in named}))
    return found if "user" in row else [beside]


def read_services(row: Found, scope: Scope) -> list[str]:
    """Return what is asked for."""
    if "service" not in row:
        return []
    found = sorted(str(value) for one in read_conditions({"service": row["service"]}, scope) for value in one.wanted)
    if ANY_CLIENT in found:
        hint = "name one, such as `client:demo`"
        scope.problems.add(row["service"][1].place, "nobody asks for every client at once", ANY_CLIENT, hint)
    return found


def read_machines(row: Found, cast: Cast, scope: Scope) -> list[tuple[str, Machine]]:
    """Return from what devices, each with its word: a state of trust, a name out of ``devices``, or a description."""
    if "device" not in row:
        return [("", Machine(Trust.UNKNOWN))]
    node = row["device"][1]
    if isinstance(node, Entries):
        machine = read_machine(node, "`device`", scope)
        return [("", machine)] if machine else []
    found = []
    for word in scalars(node, "`device`", scope.problems):
        if word.text in cast.devices:
            found.append((word.text, cast.devices[word.text]))
        elif word.text in TRUSTS:
            found.append((word.text, Machine(Trust(word.text))))
        else:
            scope.problems.unknown(word, "`device`: no device is called", [*cast.devices, *TRUSTS])
    return found


def read_spots(row: Found, cast: Cast, scope: Scope) -> list[Spot]:
    """Return from which addresses: of a network of the policy, of none of them, or as they are written."""
    if "address" in row:
        return _addresses(row, scope)
    if "network" not in row:
        return [Spot("", _far(cast.index))]
    found = []
    for word in scalars(row["network"][1], "`network`", scope.problems):
        if word.text in scope.networks:
            found += [Spot(word.text, str(each.network_address)) for each in scope.networks[word.text].ranges[:1]]
        elif word.text == ELSEWHERE:
            found.append(Spot(word.text, _far(cast.index)))
        elif word.text == UNKNOWN:
            found.append(Spot(word.text, ""))
        else:
            known = [*scope.networks, ELSEWHERE, UNKNOWN]
            scope.problems.unknown(word, "`network`: no network is named", known)
    return found


def read_values(section: str, leaf: str, key: str, row: Found, scope: Scope) -> list[Value | None]:
    """Return the values of a condition's key, read as a rule's are; None alone when the row does not say."""
    read = LEAVES[section][leaf](row[key][1], f"`{key}`", scope) if key in row else None
    return [*sorted(read, key=str)] if isinstance(read, Collection) else [None]


def _addresses(row: Found, scope: Scope) -> list[Spot]:
    found = []
    if "network" in row:
        place = row["address"][0].place
        scope.problems.add(place, "a row has either a `network` or an `address`", "address", "remove one")
    for word in scalars(row["address"][1], "`address`", scope.problems):
        try:
            found.append(Spot(word.text, str(ip_address(word.text))))
        except ValueError:
            hint = "write one address, such as 192.0.2.7 or 2001:db8::7"
            scope.problems.add(word.place, f"`{word.text}` is not an address", word.text, hint)
    return found


def _far(index: RangeIndex) -> str:
    """Return an address in no named network; where the names cover every likely one, none that anybody knows."""
    return next((address for address in FAR if index.find(address) == 0), "")
