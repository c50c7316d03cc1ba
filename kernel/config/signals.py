"""What an operator can set about others' signals: transmitters that we hear, webhooks, own rows of the vocabulary,
osquery. Part of ``Settings``."""

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

SESSION_REVOKED = "session-revoked"
CREDENTIAL_CHANGE = "credential-change"
DEVICE_COMPLIANCE_CHANGE = "device-compliance-change"
RISK_LEVEL_CHANGE = "risk-level-change"
EVENTS = (SESSION_REVOKED, CREDENTIAL_CHANGE, DEVICE_COMPLIANCE_CHANGE, RISK_LEVEL_CHANGE)
"""The events of CAEP 1.0 that have an effect here."""


class Delivery(StrEnum):
    """How a transmitter's events reach us: it posts them (RFC 8935), or we fetch them (RFC 8936)."""

    PUSH = "push"
    POLL = "poll"


class Algorithm(StrEnum):
    """How a source signs; exactly one, so that no token chooses."""

    ES256 = "ES256"
    RS256 = "RS256"
    PS256 = "PS256"


@dataclass(frozen=True, slots=True)
class SignalSource:
    """A transmitter (SSF 1.0) that we believe. Its keys are in ``jwks_file`` or at ``jwks_uri``. ``secret_file`` holds
    what it shows us as a bearer (push), or we show it (poll at ``endpoint``, every ``poll_every`` seconds). ``events``:
    which ones count. ``window``: how old a token may be. ``networks``: private ones that may be addressed; ``ca``
    verifies it."""

    name: str
    issuer: str
    audience: str
    secret_file: Path
    jwks_file: Path | None = None
    jwks_uri: str = ""
    algorithm: Algorithm = Algorithm.ES256
    delivery: Delivery = Delivery.PUSH
    endpoint: str = ""
    events: tuple[str, ...] = EVENTS
    window: float = 86400.0
    poll_every: float = 30.0
    networks: tuple[str, ...] = ()
    ca: Path | None = None


class SignalType(StrEnum):
    """The type of a signal's value."""

    BOOL = "bool"
    INT = "int"
    STR = "str"


@dataclass(frozen=True, slots=True)
class SignalRow:
    """A signal of the operator's own: it is believed for ``age`` seconds; ``meaning`` says what it is, by language."""

    name: str
    age: float
    meaning: dict[str, str]
    type: SignalType = SignalType.BOOL


@dataclass(frozen=True, slots=True)
class SignalWebhook:
    """A product (EDR, MDM) that posts signals, signed with the secret in ``secret_file``; it may set ``signals`` alone.
    ``window``: how many seconds its clock may be off."""

    name: str
    secret_file: Path
    signals: tuple[str, ...]
    window: float = 300.0


@dataclass(frozen=True, slots=True)
class OsquerySettings:
    """osquery's TLS API: open when ``secret_file`` (the fleet's enroll secret) is given. ``every``: seconds between two
    runs of the pack."""

    secret_file: Path | None = None
    every: float = 300.0
    signals: tuple[str, ...] = field(
        default=("disk_encrypted", "firewall", "screen_lock", "secure_boot", "auto_update", "antivirus", "os_version")
    )
