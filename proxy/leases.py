"""Every live session is a lease on its reasons: re-judged when one of them changes, ended the moment it falls.

No task and no timer per lease (``proxy.expiry``), and long work is done in slices (``proxy.slices``). ::

    held --(change of a handle)--> facts asked once per subject --> judged --allowed--> held
      |--(policy, valid_until)--> judged with the facts at hand ------'  '--not--> ending --(holder releases)--> gone
      '--(session or idle limit, admin, stale)----------------------------------------^
"""

import asyncio
from collections.abc import Iterable, Sequence
from contextlib import suppress
from functools import partial

from kernel.authority import Subject, SubjectKey
from kernel.clock import Clock
from kernel.reasons import Reason, words
from kernel.records.changes import POLICY, session_handle
from kernel.records.sessions import LiveSession
from policies.model import Decision
from proxy.admission import Admission, Verdict
from proxy.announcer import Announcer
from proxy.asking import Asker, Timers
from proxy.due import Due
from proxy.expiry import Expiry
from proxy.guard import Guard
from proxy.journal import Judged, ended
from proxy.lease import Holder, Lease
from proxy.recorder import Recorder
from proxy.slices import Slices

__all__ = ["Admission", "Holder", "Lease", "Leases"]

RETRY = 0.5
"""Seconds between two questions when the first found nobody."""
OVERTAKEN = 5
"""How often an answer may be overtaken by a change and asked for again, before the sessions count as in doubt."""


