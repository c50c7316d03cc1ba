"""The ManageSieve gate before anybody is logged in: greeting, CAPABILITY, STARTTLS, AUTHENTICATE, and every bound.
Pure.

``proxy.gateways.sieve.gate`` draws the whole.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from kernel.reasons import Reason
from proxy.admission import Admission
from proxy.gateways import sasl, saying
from proxy.gateways.budget import Budget
from proxy.gateways.proving import Fault, Proving, Refusal, Step
from proxy.gateways.settings import GateSettings
from proxy.gateways.sieve.grammar import Bad, Reader, Sentence, Sentences, string
from proxy.gateways.sieve.upstream import LEARNT, SieveLogin
from proxy.gateways.turns import Turns
from proxy.relays.gate import NOTHING, Ask, Commands, End, Open, Send, StartTls

SIEVE = "fileinto envelope reject vacation imap4flags subaddress relational copy"
"""What is named of Sieve's extensions until a server was heard: what every server has. RFC 5804, section 1.7, wants it
in the greeting, before anybody knows whose session it is, and clients look for it there."""

NO_TLS = 'NO (ENCRYPT-NEEDED) "Not without TLS; say STARTTLS first."'
PLAIN = re.compile(r"[ !#-\[\]-~]{0,1000}\Z")
VISITORS = frozenset(b"GET POST PUT HEAD OPTIONS CONNECT DELETE PATCH TRACE PRI EHLO HELO HOST: USER-AGENT:".split())
"""How somebody begins who was led here from another protocol (ALPACA)."""

FAULTS: Mapping[Fault, str] = {
    Fault.UNKNOWN: 'NO "No such mechanism here."',
    Fault.MALFORMED: 'NO "The credential is malformed."',
    Fault.CANCELLED: 'NO "Cancelled."',
}

Handler = Callable[[Any, Sentence], Commands]


class Door(Turns):
    """The part of a session's gate that strangers reach."""

    __slots__ = (
        "_budget",
        "_login",
        "_proving",
        "_reader",
        "_secure",
        "_sentences",
        "_settings",
        "_state",
    )

    _reader: Reader

    def __init__(self, settings: GateSettings) -> None:
        super().__init__()
        self._settings = settings
        self._reader = Reader(settings.bounds.line, client=True)
        self._sentences = Sentences(self._reader, settings.bounds.literal)
        self._secure = False
        self._state = "door"
        self._budget = Budget(settings.bounds)
        self._proving = Proving(settings.issuer, utf8=True)
        self._login: SieveLogin | None = None

    def greet(self, secure: bool, certificate: bool) -> Commands:
        self._secure, self._proving.certificate = secure, certificate
        return [self._offers(f"{self._settings.name} ready.")]

    def secured(self, certificate: bool) -> Commands:
        """RFC 5804, section 2.2: what is offered under TLS is said unasked."""
        self._secure, self._proving.certificate, self._state = True, certificate, "door"
        self._reader.forget()  # whatever came in clear meanwhile
        return [self._offers("TLS is on.")]

    def overdue(self) -> Commands:
        return self._bye("Too slow.", Reason.IDLE)

    @property
    def _serving(self) -> bool:
        return self._state in ("door", "sasl")

    def _serve(self) -> Commands | None:
        said = self._sentences.next()
        if said is None:
            return None
        if isinstance(said, Bad):
            return self._bye(f"Protocol error: {said.what}.")
        if self._state == "sasl":
            return self._respond(said)
        if not self._budget.command():
            return self._bye("Too many commands before the login.")
        if said.words and said.words[0].upper() in VISITORS:
            return self._bye("This is a ManageSieve server.")
        handler = DOOR.get(said.verb)
        return self._error('NO "Log in first."') if handler is None else handler(self, said)

    def _error(self, line: str) -> Commands:
        said = Send(f"{line}\r\n".encode())
        return [said] if self._budget.error() else [said, *self._bye("Too many errors.")]

    def _bye(self, text: str, reason: Reason | None = None) -> Commands:
        self._state = "over"
        self._reader.forget()
        return [End(_said("BYE", text), reason)]

    # -- what strangers may say ---------------------------------------------------------------------------------

    def _offers(self, text: str) -> Send:
        """Return what is offered now, and OK: no mechanism before TLS (section 1.7)."""
        ways = " ".join(self._proving.offered) if self._secure else ""
        offers = {"IMPLEMENTATION": self._settings.name, "SIEVE": SIEVE, **_known(self._settings.learnt), "SASL": ways}
        lines = [f'"{word}" "{value}"\r\n' for word, value in (*offers.items(), ("VERSION", "1.0"))]
        if not self._secure:
            lines.append('"STARTTLS"\r\n')
        return Send("".join(lines).encode() + _said("OK", text))

    def _capability(self, said: Sentence) -> Commands:
        return [self._offers("That is all.")] if said.shape == "a" else self._error('NO "CAPABILITY stands alone."')

    def _noop(self, said: Sentence) -> Commands:
        """Section 2.13: a string comes back as a tag."""
        if said.shape == "as":
            return [Send(b'OK (TAG %b) "Done."\r\n' % string(said.arguments[0]))]
        return [Send(_said("OK", "Done."))] if said.shape == "a" else self._error('NO "NOOP takes a string."')

    def _logout(self, _: Sentence) -> Commands:
        self._state = "over"
        return [End(_said("OK", "Goodbye."))]

    def _starttls(self, said: Sentence) -> Commands:
        if self._secure:
            return self._error('NO "TLS is on already."')
        if said.shape != "a":
            return self._error('NO "STARTTLS stands alone."')
        # What stands behind the command was sent in clear by whomever (CVE-2021-33515 and forty more): it never was.
        self._reader.forget()
        self._state = "handshake"
        return [Send(_said("OK", "Begin TLS now.")), StartTls()]

    def _authenticate(self, said: Sentence) -> Commands:
        if not self._secure:
            return self._error(NO_TLS)
        if said.shape not in ("as", "ass"):
            return self._error('NO "AUTHENTICATE takes a mechanism."')
        mechanism, *response = said.arguments
        return self._proved(self._proving.begin(mechanism, response[0] if response else None))

    # -- the verdict --------------------------------------------------------------------------------------------

    def _respond(self, said: Sentence) -> Commands:
        """A response is a string alone; an empty one is an empty response here (section 2.1)."""
        if said.shape != "s":
            self._state = "door"
            return self._error('NO "A string is expected."')
        return self._proved(self._proving.take(said.words[0]))

    def _proved(self, step: Step) -> Commands:
        """Say, or order, what the client's proof has come to."""
        if isinstance(step, sasl.Challenge):
            self._state = "sasl"
            return [Send(string(sasl.encode(step.data)) + b"\r\n")]
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


def _said(verb: str, text: str) -> bytes:
    """Return a response with words for a person."""
    return b"%b %b\r\n" % (verb.encode(), string(text.encode()))


def _refused(refusal: Refusal) -> str:
    """Section 1.3: TRYLATER keeps the client from asking for a new password."""
    code = "(TRYLATER) " if saying.our_trouble(refusal.reason) else ""
    return f"NO {code}{string(refusal.words.encode()).decode()}"


def _known(learnt: Mapping[str, str]) -> dict[str, str]:
    """Return what was learnt of servers, as far as it can be said in a quoted string."""
    found = {word: learnt[word] for word in LEARNT if word in learnt}
    return {word: value for word, value in found.items() if PLAIN.match(value)}


DOOR: Mapping[bytes, Handler] = {
    b"CAPABILITY": Door._capability,
    b"NOOP": Door._noop,
    b"LOGOUT": Door._logout,
    b"STARTTLS": Door._starttls,
    b"AUTHENTICATE": Door._authenticate,
}
