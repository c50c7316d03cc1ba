"""Relying parties: registered, listed and removed by admins, with audit; and how they prove themselves at an endpoint.

A secret is shown once and kept as a keyed digest. An unknown client and a wrong secret get the same answer.
"""

import base64
import binascii
import dataclasses
import hmac
import re
from collections.abc import Iterable, Mapping, Sequence
from urllib.parse import unquote_plus

from authlib.oauth2.rfc6749 import InvalidClientError, InvalidRequestError

from idp.oidc.addresses import fault_of
from idp.oidc.claims import SCOPES
from idp.oidc.grants import end_grant
from idp.oidc.machines import GRANT_TYPE
from idp.oidc.machines import SCOPES as MACHINE_SCOPES
from idp.oidc.seams import Vault
from kernel.audit import ClientChanged, CredentialRefused
from kernel.chance import Chance, identifier, secret
from kernel.clock import Clock
from kernel.paging import every
from kernel.ports import Reader, Store, Writer
from kernel.problems import Missing, Refused, did_you_mean
from kernel.reasons import Reason
from kernel.records.oidc import OidcClient
from kernel.records.sessions import Grant

SECRET_METHODS = ("client_secret_basic", "client_secret_post")
"""A confidential client may use either; ``none`` is for public clients alone."""

PERSONAL = frozenset({"authorization_code", "refresh_token"})
"""What a client that signs people in trades for tokens."""

QUIET = 10.0
"""Seconds between two audit entries about one client's failed proofs."""

_IDENTIFIER = re.compile(r"[A-Za-z0-9._~-]{1,128}")
"""What a policy can name, and what HTTP Basic can carry without coding."""

_PURPOSE = "oidc-client-secret"


class Clients:
    """The register of relying parties."""

    def __init__(self, store: Store, vault: Vault, clock: Clock, chance: Chance) -> None:
        self._store, self._vault, self._clock, self._chance = store, vault, clock, chance
        self._refused_at: dict[str, float] = {}

    async def register(
        self,
        actor: str,
        name: str,
        redirect_uris: Sequence[str],
        *,
        client_id: str = "",
        public: bool = False,
        secret_text: str = "",
        scopes: Iterable[str] = ("openid", "profile", "email"),
        require_pkce: bool = True,
        id_token_alg: str = "RS256",  # noqa: S107 - the name of an algorithm
        post_logout_redirect_uris: Sequence[str] = (),
        backchannel_logout_uri: str = "",
        audience: Sequence[str] = (),
        trusted: bool = True,
        rotate_refresh: bool = True,
        machine: bool = False,
    ) -> tuple[OidcClient, str]:
        """Return the new client and its secret (``""`` for a public one), which is never shown again. ``machine``: a
        program that acts for nobody, and signs nobody in.

        Raises:
            Refused: an address, scope or algorithm that cannot be taken, said in words.
            Conflict: the identifier is taken.
        """
        shown = "" if public else secret_text or secret(self._chance)
        client = OidcClient(
            client_id=client_id or identifier(self._chance, "client"),
            name=name,
            redirect_uris=tuple(redirect_uris),
            secret_digest=self._vault.digest(_PURPOSE, shown) if shown else "",
            auth_method="none" if public else SECRET_METHODS[0],
            scopes=frozenset(scopes),
            grant_types=frozenset({GRANT_TYPE}) if machine else PERSONAL,
            require_pkce=require_pkce or public,
            id_token_alg=id_token_alg,
            post_logout_redirect_uris=tuple(post_logout_redirect_uris),
            backchannel_logout_uri=backchannel_logout_uri,
            audience=tuple(audience),
            trusted=trusted,
            created_at=self._clock.now(),
            rotate_refresh=rotate_refresh or public,
        )
        _inspect(client)
        await self._store.write(lambda tx: self._insert(tx, client, actor))
        return client, shown

    async def all(self) -> Sequence[OidcClient]:
        """Return every client, by identifier."""
        return await self._store.read(lambda tx: tx.find(OidcClient))

    async def find(self, client_id: str) -> OidcClient | None:
        """Return one client."""
        return await self._store.read(lambda tx: tx.get(OidcClient, client_id))

    async def renew_secret(self, actor: str, client_id: str) -> str:
        """Give a confidential client a new secret and return it; the old one is dead at once.

        Raises:
            Missing: no such client.
            Refused: a public client has no secret.
        """
        shown = secret(self._chance)

        def work(tx: Writer) -> None:
            client = _existing(tx, client_id)
            if client.auth_method == "none":
                raise Refused("A public client has no secret.")
            tx.put(dataclasses.replace(client, secret_digest=self._vault.digest(_PURPOSE, shown)))
            self._log(tx, client_id, "secret-renewed", actor)

        await self._store.write(work)
        return shown

    async def remove(self, actor: str, client_id: str) -> OidcClient:
        """Remove a client and return it; every grant it holds ends.

        Raises:
            Missing: no such client.
        """
        return await self._store.write(lambda tx: self._remove(tx, client_id, actor))

    def authenticate(self, tx: Reader, authorization: str, form: Mapping[str, str]) -> tuple[OidcClient, str]:
        """Return the client that this request proves to come from, and the method that it used.

        Raises:
            InvalidClientError: no proof, or a wrong one (401 with a challenge).
            InvalidRequestError: two methods at once (RFC 6749, section 2.3).
        """
        if not authorization:
            return self._by_form(tx, form)
        if "client_secret" in form or "client_assertion" in form:
            raise InvalidRequestError("Use one client authentication method alone.")
        client_id, password = _basic(authorization)
        if form.get("client_id", client_id) != client_id:
            raise InvalidRequestError("The client_id differs from the authenticated client.")
        return self._checked(tx, client_id, password), SECRET_METHODS[0]

    def _by_form(self, tx: Reader, form: Mapping[str, str]) -> tuple[OidcClient, str]:
        client_id = form.get("client_id", "")
        if "client_secret" in form:
            return self._checked(tx, client_id, form["client_secret"]), SECRET_METHODS[1]
        client = tx.get(OidcClient, client_id) if client_id else None
        if client is None or client.auth_method != "none":
            raise _not_proven()
        return client, "none"

    def _checked(self, tx: Reader, client_id: str, password: str) -> OidcClient:
        client = tx.get(OidcClient, client_id)
        expected = client.secret_digest if client else ""
        given = self._vault.digest(_PURPOSE, password)
        good = hmac.compare_digest(given.encode(), (expected or "-").encode())
        if client is None or client.auth_method not in SECRET_METHODS or not good:
            raise _not_proven()
        return client

    def log_refusal(self, tx: Writer, client_id: str) -> None:
        """Audit a failed authentication, when it was in the name of a client that exists."""
        if tx.get(OidcClient, client_id) is not None:
            actor = f"client:{client_id}"
            tx.log(CredentialRefused(at=self._clock.now(), actor=actor, service=actor, reason=Reason.CREDENTIALS.value))

    def _insert(self, tx: Writer, client: OidcClient, actor: str) -> None:
        tx.insert(client)
        self._log(tx, client.client_id, "registered", actor)

    def _remove(self, tx: Writer, client_id: str, actor: str) -> OidcClient:
        client = _existing(tx, client_id)
        now = self._clock.now()
        for grant in list(every(tx, Grant, client_id=client_id)):
            end_grant(tx, grant, act="client-removed", actor=actor, now=now)
        tx.take(OidcClient, client_id)
        self._log(tx, client_id, "removed", actor)
        return client

    def _log(self, tx: Writer, client_id: str, act: str, actor: str) -> None:
        tx.log(ClientChanged(at=self._clock.now(), actor=actor, act=act, client_id=client_id))


