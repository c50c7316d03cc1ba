"""Devices, their keys, and the signals of their posture."""

from dataclasses import dataclass, field
from enum import StrEnum


class Trust(StrEnum):
    """How far the organisation knows a device. ``UNKNOWN`` is the absence of a device, and is never stored."""

    UNKNOWN = "unknown"
    PENDING = "pending"
    ENROLLED = "enrolled"
    MANAGED = "managed"
    LOST = "lost"
    REVOKED = "revoked"
    EXPIRED = "expired"


OUT = frozenset({Trust.LOST, Trust.REVOKED, Trust.EXPIRED})
"""Devices that were known, and must not be let in as such any more."""


class Proof(StrEnum):
    """How this very session proved its device."""

    NONE = "none"
    CERTIFICATE = "certificate"
    BROWSER_KEY = "browser-key"
    APP_PASSWORD = "app-password"
    TOKEN = "token"
    SSH_KEY = "ssh-key"


@dataclass(frozen=True, slots=True)
class Signal:
    """One reported fact about a device: ``value`` as reported, ``at`` when, ``by`` whom (agent, admin, mdm ...)."""

    value: bool | int | float | str
    at: float
    by: str = "admin"


@dataclass(frozen=True, slots=True)
class Device:
    """One machine or browser. ``owner`` is a user id, or ``""`` when the device is shared."""

    id: str
    name: str
    owner: str
    trust: Trust
    platform: str = ""
    kind: str = "browser"
    signals: dict[str, Signal] = field(default_factory=dict)
    created_at: float = 0.0
    last_seen_at: float = 0.0
    note: str = ""


@dataclass(frozen=True, slots=True)
class DeviceKey:
    """A key that proves a device. ``id`` is the key's RFC 7638 thumbprint (browser) or ``issuer-id:serial-hex``
    (certificate); ``public`` is a JWK as JSON text, or the certificate in PEM."""

    id: str
    device_id: str
    proof: Proof
    public: str
    created_at: float
    not_after: float = 0.0
    revoked: bool = False


@dataclass(frozen=True, slots=True)
class SpentChallenge:
    """A challenge (its nonce) that a device key has answered. It stays until it would expire, so that no answer counts
    twice."""

    nonce: str
    expires_at: float


@dataclass(frozen=True, slots=True)
class RevokedCertificate:
    """A device certificate (``issuer-id:serial-hex``) that counts no more though it has not expired. ``reason`` as RFC
    5280 names it (``certificateHold`` ...). Kept until ``not_after``, for revocation lists."""

    id: str
    at: float
    reason: str
    not_after: float


@dataclass(frozen=True, slots=True)
class Enrolment:
    """A one-time code (its digest) that makes one device for ``user_id`` (``""``: a shared one), with the trust and
    name that whoever made the code chose."""

    digest: str
    user_id: str
    name: str
    platform: str
    kind: str
    trust: Trust
    made_by: str
    created_at: float
    expires_at: float


@dataclass(frozen=True, slots=True)
class Reporter:
    """The agent on one device, as its last report left it: ``counter`` of that report, ``at`` when it came, ``told_at``
    when the change log last heard of it, ``version`` of the program."""

    device_id: str
    counter: int
    at: float
    told_at: float
    version: str = ""
