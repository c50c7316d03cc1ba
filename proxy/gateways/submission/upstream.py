"""Logs in at a next hop for an admitted session: the client side of SMTP, as far as that takes. Pure.

::

    greeting --220--> EHLO --> [STARTTLS --220--> TLS --> EHLO] --> [XCLIENT --220--> EHLO] --> [AUTH --235-->] open
       |                |            |                                  |                         |
       '---------- another code, early octets, no STARTTLS where TLS is asked for: failed --------'

XCLIENT (Postfix; Dovecot's submission service) tells the next hop who the client is; it resets the session, hence the
EHLO again. Where the login is ``NONE``, XCLIENT's LOGIN says who was authenticated.
"""

import re
from collections.abc import Callable, Sequence

from kernel.authority import UpstreamLogin
from proxy.gateways import sasl
from proxy.gateways.submission.grammar import Replies, Reply
from proxy.relays.gate import Command, Reached, SendUp, StartTlsUp

SAFE = re.compile(r"[!-*,-<>-~]")


class Failed(Exception):
    """The session cannot be opened; the message is for the operator."""


class SmtpLogin:
    """One login. Feed it what the server sends; perform ``orders()`` after each call. Raises ``Failed``."""

    __slots__ = (
        "_forward",
        "_hello",
        "_login",
        "_orders",
        "_place",
        "_replies",
        "_secure",
        "_step",
        "_told",
        "offered",
    )

    def __init__(self, upstream: Reached, hello: str) -> None:
        """``hello``: the name by which we greet."""
        self._login: UpstreamLogin = upstream.login
        self._forward = upstream.forward
        self._place = (upstream.host, upstream.port)
        self._secure = upstream.secure
        self._told = False
        self._hello = hello
        self._replies = Replies()
        self._orders: list[Command] = []
        self._step: Callable[[Reply], bool] = self._greeting
        self.offered: dict[str, str] = {}

    def orders(self) -> Sequence[Command]:
        """Return what is to be done now."""
        orders, self._orders = self._orders, []
        return orders

    def feed(self, data: bytes | memoryview) -> bool:
        """Take octets of the server; True: logged in."""
        self._replies.feed(data)
        try:
            reply = self._replies.next()
        except ValueError as fault:
            raise Failed(str(fault)) from None
        if reply is None:
            return False
        if self._replies.waiting:
            # One command, one reply: more of them come from somebody who wants to be ahead of the conversation.
            raise Failed("octets behind a reply")
        return self._step(reply)

    def secured(self) -> None:
        """TLS is up: what the server offered in clear counts for nothing."""
        self._secure = True
        self._say_hello()

    def _greeting(self, reply: Reply) -> bool:
        self._expect(reply, 220)
        self._say_hello()
        return False

    def _say_hello(self) -> None:
        self.offered = {}
        self._send(f"EHLO {self._hello}", self._hello_said)

    def _hello_said(self, reply: Reply) -> bool:
        self._expect(reply, 250)
        for text in reply.texts[1:]:
            word, _, rest = text.partition(" ")
            self.offered[word.upper()] = rest
        if not self._secure:
            if "STARTTLS" not in self.offered:
                raise Failed("no STARTTLS")
            self._send("STARTTLS", self._tls_granted)
            return False
        attributes = self._attributes()
        if attributes:
            self._told = True
            self._send("XCLIENT " + " ".join(attributes), self._greeting)
            return False
        return self._log_in()

    def _tls_granted(self, reply: Reply) -> bool:
        self._expect(reply, 220)
        self._orders.append(StartTlsUp())
        return False

    def _attributes(self) -> list[str]:
        """Return what XCLIENT is to say: only what the server names, only once, only what we know ourselves."""
        taken = self.offered.get("XCLIENT", "").upper().split()
        told = self._forward
        if told is None or self._told or not taken:
            return []
        address = f"IPV6:{told.address}" if ":" in told.address else told.address
        known = {"ADDR": address, "PORT": str(told.port), "PROTO": "ESMTP", "SESSION": told.session}
        if self._login.mechanism == "NONE":
            known["LOGIN"] = told.user
        return [f"{key}={_xtext(value)}" for key, value in known.items() if key in taken]

    def _log_in(self) -> bool:
        mechanism = self._login.mechanism
        if mechanism == "NONE":
            return True
        if mechanism == "LOGIN":
            self._send("AUTH LOGIN", self._name_asked)
            return False
        try:
            response = sasl.respond(self._login, *self._place)
        except ValueError as fault:
            raise Failed(str(fault)) from None
        self._send(f"AUTH {mechanism} {sasl.encode(response).decode()}", self._logged_in)
        return False

    def _name_asked(self, reply: Reply) -> bool:
        self._expect(reply, 334)
        self._send(sasl.encode(self._login.name.encode()).decode(), self._secret_asked)
        return False

    def _secret_asked(self, reply: Reply) -> bool:
        self._expect(reply, 334)
        self._send(sasl.encode(self._login.secret.encode()).decode(), self._logged_in)
        return False

    def _logged_in(self, reply: Reply) -> bool:
        self._expect(reply, 235)
        return True

    def _expect(self, reply: Reply, code: int) -> None:
        if reply.code != code:
            raise Failed(f"{self._step.__name__}: {reply.octets[:120].decode('ascii', 'replace').strip()}")

    def _send(self, line: str, then: Callable[[Reply], bool]) -> None:
        self._orders.append(SendUp(line.encode() + b"\r\n"))
        self._step = then


def _xtext(text: str) -> str:
    """RFC 3461, section 4."""
    return "".join(sign if SAFE.match(sign) else "".join(f"+{octet:02X}" for octet in sign.encode()) for sign in text)
