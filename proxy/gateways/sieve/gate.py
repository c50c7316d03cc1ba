"""The ManageSieve gate: from the greeting to LOGOUT, always between client and server. Pure.

::

    door --STARTTLS, AUTHENTICATE--> judging --admitted--> opening --logged in--> ready --command--> passing
     ^  |                             |                     |                       ^                 | its end
     |  sasl (responses)              '--refused--> door    '--fails--> over        '--OK, NO-- waiting
     '-- refused                                                  LOGOUT, BYE, lease ends: over

Before login it serves what ``door`` lists and nothing else. After it, one command is under way at a time, and its
literals pass as they come; the server's answers go to the client as they come, capabilities excepted, which lose what
is spent. What would begin another login is answered here, and the server never hears it: UNAUTHENTICATE would lead
around the gate.
"""

import re

from kernel.reasons import Reason
from proxy.gateways import saying
from proxy.gateways.settings import GateSettings
from proxy.gateways.sieve.door import Door
from proxy.gateways.sieve.grammar import Bad, Line, Octets, Reader, string, tokens
from proxy.gateways.sieve.upstream import LONGEST, Failed, SieveLogin
from proxy.relays.gate import NOTHING, Command, Commands, End, Hold, Reached, Send, SendUp

SPENT = frozenset((b"AUTHENTICATE", b"STARTTLS", b"UNAUTHENTICATE", b"XCLIENT"))
"""Commands that are over once one is logged in."""

STRIPPED = frozenset((b"SASL", b"STARTTLS", b"UNAUTHENTICATE", b"XCLIENT"))
"""Capabilities of the server that are spent then, too."""

CAPABILITY = re.compile(rb'"([A-Za-z0-9_\-]{1,64})"[ \r]')
CAPABILITIES = 16384
"""The longest capability that is taken, in octets."""

LAST = re.compile(rb"(OK|NO|BYE)[ \r]", re.IGNORECASE)
"""How the sentence begins that ends an answer."""


