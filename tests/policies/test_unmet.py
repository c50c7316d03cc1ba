"""What a device misses under a policy, for its owner to put right."""

import pytest

from kernel.records.devices import Device, Signal, Trust
from policies.language import load
from policies.unmet import Lack, Unmet, unmet

NOW = 1_800_000_000.0
POLICY = load(
    """
version: 1
postures:
  healthy: {reported_within: 1h, disk_encrypted: true, firewall: true, os: {debian: ">=12.5"}}
  scanned: {antivirus: true}
rules:
  - {name: mail, service: imap, device: {posture: healthy}, then: allow}
  - {name: web, service: webmail, device: {posture: [healthy, scanned]}, then: allow}
  - {name: rest, service: portal, then: allow}
""",
    1,
)


def device(**signals: bool | str | tuple[bool, float]) -> Device:
    """Return a Debian machine; a pair is a value and how many seconds ago it was reported."""
    told = {name: value if isinstance(value, tuple) else (value, 0.0) for name, value in signals.items()}
    return Device(
        *("d_1", "Laptop", "u_1", Trust.MANAGED, "debian"),
        signals={name: Signal(value, NOW - ago, "agent") for name, (value, ago) in told.items()},
    )


def lacks(found: Device) -> dict[str, tuple[str, Lack]]:
    return {each.signal: (each.wanted, each.lack) for each in unmet(POLICY, found, NOW)}


def test_a_healthy_device_misses_nothing() -> None:
    assert lacks(device(disk_encrypted=True, firewall=True, os_version="12.7")) == {}


def test_each_lack_is_told_once_with_its_kind() -> None:
    found = device(disk_encrypted=False, firewall=(True, 7200.0), os_version="12.4", antivirus=True)
    assert lacks(found) == {
        "disk_encrypted": ("true", Lack.WRONG),
        "firewall": ("true", Lack.STALE),
        "os_version": ("12.5", Lack.WRONG),
    }
    assert lacks(device(antivirus=True))["firewall"] == ("true", Lack.UNREPORTED)


def test_a_rule_that_takes_another_posture_asks_for_nothing_more() -> None:
    rules = {each.signal: each.rules for each in unmet(POLICY, device(antivirus=True), NOW)}
    assert rules == {"disk_encrypted": ("mail",), "firewall": ("mail",), "os_version": ("mail",)}
    both = unmet(POLICY, device(), NOW)
    assert Unmet("antivirus", "true", Lack.UNREPORTED, ("web",)) in both


@pytest.mark.parametrize("platform", ["windows", ""])
def test_a_platform_that_the_posture_does_not_name_has_no_version_to_reach(platform: str) -> None:
    found = Device("d_1", "Laptop", "u_1", Trust.MANAGED, platform)
    assert "os_version" not in {each.signal for each in unmet(POLICY, found, NOW)}
