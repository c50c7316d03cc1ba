"""Things that are shown once, between the POST that made them and the page that shows them: sealed in a cookie.

A POST answers with a redirect, so that reloading what it leads to makes nothing twice. The cookie is sealed by AES-GCM
to one sign-in and one purpose, lives for five minutes at most, and is taken away with the page that shows it.
"""

import base64
import binascii
import hmac
from hashlib import sha256
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from starlette.requests import Request
from starlette.responses import Response

from idp.web import cookies
from kernel.chance import Chance

SECONDS: Final = 300
LONGEST: Final = 2600
"""Bytes of text; a cookie holds 4096 (RFC 6265, 6.1)."""
_NONCE: Final = 12


class Once:
    """Seals with a key of its own, derived from ``key``."""

    def __init__(self, key: bytes, chance: Chance) -> None:
        self._cipher = AESGCM(hmac.new(key, b"once", sha256).digest())
        self._chance = chance

    def give(self, response: Response, bound_to: str, purpose: str, text: str) -> None:
        """Send ``text`` along with a redirect. ``bound_to``: the sign-in that may read it.

        Raises:
            ValueError: longer than ``LONGEST``.
        """
        plain = text.encode()
        if len(plain) > LONGEST:
            raise ValueError("too long to be shown once")
        nonce = self._chance.octets(_NONCE)
        sealed = nonce + self._cipher.encrypt(nonce, plain, _context(bound_to, purpose))
        value = base64.urlsafe_b64encode(sealed).decode().rstrip("=")
        cookies.give(response, cookies.ONCE, value, seconds=SECONDS, strict=True)

    def read(self, request: Request, bound_to: str, purpose: str) -> str:
        """Return what was given for this sign-in and purpose, ``""`` when there is nothing (any more)."""
        value = cookies.read(request, cookies.ONCE, 4096)
        try:
            sealed = base64.urlsafe_b64decode(value + "=" * (-len(value) % 4))
            plain = self._cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], _context(bound_to, purpose))
        except (binascii.Error, ValueError, InvalidTag):
            return ""
        return plain.decode()

    def taken(self, response: Response) -> Response:
        """Return the response that shows it, with the cookie taken away."""
        cookies.drop(response, cookies.ONCE)
        return response


def _context(bound_to: str, purpose: str) -> bytes:
    return f"{bound_to}\n{purpose}".encode()
