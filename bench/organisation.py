"""Policies of any size, made by a rule of their own, and people for them: for benchmarks and tests alike.

``mixed`` is an organisation: rules by group, service, device, posture, network and hour, and people spread over all
of them. ``only_last`` is the worst case: every rule is about this very service and group, and only the last one
matches, by its network. ``only_allowing`` is the same without denials, so that engines in which order means nothing
say the same to it.
"""

import random
from collections.abc import Callable

from kernel.records.devices import Device, Proof, Signal, Trust
from kernel.records.people import User
from kernel.records.sessions import Factor
from policies.facts import Facts

NOW = 1_800_000_000.0
MOST_NETWORKS = 400
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
    """Return rules for one group and service that differ by network alone; facts lie in the last one's. ``posture``:
    what every rule asks of the device beside."""
    return _one_group(count, posture, lambda i: "deny" if i % 2 else "allow")


def only_allowing(count: int, posture: str = "") -> str:
    """Return the same, and every rule lets in."""
    return _one_group(count, posture, lambda i: "allow")


def _one_group(count: int, posture: str, outcome: Callable[[int], str]) -> str:
    device = "{trust: managed, proof: [certificate, browser-key]" + (f", posture: {posture}}}" if posture else "}")
    rules = (
        f"  - name: r{i}\n    who: {{groups: [staff]}}\n    service: [webmail, imap]\n    device: {device}\n"
        f"    network: {{in: [n{network_of(i, count)}]}}\n    then: {outcome(i)}"
        for i in range(1, count)
    )
    return networks(min(count, MOST_NETWORKS)) + "\n".join(rules) + "\n"


def network_of(rule: int, count: int) -> int:
    """Return which network rule number ``rule`` of ``count`` is about; the last one's is its own."""
    if rule == count - 1:
        return 0
    return rule if rule < MOST_NETWORKS else 1 + rule % (MOST_NETWORKS - 1)


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
