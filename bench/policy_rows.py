"""The measures of the judge: decisions, and how they grow with the rules; engines of others on the same policy;
compiling; and judging every live session again.

All in CPU time of this process, whose libraries' threads count, too.
"""

import statistics
import time
from collections.abc import Sequence

from bench import engines
from bench.decision import SIZES, cases, rate
from bench.engines import Ask
from bench.organisation import mixed, only_last, people, staff
from bench.rejudging import KINDS, RULES, SESSIONS, measured
from bench.scene import Scene
from bench.verdicts import ABSENT, Claim, Line, bounded, compared
from policies.language import load

SECONDS = 1.0
"""CPU seconds for each case of the decisions."""
ASKED = 0.15
"""CPU seconds for each engine in each round."""
FEW, MANY = SIZES[0], SIZES[-1]
INSIDE, OUTSIDE = 200, 40

DECISION = Claim(100_000, 500_000)
FLATNESS = Claim(1.5, 1.2, less=True)
ENGINES = Claim(1.0, 10.0)
COMPILING = Claim(200, 100, less=True)
TOOK, STALLED = Claim(500, 250, less=True), Claim(20, 10, less=True)


def decision(_: Scene) -> list[Line]:
    """Decide on different people under 10, 100 and 1,000 rules."""
    rates: dict[str, dict[int, float]] = {}
    for count in SIZES:
        for name, (policy, facts) in cases(count).items():
            rates.setdefault(name, {})[count] = rate(policy, facts, SECONDS)
    slowest = min(rates, key=lambda name: rates[name][MANY])
    growth = {name: row[FEW] / row[MANY] for name, row in rates.items()}
    steepest = max(growth, key=lambda name: growth[name])
    return [
        *(
            bounded(f"decision, {count:,} rules", "per s, one core", [rates[slowest][count]], claim, slowest)
            for count, claim in zip(SIZES, (Claim(), Claim(), DECISION), strict=True)
        ),
        bounded(f"  cost of {MANY:,} rules by {FEW}", "times", [growth[steepest]], FLATNESS, steepest),
    ]


def others(scene: Scene) -> list[Line]:
    """Ask Cedar and CEL the same as our own engine, on equal policies."""
    return [line for count in SIZES for line in _engines(count, scene.rounds)]


def _engines(count: int, rounds: int) -> list[Line]:
    measure, unit = f"decision beside, {count:,} rules", "CPU us"
    facts = people(INSIDE + OUTSIDE, staff, lambda number: 0 if number < INSIDE else 450)
    ours = engines.ours(count, facts)
    peers = {"Cedar (cedarpy)": engines.cedar(count, facts), "CEL (Rust wheel)": engines.cel(count, facts)}
    present = {name: peer for name, peer in peers.items() if peer is not None}
    for peer in present.values():
        if any(peer(number) != ours(number) for number in range(len(facts))):
            raise ValueError("the policies are not equal")
    crowd = {"": ours, **present}
    costs = [{name: _cost(ask) for name, ask in crowd.items()} for _ in range(rounds)]
    mine = [cost[""] for cost in costs]
    found = [compared(measure, unit, mine, name, [cost[name] for cost in costs], ENGINES) for name in present]
    return [*found, *(_absent(measure, unit, name) for name in peers if name not in present)]


def _cost(ask: Ask) -> float:
    """Return the microseconds of one decision that lets in."""
    done, begun = 0, time.process_time()
    while time.process_time() - begun < ASKED:
        for number in range(done % INSIDE, min(done % INSIDE + 20, INSIDE)):
            ask(number)
            done += 1
    return (time.process_time() - begun) / done * 1e6


def _absent(measure: str, unit: str, name: str) -> Line:
    return Line(measure, unit, name, verdict=ABSENT, note="its wheel is not installed")


def compiling(scene: Scene) -> list[Line]:
    """Read and compile documents of 1,000 rules; the slowest is told."""
    texts = {"mixed": mixed(MANY), "last": only_last(MANY), "posture": only_last(MANY, "healthy")}
    took = {name: [_compiled(text) for _ in range(scene.rounds)] for name, text in texts.items()}
    slowest = max(took, key=lambda name: statistics.median(took[name]))
    return [bounded(f"compile, {MANY:,} rules", "CPU ms", took[slowest], COMPILING, f"slowest case: {slowest}")]


def _compiled(text: str) -> float:
    begun = time.process_time()
    load(text)
    return (time.process_time() - begun) * 1e3


def rejudging(scene: Scene) -> list[Line]:
    """Judge 10,000 live sessions again, each of them another person's, because the policy is another one."""
    return [line for kind, name in KINDS.items() for line in _rejudged(kind, measured(scene.rounds, name))]


def _rejudged(kind: str, found: Sequence[tuple[float, float]]) -> list[Line]:
    measure = f"re-judge {SESSIONS:,}, {RULES:,} rules"
    return [
        bounded(measure, "CPU ms", [took for took, _ in found], TOOK, kind),
        bounded("  longest stall of the loop", "CPU ms", [stalled for _, stalled in found], STALLED, kind),
    ]
