"""Which of our people, devices and sign-ins others mean. Refuses to guess: what is not known, or not one, is nobody."""

import unicodedata
from dataclasses import dataclass
from typing import Final

from idp.signals.subjects import Named, Whom
from kernel.ports import Reader
from kernel.records.devices import Device
from kernel.records.people import User
from kernel.records.sessions import SignIn
from kernel.records.signals import DeviceAlias

SERIAL: Final = "serial"
UUID: Final = "uuid"
MOST_OWNED: Final = 200


@dataclass(frozen=True, slots=True)
class Found:
    """Who and what is meant; what was not named is None."""

    user: User | None = None
    device: Device | None = None
    signin: SignIn | None = None


def find(tx: Reader, meant: Whom, source: str, own: str, issuer: str) -> Found | None:
    """Return what ``meant`` is here, None when any part of it is unknown. ``source`` is the name by which devices have
    others' names, ``own`` our issuer, ``issuer`` the source's."""
    user = _user(tx, meant.user, own, issuer) if meant.user else None
    device = device_of(tx, meant.device.value, source) if meant.device else None
    signin = tx.get(SignIn, meant.session.value) if meant.session else None
    wanted = ((meant.user, user), (meant.device, device), (meant.session, signin))
    if any(named is not None and found is None for named, found in wanted):
        return None
    if signin is not None and not _its(signin, user, device):
        return None
    return Found(user, device, signin)


def device_of(tx: Reader, name: str, source: str = "") -> Device | None:
    """Return the device that ``source`` calls so, or whose id that is."""
    alias = tx.get(DeviceAlias, f"{source}:{name}") if source else None
    return tx.get(Device, alias.device_id if alias else name)


def device_by(tx: Reader, kind: str, value: str) -> Device | None:
    """Return the device with this serial number or hardware uuid."""
    alias = tx.get(DeviceAlias, f"{kind}:{canonical(value)}")
    return tx.get(Device, alias.device_id) if alias else None


def device_named(tx: Reader, owner: str, name: str) -> Device | None:
    """Return the only device of this name that a person (by name or address) has."""
    user = person(tx, owner)
    owned = tx.find(Device, owner=user.id, limit=MOST_OWNED) if user else ()
    found = [device for device in owned if device.name == name]
    return found[0] if len(found) == 1 else None


def person(tx: Reader, name: str) -> User | None:
    """Return who has this name or address."""
    wanted = canonical(name)
    found = tx.find(User, email=wanted, limit=1) or tx.find(User, name=wanted, limit=1)
    return found[0] if found else None


def canonical(text: str) -> str:
    """Return a name, an address or a serial number in the one spelling that it is kept under."""
    return unicodedata.normalize("NFKC", text).casefold().strip()


def _user(tx: Reader, named: Named, own: str, issuer: str) -> User | None:
    if named.format == "email":
        found = tx.find(User, email=canonical(named.value), limit=1)
        return found[0] if found else None
    if named.format != "iss_sub":
        return None
    if named.issuer == own:
        return tx.get(User, named.value)
    return person(tx, named.value) if named.issuer == issuer else None


def _its(signin: SignIn, user: User | None, device: Device | None) -> bool:
    theirs = user is None or signin.user_id == user.id
    return theirs and (device is None or signin.device_id == device.id)
