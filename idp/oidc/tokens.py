"""Access tokens: signed JWTs of five minutes (RFC 9068) that name their person, sign-in, device, client and grant.

One that names neither a living grant nor a living sign-in is refused, whatever its signature says.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from idp.oidc.grants import living, signed_in
from idp.oidc.keys import Keys
from kernel.chance import Chance, identifier
from kernel.clock import Clock
from kernel.ports import Reader
from kernel.records.people import User

TYPE = "at+jwt"
ALG = "ES256"


@dataclass(frozen=True, slots=True)
class TokenFacts:
    """What a good access token says. ``grant_id`` is empty for a token that stands on the sign-in alone."""

    user_id: str
    signin_id: str
    device_id: str
    grant_id: str
    client_id: str
    scopes: frozenset[str]
    audience: tuple[str, ...]
    issued_at: float
    expires_at: float
    auth_time: float
    acr: str
    amr: tuple[str, ...]
    token_id: str


class AccessTokens:
    """Issues and checks access tokens. ``lifetime`` in seconds."""

    def __init__(self, keys: Keys, clock: Clock, chance: Chance, issuer: str, lifetime: float = 300.0) -> None:
        self._keys, self._clock, self._chance = keys, clock, chance
        self._issuer, self._lifetime = issuer, lifetime

    def issue(
        self,
        user: User,
        signin_id: str,
        device_id: str,
        client_id: str,
        scope: str,
        audience: Sequence[str],
        *,
        grant_id: str = "",
        auth_time: float = 0.0,
        acr: str = "",
        amr: Sequence[str] = (),
        lifetime: float = 0.0,
    ) -> tuple[str, float]:
        """Return a signed token and when it expires. ``scope`` is space-separated; ``lifetime`` 0 means the usual."""
        now = int(self._clock.now())
        expires = now + int(lifetime or self._lifetime)
        claims: dict[str, Any] = {
            "iss": self._issuer,
            "sub": user.id,
            "aud": audience[0] if len(audience) == 1 else list(audience),
            "iat": now,
            "exp": expires,
            "jti": identifier(self._chance, "at"),
            "client_id": client_id,
            "scope": scope,
        }
        beside = {"sid": signin_id, "did": device_id, "gid": grant_id, "acr": acr, "amr": list(amr)}
        claims |= {name: value for name, value in beside.items() if value}
        if auth_time:
            claims["auth_time"] = int(auth_time)
        return self._keys.sign(claims, use="oidc", alg=ALG, typ=TYPE), float(expires)

    def check(self, tx: Reader, token: str, audience: str = "") -> TokenFacts | None:
        """Return what ``token`` says when it is ours, unexpired and alive, for ``audience`` (empty: any)."""
        claims = self._keys.verify(token, use="oidc", typ=TYPE, alg=ALG)
        facts = self._facts(claims) if claims else None
        if facts is None or (audience and audience not in facts.audience):
            return None
        return facts if self._stands(tx, facts) else None

    def _facts(self, claims: dict[str, Any]) -> TokenFacts | None:
        if claims.get("iss") != self._issuer or not claims["exp"] > self._clock.now():
            return None
        aud = claims["aud"]
        return TokenFacts(
            user_id=claims["sub"],
            signin_id=claims.get("sid", ""),
            device_id=claims.get("did", ""),
            grant_id=claims.get("gid", ""),
            client_id=claims["client_id"],
            scopes=frozenset(claims["scope"].split()),
            audience=(aud,) if isinstance(aud, str) else tuple(aud),
            issued_at=claims["iat"],
            expires_at=claims["exp"],
            auth_time=claims.get("auth_time", 0.0),
            acr=claims.get("acr", ""),
            amr=tuple(claims.get("amr", ())),
            token_id=claims["jti"],
        )

    def _stands(self, tx: Reader, facts: TokenFacts) -> bool:
        now = self._clock.now()
        if facts.grant_id:
            grant = living(tx, facts.grant_id, now)
            return grant is not None and (grant.user_id, grant.client_id) == (facts.user_id, facts.client_id)
        signin = signed_in(tx, facts.signin_id, now)
        return signin is not None and signin.user_id == facts.user_id
