"""What a person proves themselves with, as stored: never in clear. Each is a row of its own, so that a change of one
leaves the others alone. ``sealed`` fields are ciphertext of idp's vault."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Password:
    """The account password of a user, as an Argon2id encoded hash."""

    user_id: str
    encoded: str
    changed_at: float
    must_change: bool = False


@dataclass(frozen=True, slots=True)
class TotpFactor:
    """A TOTP seed (RFC 6238), sealed. ``last_step`` is the last accepted time step: no code counts twice."""

    user_id: str
    sealed: str
    confirmed: bool
    created_at: float
    last_step: int = 0


@dataclass(frozen=True, slots=True)
class RecoveryCodes:
    """Unused recovery codes of a user, as keyed digests."""

    user_id: str
    digests: tuple[str, ...]
    created_at: float


@dataclass(frozen=True, slots=True)
class AppPassword:
    """A random secret for one device and chosen services; ``digest`` is its keyed hash, and unique."""

    id: str
    user_id: str
    device_id: str
    digest: str
    services: frozenset[str]
    name: str = ""
    created_at: float = 0.0
    last_used_at: float = 0.0
    last_address: str = ""
    revoked: bool = False


@dataclass(frozen=True, slots=True)
class Invitation:
    """A one-time right to set the first password and factor; ``digest`` is the keyed hash of its link's secret."""

    digest: str
    user_id: str
    expires_at: float
    made_by: str = ""


@dataclass(frozen=True, slots=True)
class FailureCount:
    """Failed attempts on one key (``user:``, ``address:`` or ``factor:`` and a name), for throttling."""

    key: str
    count: int
    last_at: float
    until: float = 0.0
