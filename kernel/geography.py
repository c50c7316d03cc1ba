"""Where an address is, as far as anything tells: the noun, and the seam through which whoever builds facts asks.

Owns no database and does no I/O: the household opens what the operator supplies, and hands a ``Geography`` in.
"""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Location:
    """What is known about one address; None is unknown.

    ``country`` is an ISO 3166-1 code in capitals, ``asn`` the number of the network that announces the address,
    ``anonymous`` whether it belongs to an anonymising network. ``latitude`` and ``longitude`` are degrees, true to
    within ``radius`` kilometres.
    """

    country: str | None = None
    asn: int | None = None
    anonymous: bool | None = None
    latitude: float | None = None
    longitude: float | None = None
    radius: float = 0.0


NOWHERE = Location()
"""Of which nothing is known."""


class Geography(Protocol):
    """Tells where addresses are. ``tells``: which facts it has a source for, of ``country``, ``asn``, ``anonymous`` and
    ``spot`` (coordinates); the others are unknown of every address."""

    @property
    def tells(self) -> frozenset[str]: ...

    def locate(self, address: str) -> Location:
        """Return what is known about ``address``; never raises, and a text that is no address is nowhere."""
        ...


class Nowhere:
    """The geography of an installation without any database: it knows nothing, and costs nothing."""

    tells: frozenset[str] = frozenset()

    def locate(self, address: str) -> Location:
        return NOWHERE
