"""What a draft must pass before it comes into force: no fault, its table of expected decisions, its invariants, a way
in for admins.

Each guard refuses in its own words. By force, which only the server's own command line has, some can be passed; which
ones were is kept with the revision and in the audit log.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence

from idp.admin.actor import Actor
from idp.admin.drafts import LONGEST_COMMENT, Draft
from idp.admin.finding import every
from idp.admin.nevers import NotProven, Unproving, proven
from idp.admin.reach import Question, Way, ways_in
from idp.admin.refusals import AdminRefused, refused, spoken
from idp.admin.revisions import newest
from kernel.audit import PolicyChanged
from kernel.clock import Clock
from kernel.geography import Geography
from kernel.ports import Reader, Store
from kernel.problems import Invalid, Problem
from kernel.records.oidc import OidcClient
from kernel.records.people import Group, User
from policies.expected.reading import read_table
from policies.expected.running import run
from policies.expected.table import Result
from policies.language import check, load
from policies.model import Known, Policy, Report

LOCK_OUT = "lock-out"
APPROVAL = "approval"
"""Names of guards as they are kept where one was passed by force."""


class LocksOut(AdminRefused):
    """The draft would leave nobody, or too few, who can open the console."""

    def __init__(self, left: Sequence[Way] = ()) -> None:
        name = left[0].user if left else ""
        super().__init__(spoken("leaves-one" if left else "locks-out", {"name": name}))


class Unexpected(AdminRefused):
    """The table of expected decisions does not come out. Carries what became of it."""

    def __init__(self, result: Result) -> None:
        self.result = result
        first = result.failures[0].case
        values = {"failed": result.failed, "cases": result.cases, "name": first.name, "line": first.place.line}
        super().__init__(spoken("tests-fail", values))


class UnreadableTests(AdminRefused):
    """The table of expected decisions has faults. Carries them, each with its place in the table."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = problems
        super().__init__(spoken("tests-broken", {"place": problems[0].place, "what": problems[0].what}))


class Guards:
    """``services`` are the names that rules may speak of beside the built-in ones; ``unproven`` finds invariants that
    do not hold; ``enough``: how many admins must be left who can open the console."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        services: Callable[[], Sequence[str]],
        geography: Geography,
        unproven: Unproving,
        enough: int = 1,
    ) -> None:
        self.enough, self._unproven = enough, unproven
        self._store, self._clock, self._services, self._geography = store, clock, services, geography

    def services(self) -> Sequence[str]:
        """Return the services of this installation beside the built-in ones."""
        return tuple(self._services())

    async def check(self, text: str) -> Report:
        """Return every problem and warning of a document, against the users, groups and services that exist."""
        known = await self._store.read(lambda tx: _known(tx, self._services(), self._geography.tells))
        return await asyncio.to_thread(check, text, known)

    async def ways_in(self, policy: Policy, actor: Actor | None = None, address: str = "") -> Sequence[Way]:
        """Return a way to open the console for each of the first ``enough`` users who have one under ``policy``.

        ``actor``, who asks, is at ``address`` now.
        """
        here = {actor.user: address} if actor and address else {}
        question = Question(policy, self._clock.now(), here, self._geography)
        return await self._store.read(lambda tx: ways_in(tx, question, self.enough))

    async def examine(
        self, actor: Actor, draft: Draft, *, force: bool = False, address: str = "", hurry: bool = False
    ) -> tuple[str, ...]:
        """Return the names of the guards that this draft passes only by force or acknowledgement.

        In a ``hurry``, only the way in is looked for: what was once published may come back, though names in it may
        lead nowhere by now.

        Raises:
            Refused: a guard refuses. It is put on record.
        """
        if force and not actor.local:
            raise refused("force-here-only")
        try:
            report = Report() if hurry else await self.check(draft.text)
            if report.problems:
                raise Invalid(report.problems)
            policy = await asyncio.to_thread(load, draft.text)
            if draft.tests and not hurry:
                await asyncio.to_thread(_hold, policy, draft.tests)
            unproven = () if hurry else await proven(self._unproven, draft, force)
            return (*unproven, *await self._way_in(actor, policy, force, address))
        except (Invalid, LocksOut, NotProven, UnreadableTests, Unexpected) as refusal:
            event = PolicyChanged(
                at=self._clock.now(),
                actor=actor.name,
                act="publish-refused",
                revision=0,
                comment=str(refusal).splitlines()[0][:LONGEST_COMMENT],
            )
            await self._store.write(lambda tx: tx.log(event))
            raise

    async def _way_in(self, actor: Actor, policy: Policy, force: bool, address: str) -> tuple[str, ...]:
        left = await self.ways_in(policy, actor, address)
        if len(left) >= self.enough or await self._no_worse(actor, left):
            return ()
        if force:
            return (LOCK_OUT,)
        raise LocksOut(left)

    async def _no_worse(self, actor: Actor, left: Sequence[Way]) -> bool:
        """Return whether as few can open the console as it is, so that an operator at the server locks nobody out."""
        if not actor.local:
            return False
        current = await self._store.read(newest)
        if current is None:
            return True
        now = await self.ways_in(await asyncio.to_thread(load, current.text, current.number))
        return len(now) <= len(left)


def held(policy: Policy, tests: str) -> Result:
    """Return what becomes of a table of expected decisions under ``policy``. May take a second.

    Raises:
        UnreadableTests: the table has faults.
    """
    try:
        cases = read_table(tests, policy)
    except Invalid as fault:
        raise UnreadableTests(fault.problems) from fault
    return run(policy, cases)


def _hold(policy: Policy, tests: str) -> None:
    result = held(policy, tests)
    if result.failed:
        raise Unexpected(result)


def _known(tx: Reader, services: Sequence[str], places: frozenset[str]) -> Known:
    people = list(every(tx, User))
    sizes = Counter(group for person in people for group in person.groups)
    return Known(
        users=frozenset(name for person in people for name in (person.name, person.email)),
        groups={each.name: sizes[each.name] for each in every(tx, Group)},
        services=frozenset(services) | {f"client:{each.client_id}" for each in every(tx, OidcClient)},
        places=places,
    )
