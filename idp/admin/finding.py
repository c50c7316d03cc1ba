"""Finding people and machines by what an admin types: a name, an address or an id. Refuses what does not exist, with
the nearest name that does."""

import unicodedata
from collections.abc import Iterator
from itertools import islice
from typing import TypeVar

from idp.admin.refusals import missing, refused
from kernel import paging
from kernel.ports import Reader, Value
from kernel.records.devices import Device
from kernel.records.people import Group, User

R = TypeVar("R")

MOST = 200_000
SUGGEST_FROM = 2000


def canonical(name: str) -> str:
    """Return a user name or address in the one spelling it is stored under."""
    return unicodedata.normalize("NFKC", name).casefold().strip()


def every(tx: Reader, kind: type[R], **equals: Value) -> Iterator[R]:
    """Yield every record of a kind, at most ``MOST``."""
    return islice(paging.every(tx, kind, **equals), MOST)


def user(tx: Reader, name: str) -> User:
    """Return the user with this name, address or id.

    Raises:
        Missing: nobody; the message names the nearest spelling.
    """
    wanted = canonical(name)
    found = tx.find(User, name=wanted, limit=1) or tx.find(User, email=wanted, limit=1)
    known = found[0] if found else tx.get(User, name.strip())
    if known is not None:
        return known
    names = [person.name for person in tx.find(User, limit=SUGGEST_FROM)]
    raise missing("no-user", name, names)


def group(tx: Reader, name: str) -> Group:
    """Return the group with this name.

    Raises:
        Missing: no such group.
    """
    known = tx.get(Group, canonical(name))
    if known is None:
        raise missing("no-group", name, [each.name for each in tx.find(Group, limit=SUGGEST_FROM)])
    return known


def device(tx: Reader, name: str) -> Device:
    """Return the device with this id, or the only one with this name (also ``OWNER/NAME``).

    Raises:
        Missing: no such device.
        Refused: several of that name.
    """
    known = tx.get(Device, name.strip())
    if known is not None:
        return known
    owner, slash, rest = name.strip().rpartition("/")
    candidates = every(tx, Device, owner=user(tx, owner).id) if slash else every(tx, Device)
    named = [each for each in candidates if each.name == rest]
    if len(named) == 1:
        return named[0]
    if named:
        raise refused("several-devices", name=rest, ids=", ".join(each.id for each in named[:3]))
    raise missing("no-device", name, [each.name for each in tx.find(Device, limit=SUGGEST_FROM)])
