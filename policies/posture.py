"""Postures: named sets of requirements on a device, judged from its signals. What was not reported, or long ago, is
unknown."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from kernel.problems import Place
from kernel.records.devices import Device, Signal
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
        truth, until = Truth.HELD, math.inf
        for name, wanted in self.signals:
            found, turns = _flag(device.signals.get(name), wanted, self.freshness(name), now)
            truth = found if truth is Truth.HELD else _worse(truth, found)
            if turns < until:
                until = turns
        if self.os:
            found, turns = self._os(device, now)
            truth, until = _worse(truth, found), min(until, turns)
        elif not self.signals:
            return self._reported(device, now)
        return truth, until

    def _os(self, device: Device, now: float) -> Judged:
        platform = device.platform.lower()
        for name, lowest in self.os:
            if name == platform:
                value, until = self._fresh(device, OS_VERSION, now)
                found = None if value is None else version_of(str(value))
                if found is None:
                    return Truth.UNKNOWN, until
                return (Truth.HELD if found >= lowest else Truth.NOT_HELD), until
        return (Truth.NOT_HELD, math.inf) if platform else UNKNOWN

    def _reported(self, device: Device, now: float) -> Judged:
        newest = max((signal.at for signal in device.signals.values()), default=None)
        if newest is None or self.within is None:
            return UNKNOWN
        truth, until = age(newest, self.within, now)
        return (truth if truth is Truth.HELD else Truth.UNKNOWN), until

    def needs(self) -> tuple[str, ...]:
        """Return the signals that this asks for."""
        return (*(name for name, _ in self.signals), *((OS_VERSION,) if self.os else ()))

    def freshness(self, name: str) -> float:
        """Return for how many seconds a signal is believed."""
        return self.within or _age(name)

    def said(self, device: Device, name: str, now: float) -> str:
        """Return what a device last said about one signal, and whether that is still believed."""
        signal = device.signals.get(name)
        if signal is None:
            return f"{name} never reported"
        fresh = self._fresh(device, name, now)[0] is not None
        value = str(signal.value).lower() if isinstance(signal.value, bool) else signal.value
        return f"{name} {value} ({now - signal.at:.0f} s ago{'' if fresh else ', too old'})"

    def _fresh(self, device: Device, name: str, now: float) -> tuple[object, float]:
        """Return a signal's value, None when it is missing or stale, and when that turns."""
        signal = device.signals.get(name)
        if signal is None:
            return None, math.inf
        truth, until = age(signal.at, self.freshness(name), now)
        return (signal.value if truth is Truth.HELD else None), until


@dataclass(frozen=True, slots=True)
class AnyPosture:
    """``device.posture``: the device meets any one of these. Without a device it is unknown."""

    postures: tuple[Posture, ...]

    def judge(self, facts: Facts) -> Judged:
        device = facts.device
        if device is None:
            return UNKNOWN
        if len(self.postures) == 1:
            return self.postures[0].judge(device, facts.now)
        return any_of(posture.judge(device, facts.now) for posture in self.postures)

    def seen(self, facts: Facts) -> str:
        if facts.device is None:
            return "no device"
        device, now = facts.device, facts.now
        said = (
            posture.said(device, name, now)
            for posture in self.postures
            for name in posture.needs() or sorted(device.signals)
        )
        return ", ".join(dict.fromkeys(said)) or "nothing reported"

    def wants(self) -> str:
        return " or ".join(posture.name for posture in self.postures)


def any_of(parts: Iterable[Judged]) -> Judged:
    """Return the disjunction: one that holds settles it, else one unknown leaves it unknown."""
    truth, until = Truth.NOT_HELD, math.inf
    for found, turns in parts:
        until = min(until, turns)
        if found is Truth.HELD or (found is Truth.UNKNOWN and truth is Truth.NOT_HELD):
            truth = found
    return truth, until


def _age(name: str) -> float:
    return SIGNALS[name].age if name in SIGNALS else 0.0


def _flag(signal: Signal | None, wanted: bool, limit: float, now: float) -> Judged:
    """Return whether a signal says what is wanted; unknown when it is missing, stale, or no flag."""
    if signal is None:
        return UNKNOWN
    truth, until = age(signal.at, limit, now)
    if truth is not Truth.HELD or not isinstance(signal.value, bool):
        return Truth.UNKNOWN, until
    return (Truth.HELD if signal.value is wanted else Truth.NOT_HELD), until


def _worse(one: Truth, other: Truth) -> Truth:
    """Return the conjunction: what is not held settles it, else what is unknown leaves it unknown."""
    return other if one is Truth.HELD or other is Truth.NOT_HELD else one
