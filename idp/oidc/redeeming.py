"""A code or a refresh token becomes tokens, once. A second use ends the grant, and with it whatever it had issued.

code: fresh --use--> spent --use--> grant ended            refresh token: the same; each use brings its successor
"""

import dataclasses
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, TypeVar

from authlib.oauth2.rfc6749 import InvalidGrantError
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant, RefreshTokenGrant
from authlib.oauth2.rfc7636 import CodeChallenge

from idp.oidc.desk import Desk, InvalidTarget, Party
from idp.oidc.granting import CODE_PURPOSE
from idp.oidc.grants import end_grant, living, person_behind
from idp.oidc.issuing import Issuing
from idp.oidc.seams import Vault
from kernel.clock import Clock
from kernel.ports import Writer
from kernel.records.oidc import AuthorizationCode, RefreshToken
from kernel.records.people import User
from kernel.records.sessions import Grant

TOMBSTONE = 86400.0
"""Seconds that a spent code is remembered, so that a second use is seen."""


Token = TypeVar("Token", AuthorizationCode, RefreshToken)


@dataclass(frozen=True, slots=True)
class Held(Generic[Token]):
    """A code or refresh token with its living grant, as Authlib asks about it."""

    record: Token
    grant: Grant
    redirect_uri: str = ""
    code_challenge: str = ""
    code_challenge_method: str = "S256"
    nonce: str = ""

    def get_redirect_uri(self) -> str:
        return self.redirect_uri

    def get_scope(self) -> str:
        return self.record.scope

    def check_client(self, client: Party) -> bool:
        return self.record.client_id == client.get_client_id()


@dataclass(frozen=True, slots=True)
class Redeemer:
    """Takes codes and refresh tokens out of circulation."""

    vault: Vault
    clock: Clock
    issuing: Issuing

    def take_code(self, tx: Writer, code: str, client: Party) -> Held[AuthorizationCode] | None:
        """Spend a code and return it; None when it is not good, or was spent before (which ends its grant)."""
        record = tx.get(AuthorizationCode, self.vault.digest(CODE_PURPOSE, code))
        if record is None or record.client_id != client.get_client_id():
            return None
        if record.spent:
            self._misused(tx, record.grant_id, "code-reused", client)
            return None
        tx.put(dataclasses.replace(record, spent=True, expires_at=self.clock.now() + TOMBSTONE))
        grant = living(tx, record.grant_id, self.clock.now())
        if grant is None or record.expires_at <= self.clock.now():
            return None
        return Held(record, grant, record.redirect_uri, record.challenge, nonce=record.nonce)

    def look_up_refresh(self, tx: Writer, token: str, client: Party) -> Held[RefreshToken] | None:
        """Return a refresh token that may be used; None when not, or when used before (which ends its family)."""
        record = tx.get(RefreshToken, self.issuing.refresh_digest(token))
        if record is None or record.client_id != client.get_client_id():
            return None
        if record.spent:
            self._misused(tx, record.grant_id, "refresh-reused", client)
            return None
        grant = living(tx, record.grant_id, self.clock.now())
        return Held(record, grant) if grant is not None and record.expires_at > self.clock.now() else None

    def person(self, tx: Writer, held: Held[Token]) -> User:
        """Return whom the grant is of.

        Raises:
            InvalidGrantError: they are disabled or gone, their device is lost, or the policy no longer lets them.
        """
        user = person_behind(tx, held.grant.user_id, held.grant.device_id)
        if user is None or not self.issuing.still_allowed(tx, held.grant):
            raise InvalidGrantError("This access was withdrawn.")
        return user

    def _misused(self, tx: Writer, grant_id: str, act: str, client: Party) -> None:
        grant = tx.get(Grant, grant_id)
        if grant is not None:
            end_grant(tx, grant, act=act, actor=f"client:{client.get_client_id()}", now=self.clock.now())


def code_grant(redeemer: Redeemer) -> type[AuthorizationCodeGrant]:
    """Return Authlib's code grant on our records."""

    class CodeGrant(AuthorizationCodeGrant):  # type: ignore[misc]
        server: Desk

        def query_authorization_code(self, code: str, client: Party) -> Held[AuthorizationCode] | None:
            return redeemer.take_code(self.server.tx, code, client)

        def delete_authorization_code(self, authorization_code: Held[AuthorizationCode]) -> None:
            """Do nothing: it was spent when it was looked up, and stays as a tombstone."""

        def authenticate_user(self, authorization_code: Held[AuthorizationCode]) -> User:
            return redeemer.person(self.server.tx, authorization_code)

        def generate_token(self, user: User, scope: str, **_: object) -> dict[str, Any]:
            held: Held[AuthorizationCode] = self.request.authorization_code
            audience = _narrowed(held.grant, self.request.resources)
            return redeemer.issuing.issue(
                self.server.tx, self.request.client.record, user, held.grant, scope, audience, nonce=held.nonce
            )

    return CodeGrant


def refresh_grant(redeemer: Redeemer) -> type[RefreshTokenGrant]:
    """Return Authlib's refresh grant on our records."""

    class RefreshGrant(RefreshTokenGrant):  # type: ignore[misc]
        server: Desk

        def authenticate_refresh_token(self, refresh_token: str) -> Held[RefreshToken] | None:
            return redeemer.look_up_refresh(self.server.tx, refresh_token, self.request.client)

        def authenticate_user(self, refresh_token: Held[RefreshToken]) -> User:
            return redeemer.person(self.server.tx, refresh_token)

        def generate_token(self, user: User, scope: str, **_: object) -> dict[str, Any]:
            held: Held[RefreshToken] = self.request.refresh_token
            audience = _narrowed(held.grant, self.request.resources)
            return redeemer.issuing.issue(
                self.server.tx, self.request.client.record, user, held.grant, scope, audience, again=True
            )

        def revoke_old_credential(self, refresh_token: Held[RefreshToken]) -> None:
            client, record = self.request.client.record, refresh_token.record
            self.server.tx.put(redeemer.issuing.used(client, record, refresh_token.grant))

    return RefreshGrant


class S256(CodeChallenge):  # type: ignore[misc]
    """PKCE with S256 alone (RFC 7636); ``/oauth2/authorize`` has already demanded the challenge."""

    DEFAULT_CODE_CHALLENGE_METHOD = "S256"
    SUPPORTED_CODE_CHALLENGE_METHOD: ClassVar = ["S256"]
    CODE_CHALLENGE_METHODS: ClassVar = {"S256": CodeChallenge.CODE_CHALLENGE_METHODS["S256"]}


def _narrowed(grant: Grant, resources: tuple[str, ...]) -> tuple[str, ...]:
    """Return the audience of this token: what was granted, or the part of it that the request names (RFC 8707, 2.2)."""
    if not set(resources) <= set(grant.audience):
        raise InvalidTarget("That resource was not granted.")
    return resources or grant.audience
