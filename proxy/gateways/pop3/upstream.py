"""Logs in at a POP3 server for an admitted session: the client side of the protocol, as far as that takes. Pure.

::

    greeting --+OK--> [STLS --+OK--> TLS] --> [CAPA] --> XCLIENT, UTF8 and AUTH (or USER, PASS) --+OK--> open
       |                 |                                        |
       '-- another answer, early octets, long lines: failed, and no credential is sent --'

CAPA is asked once for all sessions (``GateSettings.learnt``). XCLIENT is Dovecot's: from networks that it trusts it
takes the client's address and our session from it, and says so in its greeting.
"""

from collections import deque
from collections.abc import Callable, Sequence

from kernel.authority import UpstreamLogin
from proxy.gateways import sasl
from proxy.gateways.lines import Bad, Reader
from proxy.gateways.pop3.grammar import CODE, LONGEST
from proxy.relays.gate import Command, Reached, SendUp, StartTlsUp

LINES = 100
"""The most that a server may say before the login is done."""

COMMAND = 255
"""The longest command, CR LF included (RFC 2449, section 4): a response that would make AUTH longer comes after it
(RFC 5034, section 4)."""

UTF8 = "UTF8"


class Failed(Exception):
    """The session cannot be opened; the message is for the operator, ``code`` what the server said about why."""

    def __init__(self, what: str, code: str = "") -> None:
        super().__init__(what)
        self.code = code


Then = Callable[[bytes], bool]


class Pop3Login:
    """One login. Feed it what the server sends; perform ``orders()`` after each call. Raises ``Failed``."""

    __slots__ = (
        "_forward",
        "_learnt",
        "_lines",
        "_login",
        "_orders",
        "_place",
        "_reader",
        "_response",
        "_secure",
        "_steps",
        "_trusting",
        "_utf8",
    )

    def __init__(self, upstream: Reached, learnt: dict[str, str], *, utf8: bool) -> None:
        """``learnt``: what servers have said of themselves, added to here. ``utf8``: the client has asked for UTF8."""
        self._login: UpstreamLogin = upstream.login
        self._forward = upstream.forward
        self._place = (upstream.host, upstream.port)
        self._secure = upstream.secure
        self._learnt = learnt
        self._utf8 = utf8
        self._reader = Reader(LONGEST)
        self._lines = 0
        self._orders: list[Command] = []
        self._response = b""
        self._trusting = False
        self._steps: deque[Then] = deque([self._greeting])

    def orders(self) -> Sequence[Command]:
        """Return what is to be done now."""
        orders, self._orders = self._orders, []
        return orders

    def feed(self, data: bytes | memoryview) -> bool:
        """Take octets of the server; True: logged in."""
        self._reader.feed(data)
        while (line := self._reader.next()) is not None:
            self._lines += 1
            if isinstance(line, Bad) or self._lines > LINES:
                raise Failed("too much, or no lines, before the login was done")
            if not self._steps:
                raise Failed("an answer that nobody asked for")
            if self._steps.popleft()(line):
                if self._reader.waiting:
                    raise Failed("octets behind the welcome")
                return True
        return False

    def secured(self) -> None:
        """TLS is up: what the server said in clear counts for nothing, its word about whom it trusts excepted, which
        only leads to a question."""
        self._secure = True
        self._prepare()

    def _greeting(self, line: bytes) -> bool:
        self._expect(line)
        self._alone()
        self._trusting = b"[XCLIENT]" in line.upper()
        if self._secure:
            self._prepare()
        else:
            self._send(b"STLS", self._tls_granted)
        return False

    def _tls_granted(self, line: bytes) -> bool:
        self._expect(line)
        self._alone()  # whoever put octets there wants them read as if they had come under TLS
        self._orders.append(StartTlsUp())
        return False

    def _prepare(self) -> None:
        if self._learnt:
            self._log_in()
        else:
            self._send(b"CAPA", self._capabilities)

    def _capabilities(self, line: bytes) -> bool:
        if line[:3].upper() != b"+OK":
            self._learnt["CAPA"] = ""  # it knows none, and need not be asked again
            self._log_in()
        else:
            self._steps.append(self._capability)
        return False

    def _capability(self, line: bytes) -> bool:
        if line == b".":
            self._learnt.setdefault("CAPA", "")
            self._log_in()
            return False
        word, _, rest = line.decode("ascii", "replace").partition(" ")
        if word.upper() == UTF8:
            self._learnt[UTF8] = rest
        self._steps.append(self._capability)
        return False

    def _log_in(self) -> None:
        """In one breath, each with its answer to come: who the client is, what it wants, and the credential."""
        told = self._forward
        if told is not None and self._trusting:
            # An IP address, a number and a name that we drew ourselves: nothing here needs quoting.
            self._send(f"XCLIENT ADDR={told.address} PORT={told.port} SESSION={told.session}".encode(), self._whatever)
        if self._utf8:
            self._send(b"UTF8", self._whatever)
        if self._login.mechanism == "LOGIN":
            self._send(b"USER " + _word(self._login.name), self._user_known)
            return
        try:
            response = sasl.encode(sasl.respond(self._login, *self._place))
        except ValueError as fault:
            raise Failed(str(fault)) from None
        command = b"AUTH %b" % self._login.mechanism.encode()
        whole = b"%b %b" % (command, response)
        fits = len(whole) + 2 <= COMMAND
        self._response = b"" if fits else response
        self._send(whole if fits else command, self._answer)

    def _whatever(self, _: bytes) -> bool:
        return False

    def _user_known(self, line: bytes) -> bool:
        self._expect(line)
        self._send(b"PASS " + _word(self._login.secret), self._answer)
        return False

    def _answer(self, line: bytes) -> bool:
        if line[:1] == b"+" and line[:3].upper() != b"+OK" and self._response:
            response, self._response = self._response, b""
            self._send(response, self._answer)
            return False
        self._expect(line)
        return True

    def _expect(self, line: bytes) -> None:
        if line[:3].upper() != b"+OK":
            found = CODE.match(line)
            code = found[1].decode().upper() if found else ""
            raise Failed(line[:120].decode("ascii", "replace"), code)

    def _alone(self) -> None:
        if self._reader.waiting:
            raise Failed("octets that come too early")

    def _send(self, line: bytes, then: Then) -> None:
        self._orders.append(SendUp(line + b"\r\n"))
        self._steps.append(then)


def _word(text: str) -> bytes:
    """Return a user name or password as an argument.

    Raises:
        Failed: it would change the protocol.
    """
    if not text.isprintable() or not text:
        raise Failed("a name or password that no POP3 command can hold")
    return text.encode()
