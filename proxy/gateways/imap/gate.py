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

from collections.abc import Mapping
from functools import lru_cache

from msgspec.structs import replace

from kernel.reasons import Reason
from policies.model import Limits
from proxy.admission import Admission
from proxy.gateways import sasl, saying
from proxy.gateways.imap.boundary import Boundary
from proxy.gateways.imap.door import DOOR, Door, Handler
from proxy.gateways.imap.grammar import Bad, Command
from proxy.gateways.imap.inspection.capabilities import becomes_another, offers_of
from proxy.gateways.imap.inspection.gate import Inspection
from proxy.gateways.imap.upstream import Failed, ImapLogin, Opened, Outcome
from proxy.gateways.proving import Fault, Proved, Refusal, Step
from proxy.gateways.settings import GateSettings
from proxy.relays.gate import NOTHING, Ask, Become, Blame, Commands, End, Hold, Open, Reached, Send, Splice, Terms

FAULTS: Mapping[Fault, tuple[bytes, str]] = {
    Fault.UNKNOWN: (b"NO", "[CANNOT] No such mechanism here."),
    Fault.MALFORMED: (b"NO", "[AUTHENTICATIONFAILED] The credential is malformed."),
    Fault.CANCELLED: (b"BAD", "Cancelled."),
}


class ImapGate(Door):
    """One session. See ``proxy.relays.gate.Gate``."""

    __slots__ = ("_boundary", "_inspection", "_terms")

    def __init__(self, settings: GateSettings) -> None:
        super().__init__(settings)
        self._terms: Terms | None = None
        self._boundary: Boundary | None = None
        self._inspection: Inspection | None = None

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
        if isinstance(step, Proved):
            return self._enter(step.admission)
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
        if admission.admitted and not admission.signature:
            return self._enter(admission)
        return [*self._proved(self._proving.judged(admission)), *self._go_on()]

    def _enter(self, _: Admission) -> Commands:
        self._state = "opening"
        return [Open()]

    def patient(self, number: str, first: bool) -> Commands:
        """Untagged OK while the login is judged, as Dovecot does when its own is slow: the client sees that the server
        lives. ALERT the first time, which clients must show (RFC 3501, section 7.1)."""
        if self._state != "judging":
            return NOTHING
        page = f"{self._settings.issuer}/portal/approvals"
        compare = f" and choose {number}" if number else ""
        said = f"[ALERT] Please confirm this sign-in at {page}{compare}" if first else "Waiting to be confirmed"
        return [Send(f"* OK {said}.\r\n".encode())]

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
            self._login = ImapLogin(upstream, self._settings.learnt)
        return NOTHING

    def upstream_secured(self) -> Commands:
        return self._step(self._login.secured()) if self._login is not None else self.unreachable()

    def answered(self, data: bytes | memoryview) -> Commands:
        return self._step(self._login.feed(data)) if self._login is not None else self.unreachable()

    def unreachable(self, reason: Reason = Reason.UPSTREAM) -> Commands:
        if self._state != "opening":
            return NOTHING
        words = saying.sentence("", reason).encode()
        code = b"UNAVAILABLE" if saying.our_trouble(reason) else b"AUTHORIZATIONFAILED"
        # The client is not to ask for a new password, and to come again (RFC 5530); it may do so on this connection.
        self._state = "over"
        return [End(b"%b NO [%b] %b\r\n* BYE %b\r\n" % (self._tag, code, words, words), reason)]

    def _step(self, outcome: Outcome) -> Commands:
        login = self._login
        if login is None or self._state != "opening":
            return NOTHING
        orders = login.orders()
        if outcome is None:
            return orders
        if isinstance(outcome, Failed):
            return [Blame(outcome.what, login.secret), *self.unreachable()]
        self._state, self._login = "spliced", None
        if self._terms is not None or becomes_another(outcome.capability):
            return [*orders, *self._inspected(outcome)]
        self._boundary = boundary = Boundary()
        welcome = self._tag + welcome_of(offers_of(outcome.capability)) + outcome.rest
        return [*orders, Hold(self._client), Send(welcome), Splice(boundary, self._reader.rest())]

    def _inspected(self, opened: Opened) -> Commands:
        """The session has limits, or could become somebody else's at the server: it is not left to itself."""
        watched = becomes_another(opened.capability)
        self._inspection = heir = Inspection(self._terms or Terms(Limits()), watched=watched)
        welcome = Send(self._tag + welcome_of(heir.offers(opened.capability)))
        return [Hold(self._client), welcome, Become(heir), *heir.begin(self._reader.rest(), opened.rest)]

    def limited(self, terms: Terms) -> Commands:
        if self._inspection is not None:
            return self._inspection.limited(terms)
        if self._boundary is None:
            self._terms = terms
            return NOTHING
        return Inspection(terms, watched=False).retaken(self._boundary, terms)

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
def welcome_of(offers: bytes) -> bytes:
    """Return what stands behind the tag when a client is in, with what it may use of an upstream's capabilities.
    Upstreams are few, so this is remembered."""
    code = b"[CAPABILITY %b] " % offers if offers else b""
    return b" OK %bLogged in.\r\n" % code


HANDLERS: Mapping[str, Handler] = {**DOOR, "LOGIN": ImapGate._log_in, "AUTHENTICATE": ImapGate._authenticate}
