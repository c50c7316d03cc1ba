"""Tokens of programs that act for nobody (client credentials, RFC 6749 4.4): they name their client, and no person.

None of them passes for a person's token, nor the other way round: a person's stands on a grant or a sign-in, a
program's on its registration alone, and dies with it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from idp.oidc.keys import Keys
from idp.oidc.tokens import ALG, TYPE
from kernel.chance import Chance, identifier
from kernel.clock import Clock
from kernel.ports import Reader
from kernel.records.oidc import OidcClient

GRANT_TYPE = "client_credentials"
SCOPES: Mapping[str, str] = {"authzen": "authzen", "authzen-search": "authzen"}
"""What a program may be let do, and the audience of the token for it: ask for decisions; search who may use what."""
PERSONAL = frozenset({"gid", "sid", "did"})
"""Claims that make a token a person's."""


@dataclass(frozen=True, slots=True)
class Program:
    """Whom a good token is of, and what for."""

    client_id: str
    name: str
    scopes: frozenset[str]
    audience: tuple[str, ...]
    expires_at: float


class MachineTokens:
    """Issues and checks them. ``lifetime`` in seconds."""

    def __init__(self, keys: Keys, clock: Clock, chance: Chance, issuer: str, lifetime: float = 300.0) -> None:
        self._keys, self._clock, self._chance = keys, clock, chance
        self._issuer, self._lifetime = issuer, lifetime

    def issue(self, client: OidcClient, scope: str) -> tuple[str, float]:
        """Return a signed token (RFC 9068: ``sub`` is the client) and when it expires; ``scope`` is space-separated."""
        now = int(self._clock.now())
        expires = now + int(self._lifetime)
        claims: dict[str, Any] = {
            "iss": self._issuer,
            "sub": client.client_id,
            "aud": sorted({SCOPES[each] for each in scope.split()}),
            "iat": now,
            "exp": expires,
            "jti": identifier(self._chance, "at"),
            "client_id": client.client_id,
            "scope": scope,
        }
        return self._keys.sign(claims, use="oidc", alg=ALG, typ=TYPE), float(expires)

    def check(self, tx: Reader, token: str, audience: str = "") -> Program | None:
        """Return whose ``token`` is when it is ours, a program's, unexpired, for ``audience`` (empty: any), and its
        client is still registered for what it says."""
        claims = self._keys.verify(token, use="oidc", typ=TYPE, alg=ALG)
        if claims is None or claims.get("iss") != self._issuer or not claims["exp"] > self._clock.now():
            return None
        if claims["sub"] != claims["client_id"] or claims.keys() & PERSONAL:
            return None
        if not isinstance(claims["aud"], list) or (audience and audience not in claims["aud"]):
            return None
        client = tx.get(OidcClient, claims["client_id"])
        if client is None or GRANT_TYPE not in client.grant_types:
            return None
        scopes = frozenset(claims["scope"].split()) & client.scopes
        return Program(client.client_id, client.name, scopes, tuple(claims["aud"]), float(claims["exp"]))
