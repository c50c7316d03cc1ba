"""Prove: whether any facts at all break an invariant of a policy.

An invariant reads unknown facts against access, as rules do. One that forbids letting in counts what is unknown as
meant (as a deny does); one that forbids turning away means only what is known (as an allow does).
"""

from kernel.clock import Clock
from policies.decide import decide
from policies.meaning.answers import Proof, Verdict
from policies.meaning.describing import exact
from policies.meaning.logic import OutOfTime, Term
from policies.meaning.question import LIMIT, Question
from policies.model import Never, Outcome, Policy


def prove(policy: Policy, clock: Clock, *, limit: float = LIMIT) -> tuple[Proof, ...]:
    """Return what becomes of each invariant, over all facts from now on, within ``limit`` seconds.

    Raises:
        Unmodelled: a condition that the prover does not know.
    """
    if not policy.nevers:
        return ()
    try:
        question = Question((policy,), clock, limit)
    except OutOfTime:
        return tuple(_undecided(never) for never in policy.nevers)
    return tuple(_proof(never, question, policy) for never in policy.nevers)


def _proof(never: Never, question: Question, policy: Policy) -> Proof:
    try:
        found = exact(question.logic, question.search, _broken(never, question))
    except OutOfTime:
        return _undecided(never)
    if found is None:
        return Proof(never.name, never.place, Verdict.HOLDS)
    facts = question.facts(found)
    decision = decide(policy, facts)
    if decision.outcome is not never.outcome:
        return _undecided(never, f"not confirmed for service {facts.service}")
    return Proof(never.name, never.place, Verdict.BROKEN, found.cube, found.likely, facts, decision)


def _broken(never: Never, question: Question) -> Term:
    logic, reading = question.logic, question.readings[0]
    met = reading.meets(never.conditions)
    meant = met.held if never.outcome is Outcome.DENY else logic.negated(met.refuted)
    return logic.named(logic.all((meant, reading.outcome(never.outcome))))


def _undecided(never: Never, fault: str = "") -> Proof:
    return Proof(never.name, never.place, Verdict.UNDECIDED, fault=fault)
