"""The rate of decisions, by ``bench.decision``: the slowest of its cases with 1,000 rules is what counts."""

from bench.decision import cases, rate
from bench.scene import Scene
from bench.verdicts import Claim, Line, bounded

RULES = 1000
SECONDS = 1.5
CLAIM = Claim(100_000, 500_000)


def decision(_: Scene) -> list[Line]:
    """Decide on different people under 1,000 rules."""
    rates = {name: rate(policy, facts, SECONDS) for name, (policy, facts) in cases(RULES).items()}
    slowest = min(rates, key=lambda name: rates[name])
    return [bounded("decision, 1,000 rules", "per s, one core", [rates[slowest]], CLAIM, f"slowest case: {slowest}")]
