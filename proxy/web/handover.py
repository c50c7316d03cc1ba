"""The hand-over from the identity pages, bound to one browser (RFC 9700 4.7): state, ticket, and the way back. Pure.

``state`` is a nonce that also stands in a cookie of this host, and where to go afterwards. A second
tab keeps the nonce.
The place to go to travels in the state where it is short, in the cookie where it is not, and is our own path always.
"""

import base64
import binascii
import hmac
import re

from kernel.chance import Chance, secret
from proxy.web.paths import own_path

NONCE = re.compile(r"[A-Za-z0-9_-]{22}")
NONCE_OCTETS = 16
LONGEST_STATE = 256


def begin_state(chance: Chance, held: str, to: str) -> tuple[str, str]:
    """Return the state to send along and the value of the state cookie. ``held`` is the cookie that the browser has."""
    nonce = held.partition("~")[0]
    if NONCE.fullmatch(nonce) is None:
        nonce = secret(chance, NONCE_OCTETS)
    packed = base64.urlsafe_b64encode(to.encode("ascii")).rstrip(b"=").decode("ascii")
    state = f"{nonce}~{packed}"
    if len(state) <= LONGEST_STATE:
        return state, nonce
    return nonce, f"{nonce}~{packed}"[:1024] if len(packed) <= 1000 else nonce


def finish_state(state: str, held: str) -> str | None:
    """Return where to go, or None when the state is not this browser's."""
    nonce, _, packed = state.partition("~")
    known, _, kept = held.partition("~")
    if NONCE.fullmatch(known) is None or not hmac.compare_digest(nonce.encode(), known.encode()):
        return None
    return _unpacked(packed or kept)


def _unpacked(packed: str) -> str:
    try:
        return own_path(base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4)).decode("ascii"))
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return "/"