def claimed_id(authorization: str, form: Mapping[str, str]) -> str:
    """Return in whose name a request came, proven or not."""
    try:
        return _basic(authorization)[0] if authorization else form.get("client_id", "")
    except InvalidClientError:
        return ""


def _existing(tx: Reader, client_id: str) -> OidcClient:
    client = tx.get(OidcClient, client_id)
    if client is None:
        known = [other.client_id for other in tx.find(OidcClient)]
        hint = did_you_mean(client_id, known)
        raise Missing(f"There is no client `{client_id}`." + (f" {hint.capitalize()}" if hint else ""))
    return client


def _inspect(client: OidcClient) -> None:
    if not _IDENTIFIER.fullmatch(client.client_id):
        raise Refused("A client's identifier is 1 to 128 letters, digits, `.`, `_`, `~` or `-`.")
    machine = GRANT_TYPE in client.grant_types
    if machine and (client.redirect_uris or client.auth_method == "none"):
        raise Refused("A program that acts for nobody has a secret, and no redirect address.")
    if not client.redirect_uris and not client.audience and not machine:
        raise Refused("A client needs a redirect address; only a resource server, which has an audience, has none.")
    public = client.auth_method == "none"
    for uri in client.redirect_uris + client.post_logout_redirect_uris:
        if fault := fault_of(uri, private_use=public):
            raise Refused(f"The address `{uri}` cannot be registered: {fault}.")
    if client.backchannel_logout_uri and (fault := fault_of(client.backchannel_logout_uri)):
        raise Refused(f"The back-channel address `{client.backchannel_logout_uri}` cannot be registered: {fault}.")
    known = tuple(MACHINE_SCOPES) if machine else SCOPES
    for scope in sorted(client.scopes - set(known)):
        hint = did_you_mean(scope, known) or f"known are {', '.join(known)}"
        raise Refused(f"There is no scope `{scope}`: {hint}.")
    if client.id_token_alg not in ("RS256", "ES256"):
        raise Refused("ID tokens are signed with RS256 or ES256.")


def _basic(authorization: str) -> tuple[str, str]:
    scheme, _, encoded = authorization.partition(" ")
    if scheme.lower() != "basic":
        raise _not_proven()
    try:
        text = base64.b64decode(encoded.strip(), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError) as fault:
        raise _not_proven() from fault
    name, colon, password = text.partition(":")
    if not colon:
        raise _not_proven()
    # RFC 6749, section 2.3.1: both halves are form-encoded before they are joined.
    return unquote_plus(name), unquote_plus(password)


def _not_proven() -> InvalidClientError:
    return InvalidClientError("The client did not prove itself.", status_code=401)
