"""What the sessions of one process share, and what each needs of guard, leases, recorder and mint."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from kernel.audit import Event, LetterPassed
from kernel.authority import Attempt, MintOrder, Subject, UpstreamLogin
from kernel.clock import Clock
from kernel.config.settings import Backend, Bounds, Upstream
from kernel.reasons import Reason
from proxy.admission import Admission
from proxy.lease import Lease
from proxy.relays.dial import Dialer
from proxy.relays.gate import Passed
from proxy.relays.reactor import Reactor


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


class Minter(Protocol):
    """Gets what logs a session in upstream; ``then`` is called exactly once."""

    def mint(self, order: MintOrder, then: Callable[[UpstreamLogin | Exception], None]) -> None: ...


Choice = tuple[Backend, Upstream]


@dataclass(frozen=True, slots=True)
class House:
    """Everything that the sessions of one process share. ``choose`` names the backend that serves a subject."""

    reactor: Reactor
    dialer: Dialer
    guard: Doorway
    leases: LeaseBook
    journal: Journal
    minter: Minter
    choose: Callable[[Subject, str], Choice | None]
    bounds: Bounds
    clock: Clock


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