class Leases:
    """All live sessions of one proxy."""

    def __init__(
        self,
        guard: Guard,
        asker: Asker,
        recorder: Recorder,
        announcer: Announcer,
        clock: Clock,
        timers: Timers,
        *,
        max_stale: float = 30.0,
    ) -> None:
        self._guard = guard
        self._asker = asker
        self._recorder = recorder
        self._announcer = announcer
        self._clock = clock
        self._timers = timers
        self._max_stale = max_stale
        self._leases: dict[str, Lease] = {}
        self._by_handle: dict[str, set[Lease]] = {}
        self._slices = Slices(timers, clock)
        self._expiry = Expiry(timers, clock, lambda lease: self._slices.add(self._due.come, lease))
        self._due = Due(asker, clock, self._judge, self._end, self._expiry.schedule)
        self._emptied: asyncio.Event | None = None
        self._unsettled: dict[SubjectKey, float] = {}
        guard.follower.on_changes(self.changed)
        guard.follower.on_stale(lambda: self.end_all(Reason.STALE))
        guard.follower.on_connected(announcer.all)
        announcer.listing = self.listing

    def __len__(self) -> int:
        return len(self._leases)

    @property
    def busy(self) -> bool:
        """Whether sessions wait to be judged, or to be ended."""
        return len(self._slices) > 0

    def get(self, session: str) -> Lease | None:
        """Return a live session by its id."""
        return self._leases.get(session)

    def hold(self, lease: Lease) -> None:
        """Take a new session. May call ``holder.end`` before it returns, when a reason fell since it was admitted."""
        self._leases[lease.session] = lease
        self._index(lease, lease.subject.handles)
        self._announcer.opened(lease)
        follower, number = self._guard.follower, lease.subject.number
        if follower.stale:
            self._end(lease, Reason.STALE)
        elif number < follower.number and follower.touched((session_handle(lease.session),), number):
            self._end(lease, Reason.ENDED_BY_ADMIN)
        elif number < follower.number and follower.touched(lease.subject.handles, number):
            self._look_again(lease.subject.key)
        elif self._outdated(lease):
            self._judge(lease)
        if not lease.over and lease.ended_for is None:
            self._expiry.schedule(lease)

    def release(self, session: str, reason: Reason | None = None, octets_in: int = 0, octets_out: int = 0) -> None:
        """Forget a session that is over; ``reason`` None means that a peer closed it. Unknown sessions are ignored."""
        lease = self._leases.pop(session, None)
        if lease is None:
            return
        self._unindex(lease, lease.subject.handles)
        lease.over = True
        if not self._leases and self._emptied is not None:
            self._emptied.set()
        self._announcer.closed(session)
        why = lease.ended_for or reason
        at, seconds = self._clock.now(), self._clock.monotonic() - lease.since
        self._recorder.record(partial(ended, at, seconds, lease, why, octets_in, octets_out))

    def changed(self, handles: Sequence[str]) -> None:
        """Look again at every session that these handles concern."""
        keys: dict[SubjectKey, None] = {}
        for handle in handles:
            if handle == POLICY:
                self._again(self._leases.values())
            elif handle.startswith("session:"):
                lease = self._leases.get(handle[8:])
                if lease is not None:
                    self._end(lease, Reason.ENDED_BY_ADMIN)
            else:
                for lease in self._by_handle.get(handle, ()):
                    keys[lease.subject.key] = None
        for key in keys:
            self._look_again(key)

    def end_all(self, reason: Reason) -> None:
        """End every session, in slices."""
        self._slices.each(self._end, tuple(self._leases.values()), reason)

    async def drained(self, seconds: float) -> bool:
        """Wait until no session is left, at most ``seconds``; say whether none is."""
        self._emptied = asyncio.Event()
        if not self._leases:
            return True
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._emptied.wait()
        return self._emptied.is_set()

    def _look_again(self, key: SubjectKey, tries: int = 0) -> None:
        """Ask for the present facts of one subject: once, however many sessions stand on it."""
        self._asker.facts(key, lambda answer: self._facts_came(key, answer, tries))

    def _facts_came(self, key: SubjectKey, answer: Subject | Exception | None, tries: int) -> None:
        if isinstance(answer, Exception):
            self._unanswered(key)
            return
        if answer is not None and self._guard.follower.touched(answer.handles, answer.number):
            if tries < OVERTAKEN:
                self._look_again(key, tries + 1)
            else:
                self._unanswered(key)
            return
        self._unsettled.pop(key, None)
        if answer is None:
            self._slices.each(self._end, self._standing_on(key), Reason.USER_DISABLED)
        else:
            self._slices.each(self._judge, self._standing_on(key), answer)

    def _unanswered(self, key: SubjectKey) -> None:
        """The facts are in doubt: keep asking, and end the sessions when the doubt has lasted ``max_stale``."""
        now = self._clock.monotonic()
        if now - self._unsettled.setdefault(key, now) < self._max_stale:
            self._timers.call_later(RETRY, self._look_again, key)
            return
        del self._unsettled[key]
        for lease in self._standing_on(key):
            self._end(lease, Reason.STALE)

    def _standing_on(self, key: SubjectKey) -> list[Lease]:
        handle = f"user:{key.user_id}"
        near = self._by_handle.get(handle)
        return [lease for lease in (self._leases.values() if near is None else near) if lease.subject.key == key]

    def _again(self, leases: Iterable[Lease]) -> None:
        """Judge with the facts at hand: they are current, only the policy or the time has moved."""
        self._slices.each(self._judge, tuple(leases))

    def _judge(self, lease: Lease, facts: Subject | None = None) -> None:
        """Judge one session, with new ``facts`` or with those at hand, whichever are younger. What lets one session of
        a subject stay is remembered for its others (``proxy.judging``)."""
        if lease.over or lease.ended_for is not None:
            return
        subject = lease.subject
        if facts is not None and facts.number >= subject.number:
            self._unindex(lease, subject.handles)
            subject = lease.subject = facts
            self._index(lease, subject.handles)
        verdict = self._guard.judge(subject, lease.service, lease.address)
        decision = verdict.decision
        if verdict.reason is not None or decision is None:
            self._guard.record(
                lease.session, lease.service, lease.address, subject, verdict, again=True, client=lease.client
            )
            self._end(lease, verdict.reason or Reason.FAULT, verdict.words)
            return
        self._renew(lease, decision, verdict)

    def _outdated(self, lease: Lease) -> bool:
        """Say whether the policy, or the trial beside it, has become another one since the session was admitted."""
        policy, trial = self._guard.follower.policy, self._guard.follower.trial
        if policy is None or policy.revision != lease.decision.revision:
            return True
        return trial is not None and (lease.beside is None or lease.beside.trial != trial.revision)

    def _renew(self, lease: Lease, decision: Decision, verdict: Verdict) -> None:
        before, lease.decision = lease.decision, decision
        heard, lease.beside = lease.beside, verdict.beside
        if decision.rule != before.rule or decision.limits != before.limits:
            self._guard.record(
                lease.session, lease.service, lease.address, lease.subject, verdict, again=True, client=lease.client
            )
            self._announcer.changed(lease)
        elif verdict.beside != heard and not self._guard.journal.differed(
            Judged(lease.session, lease.service, lease.address, lease.subject, verdict, again=True)
        ):
            lease.beside = heard
            self._timers.call_later(RETRY, self._slices.add, self._judge, lease)
        if decision.limits != before.limits:
            lease.holder.limit(decision.limits)
        if not lease.over and lease.ended_for is None:
            self._expiry.schedule(lease)

    def _end(self, lease: Lease, reason: Reason, said: str = "") -> None:
        if lease.over or lease.ended_for is not None:
            return
        lease.ended_for = reason
        try:
            lease.holder.end(reason, said or words(reason, lease.subject.user.language))
        except Exception as fault:  # a holder that fails must not keep the others alive
            self._guard.fault("leases", f"{lease.service}: {type(fault).__name__}: {fault}")
            self.release(lease.session, reason)

    def _index(self, lease: Lease, handles: Iterable[str]) -> None:
        for handle in handles:
            near = self._by_handle.get(handle)
            if near is None:
                near = self._by_handle[handle] = set()
            near.add(lease)

    def _unindex(self, lease: Lease, handles: Iterable[str]) -> None:
        for handle in handles:
            near = self._by_handle.get(handle)
            if near is not None:
                near.discard(lease)
                if not near:
                    del self._by_handle[handle]

    def active(self, lease: Lease) -> None:
        """Tell the identity side that the person at a browser did something just now."""
        self._announcer.changed(lease)

    def listing(self) -> list[LiveSession]:
        """Return every live session as the identity side lists it."""
        node = self._recorder.node
        return [lease.live(node) for lease in self._leases.values()]
