"""How an app password narrows itself: the places that it was first used from, and those that it was tried from since.

A place is as coarse as can be told without asking: service, software, shape of the TLS, country, network.
"""

from dataclasses import dataclass
from enum import StrEnum


class Narrowing(StrEnum):
    """In which respects app passwords narrow themselves. ``PROTOCOL``: services unused on the first day are closed."""

    PROTOCOL = "protocol"
    CLIENT = "client"
    TLS = "tls"
    COUNTRY = "country"
    NETWORK = "network"


@dataclass(frozen=True, slots=True)
class Place:
    """From where and with what: ``client`` is what the software calls itself, ``shape`` its TLS, ``country`` an ISO
    code, ``network`` an AS number (``AS2497``) or an address prefix. Empty: not told."""

    service: str
    client: str = ""
    shape: str = ""
    country: str = ""
    network: str = ""


@dataclass(frozen=True, slots=True)
class Stray:
    """A try from elsewhere, refused: where, how it ``differs`` (``Narrowing``), and when it was first and last seen."""

    place: Place
    address: str
    differs: tuple[str, ...]
    first_at: float
    last_at: float
