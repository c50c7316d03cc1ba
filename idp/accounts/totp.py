"""Time-based one-time passwords (RFC 6238, RFC 4226): seeds, codes, the window. Pure.

SHA-1, six digits, thirty seconds: what every authenticator app speaks. Says which time step a code belongs
to; that no step counts twice is for the caller to keep.
"""

import base64
import hmac
import unicodedata
from typing import Final
from urllib.parse import quote, urlencode

SEED_BYTES: Final = 20
STEP_SECONDS: Final = 30
DIGITS: Final = 6
WINDOW: Final = 1
_MOST_TYPED: Final = 32


def seed_text(seed: bytes) -> str:
    """Return a seed (20 bytes) as base32, the form in which apps take it."""
    return base64.b32encode(seed).decode()


def uri(secret: str, site: str, account: str) -> str:
    """Return the otpauth URI of the QR code. ``site`` and ``account`` are what the app shows."""
    named = f"{quote(site, safe='')}:{quote(account, safe='@')}"
    return f"otpauth://totp/{named}?{urlencode({'secret': secret, 'issuer': site}, quote_via=quote)}"


def code_at(secret: str, step: int) -> str:
    """Return the code of one time step (RFC 4226 section 5.3)."""
    mac = hmac.digest(base64.b32decode(secret), step.to_bytes(8, "big"), "sha1")
    offset = mac[-1] & 0x0F
    number = int.from_bytes(mac[offset : offset + 4], "big") & 0x7FFFFFFF
    return str(number % 10**DIGITS).zfill(DIGITS)


def step_at(now: float) -> int:
    """Return the time step of a moment."""
    return int(now // STEP_SECONDS)


def typed(code: str) -> str:
    """Return the six digits in what was typed (spaces, hyphens and full-width digits are fine), or an empty text."""
    digits = "".join(unicodedata.normalize("NFKC", code[:_MOST_TYPED]).split()).replace("-", "")
    return digits if len(digits) == DIGITS and digits.isascii() and digits.isdigit() else ""


def matching_step(secret: str, code: str, now: float) -> int | None:
    """Return the time step, at most one from now either way, whose code this is; None when it is no code of these.

    Compares with every step of the window in constant time.
    """
    digits, found = typed(code), None
    for step in range(step_at(now) - WINDOW, step_at(now) + WINDOW + 1):
        if hmac.compare_digest(code_at(secret, step), digits):
            found = step
    return found
