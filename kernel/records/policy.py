"""Revisions of the access policy, numbered and never changed once written; proposals that wait for a second admin."""

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class PolicyRevision:
    """One published document. ``number`` counts from 1; the highest one is in force. ``key`` is its decimal text.

    ``tests`` is the table of expected decisions that it was held to, ``""`` when there is none. ``behalf`` is whose
    work it is, as its publisher said. ``approver`` is the admin who approved it, ``proposal`` the proposal's number.
    ``forced`` names the guards that it passed by force or acknowledgement, see ``idp.admin.guards``.
    """

    key: str
    number: int
    text: str
    author: str
    at: float
    comment: str = ""
    restores: int = 0
    tests: str = ""
    behalf: str = ""
    approver: str = ""
    proposal: int = 0
    forced: tuple[str, ...] = ()


class ProposalState(StrEnum):
    """What became of a proposal. ``EXPIRED`` is also said of an open one whose time is over."""

    OPEN = "open"
    APPROVED = "approved"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    REPLACED = "replaced"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class PolicyProposal:
    """A document that its ``author`` wants published on top of revision ``base`` (0: there was none).

    ``number`` counts from 1, ``key`` is its decimal text. Once it is closed, ``answered_by``, ``answered_at`` and
    ``answer`` tell by whom, when and with what comment; ``revision`` is what came of an approval. ``restores``,
    ``tests``, ``behalf`` and ``acknowledged`` go into the revision.
    """

    key: str
    number: int
    text: str
    author: str
    at: float
    expires_at: float
    base: int
    comment: str = ""
    restores: int = 0
    tests: str = ""
    behalf: str = ""
    acknowledged: bool = False
    state: ProposalState = ProposalState.OPEN
    answered_by: str = ""
    answered_at: float = 0.0
    answer: str = ""
    revision: int = 0

    def state_at(self, now: float) -> ProposalState:
        """Return the state at a moment: an open proposal expires by itself."""
        over = self.state is ProposalState.OPEN and self.expires_at <= now
        return ProposalState.EXPIRED if over else self.state
