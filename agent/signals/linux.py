"""Linux: probes over /proc, /sys, /etc and the tools that Debian, Ubuntu, Fedora and their kin have."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from agent.system import System

KNOWN: Final = ("debian", "ubuntu", "fedora", "rhel")
_KERNELS: Final = re.compile(r"vmlinuz-(\d+)\.(\d+)\.(\d+)(?:-(\d+))?")


def release(system: System) -> Mapping[str, str]:
    """Return the fields of os-release(5)."""
    text = system.read("/etc/os-release") or system.read("/usr/lib/os-release") or ""
    pairs = (line.partition("=") for line in text.splitlines() if "=" in line)
    return {name: value.strip().strip("\"'") for name, _, value in pairs}


def platform(system: System) -> str:
    """Return the distribution as the policy names it: its own name, else its family's, else ``linux``."""
    fields = release(system)
    names = [fields.get("ID", ""), *fields.get("ID_LIKE", "").split()]
    return next((name for name in names if name in KNOWN), "linux")


def os_version(system: System) -> str | None:
    """Return the version; Debian's own file has the point release."""
    fields = release(system)
    point = (system.read("/etc/debian_version") or "").strip() if fields.get("ID") == "debian" else ""
    return (point if re.fullmatch(r"\d+(\.\d+)*", point) else fields.get("VERSION_ID")) or None


def disk_encrypted(system: System) -> bool | None:
    """Say whether the root file system lies on dm-crypt, at whatever depth (lsblk's tree)."""
    told = system.run("lsblk", "--json", "--output", "NAME,TYPE,MOUNTPOINTS")
    if told is None or told[0] != 0:
        return None
    tree = json.loads(told[1])["blockdevices"]
    for path in _paths(tree, ()):
        if "/" in (path[-1].get("mountpoints") or ()):
            return any(each.get("type") == "crypt" for each in path)
    return None


def firewall(system: System) -> bool | None:
    """Say whether packets that come in are filtered: an nftables or iptables input chain that drops or has rules."""
    active = system.run("systemctl", "is-active", "firewalld", "ufw", "nftables")
    if active is not None and "active" in active[1].split():
        return True
    told = system.run("nft", "--json", "list", "ruleset")
    if told is not None and told[0] == 0:
        return _filters(json.loads(told[1] or "{}"))
    told = system.run("iptables", "-S", "INPUT")
    if told is not None and told[0] == 0:
        return any(not line.startswith("-P INPUT ACCEPT") for line in told[1].splitlines() if line.strip())
    return None


def screen_lock(system: System) -> bool | None:
    """Say whether the desktop locks by itself; a machine without a display has no screen to lock."""
    told = system.run("gsettings", "get", "org.gnome.desktop.screensaver", "lock-enabled")
    if told is not None and told[0] == 0:
        return told[1].strip() == "true"
    if not system.names("/sys/class/drm"):
        return True
    return None


def secure_boot(system: System) -> bool | None:
    """Say whether the firmware verified what it booted; a machine without EFI cannot."""
    if not system.names("/sys/firmware/efi"):
        return False
    told = system.run("mokutil", "--sb-state")
    return None if told is None else "SecureBoot enabled" in told[1]


def auto_update(system: System) -> bool | None:
    """Say whether updates install by themselves: unattended-upgrades, or dnf-automatic's timer."""
    told = system.run("apt-config", "dump", "APT::Periodic::Unattended-Upgrade")
    if told is not None and told[0] == 0:
        return '"1"' in told[1]
    timer = system.run("systemctl", "is-enabled", "dnf-automatic.timer", "dnf5-automatic.timer")
    return None if timer is None else "enabled" in timer[1].split()


def reboot_pending(system: System) -> bool | None:
    """Say whether an update waits for a restart: the system's own mark, or a newer kernel than the one that runs."""
    if system.read("/run/reboot-required") is not None or system.read("/var/run/reboot-required") is not None:
        return True
    running = _version(f"vmlinuz-{(system.read('/proc/sys/kernel/osrelease') or '').strip()}")
    installed = [version for name in system.names("/boot") if (version := _version(name)) is not None]
    return any(version > running for version in installed) if running and installed else False


def antivirus(system: System) -> bool | None:
    """Say whether a scanner of malware runs; None where none is installed: that is for the policy to mind."""
    told = system.run("systemctl", "is-active", "clamav-daemon", "mdatp", "falcon-sensor", "sav-protect")
    if told is None:
        return None
    states = told[1].split()
    return True if "active" in states else None


def _paths(nodes: list[dict[str, Any]], above: tuple[dict[str, Any], ...]) -> Iterator[tuple[dict[str, Any], ...]]:
    for node in nodes[:1000]:
        path = (*above, node)
        yield path
        if len(path) < 16:
            yield from _paths(node.get("children") or [], path)


def _filters(ruleset: Mapping[str, Any]) -> bool:
    chains = [each["chain"] for each in ruleset.get("nftables", ()) if "chain" in each]
    inputs = {
        chain["name"]: chain for chain in chains if chain.get("hook") == "input" and chain.get("type") == "filter"
    }
    ruled = {each["rule"]["chain"] for each in ruleset.get("nftables", ()) if "rule" in each}
    return any(chain.get("policy") == "drop" or name in ruled for name, chain in inputs.items())


def _version(name: str) -> tuple[int, ...] | None:
    found = _KERNELS.match(name)
    return tuple(int(each or 0) for each in found.groups()) if found else None


PROBES: Final = {
    "os_version": os_version,
    "disk_encrypted": disk_encrypted,
    "firewall": firewall,
    "screen_lock": screen_lock,
    "secure_boot": secure_boot,
    "auto_update": auto_update,
    "reboot_pending": reboot_pending,
    "antivirus": antivirus,
}
