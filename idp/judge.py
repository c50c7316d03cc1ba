"""The identity side's own judge: keeps the policy in force compiled, decides for portal, console and clients.

Until a policy could be read it denies everything. A document that does not compile leaves the last good one in force.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Sequence

from idp.judgement import Judgement
from kernel.audit import Event, Fault
from kernel.authority import Subject
from kernel.chance import Chance, SystemChance, reference
from kernel.clock import Clock
from kernel.geography import Geography, Nowhere
from kernel.ports import Reader, Store, Writer
from kernel.problems import Invalid, Unavailable
from kernel.reasons import Reason
from kernel.records.policy import PolicyRevision
from kernel.records.trials import PolicyTrial
from policies.beside import beside
from policies.decide import decide
from policies.facts import Facts
from policies.language import load
from policies.model import Decision, Outcome, Policy

EVERY = 5.0
"""Seconds between two looks at the revision, should a wake-up be lost."""
MOST_ENTERED = 50_000
"""How many people's last entries to our own services are remembered; one that was forgotten is recorded again."""


def newest(tx: Reader) -> PolicyRevision | None:
    """Return the revision in force: they are numbered without gaps, so the count names it."""
    return tx.get(PolicyRevision, str(tx.count(PolicyRevision)))


def running(tx: Reader) -> PolicyTrial | None:
    """Return the trial that is asked beside the policy in force, None while there is none."""
    found = tx.get(PolicyTrial, str(tx.count(PolicyTrial)))
    return found if found is not None and found.running else None


class Judge:
    """``policy`` is the compiled document in force, None while there is none, and ``trial`` the one asked beside it.
    ``geography``: tells where addresses are (None: nothing does)."""

    def __init__(
        self, store: Store, clock: Clock, chance: Chance | None = None, geography: Geography | None = None
    ) -> None:
        self.policy: Policy | None = None
        self.trial: Policy | None = None
        self._revision = self._trial = 0
        self._entered: OrderedDict[tuple[str, str], tuple[object, ...]] = OrderedDict()
        self._store, self._clock, self._chance = store, clock, chance or SystemChance()
        self._geography = geography or Nowhere()
        self._wake = asyncio.Event()

    async def load(self) -> None:
        """Read and compile the revision in force and the trial beside it, where they are others. Call it once before
        the first decision.

        Raises:
            Unavailable: the store cannot be read.
        """
        found, trial = await self._store.read(lambda tx: (newest(tx), running(tx)))
        if found is not None and found.number != self._revision:
            self.policy = await self._compiled(found.text, found.number, "revision") or self.policy
            self._revision = found.number
        number = trial.number if trial else 0
        if number != self._trial:
            self.trial = await self._compiled(trial.text, number, "trial") if trial else None
            self._trial = number

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

    def judge(
        self, subject: Subject, service: str, address: str, *, trace: bool = False, at: float | None = None
    ) -> Judgement:
        """Return the judgement, of now or of the moment ``at``. What has fallen, and who is disabled, is denied
        whatever the rules say."""
        now = self._clock.now() if at is None else at
        facts = Facts.of(subject, service, address, now, self._geography.locate(address))
        policy = self.policy
        if policy is None:
            return Judgement(subject, facts, Decision(Outcome.DENY), Reason.POLICY)
        if subject.fallen is not None or subject.user.disabled:
            reason = subject.fallen or Reason.USER_DISABLED
            return Judgement(subject, facts, Decision(Outcome.DENY, revision=policy.revision), reason)
        decision = decide(policy, facts, trace)
        if self.trial is None:
            return Judgement(subject, facts, decision)
        decision, said = beside(self.trial, facts, decision)
        return Judgement(subject, facts, decision, beside=said)

    def decide(self, subject: Subject, service: str, address: str, *, trace: bool = False) -> Decision:
        """Return the decision alone, where nothing is put on record."""
        return self.judge(subject, service, address, trace=trace).decision

    async def record(self, judgement: Judgement, *, client: str = "") -> str:
        """Put a judgement on record; return the reference of a refusal (8 characters), ``""`` when it was allowed."""
        code = "" if judgement.allowed else reference(self._chance)
        await self._write(judgement.events(judgement.subject.key.signin_id, reference=code, client=client))
        return code

    async def entered(self, judgement: Judgement, *, client: str = "") -> None:
        """Put on record that somebody uses a service of ours, where every page is judged: once, and again when what is
        said of them changes."""
        key, facts, decision = judgement.subject.key, judgement.facts, judgement.decision
        at = (key.signin_id or key.grant_id, facts.service)
        said = (facts.address, key.device_id, decision.outcome, decision.rule, judgement.beside)
        known = self._entered.get(at)
        if known == said:
            self._entered.move_to_end(at)
            return
        await self._write(judgement.events(at[0], client=client, again=known is not None))
        self._entered[at] = said
        if len(self._entered) > MOST_ENTERED:
            self._entered.popitem(last=False)

    async def _write(self, events: Sequence[Event]) -> None:
        def work(tx: Writer) -> None:
            for event in events:
                tx.log(event)

        await self._store.write(work)

    async def _compiled(self, text: str, number: int, what: str) -> Policy | None:
        """Compile a document; one that cannot be is a fault on record, and None."""
        try:
            return await asyncio.to_thread(load, text, number)
        except Invalid as invalid:
            event = Fault(
                at=self._clock.now(),
                where="judge",
                what=f"{what} {number} does not compile: {invalid.problems[0]}"[:500],
            )
            await self._write((event,))
            return None
