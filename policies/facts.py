"""Everything that a decision may look at, as one value. ``None`` means unknown, and unknown never opens a door."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from kernel.authority import Subject
from kernel.geography import NOWHERE, Location
from kernel.records.devices import Device, Proof
from kernel.records.people import User
from kernel.records.sessions import Factor


@dataclass(frozen=True, slots=True)
class Facts:
    """One person, on one device, at one address, asking for one service at one moment (seconds since 1970 UTC).

    ``factors`` maps what was shown at the sign-in behind the session to when; empty for app passwords. ``signin_at``
    is when that sign-in began. ``proof`` says how this very session proved its device.
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
            factors=signin.factors if signin else {},
            signin_at=signin.created_at if signin else None,
            new_device=signin.new_device if signin else None,
            new_country=signin.new_country if signin else None,
            impossible_travel=signin.impossible_travel if signin else None,
            country=location.country,
            asn=location.asn,
            anonymous=location.anonymous,
        )
