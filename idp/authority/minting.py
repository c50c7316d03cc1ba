"""Makes what opens an upstream for one admitted session, and the signed identity for web applications.

Tokens live minutes and name one person; a master secret is read from its file, and is told to the proxy alone.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from idp.authority.ports import Signer, Tokens
from kernel.authority import MintOrder, Subject, UpstreamLogin
from kernel.chance import Chance, identifier
from kernel.clock import Clock
from kernel.config.settings import Backend, Login
from kernel.problems import Refused, Unavailable

WEBMAIL = "gatepost-webmail"
"""The client that webmail's own mail connections come as: it needs no registration, it is us."""

MINTED_SECONDS = 120.0
ASSERTED_SECONDS = 300.0
MARGIN = 10.0
"""Seconds before its end from which a minted login is not used again."""
REUSED_SECONDS = 60.0
"""How long a proxy may use a master login for further sessions of the same subject, instead of asking for each."""

LARGEST_SECRET = 4096


@dataclass(frozen=True, slots=True)
class Minting:
    """Everything that is signed for others on a subject's behalf."""

    backends: Sequence[Backend]
    tokens: Tokens
    keys: Signer
    issuer: str
    clock: Clock
    chance: Chance

    def login(self, order: MintOrder, subject: Subject) -> UpstreamLogin:
        """Return the upstream login for an order whose subject stands.

        Raises:
            Refused: there is no such backend, or no sign-in for webmail's token.
            Unavailable: the backend's secret cannot be read.
        """
        if not order.backend:
            return self._webmail(subject)
        backend = next((each for each in self.backends if each.name == order.backend), None)
        if backend is None:
            raise Refused(f"there is no backend `{order.backend[:80]}`")
        name = subject.user.email or subject.user.name
        reusable = self.clock.now() + REUSED_SECONDS
        if backend.login is Login.TOKEN:
            return self._token(order, subject, backend, name)
        if backend.login is Login.MASTER:
            return UpstreamLogin("LOGIN", f"{name}*{backend.master_user}", _secret(backend), good_until=reusable)
        if backend.login is Login.AUTHZID:
            return UpstreamLogin("PLAIN", backend.master_user, _secret(backend), name, good_until=reusable)
        return UpstreamLogin("NONE", name, "", good_until=reusable)

    def assertion(self, subject: Subject, session: str, audience: str) -> tuple[str, float]:
        """Return the signed identity (typ ``JWT``) and when it expires: 5 minutes, never past the sign-in."""
        now, user, device, signin = self.clock.now(), subject.user, subject.device, subject.signin
        expires = min(now + ASSERTED_SECONDS, signin.expires_at if signin else now + ASSERTED_SECONDS)
        claims: dict[str, Any] = {
            **self._registered(audience, user.id, now, expires),
            "email": user.email,
            "name": user.display_name or user.name,
            "preferred_username": user.name,
            "groups": sorted(user.groups),
            "locale": user.language,
            "session": session,
            "proof": subject.key.proof.value,
        }
        if signin:
            claims["sid"] = signin.id
        if device:
            claims["device"] = {"id": device.id, "name": device.name, "trust": device.trust.value}
        return self.keys.sign(claims, use="identity"), float(int(expires))

    def jwks(self) -> str:
        """Return the public keys that signed identities verify with, as JSON text."""
        return json.dumps(self.keys.jwks("identity"))

    def _webmail(self, subject: Subject) -> UpstreamLogin:
        """A token for our own mail gateways, standing on the browser's sign-in: it ends when that does."""
        signin = subject.signin
        if signin is None:
            raise Refused("only a browser's session can hand its mail to a webmail")
        shown = max(signin.factors.values(), default=signin.created_at)
        token, expires = self.tokens.issue(
            subject.user, signin.id, subject.key.device_id, WEBMAIL, "mail", ("mail",), auth_time=shown
        )
        return UpstreamLogin("XOAUTH2", subject.user.email, token, good_until=expires - MARGIN)

    def _token(self, order: MintOrder, subject: Subject, backend: Backend, name: str) -> UpstreamLogin:
        """A token that Dovecot's oauth2 passdb takes in ``local`` mode: it wants typ ``JWT``, not RFC 9068's."""
        now = self.clock.now()
        expires = now + MINTED_SECONDS
        claims = {
            **self._registered(backend.audience or backend.name, name, now, expires),
            "username": name,
            "email": name,
            "scope": f"mail {order.service}",
            "session": order.session,
        }
        return UpstreamLogin("XOAUTH2", name, self.keys.sign(claims, use="mint"), good_until=expires - MARGIN)

    def _registered(self, audience: str, subject: str, now: float, expires: float) -> dict[str, Any]:
        return {
            "iss": self.issuer,
            "aud": audience,
            "sub": subject,
            "iat": int(now),
            "nbf": int(now),
            "exp": int(expires),
            "jti": identifier(self.chance, "j"),
        }


def _secret(backend: Backend) -> str:
    """Read the master secret at every use: a changed file counts at once."""
    path = backend.secret_file
    try:
        text = path.read_text("utf-8") if path and path.stat().st_size <= LARGEST_SECRET else ""
    except (OSError, UnicodeDecodeError) as error:
        raise Unavailable(f"the secret of backend `{backend.name}` cannot be read: {_kind(path, error)}") from error
    if not text.strip():
        raise Unavailable(f"backend `{backend.name}` has no secret: set secret_file to a file that holds it")
    return text.strip("\r\n")


def _kind(path: Path | None, error: Exception) -> str:
    return f"{path} ({type(error).__name__})"
