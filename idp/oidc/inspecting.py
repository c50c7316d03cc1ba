"""Introspection (RFC 7662) and revocation (RFC 7009) on Authlib's endpoints.

Introspection answers a client about its own tokens, and a resource server about tokens for its audience; all the rest
is ``active: false``, alike for unknown, foreign, expired and ended. Revoking any token of a grant ends the whole grant.
"""

from dataclasses import dataclass, field
from typing import Any

from authlib.oauth2.rfc7009 import RevocationEndpoint
from authlib.oauth2.rfc7662 import IntrospectionEndpoint

from idp.oidc.desk import Desk, FormRequest, Party
from idp.oidc.grants import end_grant, living, person_behind
from idp.oidc.issuing import Issuing
from idp.oidc.machines import MachineTokens
from idp.oidc.tokens import AccessTokens
from kernel.clock import Clock
from kernel.ports import Reader
from kernel.records.oidc import RefreshToken
from kernel.records.sessions import Grant


@dataclass(frozen=True, slots=True)
class Seen:
    """A living token: ``told`` is what introspection says of it."""

    client_id: str
    grant_id: str
    audience: tuple[str, ...]
    told: dict[str, Any] = field(default_factory=dict)

    def check_client(self, client: Party) -> bool:
        return self.client_id == client.get_client_id()

    def is_expired(self) -> bool:
        return False

    def is_revoked(self) -> bool:
        return False


@dataclass(frozen=True, slots=True)
class Inspector:
    """Looks tokens up, whatever kind they are."""

    tokens: AccessTokens
    machines: MachineTokens
    issuing: Issuing
    clock: Clock
    issuer: str

    def see(self, tx: Reader, token: str) -> Seen | None:
        """Return a token that lives, with its person and device, if it has any."""
        return self._access(tx, token) or self._refresh(tx, token) or self._machine(tx, token)

    def _access(self, tx: Reader, token: str) -> Seen | None:
        facts = self.tokens.check(tx, token)
        user = person_behind(tx, facts.user_id, facts.device_id) if facts else None
        if facts is None or user is None:
            return None
        told = {
            "scope": " ".join(sorted(facts.scopes)),
            "client_id": facts.client_id,
            "username": user.name,
            "token_type": "Bearer",
            "exp": int(facts.expires_at),
            "iat": int(facts.issued_at),
            "sub": facts.user_id,
            "aud": list(facts.audience),
            "iss": self.issuer,
            "jti": facts.token_id,
            "sid": facts.signin_id,
            "email": user.email,
        }
        return Seen(facts.client_id, facts.grant_id, facts.audience, told)

    def _machine(self, tx: Reader, token: str) -> Seen | None:
        program = self.machines.check(tx, token)
        if program is None:
            return None
        told = {
            "scope": " ".join(sorted(program.scopes)),
            "client_id": program.client_id,
            "token_type": "Bearer",
            "exp": int(program.expires_at),
            "sub": program.client_id,
            "aud": list(program.audience),
            "iss": self.issuer,
        }
        return Seen(program.client_id, "", program.audience, told)

    def _refresh(self, tx: Reader, token: str) -> Seen | None:
        record = tx.get(RefreshToken, self.issuing.refresh_digest(token))
        if record is None or record.spent or record.expires_at <= self.clock.now():
            return None
        grant = living(tx, record.grant_id, self.clock.now())
        user = person_behind(tx, grant.user_id, grant.device_id) if grant else None
        if grant is None or user is None:
            return None
        told = {
            "scope": record.scope,
            "client_id": record.client_id,
            "username": user.name,
            "exp": int(record.expires_at),
            "sub": grant.user_id,
            "iss": self.issuer,
            "sid": grant.signin_id,
        }
        return Seen(record.client_id, grant.id, (), told)


def introspection(inspector: Inspector) -> type[IntrospectionEndpoint]:
    """Return Authlib's introspection endpoint on our records."""

    class Introspection(IntrospectionEndpoint):  # type: ignore[misc]
        server: Desk

        def query_token(self, token_string: str, token_type_hint: str | None) -> Seen | None:
            return inspector.see(self.server.tx, token_string)

        def check_permission(self, token: Seen, client: Party, request: FormRequest) -> bool:
            return token.check_client(client) or bool(set(token.audience) & set(client.record.audience))

        def introspect_token(self, token: Seen) -> dict[str, Any]:
            return {"active": True, **token.told}

    return Introspection


def revocation(inspector: Inspector) -> type[RevocationEndpoint]:
    """Return Authlib's revocation endpoint on our records."""

    class Revocation(RevocationEndpoint):  # type: ignore[misc]
        server: Desk

        def query_token(self, token_string: str, token_type_hint: str | None) -> Seen | None:
            """Return the token; one of another client's looks like none, so that nothing is learnt."""
            seen = inspector.see(self.server.tx, token_string)
            return seen if seen is not None and seen.check_client(self.request.client) else None

        def authenticate_token(self, request: FormRequest, client: Party) -> Seen | None:
            self.request = request
            found: Seen | None = super().authenticate_token(request, client)
            return found

        def revoke_token(self, token: Seen, request: FormRequest) -> None:
            tx = self.server.tx
            grant = tx.get(Grant, token.grant_id)
            if grant is not None:
                actor = f"client:{token.client_id}"
                end_grant(tx, grant, act="revoked", actor=actor, now=inspector.clock.now())

    return Revocation
