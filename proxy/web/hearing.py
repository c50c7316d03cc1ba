"""What a block of request fields means to us, worked out once and remembered while a client repeats it. Pure.

Browsers send the same fields with every request of a page, so the engine keeps the last ``Heard`` of a connection and
compares octets. Method, path, session and policy are looked at for every request all the same.
"""

from ipaddress import ip_address
from typing import TYPE_CHECKING

from kernel.config.settings import Bounds
from kernel.reasons import LANGUAGES
from proxy.web import cookies
from proxy.web.head import Bad, Block, read_block
from proxy.web.paths import normal_host
from proxy.web.request import has_body
from proxy.whereabouts import Networks, within

if TYPE_CHECKING:
    from proxy.web.sessions import WebSession

AGENT_CHARACTERS = 200


class Heard:
    """One block of fields. ``session``, ``sent`` and ``sent_for`` are the engine's notes: who it was last found to be,
    and the fields that were made of it for the application, for that state of that session. ``top``: the page that is
    asked for fills the window, and is not a frame within another. ``asked`` is who asks about another's request, and
    how (``proxy.decisions``): then host and address are that request's."""

    __slots__ = (
        "address",
        "agent",
        "asked",
        "block",
        "cookies",
        "host",
        "keeps_alive",
        "language",
        "navigates",
        "raw",
        "sent",
        "sent_for",
        "session",
        "top",
        "upgrades",
        "with_body",
    )

    def __init__(self, raw: bytes, block: Block, host: str, address: str) -> None:
        self.raw = raw
        self.block = block
        self.host = host
        self.address = address
        self.cookies = cookies.read(block.all(b"cookie"))
        self.agent = _text(block.first(b"user-agent"))[:AGENT_CHARACTERS]
        self.language = preferred(block.first(b"accept-language"))
        self.navigates = _navigates(block)
        self.top = self.navigates and block.first(b"sec-fetch-dest") in (b"", b"document")
        self.upgrades = _upgrades(block)
        self.with_body = has_body(block)
        self.keeps_alive = b"close" not in block.connection
        self.session: WebSession | None = None
        self.sent = b""
        self.sent_for: object = None
        self.asked: object = None


def hear(raw: bytes, bounds: Bounds, peer: str, trusted: Networks) -> Heard:
    """Read a block of request fields from a client at address ``peer``; ``trusted`` are proxies that may name another.

    Raises:
        Bad: 400 for a missing, doubled or malformed Host, and whatever ``read_block`` refuses.
    """
    block = read_block(raw, bounds)
    hosts = block.all(b"host")
    if len(hosts) != 1:
        raise Bad(400, "exactly one Host is needed")
    return Heard(raw, block, normal_host(hosts[0]), client_address(peer, block, trusted))


def client_address(peer: str, block: Block, trusted: Networks) -> str:
    """Return where the client is: the nearest address in X-Forwarded-For that no trusted proxy stands at, and the
    socket's peer unless that is one itself."""
    if not trusted or not within(peer, trusted):
        return peer
    named = b",".join(block.all(b"x-forwarded-for")).decode("latin-1").split(",")
    nearest = peer
    for text in reversed([name.strip() for name in named if name.strip()]):
        try:
            nearest = str(ip_address(text))
        except ValueError:
            return nearest
        if not within(nearest, trusted):
            return nearest
    return nearest


def preferred(accept_language: bytes) -> str:
    """Return the language of ours that a browser puts first (RFC 9110 12.5.4), or ``""``."""
    best, weight = "", 0.0
    for part in accept_language[:500].decode("latin-1").split(","):
        tag, _, parameter = part.strip().partition(";")
        language = tag.strip().lower().split("-", 1)[0]
        try:
            quality = float(parameter.strip().removeprefix("q=")) if parameter.strip() else 1.0
        except ValueError:
            continue
        if language in LANGUAGES and quality > weight:
            best, weight = language, quality
    return best


def _navigates(block: Block) -> bool:
    """Say whether a person waits for a page, rather than a script for data."""
    mode = block.first(b"sec-fetch-mode")
    if mode:
        return mode == b"navigate"
    return b"text/html" in block.first(b"accept") and block.first(b"x-requested-with") == b""


def _upgrades(block: Block) -> bool:
    return b"upgrade" in block.connection and block.first(b"upgrade").lower() == b"websocket"


def _text(value: bytes) -> str:
    text = value.decode("utf-8", "replace")
    return text if text.isprintable() else "".join(letter for letter in text if letter.isprintable())
