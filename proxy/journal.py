"""How a judgement, and the end of a session, are written down: with the facts that explain them later, and no
secret."""

import math
from functools import partial

from msgspec import Struct
from msgspec.structs import replace

from kernel.audit import Decided, SessionEnded
from kernel.authority import Subject
from kernel.clock import Clock
from kernel.reasons import WORDS, Reason
from policies.beside import differed
from policies.facts import Facts
from policies.snapshot import CAPACITY, Parts, Plain, snapshot
from proxy.admission import Verdict
from proxy.lease import Lease
from proxy.recorder import Recorder

CLIENT_CHARACTERS = 200


class Judged(Struct, frozen=True):
    """One judgement. ``subject`` is None when nobody was known yet; ``again``: of a session that lives."""

    session: str
    service: str
    address: str
    subject: Subject | None
    verdict: Verdict
    reference: str = ""
    again: bool = False
    client: str = ""


class Journal:
    """Hands judgements to the recorder, as what they are put together from: that is done when they are sent."""

    def __init__(self, recorder: Recorder, clock: Clock) -> None:
        self._recorder = recorder
        self._clock = clock
        self._parts = Parts()
        self._alike: dict[int, tuple[Verdict, Decided]] = {}

    def judged(self, one: Judged) -> None:
        """Put a judgement on record, and where a trial differed from it, that too."""
        self._recorder.record(partial(self._decided, self._clock.now(), one))
        if one.verdict.beside is not None:
            self.differed(one)

    def differed(self, one: Judged) -> bool:
        """Put on record where a trial differed, though the judgement itself need not be told again.

        False: too much waits to be recorded. A trial keeps nobody out, so this is told later, or not at all.
        """
        said = one.verdict.beside
        if said is None or not said.told:
            return True
        now = self._clock.now()
        return self._recorder.spare(lambda: differed(self._decided(now, one), said))

    def _decided(self, now: float, one: Judged) -> Decided:
        """Return the event of one judgement. One verdict lets in many sessions: what all of their records share is put
        together once."""
        verdict = one.verdict
        if verdict.reason is not None or one.again:
            return decided(now, self._recorder.node, one, self._parts)
        known = self._alike.get(id(verdict))
        if known is None:
            if len(self._alike) >= CAPACITY:
                self._alike.clear()
            # The verdict is kept alive, so that its identity is its own.
            known = self._alike[id(verdict)] = (verdict, decided(now, self._recorder.node, one, self._parts))
        first, at = known[1], moment(verdict, now)
        return replace(
            first,
            at=at,
            session=one.session,
            reference=one.reference,
            client=one.client[:CLIENT_CHARACTERS],
            facts={**first.facts, "now": at},
        )


def decided(now: float, node: str, one: Judged, parts: Parts) -> Decided:
    """Return the event of one judgement that is told at ``now``."""
    subject, verdict, decision = one.subject, one.verdict, one.verdict.decision
    at = moment(verdict, now)
    return Decided(
        at=at,
        actor=f"user:{subject.user.name}" if subject else f"proxy:{node}",
        user=subject.user.name if subject else "",
        user_id=subject.user.id if subject else "",
        device_id=subject.key.device_id if subject else "",
        address=one.address,
        reference=one.reference,
        session=one.session,
        service=one.service,
        outcome=_outcome(verdict.reason),
        rule=decision.rule if decision else "",
        revision=decision.revision if decision else 0,
        reason="" if verdict.reason is None else verdict.reason.value,
        again=one.again,
        client=one.client[:CLIENT_CHARACTERS],
        node=node,
        words=_said(verdict),
        facts=_noted(one, at, parts),
        as_of=subject.number if subject else 0,
        reports=decision.reports if decision else (),
        trial=verdict.beside.trial if verdict.beside else 0,
    )


def moment(verdict: Verdict, now: float) -> float:
    """Return the moment that a record names: ``now``, or if the decision was remembered and does not stand at ``now``
    any more (or yet: clocks are set back), the nearest one at which it does. At that very moment it can be made again.
    """
    facts, decision = verdict.facts, verdict.decision
    if facts is None or decision is None:
        return now
    if facts.now <= now < decision.valid_until:
        return now
    return max(facts.now, min(now, math.nextafter(decision.valid_until, -math.inf)))


def ended(
    at: float, seconds: float, lease: Lease, reason: Reason | None, octets_in: int, octets_out: int
) -> SessionEnded:
    """Return the event of a session that is over; ``reason`` None means that a peer closed it."""
    user = lease.subject.user
    return SessionEnded(
        at=at,
        actor=f"user:{user.name}",
        user=user.name,
        user_id=user.id,
        device_id=lease.subject.key.device_id,
        address=lease.address,
        session=lease.session,
        service=lease.service,
        reason="closed" if reason is None else reason.value,
        seconds=int(seconds * 1000) / 1000,
        octets_in=octets_in,
        octets_out=octets_out,
    )


def _outcome(reason: Reason | None) -> str:
    if reason is None:
        return "allow"
    return "step_up" if reason is Reason.STEP_UP else "deny"


def _said(verdict: Verdict) -> dict[str, str]:
    """Return the words that the person saw, in every language: the page that explains is read in either."""
    if verdict.reason is None:
        return {}
    if verdict.decision is not None and verdict.decision.say:
        return dict(verdict.decision.say)
    return dict(WORDS[verdict.reason])


def _noted(one: Judged, at: float, parts: Parts) -> Plain:
    """Return the facts that were judged, for whoever reads them later or judges them again."""
    facts = one.verdict.facts
    if facts is not None:
        return {**snapshot(facts, parts), "now": at}
    if one.subject is None or one.verdict.fault:
        return {}
    return snapshot(Facts.of(one.subject, one.service, one.address, at), parts)
