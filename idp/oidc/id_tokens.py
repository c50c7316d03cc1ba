"""ID tokens (OpenID Connect Core, section 2): signed for one client, and read back when a client hints at somebody."""

import base64
import hashlib
from dataclasses import dataclass
from typing import Any

from idp.oidc.claims import person
from idp.oidc.keys import Keys
from kernel.clock import Clock
from kernel.records.oidc import OidcClient
from kernel.records.people import User
from kernel.records.sessions import Grant

LIFETIME = 3600


@dataclass(frozen=True, slots=True)
class Hint:
    """What an ID token of ours says, however old: its person, client and sign-in."""

    user_id: str
    client_id: str
    signin_id: str


class IdTokens:
    """Makes ID tokens and reads hints."""

    def __init__(self, keys: Keys, clock: Clock, issuer: str) -> None:
        self._keys, self._clock, self._issuer = keys, clock, issuer

    def issue(self, client: OidcClient, user: User, grant: Grant, *, access_token: str, nonce: str = "") -> str:
        """Return the signed token; ``scope`` of the grant opens the claims about the person."""
        now = int(self._clock.now())
        told: dict[str, Any] = {
            **person(user, grant.scope.split()),
            "iss": self._issuer,
            "aud": client.client_id,
            "iat": now,
            "exp": now + LIFETIME,
            "auth_time": int(grant.auth_time),
            "sid": grant.signin_id,
            "at_hash": half_hash(access_token),
        }
        beside = {"nonce": nonce, "acr": grant.acr, "amr": list(grant.amr)}
        told |= {name: value for name, value in beside.items() if value}
        return self._keys.sign(told, use="oidc", alg=client.id_token_alg, typ="JWT")

    def read(self, token: str) -> Hint | None:
        """Return what a hint says, None when we did not sign it. An expired one counts (RP-Initiated Logout 1.0, 2)."""
        told = self._keys.verify(token, use="oidc", typ="JWT")
        if told is None or told.get("iss") != self._issuer or not isinstance(told.get("aud"), str):
            return None
        return Hint(told["sub"], told["aud"], told["sid"])


def half_hash(token: str) -> str:
    """Return the left half of the token's SHA-256, base64url (``at_hash`` of RS256 and ES256)."""
    return base64.urlsafe_b64encode(hashlib.sha256(token.encode()).digest()[:16]).rstrip(b"=").decode()
