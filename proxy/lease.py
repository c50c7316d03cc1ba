"""One live session, and what its carrier must be able to do."""

import math
from typing import Protocol

from kernel.authority import Subject
from kernel.reasons import Reason
from kernel.records.sessions import LiveSession
from policies.lasting import counts_from, of_browser
from policies.model import Decision, Limits
from proxy.admission import Admission


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
    """One live session. The holder writes ``active_at`` (``clock.monotonic()``) whenever the client moved octets.
    ``since`` is monotonic, ``begun`` seconds since 1970, ``beside`` what a trial said last. ``Leases`` alone writes the
    rest."""

    __slots__ = (
        "active_at",
        "address",
        "begun",
        "beside",
        "client",
        "deadline",
        "decision",
        "ended_for",
        "holder",
        "over",
        "service",
        "session",
        "since",
        "subject",
    )

    def __init__(self, admission: Admission, holder: Holder) -> None:
        """Take over what ``admission`` says.

        Raises:
            ValueError: nobody was admitted.
        """
        if not admission.admitted or admission.subject is None or admission.decision is None:
            raise ValueError("a session that was not admitted cannot be held")
        self.session = admission.session
        self.service = admission.service
        self.address = admission.address
        self.client = admission.client
        self.subject: Subject = admission.subject
        self.decision: Decision = admission.decision
        self.holder = holder
        self.since = self.active_at = admission.since
        self.begun = admission.begun
        self.beside = admission.beside
        self.deadline = -math.inf
        self.ended_for: Reason | None = None
        self.over = False

    @property
    def limited_since(self) -> float:
        """Since when (monotonic) the limit on its length counts."""
        counted = counts_from(self.subject)
        return self.since if counted is None else self.since - (self.begun - counted)

    def live(self, node: str) -> LiveSession:
        """Return the session as the identity side lists it."""
        device = self.subject.device
        told = self.decision.limits.idle is not None and of_browser(self.subject)
        return LiveSession(
            id=self.session,
            user=self.subject.user.name,
            user_id=self.subject.user.id,
            device_id=self.subject.key.device_id,
            device=device.name if device is not None else "",
            service=self.service,
            address=self.address,
            client=self.client,
            node=node,
            since=self.begun,
            rule=self.decision.rule,
            revision=self.decision.revision,
            signin_id=self.subject.key.signin_id if told else "",
            active_at=self.begun + (self.active_at - self.since) if told else 0.0,
        )