class SieveGate(Door):
    """One session. See ``proxy.relays.gate.Gate``."""

    __slots__ = ("_awaited", "_falling", "_gathered", "_last", "_leaving", "_midway", "_refusing", "_replies")

    def __init__(self, settings: GateSettings) -> None:
        super().__init__(settings)
        self._replies = Reader(LONGEST, client=False)
        self._awaited = self._midway = self._leaving = self._refusing = False
        self._last = b""
        self._gathered: bytearray | None = None
        self._falling: End | None = None

    # -- the server ---------------------------------------------------------------------------------------------

    def reached(self, upstream: Reached) -> Commands:
        if self._state == "opening":
            self._login = SieveLogin(upstream, self._settings.learnt)
        return NOTHING

    def upstream_secured(self) -> Commands:
        if self._login is None:
            return self.unreachable()
        self._login.secured()
        return self._login.orders()

    def unreachable(self) -> Commands:
        reason = self._falling.reason if self._falling is not None else Reason.UPSTREAM
        last = self._farewell(Reason.UPSTREAM, "")
        if self._state == "opening":
            last = b"NO" + last[3:] + last
        self._state = "over"
        return [End(b"" if self._midway or self._leaving else last, None if self._leaving else reason)]

    def answered(self, data: bytes | memoryview) -> Commands:
        if self._login is not None:
            return self._log_in(self._login, data)
        self._replies.feed(data)
        done: list[Command] = []
        while self._state != "over" and (piece := self._replies.next()) is not None:
            done += self.unreachable() if isinstance(piece, Bad) else self._heard(piece)
            done += self._go_on()
        return done

    def dismissed(self, reason: Reason, words: str) -> Commands:
        """Section 1.2: BYE, with the words; where a literal is under way, behind it."""
        last = End(self._farewell(reason, words), reason)
        if self._midway:
            self._falling = last
            return NOTHING
        self._state = "over"
        return [last]

    def overdue(self) -> Commands:
        if self._midway:
            self._state = "over"
            return [End(b"", Reason.IDLE)]
        return super().overdue()

    def _farewell(self, reason: Reason, words: str) -> bytes:
        code = b"(TRYLATER) " if saying.our_trouble(reason) else b""
        return b"BYE %b%b\r\n" % (code, string(saying.sentence(words, reason, utf8=True).encode()))

    def _log_in(self, login: SieveLogin, data: bytes | memoryview) -> Commands:
        try:
            done = login.feed(data)
        except Failed:
            return self.unreachable()
        if not done:
            return login.orders()
        self._login, self._state = None, "ready"
        return [*login.orders(), Hold(), Send(b'OK "Logged in."\r\n'), *self._go_on()]

    # -- answers ------------------------------------------------------------------------------------------------

    def _heard(self, piece: Line | Octets) -> Commands:
        """The server said a line, or a piece of a literal."""
        if isinstance(piece, Octets):
            return self._show(piece.octets, whole=False)
        if piece.first:
            found = LAST.match(piece.octets)
            self._last = found[1].upper() if found else b""
            if not self._awaited and self._last != b"BYE":
                return self.unreachable()  # nobody asked
        self._midway = piece.literal >= 0
        said = self._show(piece.octets, whole=not self._midway)
        if self._midway or self._state == "over":
            return said
        if self._falling is not None:
            self._state = "over"
            return [*said, self._falling]
        return [*said, *self._ended()] if self._last else said

    def _show(self, octets: bytes, *, whole: bool) -> Commands:
        """Send the client what was said; of capabilities only those that are not spent, each once it is whole."""
        if self._gathered is None:
            return [Send(octets)]
        self._gathered += octets
        if len(self._gathered) > CAPABILITIES:
            return self.unreachable()
        if not whole:
            return NOTHING
        said, self._gathered = bytes(self._gathered), bytearray()
        named = CAPABILITY.match(said)
        return [Send(said)] if self._last or (named and named[1].upper() not in STRIPPED) else NOTHING

    def _ended(self) -> Commands:
        """The answer is whole."""
        self._awaited, self._gathered = False, None
        if self._leaving or self._last == b"BYE":
            self._state = "over"
            return [End(b"", None if self._leaving else Reason.UPSTREAM)]
        if self._state == "waiting":
            self._state = "ready"
        return NOTHING

    # -- commands -----------------------------------------------------------------------------------------------

    @property
    def _serving(self) -> bool:
        return self._state in ("ready", "passing") or super()._serving

    def _serve(self) -> Commands | None:
        if self._state not in ("ready", "passing"):
            return super()._serve()
        piece = self._reader.next()
        if piece is None:
            return None
        if isinstance(piece, Bad):
            return self._misled(piece.what)
        if isinstance(piece, Octets):
            return NOTHING if self._refusing else [SendUp(piece.octets)]
        return self._pass_on(piece)

    def _pass_on(self, line: Line) -> Commands:
        """Pass a line of a command on, or refuse the command with all that belongs to it."""
        words: list[bytes] = []
        shape = tokens(line.octets, words)
        if line.first and shape == "" and line.literal < 0:
            return NOTHING
        if shape is None or (line.first and shape[:1] != "a"):
            return self._misled("wrong syntax")
        if line.first:
            self._begin(words[0].upper())
        up = NOTHING if self._refusing else [SendUp(line.octets)]
        if line.literal >= 0:
            self._state = "passing"
            return up
        self._state = "waiting" if self._awaited else "ready"
        return [Send(b'NO "Already logged in."\r\n')] if self._refusing else up

    def _begin(self, verb: bytes) -> None:
        self._refusing = verb in SPENT
        self._awaited = not self._refusing
        self._leaving = verb == b"LOGOUT"
        self._gathered = bytearray() if verb == b"CAPABILITY" else None

    def _misled(self, what: str) -> Commands:
        """What the client says cannot be read; an answer that is under way is not to be broken by words of ours."""
        if self._midway:
            self._state = "over"
            return [End()]
        return self._bye(f"Protocol error: {what}.")
