"""What probes conclude from what machines say, and that they conclude nothing where nothing can be known."""

import json

import pytest

from agent.signals import look
from tests.agent.machine import Made

DEBIAN = {"/etc/os-release": 'ID=debian\nVERSION_ID="12"\n', "/etc/debian_version": "12.7\n"}


def tree(*kinds: str) -> str:
    """Return what lsblk says of one disk with these layers below it, the last of them mounted at /."""
    node: dict[str, object] = {"name": "last", "type": kinds[-1], "mountpoints": ["/"]}
    for kind in reversed(kinds[:-1]):
        node = {"name": kind, "type": kind, "mountpoints": [None], "children": [node]}
    return json.dumps({"blockdevices": [node]})


@pytest.mark.parametrize(
    ("layers", "encrypted"),
    [(("disk", "part"), False), (("disk", "part", "crypt", "lvm"), True), (("disk", "part", "raid1", "crypt"), True)],
)
def test_a_root_on_dm_crypt_is_encrypted_however_deep(layers: tuple[str, ...], encrypted: bool) -> None:
    machine = Made(DEBIAN, {"lsblk": (0, tree(*layers))})
    assert look(machine, "Linux").signals["disk_encrypted"] is encrypted


def test_what_lsblk_does_not_say_is_not_reported() -> None:
    for told in ((1, ""), (0, "nonsense"), (0, json.dumps({"blockdevices": []}))):
        assert "disk_encrypted" not in look(Made(DEBIAN, {"lsblk": told}), "Linux").signals
    assert "disk_encrypted" not in look(Made(DEBIAN), "Linux").signals


def ruleset(policy: str, ruled: bool) -> str:
    chain = {"chain": {"name": "input", "type": "filter", "hook": "input", "policy": policy}}
    rule = {"rule": {"chain": "input", "expr": []}}
    return json.dumps({"nftables": [{"metainfo": {}}, chain, *([rule] if ruled else [])]})


@pytest.mark.parametrize(
    ("commands", "on"),
    [
        ({"systemctl is-active firewalld": (3, "inactive\ninactive\nactive\n")}, True),
        ({"nft": (0, ruleset("drop", False))}, True),
        ({"nft": (0, ruleset("accept", True))}, True),
        ({"nft": (0, ruleset("accept", False))}, False),
        ({"nft": (0, "")}, False),
        ({"nft": (1, ""), "iptables": (0, "-P INPUT ACCEPT\n")}, False),
        ({"iptables": (0, "-P INPUT DROP\n")}, True),
        ({"iptables": (0, "-P INPUT ACCEPT\n-A INPUT -i lo -j ACCEPT\n")}, True),
    ],
)
def test_a_firewall_is_rules_for_what_comes_in(commands: dict[str, tuple[int, str]], on: bool) -> None:
    assert look(Made(DEBIAN, commands), "Linux").signals["firewall"] is on


def test_without_a_tool_that_knows_there_is_no_word_of_a_firewall() -> None:
    assert "firewall" not in look(Made(DEBIAN), "Linux").signals


@pytest.mark.parametrize(
    ("release", "platform", "version"),
    [
        ("ID=debian\nVERSION_ID=12\n", "debian", "12.7"),
        ("ID=ubuntu\nVERSION_ID='24.04'\n", "ubuntu", "24.04"),
        ('ID=linuxmint\nID_LIKE="ubuntu debian"\nVERSION_ID="22"\n', "ubuntu", "22"),
        ('ID="rocky"\nID_LIKE="rhel centos fedora"\nVERSION_ID="9.4"\n', "rhel", "9.4"),
        ("ID=arch\n", "linux", None),
        ("", "linux", None),
    ],
)
def test_the_platform_is_the_distribution_or_its_family(release: str, platform: str, version: str | None) -> None:
    found = look(Made({"/etc/os-release": release, "/etc/debian_version": "12.7\n"}), "Linux")
    assert (found.platform, found.signals.get("os_version")) == (platform, version)


def test_a_newer_kernel_than_the_running_one_waits_for_a_restart() -> None:
    running = {**DEBIAN, "/proc/sys/kernel/osrelease": "6.1.0-25-amd64\n"}
    assert look(Made(running, {}, {"/boot": ("vmlinuz-6.1.0-25-amd64",)}), "Linux").signals["reboot_pending"] is False
    newer = {"/boot": ("vmlinuz-6.1.0-25-amd64", "vmlinuz-6.1.0-26-amd64")}
    assert look(Made(running, {}, newer), "Linux").signals["reboot_pending"] is True
    assert look(Made({**running, "/run/reboot-required": ""}), "Linux").signals["reboot_pending"] is True


def test_a_mac_speaks_through_its_own_tools() -> None:
    commands = {
        "sw_vers": (0, "14.4.1\n"),
        "fdesetup": (0, "true\n"),
        "/usr/libexec/ApplicationFirewall/socketfilterfw": (0, "Firewall is enabled. (State = 1)\n"),
        "sysadminctl": (0, "screenLock delay is immediate\n"),
        "csrutil": (0, "System Integrity Protection status: enabled.\n"),
        "spctl": (0, "assessments enabled\n"),
        "defaults": (1, ""),
    }
    found = look(Made({}, commands), "Darwin")
    assert found.platform == "macos"
    assert found.signals == {
        "os_version": "14.4.1",
        **dict.fromkeys(("disk_encrypted", "firewall", "screen_lock", "secure_boot", "antivirus"), True),
    }


def test_windows_speaks_in_words_of_powershell() -> None:
    powershell = "powershell -NoProfile -NonInteractive -Command "
    commands = {
        f"{powershell}[Environment]": (0, "10.0.22631\r\n"),
        f"{powershell}(Get-BitLockerVolume": (0, "True\r\n"),
        f"{powershell}-not (Get-NetFirewallProfile": (0, "False\r\n"),
        f"{powershell}Confirm-SecureBootUEFI": (1, "not supported"),
        "reg query": (1, ""),
    }
    found = look(Made({}, commands), "Windows")
    assert found.platform == "windows"
    assert found.signals == {
        "os_version": "10.0.22631",
        "disk_encrypted": True,
        "firewall": False,
        "reboot_pending": False,
    }


def test_an_unknown_system_says_nothing() -> None:
    assert look(Made(DEBIAN), "Plan9").signals == {}
