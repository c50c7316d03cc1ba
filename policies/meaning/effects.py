"""What a decision comes to, in its one spelling: two decisions of equal effect open and close the same doors."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from kernel.records.sessions import Factor
from policies.model import Decision, Limits, Outcome, Requirement


@dataclass(frozen=True, slots=True)
class Effect:
    """``limits`` of what is allowed, ``require`` of what is not yet. Lists are in a settled order."""

    outcome: Outcome
    limits: Limits | None = None
    require: Requirement | None = None

    @classmethod
    def of(cls, decision: Decision) -> "Effect":
        """Return what a decision comes to."""
        return effect(decision.outcome, decision.limits, decision.require)


@dataclass(frozen=True, slots=True)
class Authorship:
    """Who decided, and which report rules would have: what differs without a difference to anybody's access."""

    rule: str
    reports: tuple[str, ...]

    @classmethod
    def of(cls, decision: Decision) -> "Authorship":
        """Return whose decision it is."""
        return cls(decision.rule, tuple(sorted(decision.reports)))


DENY = Effect(Outcome.DENY)


def effect(outcome: Outcome, limits: Limits, require: Requirement | None) -> Effect:
    """Return the effect of coming to ``outcome`` by a rule with these limits and this requirement."""
    if outcome is Outcome.ALLOW:
        return Effect(outcome, limits=replace(limits, folders=tuple(sorted(set(limits.folders)))))
    if outcome is Outcome.STEP_UP and require is not None:
        return Effect(outcome, require=Requirement(_ordered(require.factors), require.within))
    return Effect(outcome)


_PLACES: Mapping[Factor, int] = {factor: place for place, factor in enumerate(Factor)}


def _ordered(factors: tuple[Factor, ...]) -> tuple[Factor, ...]:
    return tuple(sorted(set(factors), key=_PLACES.__getitem__))
