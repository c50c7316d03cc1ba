"""The access policy's life: check, publish, history, roll back. A revision, its change row and its audit entry are one
unit of work; a document that a guard refuses changes nothing. Where a second admin must approve, it becomes a proposal.
"""

import asyncio
from collections.abc import Callable, Sequence

from idp.admin import revisions
from idp.admin.actor import Actor
from idp.admin.approving import Proposals
from idp.admin.comparing import Comparing
from idp.admin.drafts import Draft, PolicyConflict, comparing, current_base, put_in_force
from idp.admin.guards import APPROVAL, Guards, LocksOut, held
from idp.admin.merging import difference
from idp.admin.nevers import Unproving
from idp.admin.prover import Prover
from idp.admin.reach import Way
from idp.admin.revisions import ended_at, newest, numbered
from kernel.clock import Clock
from kernel.config.settings import PolicySettings
from kernel.geography import Geography, Nowhere
from kernel.ports import Store, Writer
from kernel.records.policy import PolicyProposal, PolicyRevision
from policies.expected.table import Result
from policies.language import load
from policies.model import Policy, Report

Published = PolicyRevision | PolicyProposal
"""What comes of publishing: a revision in force, or a proposal that waits for another admin."""


NO_TESTS = "version: 1\ntests: []\n"


class Publishing:
    """The acts on the policy. ``services`` are the names that rules may speak of beside the built-in ones."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        services: Callable[[], Sequence[str]],
        settings: PolicySettings | None = None,
        geography: Geography | None = None,
        unproven: Unproving | None = None,
    ) -> None:
        self._store, self._clock = store, clock
        self._settings = settings or PolicySettings()
        enough = 2 if self._settings.second_approver else 1
        unproven = unproven or Comparing(store, Prover(clock)).unproven
        self._guards = Guards(store, clock, services, geography or Nowhere(), unproven, enough)
        self.proposals = Proposals(store, clock, self._guards, self._settings.proposals_last)

    @property
    def second_approver(self) -> bool:
        """Whether a publish is a proposal until another admin approves it."""
        return self._settings.second_approver

    @property
    def enough(self) -> int:
        """How many admins must be left who can open the console."""
        return self._guards.enough

    def services(self) -> Sequence[str]:
        """Return the services of this installation beside the built-in ones."""
        return self._guards.services()

    async def current(self) -> PolicyRevision | None:
        """Return the revision in force, None when nothing was ever published."""
        return await self._store.read(newest)

    async def revision(self, number: int) -> PolicyRevision:
        """Return one revision; Missing when there is none."""
        return await self._store.read(lambda tx: numbered(tx, number))

    async def history(self, before: int = 0, limit: int = 50) -> Sequence[PolicyRevision]:
        """Return revisions, newest first, those numbered below ``before`` (0: all)."""
        return await self._store.read(lambda tx: revisions.latest(tx, before, limit))

    async def check(self, text: str) -> Report:
        """Return every problem and warning of a document, against the users, groups and services that exist."""
        return await self._guards.check(text)

    async def test(self, text: str, tests: str | None = None) -> Result:
        """Return what becomes of a table of expected decisions under a document; None: that of the one in force.

        Raises:
            Invalid: the document has faults.
            UnreadableTests: the table has.
        """
        draft = Draft(text, tests=tests).onto(await self.current())
        policy = await asyncio.to_thread(load, text)
        return await asyncio.to_thread(held, policy, draft.tests or NO_TESTS)

    async def publish(
        self,
        actor: Actor,
        text: str,
        comment: str = "",
        *,
        base: int | None,
        force: bool = False,
        address: str = "",
        tests: str | None = None,
        behalf: str = "",
        acknowledge: bool = False,
    ) -> Published:
        """Put a document in force and return its revision, or the proposal that it is until another admin approves it.

        The keywords are those of ``Draft``. ``force`` passes the guards that can be passed, and needs no other admin;
        it is refused from anywhere but this machine. ``address``: where the admin is.

        Raises:
            Invalid: the document has faults, each with its place.
            PolicyConflict: ``base`` is no longer in force.
            Unexpected, UnreadableTests: its table of expected decisions does not come out, or cannot be read.
            NotProven: a ``never`` is broken, or was not decided in time.
            LocksOut: nobody could open the console any more, or too few.
        """
        draft = Draft(text, comment, base, tests, behalf, acknowledge)
        async with comparing():
            draft = draft.onto(await self._store.read(lambda tx: current_base(tx, draft)))
        forced = await self._guards.examine(actor, draft, force=force, address=address)
        if self.second_approver and not force:
            return await self.proposals.propose(actor, draft)
        return await self._put(actor, draft, self._by_force(forced, force))

    async def rollback(
        self,
        actor: Actor,
        number: int,
        comment: str = "",
        *,
        base: int | None = None,
        force: bool = False,
        address: str = "",
    ) -> Published:
        """Put an earlier revision's text and tests in force again, as a new revision that says which one it restores.

        Names in it may lead nowhere by now: what was once published may come back in a hurry. For the same reason one
        admin alone may bring back what was in force until lately; what is older is proposed. ``base``: the revision
        that the admin wants to be rid of.

        Raises:
            Missing: there is no such revision.
            PolicyConflict: ``base`` is no longer in force.
            LocksOut: nobody could open the console any more, or too few.
        """
        earlier, ended = await self._store.read(lambda tx: (numbered(tx, number), ended_at(tx, number)))
        draft = Draft(earlier.text, comment, base, earlier.tests, earlier.behalf, restores=number)
        async with comparing():
            await self._store.read(lambda tx: current_base(tx, draft))
        forced = await self._guards.examine(actor, draft, force=force, address=address, hurry=True)
        if not self.second_approver or self._lately(ended):
            return await self._put(actor, draft, forced)
        if force:
            return await self._put(actor, draft, self._by_force(forced, force))
        return await self.proposals.propose(actor, draft)

    async def ways_in(self, policy: Policy, actor: Actor | None = None, address: str = "") -> Sequence[Way]:
        """Return how admins could open the console under ``policy``: a way for each of the first one, or first two."""
        return await self._guards.ways_in(policy, actor, address)

    def _lately(self, ended: float | None) -> bool:
        """Return whether one admin alone may bring back what was in force until then (None: still is)."""
        alone = self._settings.rollback_alone
        return alone > 0.0 and (ended is None or ended >= self._clock.now() - alone)

    def _by_force(self, forced: tuple[str, ...], force: bool) -> tuple[str, ...]:
        return (*forced, APPROVAL) if force and self.second_approver else forced

    async def _put(self, actor: Actor, draft: Draft, forced: tuple[str, ...]) -> PolicyRevision:
        def work(tx: Writer) -> PolicyRevision:
            current_base(tx, draft)
            return put_in_force(tx, actor.name, draft, self._clock.now(), forced=forced)

        async with comparing():
            return await self._store.write(work)


__all__ = ["LocksOut", "PolicyConflict", "Published", "Publishing", "difference", "newest", "numbered"]
