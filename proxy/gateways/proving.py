"""How a client proves who it is, the same in every mail protocol: mechanism, challenges, verdict, refusal. Pure.

::

    begin, password --> Ask --judged: refused--> Refusal
      |   '--> Challenge --take--> Ask, Challenge, MALFORMED, CANCELLED
      |                 judged: admitted by SCRAM--> Challenge (our proof) --take: empty--> Proved
      '--> UNKNOWN, MALFORMED        judged: refused token --> Challenge (JSON) --take: whatever--> Refusal

What each step is called on the wire is the protocol's own.
"""

from enum import Enum
from typing import NamedTuple

from kernel.reasons import Reason
from proxy.admission import Admission
from proxy.gateways import sasl, saying
from proxy.gateways.sasl import Challenge
from proxy.gateways.scram import MECHANISM, ScramDesk, ScramExchange, server_final
from proxy.relays.gate import Ask


class Fault(Enum):
    """The client's own mistake; the guard was not asked."""

    UNKNOWN = "no such mechanism"
    MALFORMED = "malformed"
    CANCELLED = "cancelled"


class Refusal(NamedTuple):
    """The login is refused; ``words`` are one line for the person, with the link that explains."""

    reason: Reason
    words: str


class Proved(NamedTuple):
    """Each side has proved itself to the other; the session begins."""

    admission: Admission


Step = Challenge | Ask | Fault | Refusal | Proved
_WITH_SCRAM = (MECHANISM, *sasl.MECHANISMS)


class Proving:
    """One session's attempts, one after the other. ``certificate``: the client has shown one, which EXTERNAL needs."""

    __slots__ = ("_exchange", "_issuer", "_proved", "_refusal", "_scram", "_utf8", "certificate")

    def __init__(self, issuer: str, *, utf8: bool = False, scram: ScramDesk | None = None) -> None:
        """``utf8``: the protocol carries words in any language. ``scram``: where its terms and nonces come from."""
        self._scram = scram
        self._proved: Proved | None = None
        self._issuer = issuer
        self._utf8 = utf8
        self._exchange: sasl.Exchange | None = None
        self._refusal: Refusal | None = None
        self.certificate = False

    @property
    def offered(self) -> tuple[str, ...]:
        """The mechanisms that this client may use, under TLS."""
        ways = _WITH_SCRAM if self._scram is not None and self._scram.terms is not None else sasl.MECHANISMS
        return (*ways, "EXTERNAL") if self.certificate else ways

    def begin(self, mechanism: bytes, response: bytes | None) -> Step:
        """Begin by ``mechanism``, as the client spelt it; ``response`` in base64, None when none came along."""
        self._exchange = self._refusal = self._proved = None
        name = mechanism.decode("ascii", "replace").upper()
        if name not in self.offered:
            return Fault.UNKNOWN
        self._exchange = sasl.Exchange(name, self._scrambling(name))
        return self._exchange.first() if response is None else self.take(response)

    def password(self, name: bytes, password: bytes) -> Step:
        """Begin by a command of the protocol's own that says it all (IMAP's LOGIN, POP3's PASS)."""
        self._exchange = self._refusal = self._proved = None
        try:
            return sasl.plain(name, password)
        except sasl.Malformed:
            return Refusal(Reason.CREDENTIALS, saying.sentence("", Reason.CREDENTIALS))

    def take(self, line: bytes) -> Step:
        """Take the client's next response, in base64; ``*`` cancels."""
        refusal, self._refusal = self._refusal, None
        if refusal is not None:  # this answers the JSON that explained it (RFC 7628, section 3.2.3)
            return refusal
        proved, self._proved = self._proved, None
        if proved is not None:  # this answers the server's own proof (RFC 5802, section 5)
            return proved if line in (b"", b"=") else Fault.CANCELLED
        if line == b"*" or self._exchange is None:
            return Fault.CANCELLED
        try:
            return self._exchange.take(sasl.decode(line))
        except sasl.Malformed:
            return Fault.MALFORMED

    def _scrambling(self, name: str) -> ScramExchange | None:
        desk = self._scram
        if name != MECHANISM or desk is None or desk.terms is None:
            return None
        return ScramExchange(desk.terms, desk.nonce())

    def judged(self, admission: Admission) -> Challenge | Refusal:
        """Return how to say that the guard refused, or that it admits one to whom we have to prove ourselves, too."""
        if admission.admitted:
            self._proved = Proved(admission)
            return Challenge(server_final(admission.signature))
        refusal = Refusal(admission.reason or Reason.FAULT, saying.refusal(admission, utf8=self._utf8))
        exchange = self._exchange
        if exchange is not None and exchange.oauth and saying.wrong_credential(refusal.reason):
            self._refusal = refusal
            return Challenge(sasl.explain(exchange.mechanism, self._issuer))
        return refusal
