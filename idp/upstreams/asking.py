"""Asks a token endpoint (RFC 6749) for an access token: by refresh token, by code, for the app alone, or by a service
account's assertion (RFC 7523).

Refuses to send secrets anywhere but by verified TLS to an address that may be spoken to; reads 64 KiB and no more.
"""

import asyncio
import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlencode

from joserfc import jwt
from joserfc.jwk import RSAKey

from idp.oidc.posting import NotSent, Poster, Reply
from kernel.clock import Clock
from kernel.config.backends import OAuth
from kernel.problems import Refused, Unavailable

LARGEST = 64 * 1024
LARGEST_FILE = 16 * 1024
ASSERTED_SECONDS = 300
SHORTEST, LONGEST = 60.0, 86400.0
"""Seconds that an access token is taken to live, whatever the endpoint says."""
FORM = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
OVER = frozenset({"invalid_grant", "interaction_required", "consent_required", "login_required"})
"""Errors by which an endpoint says that the person has to consent again (RFC 6749, section 5.2; OpenID Connect Core,
section 3.1.2.6)."""


class GrantOver(Exception):
    """The endpoint takes this grant no more; the message is its word for why."""


@dataclass(frozen=True, slots=True)
class Issued:
    """What an endpoint gave: a token, for how many seconds, and the refresh token to use from now on (``""``: the one
    before)."""

    access: str = field(repr=False)
    seconds: float
    refresh: str = field(default="", repr=False)


class Exchanger(Protocol):
    """``idp.oidc.posting.Poster``, as far as it is needed here."""

    def exchange(
        self, method: str, uri: str, body: str | None, headers: Mapping[str, str], most: int = 0, patience: float = 0.0
    ) -> Reply: ...


def poster(oauth: OAuth) -> Poster:
    """Return what speaks to a backend's token endpoint. Raises OSError, ssl.SSLError: its CA cannot be read."""
    context = ssl.create_default_context()
    if oauth.ca is not None:
        context.load_verify_locations(oauth.ca)
    return Poster(private=oauth.networks, tls=context)


class TokenEndpoint:
    """One backend's token endpoint."""

    def __init__(self, oauth: OAuth, exchanger: Exchanger, clock: Clock) -> None:
        self._oauth, self._exchanger, self._clock = oauth, exchanger, clock

    async def refresh(self, token: str) -> Issued:
        """Return a new access token for a refresh token. Raises GrantOver, Unavailable."""
        return await self._ask({"grant_type": "refresh_token", "refresh_token": token, "scope": self._oauth.scope})

    async def redeem(self, code: str, redirect_uri: str, verifier: str) -> Issued:
        """Return the tokens for a code (RFC 7636). Raises GrantOver, Unavailable."""
        return await self._ask(
            {
                "grant_type": "authorization_code",
                "code": code,
                "redirect_uri": redirect_uri,
                "code_verifier": verifier,
            }
        )

    async def app(self, user: str) -> Issued:
        """Return a token that stands on the organisation's consent; with a service account it is for ``user``."""
        if self._oauth.key_file is None:
            return await self._ask({"grant_type": "client_credentials", "scope": self._oauth.scope})
        assertion = await asyncio.to_thread(self._assertion, self._oauth.key_file, user)
        form = {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": assertion}
        return await self._ask(form, ours=False)

    def _assertion(self, path: Path, user: str) -> str:
        try:
            account = json.loads(read_secret(path))
            key, issuer = RSAKey.import_key(account["private_key"]), str(account["client_email"])
        except (ValueError, KeyError, TypeError) as fault:
            raise Unavailable(f"{path} holds no service account's key: {type(fault).__name__}") from fault
        now = int(self._clock.now())
        claims = {
            "iss": issuer,
            "sub": user,
            "aud": self._oauth.token_url,
            "scope": self._oauth.scope,
            "iat": now,
            "exp": now + ASSERTED_SECONDS,
        }
        return jwt.encode({"alg": "RS256", "kid": str(account.get("private_key_id", ""))}, claims, key)

    async def _ask(self, form: dict[str, str], *, ours: bool = True) -> Issued:
        return read_answer(await asyncio.to_thread(self._send, form, ours))

    def _send(self, form: dict[str, str], ours: bool) -> Reply:
        if ours:
            form = {**form, "client_id": self._oauth.client_id}
            if self._oauth.secret_file is not None:
                form["client_secret"] = read_secret(self._oauth.secret_file).strip("\r\n")
        try:
            return self._exchanger.exchange("POST", self._oauth.token_url, urlencode(form), FORM, LARGEST)
        except NotSent as fault:
            raise Unavailable(f"the token endpoint cannot be asked: {fault}"[:300]) from fault


def read_answer(reply: Reply) -> Issued:
    """Return what a token endpoint's answer gives.

    Raises:
        GrantOver: the person has to consent again. Unavailable: anything else that is no token.
    """
    try:
        said = json.loads(reply.body)
    except ValueError:
        said = None
    if not isinstance(said, dict):
        raise Unavailable(f"the token endpoint answers {reply.status} and no JSON object")
    if reply.status != 200 or "error" in said:
        raise _trouble(reply.status, said)
    access, refresh, seconds = said.get("access_token"), said.get("refresh_token", ""), said.get("expires_in", 300)
    if not isinstance(refresh, str) or not isinstance(access, str) or not access or not access.isprintable():
        raise Unavailable("the token endpoint's answer holds no access token")
    if isinstance(seconds, str) and seconds.isascii() and seconds.isdigit():
        seconds = int(seconds[:9])  # some endpoints write it as text
    lives = float(seconds) if isinstance(seconds, (int, float)) and not isinstance(seconds, bool) else SHORTEST
    return Issued(access, min(max(lives, SHORTEST), LONGEST), refresh)


def _trouble(status: int, said: dict[str, Any]) -> Exception:
    """Tell a grant that is over from an endpoint, or a registration of ours, that is in trouble."""
    error = _word(said.get("error"))
    if status in (400, 401, 403) and error in OVER:
        return GrantOver(error)
    return Unavailable(f"the token endpoint refuses: {status} {error}")


def _word(text: object) -> str:
    word = text if isinstance(text, str) else "without a word"
    return "".join(sign for sign in word if sign.isascii() and (sign.isalnum() or sign in "_- "))[:60]


def read_secret(path: Path) -> str:
    """Read a secret file anew at every use: a changed one counts at once. Raises Unavailable."""
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise Unavailable(f"{path} is too large for a secret")
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as fault:
        raise Unavailable(f"{path} cannot be read ({type(fault).__name__})") from fault
    if not text.strip():
        raise Unavailable(f"{path} is empty")
    return text


def checked_token(text: str) -> str:
    """Return a refresh token or secret that a person handed over. Raises Refused: it can be none."""
    token = text.strip("\r\n")
    if not token or len(token) > LARGEST_FILE or not token.isprintable():
        raise Refused("a token or secret is one line of printable characters")
    return token
