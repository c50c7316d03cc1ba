"""Proposals as they are stored: what an admin wants published, where a second admin must approve it.

::

                 +--> approved (a revision)      by another admin, or by force at the server
    (none) --> open --> declined                 by another admin
                 +--> withdrawn                  by its author
                 +--> replaced                   its author proposed another one
                 +--> expired                    nobody answered in time

An open one is stale while another revision than its base is in force: then it cannot be approved, only be declined,
withdrawn or replaced. Every step writes its change row and its audit entry in the transaction that it is given.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from idp.admin.drafts import LONGEST_COMMENT, Draft, PolicyConflict
from idp.admin.refusals import missing, refused
from idp.admin.revisions import newest
from kernel.audit import PolicyChanged
from kernel.ports import Reader, Writer
from kernel.records.changes import PROPOSALS
from kernel.records.policy import PolicyProposal, PolicyRevision, ProposalState

MOST_OPEN = 50
OPEN = ProposalState.OPEN
SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Standing:
    """A proposal as it stands now: its ``state``, the revision that it was made from, and the one in force."""

    proposal: PolicyProposal
    state: ProposalState
    base: PolicyRevision | None
    current: PolicyRevision | None

    @property
    def stale(self) -> bool:
        """Whether it is open, and another revision was published since."""
        return self.state is OPEN and (self.current.number if self.current else 0) != self.proposal.base

    def conflict(self) -> PolicyConflict | None:
        """Return what its approver would be refused with, None unless it is stale."""
        if not self.stale or self.current is None:
            return None
        one = self.proposal
        return PolicyConflict(self.base, self.current, one.text, proposal=one.number, by=one.author)


def numbered(tx: Reader, number: int) -> PolicyProposal:
    """Return one proposal; Missing when there is none."""
    found = tx.get(PolicyProposal, str(number))
    if found is None:
        raise missing("no-proposal", str(number))
    return found


def standing(tx: Reader, one: PolicyProposal, now: float) -> Standing:
    """Return how a proposal stands at this moment."""
    return Standing(one, one.state_at(now), tx.get(PolicyRevision, str(one.base)), newest(tx))


def opened(tx: Reader) -> Sequence[PolicyProposal]:
    """Return those that nobody has answered, expired ones among them until somebody acts on any; newest first."""
    return sorted(tx.find(PolicyProposal, state=OPEN.value, limit=MOST_OPEN), key=lambda one: -one.number)


def latest(tx: Reader, before: int, limit: int) -> Sequence[PolicyProposal]:
    """Return proposals in whatever state, newest first, those numbered below ``before`` (0: all)."""
    count = tx.count(PolicyProposal)
    top = min(before - 1, count) if before > 0 else count
    return [numbered(tx, number) for number in range(top, max(top - limit, 0), -1)]


def propose(tx: Writer, actor: str, draft: Draft, base: int, now: float, lasting: float) -> PolicyProposal:
    """Store a draft as a proposal on top of revision ``base``; an open one of the same author is replaced.

    Raises:
        Refused: as many are open as there may be.
    """
    for one in opened(tx):
        if one.author == actor:
            close(tx, one, ProposalState.REPLACED, actor, "", now)
    if tx.count(PolicyProposal, state=OPEN.value) >= MOST_OPEN:
        raise refused("proposals-many", most=MOST_OPEN)
    number = tx.count(PolicyProposal) + 1
    made = PolicyProposal(
        key=str(number),
        number=number,
        text=draft.text,
        author=actor,
        at=now,
        expires_at=now + lasting,
        base=base,
        comment=draft.comment.strip()[:LONGEST_COMMENT],
        restores=draft.restores,
        tests=draft.tests or "",
        behalf=draft.behalf,
        acknowledged=draft.acknowledged,
    )
    tx.insert(made)
    _tell(tx, made, "proposed", actor, made.comment, now)
    return made


def answerable(tx: Reader, number: int, now: float) -> PolicyProposal:
    """Return a proposal that is open.

    Raises:
        Missing: there is none of this number.
        Refused: it is closed.
    """
    one = numbered(tx, number)
    state = one.state_at(now)
    if state is not OPEN:
        raise refused(f"proposal-{state}", number=number, by=one.answered_by)
    return one


def close(
    tx: Writer, one: PolicyProposal, state: ProposalState, actor: str, comment: str, now: float, revision: int = 0
) -> PolicyProposal:
    """Store that a proposal has come to its end; ``revision`` is what was made of it."""
    comment = comment.strip()[:LONGEST_COMMENT]
    closed = replace(
        one, state=state, answered_by=actor, answered_at=now, answer=comment, revision=revision or one.revision
    )
    tx.put(closed)
    _tell(tx, closed, state.value, actor, comment, now)
    return closed


def expire(tx: Writer, now: float) -> None:
    """Close what nobody has answered in time."""
    for one in opened(tx):
        if one.state_at(now) is ProposalState.EXPIRED:
            close(tx, one, ProposalState.EXPIRED, SYSTEM, "", now)


def _tell(tx: Writer, one: PolicyProposal, act: str, actor: str, comment: str, now: float) -> None:
    tx.note(PROPOSALS)
    tx.log(PolicyChanged(at=now, actor=actor, act=act, revision=one.revision, comment=comment, proposal=one.number))
