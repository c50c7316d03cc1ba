"""Step-up for programs that know no second factor: the question that waits for a person, and what an answer leaves.

An ``Approval`` is the question, and is gone soon after its answer. What is remembered of a yes is an ``Approved``; it
stands on the very credential (app password, device key or grant) that asked, and falls with it.
"""

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Approved:
    """A person said yes to this credential, from addresses in ``zone`` (a network such as ``192.0.2.0/24``): what they
    showed for it (``Factor``), and when. It counts for nothing after ``until``."""

    zone: str
    factors: dict[str, float]
    until: float


class Answer(StrEnum):
    """What became of a question. ``WITHDRAWN``: nobody waits for the answer any more."""

    PENDING = "pending"
    APPROVED = "approved"
    DENIED = "denied"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Approval:
    """One question. ``credential_id`` or ``grant_id`` names what asks, from a network ``zone``; ``waiting`` are the
    logins that wait for it. ``factors`` are the ones that the rule takes, for ``within`` seconds (None: no bound).
    ``number``: what the client shows its person (``""``: it can show nothing). It is answered until ``until``, and
    counted until ``expires_at``."""

    id: str
    user_id: str
    credential_id: str
    grant_id: str
    zone: str
    service: str
    address: str
    factors: tuple[str, ...]
    asked_at: float
    until: float
    expires_at: float
    device_id: str = ""
    client: str = ""
    within: float | None = None
    number: str = ""
    waiting: tuple[str, ...] = ()
    answer: Answer = Answer.PENDING
    answered_at: float = 0.0
