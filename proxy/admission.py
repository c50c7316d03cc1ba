"""What comes out of the doorway: an Admission for a session that begins, a Verdict for one that lives."""

from dataclasses import dataclass

from msgspec import Struct

from kernel.authority import Subject
from kernel.reasons import Reason
from policies.beside import Beside
from policies.facts import Facts
from policies.model import Decision


class Admission(Struct, frozen=True):
    """What became of an attempt. ``admitted`` False always has a ``reason``.

    ``session`` is new for every attempt (``s_`` and 16 characters). ``words`` are for the person, in their language;
    ``reference`` (8 characters) and ``link`` explain a refusal by policy, both ``""`` when there is nothing to explain.
    ``cookie`` is the route cookie to set after a ticket. ``retry_after`` is seconds, when throttled.
    ``since`` (monotonic) and ``begun`` (seconds since 1970) are when it was judged. ``beside`` is what a trial said.
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
    cookie: str = ""
    client: str = ""
    since: float = 0.0
    begun: float = 0.0
    beside: Beside | None = None

    def __repr__(self) -> str:
        return f"Admission({self.session!r}, admitted={self.admitted!r}, service={self.service!r}, {self.reason!r})"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a subject under the policy in force. ``reason`` None means allowed. ``decision`` is None when the
    subject fell before policy was asked. ``facts`` are what was judged, ``beside`` is what a trial said to them."""

    reason: Reason | None
    words: str
    decision: Decision | None
    fault: str = ""
    facts: Facts | None = None
    beside: Beside | None = None
