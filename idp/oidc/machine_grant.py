"""The grant by which a program gets a token with its own credentials (RFC 6749 4.4), on Authlib's. Public clients have
none, and no refresh token comes of it.
"""

from typing import Any

from authlib.oauth2.rfc6749 import InvalidScopeError
from authlib.oauth2.rfc6749.grants import ClientCredentialsGrant

from idp.oidc.desk import Desk
from idp.oidc.machines import MachineTokens
from kernel.audit import GrantChanged
from kernel.clock import Clock
from kernel.records.oidc import OidcClient


def machine_grant(tokens: MachineTokens, clock: Clock) -> type[ClientCredentialsGrant]:
    """Return Authlib's client credentials grant on our records."""

    class MachineGrant(ClientCredentialsGrant):  # type: ignore[misc]
        server: Desk

        def validate_requested_scope(self) -> None:
            """Refuse a scope that the client is not registered for; none asked for means all that it has."""
            asked = set((self.request.payload.scope or "").split())
            if not asked <= self.request.client.record.scopes:
                raise InvalidScopeError("The client is not registered for this scope.")

        def generate_token(self, scope: str | None = None, **_: object) -> dict[str, Any]:
            client: OidcClient = self.request.client.record
            granted = scope or " ".join(sorted(client.scopes))
            token, expires = tokens.issue(client, granted)
            now, actor = clock.now(), f"client:{client.client_id}"
            event = GrantChanged(
                at=now, actor=actor, act="issued", grant_id="", client_id=client.client_id, detail=granted
            )
            self.server.tx.log(event)
            return {"access_token": token, "token_type": "Bearer", "expires_in": int(expires - now), "scope": granted}

    return MachineGrant
