"""Every live session is a lease on its reasons: re-judged when one of them changes, ended the moment it falls."""

from typing import Protocol

from kernel.authority import Subject
from kernel.reasons import Reason
from policies.decide import Decision
from policies.model import Limits
from proxy.guard import Admission


class Holder(Protocol):
    """Whoever carries a live session (a mail driver, a WebSocket, a browser's session on a route)."""

    def end(self, reason: Reason, words: str) -> None:
        """Close the session now, telling the client ``words`` in its protocol's own way, then ``Leases.release`` it.

        Must not raise, must not wait; called at most once.
        """
        ...

    def limit(self, limits: Limits) -> None:
        """Take new limits; called when a re-judgement changed them."""
        ...


class Lease:
    """One live session. The holder writes ``active_at`` (``clock.monotonic()``) whenever the client moved octets."""

    __slots__ = ("active_at", "address", "client", "decision", "holder", "service", "session", "since", "subject")

    session: str
    service: str
    address: str
    client: str
    subject: Subject
    decision: Decision
    holder: Holder
    since: float
    active_at: float

    @classmethod
    def of(cls, admission: Admission, holder: Holder) -> "Lease":
        """Return the lease of an admitted session."""
        raise NotImplementedError


class Leases(Protocol):
    """Signatures first; the class follows."""

    def hold(self, lease: Lease) -> None:
        """Take a new session. May call ``holder.end`` before it returns, when a reason fell since it was admitted."""
        ...

    def release(self, session: str, reason: Reason | None, octets_in: int, octets_out: int) -> None:
        """Forget a session that is over; ``reason`` None means that a peer closed it. Unknown sessions are ignored."""
        ...
