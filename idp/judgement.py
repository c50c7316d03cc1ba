"""One judgement of the identity side, and the events that put it on record: with its facts whole, and no secret."""

from collections.abc import Sequence
from dataclasses import dataclass

from kernel.audit import Decided, Event, Fault
from kernel.authority import Subject
from kernel.reasons import Reason
from policies.beside import Beside, differed
from policies.facts import Facts
from policies.model import Decision, Outcome
from policies.snapshot import snapshot

NODE = "idp"
LONGEST_CLIENT = 200


@dataclass(frozen=True, slots=True)
class Judgement:
    """What was said to one subject, about one service, from one address; these stand in the ``facts`` that were judged.

    ``reason``: why no policy was asked (a fallen subject, no policy yet), None when one was. ``beside``: what a trial
    said.
    """

    subject: Subject
    facts: Facts
    decision: Decision
    reason: Reason | None = None
    beside: Beside | None = None

    @property
    def allowed(self) -> bool:
        """Whether the person is let in."""
        return self.decision.outcome is Outcome.ALLOW

    def events(self, session: str, *, reference: str = "", client: str = "", again: bool = False) -> Sequence[Event]:
        """Return what goes on record: the decision, where it failed the fault, and where a trial differed, that too."""
        decided = self._decided(session, reference, client, again)
        told: list[Event] = [decided]
        if self.decision.fault:
            told.append(Fault(at=self.facts.now, where=f"judge, {self.facts.service}", what=self.decision.fault))
        if self.beside is not None and self.beside.told:
            told.append(differed(decided, self.beside))
        return told

    def _decided(self, session: str, reference: str, client: str, again: bool) -> Decided:
        subject, decision = self.subject, self.decision
        return Decided(
            at=self.facts.now,
            actor=f"user:{subject.user.name}",
            user=subject.user.name,
            user_id=subject.user.id,
            device_id=subject.key.device_id,
            address=self.facts.address,
            reference=reference,
            session=session,
            service=self.facts.service,
            outcome=decision.outcome.value,
            rule=decision.rule,
            revision=decision.revision,
            reason=self._reason(),
            again=again,
            client=client[:LONGEST_CLIENT],
            node=NODE,
            words={} if self.allowed else dict(decision.say),
            facts=snapshot(self.facts),
            as_of=subject.number,
            reports=decision.reports,
            trial=self.beside.trial if self.beside else 0,
        )

    def _reason(self) -> str:
        if self.reason is not None:
            return self.reason.value
        if self.allowed:
            return ""
        if self.decision.fault:
            return Reason.FAULT.value
        return (Reason.STEP_UP if self.decision.outcome is Outcome.STEP_UP else Reason.POLICY).value
