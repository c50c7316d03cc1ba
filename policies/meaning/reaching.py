"""Rules that decide nothing, exactly: over all facts, and against all rules before them together, where ``analyse``
compares them two by two and answers while somebody types."""

from kernel.clock import Clock
from policies.meaning.answers import Dead, DeadRule
from policies.meaning.logic import OutOfTime
from policies.meaning.question import LIMIT, Question
from policies.model import Policy


def dead_rules(policy: Policy, clock: Clock, *, limit: float = LIMIT) -> tuple[DeadRule, ...]:
    """Return the rules that never match, or never before another one decides, among those settled in ``limit`` seconds.

    Raises:
        Unmodelled: a condition that the prover does not know.
    """
    found: list[DeadRule] = []
    try:
        question = Question((policy,), clock, limit)
        reading, possible = question.readings[0], question.logic.possible
        for rule, matches, reached in zip(policy.rules, reading.matching, reading.reaching, strict=True):
            if not possible((matches,)):
                found.append(DeadRule(rule.name, rule.place, Dead.NEVER_MATCHES))
            elif not possible((matches, question.logic.named(reached))):
                found.append(DeadRule(rule.name, rule.place, Dead.NEVER_REACHED))
    except OutOfTime:
        pass
    return tuple(found)
