"""Security event tokens (RFC 8417, SSF 1.0 section 11.1): read, then held against what was agreed with their source.

    text --(read)--> token --(issuer, audience, time)--> meant for us --(verifies)--> genuine

One event to a token; the algorithm is the source's, never the token's. Neither ``sub`` nor ``exp`` may stand in it, so
that no token of another kind passes for one (SSF 1.0, section 11.1.1).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

from idp.devices.segments import json_object
from idp.signals.faults import SignalFault
from kernel.config.signals import Algorithm

TYPE: Final = "secevent+jwt"
MOST_OCTETS: Final = 16384
MOST_TEXT: Final = 512
AHEAD: Final = 300.0
"""Seconds that a source's clock may be ahead of ours."""

CAEP: Final = "https://schemas.openid.net/secevent/caep/event-type/"
SSF: Final = "https://schemas.openid.net/secevent/ssf/event-type/"
VERIFICATION: Final = SSF + "verification"
STREAM_UPDATED: Final = SSF + "stream-updated"

PublicKey = ECKey | RSAKey


@dataclass(frozen=True, slots=True)
class SecurityEvent:
    """What a token claims, not yet verified. ``event`` is the type's whole address; ``at`` when it happened."""

    text: str = field(repr=False)
    algorithm: str
    key_id: str
    issuer: str
    audience: tuple[str, ...]
    issued_at: float
    token_id: str
    event: str
    payload: Mapping[str, Any]
    subject: Mapping[str, Any]

    @property
    def at(self) -> float:
        stamp: Any = self.payload.get("event_timestamp")
        return float(stamp) if _number(stamp) else self.issued_at


def read(text: str) -> SecurityEvent | SignalFault:
    """Return what a token says, or why it is none."""
    parts = text.split(".") if len(text) <= MOST_OCTETS and text.isascii() else []
    if len(parts) != 3 or not all(parts):
        return SignalFault.MALFORMED
    header, claims = json_object(parts[0]), json_object(parts[1])
    if not header or not claims or not all(isinstance(value, str) for value in header.values()):
        return SignalFault.MALFORMED
    if header.get("typ") != TYPE:
        return SignalFault.TYPE
    if not {"alg", "typ"} <= header.keys() <= {"alg", "typ", "kid"}:
        return SignalFault.MALFORMED
    return _event(text, header, claims)


def judge(said: SecurityEvent, issuer: str, audience: str, window: float, now: float) -> SignalFault | None:
    """Return why a token is not meant for us now; None when it is."""
    if said.issuer != issuer:
        return SignalFault.ISSUER
    if audience not in said.audience:
        return SignalFault.AUDIENCE
    if not now - window <= said.issued_at <= now + AHEAD or said.at > now + AHEAD:
        return SignalFault.TIME
    return None


def verifies(said: SecurityEvent, keys: Mapping[str, PublicKey], algorithm: Algorithm) -> SignalFault | None:
    """Return why a token is not of whoever holds ``keys`` (by ``kid``); None when it is. A token without ``kid`` is of
    the only key."""
    if said.algorithm != algorithm:
        return SignalFault.ALGORITHM
    key = keys.get(said.key_id) if said.key_id or len(keys) != 1 else next(iter(keys.values()))
    if key is None or not fits(key, algorithm):
        return SignalFault.KEY
    try:
        jws.deserialize_compact(said.text, key, algorithms=[algorithm], registry=_REGISTRIES[algorithm])
    except (JoseError, ValueError):
        return SignalFault.SIGNATURE
    return None


def fits(key: PublicKey, algorithm: Algorithm) -> bool:
    """Say whether a key is of the kind that an algorithm signs with: P-256, or RSA of 2048 bits and more."""
    if algorithm is Algorithm.ES256:
        return isinstance(key, ECKey) and key.curve_name == "P-256"
    return isinstance(key, RSAKey) and key.public_key.key_size >= 2048


def _event(text: str, header: Mapping[str, str], claims: Mapping[str, Any]) -> SecurityEvent | SignalFault:
    audience, events, subject = claims.get("aud"), claims.get("events"), claims.get("sub_id")
    named = [audience] if isinstance(audience, str) else audience
    if not isinstance(named, list) or not 0 < len(named) <= 16 or not all(_short(each) for each in named):
        return SignalFault.MALFORMED
    if not isinstance(events, dict) or len(events) != 1 or not isinstance(subject, dict):
        return SignalFault.MALFORMED
    if not all(_short(claims.get(name)) for name in ("iss", "jti")) or not _number(claims.get("iat")):
        return SignalFault.MALFORMED
    (event, payload), forbidden = next(iter(events.items())), {"sub", "exp"} & claims.keys()
    if forbidden or not isinstance(payload, dict) or not _short(event):
        return SignalFault.MALFORMED
    kid = header.get("kid", "")
    issued = float(claims["iat"])
    return SecurityEvent(
        text, header["alg"], kid, claims["iss"], tuple(named), issued, claims["jti"], event, payload, subject
    )


def _short(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= MOST_TEXT and value.isprintable()


def _number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value < 1e11


_REGISTRIES: Final = {each: jws.JWSRegistry(algorithms=[each.value]) for each in Algorithm}
