"""Decisions per second on one core, for 10, 100 and 1,000 rules: ``python -m bench.decision [--seconds S] [--json]``.

``mixed`` is an organisation: rules by group, service, device, posture, network and hour, and people spread over all
of them. ``last`` is the worst case: every rule is about this very service and group, and only the last one matches,
by its network. ``posture`` is the same, but every rule asks for the same posture, so that the answer also carries
``valid_until``. Facts are made before the clock starts, all different; what is timed is ``decide`` alone, in CPU
seconds of this process, so that a busy machine does not count; 7 rounds, the median is told.
"""

import argparse
import json
import random
import statistics
import sys
import time
from collections.abc import Callable, Sequence

from kernel.records.devices import Device, Proof, Signal, Trust
from kernel.records.people import User
from kernel.records.sessions import Factor
from policies.decide import decide
from policies.facts import Facts
from policies.language import load
from policies.model import Policy

SIZES = (10, 100, 1000)
ROUNDS = 7
FACTS = 2000
NOW = 1_800_000_000.0
SERVICES = ("webmail", "imap", "submission", "portal", "pop3", "sieve")
HEAD = """version: 1
networks:
"""
POSTURES = """postures:
  healthy: {reported_within: 24h, disk_encrypted: true, firewall: true, os: {macos: ">=14.4", windows: ">=10.0.22631"}}
  fresh: {reported_within: 1h, screen_lock: true}
rules:
  - {name: lost, device: {trust: [lost, revoked]}, then: deny}
"""


def networks(count: int) -> str:
    """Return ``count`` named networks, n0 and up: each a /24 and an IPv6 /48."""
    rows = (f"  n{i}: [10.{i // 250}.{i % 250}.0/24, '2001:db8:{i:x}::/48']" for i in range(count))
    return HEAD + "\n".join(rows) + "\n" + POSTURES


def mixed(count: int) -> str:
    """Return an organisation of ``count`` rules."""
    chance = random.Random(count)
    rules = []
    for i in range(1, count):
        services = ", ".join(chance.sample(SERVICES, chance.randint(1, 3)))
        extra = chance.choice(
            (
                f"network: {{in: [n{i % 50}]}}",
                "device: {trust: managed, posture: healthy}",
                "device: {trust: [enrolled, managed], proof: [certificate, app-password]}",
                "when: {days: [mon, tue, wed, thu, fri], between: '07:00-22:00', zone: Asia/Tokyo}",
                "network: {countries: [JP, DE]}",
                f"network: {{not_in: [n{i % 50}]}}\n    device: {{not_trust: pending, platform: [macos, windows]}}",
            )
        )
        then = "deny" if i % 9 == 0 else "allow"
        require = "\n    require: {factors: [totp, passkey]}" if then == "allow" and i % 3 == 0 else ""
        who = f"{{groups: [g{i}, g{i + 1}], not_users: [u{i}@example.com]}}"
        rules.append(
            f"  - name: r{i}\n    who: {who}\n    service: [{services}]\n    {extra}\n    then: {then}{require}"
        )
    return networks(50) + "\n".join(rules) + "\n"


def only_last(count: int, posture: str = "") -> str:
    """Return rules for one group and service that differ by network alone; facts lie in the last one's."""
    device = f"{{trust: managed, proof: [certificate, browser-key]{posture}}}"
    rules = (
        f"  - name: r{i}\n    who: {{groups: [staff]}}\n    service: [webmail, imap]\n    device: {device}\n"
        f"    network: {{in: [n{i}]}}\n    then: {'deny' if i % 2 else 'allow'}"
        for i in range(1, count)
    )
    text = networks(min(count, 400)) + "\n".join(rules).replace(f"n{count - 1}]", "n0]") + "\n"
    return _folded(text, count)


def _folded(text: str, count: int) -> str:
    """Return ``text`` with network names folded into the 399 that exist beside n0."""
    for i in range(400, count):
        text = text.replace(f"in: [n{i}]", f"in: [n{1 + i % 399}]")
    return text


def people(count: int, groups: Callable[[int], frozenset[str]], network: Callable[[int], int]) -> list[Facts]:
    """Return different people on devices of their own."""
    return [_facts(i, groups(i), network(i)) for i in range(count)]


def _facts(i: int, groups: frozenset[str], network: int) -> Facts:
    signals = {
        "disk_encrypted": Signal(True, NOW - 100 - i),
        "firewall": Signal(True, NOW - 100 - i),
        "screen_lock": Signal(i % 5 > 0, NOW - 100 - i),
        "os_version": Signal("14.5", NOW - 100 - i),
    }
    user = User(f"user_{i}", f"person{i}", f"person{i}@example.com", groups=groups)
    device = Device(f"device_{i}", "laptop", user.id, Trust.MANAGED, "macos", signals=signals)
    address = f"10.{network // 250}.{network % 250}.{i % 250 + 1}"
    factors = {Factor.PASSWORD: NOW - 600, Factor.TOTP: NOW - 590}
    service = SERVICES[i % 2]
    return Facts(
        service, NOW + i % 50, address, user, device, Proof.CERTIFICATE, factors, NOW - 600, False, country="JP"
    )


def staff(_: int) -> frozenset[str]:
    """Return the groups of somebody in the worst case."""
    return frozenset({"staff", "all", "tokyo"})


def cases(count: int) -> dict[str, tuple[Policy, list[Facts]]]:
    """Return each case's policy and facts; the worst cases are checked to be just that."""
    spread = people(
        FACTS, lambda i: frozenset({"all", f"g{i % count}", f"g{i * 7 % count}", "tokyo"}), lambda i: i % 60
    )
    inside = people(FACTS, staff, lambda i: 0)
    found = {
        "mixed": (load(mixed(count)), spread),
        "last": (load(only_last(count)), inside),
        "posture": (load(only_last(count, ", posture: healthy")), inside),
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
