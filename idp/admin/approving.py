"""The acts on proposals: find, show, propose, approve, decline, withdraw. Refuses that an author approves their own."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from idp.admin import proposals
from idp.admin.actor import Actor
from idp.admin.drafts import Draft, comparing, current_base, put_in_force
from idp.admin.guards import APPROVAL, Guards
from idp.admin.proposals import OPEN, Standing
from idp.admin.refusals import refused
from kernel.clock import Clock
from kernel.ports import Reader, Store, Writer
from kernel.records.policy import PolicyProposal, PolicyRevision, ProposalState

T = TypeVar("T")


class Proposals:
    """``lasting`` is how many seconds a proposal waits for an answer."""

    def __init__(self, store: Store, clock: Clock, guards: Guards, lasting: float) -> None:
        self._store, self._clock, self._guards, self._lasting = store, clock, guards, lasting

    async def find(self, *, closed: bool = False, before: int = 0, limit: int = 50) -> Sequence[Standing]:
        """Return proposals, newest first: the open ones, or with ``closed`` all, those numbered below ``before``."""
        now = self._clock.now()

        def work(tx: Reader) -> Sequence[Standing]:
            found = proposals.latest(tx, before, limit) if closed else proposals.opened(tx)
            return [one for one in (proposals.standing(tx, each, now) for each in found) if closed or one.state is OPEN]

        return await self._store.read(work)

    async def show(self, number: int) -> Standing:
        """Return one proposal; Missing when there is none."""
        now = self._clock.now()
        return await self._store.read(lambda tx: proposals.standing(tx, proposals.numbered(tx, number), now))

    async def propose(self, actor: Actor, draft: Draft) -> PolicyProposal:
        """Keep a draft that has passed its guards for another admin. It replaces an open one of the same author.

        Raises:
            PolicyConflict: its base is not in force.
            Refused: too many are open.
        """

        def work(tx: Writer) -> PolicyProposal:
            current = current_base(tx, draft)
            base = current.number if current else 0
            return proposals.propose(tx, actor.name, draft, base, self._clock.now(), self._lasting)

        return await self._write(work)

    async def approve(
        self, actor: Actor, number: int, comment: str = "", *, force: bool = False, address: str = ""
    ) -> PolicyRevision:
        """Put a proposal in force and return its revision. ``force`` stands in for another admin, at the server only.

        Raises:
            Missing: no such proposal.
            Refused: it is closed, or the actor's own; or a guard refuses what it says.
            PolicyConflict: it is stale.
        """
        draft = (await self._write(lambda tx: self._approvable(tx, actor, number, force)))[1]
        forced = await self._guards.examine(actor, draft, force=force, address=address, hurry=bool(draft.restores))

        def work(tx: Writer) -> PolicyRevision:
            one, draft = self._approvable(tx, actor, number, force)
            passed = (*forced, APPROVAL) if force else forced
            now = self._clock.now()
            made = put_in_force(tx, one.author, draft, now, by=actor.name, proposal=number, forced=passed)
            proposals.close(tx, one, ProposalState.APPROVED, actor.name, comment, now, made.number)
            return made

        return await self._write(work)

    async def decline(self, actor: Actor, number: int, comment: str = "") -> PolicyProposal:
        """Turn a proposal of another admin down."""

        def work(tx: Writer) -> PolicyProposal:
            one = proposals.answerable(tx, number, self._clock.now())
            if one.author == actor.name:
                raise refused("proposal-own-decline")
            return proposals.close(tx, one, ProposalState.DECLINED, actor.name, comment, self._clock.now())

        return await self._write(work)

    async def withdraw(self, actor: Actor, number: int, comment: str = "") -> PolicyProposal:
        """Take one's own proposal back."""

        def work(tx: Writer) -> PolicyProposal:
            one = proposals.answerable(tx, number, self._clock.now())
            if one.author != actor.name:
                raise refused("proposal-not-yours", by=one.author)
            return proposals.close(tx, one, ProposalState.WITHDRAWN, actor.name, comment, self._clock.now())

        return await self._write(work)

    def _approvable(self, tx: Reader, actor: Actor, number: int, force: bool) -> tuple[PolicyProposal, Draft]:
        """Return an open proposal that ``actor`` may approve, and what it wants.

        Raises:
            Refused: it is closed, the actor's own, or approved at the server without ``force``.
            PolicyConflict: it is stale.
        """
        one = proposals.answerable(tx, number, self._clock.now())
        if not force and one.author == actor.name:
            raise refused("proposal-own")
        if not force and actor.local:
            raise refused("proposal-at-server", number=number)
        draft = Draft(one.text, one.comment, one.base, one.tests, one.behalf, one.acknowledged, one.restores)
        current_base(tx, draft, proposal=number, by=one.author)
        return one, draft

    async def _write(self, work: Callable[[Writer], T]) -> T:
        """Run a unit of work, after what has expired was closed (which stays so whatever becomes of the work)."""
        await self._store.write(lambda tx: proposals.expire(tx, self._clock.now()))
        async with comparing():
            return await self._store.write(work)
