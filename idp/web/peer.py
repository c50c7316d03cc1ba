"""Who is at the other end, as the proxy tells it: the headers are set by the proxy alone, on a socket only it opens."""

import base64
import binascii
from dataclasses import dataclass
from typing import Final

from starlette.requests import Request

PEER: Final = "x-gatepost-peer"
CERTIFICATE: Final = "x-gatepost-certificate"


@dataclass(frozen=True, slots=True)
class Peer:
    """``address`` as text, ``agent`` the User-Agent cut to 300 printable characters, ``certificate`` DER or empty."""

    address: str
    agent: str = ""
    certificate: bytes = b""


def peer_of(request: Request) -> Peer:
    """Return the peer of this request; an address that nobody told is ``""``, which matches no network."""
    agent = "".join(char for char in request.headers.get("user-agent", "")[:300] if char.isprintable())
    return Peer(request.headers.get(PEER, "").strip(), agent, _certificate(request.headers.get(CERTIFICATE, "")))


def _certificate(text: str) -> bytes:
    if not text or len(text) > 16384:
        return b""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return b""
