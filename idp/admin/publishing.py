"""The access policy's life: check, publish, history, roll back. A revision, its change row and its audit entry are one
unit of work; a document with faults, or that would lock every admin out, changes nothing."""

import asyncio
import difflib
from collections import Counter
from collections.abc import Callable, Sequence

from idp.admin.actor import Actor
from idp.admin.finding import every
from idp.admin.reach import candidates, reaches
from idp.admin.refusals import AdminRefused, missing, refused, spoken
from kernel.audit import PolicyChanged
from kernel.clock import Clock
from kernel.ports import Reader, Store, Writer
from kernel.problems import Conflict, Invalid, Problem
from kernel.records.changes import POLICY
from kernel.records.oidc import OidcClient
from kernel.records.people import Group, User
from kernel.records.policy import PolicyRevision
from policies.language import check, load
from policies.model import Known, Policy, Report

LONGEST_COMMENT = 500
LARGEST = 1024 * 1024


class PolicyConflict(AdminRefused, Conflict):
    """Somebody published since the draft was begun. Carries the three texts that a person needs to merge them."""

    def __init__(self, base: PolicyRevision | None, current: PolicyRevision, draft: str) -> None:
        self.base, self.current, self.draft = base, current, draft
        numbers = {"author": current.author, "current": current.number, "base": base.number if base else 0}
        super().__init__(spoken("conflict", numbers))

    def theirs(self) -> str:
        """Return their change as a unified diff."""
        return difference(self.base.text if self.base else "", self.current.text, "base", f"r{self.current.number}")

    def yours(self) -> str:
        """Return the draft's change as a unified diff."""
        return difference(self.base.text if self.base else "", self.draft, "base", "draft")


class LocksOut(AdminRefused):
    """The draft would leave nobody who can open the console."""

    def __init__(self) -> None:
        super().__init__(spoken("locks-out", {}))


