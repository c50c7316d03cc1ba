"""Holds a policy to its table: every case is decided, and what came out otherwise is told with the trace."""

from collections.abc import Iterator, Sequence

from policies.decide import decide
from policies.expected.table import Case, Failure, Miss, Result
from policies.model import Decision, Limits, Policy, Requirement

MOST = 200
"""Failures that are told; the rest are counted."""

NO_RULE = "none"
UNITS = ((86400, "d"), (3600, "h"), (60, "m"), (1, "s"))


def run(policy: Policy, cases: Sequence[Case]) -> Result:
    """Return what became of the cases under ``policy``."""
    failures: list[Failure] = []
    failed, deciding = 0, set()
    for case in cases:
        decision = decide(policy, case.facts)
        deciding.add(decision.rule)
        misses = tuple(_misses(case, decision))
        failed += bool(misses)
        if misses and len(failures) < MOST:
            failures.append(Failure(case, misses, decide(policy, case.facts, trace=True)))
    idle = tuple(rule.name for rule in policy.rules if rule.name not in deciding and not rule.report)
    return Result(len(cases), failed, tuple(failures), idle)


def _misses(case: Case, decision: Decision) -> Iterator[Miss]:
    expected = case.expected
    if decision.fault:
        yield Miss("fault", "none", decision.fault)
    if decision.outcome is not expected.outcome:
        yield Miss("outcome", expected.outcome, decision.outcome)
    if expected.rule is not None and decision.rule != expected.rule:
        yield Miss("rule", expected.rule or NO_RULE, decision.rule or NO_RULE)
    if expected.limits is not None and decision.limits != expected.limits:
        yield Miss("limits", limits_told(expected.limits), limits_told(decision.limits))
    if expected.require is not None and not _same(expected.require, decision.require):
        yield Miss("require", required_told(expected.require), required_told(decision.require))


def _same(one: Requirement, other: Requirement | None) -> bool:
    return other is not None and (set(one.factors), one.within) == (set(other.factors), other.within)


def limits_told(limits: Limits) -> str:
    """Return limits as a document spells them."""
    size, per = limits.download or (0, 0.0)
    said = (
        ("session", limits.session and _span(limits.session)),
        ("idle", limits.idle and _span(limits.idle)),
        ("read_only", "true" if limits.read_only else None),
        ("attachments", "block" if limits.attachments_block else None),
        ("download", f"{size}B/{_span(per)}" if limits.download else None),
        ("folders", f"[{', '.join(limits.folders)}]" if limits.folders else None),
        ("recipients", "internal" if limits.recipients_internal else None),
    )
    return ", ".join(f"{name}: {value}" for name, value in said if value) or "none"


def required_told(require: Requirement | None) -> str:
    """Return a requirement in words."""
    if require is None:
        return "nothing"
    within = "" if require.within is None else f" within {_span(require.within)}"
    return f"one of {', '.join(require.factors)}{within}"


def _span(seconds: float) -> str:
    size, unit = next((size, unit) for size, unit in UNITS if seconds % size == 0 or unit == "s")
    return f"{seconds / size:g}{unit}"
