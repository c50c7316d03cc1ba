"""The submission gate before anybody is logged in: greeting, EHLO, STARTTLS, AUTH. Pure.

It also reads the client's lines for what comes after; ``proxy.gateways.submission.gate`` draws the whole.
"""

from collections.abc import Callable, Mapping
from typing import Any

from kernel.reasons import Reason
from proxy.admission import Admission
from proxy.gateways import sasl, saying
from proxy.gateways.settings import GateSettings
from proxy.gateways.submission.grammar import Bad, Reader, Replies, Reply, Unacceptable
from proxy.gateways.submission.upstream import SmtpLogin
from proxy.gateways.submission.writing import Writing
from proxy.relays.gate import (
    NOTHING,
    Ask,
    Command,
    Commands,
    End,
    Open,
    Pause,
    Resume,
    Send,
    SendUp,
    StartTls,
)

HELD_BACK = 65536
"""What a client may have sent ahead while an answer is awaited, in octets, before it is no longer read."""

PASSED_ON = ("8BITMIME", "SMTPUTF8", "DSN", "SIZE")
"""Extensions that are the next hop's to keep. BDAT is not offered (CVE-2026-45185)."""

NO_TLS = "530 5.7.0 Must issue a STARTTLS command first"
LATER = frozenset(["MAIL", "RCPT", "DATA", "VRFY"])
VISITORS = frozenset(
    ["GET", "POST", "PUT", "HEAD", "OPTIONS", "CONNECT", "DELETE", "PATCH", "TRACE", "PRI", "HOST:", "USER-AGENT:"]
)
"""How a browser begins that was led here (ALPACA)."""

Then = Callable[[Reply], Commands]
Handler = Callable[[Any, bytes], Commands]


class Door:
    """The part of a session's gate that strangers reach."""

    __slots__ = (
        "_admission",
        "_certificate",
        "_commands",
        "_errors",
        "_exchange",
        "_falling",
        "_greeted",
        "_login",
        "_offered",
        "_paused",
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

    def __init__(self, settings: GateSettings) -> None:
        self._settings = settings
        self._reader = Reader(settings.bounds.line)
        self._secure = self._certificate = self._greeted = self._paused = False
        self._state = "door"
        self._commands = self._errors = self._recipients = 0
        self._exchange: sasl.Exchange | None = None
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
        self._secure, self._certificate = secure, certificate
        return [self._say(f"220 {self._settings.name} ESMTP ready")]

    def secured(self, certificate: bool) -> Commands:
        # RFC 3207, section 4.2: nothing that was learnt in clear counts.
        self._secure, self._certificate, self._greeted, self._state = True, certificate, False, "door"
        return NOTHING

    def overdue(self) -> Commands:
        return self._leave("421 4.4.2 Too slow", Reason.IDLE)

    def _hold_back(self) -> Commands:
        if self._paused or self._reader.waiting <= HELD_BACK:
            return NOTHING
        self._paused = True
        return [Pause()]

    def _go_on(self) -> Commands:
        """Serve what was read, until something must be waited for."""
        done: list[Command] = []
        while self._state in ("door", "sasl", "ready") and self._writing is None:
            line = self._reader.next()
            if line is None:
                break
            done += self._line(line)
        if self._paused and self._writing is None and self._state in ("door", "sasl", "ready"):
            self._paused = False
            done.append(Resume())
        return done

    def _line(self, line: bytes | Bad) -> Commands:
        if isinstance(line, Bad):
            if line.fatal:
                return self._leave(f"500 5.5.2 Protocol error: {line.what}")
            self._state = "door" if self._state == "sasl" else self._state
            return self._error(f"500 5.5.2 Protocol error: {line.what}")
        if self._state == "sasl":
            return self._sasl_line(line)
        verb, _, argument = line.partition(b" ")
        word = verb.upper().decode("ascii", "replace")
        if word in VISITORS:
            return self._leave("421 5.7.0 This is a mail server")
        self._commands += 1
        if self._admission is None and self._commands > self._settings.bounds.commands:
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
        self._errors += 1
        if self._errors >= self._settings.bounds.errors and self._admission is None:
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
            external = " EXTERNAL" if self._certificate else ""
            lines.append(f"250 AUTH {' '.join(sasl.MECHANISMS)}{external}")
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
        word, _, response = argument.partition(b" ")
        mechanism = word.upper().decode("ascii", "replace")
        if mechanism not in sasl.MECHANISMS and not (mechanism == "EXTERNAL" and self._certificate):
            return self._error("504 5.5.4 No such mechanism here")
        self._exchange, self._state = sasl.Exchange(mechanism), "sasl"
        if response:
            return self._response(response)
        return self._challenge(self._exchange.first().data)

    def _challenge(self, data: bytes) -> Commands:
        return [Send(b"334 %b\r\n" % sasl.encode(data))]

    def _sasl_line(self, line: bytes) -> Commands:
        if self._admission is not None:  # the answer to the JSON that explained a refusal
            admission, self._admission = self._admission, None
            return self._refused(admission)
        if line == b"*":
            self._state = "door"
            return self._error("501 5.7.0 Cancelled")
        return self._response(line)

    def _response(self, line: bytes) -> Commands:
        if self._exchange is None:
            return self._leave("421 4.3.0 Protocol error", Reason.FAULT)
        try:
            step = self._exchange.take(sasl.decode(line))
        except sasl.Malformed:
            self._state = "door"
            return self._error("535 5.7.8 The credential is malformed")
        if not isinstance(step, Ask):
            return self._challenge(step.data)
        self._state = "judging"
        return [step]

    def judged(self, admission: Admission) -> Commands:
        if self._state != "judging":
            return NOTHING
        if admission.admitted:
            self._state, self._admission = "opening", admission
            return [Open()]
        exchange, reason = self._exchange, admission.reason or Reason.FAULT
        if exchange is not None and exchange.oauth and saying.wrong_credential(reason):
            self._state, self._admission = "sasl", admission
            return [*self._challenge(sasl.explain(exchange.mechanism, self._settings.issuer)), *self._go_on()]
        return [*self._refused(admission), *self._go_on()]

    def _refused(self, admission: Admission) -> Commands:
        self._state = "door"
        reason = admission.reason or Reason.FAULT
        if saying.our_trouble(reason):
            code = "454 4.7.0"
        else:
            code = "535 5.7.8" if saying.wrong_credential(reason) else "535 5.7.1"
        return self._error(f"{code} {saying.refusal(admission)}")

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
