"""Windows: probes over PowerShell and the registry; one command each, one word as its answer."""

from typing import Final

from agent.system import System

POWERSHELL: Final = ("powershell", "-NoProfile", "-NonInteractive", "-Command")
PENDING: Final = (
    r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Component Based Servicing\RebootPending",
    r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\WindowsUpdate\Auto Update\RebootRequired",
)


def _says(system: System, command: str) -> str | None:
    told = system.run(*POWERSHELL, command)
    return told[1].strip() or None if told and told[0] == 0 else None


def _true(system: System, command: str) -> bool | None:
    said = _says(system, command)
    return None if said not in ("True", "False") else said == "True"


def os_version(system: System) -> str | None:
    """Return the version with its build, such as 10.0.22631."""
    return _says(system, "[Environment]::OSVersion.Version.ToString(3)")


def disk_encrypted(system: System) -> bool | None:
    """Say whether BitLocker protects the system drive."""
    return _true(system, "(Get-BitLockerVolume -MountPoint $env:SystemDrive).ProtectionStatus -eq 'On'")


def firewall(system: System) -> bool | None:
    """Say whether the firewall is on in every profile."""
    return _true(system, "-not (Get-NetFirewallProfile | Where-Object { -not $_.Enabled })")


def screen_lock(system: System) -> bool | None:
    """Say whether the machine locks after a time: by policy, or by the user's own screen saver."""
    return _true(
        system,
        r"$p = Get-ItemProperty 'HKLM:\SOFTWARE\Microsoft\Windows\CurrentVersion\Policies\System';"
        r"$s = Get-ItemProperty 'HKCU:\Control Panel\Desktop';"
        "($p.InactivityTimeoutSecs -gt 0) -or ($s.ScreenSaverIsSecure -eq '1')",
    )


def antivirus(system: System) -> bool | None:
    """Say whether Defender watches, with signatures of the last week."""
    return _true(
        system, "$s = Get-MpComputerStatus; $s.RealTimeProtectionEnabled -and ($s.AntivirusSignatureAge -le 7)"
    )


def secure_boot(system: System) -> bool | None:
    """Say whether the firmware verified what it booted."""
    return _true(system, "Confirm-SecureBootUEFI")


def reboot_pending(system: System) -> bool | None:
    """Say whether an update waits for a restart."""
    told = [system.run("reg", "query", key) for key in PENDING]
    return None if None in told else any(each is not None and each[0] == 0 for each in told)


PROBES: Final = {
    "os_version": os_version,
    "disk_encrypted": disk_encrypted,
    "firewall": firewall,
    "screen_lock": screen_lock,
    "antivirus": antivirus,
    "secure_boot": secure_boot,
    "reboot_pending": reboot_pending,
}
