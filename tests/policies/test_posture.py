"""Postures on a device: what was reported, what grew stale, what was never said."""

import math
from typing import Any

import pytest

from policies.model import Truth
from policies.posture import AnyPosture
from tests.policies.facts_of import NOW, device, facts, policy

HELD, NOT, UNKNOWN = Truth.HELD, Truth.NOT_HELD, Truth.UNKNOWN
DAY = 86400.0


def judged(
    posture: str, signals: dict[str, Any] | None = None, *, names: str = "p", age: float = 60.0, **changes: Any
) -> object:
    """Return what becomes of a posture on a device with these signals."""
    head = f"postures: {{p: {posture}, q: {{screen_lock: true}}}}"
    rule = policy(f"  - {{name: a, device: {{posture: {names}}}, then: deny}}", head).rules[0]
    probe = rule.conditions[0].probe
    assert isinstance(probe, AnyPosture)
    return probe.judge(facts(device=device(signals=signals, age=age, **changes)))


@pytest.mark.parametrize(
    ("signals", "age", "expected"),
    [
        ({"firewall": True, "disk_encrypted": True}, 60.0, (HELD, NOW - 60 + DAY)),
        ({"firewall": True, "disk_encrypted": False}, 60.0, (NOT, NOW - 60 + DAY)),
        ({"firewall": True}, 60.0, (UNKNOWN, NOW - 60 + DAY)),
        ({"disk_encrypted": False}, 60.0, (NOT, NOW - 60 + DAY)),
        ({"firewall": True, "disk_encrypted": True}, DAY, (UNKNOWN, math.inf)),
        ({"firewall": "true", "disk_encrypted": 1}, 60.0, (UNKNOWN, NOW - 60 + DAY)),
        ({}, 60.0, (UNKNOWN, math.inf)),
    ],
)
def test_every_signal_must_be_as_wanted_and_fresh(signals: dict[str, Any], age: float, expected: object) -> None:
    assert judged("{reported_within: 24h, firewall: true, disk_encrypted: true}", signals, age=age) == expected


def test_without_an_age_of_its_own_a_posture_takes_the_signals() -> None:
    assert judged("{firewall: true}", {"firewall": True}, age=29 * DAY) == (HELD, NOW + DAY)
    assert judged("{antivirus: true}", {"antivirus": True}, age=8 * DAY) == (UNKNOWN, math.inf)


@pytest.mark.parametrize(
    ("version", "truth"),
    [
        ("14.4", HELD),
        ("14.4.0", HELD),
        ("14.10", HELD),
        ("15", HELD),
        ("14.3.9", NOT),
        ("14", NOT),
        ("beta", UNKNOWN),
        (14.5, HELD),
    ],
)
def test_versions_are_compared_as_numbers(version: object, truth: Truth) -> None:
    assert judged("{os: {macos: '>=14.4'}}", {"os_version": version})[0] is truth  # type: ignore[index]


def test_a_platform_that_is_not_named_does_not_meet_a_list_of_versions() -> None:
    signals = {"os_version": "99"}

    assert judged("{os: {windows: '>=10'}}", signals) == (NOT, math.inf)
    assert judged("{os: {windows: '>=10'}}", signals, platform="") == (UNKNOWN, math.inf)
    assert judged("{os: {windows: '>=10'}}", signals, platform="Windows") == (HELD, NOW - 60 + 30 * DAY)


def test_any_report_will_do_when_only_reporting_is_asked_for() -> None:
    assert judged("{reported_within: 1h}", {"firewall": False}) == (HELD, NOW - 60 + 3600)
    assert judged("{reported_within: 1h}", {"firewall": False}, age=3600.0) == (UNKNOWN, math.inf)
    assert judged("{reported_within: 1h}") == (UNKNOWN, math.inf)


@pytest.mark.parametrize(
    ("signals", "truth"),
    [
        ({"firewall": True}, HELD),
        ({"screen_lock": True}, HELD),
        ({"firewall": False, "screen_lock": True}, HELD),
        ({"firewall": False}, UNKNOWN),
        ({"firewall": False, "screen_lock": False}, NOT),
    ],
)
def test_any_one_of_several_postures(signals: dict[str, Any], truth: Truth) -> None:
    assert judged("{firewall: true}", signals, names="[p, q]")[0] is truth  # type: ignore[index]


def test_a_report_from_the_future_is_not_believed() -> None:
    ahead = device(signals={"firewall": True}, age=-400.0)
    probe = (
        policy("  - {name: a, device: {posture: p}, then: deny}", "postures: {p: {firewall: true}}")
        .rules[0]
        .conditions[0]
        .probe
    )
    assert probe is not None

    assert probe.judge(facts(device=ahead)) == (UNKNOWN, NOW + 100)
    assert probe.judge(facts(device=ahead, now=NOW + 100))[0] is HELD
    assert probe.judge(facts(device=None)) == (UNKNOWN, math.inf)


def test_the_trace_shows_what_was_reported() -> None:
    probe = (
        policy("  - {name: a, device: {posture: p}, then: deny}", "postures: {p: {firewall: true}}")
        .rules[0]
        .conditions[0]
        .probe
    )
    assert probe is not None

    assert probe.seen(facts(device=device(signals={"firewall": True}))) == "firewall true (60 s ago)"
    stale = device(signals={"firewall": False, "antivirus": True}, age=31 * DAY)
    assert probe.seen(facts(device=stale)) == "firewall false (2678400 s ago, too old)"
    assert probe.seen(facts(device=device())) == "firewall never reported"
    assert probe.seen(facts(device=None)) == "no device"
    assert probe.wants() == "p"
