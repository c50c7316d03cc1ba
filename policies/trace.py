"""Explains a decision: every rule and condition read one by one, with what was wanted, what was seen and what is
missing.

This reading is slow and plain; it never decides, and the tests hold it to the compiled program.
"""

from collections.abc import Iterable

from policies.addresses import RangeIndex
from policies.barred import WHY
from policies.facts import Facts
from policies.model import Condition, ConditionTrace, Decision, Outcome, Policy, Rule, RuleTrace, Truth, Value
from policies.observe import NEEDED, SEVERAL, SINGLE, names_of_service

SHOWN = 12


def trace(policy: Policy, facts: Facts, decision: Decision) -> tuple[RuleTrace, ...]:
    """Return how each rule of ``policy`` came out for ``facts``, in order; rules after the one that decided are
    included."""
    index = RangeIndex({name: network.ranges for name, network in policy.networks.items()})
    return tuple(_rule(rule, facts, index, decision.rule == rule.name) for rule in policy.rules)


def _rule(rule: Rule, facts: Facts, index: RangeIndex, decided: bool) -> RuleTrace:
    read = [(condition, judged(condition, facts, index)) for condition in rule.conditions]
    passing = {Truth.HELD, Truth.UNKNOWN} if rule.outcome is Outcome.DENY else {Truth.HELD}
    matched = all(each.truth in passing for _, each in read)
    # What goes without saying is told where it matters: when it is why the rule did not match.
    told = tuple(each for condition, each in read if not condition.implied or each.truth not in passing)
    return RuleTrace(rule.name, rule.outcome, rule.report, matched, decided, told)


def judged(condition: Condition, facts: Facts, index: RangeIndex) -> ConditionTrace:
    """Return how one condition came out; ``index`` finds the policy's networks."""
    if condition.probe is not None:
        truth, _ = condition.probe.judge(facts)
        wanted, seen = condition.probe.wants(), condition.probe.seen(facts)
    else:
        values = observed(condition.key, facts, index)
        truth = Truth.UNKNOWN if values is None else _compared(condition.wanted, values)
        wanted, seen = _listed(condition.wanted), _seen(condition.key, values, facts)
    truth = truth.negated() if condition.negated else truth
    hint = WHY if condition.implied else NEEDED.get(condition.key, "") if truth is Truth.UNKNOWN else ""
    wanted = f"not {wanted}" if condition.negated else wanted
    return ConditionTrace(condition.spelling, wanted, seen, truth, hint, condition.place)


def observed(key: str, facts: Facts, index: RangeIndex) -> Iterable[Value] | None:
    """Return every value that is seen for a key, None when that is unknown."""
    if key == "service":
        return names_of_service(facts.service)
    if key == "network.in":
        bits = index.find(facts.address)
        return None if bits is None else index.spelt(bits)
    if key in SEVERAL:
        return SEVERAL[key](facts)
    value = SINGLE[key](facts)
    return None if value is None else (value,)


def _seen(key: str, values: Iterable[Value] | None, facts: Facts) -> str:
    if key == "service":
        return facts.service
    if key == "network.in":
        return f"{facts.address or 'no address'} ({_listed(values or ()) or 'no named network'})"
    return "unknown" if values is None else _listed(values) or "none"


def _compared(wanted: frozenset[Value], seen: Iterable[Value]) -> Truth:
    return Truth.NOT_HELD if wanted.isdisjoint(seen) else Truth.HELD


def _listed(values: Iterable[Value]) -> str:
    words = sorted(str(value).lower() if isinstance(value, bool) else str(value) for value in values)
    more = f" and {len(words) - SHOWN} more" if len(words) > SHOWN else ""
    return ", ".join(words[:SHOWN]) + more
