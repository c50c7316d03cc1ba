"""Random documents and facts by the hundred thousand, thrown from the same few words as hypothesis draws from."""

from datetime import UTC, datetime
from random import Random
from typing import Any

from kernel.records.devices import Device, Proof, Signal, Trust
from kernel.records.people import User
from kernel.records.sessions import Factor
from policies.facts import Facts
from tests.policies.random_policies import (
    ADDRESSES,
    AGES,
    GROUPS,
    NETWORKS,
    NOW,
    PLATFORMS,
    POSTURES,
    SERVICES,
    VALUES,
    VERSIONS,
    ZONES,
)

DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
SPANS = ["07:00-22:00", "22:00-06:00", "08:00-08:01", "16:30-17:00", "00:00-24:00", "09:00-24:00"]
STAMPS = [-30, -301, -3600, -5000, -90_000, -40 * 86400, 60, 900]
SUMMER_ENDS = datetime(2026, 10, 25, tzinfo=UTC).timestamp()
MAYBE = [None, True, False]
ATTRIBUTES = {"site": ["tokyo", "berlin", "red"], "team": ["tokyo", "berlin", "red"]}


class Dice:
    """Throws documents and facts. Equal seeds throw the same."""

    def __init__(self, seed: int) -> None:
        self.chance = Random(seed)

    def some(self, words: list[Any]) -> Any:
        """Return one word, or a list of some."""
        if self.chance.random() < 0.5:
            return self.chance.choice(words)
        return self.chance.sample(words, self.chance.randint(1, min(3, len(words))))

    def one_in(self, count: int) -> bool:
        return self.chance.randrange(count) == 0

    def leaf(self, key: str) -> Any:
        words: dict[str, list[Any]] = {
            "users": ["mika", "ken@example.com", "nobody"],
            "groups": GROUPS,
            "trust": [trust.value for trust in Trust],
            "posture": list(POSTURES),
            "platform": PLATFORMS,
            "owner": ["self", "shared", "other"],
            "proof": [proof.value for proof in Proof],
            "in": list(NETWORKS),
            "countries": ["JP", "DE", "US", "XK"],
            "asn": [64500, 64501],
            "factors": [factor.value for factor in Factor],
            "days": DAYS,
        }
        if key in words:
            return self.some(words[key])
        if key == "attributes":
            return {name: self.some(values) for name, values in ATTRIBUTES.items() if self.one_in(2)} or {"site": "red"}
        if key in ("age", "between"):
            return self.chance.choice(AGES if key == "age" else SPANS)
        return self.one_in(2)

    def section(self, keys: list[str]) -> dict[str, Any]:
        found = {}
        for key in self.chance.sample(keys, self.chance.randint(1, min(2, len(keys)))):
            found[f"not_{key}" if self.one_in(3) else key] = self.leaf(key)
        return found

    def rule(self, number: int) -> dict[str, Any]:
        found: dict[str, Any] = {"name": f"r{number}"}
        if self.one_in(2):
            found["not_service" if self.one_in(3) else "service"] = self.some(SERVICES)
        for name in self.chance.sample(list(SECTIONS), self.chance.randint(0, 3)):
            found[name] = self.section(SECTIONS[name])
            if name == "when":
                found[name]["zone"] = self.chance.choice(ZONES)
        found["then"] = "deny" if self.one_in(3) else "allow"
        if found["then"] == "allow" and self.one_in(4):
            found["require"] = {"factors": self.some(["totp", "passkey", "password"])}
            if self.one_in(2):
                found["require"]["within"] = self.chance.choice(AGES)
        if self.one_in(5):
            found["mode"] = "report"
        return found

    def document(self) -> dict[str, Any]:
        """Return a policy as Python values."""
        rules = [self.rule(number) for number in range(self.chance.randint(1, 10))]
        return {"version": 1, "networks": NETWORKS, "postures": POSTURES, "rules": rules}

    def stamp(self) -> float:
        return NOW + self.chance.choice(STAMPS)

    def user(self) -> User:
        return User(
            "user_1",
            "mika",
            self.chance.choice(["mika@example.com", "ken@example.com"]),
            groups=frozenset(self.chance.sample(GROUPS, self.chance.randint(0, 3))),
            attributes={name: self.chance.choice(values) for name, values in ATTRIBUTES.items() if self.one_in(2)},
        )

    def device(self) -> Device:
        flags = ["disk_encrypted", "firewall", "jailbroken", "antivirus"]
        said = self.chance.sample(flags, self.chance.randint(0, 4))
        signals = {name: Signal(self.chance.choice(VALUES), self.stamp()) for name in said}
        if self.one_in(2):
            signals["os_version"] = Signal(self.chance.choice(VERSIONS), self.stamp())
        return Device(
            "device_1",
            "laptop",
            self.chance.choice(["", "user_1", "user_2"]),
            self.chance.choice(list(Trust)),
            self.chance.choice(["", *PLATFORMS]),
            signals=signals,
        )

    def moment(self) -> float:
        base, days = self.chance.choice([(NOW, 0), (NOW, 14), (SUMMER_ENDS - 4 * 86400, 8)])
        return base + self.chance.random() * days * 86400

    def facts(self) -> Facts:
        """Return anybody, anywhere, at any time, with any of it unknown."""
        choice = self.chance.choice
        return Facts(
            service=choice(["portal", "webmail", "imap", "submission", "client:wiki", "client:other", "ssh"]),
            now=self.moment(),
            address=choice(ADDRESSES),
            user=None if self.one_in(6) else self.user(),
            device=None if self.one_in(6) else self.device(),
            proof=choice(list(Proof)),
            factors={factor: self.stamp() for factor in self.chance.sample(list(Factor), self.chance.randint(0, 3))},
            signin_at=None if self.one_in(4) else self.stamp(),
            new_device=choice(MAYBE),
            new_country=choice(MAYBE),
            impossible_travel=choice(MAYBE),
            country=choice([None, "JP", "DE", "FR", "XK"]),
            asn=choice([None, 64500, 64502]),
            anonymous=choice(MAYBE),
        )


SECTIONS = {
    "who": ["users", "groups", "attributes"],
    "device": ["trust", "posture", "platform", "owner", "proof"],
    "network": ["in", "countries", "asn", "anonymous"],
    "signin": ["factors", "age", "new_device", "new_country", "impossible_travel"],
    "when": ["days", "between"],
}
