"""The decision: pure, total, and the only way to an answer. A failure inside it is a deny."""

from dataclasses import replace

from policies.facts import Facts
from policies.model import Decision, Outcome, Policy
from policies.trace import trace as traced


def decide(policy: Policy, facts: Facts, trace: bool = False) -> Decision:
    """Return what ``policy`` says to ``facts``; with ``trace``, also how every rule and condition came out.

    Never raises: a failure is a deny that carries its ``fault``.
    """
    try:
        decision = policy.program.run(facts)
        return replace(decision, trace=traced(policy, facts, decision)) if trace else decision
    except Exception as fault:
        return Decision(Outcome.DENY, revision=policy.revision, fault=f"{type(fault).__name__}: {fault}"[:200])
