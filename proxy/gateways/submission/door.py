"""The submission gate before anybody is logged in: greeting, EHLO, STARTTLS, AUTH. Pure.

It also reads the client's lines for what comes after; ``proxy.gateways.submission.gate`` draws the whole.
"""

from collections.abc import Callable, Mapping
from typing import Any

from kernel.reasons import Reason
from proxy.admission import Admission
from proxy.gateways import sasl, saying
from proxy.gateways.budget import Budget
from proxy.gateways.lines import Bad, Reader
from proxy.gateways.proving import Fault, Proving, Refusal, Step
from proxy.gateways.settings import GateSettings
from proxy.gateways.submission.grammar import Replies, Reply, Unacceptable
from proxy.gateways.submission.upstream import SmtpLogin
from proxy.gateways.submission.writing import Writing
from proxy.gateways.turns import Turns
from proxy.relays.gate import NOTHING, Ask, Command, Commands, End, Open, Send, SendUp, StartTls

PASSED_ON = ("8BITMIME", "SMTPUTF8", "DSN", "SIZE")
"""Extensions that are the next hop's to keep. BDAT is not offered (CVE-2026-45185)."""

NO_TLS = "530 5.7.0 Must issue a STARTTLS command first"
FAULTS: Mapping[Fault, str] = {
    Fault.UNKNOWN: "504 5.5.4 No such mechanism here",
    Fault.MALFORMED: "535 5.7.8 The credential is malformed",
    Fault.CANCELLED: "501 5.7.0 Cancelled",
}
LATER = frozenset(["MAIL", "RCPT", "DATA", "VRFY"])
VISITORS = frozenset(
    ["GET", "POST", "PUT", "HEAD", "OPTIONS", "CONNECT", "DELETE", "PATCH", "TRACE", "PRI", "HOST:", "USER-AGENT:"]
)
"""How a browser begins that was led here (ALPACA)."""

Then = Callable[[Reply], Commands]
Handler = Callable[[Any, bytes], Commands]


