"""How a client proves who it is, the same in every mail protocol: mechanism, challenges, verdict, refusal. Pure.

::

    begin, password --> Ask --judged: refused--> Refusal
      |   '--> Challenge --take--> Ask, Challenge, MALFORMED, CANCELLED
      '--> UNKNOWN, MALFORMED        judged: refused token --> Challenge (JSON) --take: whatever--> Refusal

What each step is called on the wire is the protocol's own.
"""

from enum import Enum
from typing import NamedTuple

from kernel.reasons import Reason
from proxy.admission import Admission
from proxy.gateways import sasl, saying
from proxy.gateways.sasl import Challenge
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


Step = Challenge | Ask | Fault | Refusal


class Proving:
    """One session's attempts, one after the other. ``certificate``: the client has shown one, which EXTERNAL needs."""

    __slots__ = ("_exchange", "_issuer", "_refusal", "_utf8", "certificate")

    def __init__(self, issuer: str, *, utf8: bool = False) -> None:
        """``utf8``: the protocol carries words in any language."""
        self._issuer = issuer
        self._utf8 = utf8
        self._exchange: sasl.Exchange | None = None
        self._refusal: Refusal | None = None
        self.certificate = False

    @property
    def offered(self) -> tuple[str, ...]:
        """The mechanisms that this client may use, under TLS."""
        return (*sasl.MECHANISMS, "EXTERNAL") if self.certificate else sasl.MECHANISMS

    def begin(self, mechanism: bytes, response: bytes | None) -> Step:
        """Begin by ``mechanism``, as the client spelt it; ``response`` in base64, None when none came along."""
        self._exchange = self._refusal = None
        name = mechanism.decode("ascii", "replace").upper()
        if name not in self.offered:
            return Fault.UNKNOWN
        self._exchange = sasl.Exchange(name)
        return self._exchange.first() if response is None else self.take(response)

    def password(self, name: bytes, password: bytes) -> Step:
        """Begin by a command of the protocol's own that says it all (IMAP's LOGIN, POP3's PASS)."""
        self._exchange = self._refusal = None
        try:
            return sasl.plain(name, password)
        except sasl.Malformed:
            return Refusal(Reason.CREDENTIALS, saying.sentence("", Reason.CREDENTIALS))

    def take(self, line: bytes) -> Step:
        """Take the client's next response, in base64; ``*`` cancels."""
        refusal, self._refusal = self._refusal, None
        if refusal is not None:  # this answers the JSON that explained it (RFC 7628, section 3.2.3)
            return refusal
        if line == b"*" or self._exchange is None:
            return Fault.CANCELLED
        try:
            return self._exchange.take(sasl.decode(line))
        except sasl.Malformed:
            return Fault.MALFORMED

    def judged(self, admission: Admission) -> Challenge | Refusal:
        """Return how to say that the guard refused."""
        refusal = Refusal(admission.reason or Reason.FAULT, saying.refusal(admission, utf8=self._utf8))
        exchange = self._exchange
        if exchange is not None and exchange.oauth and saying.wrong_credential(refusal.reason):
            self._refusal = refusal
            return Challenge(sasl.explain(exchange.mechanism, self._issuer))
        return refusal
