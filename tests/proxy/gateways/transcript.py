"""Plays a gate like a transcript: ``c`` the client sends, ``s`` it must be answered, ``u`` the upstream sends ..."""

from dataclasses import replace

from kernel.authority import Subject, SubjectKey, UpstreamLogin
from kernel.config.settings import Bounds
from kernel.reasons import Reason, words
from kernel.records.devices import Device, Proof, Trust
from kernel.records.people import User
from policies.model import Decision, Limits, Outcome
from proxy.admission import Admission
from proxy.gateways.settings import GateSettings
from proxy.relays.gate import Ask, Command, Commands, End, Forward, Gate, Open, Reached, Send, SendUp

ALICE = User(id="u_alice", name="alice", email="alice@example.org", language="ja", aliases=("Post.Master@Example.org",))
SUBJECT = Subject(
    key=SubjectKey("u_alice", "d_laptop", Proof.APP_PASSWORD, credential_id="c_1"),
    user=ALICE,
    device=Device("d_laptop", "laptop", "u_alice", Trust.ENROLLED),
    signin=None,
    handles=("user:u_alice", "device:d_laptop", "credential:c_1"),
    number=7,
)
ALLOWED = Decision(outcome=Outcome.ALLOW, rule="staff", revision=3, limits=Limits())
LOGIN = UpstreamLogin("XOAUTH2", "alice@example.org", "minted.token")
FORWARD = Forward("192.0.2.7", 51000, "s_abc", "alice@example.org")
ISSUER = "https://id.example.org"


def settings(**bounds: int) -> GateSettings:
    return GateSettings(bounds=replace(Bounds(), **bounds), issuer=ISSUER, name="gate.example.org")


def admitted(subject: Subject = SUBJECT, service: str = "imap", address: str = "192.0.2.7") -> Admission:
    return Admission(
        admitted=True, session="s_abc", service=service, address=address, subject=subject, decision=ALLOWED
    )


def refused(reason: Reason, said: str = "", link: str = "") -> Admission:
    return Admission(
        admitted=False,
        session="s_abc",
        service="imap",
        address="192.0.2.7",
        reason=reason,
        words=said or words(reason, "en"),
        link=link,
    )


class Play:
    """One session, played by hand. Every method returns the play, so that lines follow each other."""

    def __init__(self, gate: Gate, *, secure: bool = True, certificate: bool = False, step: int = 0) -> None:
        """``step``: hand octets over in pieces of that size (0: whole)."""
        self.gate = gate
        self.step = step
        self.to_client = b""
        self.to_server = b""
        self.orders: list[Command] = []
        self.ended: End | None = None
        self._take(gate.greet(secure, certificate))

    def _take(self, commands: Commands) -> None:
        for command in commands:
            assert self.ended is None, f"{command} after the end"
            if isinstance(command, Send):
                self.to_client += command.data
            elif isinstance(command, SendUp):
                self.to_server += command.data
            elif isinstance(command, End):
                self.to_client += command.data
                self.ended = command
            else:
                self.orders.append(command)

    def _feed(self, receive: object, data: bytes) -> "Play":
        size = self.step or len(data) or 1
        for at in range(0, len(data), size):
            if self.ended is not None:
                break
            self._take(receive(memoryview(data[at : at + size])))  # type: ignore[operator]
        return self

    def c(self, data: bytes) -> "Play":
        """The client sends."""
        return self._feed(self.gate.received, data)

    def u(self, data: bytes) -> "Play":
        """The upstream sends."""
        return self._feed(self.gate.answered, data)

    def s(self, expected: bytes) -> "Play":
        """The client was answered exactly this since the last time."""
        said, self.to_client = self.to_client, b""
        assert said == expected
        return self

    def up(self, expected: bytes) -> "Play":
        """The upstream was sent exactly this since the last time."""
        said, self.to_server = self.to_server, b""
        assert said == expected
        return self

    def heard(self) -> bytes:
        """Return what the client was answered, and forget it."""
        said, self.to_client = self.to_client, b""
        return said

    def tls(self, certificate: bool = False) -> "Play":
        self._take(self.gate.secured(certificate))
        return self

    def judged(self, admission: Admission) -> "Play":
        self._take(self.gate.judged(admission))
        return self

    def reached(self, login: UpstreamLogin = LOGIN, forward: Forward | None = FORWARD, secure: bool = True) -> "Play":
        self._take(self.gate.reached(Reached(login, forward, "mail.example.org", 143, secure)))
        return self

    def tls_up(self) -> "Play":
        self._take(self.gate.upstream_secured())
        return self

    def lost(self) -> "Play":
        self._take(self.gate.unreachable())
        return self

    def overdue(self) -> "Play":
        self._take(self.gate.overdue())
        return self

    def dismissed(self, reason: Reason, said: str = "") -> "Play":
        self._take(self.gate.dismissed(reason, said or words(reason, "en")))
        return self

    def asked(self) -> Ask:
        """The guard was asked, exactly once since the last time."""
        (ask,) = [order for order in self.orders if isinstance(order, Ask)]
        self.orders.remove(ask)
        return ask

    def opened(self) -> "Play":
        """The upstream was ordered."""
        assert self.orders == [Open()]
        self.orders.clear()
        return self

    def quiet(self) -> "Play":
        """Nothing was ordered, said or asked."""
        assert (self.orders, self.to_client, self.to_server) == ([], b"", b"")
        return self
