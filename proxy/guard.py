"""The one doorway: a credential goes in, an Admission comes out, and every one of them is on record.

Refuses when nothing can be confirmed (stale), nothing can be recorded (audit), or anything of ours fails (fault).
The judging itself is ``policies.decide``; verified credentials and facts are remembered here and dropped by changes.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from kernel.authority import Attempt, Subject
from kernel.reasons import Reason
from policies.decide import Decision


@dataclass(frozen=True, slots=True)
class Admission:
    """What became of an attempt. ``admitted`` False always has a ``reason``.

    ``session`` is new for every attempt (``s_`` and 16 characters). ``words`` are for the person, in their language;
    ``reference`` (8 characters) and ``link`` explain a refusal by policy, both ``""`` when there is nothing to explain.
    ``cookie`` is the route cookie to set after a ticket. ``retry_after`` is seconds, when throttled.
    """

    admitted: bool
    session: str
    service: str
    address: str
    reason: Reason | None = None
    step_up: bool = False
    words: str = ""
    reference: str = ""
    link: str = ""
    retry_after: float = 0.0
    subject: Subject | None = None
    decision: Decision | None = None
    cookie: str = field(default="", repr=False)
    client: str = ""


class Guard(Protocol):
    """Signatures first; the class follows."""

    def admit(self, attempt: Attempt, then: Callable[[Admission], None]) -> None:
        """Judge ``attempt`` and call ``then`` exactly once: at once when all is remembered, else after one round trip.

        Never raises. When admitted, make a ``Lease.of(admission, holder)`` and give it to ``Leases.hold``.
        """
        ...
