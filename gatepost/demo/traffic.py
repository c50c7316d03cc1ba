"""Fills the demo's audit log with a month of an office: every use is judged by the real judges, under the policy in
force, and recorded through the real recorder into the real chain. Only the clock is its own.

Sign-ins and what devices report are invented as they go, and not stored: by now they would be over.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from gatepost.demo.month import PROGRAMS, Month, Use
from gatepost.demo.office import ACTOR, VERSIONS, OfficeGeography, Place, Worker, workers
from gatepost.demo.plan import Plan
from gatepost.demo.run import prepare
from gatepost.household.configuration import load
from gatepost.household.identity import Identity, open_identity
from idp.signin.gate import OURS
from kernel.audit import Event
from kernel.authority import Subject, SubjectKey
from kernel.chance import SeededChance, identifier, reference
from kernel.clock import SetClock
from kernel.ports import Writer
from kernel.reasons import Reason
from kernel.records.devices import Device, Proof, Signal, Trust
from kernel.records.sessions import Factor, SignIn
from policies.model import Outcome
from policies.vocabulary import CLIENT
from proxy.changes import ChangeFollower
from proxy.journal import Journal, Judged
from proxy.judging import Judging
from proxy.recorder import Recorder

DAY = 86400.0
PEOPLE = 39
WINDOW = 400
"""Decisions between two commits."""
LOST_AFTER, GONE_AFTER = 0.4, 0.7
"""The parts of the month after which somebody's phone is lost, and somebody leaves whose programs go on trying."""


@dataclass(frozen=True, slots=True)
class Wish:
    """So many ``decisions``, of the ``days`` that end at ``until`` (seconds since 1970), drawn from ``seed``."""

    decisions: int
    days: int
    until: float
    seed: int = 1


@dataclass(slots=True)
class Made:
    """What came of it."""

    outcomes: Counter[str] = field(default_factory=Counter)
    services: Counter[str] = field(default_factory=Counter)


async def traffic(plan: Plan, wish: Wish, progress: Callable[[int], None]) -> Made:
    """Make a month, in a demo that is made first if there is none; ``progress`` is told how many decisions are done."""
    if not plan.facts.exists():
        await prepare(plan)
    clock, chance = SetClock(wish.until - wish.days * DAY), SeededChance(f"traffic {wish.seed}".encode())
    identity = open_identity(load(plan.config), clock, geography=OfficeGeography())
    try:
        await identity.load()
        people = await workers(identity, PEOPLE)
        made = Month(wish.seed, people, clock.at, wish.days, wish.decisions)
        return await _Office(identity, clock, chance, people, wish).live(made, progress)
    finally:
        await identity.close()


