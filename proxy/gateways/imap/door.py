"""The IMAP gate before anybody logs in: greeting, CAPABILITY, ID, NOOP, LOGOUT, STARTTLS, and every bound. Pure.

It also reads the client's commands for what comes after; ``proxy.gateways.imap.gate`` draws the whole.
"""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from kernel.reasons import Reason
from proxy.gateways.budget import Budget
from proxy.gateways.imap.grammar import Bad, Command, NeedMore, Reader
from proxy.gateways.imap.upstream import ImapLogin
from proxy.gateways.proving import Proving
from proxy.gateways.settings import GateSettings
from proxy.relays.gate import NOTHING, Ask, Commands, End, Open, Send, StartTls

HELD_BACK = 65536
"""What a client may send while its login is judged, in octets."""

VISITORS = frozenset(b"GET POST PUT HEAD OPTIONS CONNECT DELETE PATCH TRACE PRI EHLO HELO HOST: USER-AGENT:".split())

Handler = Callable[[Any, Command], Commands]


class Door:
    """The part of a session's gate that strangers reach."""

    __slots__ = (
        "_budget",
        "_client",
        "_login",
        "_proving",
        "_reader",
        "_secure",
        "_settings",
        "_state",
        "_tag",
    )

    def __init__(self, settings: GateSettings) -> None:
        self._settings = settings
        self._reader = Reader(settings.bounds.line, settings.bounds.literal)
        self._secure = False
        self._state = "door"
        self._tag = b""
        self._budget = Budget(settings.bounds)
        self._proving = Proving(settings.issuer)
        self._login: ImapLogin | None = None
        self._client = ""

    # -- before the credential ----------------------------------------------------------------------------------

    def greet(self, secure: bool, certificate: bool) -> Commands:
        self._secure, self._proving.certificate = secure, certificate
        return [greeting(self._offers(), self._settings.name)]

    def secured(self, certificate: bool) -> Commands:
        self._secure, self._proving.certificate, self._state = True, certificate, "door"
        self._reader.forget()  # whatever came in clear meanwhile
        return NOTHING

    def received(self, data: bytes | memoryview) -> Commands:
        command = self._reader.alone(data) if self._state == "door" else None
        if command is not None:
            return self._obey(command)
        self._reader.feed(data)
        if self._state in ("judging", "opening"):
            return self._bye("Too much before the login.") if self._reader.waiting > HELD_BACK else NOTHING
        return self._go_on()

    def overdue(self) -> Commands:
        return self._bye("Too slow.", Reason.IDLE)

    def _go_on(self) -> Commands:
        """Serve what was read, until something must be waited for."""
        done: list[Send | Ask | StartTls | End | Open] = []
        while self._state in ("door", "sasl"):
            answers = self._serve()
            if answers is None:
                break
            done += answers  # type: ignore[arg-type]
        return done

    def _command(self) -> Commands | None:
        command = self._reader.next()
        return None if command is None else self._obey(command)

    def _obey(self, command: Command | NeedMore | Bad) -> Commands:
        if isinstance(command, NeedMore):
            return [Send(b"+ Go on.\r\n")]
        if not self._budget.command():
            return self._bye("Too many commands before the login.")
        if isinstance(command, Bad):
            return self._bad(command)
        handler = self._verbs().get(command.verb)
        if handler is None:
            return self._foreign(command)
        return handler(self, command)

    def _foreign(self, command: Command) -> Commands:
        """A command for which one must be logged in, or a visitor from another protocol (ALPACA)."""
        if command.tag.upper() in VISITORS or command.verb in ("HTTP", "SSH"):
            return self._bye("This is an IMAP server.")
        return self._error(command.tag, b"BAD", "Log in first.")

    def _bad(self, bad: Bad) -> Commands:
        if bad.fatal:
            return self._bye(f"Protocol error: {bad.what}.")
        if bad.tag.upper() in VISITORS:
            return self._bye("This is an IMAP server.")
        return self._error(bad.tag, b"BAD", f"Protocol error: {bad.what}.")

    def _error(self, tag: bytes, status: bytes, text: str) -> Commands:
        said = Send(b"%b %b %b\r\n" % (tag, status, text.encode()))
        return [said] if self._budget.error() else [said, *self._bye("Too many errors.")]

    def _bye(self, text: str, reason: Reason | None = None) -> Commands:
        self._state = "over"
        self._reader.forget()
        return [End(b"* BYE %b\r\n" % text.encode(), reason)]

    def _offers(self) -> bytes:
        """What is offered now: no mechanism before TLS (RFC 9051, section 6.2.1)."""
        return offers(self._proving.offered) if self._secure else b"IMAP4rev1 LITERAL+ ID STARTTLS LOGINDISABLED"

    def _capability(self, command: Command) -> Commands:
        return [Send(b"* CAPABILITY %b\r\n%b OK Done.\r\n" % (self._offers(), command.tag))]

    def _noop(self, command: Command) -> Commands:
        return [Send(b"%b OK Done.\r\n" % command.tag)]

    def _logout(self, command: Command) -> Commands:
        self._state = "over"
        return [End(b"* BYE Goodbye.\r\n%b OK Done.\r\n" % command.tag)]

    def _id(self, command: Command) -> Commands:
        """RFC 2971. The client's name is remembered for the record; the rest, x-originating-ip and its kin above all,
        is not."""
        fields = command.tokens
        for at in range(0, len(fields) - 1, 2):
            if fields[at].lower() == b"name":
                self._client = "".join(c for c in fields[at + 1].decode("utf-8", "replace") if c.isprintable())[:100]
        return [Send(b'* ID ("name" "%b")\r\n%b OK Done.\r\n' % (self._settings.name.encode(), command.tag))]

    def _starttls(self, command: Command) -> Commands:
        if self._secure:
            return self._error(command.tag, b"BAD", "TLS is on already.")
        # What stands behind the command was sent in clear by whomever (CVE-2021-33515 and forty more): it never was.
        self._reader.forget()
        self._state = "handshake"
        return [Send(b"%b OK Begin TLS now.\r\n" % command.tag), StartTls()]

    def _serve(self) -> Commands | None:
        """Serve the next thing that was read; None: it is not whole yet."""
        return self._command()

    def _verbs(self) -> Mapping[str, Handler]:
        """Return what is served now."""
        return DOOR


@lru_cache
def greeting(offered: bytes, name: str) -> Send:
    """Return the first word to a client."""
    return Send(b"* OK [CAPABILITY %b] %b ready.\r\n" % (offered, name.encode()))


@lru_cache
def offers(mechanisms: tuple[str, ...]) -> bytes:
    """Return what is offered under TLS; there are only so many."""
    ways = "".join(f" AUTH={mechanism}" for mechanism in mechanisms)
    return b"IMAP4rev1 LITERAL+ SASL-IR ID" + ways.encode()


DOOR: Mapping[str, Handler] = {
    "CAPABILITY": Door._capability,
    "NOOP": Door._noop,
    "LOGOUT": Door._logout,
    "ID": Door._id,
    "STARTTLS": Door._starttls,
}
