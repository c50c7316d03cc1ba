"""What an app password is bound to, and whether a use fits: the rules of ``kernel.records.pins``. Pure.

::

    unused --first use--> bound to its place --fits--> in
                             ^   '--differs--> stray (refused, its owner is told)
                             '---- "that was me" ---'

Each service learns its own software and shape at its own first use; country and network are the password's as a whole.
"""

from collections.abc import Iterable, Set
from dataclasses import replace
from hashlib import sha256
from typing import Final

from kernel.records.credentials import AppPassword
from kernel.records.pins import Narrowing, Place, Stray

SETTLING: Final = 86400.0
"""Seconds after it was first bound within which a service may be used for the first time, under ``protocol``."""

QUIET: Final = 60.0
"""Seconds within which another try from elsewhere is refused without being written down again."""

MOST_PLACES: Final = 16
MOST_STRAYS: Final = 5
_MOST_CLIENT: Final = 100

Narrow = Set[Narrowing]


def client_name(said: str) -> str:
    """Return what a program calls itself as it is compared: one line, lower case, bounded."""
    return " ".join(said.split()).casefold()[:_MOST_CLIENT]


def differs(narrow: Narrow, held: AppPassword, place: Place, now: float) -> tuple[str, ...]:
    """Return in which respects ``place`` is elsewhere; empty for an app password that was never used."""
    if not held.pins:
        return ()
    here = [pin for pin in held.pins if pin.service == place.service]
    found = []
    if Narrowing.PROTOCOL in narrow and not here and now - held.pinned_at > SETTLING:
        found.append(Narrowing.PROTOCOL)
    if Narrowing.CLIENT in narrow and here and place.client not in _of(here, "client"):
        found.append(Narrowing.CLIENT)
    if Narrowing.TLS in narrow and here and place.shape not in _of(here, "shape"):
        found.append(Narrowing.TLS)
    if Narrowing.COUNTRY in narrow and place.country not in _of(held.pins, "country"):
        found.append(Narrowing.COUNTRY)
    if Narrowing.NETWORK in narrow and place.network not in _of(held.pins, "network"):
        found.append(Narrowing.NETWORK)
    return tuple(str(each) for each in found)


def new(held: AppPassword, place: Place) -> bool:
    """Tell whether a place that fits is still to be learnt: the first use of all, or of its service."""
    return all(pin.service != place.service for pin in held.pins)


def learnt(held: AppPassword, place: Place, now: float) -> AppPassword:
    """Return the app password bound to one place more; a stray that was there is none any more."""
    pins = (*(pin for pin in held.pins if pin != place), place)[-MOST_PLACES:]
    strays = tuple(stray for stray in held.strays if stray.place != place)
    return replace(held, pins=pins, strays=strays, pinned_at=held.pinned_at or now)


def noted(held: AppPassword, stray: Stray) -> AppPassword | None:
    """Return the app password with a try from elsewhere written down; None when enough was, just now: whoever holds a
    stolen one makes us write once a minute, not more."""
    latest = max((each.last_at for each in held.strays), default=0.0)
    same = next((each for each in held.strays if each.place == stray.place), None)
    if stray.last_at - (same.last_at if same else latest if len(held.strays) >= MOST_STRAYS else 0.0) < QUIET:
        return None
    first = same.first_at if same else stray.first_at
    others = sorted((each for each in held.strays if each is not same), key=lambda each: each.last_at)
    return replace(held, strays=(*others[1 - MOST_STRAYS :], replace(stray, first_at=first)))


def code_of(place: Place) -> str:
    """Return a short name for a place, to order by."""
    told = (place.service, place.client, place.shape, place.country, place.network)
    return sha256(repr(told).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _of(pins: Iterable[Place], name: str) -> set[str]:
    return {getattr(pin, name) for pin in pins}
