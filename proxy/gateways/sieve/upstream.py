"""Logs in at a ManageSieve server for an admitted session: the client side of RFC 5804, as far as that takes. Pure.

::

    greeting --OK--> [STARTTLS --OK--> TLS, capabilities --OK-->] XCLIENT and AUTHENTICATE --OK--> open
       |                 |                                            |
       '-- NO, BYE, early octets, long lines, too many lines: failed, and no credential is sent --'

XCLIENT is Dovecot's: to networks that it trusts it offers to take the client's address and our session. What the
server can do with scripts is learnt from it, for the greetings of sessions to come (``GateSettings.learnt``).
"""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import replace

from proxy.gateways import sasl
from proxy.gateways.sieve.grammar import Bad, Reader, Sentence, Sentences, string
from proxy.relays.gate import Command, Reached, SendUp, StartTlsUp

LONGEST = 8192
LITERAL = 16384
SENTENCES = 100
"""What a server may say before the login is done: octets of a line, of a literal, and lines."""

LEARNT = ("SIEVE", "NOTIFY", "EXTLISTS")
"""Capabilities that do not depend on whose session it is."""


class Failed(Exception):
    """The session cannot be opened; the message is for the operator."""


Then = Callable[[Sentence], bool]


class SieveLogin:
    """One login. Feed it what the server sends; perform ``orders()`` after each call. Raises ``Failed``."""

    __slots__ = (
        "_forward",
        "_heard",
        "_learnt",
        "_login",
        "_offered",
        "_orders",
        "_place",
        "_reader",
        "_response",
        "_secure",
        "_sentences",
        "_steps",
    )

    def __init__(self, upstream: Reached, learnt: dict[str, str]) -> None:
        """``learnt``: what servers have said of themselves, added to here."""
        # A master user comes as himself and somebody else in one name; PLAIN is how ManageSieve takes that.
        master = upstream.login.mechanism == "LOGIN"
        self._login = replace(upstream.login, mechanism="PLAIN") if master else upstream.login
        self._forward = upstream.forward
        self._place = (upstream.host, upstream.port)
        self._secure = upstream.secure
        self._learnt = learnt
        self._reader = Reader(LONGEST, client=False)
        self._sentences = Sentences(self._reader, LITERAL)
        self._heard = 0
        self._offered: dict[str, str] = {}
        self._response = b""
        self._orders: list[Command] = []
        self._steps: deque[Then] = deque([self._greeting])

    def orders(self) -> Sequence[Command]:
        """Return what is to be done now."""
        orders, self._orders = self._orders, []
        return orders

    def feed(self, data: bytes | memoryview) -> bool:
        """Take octets of the server; True: logged in."""
        self._reader.feed(data)
        while (said := self._sentences.next()) is not None:
            self._heard += 1
            if isinstance(said, Bad) or self._heard > SENTENCES:
                raise Failed("too much, or no sentences, before the login was done")
            if not self._steps:
                raise Failed("an answer that nobody asked for")
            if self._steps.popleft()(said):
                self._alone()
                return True
        return False

    def secured(self) -> None:
        """TLS is up: what the server offered in clear counts for nothing, and it offers anew by itself."""
        self._secure = True
        self._offered = {}
        self._steps.append(self._greeting)

    def _greeting(self, said: Sentence) -> bool:
        """Capabilities, each a sentence, and OK (section 1.7)."""
        if not said.verb:
            if said.shape in ("s", "ss"):
                self._offered[said.words[0].decode("ascii", "replace").upper()] = said.words[-1].decode(
                    "utf-8", "replace"
                )
            self._steps.append(self._greeting)
            return False
        self._expect(said)
        self._alone()
        if self._secure:
            self._log_in()
        elif "STARTTLS" in self._offered:
            self._send(b"STARTTLS", self._tls_granted)
        else:
            raise Failed("no STARTTLS")
        return False

    def _tls_granted(self, said: Sentence) -> bool:
        self._expect(said)
        self._alone()  # whoever put octets there wants them read as if they had come under TLS
        self._orders.append(StartTlsUp())
        return False

    def _log_in(self) -> None:
        """In one breath: who the client is, and the credential."""
        self._learnt.update((word, self._offered[word]) for word in LEARNT if word in self._offered)
        told = self._forward
        if told is not None and "XCLIENT" in self._offered:
            # An IP address, a number and a name that we drew ourselves: nothing here needs quoting.
            self._send(f"XCLIENT ADDR={told.address} PORT={told.port} SESSION={told.session}".encode(), self._told)
        try:
            response = sasl.encode(sasl.respond(self._login, *self._place))
        except ValueError as fault:
            raise Failed(str(fault)) from None
        mechanism = string(self._login.mechanism.encode())
        self._send(b"AUTHENTICATE %b %b" % (mechanism, string(response, client=True)), self._answer)

    def _told(self, said: Sentence) -> bool:
        if not said.verb:
            raise Failed("no answer to XCLIENT")
        return False

    def _answer(self, said: Sentence) -> bool:
        # A challenge would be the reason of an OAuth failure (RFC 7628); nothing more is to be said then.
        self._expect(said)
        return True

    def _expect(self, said: Sentence) -> None:
        if said.verb != b"OK":
            raise Failed(b" ".join(said.words)[:120].decode("utf-8", "replace"))

    def _alone(self) -> None:
        if self._reader.waiting:
            raise Failed("octets that come too early")

    def _send(self, line: bytes, then: Then) -> None:
        self._orders.append(SendUp(line + b"\r\n"))
        self._steps.append(then)
