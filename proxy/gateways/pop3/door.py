"""The POP3 gate before anybody is logged in: greeting, CAPA, STLS, USER and PASS, AUTH, and every bound. Pure.

``proxy.gateways.pop3.gate`` draws the whole.
"""

from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

from kernel.reasons import Reason
from proxy.admission import Admission
from proxy.gateways import sasl, saying
from proxy.gateways.budget import Budget
from proxy.gateways.lines import Bad, Reader
from proxy.gateways.pop3.grammar import Kind, Replies, command
from proxy.gateways.pop3.upstream import UTF8, Pop3Login
from proxy.gateways.proving import Fault, Proving, Refusal, Step
from proxy.gateways.settings import GateSettings
from proxy.gateways.turns import Turns
from proxy.relays.gate import NOTHING, Ask, Commands, End, Open, Send, StartTls

BASE = ("TOP", "UIDL", "RESP-CODES", "AUTH-RESP-CODE", "PIPELINING")
"""What every server behind us can do, and we ourselves (RFC 2449, RFC 3206)."""

NO_TLS = "Not without TLS; say STLS first."
VISITORS = frozenset(b"GET POST PUT HEAD OPTIONS CONNECT DELETE PATCH TRACE PRI EHLO HELO HOST: USER-AGENT:".split())
"""How somebody begins who was led here from another protocol (ALPACA)."""

FAULTS: Mapping[Fault, str] = {
    Fault.UNKNOWN: "No such mechanism here.",
    Fault.MALFORMED: "[AUTH] The credential is malformed.",
    Fault.CANCELLED: "Cancelled.",
}

Handler = Callable[[Any, bytes], Commands]


