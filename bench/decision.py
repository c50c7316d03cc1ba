"""Decisions per second on one core, for 10, 100 and 1,000 rules: ``python -m bench.decision [--seconds S] [--json]``.

``mixed`` is an organisation, ``last`` the worst case (see ``bench.organisation``); ``posture`` is the worst case, too,
but every rule asks for the same posture, so that the answer also carries ``valid_until``. Facts are made before the
clock starts, all different; what is timed is ``decide`` alone, in CPU seconds of this process, so that a busy machine
does not count; 7 rounds, the median is told.
"""

import argparse
import json
import statistics
import sys
import time
from collections.abc import Sequence

from bench.organisation import mixed, only_last, people, staff
from policies.decide import decide
from policies.facts import Facts
from policies.language import load
from policies.model import Policy

SIZES = (10, 100, 1000)
ROUNDS = 7
FACTS = 2000


def cases(count: int) -> dict[str, tuple[Policy, list[Facts]]]:
    """Return each case's policy and facts; the worst cases are checked to be just that."""
    spread = people(
        FACTS, lambda i: frozenset({"all", f"g{i % count}", f"g{i * 7 % count}", "tokyo"}), lambda i: i % 60
    )
    inside = people(FACTS, staff, lambda i: 0)
    found = {
        "mixed": (load(mixed(count)), spread),
        "last": (load(only_last(count)), inside),
        "posture": (load(only_last(count, "healthy")), inside),
    }
    for name in ("last", "posture"):
        policy, facts = found[name]
        assert all(decide(policy, one).rule == f"r{count - 1}" for one in facts)
    return found


def rate(policy: Policy, facts: Sequence[Facts], seconds: float) -> float:
    """Return decisions per second: the median of some rounds."""
    rates = []
    for _ in range(ROUNDS):
        done, begun = 0, time.process_time()
        while time.process_time() - begun < seconds / ROUNDS:
            for one in facts:
                decide(policy, one)
            done += len(facts)
        rates.append(done / (time.process_time() - begun))
    return statistics.median(rates)


def main() -> int:
    """Print the table."""
    arguments = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    arguments.add_argument("--seconds", type=float, default=1.0, help="for each cell")
    arguments.add_argument("--json", action="store_true")
    options = arguments.parse_args()
    table: dict[str, dict[int, float]] = {}
    for count in SIZES:
        for name, (policy, facts) in cases(count).items():
            table.setdefault(name, {})[count] = rate(policy, facts, options.seconds)
    if options.json:
        sys.stdout.write(json.dumps(table) + "\n")
        return 0
    sys.stdout.write("decisions/s" + "".join(f"{f'{count} rules':>14}" for count in SIZES) + "\n")
    for name, row in table.items():
        sys.stdout.write(f"{name:<11}" + "".join(f"{row[count]:>14,.0f}" for count in SIZES) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
