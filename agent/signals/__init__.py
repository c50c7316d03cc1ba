"""What a device says about itself: one probe per signal and system, in tables. What cannot be known is not reported.

A signal that nobody reported is unknown to the policy, and unknown never opens a door: a probe therefore guesses
nothing.
"""

import platform
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from agent.signals import linux, macos, windows
from agent.system import System

Value = bool | int | float | str
Probe = Callable[[System], Value | None]


@dataclass(frozen=True, slots=True)
class Posture:
    """All that one look at the machine showed."""

    platform: str
    signals: Mapping[str, Value]


PROBES: Mapping[str, Mapping[str, Probe]] = {
    "Linux": linux.PROBES,
    "Darwin": macos.PROBES,
    "Windows": windows.PROBES,
}
PLATFORMS: Mapping[str, Callable[[System], str]] = {
    "Linux": linux.platform,
    "Darwin": lambda _: "macos",
    "Windows": lambda _: "windows",
}


def look(system: System, kernel: str = "") -> Posture:
    """Return what every probe of this system (``kernel``: as ``platform.system`` names it) can tell."""
    kernel = kernel or platform.system()
    probes = PROBES.get(kernel, {})
    found = {name: _told(probe, system) for name, probe in probes.items()}
    named = PLATFORMS[kernel](system) if kernel in PLATFORMS else ""
    return Posture(named, {name: value for name, value in found.items() if value is not None})


def _told(probe: Probe, system: System) -> Value | None:
    """Run one probe; one that stumbles over something unforeseen says nothing, and stops no other."""
    try:
        return probe(system)
    except (ValueError, LookupError):
        return None
