"""Concrete facts, put together from one case of every dimension."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from kernel.records.devices import Device, Proof, Signal, Trust
from kernel.records.people import User
from kernel.records.sessions import Factor
from policies.facts import Facts
from policies.meaning.cases import Ages, Case
from policies.meaning.space import Dimension

USER, DEVICE, ELSE = "user", "device", "somebody else"

Choice = Mapping[Dimension, Case]


@dataclass
class Draft:
    """What the fields have told so far; ages are seconds before ``now``. ``newest`` is a signal that nobody asks for,
    and how old the newest report of all is."""

    now: float
    someone: bool = True
    machine: bool = True
    user: dict[str, Any] = field(default_factory=lambda: {"name": "somebody", "email": "somebody@example.com"})
    device: dict[str, Any] = field(default_factory=lambda: {"owner": USER, "trust": Trust.ENROLLED})
    signals: dict[str, tuple[object, Ages]] = field(default_factory=dict)
    newest: tuple[str, Ages] | None = None
    factors: dict[str, float] = field(default_factory=dict)
    signin: float | None = None
    rest: dict[str, Any] = field(default_factory=lambda: {"service": "", "proof": Proof.NONE})

    def facts(self) -> Facts:
        """Return the facts."""
        return Facts(
            now=self.now,
            user=User(USER, **self.user) if self.someone else None,
            device=Device(DEVICE, DEVICE, **self.device, signals=self._signals()) if self.machine else None,
            factors={Factor(name): self.now - age for name, age in self.factors.items()},
            signin_at=None if self.signin is None else self.now - self.signin,
            **self.rest,
        )

    def _signals(self) -> dict[str, Signal]:
        """Return the signals; where it matters how old the newest report is, no signal is newer, and one is as old."""
        spare, ages = self.newest or ("", None)
        newest = ages.example() if ages else -math.inf
        found = {
            name: Signal(value, self.now - max(ages.example(), newest))  # type: ignore[arg-type]
            for name, (value, ages) in self.signals.items()
        }
        if ages:
            found[spare] = Signal(True, self.now - newest)
        return found
