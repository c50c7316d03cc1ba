"""The identity side's own judge: keeps the policy in force compiled, decides for portal, console and clients.

Until a policy could be read it denies everything. A document that does not compile leaves the last good one in force.
"""

import asyncio
from collections.abc import Mapping
from typing import Any

from kernel.audit import Decided, Fault
from kernel.authority import Subject
from kernel.chance import Chance, SystemChance, reference
from kernel.clock import Clock
from kernel.ports import Reader, Store
from kernel.problems import Invalid, Unavailable
from kernel.records.policy import PolicyRevision
from policies.decide import decide
from policies.facts import Facts
from policies.language import load
from policies.model import Decision, Outcome, Policy

EVERY = 5.0
"""Seconds between two looks at the revision, should a wake-up be lost."""


def newest(tx: Reader) -> PolicyRevision | None:
    """Return the revision in force: they are numbered without gaps, so the count names it."""
    return tx.get(PolicyRevision, str(tx.count(PolicyRevision)))


class Judge:
    """``policy`` is the compiled document in force, None while there is none."""

    def __init__(self, store: Store, clock: Clock, chance: Chance | None = None) -> None:
        self.policy: Policy | None = None
        self._revision = 0
        self._store, self._clock, self._chance = store, clock, chance or SystemChance()
        self._wake = asyncio.Event()

    async def load(self) -> None:
        """Read and compile the revision in force, if it is another one. Call it once before the first decision.

        Raises:
            Unavailable: the store cannot be read.
        """
        found = await self._store.read(newest)
        if found is None or found.number == self._revision:
            return
        try:
            compiled = await asyncio.to_thread(load, found.text, found.number)
        except Invalid as invalid:
            await self._fault(f"revision {found.number} does not compile: {invalid.problems[0]}")
        else:
            self.policy = compiled
        self._revision = found.number

    async def run(self) -> None:
        """Follow the change log until cancelled."""
        unwatch = self._store.watch(lambda number: self._wake.set())
        try:
            while True:
                self._wake.clear()
                try:
                    await self.load()
                    async with asyncio.timeout(EVERY):
                        await self._wake.wait()
                except TimeoutError:
                    continue
                except Unavailable:
                    await asyncio.sleep(1.0)
        finally:
            unwatch()

    def decide(self, subject: Subject, service: str, address: str, *, trace: bool = False) -> Decision:
        """Return the decision; never raises. What has fallen, and who is disabled, is denied whatever the rules say."""
        if self.policy is None:
            return Decision(Outcome.DENY)
        if subject.fallen is not None or subject.user.disabled:
            return Decision(Outcome.DENY, revision=self.policy.revision)
        return decide(self.policy, Facts.of(subject, service, address, self._clock.now()), trace)

    async def record(
        self,
        subject: Subject,
        service: str,
        address: str,
        decision: Decision,
        *,
        reason: str = "",
        client: str = "",
        facts: Mapping[str, Any] | None = None,
    ) -> str:
        """Put a decision on record; return the reference of a refusal (8 characters), ``""`` when it was allowed."""
        allowed = decision.outcome is Outcome.ALLOW
        event = Decided(
            at=self._clock.now(),
            actor=f"user:{subject.user.name}",
            user=subject.user.name,
            user_id=subject.user.id,
            device_id=subject.key.device_id,
            address=address,
            reference="" if allowed else reference(self._chance),
            session=subject.key.signin_id,
            service=service,
            outcome=decision.outcome.value,
            rule=decision.rule,
            revision=decision.revision,
            reason=reason or ("" if allowed else _reason(decision)),
            client=client[:200],
            node="idp",
            words={} if allowed else dict(decision.say),
            facts={"proof": subject.key.proof.value, "as_of": subject.number, **(facts or {})},
        )
        await self._store.write(lambda tx: tx.log(event))
        return event.reference

    async def _fault(self, what: str) -> None:
        event = Fault(at=self._clock.now(), where="judge", what=what[:500])
        await self._store.write(lambda tx: tx.log(event))


def _reason(decision: Decision) -> str:
    return "step-up" if decision.outcome is Outcome.STEP_UP else "policy"