class _Office:
    """Lives through the month."""

    def __init__(
        self, identity: Identity, clock: SetClock, chance: SeededChance, people: Sequence[Worker], wish: Wish
    ) -> None:
        self._identity, self._clock, self._chance = identity, clock, chance
        self._people = list(people)
        self._incidents = [
            (wish.until - wish.days * DAY * (1 - part), happens)
            for part, happens in ((LOST_AFTER, self._lose_a_phone), (GONE_AFTER, self._leave))
        ]
        self._recorder = Recorder(identity.answers, clock, node="traffic")
        self._follower = ChangeFollower(identity.answers, self._recorder, clock, max_stale=DAY, node="traffic")
        self._judging = Judging(self._follower, clock, geography=OfficeGeography())
        self._journal = Journal(self._recorder, clock)
        self._events: list[Event] = []
        self._subjects: dict[tuple[object, ...], Subject] = {}
        self._made = Made()

    async def live(self, month: Month, progress: Callable[[int], None]) -> Made:
        await self._follower.take(())
        for done, use in enumerate(month.uses(), 1):
            self._clock.at = use.at
            while self._incidents and use.at >= self._incidents[0][0]:
                await self._commit()
                await self._incidents.pop(0)[1]()
                self._subjects.clear()
            own = use.service in OURS or use.service.startswith(CLIENT)
            outcome = self._own(use) if own else self._proxied(use)
            self._made.outcomes[outcome] += 1
            self._made.services[use.service] += 1
            if done % WINDOW == 0:
                await self._commit()
                progress(done)
        await self._commit()
        return self._made

    def _proxied(self, use: Use) -> str:
        """Judge as a proxy does, and record as it does."""
        subject = self._subject(use)
        verdict = self._judging.judge(subject, use.service, use.address)
        session = identifier(self._chance, "s")
        code = "" if verdict.reason is None else reference(self._chance)
        client = PROGRAMS[use.machine]
        self._journal.judged(Judged(session, use.service, use.address, subject, verdict, code, client=client))
        if verdict.reason is None:
            return Outcome.ALLOW.value
        return (Outcome.STEP_UP if verdict.reason is Reason.STEP_UP else Outcome.DENY).value

    def _own(self, use: Use) -> str:
        """Judge as the identity side does for its pages and for clients."""
        subject = self._subject(use)
        judgement = self._identity.judge.judge(subject, use.service, use.address)
        code = "" if judgement.allowed else reference(self._chance)
        session = subject.key.signin_id
        self._events += judgement.events(session, reference=code, client=PROGRAMS[use.machine])
        return judgement.decision.outcome.value

    async def _commit(self) -> None:
        while self._recorder.waiting:
            await self._recorder.hand_over()
        events, self._events = self._events, []

        def work(tx: Writer) -> None:
            for event in events:
                tx.log(event)

        await self._identity.store.write(work)

    async def _lose_a_phone(self) -> None:
        """Report the phone of whoever has the most mail as lost, as its owner would."""
        nth = max((n for n, who in enumerate(self._people) if who.phone), key=lambda n: self._people[n].busy)
        owner = self._people[nth]
        if owner.phone is not None and owner.phone.trust is not Trust.LOST:
            phone = await self._identity.devices.set_trust(ACTOR.name, owner.phone.id, Trust.LOST, "left in a taxi")
            self._people[nth] = replace(owner, phone=phone)

    async def _leave(self) -> None:
        """Let the last one of the list leave the company."""
        user = await self._identity.acts.people.set_disabled(ACTOR, self._people[-1].user.name, True)
        self._people[-1] = replace(self._people[-1], user=user)

    def _subject(self, use: Use) -> Subject:
        """Return the subject of a use. One of the same day, machine and sign-in is the same object, as in a proxy."""
        day = int(use.at // DAY)
        same = (use.worker, use.machine, use.proof, use.signed_in, use.whole, day)
        known = self._subjects.get(same)
        if known is None:
            if self._subjects and next(iter(self._subjects))[-1] != day:
                self._subjects.clear()
            known = self._subjects[same] = self._assembled(use)
        return known

    def _assembled(self, use: Use) -> Subject:
        who = self._people[use.worker]
        device = {"laptop": who.laptop, "phone": who.phone, "": None}[use.machine]
        device = _reporting(device, use.worker, use.at) if device is not None else None
        device_id = device.id if device else ""
        signin = self._signin(use, who, device_id) if use.signed_in else None
        key = SubjectKey(who.user.id, device_id, use.proof, signin.id if signin else "")
        return Subject(key, who.user, device, signin, (f"user:{who.user.id}",), self._follower.number)

    def _signin(self, use: Use, who: Worker, device_id: str) -> SignIn:
        shown = {Factor.PASSWORD: use.signed_in} | ({Factor.TOTP: use.signed_in + 12.0} if use.whole else {})
        return SignIn(
            id=identifier(self._chance, "signin"),
            digest="",
            user_id=who.user.id,
            created_at=use.signed_in,
            expires_at=use.signed_in + DAY,
            factors=shown,
            device_id=device_id,
            proof=use.proof if device_id else Proof.NONE,
            address=use.address,
            new_device=not device_id,
            new_country=use.place is Place.ABROAD,
            impossible_travel=False,
        )


def _reporting(device: Device, worker: int, at: float) -> Device:
    """Return a device as it has reported this morning: most are in order, a few let something slide for a while."""
    morning = at // DAY * DAY - 3600.0
    week = int(at // (7 * DAY))
    slack = (worker * 5 + week) % 17 == 0
    signals = {
        "disk_encrypted": Signal(worker % 11 != 3, morning, "agent"),
        "firewall": Signal(not slack, morning, "agent"),
        "screen_lock": Signal(True, morning, "agent"),
        "os_version": Signal(VERSIONS[device.platform], morning - (4 * DAY if slack else 0.0), "agent"),
    }
    return replace(device, signals=signals)
