"""Proof that a form came from our own page: Origin must be ours, and the form must carry a token bound to a cookie.

The cookie is ``__Host-``, so that no sibling host can plant one; the token is its HMAC, so that knowing how tokens look
does not help. It stands before sign-in too: nobody can be signed in to a stranger's account (login CSRF).
"""

import hmac
from hashlib import sha256
from typing import Final

from starlette.datastructures import Headers

FIELD: Final = "csrf"


class Csrf:
    """Makes and checks form tokens. ``key`` is the vault's key for this purpose, ``origin`` the issuer's origin."""

    def __init__(self, key: bytes, origin: str) -> None:
        self._key = key
        self._origin = origin.rstrip("/")

    def token(self, cookie: str) -> str:
        """Return the token that belongs to this cookie value (64 hex digits)."""
        return hmac.new(self._key, f"csrf\n{cookie}".encode(), sha256).hexdigest()

    def matches(self, cookie: str, token: str) -> bool:
        """Say whether the token belongs to the cookie; both must be there."""
        return bool(cookie) and hmac.compare_digest(self.token(cookie).encode(), token.encode())

    def same_origin(self, headers: Headers) -> bool:
        """Say whether the browser says that our own page sent this.

        ``Origin`` decides where present (``null`` is foreign); else ``Sec-Fetch-Site``; clients that send neither are
        no browsers that a stranger's page could drive.
        """
        origin = headers.get("origin")
        if origin is not None:
            return origin == self._origin
        return headers.get("sec-fetch-site", "same-origin") in ("same-origin", "none")
