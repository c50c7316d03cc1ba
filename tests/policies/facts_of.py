"""People, devices and facts for tests, so that a test says only what matters to it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from kernel.records.devices import Device, Proof, Signal, Trust
from kernel.records.people import User
from kernel.records.sessions import Factor
from policies.facts import Facts
from policies.language import load
from policies.model import Policy

NOW = 1_800_000_000.0
MIKA = User(
    "user_1", "mika", "mika@example.com", language="ja", groups=frozenset({"staff"}), attributes={"site": "tokyo"}
)
LAPTOP = Device("device_1", "laptop", MIKA.id, Trust.ENROLLED, "macos")
FACTS = Facts("imap", NOW, "192.0.2.7", MIKA, LAPTOP, Proof.APP_PASSWORD)


def facts(**changes: Any) -> Facts:
    """Return mika at IMAP with an app password of her enrolled laptop, in the office, but for ``changes``."""
    return replace(FACTS, **changes)


def user(*groups: str, **changes: Any) -> User:
    """Return mika in other groups."""
    return replace(MIKA, groups=frozenset(groups), **changes)


def device(
    trust: str = "enrolled", signals: Mapping[str, Any] | None = None, age: float = 60.0, **changes: Any
) -> Device:
    """Return the laptop, its signals reported ``age`` seconds ago."""
    reported = {name: Signal(value, NOW - age) for name, value in (signals or {}).items()}
    return replace(LAPTOP, trust=Trust(trust), signals=reported, **changes)


def shown(*factors: str, ago: float = 60.0) -> dict[Factor, float]:
    """Return factors shown ``ago`` seconds ago."""
    return {Factor(factor): NOW - ago for factor in factors}


def policy(rules: str, head: str = "") -> Policy:
    """Return a compiled policy from its rules (and what stands before them)."""
    return load(f"version: 1\n{head}\nrules:\n{rules}", revision=7)