class Publishing:
    """The acts on the policy. ``services`` are the names that rules may speak of beside the built-in ones."""

    def __init__(self, store: Store, clock: Clock, services: Callable[[], Sequence[str]]) -> None:
        self._store, self._clock, self._services = store, clock, services

    def services(self) -> Sequence[str]:
        """Return the services of this installation beside the built-in ones."""
        return tuple(self._services())

    async def current(self) -> PolicyRevision | None:
        """Return the revision in force, None when nothing was ever published."""
        return await self._store.read(newest)

    async def revision(self, number: int) -> PolicyRevision:
        """Return one revision; Missing when there is none."""
        return await self._store.read(lambda tx: numbered(tx, number))

    async def history(self, before: int = 0, limit: int = 50) -> Sequence[PolicyRevision]:
        """Return revisions, newest first, those numbered below ``before`` (0: all)."""

        def work(tx: Reader) -> Sequence[PolicyRevision]:
            top = min(before - 1, tx.count(PolicyRevision)) if before > 0 else tx.count(PolicyRevision)
            return [numbered(tx, number) for number in range(top, max(top - limit, 0), -1)]

        return await self._store.read(work)

    async def check(self, text: str) -> Report:
        """Return every problem and warning of a document, against the users, groups and services that exist."""

        known = await self._store.read(lambda tx: _known(tx, self._services()))
        return await asyncio.to_thread(check, text, known)

    async def publish(
        self, actor: Actor, text: str, comment: str = "", *, base: int | None, force: bool = False, address: str = ""
    ) -> PolicyRevision:
        """Put a document in force and return its revision.

        ``base`` is the revision that the draft was made from (0: none yet; None: whatever is in force, for scripts).
        ``force`` skips the lock-out test; refused from anywhere but this machine. ``address``: where the admin is.

        Raises:
            Invalid: the document has faults, each with its place.
            PolicyConflict: ``base`` is no longer in force.
            LocksOut: nobody could open the console any more.
        """
        report = await self.check(text)
        await self._acceptable(actor, text, report.problems, force, address)
        return await self._store.write(lambda tx: self._put(tx, actor, text, comment, base, 0))

    async def rollback(
        self, actor: Actor, number: int, comment: str = "", *, force: bool = False, address: str = ""
    ) -> PolicyRevision:
        """Put an earlier revision's text in force again, as a new revision that says which one it restores.

        Names in it may lead nowhere by now: what was once published may come back in a hurry.
        """
        earlier = await self.revision(number)
        await self._acceptable(actor, earlier.text, (), force, address)
        return await self._store.write(lambda tx: self._put(tx, actor, earlier.text, comment, None, number))

    async def admin_left(self, policy: Policy, address: str = "") -> str:
        """Return the name of a user who could open the console under ``policy``, ``""`` when nobody could."""
        who = await self._store.read(candidates)
        return await asyncio.to_thread(reaches, policy, who, self._clock.now(), address)

    async def _acceptable(
        self, actor: Actor, text: str, problems: Sequence[Problem], force: bool, address: str
    ) -> None:
        if force and not actor.local:
            raise refused("force-here-only")
        try:
            if problems:
                raise Invalid(problems)
            policy = await asyncio.to_thread(load, text)
            if not force and not await self.admin_left(policy, address) and not await self._shut_already(actor):
                raise LocksOut
        except (Invalid, LocksOut) as refusal:
            event = self._event(actor, "publish-refused", 0, str(refusal).splitlines()[0])
            await self._store.write(lambda tx: tx.log(event))
            raise

    async def _shut_already(self, actor: Actor) -> bool:
        """Return whether nobody can open the console as it is, so that an operator at the server locks nobody out."""
        current = await self.current() if actor.local else None
        if current is None:
            return actor.local
        return not await self.admin_left(await asyncio.to_thread(load, current.text, current.number))

    def _put(
        self, tx: Writer, actor: Actor, text: str, comment: str, base: int | None, restores: int
    ) -> PolicyRevision:
        current = newest(tx)
        number = current.number if current else 0
        if current and base is not None and base != number:
            raise PolicyConflict(tx.get(PolicyRevision, str(base)), current, text)
        made = PolicyRevision(
            key=str(number + 1),
            number=number + 1,
            text=text,
            author=actor.name,
            at=self._clock.now(),
            comment=comment.strip()[:LONGEST_COMMENT],
            restores=restores,
        )
        tx.insert(made)
        tx.note(POLICY)
        tx.log(self._event(actor, "rolled-back" if restores else "published", made.number, made.comment))
        return made

    def _event(self, actor: Actor, act: str, revision: int, comment: str) -> PolicyChanged:
        at = self._clock.now()
        return PolicyChanged(at=at, actor=actor.name, act=act, revision=revision, comment=comment[:LONGEST_COMMENT])


def _known(tx: Reader, services: Sequence[str]) -> Known:
    people = list(every(tx, User))
    sizes = Counter(group for person in people for group in person.groups)
    return Known(
        users=frozenset(name for person in people for name in (person.name, person.email)),
        groups={each.name: sizes[each.name] for each in every(tx, Group)},
        services=frozenset(services) | {f"client:{each.client_id}" for each in every(tx, OidcClient)},
    )


def newest(tx: Reader) -> PolicyRevision | None:
    """Return the revision in force: numbers have no gaps, so their count names it."""
    count = tx.count(PolicyRevision)
    return tx.get(PolicyRevision, str(count)) if count else None


def numbered(tx: Reader, number: int) -> PolicyRevision:
    """Return one revision; Missing when there is none."""
    found = tx.get(PolicyRevision, str(number))
    if found is None:
        raise missing("no-revision", str(number))
    return found


def difference(before: str, after: str, from_name: str, to_name: str) -> str:
    """Return a unified text diff."""
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), from_name, to_name, lineterm="")
    return "\n".join(lines)
