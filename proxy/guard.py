"""The one doorway: a credential goes in, an Admission comes out, and every one of them is on record.

Refuses when nothing can be confirmed (stale), nothing can be recorded (audit), or anything of ours fails (fault).
The judging itself is in ``proxy.judging``; credentials that verified are remembered in ``proxy.memory``.
"""

from collections.abc import Callable
from dataclasses import replace

from kernel.authority import Attempt, NotVerified, Subject, Verified
from kernel.chance import Chance, identifier, reference
from kernel.clock import Clock
from kernel.geography import Geography
from kernel.problems import Unavailable
from kernel.reasons import Reason, words
from policies.lasting import outlived
from proxy.admission import Admission, Verdict
from proxy.asking import Asker
from proxy.changes import ChangeFollower
from proxy.faults import Faults
from proxy.journal import Journal, Judged
from proxy.judging import Judging
from proxy.memory import Memory
from proxy.recorder import Recorder
from proxy.whereabouts import Networks, whereabouts

__all__ = ["Admission", "Guard", "Verdict"]

RE_ASKED = 3
"""How often an answer may be overtaken by a change before the guard gives up and refuses."""

Then = Callable[[Admission], None]
Answer = Verified | NotVerified | Exception
Waiter = tuple[Attempt, str, Then]


