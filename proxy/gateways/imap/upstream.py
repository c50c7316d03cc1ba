"""Logs in at an IMAP server for an admitted session: the client side of the protocol, as far as that takes. Pure.

::

    greeting --OK--> [STARTTLS --OK--> TLS] --> ID and AUTHENTICATE (or LOGIN) --OK--> open
       |                  |                                  |
       '-- PREAUTH, BYE, refusal, early octets, long lines, too many lines: failed, and no credential is sent --'

No credential leaves before TLS where TLS is asked for, and none to a server that claims to know us already (PREAUTH).
"""

import re
from collections.abc import Callable, Sequence
from functools import lru_cache

from msgspec import Struct

from proxy.gateways import sasl
from proxy.gateways.imap.grammar import quoted
from proxy.relays.gate import Command, Reached, SendUp, StartTlsUp

LONGEST = 16384
LINES = 100

USUAL = re.compile(rb"(?:\* ID [^\r\n\[]{0,999}\r\n)?(?:g2 OK[^\r\n\[]{0,99}\r\n)?(g3 OK [^\r\n]{0,999})\r\n")
"""All that a server says to a login that succeeds, come at once: how nearly every answer looks."""
CAPABILITY = re.compile(rb"\[CAPABILITY ([^\]\r\n]*)\]", re.IGNORECASE)


class Opened(Struct, frozen=True, gc=False):
    """Logged in. ``capability``: what the server offers now, empty when it did not say. ``rest``: octets behind its
    OK."""

    capability: bytes
    rest: bytes


class Failed(Struct, frozen=True, gc=False):
    """The session cannot be opened; ``what`` is for the operator."""

    what: str


Outcome = Opened | Failed | None
Reading = Callable[["ImapLogin", bytes], Outcome]


class ImapLogin:
    """One login. Feed it what the server sends; perform ``orders()`` after each call."""

    __slots__ = (
        "_buffer",
        "_capability",
        "_lines",
        "_orders",
        "_state",
        "_upstream",
        "_want",
    )

    def __init__(self, upstream: Reached) -> None:
        """If ``upstream`` is not secure, STARTTLS comes first."""
        self._upstream = upstream
        # A function, not a method of our own, which would tie us to ourselves until the collector comes.
        self._state: Reading = ImapLogin._greeting
        self._buffer = b""
        self._capability = b""
        self._want = b""
        self._lines = 0
        self._orders: list[Command] = []

    def orders(self) -> Sequence[Command]:
        """Return what is to be done now."""
        orders, self._orders = self._orders, []
        return orders

    def feed(self, data: bytes | memoryview) -> Outcome:
        """Take octets of the server."""
        self._buffer += data
        usual = USUAL.fullmatch(self._buffer) if self._state is ImapLogin._answer else None
        if usual is not None:
            self._buffer = b""
            self._note(usual[1])
            return Opened(self._capability, b"")
        while True:
            line, ended, rest = self._buffer.partition(b"\r\n")
            if not ended:
                return Failed("a line without end") if len(line) > LONGEST else None
            self._buffer = rest
            self._lines += 1
            if self._lines > LINES or len(line) > LONGEST:
                return Failed("too much before the login was done")
            outcome = self._state(self, line)
            if outcome is not None:
                return outcome

    def secured(self) -> Outcome:
        """TLS is up: what the server said in clear counts for nothing."""
        self._capability = b""
        return self._log_in()

    def _greeting(self, line: bytes) -> Outcome:
        if line[:5].upper() != b"* OK ":
            return Failed(f"greeting {_shown(line)}")
        if self._buffer:
            return Failed("octets behind the greeting")
        self._note(line)
        if self._upstream.secure:
            return self._log_in()
        self._orders.append(SendUp(b"g1 STARTTLS\r\n"))
        self._state = ImapLogin._starttls
        return None

    def _starttls(self, line: bytes) -> Outcome:
        if line[:2] == b"* ":
            return None
        if line[:6].upper() != b"G1 OK ":
            return Failed(f"STARTTLS refused: {_shown(line)}")
        if self._buffer:
            # Whoever put them there wants them read as if they had come under TLS.
            return Failed("octets behind STARTTLS")
        self._orders.append(StartTlsUp())
        return None

    def _log_in(self) -> Outcome:
        try:
            command, self._want = self._credential()
        except ValueError as fault:
            return Failed(str(fault))
        # ID first, in the same breath: Dovecot takes the client's address from it before it looks at the login.
        self._orders.append(SendUp(self._identity() + command))
        self._state = ImapLogin._answer
        return None

    def _credential(self) -> tuple[bytes, bytes]:
        """Return the login command, and what to say when the server asks for more."""
        if self._upstream.login.mechanism == "LOGIN":
            return b"g3 LOGIN %b %b\r\n" % (quoted(self._upstream.login.name), quoted(self._upstream.login.secret)), b""
        response = sasl.answer(self._upstream.login, self._upstream.host, self._upstream.port)
        mechanism = self._upstream.login.mechanism.encode()
        if takes_response(self._capability):
            return b"g3 AUTHENTICATE %b %b\r\n" % (mechanism, response), b""
        return b"g3 AUTHENTICATE %b\r\n" % mechanism, response

    def _identity(self) -> bytes:
        """RFC 2971 as Dovecot reads it from networks that it trusts; nothing here comes from the client's own ID."""
        told = self._upstream.forward
        if told is None:
            return b""
        # An IP address, a number and a name that we drew ourselves: nothing here needs quoting.
        pairs = (
            f'"x-originating-ip" "{told.address}" "x-originating-port" "{told.port}" "x-session-id" "{told.session}"'
        )
        return b"g2 ID (%b)\r\n" % pairs.encode()

    def _answer(self, line: bytes) -> Outcome:
        if line[:1] == b"+":
            # A second request is the reason of an OAuth failure (RFC 7628); an empty answer fetches the tagged NO.
            self._orders.append(SendUp(self._want + b"\r\n"))
            self._want = b""
            return None
        head = line[:6].upper()
        if head == b"G3 OK ":
            self._note(line)
            return Opened(self._capability, self._buffer)
        if head[:2] == b"* ":
            self._note(line)
            return Failed("BYE") if head[2:5] == b"BYE" else None
        return None if head[:3] == b"G2 " else Failed(f"login refused: {_shown(line)}")

    def _note(self, line: bytes) -> None:
        told = capability_in(line)
        if told is not None:
            self._capability = told


@lru_cache(maxsize=64)
def capability_in(line: bytes) -> bytes | None:
    """Return the capabilities that a line tells of, if any; a server says the same few lines to every session."""
    found = CAPABILITY.search(line)
    if found is not None:
        return found[1]
    return line[13:] if line[:13].upper() == b"* CAPABILITY " else None


@lru_cache(maxsize=64)
def takes_response(capability: bytes) -> bool:
    """Tell whether AUTHENTICATE may bring its response along (RFC 4959)."""
    return b"SASL-IR" in capability.upper().split()


def _shown(line: bytes) -> str:
    return line[:120].decode("ascii", "replace")
