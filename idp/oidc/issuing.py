"""What a token response holds: access token, refresh token, ID token, all of one grant."""

import dataclasses
from collections.abc import Sequence
from typing import Any

from idp.oidc.claims import AUDIENCES
from idp.oidc.granting import service_of
from idp.oidc.grants import log_grant, signed_in
from idp.oidc.id_tokens import IdTokens
from idp.oidc.seams import Judge, Subjects, Vault
from idp.oidc.tokens import AccessTokens
from kernel.authority import SubjectKey
from kernel.chance import Chance, secret
from kernel.clock import Clock
from kernel.ports import Reader, Writer
from kernel.records.oidc import OidcClient, RefreshToken
from kernel.records.people import User
from kernel.records.sessions import Grant
from policies.model import Outcome

REFRESH_PURPOSE = "oidc-refresh"
IDLE = 14 * 86400.0
"""Seconds after which an unused refresh token is dead, though its grant may last longer."""


class Issuing:
    """Issues the tokens of a grant, inside the transaction that redeems a code or refresh token."""

    def __init__(
        self,
        tokens: AccessTokens,
        id_tokens: IdTokens,
        vault: Vault,
        clock: Clock,
        chance: Chance,
        judge: Judge,
        subjects: Subjects,
    ) -> None:
        self._tokens, self._id_tokens, self._vault = tokens, id_tokens, vault
        self._clock, self._chance, self._judge, self._subjects = clock, chance, judge, subjects

    def issue(
        self,
        tx: Writer,
        client: OidcClient,
        user: User,
        grant: Grant,
        scope: str,
        audience: Sequence[str],
        *,
        nonce: str = "",
        again: bool = False,
    ) -> dict[str, Any]:
        """Return the token response (RFC 6749 5.1, OpenID Connect Core 3.1.3.3); ``again`` when it is a refresh."""
        access, expires = self._access(user, grant, scope, audience)
        now = self._clock.now()
        reply: dict[str, Any] = {
            "access_token": access,
            "token_type": "Bearer",
            "expires_in": int(expires - now),
            "scope": scope,
        }
        if "refresh_token" in client.grant_types and (client.rotate_refresh or not again):
            reply["refresh_token"] = self._refresh(tx, grant, now)
        if "openid" in scope.split():
            reply["id_token"] = self._id_tokens.issue(client, user, grant, access_token=access, nonce=nonce)
        act = "refreshed" if again else "redeemed"
        log_grant(tx, grant, act=act, actor=f"client:{client.client_id}", now=now, detail=scope)
        return reply

    def refresh_digest(self, token: str) -> str:
        """Return the key under which a refresh token is stored."""
        return self._vault.digest(REFRESH_PURPOSE, token)

    def used(self, client: OidcClient, record: RefreshToken, grant: Grant) -> RefreshToken:
        """Return what is left of a refresh token after its use: a tombstone, or, unrotated, the same with a new idle
        time."""
        if client.rotate_refresh:
            return dataclasses.replace(record, spent=True, expires_at=grant.expires_at)
        return dataclasses.replace(record, expires_at=min(self._clock.now() + IDLE, grant.expires_at))

    def still_allowed(self, tx: Reader, grant: Grant) -> bool:
        """Ask the policy again, with the address of the person's sign-in: the client's own says nothing about them."""
        key = SubjectKey(grant.user_id, grant.device_id, grant.proof, grant.signin_id, grant.id)
        subject = self._subjects(tx, key)
        if subject is None or subject.fallen is not None:
            return False
        signin = signed_in(tx, grant.signin_id, self._clock.now())
        decision = self._judge.decide(subject, service_of(grant.client_id), signin.address if signin else "")
        return decision.outcome is Outcome.ALLOW

    def _access(self, user: User, grant: Grant, scope: str, audience: Sequence[str]) -> tuple[str, float]:
        """Sign the access token. A narrower scope takes the audience of what it left out along with it."""
        closed = {name for wide, name in AUDIENCES.items() if wide not in scope.split()}
        return self._tokens.issue(
            user,
            grant.signin_id,
            grant.device_id,
            grant.client_id,
            scope,
            [name for name in audience if name not in closed],
            grant_id=grant.id,
            auth_time=grant.auth_time,
            acr=grant.acr,
            amr=grant.amr,
        )

    def _refresh(self, tx: Writer, grant: Grant, now: float) -> str:
        token = secret(self._chance)
        expires = min(now + IDLE, grant.expires_at)
        tx.insert(RefreshToken(self.refresh_digest(token), grant.id, grant.client_id, grant.scope, expires))
        return token
