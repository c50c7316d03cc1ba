"""The POP3 gate: from the greeting to QUIT, always between client and server. Pure.

::

    door --STLS, USER, PASS, AUTH--> judging --admitted--> opening --logged in--> ready --QUIT, lease ends--> over
     ^  |                              |                     |
     |  sasl (responses)               '--refused--> door    '--fails--> over
     '-- refused

Before login it serves what ``door`` lists and nothing else. After it, commands go to the server as they come, line by
line; what the server answers goes to the client as it comes, CAPA excepted, which loses what is spent. A command that
nobody knows makes the gate blind: no answer can be told from the next any more, and octets pass as they are.
"""

from collections.abc import Mapping

from kernel.reasons import Reason
from proxy.gateways import saying
from proxy.gateways.lines import Bad
from proxy.gateways.pop3.door import Door
from proxy.gateways.pop3.grammar import Command, Kind, command
from proxy.gateways.pop3.upstream import Failed, Pop3Login
from proxy.relays.gate import NOTHING, Commands, End, Hold, Reached, Send, SendUp
from proxy.relays.gate import Command as Order

AHEAD = 1000
"""How many commands may wait for their answers."""

CAPA = 16384
"""The longest list of capabilities that is taken, in octets."""

SPENT = frozenset((b"APOP", b"AUTH", b"PASS", b"STLS", b"USER", b"XCLIENT"))
"""Commands that are over once one is logged in; the server never hears them."""

STRIPPED = frozenset((b"SASL", b"STLS", b"USER", b"XCLIENT"))
"""Capabilities of the server that are spent then, too."""

PASSED_ON: Mapping[str, str] = {
    "IN-USE": "The mailbox is in use; please try again shortly.",
    "LOGIN-DELAY": "The mailbox was opened only just now; please try again shortly.",
}
"""Codes of a server's refusal that are about the mailbox, and the client's to hear (RFC 2449, section 8.1)."""


class Pop3Gate(Door):
    """One session. See ``proxy.relays.gate.Gate``."""

    __slots__ = ()

    # -- the server ---------------------------------------------------------------------------------------------

    def reached(self, upstream: Reached) -> Commands:
        if self._state == "opening":
            self._login = Pop3Login(upstream, self._settings.learnt, utf8=self._utf8)
        return NOTHING

    def upstream_secured(self) -> Commands:
        if self._login is None:
            return self.unreachable()
        self._login.secured()
        return self._login.orders()

    def unreachable(self) -> Commands:
        if self._state == "opening":
            return self._shut("SYS/TEMP", saying.sentence("", Reason.UPSTREAM))
        self._state = "over"
        return [End(b"", None if self._leaving else self._falling or Reason.UPSTREAM)]

    def answered(self, data: bytes | memoryview) -> Commands:
        if self._login is not None:
            return self._log_in(self._login, data)
        octets, at = bytes(data), 0
        if self._falling is not None:
            return self._fall(self._falling, octets)
        done: list[Order] = []
        while at < len(octets) and self._state == "ready":
            kind = self._pending[0] if self._pending else b""
            if kind is Kind.UNKNOWN:
                return [*done, Send(octets[at:])]
            if isinstance(kind, bytes):
                return [*done, *self.unreachable()]  # it speaks, and nobody asked
            try:
                piece, at, whole = self._replies.take(octets, at, kind)
            except ValueError:
                return [*done, *self.unreachable()]
            done += self._pass_on(piece, whole)
        return [*done, *self._go_on()]

    def dismissed(self, reason: Reason, words: str) -> Commands:
        """POP3 has no words for it: a close, where a line ends. Nothing that was marked is deleted (RFC 1939, section
        6)."""
        if self._replies.here or self._blind or self._capa is not None:
            self._state = "over"
            return [End(b"", reason)]
        self._falling = reason
        return NOTHING

    def _log_in(self, login: Pop3Login, data: bytes | memoryview) -> Commands:
        try:
            done = login.feed(data)
        except Failed as fault:
            if fault.code in PASSED_ON:
                return self._shut(fault.code, PASSED_ON[fault.code])
            return self.unreachable()
        if not done:
            return login.orders()
        self._login, self._state = None, "ready"
        return [*login.orders(), Hold(), self._ok("Logged in."), *self._go_on()]

    def _shut(self, code: str, words: str) -> Commands:
        return self._leave(f"[{code}] {words}", Reason.UPSTREAM)

    def _fall(self, reason: Reason, data: bytes) -> Commands:
        """The session falls within a listing: let the line end, and close."""
        end = data.find(b"\n") + 1
        if not end:
            return [Send(data)]
        self._state = "over"
        return [End(data[:end], reason)]

    # -- answers and commands -----------------------------------------------------------------------------------

    def _pass_on(self, piece: bytes, whole: bool) -> Commands:
        """Send the client a piece of the answer that is under way; capabilities are gathered first."""
        if self._capa is not None:
            self._capa += piece
            if len(self._capa) > CAPA:
                return self.unreachable()
            piece = _without(bytes(self._capa)) if whole else b""
        said = [Send(piece)] if piece else []
        if not whole:
            return said
        self._capa = None
        self._pending.popleft()
        if self._leaving and not self._pending:
            self._state = "over"
            return [*said, End()]
        return [*said, *self._ours()]

    def _ours(self) -> Commands:
        """Say what is to be said by us, once its turn has come."""
        said: list[Send] = []
        while self._pending and isinstance(text := self._pending[0], bytes):
            self._pending.popleft()
            said.append(Send(text))
        if self._capa is None and self._pending and self._pending[0] is Kind.CAPABILITIES:
            self._capa = bytearray()
        return said

    @property
    def _serving(self) -> bool:
        if self._state == "ready":
            return len(self._pending) < AHEAD and not self._leaving
        return super()._serving

    def _serve(self) -> Commands | None:
        if self._state != "ready":
            return super()._serve()
        line = self._reader.next()
        if line is None:
            return None
        if isinstance(line, Bad):
            self._state = "over"
            return [End()]
        return self._relay(command(line), line)

    def _relay(self, asked: Command, line: bytes) -> Commands:
        up = SendUp(line + b"\r\n")
        self._leaving = asked.verb == b"QUIT"
        if self._blind:
            return [up]
        if asked.verb in SPENT:
            self._pending.append(b"-ERR Already logged in.\r\n")
            return self._ours()
        self._blind = asked.kind is Kind.UNKNOWN
        self._pending.append(asked.kind)
        return [*self._ours(), up]


def _without(listing: bytes) -> bytes:
    """Return a list of capabilities without those that are spent."""
    lines = listing.split(b"\r\n")
    return b"\r\n".join(line for line in lines if line.partition(b" ")[0].upper() not in STRIPPED)
