"""A posture report: a compact JWS (RFC 7515 section 7.1), ES256, by the key of the device's certificate. Pure.

The header is exactly ``{"alg": "ES256", "typ": "gatepost-report+jwt", "kid": <issuer-id:serial-hex>}``; the payload
``{"aud", "nonce", "counter", "signals"}`` and, when there is something to say, ``"platform"``, ``"version"`` and
``"csr"`` (a renewal). The device's clock is not asked: the nonce makes a report fresh, the counter orders it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from idp.devices.segments import json_object

TYPE: Final = "gatepost-report+jwt"
ALGORITHM: Final = "ES256"
MOST_OCTETS: Final = 32768
MOST_SIGNALS: Final = 64
MOST_TEXT: Final = 64
MOST_COUNTER: Final = 2**53
_CLAIMS: Final = {"aud", "nonce", "counter", "signals"}
_OPTIONAL: Final = {"platform", "version", "csr"}


class ReportFault(StrEnum):
    """Why a report does not count."""

    MALFORMED = "malformed"
    UNKNOWN_KEY = "unknown-key"
    KEY_OVER = "key-over"
    SIGNATURE = "signature"
    FOREIGN = "foreign"
    NONCE = "nonce"
    COUNTER = "counter"
    DEVICE_OUT = "device-out"


@dataclass(frozen=True, slots=True)
class Reported:
    """What a report says, not yet verified."""

    key_id: str
    audience: str
    nonce: str
    counter: int
    signals: Mapping[str, bool | int | float | str]
    platform: str = ""
    version: str = ""
    csr: str = field(default="", repr=False)


def read(report: str) -> Reported | None:
    """Return what a report claims, or None when it has not the form of one."""
    parts = report.split(".") if len(report) <= MOST_OCTETS and report.isascii() else []
    if len(parts) != 3:
        return None
    header, payload = json_object(parts[0]), json_object(parts[1])
    key_id = header.get("kid")
    if header != {"alg": ALGORITHM, "typ": TYPE, "kid": key_id} or not isinstance(key_id, str):
        return None
    if not _CLAIMS <= payload.keys() <= _CLAIMS | _OPTIONAL:
        return None
    return _reported(key_id, payload)


def verifies(report: str, certificate_pem: str) -> bool:
    """Return whether the report is signed, by ES256, with the private half of this certificate's key."""
    try:
        public = x509.load_pem_x509_certificate(certificate_pem.encode()).public_key()
        key = ECKey.import_key(public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
        jws.deserialize_compact(report, key, algorithms=[ALGORITHM], registry=_REGISTRY)
    except (JoseError, ValueError):
        return False
    return True


def _reported(key_id: str, payload: Mapping[str, Any]) -> Reported | None:
    counter, signals = payload["counter"], payload["signals"]
    texts = [payload.get(name, "") for name in ("aud", "nonce", "platform", "version", "csr")]
    if not all(isinstance(each, str) for each in texts) or any(len(each) > MOST_TEXT for each in texts[2:4]):
        return None
    if not isinstance(counter, int) or isinstance(counter, bool) or not 0 < counter < MOST_COUNTER:
        return None
    if not isinstance(signals, dict) or len(signals) > MOST_SIGNALS:
        return None
    if not all(isinstance(value, (bool, int, float, str)) for value in signals.values()):
        return None
    audience, nonce, platform, version, csr = texts
    return Reported(key_id, audience, nonce, counter, signals, platform, version, csr)


_REGISTRY: Final = jws.JWSRegistry(algorithms=[ALGORITHM])
