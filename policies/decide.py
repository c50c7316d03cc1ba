"""The decision: pure, total, and the only way to an answer. A failure inside it is a deny."""

from policies.facts import Facts
from policies.model import Decision, Outcome, Policy


def decide(policy: Policy, facts: Facts, trace: bool = False) -> Decision:
    """Return what ``policy`` says to ``facts``; with ``trace``, also how every rule and condition came out. Never raises."""
    try:
        return policy.program.run(facts)
    except Exception as fault:
        return Decision(Outcome.DENY, revision=policy.revision, fault=f"{type(fault).__name__}: {fault}")
