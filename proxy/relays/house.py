"""What the sessions of one process share, and what each needs of guard, leases, recorder and mint."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from kernel.audit import Event, LetterPassed, UpstreamFailed
from kernel.authority import Attempt, MintOrder, Subject, UpstreamLogin
from kernel.clock import Clock
from kernel.config.choosing import Choice
from kernel.config.settings import Bounds
from kernel.reasons import Reason
from proxy.admission import Admission
from proxy.lease import Lease
from proxy.metering import Meters
from proxy.relays.dial import Dialer
from proxy.relays.failing import Failures, bounded
from proxy.relays.gate import Blame, Passed
from proxy.relays.reactor import Reactor
from proxy.waiting import Waiting


class Doorway(Protocol):
    """The guard, as far as a driver needs it."""

    def admit(self, attempt: Attempt, then: Callable[[Admission], None]) -> None: ...
    def fault(self, where: str, what: str) -> None: ...


class LeaseBook(Protocol):
    """The leases, as far as a driver needs them."""

    def hold(self, lease: Lease) -> None: ...
    def release(self, session: str, reason: Reason | None = None, octets_in: int = 0, octets_out: int = 0) -> None: ...


class Journal(Protocol):
    """The recorder."""

    def record(self, event: Event) -> None: ...


class Explaining(Protocol):
    """References to what a limit turns down."""

    def refer(self) -> tuple[str, str]: ...
    def withheld(self, admission: Admission, subject: Subject, reason: Reason, code: str) -> None: ...


class Minter(Protocol):
    """Gets what logs a session in upstream; ``then`` is called exactly once."""

    def mint(self, order: MintOrder, then: Callable[[UpstreamLogin | Exception], None]) -> None: ...


@dataclass(frozen=True, slots=True)
class House:
    """Everything that the sessions of one process share. ``choose`` names the backend that serves a subject.
    ``waiting``: where logins wait while their person is asked (None: none does). ``shapes``:
    app passwords are bound to the shape of a client's TLS."""

    reactor: Reactor
    dialer: Dialer
    guard: Doorway
    leases: LeaseBook
    journal: Journal
    minter: Minter
    choose: Callable[[Subject, str], Choice | None]
    bounds: Bounds
    clock: Clock
    waiting: Waiting | None = None
    failures: Failures = field(default_factory=Failures)

    def blame(self, admission: Admission, blame: Blame) -> None:
        """Put on record why an admitted session could not be opened, unless its like just was."""
        if admission.subject is None:
            return
        choice = self.choose(admission.subject, admission.service)
        what = blame.what.replace(blame.secret, "[...]") if blame.secret else blame.what
        event = upstream_failed(self.clock.now(), admission, choice[0].name if choice else "", what)
        if self.failures.new(event):
            self.journal.record(event)
    shapes: bool = False
    meters: Meters = field(default_factory=Meters)
    explanations: Explaining | None = None


def letter_passed(at: float, admission: Admission, passed: Passed) -> LetterPassed:
    """Return the event of a letter that a gate passed on or turned away."""
    subject = admission.subject
    return LetterPassed(
        at=at,
        actor=f"user:{subject.user.name}" if subject else "system",
        user=subject.user.name if subject else "",
        user_id=subject.user.id if subject else "",
        device_id=subject.key.device_id if subject else "",
        address=admission.address,
        session=admission.session,
        sender=passed.sender,
        recipients=passed.recipients,
        octets=passed.octets,
        answer=passed.answer,
    )


def upstream_failed(at: float, admission: Admission, backend: str, what: str) -> UpstreamFailed:
    """Return the event of an admitted session that could not be opened at its backend; ``what`` is bounded here."""
    subject = admission.subject
    return UpstreamFailed(
        at=at,
        user=subject.user.name if subject else "",
        user_id=subject.user.id if subject else "",
        device_id=subject.key.device_id if subject else "",
        address=admission.address,
        session=admission.session,
        service=admission.service,
        backend=backend,
        what=bounded(what),
    )
