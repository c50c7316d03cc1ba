"""What the policy's postures ask of a device and do not get: for its owner to put right. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from kernel.records.devices import Device
from policies.model import Policy, Truth
from policies.posture import AnyPosture, Posture
from policies.vocabulary import OS_VERSION


class Lack(StrEnum):
    """How a requirement fails: reported otherwise, reported too long ago, or never."""

    WRONG = "wrong"
    STALE = "stale"
    UNREPORTED = "unreported"


@dataclass(frozen=True, slots=True)
class Unmet:
    """One requirement. ``wanted`` as the policy has it: ``true``, ``false``, or the lowest version."""

    signal: str
    wanted: str
    lack: Lack
    rules: tuple[str, ...]


def unmet(policy: Policy, device: Device, now: float) -> tuple[Unmet, ...]:
    """Return what the postures of this policy's rules miss on a device, each signal once, with the rules that ask.

    Where a rule takes any one of several postures and one is met, it asks for nothing more.
    """
    found: dict[tuple[str, str, Lack], list[str]] = {}
    for rule in policy.rules:
        for condition in rule.conditions:
            if isinstance(condition.probe, AnyPosture) and not condition.negated:
                for missing in _missing(condition.probe, device, now):
                    found.setdefault(missing, []).append(rule.name)
    return tuple(Unmet(*what, tuple(dict.fromkeys(rules))) for what, rules in found.items())


def _missing(wanted: AnyPosture, device: Device, now: float) -> Iterator[tuple[str, str, Lack]]:
    if any(posture.judge(device, now)[0] is Truth.HELD for posture in wanted.postures):
        return
    for posture in wanted.postures:
        for name, value in posture.signals:
            yield from _judged(posture, device, name, str(value).lower(), now)
        for platform, lowest in posture.os:
            if platform == device.platform.lower():
                yield from _judged(posture, device, OS_VERSION, ".".join(map(str, lowest)), now)


def _judged(posture: Posture, device: Device, name: str, wanted: str, now: float) -> Iterator[tuple[str, str, Lack]]:
    """Yield the requirement unless it is met: asked of the posture alone, as if it had no other."""
    signal = device.signals.get(name)
    alone = Posture(
        posture.name,
        posture.place,
        posture.within,
        tuple(pair for pair in posture.signals if pair[0] == name),
        posture.os if name == OS_VERSION else (),
    )
    truth = alone.judge(device, now)[0]
    if truth is Truth.NOT_HELD:
        yield name, wanted, Lack.WRONG
    elif truth is Truth.UNKNOWN:
        yield name, wanted, Lack.UNREPORTED if signal is None else Lack.STALE
