"""A small house for the tests of the door: an identity side by the hand of the test, a loop that it turns itself."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from kernel.audit import Event
from kernel.authority import (
    Attempt,
    MintOrder,
    NotVerified,
    Policy,
    Subject,
    SubjectKey,
    UpstreamLogin,
    Verified,
)
from kernel.chance import SeededChance
from kernel.clock import SetClock
from kernel.problems import Unavailable
from kernel.reasons import Reason
from kernel.records.changes import Change
from kernel.records.devices import Device, Proof, Trust
from kernel.records.people import User
from kernel.records.sessions import LiveSession
from policies import model
from policies.facts import Facts
from policies.model import Decision, Limits, Outcome
from proxy.admission import Admission
from proxy.announcer import Announcer
from proxy.changes import ChangeFollower
from proxy.guard import Guard
from proxy.lease import Lease
from proxy.leases import Leases
from proxy.recorder import Recorder
from proxy.whereabouts import Networks


@dataclass
class HandTimers:
    """A loop that turns when the test says so."""

    clock: SetClock
    soon: list[tuple[Callable[..., object], tuple[Any, ...]]] = field(default_factory=list)
    later: list["HandTimer"] = field(default_factory=list)

    def call_soon(self, callback: Callable[..., object], *args: Any) -> None:
        self.soon.append((callback, args))

    def call_later(self, delay: float, callback: Callable[..., object], *args: Any) -> "HandTimer":
        timer = HandTimer(self.clock.at + delay, callback, args)
        self.later.append(timer)
        return timer

    def turn(self) -> None:
        """Run what is due, until nothing is."""
        for _ in range(100_000):
            due = [timer for timer in self.later if timer.at <= self.clock.at and not timer.cancelled]
            self.later = [timer for timer in self.later if timer not in due and not timer.cancelled]
            calls, self.soon = self.soon, []
            for callback, args in calls:
                callback(*args)
            for timer in due:
                timer.callback(*timer.args)
            if not self.soon and not due:
                return
        raise AssertionError("the loop never came to rest")

    def forward(self, seconds: float) -> None:
        self.clock.forward(seconds)
        self.turn()


@dataclass(eq=False)
class HandTimer:
    at: float
    callback: Callable[..., object]
    args: tuple[Any, ...]
    cancelled: bool = False

    def cancel(self) -> None:
        self.cancelled = True


@dataclass
class HandProgram:
    """A policy that is a dictionary: service to decision; whatever is not in it is denied."""

    decisions: dict[str, Decision]
    judged: int = 0
    last: Facts | None = None

    def run(self, facts: Facts) -> Decision:
        self.judged += 1
        self.last = facts
        if facts.device is not None and facts.device.trust in (Trust.LOST, Trust.REVOKED):
            words = {"en": "This device was reported lost.", "ja": "この端末は紛失として登録されています。"}
            return Decision(Outcome.DENY, "lost devices", 1, say=words)
        return self.decisions.get(facts.service, Decision(Outcome.DENY, revision=1))


def allow(rule: str = "staff", revision: int = 1, **more: Any) -> Decision:
    limits = {name: more.pop(name) for name in ("session", "idle") if name in more}
    return Decision(Outcome.ALLOW, rule, revision, limits=Limits(**limits), **more)


def policy(revision: int = 1, **decisions: Decision) -> model.Policy:
    return model.Policy(revision, (), (), {}, HandProgram(decisions))


def subject(name: str = "alice", device: str = "d_laptop", trust: Trust = Trust.ENROLLED, **more: Any) -> Subject:
    user = User(f"u_{name}", name, f"{name}@example.com", language=more.pop("language", "en"))
    key = SubjectKey(user.id, device, Proof.APP_PASSWORD, credential_id=more.pop("credential", f"c_{name}"))
    handles = (f"user:{user.id}", f"device:{device}", f"credential:{key.credential_id}")
    number = more.pop("number", 0)
    return Subject(key, user, Device(device, device, user.id, trust), None, handles, number, **more)


@dataclass
class HandAuthority:
    """An identity side that knows what the test told it, and can be cut off."""

    good: dict[str, Verified] = field(default_factory=dict)
    present: dict[SubjectKey, Subject] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    said: list[tuple[list[str], list[str], bool]] = field(default_factory=list)
    down: bool = False
    text: Policy = field(default_factory=lambda: Policy(0, ""))
    changed: asyncio.Queue[Sequence[Change] | None] = field(default_factory=asyncio.Queue)

    def _up(self, question: str) -> None:
        self.asked.append(question)
        if self.down:
            raise Unavailable("cut off")

    async def verify(self, attempt: Attempt) -> Verified | NotVerified:
        self._up("verify")
        secret = attempt.password or attempt.cookie or attempt.ticket or attempt.token
        return self.good.get(secret) or NotVerified(Reason.CREDENTIALS)

    async def facts(self, key: SubjectKey) -> Subject | None:
        self._up("facts")
        return self.present.get(key)

    async def policy(self) -> Policy:
        self._up("policy")
        return self.text

    async def changes(self, since: int) -> AsyncIterator[Sequence[Change]]:
        self._up("changes")
        while (batch := await self.changed.get()) is not None:
            yield batch

    async def record(self, node: str, events: Sequence[Event]) -> None:
        self._up("record")
        self.events.extend(events)

    async def sessions(self, node: str, opened: Sequence[LiveSession], closed: Sequence[str], whole: bool) -> None:
        self._up("sessions")
        self.said.append(([session.id for session in opened], list(closed), whole))

    async def mint(self, order: MintOrder) -> UpstreamLogin:
        self._up("mint")
        return UpstreamLogin("XOAUTH2", "alice", f"token-for-{order.session}", good_until=2_000_000_000.0)

    async def assertion(self, key: SubjectKey, session: str, audience: str) -> tuple[str, float]:
        self._up("assertion")
        return f"jwt.{key.user_id}.{audience}", 2_000_000_000.0

    async def keys(self) -> str:
        return "{}"


@dataclass
class HandAsker:
    """Answers at once, or when the test calls ``answer``."""

    authority: HandAuthority
    at_once: bool = True
    held: list[Callable[[], None]] = field(default_factory=list)

    def verify(self, attempt: Attempt, then: Callable[..., None]) -> None:
        self._ask(lambda: self.authority.verify(attempt), then)

    def facts(self, key: SubjectKey, then: Callable[..., None]) -> None:
        self._ask(lambda: self.authority.facts(key), then)

    def _ask(self, question: Callable[[], Any], then: Callable[..., None]) -> None:
        if self.at_once:
            then(_now(question))
        else:
            self.held.append(lambda: then(_now(question)))

    def answer(self) -> None:
        held, self.held = self.held, []
        for reply in held:
            reply()


def _now(question: Callable[[], Any]) -> Any:
    try:
        question().send(None)
    except StopIteration as answer:
        return answer.value
    except Exception as trouble:
        return trouble
    raise AssertionError("the authority of the tests never waits")


@dataclass
class Carrier:
    """A holder that writes down what it is told."""

    leases: Leases
    session: str = ""
    told: list[tuple[Reason, str]] = field(default_factory=list)
    limits: list[Limits] = field(default_factory=list)

    def end(self, reason: Reason, words: str) -> None:
        self.told.append((reason, words))
        self.leases.release(self.session, reason, 10, 20)

    def limit(self, limits: Limits) -> None:
        self.limits.append(limits)


class House:
    """Guard and leases over the hand-made identity side, with the policy {imap: allow}."""

    def __init__(self, webmails: Networks = ()) -> None:
        self.clock = SetClock()
        self.timers = HandTimers(self.clock)
        self.authority = HandAuthority()
        self.asker = HandAsker(self.authority)
        self.recorder = Recorder(self.authority, self.clock, node="n1", capacity=10)
        self.follower = ChangeFollower(self.authority, self.recorder, self.clock, max_stale=30.0)
        self.follower.policy = policy(imap=allow())
        self.follower.confirmed_until = self.clock.monotonic() + 1_000_000.0
        self.guard = Guard(
            self.asker,
            self.follower,
            self.recorder,
            self.clock,
            SeededChance(),
            issuer="https://id.example",
            webmails=webmails,
        )
        self.announcer = Announcer(self.authority, node="n1")
        self.leases = Leases(
            self.guard, self.asker, self.recorder, self.announcer, self.clock, self.timers, max_stale=30.0
        )

    def knows(self, secret: str, who: Subject, **more: Any) -> Subject:
        self.authority.good[secret] = Verified(who, good_until=self.clock.now() + 3600, **more)
        self.authority.present[who.key] = who
        return who

    def admit(self, secret: str, service: str = "imap", address: str = "192.0.2.7") -> Admission:
        came: list[Admission] = []
        self.guard.admit(Attempt(service, address, name="alice", password=secret), came.append)
        assert len(came) == 1
        return came[0]

    def hold(self, secret: str, service: str = "imap", address: str = "192.0.2.7") -> tuple[Lease, Carrier]:
        admission = self.admit(secret, service, address)
        assert admission.admitted, admission
        carrier = Carrier(self.leases, admission.session)
        lease = Lease(admission, carrier)
        self.leases.hold(lease)
        return lease, carrier

    def change(self, *handles: str) -> None:
        """Let the change log move, as the follower would take it."""
        at = self.follower.number
        batch = [Change(at + 1 + nth, self.clock.now(), handle) for nth, handle in enumerate(handles)]
        self.follower._tell(self.follower._remember(batch))

    def events(self, kind: str) -> list[Any]:
        return [event for event in self.recorder.unacknowledged(1000) if event.kind == kind]

    def lose(self, who: Subject) -> Subject:
        """Report a device lost: the registry knows, and the change log says so."""
        assert who.device is not None
        lost = replace(who, device=replace(who.device, trust=Trust.LOST), number=self.follower.number + 1)
        self.authority.present[who.key] = lost
        self.change(f"device:{who.key.device_id}")
        return lost