class Guard:
    """Admits and re-judges for one proxy. All of its dependencies are handed in."""

    def __init__(
        self,
        asker: Asker,
        follower: ChangeFollower,
        recorder: Recorder,
        clock: Clock,
        chance: Chance,
        *,
        issuer: str,
        language: str = "en",
        remember: float = 300.0,
        webmails: Networks = (),
        geography: Geography | None = None,
    ) -> None:
        """``webmails``: where our own webmail servers are; see ``proxy.whereabouts``."""
        self.follower = follower
        self._asker = asker
        self._recorder = recorder
        self._clock = clock
        self._chance = chance
        self._issuer = issuer.rstrip("/")
        self._language = language
        self._webmails = webmails
        self._memory = Memory(chance, remember=remember)
        self.judging = Judging(follower, clock, language=language, geography=geography)
        self.journal = Journal(recorder, clock)
        self._asked: dict[bytes, list[Waiter]] = {}
        self._faults = Faults(recorder, clock)
        follower.on_changes(self._memory.drop)
        follower.on_stale(self._memory.clear)

    def admit(self, attempt: Attempt, then: Then) -> None:
        """Judge ``attempt`` and call ``then`` exactly once: at once when all is remembered, else after one round trip.

        Never raises, unless ``then`` does. When admitted, make a ``Lease(admission, holder)`` and give it to
        ``Leases.hold``.
        """
        session = identifier(self._chance, "s")
        trouble = self.trouble()
        if trouble is not None:
            then(self._refuse(attempt, session, trouble))
            return
        try:
            name = self._memory.name(attempt)
            known = self._memory.get(name, self._clock.now())
        except Exception as fault:  # a credential that cannot even be hashed lets nobody in
            then(self._broken(attempt, session, fault))
            return
        if known is not None and not self._overtaken(known.subject) and not self._aged(attempt, known.subject):
            then(self._verified(attempt, session, known))
            return
        self._ask(name, attempt, session, then)

    def _aged(self, attempt: Attempt, subject: Subject) -> bool:
        """Say whether what is remembered of a device refuses by its age alone: it may have said the same again since,
        which is in no change log."""
        if subject.device is None or not subject.device.signals:
            return False
        address = whereabouts(attempt, subject, self._webmails) if self._webmails else attempt.address
        return self.judge(subject, attempt.service, address).reason is Reason.POSTURE_STALE

    def relocate(self, geography: Geography) -> None:
        """Ask another geography from now on."""
        self.judging.relocate(geography)

    def trouble(self) -> Reason | None:
        """Return why nobody may be let in just now, or None."""
        if self._clock.monotonic() > self.follower.confirmed_until:
            return Reason.STALE
        return None if self._recorder.accepting else Reason.AUDIT

    def judge(self, subject: Subject, service: str, address: str) -> Verdict:
        """Judge a subject for a service under the policy in force. Pure but for the clock; anything odd is a denial."""
        return self.judging.judge(subject, service, address)

    def record(
        self,
        session: str,
        service: str,
        address: str,
        subject: Subject | None,
        verdict: Verdict,
        *,
        reference: str = "",
        again: bool = False,
        client: str = "",
    ) -> None:
        """Put one judgement on record."""
        self._record(Judged(session, service, address, subject, verdict, reference, again, client))

    def _record(self, judged: Judged) -> None:
        self.journal.judged(judged)
        if judged.verdict.fault:
            self.fault(judged.service, judged.verdict.fault)

    def fault(self, where: str, what: str) -> None:
        """Record that something of ours failed, in words that hold no secret."""
        self._faults.tell(where, what)

    def _ask(self, name: bytes, attempt: Attempt, session: str, then: Then) -> None:
        """Ask once for all who wait on the same credential; a ticket is for one alone."""
        waiting = self._asked.get(name)
        if waiting is not None and not attempt.ticket:
            waiting.append((attempt, session, then))
            return
        waiters = [(attempt, session, then)]
        if not attempt.ticket:
            self._asked[name] = waiters

        def answered(answer: Answer) -> None:
            self._asked.pop(name, None)
            self._answered(name, waiters, answer, 0)

        try:
            self._asker.verify(attempt, answered)
        except Exception as fault:
            answered(fault)

    def _answered(self, name: bytes, waiters: list[Waiter], answer: Answer, tries: int) -> None:
        """Believe no answer that a change has overtaken: ask for the facts again, or give up."""
        if isinstance(answer, Verified) and self._overtaken(answer.subject):
            if tries < RE_ASKED:
                verified = answer

                def renewed(facts: Subject | Exception | None) -> None:
                    self._answered(name, waiters, _renewed(verified, facts), tries + 1)

                self._asker.facts(verified.subject.key, renewed)
                return
            answer = Unavailable("the facts change faster than they can be read")
        if isinstance(answer, Verified) and not answer.cookie:
            self._memory.put(name, answer, self._clock.now())
        for attempt, session, then in waiters:
            then(self._settle(attempt, session, answer))

    def _overtaken(self, subject: Subject) -> bool:
        number = subject.number
        return number < self.follower.number and self.follower.touched(subject.handles, number)

    def _settle(self, attempt: Attempt, session: str, answer: Answer) -> Admission:
        """Turn the Authority's answer into an Admission, on record. Troubles are looked at again: time has passed."""
        trouble = self.trouble()
        if trouble is not None:
            return self._refuse(attempt, session, trouble)
        if isinstance(answer, NotVerified):
            return self._not_verified(attempt, session, answer)
        if isinstance(answer, Unavailable):
            return self._refuse(attempt, session, Reason.AUTHORITY)
        if isinstance(answer, Exception):
            return self._broken(attempt, session, answer)
        return self._verified(attempt, session, answer)

    def _verified(self, attempt: Attempt, session: str, answer: Verified) -> Admission:
        subject = answer.subject
        address = whereabouts(attempt, subject, self._webmails) if self._webmails else attempt.address
        if answer.denied is not None:
            language = subject.user.language or self._language
            verdict = Verdict(answer.denied, words(answer.denied, language), None)
        else:
            verdict = self._lasting(self.judging.judge(subject, attempt.service, address), subject, attempt.service)
        return self._admission(attempt, address, session, subject, verdict, answer.cookie)

    def _lasting(self, verdict: Verdict, subject: Subject, service: str) -> Verdict:
        """Let nobody begin again who has reached a limit: whichever worker saw them, only signing in leads on."""
        decision = verdict.decision
        if verdict.reason is not None or decision is None or subject.signin is None:
            return verdict
        reason = outlived(decision.limits, subject, service, self._clock.now())
        if reason is None:
            return verdict
        return replace(verdict, reason=reason, words=words(reason, subject.user.language), beside=None)

    def _admission(
        self, attempt: Attempt, address: str, session: str, subject: Subject, verdict: Verdict, cookie: str = ""
    ) -> Admission:
        code = "" if verdict.reason is None else reference(self._chance)
        self._record(Judged(session, attempt.service, address, subject, verdict, code, False, attempt.client))
        # By place, since nearly all are given: by name would take four times as long, for every session.
        return Admission(
            verdict.reason is None,
            session,
            attempt.service,
            address,
            verdict.reason,
            verdict.reason is Reason.STEP_UP,
            verdict.words,
            code,
            f"{self._issuer}/r/{code}" if code else "",
            0.0,
            subject,
            verdict.decision,
            cookie,
            attempt.client,
            self._clock.monotonic(),
            self._clock.now(),
            verdict.beside,
        )

    def _not_verified(self, attempt: Attempt, session: str, answer: NotVerified) -> Admission:
        """Refuse without a record of our own: idp recorded it, and the stranger learns nothing more."""
        return Admission(
            admitted=False,
            session=session,
            service=attempt.service,
            address=attempt.address,
            reason=answer.reason,
            words=words(answer.reason, self._language),
            retry_after=answer.retry_after,
            client=attempt.client,
        )

    def _refuse(self, attempt: Attempt, session: str, reason: Reason) -> Admission:
        verdict = Verdict(reason, words(reason, self._language), None)
        self.record(session, attempt.service, attempt.address, None, verdict, client=attempt.client)
        return Admission(
            admitted=False,
            session=session,
            service=attempt.service,
            address=attempt.address,
            reason=reason,
            words=verdict.words,
            client=attempt.client,
        )

    def _broken(self, attempt: Attempt, session: str, fault: Exception) -> Admission:
        self.fault("guard", f"{type(fault).__name__}: {fault}")
        return self._refuse(attempt, session, Reason.FAULT)


def _renewed(verified: Verified, facts: Subject | Exception | None) -> Answer:
    if isinstance(facts, Exception):
        return facts
    return NotVerified(Reason.CREDENTIALS) if facts is None else replace(verified, subject=facts)
