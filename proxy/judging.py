"""Judges subjects by the policy in force, and remembers what let in for as long as nothing can turn it.

Whatever is odd is a denial. A trial is asked beside when there is one; it decides nothing.
"""

from kernel.authority import Subject
from kernel.clock import Clock
from kernel.geography import Geography, Nowhere
from kernel.reasons import Reason, words
from policies.beside import beside
from policies.decide import decide
from policies.facts import Facts
from policies.model import Decision, Outcome
from policies.staleness import went_stale
from proxy.admission import Verdict
from proxy.changes import ChangeFollower
from proxy.memory import Allowed


class Judging:
    """``language`` is spoken to who has none of their own. ``geography``: tells where addresses are (None: nothing)."""

    def __init__(
        self, follower: ChangeFollower, clock: Clock, *, language: str = "en", geography: Geography | None = None
    ) -> None:
        self._follower = follower
        self._clock = clock
        self._language = language
        self._geography = geography or Nowhere()
        self._allowed = Allowed()

    def relocate(self, geography: Geography) -> None:
        """Ask another geography from now on, and remember no verdict that stands on the one before."""
        self._geography = geography
        self._allowed = Allowed()

    def judge(self, subject: Subject, service: str, address: str) -> Verdict:
        """Judge a subject for a service under the policy in force. Pure but for the clock; anything odd is a denial."""
        try:
            # The same facts, unfallen then, are unfallen still: nobody writes into them.
            known = self._allowed.get(service, address, subject, self._follower.policy, self._clock.now())
            return self._judge(subject, service, address) if known is None else known
        except Exception as fault:
            language = subject.user.language or self._language
            return Verdict(Reason.FAULT, words(Reason.FAULT, language), None, f"{type(fault).__name__}: {fault}")

    def _judge(self, subject: Subject, service: str, address: str) -> Verdict:
        language = subject.user.language or self._language
        if subject.fallen is not None:
            return Verdict(subject.fallen, words(subject.fallen, language), None)
        if subject.user.disabled:
            return Verdict(Reason.USER_DISABLED, words(Reason.USER_DISABLED, language), None)
        policy, now = self._follower.policy, self._clock.now()
        if policy is None:
            return Verdict(Reason.POLICY, words(Reason.POLICY, language), None)
        facts = Facts.of(subject, service, address, now, self._geography.locate(address))
        decision, said = decide(policy, facts), None
        if self._follower.trial is not None:
            decision, said = beside(self._follower.trial, facts, decision)
        if decision.fault:
            return Verdict(Reason.FAULT, words(Reason.FAULT, language), decision, decision.fault, facts, said)
        if decision.outcome is Outcome.ALLOW:
            return self._allowed.put(service, address, subject, policy, Verdict(None, "", decision, "", facts, said))
        reason = Reason.STEP_UP if decision.outcome is Outcome.STEP_UP else Reason.POLICY
        if reason is Reason.POLICY and went_stale(policy, facts):
            reason = Reason.POSTURE_STALE
        return Verdict(reason, _said(decision, reason, language), decision, "", facts, said)


def _said(decision: Decision, reason: Reason, language: str) -> str:
    """Return the rule's own words; where it has none, those of the reason."""
    return decision.words(language) if decision.say else words(reason, language)
