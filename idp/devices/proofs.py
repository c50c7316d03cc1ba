"""A browser's answer to a challenge: a compact JWS (RFC 7515 section 7.1), ES256, by the key that it registered. Pure.

The header is exactly ``{"alg": "ES256", "typ": "gatepost-proof+jwt", "kid": <RFC 7638 thumbprint>}``; the payload
``{"challenge", "origin", "purpose", "iat"}``. The header chooses nothing but the registered key: one key, one
algorithm, whatever it says. ``iat`` is the browser's own clock and decides nothing: the challenge is what makes an
answer fresh, and a wrong clock must not shut anybody out.
"""

import json
from dataclasses import dataclass
from typing import Final

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from idp.devices.segments import json_object

TYPE: Final = "gatepost-proof+jwt"
ALGORITHM: Final = "ES256"
MOST_OCTETS: Final = 2048
MOST_KEY: Final = 1024


@dataclass(frozen=True, slots=True)
class Claim:
    """What an answer says, not yet verified."""

    key_id: str
    challenge: str
    origin: str
    purpose: str


def read(proof: str) -> Claim | None:
    """Return what an answer claims, or None when it has not the form of one."""
    parts = proof.split(".") if len(proof) <= MOST_OCTETS and proof.isascii() else []
    if len(parts) != 3:
        return None
    header, payload = json_object(parts[0]), json_object(parts[1])
    key_id = header.get("kid")
    if header != {"alg": ALGORITHM, "typ": TYPE, "kid": key_id} or not isinstance(key_id, str):
        return None
    said = [payload.get(name) for name in ("challenge", "origin", "purpose")]
    issued = payload.get("iat")
    if not isinstance(issued, (int, float)) or isinstance(issued, bool) or len(payload) != 4:
        return None
    challenge, origin, purpose = (each if isinstance(each, str) else "" for each in said)
    return Claim(key_id, challenge, origin, purpose)


def verifies(proof: str, public: str) -> bool:
    """Return whether the answer is signed, by ES256, with the private half of this public JWK (JSON text)."""
    try:
        jws.deserialize_compact(proof, ECKey.import_key(json.loads(public)), algorithms=[ALGORITHM], registry=_REGISTRY)
    except (JoseError, ValueError):
        return False
    return True


def public_key(jwk: str) -> tuple[str, str] | None:
    """Return the thumbprint (RFC 7638) and the canonical JSON of a browser's public key; None when it is not a public
    ECDSA P-256 key on the curve."""
    try:
        fields = json.loads(jwk) if len(jwk) <= MOST_KEY else None
        if not isinstance(fields, dict) or "d" in fields or (fields.get("kty"), fields.get("crv")) != ("EC", "P-256"):
            return None
        point = {name: fields[name] for name in ("kty", "crv", "x", "y")}
        key = ECKey.import_key(point)
        key.raw_value  # noqa: B018 - reading it is what checks the point
        return key.thumbprint(), json.dumps(key.as_dict(private=False), sort_keys=True)
    except (JoseError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


_REGISTRY: Final = jws.JWSRegistry(algorithms=[ALGORITHM])
