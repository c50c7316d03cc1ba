"""macOS: probes over the tools that every Mac has."""

from typing import Final

from agent.system import System


def os_version(system: System) -> str | None:
    """Return the product version, such as 14.4.1."""
    told = system.run("sw_vers", "-productVersion")
    return told[1].strip() or None if told and told[0] == 0 else None


def disk_encrypted(system: System) -> bool | None:
    """Say whether FileVault is on."""
    told = system.run("fdesetup", "isactive")
    return None if told is None else told[1].strip() == "true"


def firewall(system: System) -> bool | None:
    """Say whether the application firewall is on."""
    told = system.run("/usr/libexec/ApplicationFirewall/socketfilterfw", "--getglobalstate")
    return None if told is None or told[0] != 0 else "enabled" in told[1].lower()


def screen_lock(system: System) -> bool | None:
    """Say whether the screen asks for the password."""
    told = system.run("sysadminctl", "-screenLock", "status")
    return None if told is None or told[0] != 0 else "off" not in told[1].lower()


def auto_update(system: System) -> bool | None:
    """Say whether updates install by themselves."""
    told = system.run(
        "defaults", "read", "/Library/Preferences/com.apple.SoftwareUpdate", "AutomaticallyInstallMacOSUpdates"
    )
    return None if told is None or told[0] != 0 else told[1].strip() == "1"


def secure_boot(system: System) -> bool | None:
    """Say whether System Integrity Protection is on: without it, what was booted need not be what runs."""
    told = system.run("csrutil", "status")
    return None if told is None or told[0] != 0 else "enabled" in told[1]


def antivirus(system: System) -> bool | None:
    """Say whether Gatekeeper assesses what is opened."""
    told = system.run("spctl", "--status")
    return None if told is None else "assessments enabled" in told[1]


PROBES: Final = {
    "os_version": os_version,
    "disk_encrypted": disk_encrypted,
    "firewall": firewall,
    "screen_lock": screen_lock,
    "auto_update": auto_update,
    "secure_boot": secure_boot,
    "antivirus": antivirus,
}
