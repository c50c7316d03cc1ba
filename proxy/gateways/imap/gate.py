"""The IMAP gate: from the greeting to the moment when client and server are left to each other. Pure.

::

    clear --STARTTLS--> handshake --> door --LOGIN, AUTHENTICATE--> judging --admitted--> opening --logged in--> spliced
      |                                ^  |                            |                     |                     |
      |  (no credential before TLS)    |  sasl (continuation lines)    '--refused--> door    '--fails--> door      |
      '--------------- LOGOUT, too long, too many, too slow, garbage: BYE ------------------------------ lease ends

Refuses every command but CAPABILITY, ID, NOOP, LOGOUT, STARTTLS, LOGIN and AUTHENTICATE before the user is admitted,
and whatever breaks ``Bounds``. What a client pipelines behind its login waits, and goes to the server in order once
the login succeeded.
"""

import re
from collections.abc import Mapping
from functools import lru_cache

from msgspec.structs import replace

from kernel.reasons import Reason
from proxy.admission import Admission
from proxy.gateways import sasl, saying
from proxy.gateways.imap.boundary import Boundary
from proxy.gateways.imap.door import DOOR, Door, Handler
from proxy.gateways.imap.grammar import Bad, Command
from proxy.gateways.imap.upstream import Failed, ImapLogin, Outcome
from proxy.gateways.proving import Fault, Refusal, Step
from proxy.relays.gate import NOTHING, Ask, Commands, End, Hold, Open, Reached, Send, Splice

STRIPPED = re.compile(
    rb"(?:AUTH=.*|LOGINDISABLED|STARTTLS|LOGIN-REFERRALS|MAILBOX-REFERRALS|SASL-IR|UNAUTHENTICATE)\Z", re.IGNORECASE
)
"""Capabilities of the server that are spent once one is logged in, or that would lead around the gate."""

FAULTS: Mapping[Fault, tuple[bytes, str]] = {
    Fault.UNKNOWN: (b"NO", "[CANNOT] No such mechanism here."),
    Fault.MALFORMED: (b"NO", "[AUTHENTICATIONFAILED] The credential is malformed."),
    Fault.CANCELLED: (b"BAD", "Cancelled."),
}


class ImapGate(Door):
    """One session. See ``proxy.relays.gate.Gate``."""

    __slots__ = ()

    # -- the credential -----------------------------------------------------------------------------------------

    def _log_in(self, command: Command) -> Commands:
        if not self._secure:
            return self._error(command.tag, b"NO", "[PRIVACYREQUIRED] Not without TLS.")
        if command.shape != "ss":
            return self._error(command.tag, b"BAD", "LOGIN takes a name and a password.")
        name, password = command.tokens
        self._tag = command.tag
        return self._proved(self._proving.password(name, password))

    def _authenticate(self, command: Command) -> Commands:
        if not self._secure:
            return self._error(command.tag, b"NO", "[PRIVACYREQUIRED] Not without TLS.")
        if command.shape not in ("s", "ss"):
            return self._error(command.tag, b"BAD", "AUTHENTICATE takes a mechanism.")
        self._tag = command.tag
        return self._proved(
            self._proving.begin(command.tokens[0], command.tokens[1] if len(command.tokens) > 1 else None)
        )

    def _sasl_line(self) -> Commands | None:
        line = self._reader.raw_line()
        if line is None:
            return None
        if isinstance(line, Bad):
            self._state = "door"
            return self._bye("Protocol error.") if line.fatal else self._error(self._tag, b"BAD", "Malformed.")
        return self._proved(self._proving.take(line))

    def _proved(self, step: Step) -> Commands:
        """Say, or order, what the client's proof has come to."""
        if isinstance(step, sasl.Challenge):
            self._state = "sasl"
            return [Send(b"+ %b\r\n" % sasl.encode(step.data))]
        if isinstance(step, Ask):
            self._state = "judging"
            return [replace(step, client=self._client) if self._client else step]
        self._state = "door"
        if isinstance(step, Refusal):
            return self._error(self._tag, b"NO", self._refused(step))
        return self._error(self._tag, *FAULTS[step])

    def judged(self, admission: Admission) -> Commands:
        if self._state != "judging":
            return NOTHING
        if admission.admitted:
            self._state = "opening"
            return [Open()]
        return [*self._proved(self._proving.judged(admission)), *self._go_on()]

    def _refused(self, refusal: Refusal) -> str:
        if saying.our_trouble(refusal.reason):
            code = "[UNAVAILABLE]"
        elif saying.wrong_credential(refusal.reason):
            code = "[AUTHENTICATIONFAILED]"
        else:
            code = "[AUTHORIZATIONFAILED]"
        return f"{code} {refusal.words}"

    # -- the server ---------------------------------------------------------------------------------------------

    def reached(self, upstream: Reached) -> Commands:
        if self._state == "opening":
            self._login = ImapLogin(upstream)
        return NOTHING

    def upstream_secured(self) -> Commands:
        return self._step(self._login.secured()) if self._login is not None else self.unreachable()

    def answered(self, data: bytes | memoryview) -> Commands:
        return self._step(self._login.feed(data)) if self._login is not None else self.unreachable()

    def unreachable(self) -> Commands:
        if self._state != "opening":
            return NOTHING
        words = saying.sentence("", Reason.UPSTREAM).encode()
        # The client is not to ask for a new password, and to come again (RFC 5530); it may do so on this connection.
        self._state = "over"
        return [End(b"%b NO [UNAVAILABLE] %b\r\n* BYE %b\r\n" % (self._tag, words, words), Reason.UPSTREAM)]

    def _step(self, outcome: Outcome) -> Commands:
        login = self._login
        if login is None or self._state != "opening":
            return NOTHING
        orders = login.orders()
        if outcome is None:
            return orders
        if isinstance(outcome, Failed):
            return self.unreachable()
        self._state, self._login = "spliced", None
        welcome = self._tag + welcome_of(outcome.capability) + outcome.rest
        return [*orders, Hold(self._client), Send(welcome), Splice(Boundary(), self._reader.rest())]

    def dismissed(self, reason: Reason, words: str) -> Commands:
        """RFC 9051, section 7.1.5: untagged BYE. ``[UNAVAILABLE]`` where the trouble is ours (RFC 5530)."""
        code = b"[UNAVAILABLE] " if saying.our_trouble(reason) else b""
        self._state = "over"
        return [End(b"* BYE %b%b\r\n" % (code, saying.sentence(words, reason).encode()), reason)]

    def _serve(self) -> Commands | None:
        return self._sasl_line() if self._state == "sasl" else self._command()

    def _verbs(self) -> Mapping[str, Handler]:
        return HANDLERS


@lru_cache(maxsize=64)
def welcome_of(capability: bytes) -> bytes:
    """Return what stands behind the tag when a client is in, with what it may use of an upstream's capabilities.
    Upstreams are few, so this is remembered."""
    offers = b" ".join(word for word in capability.split() if not STRIPPED.match(word))
    code = b"[CAPABILITY %b] " % offers if offers else b""
    return b" OK %bLogged in.\r\n" % code


HANDLERS: Mapping[str, Handler] = {**DOOR, "LOGIN": ImapGate._log_in, "AUTHENTICATE": ImapGate._authenticate}
