"""Everything that a decision may look at, as one value. ``None`` means unknown, and unknown never opens a door."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv6Address, ip_address, ip_network

from kernel.authority import Subject
from kernel.geography import NOWHERE, Location
from kernel.records.devices import Device, Proof
from kernel.records.people import User
from kernel.records.sessions import Factor

_NONE: Mapping[Factor, float] = {}


@dataclass(frozen=True, slots=True)
class Facts:
    """One person, on one device, at one address, asking for one service at one moment (seconds since 1970 UTC).

    ``factors`` maps what was shown at the sign-in behind the session to when, or in the portal for a login of this
    credential from this network (``kernel.records.approvals``). ``signin_at`` is when that sign-in began. ``proof``
    says how this very session proved its device.
    """

    service: str
    now: float
    address: str = ""
    user: User | None = None
    device: Device | None = None
    proof: Proof = Proof.NONE
    factors: Mapping[Factor, float] = field(default_factory=dict)
    signin_at: float | None = None
    new_device: bool | None = None
    new_country: bool | None = None
    impossible_travel: bool | None = None
    country: str | None = None
    asn: int | None = None
    anonymous: bool | None = None

    @classmethod
    def of(cls, subject: Subject, service: str, address: str, now: float, location: Location = NOWHERE) -> "Facts":
        """Return the facts of a verified subject who asks for ``service`` from ``address``, at ``location``."""
        signin = subject.signin
        return cls(
            service=service,
            now=now,
            address=address,
            user=subject.user,
            device=subject.device,
            proof=subject.key.proof,
            factors=shown(subject, address, now),
            signin_at=signin.created_at if signin else None,
            new_device=signin.new_device if signin and subject.device else None,
            new_country=signin.new_country if signin else None,
            impossible_travel=signin.impossible_travel if signin else None,
            country=location.country,
            asn=location.asn,
            anonymous=location.anonymous,
        )


def shown(subject: Subject, address: str, now: float) -> Mapping[Factor, float]:
    """Return the factors that count for a subject at ``address``, and when each was shown last."""
    signin = subject.signin
    factors = signin.factors if signin else _NONE
    if not subject.approved:
        return factors
    merged = dict(factors)
    for approved in subject.approved:
        if now < approved.until and _within(address, approved.zone):
            for name, at in approved.factors.items():
                merged[Factor(name)] = max(at, merged.get(Factor(name), at))
    return merged


def _within(address: str, zone: str) -> bool:
    try:
        place, network = ip_address(address), ip_network(zone)
    except ValueError:
        return False
    if isinstance(place, IPv6Address) and place.ipv4_mapped is not None:
        place = place.ipv4_mapped
    return place in network
