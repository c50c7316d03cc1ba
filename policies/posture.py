"""Postures: named sets of requirements on a device, judged from its signals. What was not reported, or long ago, is
unknown."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from kernel.problems import Place
from kernel.records.devices import Device
from policies.facts import Facts
from policies.model import Truth
from policies.moments import age
from policies.values import version_of
from policies.vocabulary import OS_VERSION, SIGNALS

Judged = tuple[Truth, float]

UNKNOWN: Judged = (Truth.UNKNOWN, math.inf)


@dataclass(frozen=True, slots=True)
class Posture:
    """All of this must hold. ``within``: how old a signal may be (None: its own limit in the vocabulary). ``os``:
    lowest versions by platform; a platform that is not named does not meet it."""

    name: str
    place: Place
    within: float | None = None
    signals: tuple[tuple[str, bool], ...] = ()
    os: tuple[tuple[str, tuple[int, ...]], ...] = ()

    def judge(self, device: Device, now: float) -> Judged:
        """Return what became of it on ``device`` and when that may turn by itself."""
        parts = [self._signal(device, name, wanted, now) for name, wanted in self.signals]
        if self.os:
            parts.append(self._os(device, now))
        if not parts:
            parts.append(self._reported(device, now))
        return all_of(parts)

    def _signal(self, device: Device, name: str, wanted: bool, now: float) -> Judged:
        value, until = self._fresh(device, name, now)
        if not isinstance(value, bool):
            return Truth.UNKNOWN, until
        return (Truth.HELD if value is wanted else Truth.NOT_HELD), until

    def _os(self, device: Device, now: float) -> Judged:
        platform = device.platform.lower()
        lowest = dict(self.os).get(platform)
        if lowest is None:
            return (Truth.NOT_HELD, math.inf) if platform else UNKNOWN
        value, until = self._fresh(device, OS_VERSION, now)
        found = version_of(str(value))
        if value is None or found is None:
            return Truth.UNKNOWN, until
        return (Truth.HELD if found >= lowest else Truth.NOT_HELD), until

    def _reported(self, device: Device, now: float) -> Judged:
        newest = max((signal.at for signal in device.signals.values()), default=None)
        if newest is None or self.within is None:
            return UNKNOWN
        truth, until = age(newest, self.within, now)
        return (truth if truth is Truth.HELD else Truth.UNKNOWN), until

    def _fresh(self, device: Device, name: str, now: float) -> tuple[object, float]:
        """Return a signal's value, None when it is missing or stale, and when that turns."""
        signal = device.signals.get(name)
        if signal is None:
            return None, math.inf
        truth, until = age(signal.at, SIGNALS[name].age if self.within is None else self.within, now)
        return (signal.value if truth is Truth.HELD else None), until


@dataclass(frozen=True, slots=True)
class AnyPosture:
    """``device.posture``: the device meets any one of these. Without a device it is unknown."""

    postures: tuple[Posture, ...]

    def judge(self, facts: Facts) -> Judged:
        device = facts.device
        if device is None:
            return UNKNOWN
        return any_of(posture.judge(device, facts.now) for posture in self.postures)

    def seen(self, facts: Facts) -> str:
        if facts.device is None:
            return "no device"
        said = (
            f"{name} {signal.value} ({facts.now - signal.at:.0f} s ago)"
            for name, signal in facts.device.signals.items()
        )
        return ", ".join(sorted(said)) or "nothing reported"

    def wants(self) -> str:
        return " or ".join(posture.name for posture in self.postures)


def all_of(parts: Iterable[Judged]) -> Judged:
    """Return the conjunction: one that is not held settles it, else one unknown leaves it unknown."""
    seen = list(parts)
    truths = {truth for truth, _ in seen}
    until = min((until for _, until in seen), default=math.inf)
    if Truth.NOT_HELD in truths:
        return Truth.NOT_HELD, until
    return (Truth.UNKNOWN if Truth.UNKNOWN in truths else Truth.HELD), until


def any_of(parts: Iterable[Judged]) -> Judged:
    """Return the disjunction: one that holds settles it, else one unknown leaves it unknown."""
    truth, until = all_of((part.negated(), until) for part, until in parts)
    return truth.negated(), until
