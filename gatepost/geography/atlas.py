"""Puts the sources together: what all of them say about one address, remembered for the addresses seen lately.

An anonymising network is one that any source calls so; that an address is none is known only when every source that
was asked for could be read. Whatever cannot be looked up is unknown.
"""

from ipaddress import IPv4Address

from gatepost.geography import records
from gatepost.geography.database import NOTHING, Database
from gatepost.geography.listing import Listing
from kernel.geography import NOWHERE, Location
from policies.addresses import V4, number

REMEMBERED = 10_000
"""Addresses kept in memory: a decision about one of them costs a look into a dictionary."""


class Atlas:
    """A ``kernel.geography.Geography``. ``unread``: a source of anonymising networks is configured, and was no good."""

    def __init__(
        self,
        country: Database | None = None,
        asn: Database | None = None,
        anonymous: Database | None = None,
        anonymous_list: Listing | None = None,
        *,
        unread: bool = False,
    ) -> None:
        self._country, self._asn, self._anonymous, self._listing = country, asn, anonymous, anonymous_list
        self._unread = unread
        self._known: dict[str, Location] = {}
        there = {
            "country": country is not None,
            "spot": country is not None and country.has_spots,
            "asn": asn is not None,
            "anonymous": anonymous is not None or anonymous_list is not None,
        }
        self.tells = frozenset(name for name, so in there.items() if so)

    def locate(self, address: str) -> Location:
        found = self._known.get(address)
        if found is None:
            if len(self._known) >= REMEMBERED:
                self._known.clear()
            found = self._known[address] = self._look_up(address)
        return found

    def _look_up(self, address: str) -> Location:
        numbered = number(address)
        if numbered is None:
            return NOWHERE
        # IPv4 written inside IPv6 is the IPv4 address: not every database has it at both places.
        plain = str(IPv4Address(numbered[1])) if numbered[0] == V4 else address
        place = _record(self._country, plain)
        spot = records.coordinates(place)
        return Location(
            country=records.country(place),
            asn=records.asn(_record(self._asn, plain)),
            anonymous=self._hidden(plain),
            **dict(zip(("latitude", "longitude", "radius"), spot, strict=True)) if spot else {},
        )

    def _hidden(self, address: str) -> bool | None:
        answers: list[bool | None] = [None] if self._unread else []
        if self._anonymous is not None:
            record = self._anonymous.record(address)
            answers.append(None if record is None else records.anonymous(record))
        if self._listing is not None:
            answers.append(self._listing.holds(address))
        if True in answers:
            return True
        return None if None in answers or not answers else False


def _record(database: Database | None, address: str) -> records.Record:
    return (database.record(address) if database else None) or NOTHING
