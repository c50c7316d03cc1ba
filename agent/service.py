"""The agent as a service: a systemd unit, a launchd property list, a Windows task; texts to be put in place.

What they run is the program that prints them, with the same state directory.
"""

import plistlib
from collections.abc import Callable, Mapping
from xml.sax.saxutils import escape

NAME = "gatepost-agent"
LABEL = "org.gatepost.agent"


def systemd(words: tuple[str, ...], directory: str) -> str:
    """Return a unit (systemd.service(5)) for ``words``; it may write ``directory`` and use the TPM, and little else."""
    return f"""[Unit]
Description=Gatepost agent: reports this device's posture
After=network-online.target
Wants=network-online.target

[Service]
ExecStart={" ".join(_quoted(word) for word in words)}
Restart=on-failure
RestartSec=30
# 3: the server wants no more reports of this device
RestartPreventExitStatus=3
ReadWritePaths={_quoted(directory)}
DeviceAllow=/dev/tpmrm0 rw
NoNewPrivileges=yes
ProtectSystem=strict
ProtectHome=read-only
PrivateTmp=yes
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX AF_NETLINK
MemoryMax=128M

[Install]
WantedBy=multi-user.target
"""


def launchd(words: tuple[str, ...], directory: str) -> str:
    """Return a property list (launchd.plist(5)) that keeps ``words`` running."""
    content = {
        "Label": LABEL,
        "ProgramArguments": list(words),
        "RunAtLoad": True,
        "KeepAlive": {"SuccessfulExit": False},
        "ThrottleInterval": 30,
        "WorkingDirectory": directory,
    }
    return plistlib.dumps(content).decode()


def windows(words: tuple[str, ...], directory: str) -> str:
    """Return a task definition for ``schtasks /create /xml``: at start-up, as SYSTEM, restarted when it fails."""
    program, *arguments = words
    return f"""<?xml version="1.0" encoding="UTF-16"?>
<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
  <RegistrationInfo><URI>\\{NAME}</URI></RegistrationInfo>
  <Triggers><BootTrigger><Enabled>true</Enabled></BootTrigger></Triggers>
  <Principals>
    <Principal id="system"><UserId>S-1-5-18</UserId><RunLevel>HighestAvailable</RunLevel></Principal>
  </Principals>
  <Settings>
    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>
    <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>
    <StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>
    <ExecutionTimeLimit>PT0S</ExecutionTimeLimit>
    <RestartOnFailure><Interval>PT1M</Interval><Count>999</Count></RestartOnFailure>
  </Settings>
  <Actions Context="system">
    <Exec><Command>{escape(program)}</Command>
      <Arguments>{escape(" ".join(_quoted(each) for each in arguments))}</Arguments>
      <WorkingDirectory>{escape(directory)}</WorkingDirectory></Exec>
  </Actions>
</Task>
"""


def _quoted(word: str) -> str:
    return f'"{word}"' if " " in word else word


SERVICES: Mapping[str, Callable[[tuple[str, ...], str], str]] = {
    "systemd": systemd,
    "launchd": launchd,
    "windows": windows,
}