class Door(Turns):
    """The part of a session's gate that strangers reach."""

    __slots__ = (
        "_admission",
        "_budget",
        "_falling",
        "_greeted",
        "_login",
        "_offered",
        "_proving",
        "_reader",
        "_recipients",
        "_replies",
        "_secure",
        "_sender",
        "_settings",
        "_state",
        "_then",
        "_writing",
        "_yours",
    )

    _reader: Reader

    def __init__(self, settings: GateSettings) -> None:
        super().__init__()
        self._settings = settings
        self._reader = Reader(settings.bounds.line)
        self._secure = self._greeted = False
        self._state = "door"
        self._budget = Budget(settings.bounds)
        self._proving = Proving(settings.issuer)
        self._recipients = 0
        self._admission: Admission | None = None
        self._login: SmtpLogin | None = None
        self._offered: frozenset[str] = frozenset(PASSED_ON)
        self._replies = Replies()
        self._then: Then | None = None
        self._sender: str | None = None
        self._yours: frozenset[str] = frozenset()
        self._writing: Writing | None = None
        self._falling: End | None = None

    def greet(self, secure: bool, certificate: bool) -> Commands:
        self._secure, self._proving.certificate = secure, certificate
        return [self._say(f"220 {self._settings.name} ESMTP ready")]

    def secured(self, certificate: bool) -> Commands:
        # RFC 3207, section 4.2: nothing that was learnt in clear counts.
        self._secure, self._proving.certificate, self._greeted, self._state = True, certificate, False, "door"
        self._reader.rest()  # whatever came in clear meanwhile
        return NOTHING

    def overdue(self) -> Commands:
        return self._leave("421 4.4.2 Too slow", Reason.IDLE)

    @property
    def _serving(self) -> bool:
        return self._state in ("door", "sasl", "ready") and self._writing is None

    def _serve(self) -> Commands | None:
        line = self._reader.next()
        return None if line is None else self._line(line)

    def _line(self, line: bytes | Bad) -> Commands:
        if isinstance(line, Bad):
            if line.fatal:
                return self._leave(f"500 5.5.2 Protocol error: {line.what}")
            self._state = "door" if self._state == "sasl" else self._state
            return self._error(f"500 5.5.2 Protocol error: {line.what}")
        if self._state == "sasl":
            return self._proved(self._proving.take(line))
        verb, _, argument = line.partition(b" ")
        word = verb.upper().decode("ascii", "replace")
        if word in VISITORS:
            return self._leave("421 5.7.0 This is a mail server")
        if self._admission is None and not self._budget.command():
            return self._leave("421 4.7.0 Too many commands before the login")
        handler = self._verbs().get(word)
        if handler is None:
            return self._unknown(word)
        try:
            return handler(self, argument.strip(b" "))
        except Unacceptable as refusal:
            return self._error(refusal.reply)

    def _unknown(self, word: str) -> Commands:
        if word == "BDAT":
            # Its octets are on their way already, and would be read as commands.
            return self._leave("503 5.5.1 BDAT is not offered")
        if self._admission is None and word in LATER:
            return self._error("530 5.7.0 Authentication required" if self._secure else NO_TLS)
        return self._error("502 5.5.1 No such command")

    def _say(self, *lines: str) -> Send:
        """Return a reply; of several lines all but the last get a hyphen."""
        marked = [f"{line[:3]}-{line[4:]}" for line in lines[:-1]] + [lines[-1]]
        return Send(("\r\n".join(marked) + "\r\n").encode())

    def _error(self, line: str) -> Commands:
        if not self._budget.error() and self._admission is None:
            return [self._say(line), *self._leave("421 4.7.0 Too many errors")]
        return [self._say(line)]

    def _leave(self, line: str, reason: Reason | None = None) -> Commands:
        self._state = "over"
        self._reader.rest()
        return [End(f"{line}\r\n".encode(), reason)]

    # -- before the login ---------------------------------------------------------------------------------------

    def _ehlo(self, argument: bytes) -> Commands:
        return self._hello(argument, extended=True)

    def _helo(self, argument: bytes) -> Commands:
        return self._hello(argument, extended=False)

    def _hello(self, argument: bytes, *, extended: bool) -> Commands:
        if not argument:
            return self._error("501 5.5.4 Say who you are")
        self._greeted = True
        name = self._settings.name
        said = self._say(*([f"250 {name}", *self._extensions()] if extended else [f"250 {name}"]))
        if self._sender is None:
            return [said]
        # It starts anew (RFC 5321, section 4.1.4): the next hop must forget the transaction, too.
        return self._pass_on(b"RSET\r\n", lambda _: self._forget(said))

    def _extensions(self) -> list[str]:
        lines = ["250 PIPELINING", "250 ENHANCEDSTATUSCODES"]
        lines += [f"250 {word}" for word in ("8BITMIME", "SMTPUTF8", "DSN") if word in self._offered]
        lines.append(f"250 SIZE {self._settings.bounds.letter}")
        if not self._secure:
            lines.append("250 STARTTLS")
        elif self._admission is None:
            lines.append(f"250 AUTH {' '.join(self._proving.offered)}")
        return lines

    def _starttls(self, argument: bytes) -> Commands:
        if self._secure:
            return self._error("503 5.5.1 TLS is on already")
        if argument:
            return self._error("501 5.5.4 STARTTLS stands alone")
        self._reader.rest()  # sent in clear by whomever: it never was (CVE-2021-33515)
        self._state = "handshake"
        return [self._say("220 2.0.0 Begin TLS now"), StartTls()]

    def _noop(self, _: bytes) -> Commands:
        return [self._say("250 2.0.0 Done")]

    def _quit(self, _: bytes) -> Commands:
        farewell: list[Command] = [SendUp(b"QUIT\r\n")] if self._admission is not None else []
        return [*farewell, *self._leave("221 2.0.0 Goodbye")]

    def _auth(self, argument: bytes) -> Commands:
        if not self._secure:
            return self._error(NO_TLS)
        if not self._greeted:
            return self._error("503 5.5.1 Say EHLO first")
        mechanism, _, response = argument.partition(b" ")
        return self._proved(self._proving.begin(mechanism, response or None))

    def _proved(self, step: Step) -> Commands:
        """Say, or order, what the client's proof has come to."""
        if isinstance(step, sasl.Challenge):
            self._state = "sasl"
            return [Send(b"334 %b\r\n" % sasl.encode(step.data))]
        if isinstance(step, Ask):
            self._state = "judging"
            return [step]
        self._state = "door"
        return self._error(self._refused(step) if isinstance(step, Refusal) else FAULTS[step])

    def judged(self, admission: Admission) -> Commands:
        if self._state != "judging":
            return NOTHING
        if admission.admitted:
            self._state, self._admission = "opening", admission
            return [Open()]
        return [*self._proved(self._proving.judged(admission)), *self._go_on()]

    def _refused(self, refusal: Refusal) -> str:
        if saying.our_trouble(refusal.reason):
            code = "454 4.7.0"
        else:
            code = "535 5.7.8" if saying.wrong_credential(refusal.reason) else "535 5.7.1"
        return f"{code} {refusal.words}"

    def _pass_on(self, line: bytes, then: Then) -> Commands:
        self._state, self._then = "waiting", then
        return [SendUp(line)]

    def _forget(self, said: Send) -> Commands:
        self._sender, self._recipients = None, 0
        return [said]

    def _rset(self, _: bytes) -> Commands:
        return [self._say("250 2.0.0 Done")]

    def _verbs(self) -> Mapping[str, Handler]:
        """Return what is served now."""
        return DOOR


DOOR: Mapping[str, Handler] = {
    "EHLO": Door._ehlo,
    "HELO": Door._helo,
    "STARTTLS": Door._starttls,
    "AUTH": Door._auth,
    "NOOP": Door._noop,
    "RSET": Door._rset,
    "QUIT": Door._quit,
}
