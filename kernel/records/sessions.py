"""Sign-ins (the single sign-on session of a browser), route cookies, tickets, grants, and live sessions."""

from dataclasses import dataclass, field
from enum import StrEnum

from kernel.records.devices import Proof


class Factor(StrEnum):
    """What a person has shown at sign-in."""

    PASSWORD = "password"
    TOTP = "totp"
    PASSKEY = "passkey"
    RECOVERY = "recovery"
    APPROVAL = "approval"
    INVITATION = "invitation"


FIRST = frozenset({Factor.PASSWORD, Factor.PASSKEY, Factor.INVITATION})
"""What a sign-in begins with. Showing one of them again is signing in afresh."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A point on the globe (degrees, true to within ``radius`` kilometres) from which a person signed in ``at``."""

    at: float
    latitude: float
    longitude: float
    radius: float = 0.0


@dataclass(frozen=True, slots=True)
class SignIn:
    """One browser's signed-in state; its ``id`` is the OpenID Connect ``sid``.

    ``digest`` is the keyed hash of the browser's cookie; it changes at every step up. ``factors`` maps a factor to
    when it was shown. ``proved_at`` is when the browser's device key last answered a challenge. ``seen`` maps a service
    to when the person last did something there; it is kept where a limit on idleness counts by it. ``country`` (``""``:
    unknown) and ``spot`` are where it began. ``new_device``, ``new_country`` and ``impossible_travel`` are how that
    compares with what the person did before (None: unknown), and ``learnt`` whether it counts for what comes after
    (``PastSignIns``).
    """

    id: str
    digest: str
    user_id: str
    created_at: float
    expires_at: float
    factors: dict[Factor, float] = field(default_factory=dict)
    device_id: str = ""
    proof: Proof = Proof.NONE
    proved_at: float = 0.0
    address: str = ""
    agent: str = ""
    new_device: bool | None = None
    ended_at: float = 0.0
    seen: dict[str, float] = field(default_factory=dict)
    country: str = ""
    new_country: bool | None = None
    impossible_travel: bool | None = None
    spot: Spot | None = None
    learnt: bool = False

    @property
    def shown_at(self) -> float:
        """When the person last signed in, be it again, in this sign-in."""
        return max((at for factor, at in self.factors.items() if factor in FIRST), default=self.created_at)


@dataclass(frozen=True, slots=True)
class Familiar:
    """Something that a person has signed in from: in which sign-in first, and when last."""

    signin_id: str
    at: float


@dataclass(frozen=True, slots=True)
class PastSignIns:
    """What the sign-ins of a user came from that the policy let in: devices by id, countries by code, the newest spots
    last. All are bounded, see ``idp.signins.history``.
    """

    user_id: str
    devices: dict[str, Familiar] = field(default_factory=dict)
    countries: dict[str, Familiar] = field(default_factory=dict)
    spots: tuple[Spot, ...] = ()


@dataclass(frozen=True, slots=True)
class RouteCookie:
    """A browser's cookie on one web route (keyed hash), standing on a sign-in."""

    digest: str
    signin_id: str
    route: str
    expires_at: float


@dataclass(frozen=True, slots=True)
class Ticket:
    """The one-time hand-over from the identity pages to a web route: redeemed within seconds, by one browser."""

    digest: str
    signin_id: str
    route: str
    state: str
    expires_at: float


@dataclass(frozen=True, slots=True)
class Grant:
    """What a client was given by a user: a family of refresh tokens. Ended means every token of it is dead.

    ``auth_time``, ``acr`` and ``amr`` tell how the user had signed in when it was given (OpenID Connect Core 2).
    """

    id: str
    user_id: str
    client_id: str
    signin_id: str
    device_id: str
    proof: Proof
    scope: str
    audience: tuple[str, ...]
    created_at: float
    expires_at: float
    ended_at: float = 0.0
    auth_time: float = 0.0
    acr: str = ""
    amr: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LiveSession:
    """A session that a proxy carries now: a mail connection, a WebSocket, or a browser on a route.

    ``signin_id`` and ``active_at`` are told of a browser whose idleness is limited, and told again as it goes on.
    """

    id: str
    user: str
    user_id: str
    device_id: str
    device: str
    service: str
    address: str
    client: str
    node: str
    since: float
    rule: str = ""
    revision: int = 0
    signin_id: str = ""
    active_at: float = 0.0