class Door(Turns):
    """The part of a session's gate that strangers reach."""

    __slots__ = (
        "_blind",
        "_budget",
        "_capa",
        "_falling",
        "_leaving",
        "_login",
        "_name",
        "_pending",
        "_proving",
        "_reader",
        "_replies",
        "_secure",
        "_settings",
        "_state",
        "_utf8",
    )

    _reader: Reader

    def __init__(self, settings: GateSettings) -> None:
        super().__init__()
        self._settings = settings
        self._reader = Reader(settings.bounds.line)
        self._secure = self._utf8 = self._blind = self._leaving = False
        self._state = "door"
        self._name = b""
        self._budget = Budget(settings.bounds)
        self._proving = Proving(settings.issuer)
        self._login: Pop3Login | None = None
        self._pending: deque[Kind | bytes] = deque()
        self._replies = Replies()
        self._capa: bytearray | None = None
        self._falling: Reason | None = None

    def greet(self, secure: bool, certificate: bool) -> Commands:
        self._secure, self._proving.certificate = secure, certificate
        # No time stamp: APOP would need the password itself (RFC 1939, section 7).
        return [self._ok(f"{self._settings.name} POP3 ready.")]

    def secured(self, certificate: bool) -> Commands:
        self._secure, self._proving.certificate, self._state = True, certificate, "door"
        self._name, self._utf8 = b"", False
        self._reader.rest()  # whatever came in clear meanwhile
        return NOTHING

    def overdue(self) -> Commands:
        # RFC 1939, section 3: an autologout is a close, and no response.
        self._state = "over"
        return [End(b"", Reason.IDLE)]

    @property
    def _serving(self) -> bool:
        return self._state in ("door", "sasl")

    def _serve(self) -> Commands | None:
        line = self._reader.next()
        if line is None:
            return None
        if isinstance(line, Bad):
            return self._bad(line)
        if self._state == "sasl":
            return self._proved(self._proving.take(line))
        if not self._budget.command():
            return self._leave("Too many commands before the login.")
        asked = command(line)
        if asked.verb in VISITORS:
            return self._leave("This is a POP3 server.")
        handler = DOOR.get(asked.verb)
        return self._error("Log in first.") if handler is None else handler(self, asked.argument)

    def _bad(self, line: Bad) -> Commands:
        if line.fatal:
            return self._leave(f"Protocol error: {line.what}.")
        self._state = "door"
        return self._error(f"Protocol error: {line.what}.")

    def _ok(self, text: str, *listed: str) -> Send:
        """Return a response; with ``listed`` it is one of several lines, closed by a dot."""
        lines = [f"+OK {text}", *listed, *((".",) if listed else ())]
        return Send("".join(f"{line}\r\n" for line in lines).encode())

    def _error(self, text: str) -> Commands:
        said = f"-ERR {text}\r\n".encode()
        return [Send(said)] if self._budget.error() else [Send(said), *self._leave("Too many errors.")]

    def _leave(self, text: str, reason: Reason | None = None) -> Commands:
        self._state = "over"
        self._reader.rest()
        return [End(f"-ERR {text}\r\n".encode(), reason)]

    # -- what strangers may say ---------------------------------------------------------------------------------

    def _capabilities(self, argument: bytes) -> Commands:
        """RFC 2449, section 5: no mechanism before TLS. UTF8 where the servers have it (RFC 6856)."""
        if argument:
            return self._error("CAPA stands alone.")
        offers = [*BASE, f"IMPLEMENTATION {self._settings.name}"]
        if self._secure:
            offers += ["USER", f"SASL {' '.join(self._proving.offered)}"]
        else:
            offers.append("STLS")
        if UTF8 in self._settings.learnt:
            offers.append("UTF8 USER")
        return [self._ok("What is here:", *offers)]

    def _noop(self, _: bytes) -> Commands:
        return [self._ok("Done.")]

    def _quit(self, _: bytes) -> Commands:
        self._state = "over"
        return [End(b"+OK Goodbye.\r\n")]

    def _stls(self, argument: bytes) -> Commands:
        if self._secure:
            return self._error("TLS is on already.")
        if argument:
            return self._error("STLS stands alone.")
        # What stands behind the command was sent in clear by whomever (CVE-2021-33515 and forty more): it never was.
        self._reader.rest()
        self._state = "handshake"
        return [self._ok("Begin TLS now."), StartTls()]

    def _turn_utf8(self, argument: bytes) -> Commands:
        """RFC 6856, section 2: it is the server's to keep, and told to it before the login."""
        if argument or UTF8 not in self._settings.learnt:
            return self._error("UTF8 is not offered.")
        self._utf8 = True
        return [self._ok("UTF8.")]

    def _user(self, argument: bytes) -> Commands:
        if not self._secure:
            return self._error(NO_TLS)
        self._name = argument
        return [self._ok("And the password?")]

    def _pass(self, argument: bytes) -> Commands:
        if not self._secure:
            return self._error(NO_TLS)
        name, self._name = self._name, b""
        return self._proved(self._proving.password(name, argument)) if name else self._error("USER comes first.")

    def _auth(self, argument: bytes) -> Commands:
        """RFC 5034. Alone it lists the mechanisms, as old clients ask (RFC 1734 knew no CAPA)."""
        if not self._secure:
            return self._error(NO_TLS)
        if not argument:
            return [self._ok("Mechanisms:", *self._proving.offered)]
        mechanism, _, response = argument.partition(b" ")
        return self._proved(self._proving.begin(mechanism, response or None))

    # -- the verdict --------------------------------------------------------------------------------------------

    def _proved(self, step: Step) -> Commands:
        """Say, or order, what the client's proof has come to."""
        if isinstance(step, sasl.Challenge):
            self._state = "sasl"
            return [Send(b"+ %b\r\n" % sasl.encode(step.data))]
        if isinstance(step, Ask):
            self._state = "judging"
            return [step]
        self._state = "door"
        return self._error(_refused(step) if isinstance(step, Refusal) else FAULTS[step])

    def judged(self, admission: Admission) -> Commands:
        if self._state != "judging":
            return NOTHING
        if admission.admitted:
            self._state = "opening"
            return [Open()]
        return [*self._proved(self._proving.judged(admission)), *self._go_on()]


def _refused(refusal: Refusal) -> str:
    """RFC 3206: ``[SYS/TEMP]`` keeps the client from asking for a new password, ``[AUTH]`` makes it ask."""
    code = "[SYS/TEMP]" if saying.our_trouble(refusal.reason) else "[AUTH]"
    return f"{code} {refusal.words}"


DOOR: Mapping[bytes, Handler] = {
    b"CAPA": Door._capabilities,
    b"NOOP": Door._noop,
    b"QUIT": Door._quit,
    b"STLS": Door._stls,
    b"UTF8": Door._turn_utf8,
    b"USER": Door._user,
    b"PASS": Door._pass,
    b"AUTH": Door._auth,
}
